import json

import pytest

from reports.outputs.fact_names import FACTS


@pytest.mark.slow
def test_the_report_is_drawn_again_and_its_path_printed(run_command, run_copy, tmp_path, capsys):
    out = tmp_path / "again.html"
    assert run_command("report", run_copy, "--out", out) == 0
    assert capsys.readouterr().out == f"{out}\n"
    assert out.read_text().startswith("<!DOCTYPE html>") or "<html" in out.read_text()[:200]


@pytest.mark.slow
def test_the_report_stays_in_the_run_folder_by_default(run_command, run_copy, capsys):
    (run_copy / "report.html").unlink()
    assert run_command("report", run_copy) == 0
    assert (run_copy / "report.html").stat().st_size > 10_000
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("out", "fault"),
    [
        ("", "--out: it is empty or holds NUL; give a file, or leave it out"),
        (".", "--out: '.' is a folder; give a file in it"),
        ("no/such/x.html", "--out: there is no folder 'no/such'; make it, or give another path"),
    ],
)
def test_a_wrong_out_is_told_before_anything_is_drawn(out, fault, run_command, fresh_run, capsys):
    assert run_command("report", fresh_run.folder.path, "--out", out) == 2
    assert capsys.readouterr().err == f"error: {fault}\n"


def test_markdown_goes_to_standard_output(run_command, told_run, capsys):
    assert run_command("report", told_run.path, "--format", "md", "--out", "-") == 0
    captured = capsys.readouterr()
    assert captured.out.startswith("## fitgap sweep: iris\n\n**The best network reaches")
    assert captured.err == ""
    assert not (told_run.path / "report.md").exists()


def test_markdown_stands_beside_the_tables_by_default(run_command, told_run, capsys):
    path = told_run.path / "report.md"
    assert run_command("report", told_run.path, "--format", "md") == 0
    assert capsys.readouterr().out == f"{path}\n"
    assert path.read_text(encoding="utf-8").startswith("## fitgap sweep: iris\n")


def test_json_is_one_document(run_command, told_run, tmp_path, capsys):
    out = tmp_path / "x.json"
    assert run_command("report", told_run.path, "--format", "json", "--out", out) == 0
    document = json.loads(out.read_text(encoding="utf-8"))
    assert (document["schema"], document["kind"]) == (1, "sweep")
    assert document["facts"]["score"] == 0.7
    assert run_command("report", told_run.path, "--format", "json", "--out", "-") == 0
    assert capsys.readouterr().out == f"{out}\n{out.read_text(encoding='utf-8')}"


@pytest.mark.slow
def test_html_goes_to_standard_output_too(run_command, told_run, capsys):
    assert run_command("report", told_run.path, "--out", "-") == 0
    page = capsys.readouterr().out
    assert run_command("report", told_run.path) == 0
    assert (told_run.path / "report.html").read_text(encoding="utf-8") == page


def test_a_condition_that_holds_ends_with_its_own_code_after_the_report(
    run_command, told_run, capsys
):
    command = ("report", told_run.path, "--format", "md", "--out", "-")
    conditions = ("--fail-if", "diverged_share > 0.4", "--fail-if", "score < 0.5")
    assert run_command(*command, *conditions) == 6
    captured = capsys.readouterr()
    assert captured.out.startswith("## fitgap sweep: iris")
    line = "--fail-if 'diverged_share > 0.4': it holds, diverged_share is 0.5; see the report"
    assert captured.err == f"error: {line}\n"


def test_conditions_that_do_not_hold_change_nothing(run_command, told_run, capsys):
    command = ("report", told_run.path, "--format", "json", "--out", "-")
    assert run_command(*command, "--fail-if", "score < 0.5") == 0
    assert capsys.readouterr().err == ""


def test_a_condition_that_cannot_be_judged_is_told(run_command, told_run, capsys):
    command = ("report", told_run.path, "--format", "md", "--out", "-")
    assert run_command(*command, "--fail-if", "test_score < 0.9") == 4
    assert "test_score is not known of this run" in capsys.readouterr().err


def test_everything_wrong_is_told_at_once_and_nothing_written(run_command, told_run, capsys):
    options = ("--format", "mdd", "--out", "no/such/x.md", "--fail-if", "gpa > 1")
    assert run_command("report", told_run.path, *options) == 2
    assert capsys.readouterr().err == (
        "error: --fail-if 'gpa > 1': a sweep has no fact 'gpa'; did you mean gap?\n"
        "error: --format: 'mdd' is not html, md or json; did you mean md?\n"
        "error: --out: there is no folder 'no/such'; make it, or give another path\n"
    )


def test_the_help_lists_every_fact(run_command, capsys):
    assert run_command("report", "--help") == 0
    words = capsys.readouterr().out
    assert all(f"  {name} " in words for facts in FACTS.values() for name in facts)


def test_a_missing_run_is_named(run_command, capsys):
    assert run_command("report", "nowhere") == 2
    assert capsys.readouterr().err.startswith("error: nowhere: no run here")


def test_the_schema_describes_every_setting(run_command, capsys):
    assert run_command("schema") == 0
    schema = json.loads(capsys.readouterr().out)
    assert {"data", "trials", "space", "split"} <= set(schema["properties"])
