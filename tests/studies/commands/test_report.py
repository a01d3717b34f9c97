import json

import pytest


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


def test_a_missing_run_is_named(run_command, capsys):
    assert run_command("report", "nowhere") == 2
    assert capsys.readouterr().err.startswith("error: nowhere: no run here")


def test_the_schema_describes_every_setting(run_command, capsys):
    assert run_command("schema") == 0
    schema = json.loads(capsys.readouterr().out)
    assert {"data", "trials", "space", "split"} <= set(schema["properties"])
