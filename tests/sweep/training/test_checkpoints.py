import dataclasses
import pickle

import numpy as np
import pytest
from sklearn.datasets import load_digits

from sweep.config import TrialConfig
from sweep.data.dataset import TrainingData
from sweep.optimizers import OPTIMIZERS
from sweep.records import HISTORY_COLUMNS
from sweep.training.best import history_difference
from sweep.training.trainer import Trainer

TIMED = HISTORY_COLUMNS.index("seconds")
BASE = TrialConfig(
    depth=2, width=16, dropout=0.3, learning_rate=0.002, weight_decay=0.01, epochs=9, seed=3
)
NEVER = {"optimizer": "sgd", "learning_rate": 1e30}  # finite in no epoch


@pytest.fixture(scope="module")
def trainer():
    x, y = load_digits(return_X_y=True)
    x = (x / 16).astype(np.float32)
    return Trainer(
        TrainingData(
            task="multiclass", input_shape=(64,), classes=10,
            x_train=x[:203], y_train=y[:203].astype(np.int32),
            x_validation=x[203:353], y_validation=y[203:353].astype(np.int32),
        )
    )  # fmt: skip


def in_stages(trainer, configs, *stops):
    """Train to each stop in turn; what is kept between them has been on another machine."""
    checkpoint = None
    for stop in stops:
        networks, checkpoint = trainer.advance(configs, until=stop, start=checkpoint)
        checkpoint = pickle.loads(pickle.dumps(checkpoint))
    return networks


def assert_equal(one, other):
    assert history_difference(one.history, other.history) == 0
    for left, right in zip(
        [*one.best_weights, *one.last_weights], [*other.best_weights, *other.last_weights],
        strict=True,
    ):  # fmt: skip
        np.testing.assert_array_equal(left, right)


def assert_close(one, other):
    assert one.history.diverged_epoch == other.history.diverged_epoch
    left, right = (np.delete(item.history.array, TIMED, axis=1) for item in (one, other))
    np.testing.assert_allclose(left, right, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_trial_that_stops_at_rungs_equals_one_trained_straight_through(trainer, optimizer):
    momentum = 0.9 if optimizer == "sgd" else 0.0
    config = dataclasses.replace(BASE, optimizer=optimizer, momentum=momentum)

    assert_equal(in_stages(trainer, [config], 1, 4, 9)[0], trainer.train([config])[0])


def test_a_cohort_that_stops_at_rungs_equals_one_trained_straight_through(trainer):
    configs = [BASE.with_seed(seed) for seed in range(3)]

    # Bits depend on who is in a cohort, not on where it stops.
    for staged, straight in zip(
        in_stages(trainer, configs, 1, 4, 9), trainer.train(configs), strict=True
    ):
        assert_equal(staged, straight)


def test_who_goes_on_beyond_a_rung_has_the_history_it_has_alone(trainer):
    configs = [dataclasses.replace(BASE, seed=seed, dropout=seed / 10) for seed in range(4)]
    _, checkpoint = trainer.advance(configs, until=3)
    survivors = [configs[2], configs[0]]
    networks, _ = trainer.advance(survivors, until=9, start=checkpoint)

    for config, network in zip(survivors, networks, strict=True):
        assert_close(network, trainer.train([config])[0])


def test_the_last_survivor_of_a_cohort_has_the_history_it_has_alone(trainer):
    configs = [BASE.with_seed(seed) for seed in range(3)]
    _, checkpoint = trainer.advance(configs, until=3)
    networks, _ = trainer.advance([configs[1]], until=9, start=checkpoint)

    assert_close(networks[0], trainer.train([configs[1]])[0])


def test_a_diverged_member_is_taken_out_and_the_others_do_not_feel_it(trainer, monkeypatch):
    base = dataclasses.replace(BASE, optimizer="sgd")
    configs = [
        base.with_seed(1),
        dataclasses.replace(base, seed=2, learning_rate=NEVER["learning_rate"]),
        base.with_seed(3),
    ]
    sizes = []
    call = Trainer._call
    monkeypatch.setattr(
        Trainer, "_call",
        lambda self, cohort, *rest: sizes.append(len(cohort.configs)) or call(self, cohort, *rest),
    )  # fmt: skip
    together, checkpoint = trainer.advance(configs, until=9)

    assert sizes == [3, 2, 2, 2, 2]  # until epochs 1, 2, 4, 8 and 9
    assert checkpoint.configs == (configs[0], configs[2])
    for config, network in zip(configs, together, strict=True):
        alone = trainer.train([config])[0]
        assert network.history.diverged_epoch == alone.history.diverged_epoch
        if network.history.diverged_epoch is None:
            assert_close(network, alone)
        else:
            assert len(network.history) == network.history.diverged_epoch == 1
            for left, right in zip(network.best_weights, alone.best_weights, strict=True):
                np.testing.assert_array_equal(left, right)


def test_there_is_no_checkpoint_when_nobody_can_go_on(trainer):
    config = dataclasses.replace(BASE, **NEVER)
    networks, checkpoint = trainer.advance([config, config.with_seed(9)], until=5)

    assert checkpoint is None
    assert [network.history.diverged_epoch for network in networks] == [1, 1]


def test_a_checkpoint_of_others_is_refused(trainer):
    _, checkpoint = trainer.advance([BASE], until=1)
    with pytest.raises(ValueError, match="not in tuple"):
        trainer.advance([BASE.with_seed(8)], until=2, start=checkpoint)


def test_seconds_count_from_the_first_epoch(trainer):
    first, checkpoint = trainer.advance([BASE], until=4)
    both, _ = trainer.advance([BASE], until=9, start=checkpoint)

    assert both[0].seconds > first[0].seconds > 0
