"""Escape sequences and line breaks in names: no command hands them to a terminal."""

import csv
import dataclasses
import io
import shutil

import pytest

from sweep.runs.folder import RunFolder

pytestmark = pytest.mark.slow  # needs trained networks
ATTACK = "\x1b]0;owned\x07\x9b2J\u202e\nerror: fake\r"


def first_words(text):
    return {line.partition(":")[0] for line in text.splitlines()}


@pytest.mark.parametrize("place", [0, 1], ids=["sweep", "study"])
def test_a_run_says_nothing_that_a_terminal_obeys(hostile, place, unprintable):
    said = hostile.said[place]

    assert "warning: column '</style><script>alert(5)</script>\ufffd[1m\ufffdwarning" in said.err
    assert unprintable(said.out + said.err) == []
    assert "error" not in first_words(said.out + said.err)


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("data check DATA --target TARGET", 0),
        ("data check DATA --target nix", 3),
        ("sweep DATA --target TARGET --dry-run", 0),
        ("sweep DATA --target TARGET --dry-run --set activation=ATTACK", 2),
        ("status SWEEP", 0),
        ("status SWEEP --json", 0),
        ("status STUDY", 0),
        ("status STUDY --json", 0),
        ("report SWEEP --format md --out -", 0),
        ("report STUDY --format md --out -", 0),
        ("report SWEEP --format json --out -", 0),
        ("report STUDY --format json --out -", 0),
        ("report SWEEP --fail-if ATTACK", 2),
        ("verify SWEEP ATTACK", 2),
        ("predict SWEEP DATA", 0),
        ("predict SWEEP ATTACK", 3),
        ("ATTACK", 2),
    ],
)
def test_no_command_says_what_a_terminal_obeys(hostile, run, command, code, unprintable):
    words = {
        "DATA": hostile.data, "TARGET": hostile.target, "SWEEP": hostile.sweep,
        "STUDY": hostile.study, "ATTACK": ATTACK,
    }  # fmt: skip
    arguments = [words.get(word, word) for word in command.split()]
    arguments = [str(word).replace("ATTACK", ATTACK) for word in arguments]
    said = run(*arguments, terminal=True)

    assert said.code == code
    assert unprintable(said.out + said.err) == []
    assert len(said.err.splitlines()) <= 1


def test_predictions_in_a_file_or_a_pipe_keep_their_labels(hostile, run, tmp_path):
    piped = run("predict", hostile.sweep, hostile.data).out
    run("predict", hostile.sweep, hostile.data, "--out", tmp_path / "p.csv")
    written = (tmp_path / "p.csv").read_bytes().decode()
    table = list(csv.DictReader(io.StringIO(written, newline="")))

    assert piped == written
    assert len(table) == 90
    assert {row["prediction"].removeprefix("'") for row in table} <= set(hostile.labels)


@pytest.mark.parametrize(
    "command",
    [
        "status RUN", "status RUN --json", "report RUN --format md --out -",
        "report RUN --format json --out -", "resume RUN",
    ],
)  # fmt: skip
def test_a_run_folder_that_somebody_forged_says_nothing_either(
    sweep_copy, run, command, unprintable
):
    folder = RunFolder(sweep_copy)
    manifest = folder.read_manifest()
    manifest["name"] = manifest["data"]["name"] = manifest["winner"]["trial"] = ATTACK
    manifest["winner"]["config"] |= {"activation": ATTACK, "optimizer": ATTACK}
    manifest["data"]["warnings"] = [ATTACK]
    manifest["versions"]["keras"] = ATTACK
    folder.write_manifest(manifest)
    folder.append_record(
        dataclasses.replace(
            folder.records()[0], trial=ATTACK, stage="audit", outcome="failed", reason=ATTACK
        )
    )
    shutil.copy(folder.manifest_path, sweep_copy / "manifest.backup.json")
    arguments = [sweep_copy if word == "RUN" else word for word in command.split()]
    said = run(*arguments, terminal=True)

    assert said.out + said.err
    assert unprintable(said.out + said.err) == []
