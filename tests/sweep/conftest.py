"""Records and workers with known results, for what runs without TensorFlow."""

import dataclasses
import math
import os
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sweep.config import TrialConfig
from sweep.records import HISTORY_COLUMNS, TrainingHistory, TrialRecord, search_trial_id
from sweep.tables import trials_table, without_times
from sweep.training.tasks import TrialResult

WIDTH = len(HISTORY_COLUMNS)


def make_history(losses, *, diverged_epoch=None, gap=0.1):
    """A history with these validation losses; the train loss is smaller by the gap."""
    losses = np.asarray(losses, dtype=np.float64)
    array = np.full((len(losses), WIDTH), 0.25)
    array[:, HISTORY_COLUMNS.index("validation_loss")] = losses
    array[:, HISTORY_COLUMNS.index("train_loss")] = losses - gap
    array[:, HISTORY_COLUMNS.index("validation_score")] = 1 / (1 + losses)
    array[:, HISTORY_COLUMNS.index("train_score")] = 0.9
    return TrainingHistory(array=array, diverged_epoch=diverged_epoch)


def make_record(slot=0, losses=(0.5, 0.4), **more):
    """A finished trial of the search; other fields by name."""
    fields = {
        "trial": search_trial_id(slot), "stage": "search", "slot": slot, "replicate": 0,
        "config": TrialConfig(depth=1, width=8, seed=slot), "outcome": "finished", "reason": "",
        "parameters": 730, "history": make_history(losses), "seconds": 1.5, "number": slot,
    }  # fmt: skip
    return TrialRecord(**{**fields, **more})


def known_result(trial, config):
    """A result that follows from the configuration alone; about one in three is no success."""
    luck = np.random.default_rng(config.seed).random()
    rate = abs(math.log10(config.learning_rate / 0.003))
    loss = 0.1 + rate + abs(math.log2(max(config.width, 1) / 64)) / 3 + luck / 100
    result = TrialResult(
        trial=trial, outcome="finished", reason="", seconds=luck,
        history=make_history([2 * loss, loss, loss + 0.01]),
    )  # fmt: skip
    if luck < 0.15:
        empty = TrainingHistory(array=np.empty((0, WIDTH)))
        return dataclasses.replace(result, outcome="failed", reason="made to fail", history=empty)
    if luck < 0.3:
        history = make_history([loss, math.nan], diverged_epoch=2)
        return dataclasses.replace(result, outcome="diverged", reason="epoch 2", history=history)
    return result


def until_epoch(result, epoch, cohort):
    """The result as it stands after an epoch."""
    history = result.history
    result = dataclasses.replace(result, cohort=cohort)
    if len(history) <= epoch:
        return result
    cut = TrainingHistory(array=history.array[:epoch])
    return dataclasses.replace(result, history=cut, outcome="finished", reason="")


class ShuffledWorkers:
    """Give known results, in the order of submission, or in a random one with a seed."""

    def __init__(self, order_seed=None, result=known_result):
        self.rng = None if order_seed is None else np.random.default_rng(order_seed)
        self.result = result
        self.waiting = []
        self.submitted = []  # trials, as they began
        self.tasks = []
        self.to_continue = set()  # tasks that are neither continued nor forgotten
        self.most_waiting = 0

    def submit(self, task):
        if task.continues is not None:
            assert task.continues in self.to_continue
            self.to_continue.remove(task.continues)
        self.waiting.append(task)
        self.submitted += [trial for trial in task.trials if task.continues is None]
        self.tasks.append(task)
        self.most_waiting = max(
            self.most_waiting, sum(len(waiting.trials) for waiting in self.waiting)
        )

    def next_results(self):
        place = 0 if self.rng is None else int(self.rng.integers(len(self.waiting)))
        task = self.waiting.pop(place)
        if not task.is_last:
            self.to_continue.add(task.name)
        return [
            until_epoch(self.result(trial, config), task.until, task.cohort)
            for trial, config in zip(task.trials, task.configs, strict=True)
        ]

    def forget(self, task):
        self.to_continue.remove(task)

    def call(self, function, *arguments):
        raise NotImplementedError

    def close(self):
        self.waiting.clear()


def assert_same_trials(one, other):
    """Whole trials tables, the times aside, are equal bit for bit."""
    left, right = (without_times(trials_table(records)) for records in (one, other))
    pd.testing.assert_frame_equal(left, right, check_exact=True)


@pytest.fixture
def memory_path():
    """A temporary folder, in memory where there is one: thousands of syncs cost a disk minutes."""
    memory = Path("/dev/shm")
    parent = memory if os.access(memory, os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=parent, prefix="fitgap-") as path:
        yield Path(path)


@pytest.fixture(name="history_of", scope="session")
def _history_of():
    return make_history


@pytest.fixture(name="record_of", scope="session")
def _record_of():
    return make_record


@pytest.fixture(name="workers_of", scope="session")
def _workers_of():
    return ShuffledWorkers


@pytest.fixture(name="result_of", scope="session")
def _result_of():
    return known_result


@pytest.fixture(name="same_trials", scope="session")
def _same_trials():
    return assert_same_trials
