"""`fitgap repair`, and what the other commands say of a damaged run."""

import json
import os
import re
import shutil

import pandas as pd
import pytest

from sweep.runs.folder import RunFolder
from sweep.safe_files import parse_sealed_json
from sweep.tables import without_times

WAY_OUT = re.compile(r"error: .*; .*`fitgap (repair|resume)")


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def replaced_by_a_folder(path):
    path.unlink()
    path.mkdir()


DAMAGES = {
    "zeros": lambda path: path.write_bytes(bytes(path.stat().st_size)),
    "empty": lambda path: path.write_bytes(b""),
    "half": lambda path: os.truncate(path, path.stat().st_size // 2),
    "NUL tail": lambda path: path.write_bytes(path.read_bytes()[:-40] + bytes(300)),
    "flipped": flip,
    "deleted": lambda path: path.unlink(),
    "folder": replaced_by_a_folder,
}


@pytest.fixture(name="ask")
def _ask(run_command, capsys):
    """The exit code and the text of a command."""

    def ask(*command):
        capsys.readouterr()
        code = run_command(*command)
        out, error = capsys.readouterr()
        assert "Traceback" not in error
        return code, out, error

    return ask


@pytest.fixture(name="told")
def _told(ask):
    """What two commands say of a run."""
    commands = {"status": ("--json",), "report": ("--format", "md", "--out", "-")}
    return lambda run: [ask(name, run, *options) for name, options in commands.items()]


def test_a_folder_without_a_run_is_refused(tmp_path, run_command, capsys):
    assert run_command("repair", tmp_path) == 2
    assert capsys.readouterr().err.startswith(f"error: {tmp_path}: no run here, since it has")
    assert run_command("repair", tmp_path / "none") == 2
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_is_not_finished_is_whole_and_can_go_on(fresh_run, run_command, capsys):
    assert run_command("repair", fresh_run.folder.path) == 0
    out = capsys.readouterr().out
    assert "All is whole." in out
    assert f"go on with:\n  fitgap resume {fresh_run.folder.path}" in out


def test_both_manifests_gone_exit_with_5_and_say_what_is_left(told_run, run_command, capsys):
    told_run.manifest_path.unlink()
    told_run.backup_path.write_bytes(b"{")
    for command in ("status", "report", "resume"):
        assert run_command(command, told_run.path) == 5
        assert "`fitgap repair" in capsys.readouterr().err

    assert run_command("repair", told_run.path) == 5

    out, error = capsys.readouterr()
    assert "whole    records.jsonl" in out
    assert "whole    trials.parquet" in out
    assert error.startswith(f"error: {told_run.manifest_path}: it and its copy")
    assert error.count("\n") == 1


def test_names_in_damaged_lines_move_no_cursor(told_run, run_command, capsys):
    lines = told_run.records_path.read_bytes().splitlines(keepends=True)
    told_run.records_path.write_bytes(b'\x1b[31m "trial": "s\x1b[2J"\n' + b"".join(lines))
    run_command("repair", told_run.path)
    assert "\x1b" not in capsys.readouterr().out
    assert told_run.path.joinpath("records.damaged.jsonl").read_bytes().startswith(b"\x1b[31m")


@pytest.fixture
def concluded_run(told_run, run_command):
    """A finished run without a network, which has its findings."""
    manifest = told_run.read_manifest()
    manifest["settings"] |= {"baselines": False, "report": False}
    told_run.write_manifest(manifest | {"winner": None})
    run_command("repair", told_run.path)
    return told_run


@pytest.mark.slow
def test_a_damaged_file_of_findings_is_written_again(concluded_run, run_command, capsys):
    told_run = concluded_run
    findings = told_run.findings()
    assert findings
    for damage in DAMAGES.values():
        damage(told_run.findings_path)
        capsys.readouterr()
        assert run_command("repair", told_run.path) == 0
        assert "rebuilt  findings.json" in capsys.readouterr().out
        assert told_run.findings() == findings


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "damage"),
    [("manifest.json", "flipped"), ("manifest.json", "deleted"), ("records.jsonl", "half"),
     ("records.jsonl", "zeros"), ("records.jsonl", "flipped"), ("baselines.parquet", "flipped"),
     ("baselines.parquet", "folder"), ("findings.json", "flipped"), ("findings.json", "empty")],
)  # fmt: skip
def test_status_and_report_tell_of_damage_and_are_as_before_after_a_repair(
    name, damage, run_copy, told, ask
):
    before = told(run_copy)
    DAMAGES[damage](run_copy / name)

    for (code, out, error), (_, expected, _) in zip(told(run_copy), before, strict=True):
        if code:
            assert code == 5
            assert WAY_OUT.match(error), error
            assert str(run_copy / name) in error
        elif out != expected:
            assert name == "findings.json"
            assert "`fitgap repair" in json.loads(out)["damaged"]
    assert ask("repair", run_copy)[0] == 0
    after = told(run_copy)
    assert [code for code, _, _ in after] == [0, 0]
    if name in {"manifest.json", "findings.json"}:
        assert after == before


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "damage", "code"),
    [("baselines.parquet", "half", 5),
     ("report.html", "folder", 5), ("study.journal", "folder", 5), ("trials.parquet", "folder", 5),
     ("best/model.keras", "flipped", 0)],
)  # fmt: skip
def test_a_repaired_and_resumed_run_equals_the_undisturbed(
    name, damage, code, run_copy, finished_runs, ask
):
    DAMAGES[damage](run_copy / name)
    if code:
        found, _, error = ask("resume", run_copy, "--workers", 1)
        assert found == code
        assert WAY_OUT.search(error), error
        assert name in error

    assert ask("repair", run_copy)[0] == 0
    assert ask("resume", run_copy, "--workers", 1)[0] == 0
    assert "All is whole." in ask("repair", run_copy)[1]

    manifests = assert_same_tables(run_copy, finished_runs / "digits")
    winners = [manifest["winner"] | {"sha256": ""} for manifest in manifests]
    assert winners[0] == winners[1]
    assert len(manifests[0]["test_touches"]) == 1


def assert_same_tables(path, expected):
    """Return the manifests of both runs, too."""
    found, wanted = RunFolder(path), RunFolder(expected)
    for one, other in zip(found.tables(), wanted.tables(), strict=True):
        pd.testing.assert_frame_equal(without_times(one), without_times(other), check_exact=True)
    return found.read_manifest(), wanted.read_manifest()


@pytest.mark.slow
def test_a_report_that_was_damaged_is_drawn_again(run_copy, ask):
    report = run_copy / "report.html"
    expected = report.read_bytes()
    assert "All is whole." in ask("repair", run_copy)[1]
    for damage in ("flipped",):
        DAMAGES[damage](report)
        code, out, _ = ask("repair", run_copy)
        assert code == 0
        assert "rebuilt  report.html" in out
        assert report.read_bytes() == expected


@pytest.mark.slow
def test_a_study_is_repaired_and_ends_as_an_undisturbed_one(tmp_path, ask):
    small = ("--rows", 300, "--seeds", 2, "--epochs", 1, "--workers", 1, "--budget", 20)
    whole = tmp_path / "whole"
    code, _, error = ask("study", "ladder", "digits", *small, "--no-report", "--out", whole)
    assert code == 0, error
    run = RunFolder(shutil.copytree(whole, tmp_path / "run"))
    lines = run.records_path.read_bytes().splitlines(keepends=True)
    run.records_path.write_bytes(b"".join([*lines[:2], lines[2][:-9], b"\n", *lines[3:]]))
    flip(run.manifest_path)
    run.findings_path.unlink()
    for command in ("status", "report", "resume"):
        code, _, error = ask(command, run.path)
        assert code == 5
        assert WAY_OUT.match(error), error

    code, out, _ = ask("repair", run.path)
    assert code == 0
    assert "line 3 is damaged" in out
    code, _, error = ask("resume", run.path, "--workers", 1)
    assert code == 0, error

    assert_same_tables(run.path, whole)
    assert run.findings() == RunFolder(whole).findings()
    assert "All is whole." in ask("repair", run.path)[1]


def test_the_findings_are_sealed(concluded_run):
    content = concluded_run.findings_path.read_bytes()
    assert parse_sealed_json(content)["findings"] == concluded_run.findings()
    with pytest.raises(ValueError, match="checksum"):
        parse_sealed_json(content.replace(b"s0000", b"s0001", 1))
