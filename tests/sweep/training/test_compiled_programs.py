"""The program as XLA compiles it, which is for GPUs, here on the processor."""

import dataclasses

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_digits

from sweep.config import TrialConfig
from sweep.data.dataset import TrainingData
from sweep.optimizers import OPTIMIZERS
from sweep.records import HISTORY_COLUMNS
from sweep.training.trainer import Trainer

pytestmark = pytest.mark.slow  # each shape takes seconds to compile

TIMED = HISTORY_COLUMNS.index("seconds")
BASE = TrialConfig(depth=2, width=16, dropout=0.3, weight_decay=0.01, epochs=4, seed=3)


def digits(rows):
    x, y = load_digits(return_X_y=True)
    x, y = (x / 16).astype(np.float32), y.astype(np.int32)
    return TrainingData(
        task="multiclass", input_shape=(64,), classes=10, x_train=x[:rows], y_train=y[:rows],
        x_validation=x[300:450], y_validation=y[300:450],
    )  # fmt: skip


def diabetes():
    x, y = load_diabetes(return_X_y=True)
    x, y = x.astype(np.float32), ((y - y.mean()) / y.std()).astype(np.float32)
    return TrainingData(
        task="regression", input_shape=(10,), classes=0, x_train=x[:300], y_train=y[:300],
        x_validation=x[300:], y_validation=y[300:],
    )  # fmt: skip


def assert_close(one, other):
    assert one.history.diverged_epoch == other.history.diverged_epoch
    left, right = (np.delete(item.history.array, TIMED, axis=1) for item in (one, other))
    np.testing.assert_allclose(left, right, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("rows", [203, 224, 20])  # a smaller last batch, none, one batch in all
def test_a_compiled_program_trains_as_the_open_one(rows):
    data = digits(rows)
    compiled, plain = Trainer(data, compiled=True), Trainer(data, compiled=False)
    for optimizer in OPTIMIZERS:
        config = dataclasses.replace(BASE, optimizer=optimizer)
        assert_close(compiled.train([config])[0], plain.train([config])[0])


def test_so_it_does_for_regression_with_more_rows_than_are_evaluated_at_a_time(monkeypatch):
    monkeypatch.setattr("sweep.training.passes.EVALUATION_BLOCK", 64)
    data = diabetes()
    compiled, plain = Trainer(data, compiled=True), Trainer(data, compiled=False)
    config = dataclasses.replace(BASE, activation="tanh", depth=1, width=15)
    assert_close(compiled.train([config])[0], plain.train([config])[0])


def test_a_compiled_cohort_loses_a_diverged_member_and_nobody_feels_it():
    trainer = Trainer(digits(203), compiled=True)
    base = dataclasses.replace(BASE, optimizer="sgd")
    configs = [
        base.with_seed(1),
        dataclasses.replace(base, seed=2, learning_rate=1e30),
        base.with_seed(3),
    ]
    for config, member in zip(configs, trainer.train(configs), strict=True):
        alone = Trainer(digits(203), compiled=False).train([config])[0]
        assert member.history.diverged_epoch == alone.history.diverged_epoch
        if member.history.diverged_epoch is None:
            assert_close(member, alone)


def test_seconds_of_a_compiled_program_are_measured():
    trained = Trainer(digits(203), compiled=True).train([BASE])[0]
    seconds = trained.history.column("seconds")

    assert (seconds > 0).all()
    assert seconds.sum() <= trained.seconds
