"""A run through the command line that is killed or stopped, and goes on."""

import os
import random
import signal
import subprocess
import sys
import time

import pandas as pd
import psutil
import pytest

from sweep.records import OUTCOMES
from sweep.runs.folder import RunFolder
from sweep.runs.runner import Sweep
from sweep.settings.sweep_settings import SweepSettings
from sweep.space.parsing import parse_space
from sweep.tables import without_times

pytestmark = pytest.mark.slow

FITGAP = [sys.executable, "-m", "studies.main"]
OPTIONS = [
    "--trials", "10", "--epochs", "5", "--confirm", "2", "--set", "depth=1,2", "--no-report",
    "--no-baselines", "--pruner", "halving", "--audit",
]  # fmt: skip
TRIALS = 10 + 3 * 2 + 1  # one of the pruned is audited


def sweep_command(path, workers):
    return [*FITGAP, "sweep", "digits", *OPTIONS, "--workers", str(workers), "--out", str(path)]


def resume_command(path, workers):
    return [*FITGAP, "resume", str(path), "--workers", str(workers)]


def start(command, **more):
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **more
    )


def records_in(path):
    log = path / "records.jsonl"
    return log.read_bytes().count(b"\n") if log.exists() else 0


def wait_for_records(process, path, count):
    deadline = time.monotonic() + 120
    while records_in(path) < count and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def assert_gone(processes):
    """Processes end by themselves within seconds; what is left is an orphan."""
    _, alive = psutil.wait_procs(processes, timeout=15)
    assert not alive


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    settings = SweepSettings(
        data="digits", trials=10, epochs=5, confirm=2, workers=1, report=False, baselines=False,
        space=parse_space({"depth": [1, 2]}), pruner="halving", audit=True,
    )  # fmt: skip
    sweep = Sweep.create(settings, tmp_path_factory.mktemp("undisturbed") / "run")
    assert len(list(sweep.run())) == TRIALS
    return sweep.folder


def assert_same_run(path, expected):
    folder = RunFolder.open(path)
    for name in ("trials", "epochs"):
        one, other = (
            without_times(pd.read_parquet(run.path / f"{name}.parquet"))
            for run in (folder, expected)
        )
        pd.testing.assert_frame_equal(one, other, check_exact=True)
    found, wanted = folder.read_manifest(), expected.read_manifest()
    assert found["state"] == "finished"
    assert found["confirmation"] == wanted["confirmation"]
    assert found["winner"] | {"sha256": 0} == wanted["winner"] | {"sha256": 0}
    assert len(found["test_touches"]) == 1
    assert not [file for file in path.rglob(".*") if file.is_file()]


@pytest.mark.parametrize(
    ("workers", "moments"),
    [(1, (1, 5, 11)), pytest.param(2, (2, 9), marks=pytest.mark.long)],
)
def test_a_run_killed_again_and_again_equals_one_that_was_not(
    workers, moments, tmp_path, undisturbed
):
    path, moment = tmp_path / "run", random.Random(workers)
    command = sweep_command(path, workers)
    for least in moments:
        process = start(command)
        wait_for_records(process, path, least + moment.randrange(3))
        time.sleep(moment.random() / 2)
        children = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        process.communicate()
        assert_gone(children)
        command = resume_command(path, workers)
    done = records_in(path)
    assert moments[-1] <= done <= TRIALS

    finished = subprocess.run(command, capture_output=True, text=True, check=False)

    assert finished.returncode == 0, finished.stderr
    assert_same_run(path, undisturbed)
    assert records_in(path) == TRIALS  # nothing was lost, and nothing was run and counted twice


@pytest.mark.parametrize(
    ("number", "code", "workers"), [(signal.SIGINT, 130, 2), (signal.SIGTERM, 143, 1)]
)
def test_a_run_that_is_stopped_says_how_to_go_on(number, code, workers, tmp_path):
    path = tmp_path / "run"
    # As a shell starts a command with `&`: in a group of its own, with SIGINT ignored.
    process = start(
        sweep_command(path, workers), start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
    )  # fmt: skip
    wait_for_records(process, path, 2)
    children = psutil.Process(process.pid).children(recursive=True)
    os.killpg(process.pid, number)  # as a terminal sends Ctrl-C: to the workers too
    text, _ = process.communicate(timeout=60)

    assert process.returncode == code, text
    assert f"fitgap resume {path}" in text
    assert "Traceback" not in text
    folder = RunFolder.open(path)
    manifest = folder.read_manifest()
    assert (manifest["state"], manifest["finished"]) == ("interrupted", None)
    ended = sum(manifest["counts"][outcome] for outcome in OUTCOMES)
    assert ended == len(folder.records()) >= 2
    assert len(pd.read_parquet(path / "trials.parquet")) == len(folder.records())
    assert not folder.in_use
    assert_gone(children)


def test_a_second_signal_ends_the_run_at_once(tmp_path):
    path = tmp_path / "run"
    process = start(sweep_command(path, 2))
    wait_for_records(process, path, 1)
    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGINT)
    time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    started = time.monotonic()
    process.communicate(timeout=60)

    assert process.returncode == 130
    assert time.monotonic() - started < 3
    assert_gone(children)
    RunFolder.open(path).repair_records()  # whatever it was doing, the log can be read
