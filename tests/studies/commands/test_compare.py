import subprocess
import sys

import pytest

PAGE = "compare.html"


@pytest.fixture
def two_runs(finished_runs, tmp_path, monkeypatch):
    """Two finished runs of one kind of task, from an empty folder."""
    monkeypatch.chdir(tmp_path)
    return finished_runs / "digits", finished_runs / "shop"


def test_the_page_is_written_and_the_answer_printed(two_runs, run_command, capsys, tmp_path):
    assert run_command("compare", *two_runs) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("These 2 runs learnt from 2 data sets; their scores cannot be")
    assert lines[1:] == [PAGE]
    assert (tmp_path / PAGE).read_text(encoding="utf-8").startswith("<!doctype html>")


def test_out_names_the_page(two_runs, run_command, tmp_path):
    assert run_command("compare", *two_runs, "--out", tmp_path / "x.html") == 0
    assert (tmp_path / "x.html").is_file()
    assert not (tmp_path / PAGE).exists()


def test_a_copy_is_the_same_run(finished_runs, run_copy, run_command, capsys, tmp_path):
    out = tmp_path / "x.html"
    assert run_command("compare", finished_runs / "digits", run_copy, "--out", out) == 0
    assert "are the same networks" in capsys.readouterr().out
    assert "are copies of one run" in out.read_text(encoding="utf-8")


def test_the_same_page_is_drawn_twice(two_runs, run_command, tmp_path):
    pages = []
    for _ in range(2):
        assert run_command("compare", *two_runs) == 0
        pages.append((tmp_path / PAGE).read_bytes())
    assert pages[0] == pages[1]


def test_accuracy_and_r2_are_not_compared(finished_runs, run_command, capsys, tmp_path):
    paths = finished_runs / "digits", finished_runs / "price"
    assert run_command("compare", *paths, "--out", tmp_path / "x.html") == 2
    assert "compare runs of one kind of task" in capsys.readouterr().err
    assert not (tmp_path / "x.html").exists()


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ((), "RUN: it is missing"),
        (("nowhere", "neither"), "nowhere: no run here"),
        (("one",), "one: one run cannot be compared"),
    ],
)
def test_wrong_usage_is_told_in_one_line_each(
    arguments, fault, run_command, capsys, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    assert run_command("compare", *arguments) == 2
    told = capsys.readouterr().err
    assert told.startswith(f"error: {fault}")
    assert all(line.startswith("error: ") for line in told.splitlines())


@pytest.mark.parametrize(
    ("out", "fault"),
    [("none/x.html", "--out: there is no folder 'none'"), ("", "--out: it is empty")],
)
def test_a_wrong_page_is_told_with_and_without_wrong_runs(
    out, fault, two_runs, run_command, capsys
):
    assert run_command("compare", *two_runs, "--out", out) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"error: {fault}")
    assert run_command("compare", "nowhere", "neither", "--out", out) == 2
    first, second, third = capsys.readouterr().err.splitlines()
    assert (first[:14], second[:14]) == ("error: nowhere", "error: neither")
    assert third.startswith(f"error: {fault}")


def test_every_run_that_is_none_is_named(run_command, capsys):
    assert run_command("compare", "nowhere", "neither") == 2
    assert len(capsys.readouterr().err.splitlines()) == 2


def test_a_run_of_a_later_version_is_storage_that_cannot_be_read(
    run_copy, finished_runs, run_command, capsys
):
    (run_copy / "manifest.json").write_text('{"schema": 9}')
    assert run_command("compare", finished_runs / "digits", run_copy) == 5
    assert "its schema is 9, this version reads 1" in capsys.readouterr().err


@pytest.mark.slow
def test_tensorflow_is_not_imported(two_runs):
    code = (
        "import sys; from studies.main import main; "
        f"code = main(['compare', {str(two_runs[0])!r}, {str(two_runs[1])!r}]); "
        "sys.exit(code or ('tensorflow' in sys.modules) * 9)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
