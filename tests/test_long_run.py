import collections
import contextlib
import gc
import importlib
import itertools
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from sweep.runs.runner import Sweep
from sweep.settings.sweep_settings import SweepSettings
from sweep.training.tasks import CohortTask

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc")


@pytest.fixture
def watched_driver(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    yield importlib.import_module("watched_driver")
    for name in ("watched_driver", "simulated_workers"):
        sys.modules.pop(name, None)


@pytest.fixture
def start(watched_driver, tmp_path, monkeypatch):
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))

    @contextlib.contextmanager
    def start(trials):
        """Begin a sweep that trains nothing; yield its folder and the records as they come."""
        settings = SweepSettings(
            data="digits", trials=trials, workers=1, confirm=0, baselines=False, pruner="halving"
        )
        sweep = Sweep.create(settings, tmp_path / "run")
        with watched_driver.made_up_training(), contextlib.closing(sweep.run()) as records:
            yield sweep.folder.path, records

    return start


def calls_of(records, trials):
    """Count the calls of each function, built-in ones and steps of generators among them."""
    counts = collections.Counter()

    def count(frame, event, argument):
        if event == "call":
            counts[frame.f_code.co_qualname, frame.f_code.co_filename] += 1
        elif event == "c_call":
            counts[argument.__qualname__, "built-in"] += 1

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        collections.deque(itertools.islice(records, trials), maxlen=0)
    finally:
        sys.setprofile(before)
    return counts


@pytest.mark.slow
def test_a_trial_calls_no_function_more_often_when_there_are_many_before_it(start):
    with start(500) as (_, records):
        collections.deque(itertools.islice(records, 100), maxlen=0)
        early = calls_of(records, 50)
        collections.deque(itertools.islice(records, 300), maxlen=0)
        late = calls_of(records, 50)
    assert max(early.values()) > 1000
    grown = {name: (early[name], late[name]) for name in late if late[name] > 2 * early[name] + 500}
    assert not grown


def test_descriptors_threads_and_temporary_files_are_flat(start, watched_driver):
    with start(200) as (run, records):
        held = []
        for done, _ in enumerate(records):
            if done in {20, 199}:
                held.append((watched_driver.held(), watched_driver.temporary_files(run)))
    (first, files), (last, files_at_end) = held
    assert (first["descriptors"], first["threads"]) == (last["descriptors"], last["threads"])
    assert files == files_at_end == watched_driver.temporary_files(run) == 0


def test_tasks_that_have_ended_are_let_go(start):
    with start(200) as (_, records):
        for _ in itertools.islice(records, 199):
            pass
        gc.collect()
        alive = sum(isinstance(one, CohortTask) for one in gc.get_objects())
    assert alive <= 16  # the lag and a batch, and some at a rung


@pytest.mark.long
def test_the_benchmark_kills_resumes_and_looks_back(tmp_path):
    out = tmp_path / "out.json"
    done = subprocess.run(
        [
            sys.executable, BENCHMARKS / "long_run.py", "--trials", "60", "--epochs", "3",
            "--every", "10", "--out", out,
        ],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    results = json.loads(out.read_text())["results"]
    assert results["killed_after"] >= 36
    assert (results["lost"], results["temporary_files"]) == (0, 0)
    looks = results["looks"]
    assert sum(look["first"] for look in looks) == 2
    assert len({(look["descriptors"], look["threads"]) for look in looks}) == 1
    for name in ("resume_seconds", "status_seconds", "report_seconds", "html_mb", "record_kb"):
        assert results[name] > 0
