"""Tiny sweeps through the command line, a disk that fills at a chosen moment, and what is equal."""

import contextlib
import os
import re
import shutil
import subprocess
import sys

import pandas as pd
import pytest

from studies.main import main
from sweep.runs.folder import RunFolder
from sweep.tables import without_times

TRIALS = 6
# Long enough each that a signal finds the sweep at work, and a record too long for a started page.
OPTIONS = [
    "--rows", "300", "--epochs", "60", "--batch-size", "8", "--set", "depth=1", "--workers", "1",
    "--pruner", "none", "--confirm", "0", "--no-baselines",
]  # fmt: skip
WRITING = os.O_WRONLY | os.O_RDWR


class Openings:
    """Do something when a file is opened to be written for the n-th time, whoever opens it."""

    def __init__(self):
        self.pattern, self.left, self.action = None, 0, None
        sys.addaudithook(self.hear)  # which cannot be taken away again: it does nothing unarmed

    def arm(self, pattern, count, action):
        self.pattern, self.left, self.action = re.compile(pattern), count, action

    def disarm(self):
        self.pattern = None

    def hear(self, event, arguments):
        if event != "open" or self.pattern is None:
            return
        path, _, flags = arguments
        if isinstance(path, str) and flags & WRITING and self.pattern.search(path):
            self.left -= 1
            if self.left == 0:
                self.disarm()
                self.action()


OPENINGS = Openings()


class SmallDisk:
    """Hold a file system of its own that can be filled, emptied and made read-only."""

    def __init__(self, path):
        self.path, self.ballast = path, path / "ballast"

    def fill(self):
        with contextlib.suppress(OSError), self.ballast.open("wb", buffering=0) as file:
            while file.write(bytes(1 << 16)):
                pass

    def free(self):
        self.ballast.unlink(missing_ok=True)

    def mount(self, options):
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(self.path)]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.fixture
def disk(tmp_path):
    """A file system of 8 MiB."""
    path = tmp_path / "disk"
    path.mkdir()
    made = SmallDisk(path)
    if os.geteuid() or shutil.which("mount") is None or not made.mount("size=8m"):
        pytest.skip("mounting a small file system needs root")
    yield made
    subprocess.run(["umount", "--lazy", str(path)], check=True)


@pytest.fixture
def at_opening():
    """Do something when a file whose path fits is opened for writing the n-th time."""
    yield OPENINGS.arm
    OPENINGS.disarm()


@pytest.fixture(scope="session")
def sweep_words():
    """The words of a tiny sweep into a folder."""

    def words(path, *more, trials=TRIALS, data="digits"):
        return ["sweep", str(data), "--trials", str(trials), *OPTIONS, "--out", str(path), *more]

    return words


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory, sweep_words):
    """The sweep that nothing happened to; only to be read."""
    path = tmp_path_factory.mktemp("undisturbed") / "run"
    assert main(sweep_words(path, "--no-report")) == 0
    return RunFolder.open(path)


@pytest.fixture(scope="session")
def assert_same_run():
    """Check that a finished run equals another, trial for trial, times aside."""

    def check(path, expected):
        folder = RunFolder.open(path)
        found, wanted = folder.read_manifest(), expected.read_manifest()
        assert (found["state"], found["counts"]) == ("finished", wanted["counts"])
        assert found["winner"] | {"sha256": 0} == wanted["winner"] | {"sha256": 0}
        names = [record.trial for record in folder.records()]
        assert len(names) == len(set(names))
        for name in ("trials", "epochs"):
            one, other = (
                without_times(pd.read_parquet(run.path / f"{name}.parquet"))
                for run in (folder, expected)
            )
            pd.testing.assert_frame_equal(one, other, check_exact=True)
        assert not [file for file in path.rglob(".*") if file.is_file()]
        assert not folder.in_use

    return check


@pytest.fixture
def faults_of(capsys):
    """Run a command of which a fault is expected; return its exit code and its faults."""

    def run(words):
        capsys.readouterr()
        code = main([str(word) for word in words])
        told = capsys.readouterr().err
        assert "Traceback" not in told
        return code, [line for line in told.splitlines() if line.startswith("error: ")]

    return run
