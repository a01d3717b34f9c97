"""What is around a sweep changes: its streams, its folder, its clock, its data, its libraries."""

import os
import random
import subprocess
import sys
import time

import pytest

from studies.main import main
from sweep.runs.folder import RunFolder

pytestmark = pytest.mark.slow


def test_a_full_log_disk_and_a_closed_output_have_no_effect(
    tmp_path, disk, sweep_words, undisturbed, assert_same_run
):
    path, log = tmp_path / "run", disk.path / "log"
    log.touch()
    disk.fill()
    command = [sys.executable, "-m", "studies.main", *sweep_words(path, "--no-report")]
    # As a user has it: unbuffered, Python would hold nothing back that could fail later.
    usual = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}

    done = subprocess.run(
        ["sh", "-c", 'exec "$@" 2>"$LOG" >&-', "sh", *command], check=False,
        env={**usual, "LOG": str(log)},
    )  # fmt: skip

    assert done.returncode == 0
    assert log.stat().st_size == 0
    assert_same_run(path, undisturbed)


def test_a_folder_that_became_read_only_is_told_before_the_next_trial(
    *, disk, sweep_words, faults_of, undisturbed, assert_same_run
):
    path = disk.path / "run"
    assert main(sweep_words(path, "--no-report", trials=2)) == 0
    before = {file: file.read_bytes() for file in path.rglob("*") if file.is_file()}
    subprocess.run(["mount", "-o", "remount,ro", str(disk.path)], check=True)

    code, faults = faults_of(["resume", path, "--trials", 6])
    new = faults_of(sweep_words(disk.path / "other"))
    subprocess.run(["mount", "-o", "remount,rw", str(disk.path)], check=True)

    assert code == 5
    assert faults[0].startswith(f"error: {path}/run.lock: Read-only file system; give another")
    assert new[0] in {2, 5}
    assert "other" in new[1][0]
    assert {file: file.read_bytes() for file in path.rglob("*") if file.is_file()} == before
    assert main(["resume", str(path), "--trials", "6"]) == 0
    assert_same_run(path, undisturbed)


def test_a_clock_that_jumps_changes_nothing(
    tmp_path, monkeypatch, sweep_words, undisturbed, assert_same_run
):
    jumps, real = random.Random(0), time.time
    monkeypatch.setattr(time, "time", lambda: real() + jumps.uniform(-1e7, 1e7))

    assert main(sweep_words(tmp_path / "run", "--no-report")) == 0

    monkeypatch.undo()
    assert_same_run(tmp_path / "run", undisturbed)
    for record in RunFolder.open(tmp_path / "run").records():
        assert 0 < record.seconds < 600
        assert all(0 <= span.start < span.end < 600 for span in record.spans)


def test_data_that_changed_or_vanished_are_refused_with_their_hash(
    tmp_path, sweep_words, faults_of, assert_same_run
):
    data, path = tmp_path / "rows.csv", tmp_path / "run"
    rows = "".join(f"{row},{row % 7},{row * row % 11 > 4}\n" for row in range(300))
    data.write_text("a,b,label\n" + rows)
    expected = tmp_path / "expected"
    assert main(sweep_words(expected, "--no-report", trials=4, data=data)) == 0
    assert main(sweep_words(path, "--no-report", trials=2, data=data)) == 0
    resume = ["resume", path, "--trials", 4]
    then = RunFolder.open(path).read_manifest()["data"]["fingerprint"]

    data.write_text("a,b,label\n" + rows + "300,6,True\n")
    code, faults = faults_of(resume)
    assert code == 3
    assert f"its SHA-256 was {then} and is " in faults[0]
    for damage in (lambda: data.write_text(""), data.unlink):
        damage()
        code, faults = faults_of(resume)
        assert code == 3
        assert f"the run began with data whose SHA-256 was {then}" in faults[-1]
    data.write_text("a,b,label\n" + rows)

    assert main([str(word) for word in resume]) == 0
    assert_same_run(path, RunFolder.open(expected))


def test_settings_changed_by_hand_or_on_the_command_line_are_refused(
    tmp_path, sweep_words, faults_of
):
    path = tmp_path / "run"
    assert main(sweep_words(path, "--no-report", trials=2)) == 0
    manifest = path / "manifest.json"
    whole = manifest.read_text()
    for before, after in (('"epochs": 60', '"epochs": 61'), ('"seed": 0', '"seed": 1')):
        assert before in whole
        manifest.write_text(whole.replace(before, after, 1))
        code, faults = faults_of(["resume", path, "--trials", 3])
        assert code == 5
        assert f"{manifest}: it is damaged" in faults[0]
        assert "`fitgap repair" in faults[0]
    manifest.write_text(whole)
    with pytest.raises(SystemExit) as ended:  # what was begun is not resumed as something else
        main(["resume", str(path), "--set", "depth=3"])
    assert ended.value.code == 2


def test_versions_that_changed_are_warned_of_and_the_run_goes_on(tmp_path, sweep_words, capsys):
    path = tmp_path / "run"
    assert main(sweep_words(path, "--no-report", trials=2)) == 0
    folder = RunFolder.open(path)
    manifest = folder.read_manifest()
    manifest["versions"]["keras"] = "0.1"
    folder.write_manifest(manifest)
    capsys.readouterr()

    assert main(["resume", str(path), "--trials", "3"]) == 0

    told = capsys.readouterr().err
    assert "warning: keras was 0.1 and is " in told
    assert "new trials may differ in their last digits" in told
    assert len(folder.records()) == 3
