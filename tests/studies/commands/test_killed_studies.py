"""A study through the command line that is killed, and goes on."""

import json
import subprocess
import sys
import time

import pandas as pd
import psutil
import pytest

from sweep.runs.folder import RunFolder
from sweep.tables import without_times

pytestmark = pytest.mark.slow

FITGAP = [sys.executable, "-m", "studies.main"]
STUDY = """
question = "Do more rows help more than another layer?"
epochs = 8
tuning_seeds = 2

[scientific]
train_rows = [200, 600]
depth = [1, 2]

[nuisance]
learning_rate = [0.003, 0.01]

[fixed]
width = 96
"""
TUNING, TRIALS = 4 * 2 * 2, 4 * 2 * 2 + 4 * 5


def study_command(folder, path):
    options = ["--seeds", "5", "--workers", "1", "--no-report", "--out", str(path)]
    return [*FITGAP, "study", str(folder / "mine.toml"), "digits", *options]


def records_in(path):
    log = path / "records.jsonl"
    return log.read_bytes().count(b"\n") if log.exists() else 0


def kill_after(command, path, least):
    """Kill a command, and all it started, once it has left so many records."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 240
    while records_in(path) < least and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.005)
    children = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.communicate()
    _, alive = psutil.wait_procs(children, timeout=15)
    assert not alive
    return records_in(path)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, run_command):
    folder = tmp_path_factory.mktemp("undisturbed")
    (folder / "mine.toml").write_text(STUDY)
    assert run_command(*study_command(folder, folder / "run")[3:]) == 0
    return folder


def test_a_study_killed_in_every_stage_ends_with_the_findings_of_one_that_was_not(
    undisturbed, tmp_path
):
    path = tmp_path / "run"
    command = study_command(undisturbed, path)
    for least in (2, TUNING + 3):  # while it tunes, and while it compares
        done = kill_after(command, path, least)
        assert least <= done < TRIALS
        command = [*FITGAP, "resume", str(path), "--workers", "1"]
    (undisturbed / "mine.toml").rename(undisturbed / "moved.toml")  # the manifest has the design
    try:
        finished = subprocess.run(command, capture_output=True, text=True, check=False)
    finally:
        (undisturbed / "moved.toml").rename(undisturbed / "mine.toml")

    assert finished.returncode == 0, finished.stderr
    assert records_in(path) == TRIALS
    found, wanted = RunFolder.open(path), RunFolder.open(undisturbed / "run")
    assert json.loads(found.findings_path.read_text()) == json.loads(
        wanted.findings_path.read_text()
    )
    for name in ("trials", "epochs"):
        one, other = (
            without_times(pd.read_parquet(run.path / f"{name}.parquet")) for run in (found, wanted)
        )
        pd.testing.assert_frame_equal(one, other, check_exact=True)
    assert found.read_manifest()["state"] == "finished"
