"""The catalogue of bad input: each entry through the real command, with the line it is told.

A line is `error: <file or key>: <what is wrong, with the value>; <what to do>`. It is told before
anything is trained and before there is a run folder, with every other fault of the same input.
"""

import re

import pytest

LINE = re.compile(r"error: .+?: .+(; .+|\?)")


@pytest.fixture(autouse=True, name="here")
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(name="refuse")
def _refuse(run_command, capfd, here):
    """Run a command that must be refused; its exit code and its lines."""

    def refuse(*words):
        before = sorted(here.iterdir())
        capfd.readouterr()
        code = run_command(*words)
        told = capfd.readouterr()
        lines = told.err.splitlines()
        assert told.out == ""
        assert sorted(here.iterdir()) == before, "nothing is made before all is checked"
        assert all(LINE.fullmatch(line) for line in lines), lines
        assert all(line.isprintable() for line in lines), lines
        return code, [line.removeprefix("error: ") for line in lines]

    return refuse


@pytest.fixture(name="accept")
def _accept(run_command, capfd):
    """Run a command that must not be refused; what it says."""

    def accept(*words):
        capfd.readouterr()
        code = run_command(*words)
        told = capfd.readouterr()
        assert (code, told.err) == (0, "")
        return told.out

    return accept
