"""Trials that take more than they may, on real worker processes."""

import dataclasses
import os
import signal
import sys
import time
from unittest import mock

import cloudpickle
import numpy as np
import pytest

from sweep.config import TrialConfig
from sweep.limits import TrialLimits
from sweep.training.cluster.dask_workers import DaskWorkers, _train
from sweep.training.tasks import CohortTask, train_task
from sweep.training.workers import start_workers

# The workers cannot import this module: it lies outside every package.
cloudpickle.register_pickle_by_value(sys.modules[__name__])

pytestmark = pytest.mark.slow

SHORT = TrialConfig(depth=1, width=16, epochs=3)
ENDLESS = dataclasses.replace(SHORT, epochs=100_000)


def task_of(*seeds, base=SHORT):
    return CohortTask(
        trials=tuple(f"s{seed:04d}" for seed in seeds),
        configs=tuple(base.with_seed(seed) for seed in seeds),
        until=base.epochs,
        cohort=f"s{seeds[0]:04d}" if len(seeds) > 1 else "",
    )


def results_of(workers, count):
    return {one.trial: one for _ in range(count) for one in workers.next_results()}


def test_a_trial_over_its_time_has_failed_and_the_others_go_on(data):
    with start_workers(data, 2, limits=TrialLimits(seconds=4)) as workers:
        workers.submit(task_of(0, base=ENDLESS))
        for seed in range(1, 4):
            workers.submit(task_of(seed))
        results = results_of(workers, 4)

    late = results.pop("s0000")
    assert (late.outcome, late.reason) == ("failed", "time limit: not trained within 4 s")
    assert {result.outcome for result in results.values()} == {"finished"}


def test_one_worker_alone_is_watched_too(data):
    with start_workers(data, 1, limits=TrialLimits(seconds=2)) as workers:
        assert isinstance(workers, DaskWorkers)
        workers.submit(task_of(0, base=ENDLESS))
        workers.submit(task_of(1))
        results = results_of(workers, 2)

    assert [results[trial].outcome for trial in ("s0000", "s0001")] == ["failed", "finished"]


def test_of_a_cohort_only_the_member_that_hangs_fails(data, monkeypatch):
    def hang(data, task, *rest):
        if "s0002" in task.trials:
            time.sleep(1000)
        return train_task(data, task, *rest)

    def train(order, task, start):  # as _train does, but with what hangs
        with mock.patch("sweep.training.cluster.dask_workers.train_task", hang):
            return _train(order, task, start)

    monkeypatch.setattr("sweep.training.cluster.dask_workers._train", train)
    with start_workers(data, 2, limits=TrialLimits(seconds=2)) as workers:
        workers.submit(task_of(1, 2, 3))
        results = {one.trial: one.outcome for one in workers.next_results()}

    assert results == {"s0001": "finished", "s0002": "failed", "s0003": "finished"}


def test_a_trial_that_takes_too_much_memory_has_failed_with_the_amount(data):
    # 0.8 GB of rows that are one row: they are copied when the trial begins.
    rows = np.broadcast_to(data.x_train[:1], (3_000_000, 8, 8))
    wide = dataclasses.replace(data, x_train=rows, y_train=np.zeros(len(rows), np.int32))
    with start_workers(wide, 2, limits=TrialLimits(memory=1_100_000_000)) as workers:
        workers.submit(task_of(0, base=dataclasses.replace(SHORT, batch_size=100_000)))
        (result,) = workers.next_results()

    assert result.outcome == "failed"
    assert result.reason.startswith("memory limit: its worker took ")
    assert result.reason.endswith(" GB of 1.1")


def test_a_trial_that_crashes_its_process_has_failed_and_the_others_go_on(data, monkeypatch):
    def crash(order, task, start):
        if "s0000" in task.trials:
            os.kill(os.getpid(), signal.SIGSEGV)
        return _train(order, task, start)

    monkeypatch.setattr("sweep.training.cluster.dask_workers._train", crash)
    with start_workers(data, 2) as workers:
        for seed in range(3):
            workers.submit(task_of(seed))
        results = results_of(workers, 3)

    assert results.pop("s0000").reason == "KilledWorker: its worker process died again and again"
    assert {result.outcome for result in results.values()} == {"finished"}
