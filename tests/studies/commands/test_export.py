import importlib.util
import subprocess
import sys

import pytest


def test_csv_stands_beside_the_tables_by_default(run_command, told_run, capsys):
    assert run_command("export", told_run.path, "--format", "csv") == 0
    names = ["trials.csv", "epochs.csv"]
    assert capsys.readouterr().out.splitlines() == [str(told_run.path / name) for name in names]


def test_csv_goes_where_it_is_told_and_replaces_what_is_there(run_command, told_run, tmp_path):
    out = tmp_path / "a" / "b"
    for _ in range(2):
        assert run_command("export", told_run.path, "--format", "csv", "--out", out) == 0
    assert sorted(path.name for path in out.iterdir()) == ["epochs.csv", "trials.csv"]


def test_a_log_directory_is_written_once(run_command, told_run, tmp_path, capsys):
    out = tmp_path / "logs"
    command = ("export", told_run.path, "--format", "tensorboard", "--out", out)
    assert run_command(*command) == 0
    assert capsys.readouterr().out == f"{out}\n"
    before = sorted(path.name for path in out.rglob("*"))
    assert run_command(*command) == 2
    fault = f"error: --out: {str(out)!r} holds files already; give another folder\n"
    assert capsys.readouterr().err == fault
    assert sorted(path.name for path in out.rglob("*")) == before


@pytest.mark.slow
def test_a_store_of_mlflow_is_named_and_mlflow_is_silent(told_run, tmp_path):
    out = tmp_path / "store"
    command = [sys.executable, "-m", "studies.main", "export", told_run.path, "--format", "mlflow"]
    first, again = (
        subprocess.run([*command, "--out", out], capture_output=True, text=True, check=False)
        for _ in range(2)
    )
    assert (first.returncode, first.stdout, first.stderr) == (0, f"{out / 'mlflow.db'}\n", "")
    assert (again.returncode, again.stdout) == (2, "")
    assert "holds this run already, as 'fresh'" in again.stderr


@pytest.mark.parametrize("form", ["tensorboard", "mlflow"])
def test_an_extra_that_is_not_installed_is_one_line(
    run_command, told_run, tmp_path, capsys, monkeypatch, form
):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == form else find(name)
    )
    command = ("export", told_run.path, "--format", form, "--out", tmp_path / "new")
    assert run_command(*command) == 2
    assert capsys.readouterr().err == (
        f"error: --format: {form} needs the package {form}, which is not installed; install it"
        f" with `pip install 'fitgap[{form}]'`\n"
    )
    assert not (tmp_path / "new").exists()


def test_everything_wrong_is_told_at_once(run_command, capsys):
    assert run_command("export", "nowhere", "--format", "tensor", "--out", "") == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("error: nowhere: no run here")
    assert lines[1:] == [
        "error: --format: 'tensor' is not csv, tensorboard or mlflow; did you mean tensorboard?",
        "error: --out: it is empty or holds NUL; give a folder",
    ]


@pytest.mark.parametrize("form", ["tensorboard", "mlflow"])
def test_other_programs_need_a_folder_of_their_own(run_command, told_run, capsys, form):
    assert run_command("export", told_run.path, "--format", form) == 2
    fault = f"error: --out: it is missing; {form} needs a folder of its own\n"
    assert capsys.readouterr().err == fault


def test_the_extras_are_imported_only_where_they_are_asked_for(told_run, tmp_path):
    program = """
import sys
from studies.main import main
code = main(["export", sys.argv[1], "--format", "csv", "--out", sys.argv[2]])
print(code, sorted({"mlflow", "tensorboard", "tensorflow", "matplotlib"} & set(sys.modules)))
"""
    command = [sys.executable, "-c", program, told_run.path, tmp_path / "x"]
    assert subprocess.check_output(command, text=True).splitlines()[-1] == "0 []"
