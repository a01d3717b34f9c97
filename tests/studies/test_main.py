import errno
import json
import os
import subprocess
import sys

import pytest

from studies.main import main

COMMAND = [sys.executable, "-m", "studies.main"]
HEAVY = ("pandas", "numpy", "pydantic", "tensorflow", "rich", "sklearn", "optuna", "pyarrow")


def run(*arguments, **options):
    return subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, timeout=120, check=False, **options
    )


def shell(text, **options):
    line = text.replace("fitgap", " ".join(COMMAND))
    return subprocess.run(
        ["bash", "-c", line], capture_output=True, text=True, timeout=120, check=False, **options
    )


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from studies.main import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        f"print([name for name in {HEAVY} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stderr.strip() == "[]"
    assert "sweep" in done.stdout


def test_an_unexpected_error_is_one_line_with_exit_code_1(capsys, monkeypatch):
    monkeypatch.setattr("sweep.settings.schema.config_schema", lambda: 1 / 0)
    assert main(["schema"]) == 1
    error = capsys.readouterr().err
    assert error == (
        "error: unexpected ZeroDivisionError: division by zero; run again with --debug and"
        " report it\n"
    )


def test_debug_shows_the_traceback(capsys):
    assert main(["status", "nowhere", "--debug"]) == 2
    error = capsys.readouterr().err
    assert "Traceback" in error
    assert error.splitlines()[-1].startswith("error: nowhere: no run here")


@pytest.mark.parametrize(
    ("number", "code"), [(errno.ENOSPC, 5), (errno.EACCES, 5), (errno.ECHILD, 1)]
)
def test_a_full_or_closed_disk_is_a_fault_of_storage(number, code, capsys, monkeypatch):
    def fail():
        raise OSError(number, os.strerror(number), "/some/file")

    monkeypatch.setattr("sweep.settings.schema.config_schema", fail)
    assert main(["schema"]) == code
    assert "/some/file" in capsys.readouterr().err


def test_controls_in_a_name_do_not_reach_the_terminal(capsys):
    assert main(["data", "check", "a\x1b[31m\u202e\n.csv"]) == 3
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "\x1b" not in error
    assert "\u202e" not in error


def test_a_reader_that_leaves_early_is_no_error():
    done = shell("set -o pipefail; fitgap schema | head -0")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_fault_that_nobody_reads_keeps_its_exit_code():
    done = shell("fitgap sweep --trials 0 2>&1 | (exec <&-; sleep 1); exit ${PIPESTATUS[0]}")
    assert (done.returncode, done.stderr) == (2, "")


def test_a_closed_standard_output_is_no_error():
    done = shell("fitgap schema >&-")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_closed_standard_error_keeps_messages_out_of_the_result():
    done = shell("fitgap nothing 2>&-")
    assert (done.returncode, done.stdout) == (2, "")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="has no /dev/full")  # noqa: PTH110
@pytest.mark.parametrize("command", ["schema", pytest.param("data list", marks=pytest.mark.slow)])
def test_a_result_that_cannot_be_written_is_a_fault(command):
    done = shell(f"fitgap {command} > /dev/full")
    assert done.returncode == 5
    assert "No space left on device" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.slow
def test_what_an_encoding_lacks_is_escaped():
    done = run("data", "check", "\N{SNOWMAN}.csv", env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert done.returncode == 3
    assert done.stderr.startswith("error: \\u2603.csv: does not exist")


@pytest.mark.slow
def test_a_pipe_gets_whole_lines_without_escape_codes():
    done = run("data", "list", env={**os.environ, "COLUMNS": "40"})
    assert "\x1b" not in done.stdout
    assert all(line == line.rstrip() for line in done.stdout.splitlines())
    assert max(map(len, done.stdout.splitlines())) > 80


def test_schema_is_json(capsys):
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out)["additionalProperties"] is False
