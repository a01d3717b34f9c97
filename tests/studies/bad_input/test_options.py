import os
from pathlib import Path

import pytest

LONG = "x" * 5000


def table(row, header="a,target", rows=40):
    """A table of rows made by number."""
    return "".join(f"{line}\n" for line in [header, *(row(n) for n in range(rows))])


def label(n):
    return "uv"[n % 2]


BAD_OPTIONS = [
    ("low > high", "--set width=9..3", "--set width: low 9 is above high 3; swap the two"),
    ("NaN", "--set dropout=nan", "--set dropout: nan is not a finite number; give a number from 0"),
    ("misspelt key", "--set widht=3", "--set widht: unknown key; did you mean width?"),
    ("empty choice", "--set width=3,", "--set width: '' is not a whole number from 1 up to 65536;"),
    ("a choice twice", "--set width=3,3", "--set width: the choice 3 is repeated; give each once"),
    ("hexadecimal", "--set width=0x10", "--set width: '0x10' is not a whole number from 1 up to"),
    ("minus nought", "--set width=-0", "--set width: 0 is too small; give a whole number from 1"),
    ("5,000 digits", f"--set width={'9' * 5000}", "--set width: inf is not a whole number from 1"),
    ("1e-400", "--set learning_rate=1e-400", "--set learning_rate: 0.0 is too small; give a num"),
    (
        "trials 0",
        "--trials 0",
        "--trials: 0 is too small; give a whole number from 1 up to 1000000",
    ),
    (
        "trials 1e12",
        "--trials 1e12",
        "--trials: 1000000000000 is too large; give a whole number from 1 up to 1000000",
    ),
    (
        "trials 1e400",
        "--trials 1e400",
        "--trials: inf is not a whole number from 1 up to 1000000; give such a value",
    ),
    (
        "trials nan",
        "--trials nan",
        "--trials: nan is not a whole number from 1 up to 1000000; give such a value",
    ),
    (
        "trials -0",
        "--trials -0",
        "--trials: 0 is too small; give a whole number from 1 up to 1000000",
    ),
    (
        "trials 0x10",
        "--trials 0x10",
        "--trials: '0x10' is not a whole number from 1 up to 1000000; give such a value",
    ),
    (
        "workers 0",
        "--workers 0",
        "--workers: 0 is too small; give a whole number from 1 up to 1024",
    ),
    (
        "seed negative",
        "--seed -1",
        "--seed: -1 is too small; give a whole number from 0 up to 2147483647",
    ),
    ("batch size 0", "--batch-size 0", "--batch-size: 0 is too small; give a whole number from 1"),
    ("out with NUL", "--out a\0b", "--out: it is empty or holds NUL; give a folder, or leave it"),
    ("out an address", "--out s3://b/run", "--out: 's3://b/run' is an address, and runs are kept"),
    ("out a device", "--out /dev/null", "--out: '/dev/null' is a file; give another folder"),
    ("out a pipe", "--out pipe", "--out: 'pipe' is a file; give another folder"),
    ("out below a pipe", "--out pipe/run", "--out: '/"),
    ("out a folder with files", "--out /proc/self", "--out: '/proc/self' holds other files; give"),
    ("out too long", f"--out {LONG}", "--out: 'xxx"),
    (
        "config with NUL",
        "--config a\0b",
        "a\\x00b: it does not exist; give the path of a TOML file",
    ),
    ("config too long", f"--config {LONG}", "xxx"),
    ("config a pipe", "--config pipe", "pipe: it is not a file; give the path of a TOML file"),
    ("config a folder", "--config /proc", "/proc: it is not a file; give the path of a TOML file"),
    ("config endless", "--config /dev/zero", "/dev/zero: it is not a file; give the path of a TO"),
    ("config unreadable", "--config /proc/self/mem", "/proc/self/mem: Input/output error; give a"),
    ("space a pipe", "--space pipe", "pipe: it is not a file; give the path of a TOML file"),
    ("storage with NUL", "--storage sqlite:///a\0b", "--storage: "),
    ("storage too long", f"--storage sqlite:///{LONG}", "--storage: "),
    ("storage elsewhere", "--storage http://h/d", "--storage: "),
    ("target not UTF-8", "--target \udcff", "--target: '\\udcff' is not UTF-8 text; use other"),
]


@pytest.mark.parametrize(
    ("option", "told"), [pytest.param(option, told, id=what) for what, option, told in BAD_OPTIONS]
)
def test_a_bad_option_of_a_sweep_is_refused(option, told, refuse):
    os.mkfifo("pipe")

    code, lines = refuse("sweep", "iris", "--dry-run", *option.split(" ", 1))

    assert code == 2
    assert len(lines) == 1
    assert lines[0].startswith(told)
    assert len(lines[0]) < 400


@pytest.mark.parametrize(
    "number",
    ["1_0", "\N{ARABIC-INDIC DIGIT ONE}\N{ARABIC-INDIC DIGIT ZERO}", "1e1", "10.0", " 10 ", "+10"],
)
def test_a_whole_number_may_be_written_in_any_way_that_means_one(number, accept):
    assert "\n# search        10 trials" in accept(
        "sweep", "iris", "--dry-run", "--sampler", "random", "--trials", number
    )


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        ("capacity t.csv --folds 50", 3, "t.csv: 32 rows cannot be divided into 50 folds; give "),
        (
            "capacity iris --folds 1",
            2,
            "--folds: 1 fold leaves nothing to train on; give 2 or more",
        ),
        ("capacity iris --seeds 1e12", 2, "--seeds: 1000000000000 is too large; give"),
        (
            "capacity iris --label-noise nan",
            2,
            "--label-noise: nan is not a finite number",
        ),
        ("capacity iris --margin -0", 2, "--margin: 0 is too small; give"),
        ("capacity iris --budget 1e999h", 2, "--budget: '1e999h' is neither trials nor time; give"),
        ("capcity iris", 2, "STUDY: 'capcity' is no built-in study and no file; did you mean capa"),
        ("\udcff iris", 2, "STUDY: '\\udcff' is no built-in study and no file; the studies are "),
        (f"{LONG} iris", 2, "STUDY: 'xxx"),
        (f"{LONG}.toml iris", 2, "STUDY: there is no file xxx"),
        ("pipe iris", 2, "STUDY: 'pipe' is no built-in study and no file; the studies are "),
    ],
    ids=[
        "more folds than rows", "one fold", "seeds", "label noise", "margin", "budget", "misspelt",
        "not UTF-8", "long", "long file", "pipe",
    ],
)  # fmt: skip
def test_a_bad_option_of_a_study_is_refused(words, code, told, refuse):
    os.mkfifo("pipe")
    Path("t.csv").write_text(table(lambda n: f"{n % 7},{label(n)}"))

    found, lines = refuse("study", *words.split(), "--dry-run")

    assert found == code
    assert len(lines) == 1
    assert lines[0].startswith(told)
    assert len(lines[0]) < 400


def test_every_fault_of_a_command_is_told_at_once(refuse):
    Path("s.toml").write_text("workers = 0\n[space]\nwidth = 0\n")
    Path("space.toml").write_text("dropout = 1.0\n")

    files = ("--config", "s.toml", "--space", "space.toml")
    code, lines = refuse(
        *("sweep", "--dry-run", *files, "--trials", "0", "--set", "depth=-1", "--out", "http://x")
    )

    assert code == 2
    assert [line.split(": ")[0] for line in lines] == [
        "s.toml", "space.toml", "--set depth", "data", "s.toml", "--trials", "--out",
    ]  # fmt: skip


def test_a_real_sweep_checks_all_before_it_makes_its_folder(refuse):
    Path("t.csv").write_text(table(lambda n: f"{n},u"))

    code, _ = refuse("sweep", "t.csv", "--out", "run", "--workers", "1")

    assert code == 3
