"""Runs of a table whose every name means harm, trained for real; and a browser to look at them."""

import contextlib
import csv
import dataclasses
import io
import random
import shutil
import signal
import unicodedata
from pathlib import Path

import pytest

from studies.main import main

TARGET = "target <b>&\x1b[5m"
COLUMNS = (
    "<script>alert(1)</script>",
    "'\"><img src=x onerror=alert(2)>",
    "$\\frac{1}{0$",
    "_leading",
    "=1+1",
    "\x1b]0;owned\x07\x1b[31mred",
    "fake\nerror: disk full; run rm",
    "\u202eltr\u202c",
    "{{ 7*7 }}</style></script>",
    "\x9b31m 8-bit",
    "@SUM(A1)",
    "x" * 500,
)
LABELS = (
    "=cmd|' /C calc'!A0",
    "</script><script>alert(3)</script>",
    "\x1b[2J\x1b[H$x_1$\nerror: fake\u202e",
)
CONSTANT = "</style><script>alert(5)</script>\x1b[1m\nwarning: fake"  # which is warned of by name
CELLS = ("+1+1", "<svg onload=alert(4)>", "\x1b[7m\x9b1m")
STUDY = r"""
question = "Does <script>alert(5)</script> $x_1$ \u001b[31m help?"
epochs = 2
tuning_seeds = 1
[[arms]]
name = "=1+1 <img src=x onerror=alert(6)>"
depth = 1
width = 8
[[arms]]
name = "_$\\frac{1}{0$ \u001b[31mred\nerror: fake"
depth = 1
width = 4
[nuisance]
learning_rate = 0.01
"""
SMALL = ("--epochs", 2, "--workers", 1)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str


class Stream(io.StringIO):
    """A stream that may claim to be a terminal."""

    def __init__(self, *, terminal):
        super().__init__()
        self.terminal = terminal

    def isatty(self):
        return self.terminal


def run(*arguments, terminal=False):
    """Run a command in this process, on a terminal that knows no colours or on none."""
    out, err = Stream(terminal=terminal), Stream(terminal=terminal)
    with (
        pytest.MonkeyPatch.context() as patch,
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        patch.setenv("TERM", "dumb")  # rich writes no sequences of its own
        patch.setenv("COLUMNS", "200")
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as end:
            code = end.code
    return Said(code=code, out=out.getvalue(), err=err.getvalue())


def unprintable(text):
    """Name the characters of a text that a terminal would obey."""
    return sorted(
        {f"U+{ord(one):04X} {unicodedata.category(one)}" for one in text if not one.isprintable()}
        - {"U+000A Cc"}
    )


def write_table(path):
    """Write a table that is all right but for its names, labels and cells."""
    rng = random.Random(1)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([*COLUMNS, CONSTANT, TARGET])
        for row in range(90):
            kind = row % len(LABELS)
            numbers = [f"{rng.gauss(kind, 1):.4f}" for _ in COLUMNS[:-3]]
            cells = [rng.choice(CELLS) for _ in range(3)]
            writer.writerow([*numbers, *cells, "same", LABELS[kind]])


@pytest.fixture(name="run", scope="session")
def _run():
    return run


@pytest.fixture(name="unprintable", scope="session")
def _unprintable():
    return unprintable


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class HostileRuns:
    """A sweep and a study of a hostile table, both trained, and what they said meanwhile."""

    folder: Path
    data: Path
    sweep: Path
    study: Path
    said: tuple[Said, Said]
    target: str = TARGET
    labels: tuple[str, ...] = LABELS


@pytest.fixture(scope="session")
def hostile(tmp_path_factory):
    """The sweep and the study."""
    folder = tmp_path_factory.mktemp("hostile")
    data = folder / "<img src=x onerror=alert(7)>$x_1$.csv"
    write_table(data)
    (folder / "=study <b>.toml").write_text(STUDY, encoding="utf-8")
    runs = folder / "runs"
    sweep, study = runs / "=a <img src=x onerror=alert(8)>", runs / "_$\\frac{1}{0$"
    said = (
        run(
            "sweep", data, "--target", TARGET, "--trials", 3, "--confirm", 2, *SMALL,
            "--out", sweep, terminal=True,
        ),
        run(
            "study", folder / "=study <b>.toml", data, "--target", TARGET, "--seeds", 2, *SMALL,
            "--out", study, terminal=True,
        ),
    )  # fmt: skip
    assert [one.code for one in said] == [0, 0], said
    return HostileRuns(folder=folder, data=data, sweep=sweep, study=study, said=said)


@pytest.fixture
def sweep_copy(hostile, tmp_path):
    """A copy of the sweep that a test may damage."""
    return shutil.copytree(hostile.sweep, tmp_path / "run")


@pytest.fixture
def stuck():
    """Fail what takes longer than some seconds, as what never ends would."""

    @contextlib.contextmanager
    def limit(seconds):
        def give_up(*_):
            pytest.fail(f"not done after {seconds} s")

        before = signal.signal(signal.SIGALRM, give_up)
        signal.setitimer(signal.ITIMER_REAL, seconds)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)

    return limit
