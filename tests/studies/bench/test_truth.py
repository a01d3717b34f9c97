import dataclasses

import numpy as np
import pytest

from studies.bench.problems import Problem, Rows
from studies.bench.training import TrainedProblem
from studies.bench.truth import beyond, kept_losses, network_truths
from sweep.config import TrialConfig
from sweep.records import HISTORY_COLUMNS, TrainingHistory

EPOCHS = 40
TIME = np.arange(1, 2 * EPOCHS + 1)
FALLING = 0.3 + 0.7 * np.exp(-TIME / 4)


def history(train, validation, score=None):
    columns = dict.fromkeys(HISTORY_COLUMNS, np.ones(len(train)))
    columns["train_loss"], columns["validation_loss"] = train, validation
    columns["validation_score"] = 1 - validation if score is None else score
    array = np.column_stack([columns[name] for name in HISTORY_COLUMNS])
    return TrainingHistory(array=array)


def trained(*networks, widths=(32, 4)):
    """A run of networks, each (train, population) for twice the epochs; the first is judged."""
    rows = Rows(x=np.zeros((5, 3), np.float32), y=np.zeros(5, np.float32))
    problem = Problem(
        family="",
        task="regression",
        train=rows,
        validation=rows,
        population=rows,
        configs=tuple(
            TrialConfig(depth=1, width=width, epochs=EPOCHS) for width in widths[: len(networks)]
        ),
        subject=0,
        floor=0.1,
    )
    seen = tuple((history(t[:EPOCHS], p[:EPOCHS]),) for t, p in networks)
    known = tuple((history(t, p),) for t, p in networks)
    return TrainedProblem(problem=problem, seeds=(1,), seen=seen, population=known)


def truths_of(*networks, **more):
    return network_truths(trained(*networks, **more), seeds=1)


def test_effects_close_to_their_margin_are_grey():
    assert [beyond(effect, 1.0) for effect in (-3, 0.8, 0.9, 1.2, 1.25, np.inf)] == [
        0, 0, 0.5, 0.5, 1, 1,
    ]  # fmt: skip


def test_a_network_that_settles_beside_its_best_fits():
    truths = truths_of((FALLING, FALLING + 0.01), (FALLING, FALLING + 0.01))

    assert truths == {
        "overfits": 0, "underfits": 0, "fits": 1, "undertrained": 0, "overtrained": 0,
        "diverged": 0,
    }  # fmt: skip


def test_a_population_loss_that_rises_while_the_train_loss_falls_is_overfitting():
    rising = FALLING + 0.01 * np.maximum(TIME - 8, 0)
    memorising = 0.7 * np.exp(-TIME / 8)

    truths = truths_of((memorising, rising), (FALLING, FALLING))

    assert (truths["overfits"], truths["overtrained"], truths["fits"]) == (1, 1, 0)


def test_a_rise_of_the_loss_with_a_rising_score_is_a_matter_of_calibration():
    rising = FALLING + 0.01 * np.maximum(TIME - 8, 0)
    memorising = 0.7 * np.exp(-TIME / 8)
    run = trained((memorising, rising))
    better = history(memorising, rising, score=TIME / 100)
    run = dataclasses.replace(run, population=((better,),))

    truths = network_truths(run, seeds=1)

    assert (truths["overfits"], truths["overtrained"]) == (0, 0)


def test_a_gap_that_a_smaller_network_does_without_is_overfitting():
    wide, narrow = (FALLING - 0.2, FALLING + 0.1), (FALLING, FALLING + 0.01)

    assert truths_of(wide, narrow)["overfits"] == 1
    assert truths_of(wide, narrow, widths=(4, 32))["overfits"] == 0


def test_worse_on_both_splits_is_underfitting_and_worse_on_one_is_not():
    good = (FALLING, FALLING + 0.01)

    assert truths_of((FALLING + 0.1, FALLING + 0.11), good)["underfits"] == 1
    assert truths_of((FALLING, FALLING + 0.11), good)["underfits"] == 0


def test_undertrained_is_what_twice_the_epochs_make_better():
    slow = 0.3 + 0.7 * np.exp(-TIME / 30)

    assert truths_of((slow, slow))["undertrained"] == 1
    assert truths_of((FALLING, FALLING))["undertrained"] == 0


def test_a_diverged_network_has_diverged_and_nothing_else():
    run = trained((FALLING, FALLING), (FALLING, FALLING))
    lost = dataclasses.replace(run.seen[0][0], diverged_epoch=3)
    run = dataclasses.replace(run, seen=((lost,), run.seen[1]))

    assert [name for name, truth in network_truths(run, seeds=1).items() if truth] == ["diverged"]


def test_where_some_seeds_diverged_nothing_is_sure():
    run = trained((FALLING, FALLING))
    lost = dataclasses.replace(run.seen[0][0], diverged_epoch=3)
    run = dataclasses.replace(
        run, seen=((run.seen[0][0], lost),), population=(run.population[0] * 2,)
    )

    assert set(network_truths(run, seeds=2).values()) == {0.5}
    assert network_truths(run, seeds=1)["fits"] == 1


def test_kept_weights_are_those_of_the_best_epoch_on_the_validation_rows():
    run = trained((FALLING, FALLING), (FALLING, FALLING))
    validation = np.where(np.arange(EPOCHS) == 4, 0.0, 1.0)
    seen = ((history(FALLING[:EPOCHS], validation),), run.seen[1])

    assert kept_losses(dataclasses.replace(run, seen=seen), 0) == pytest.approx([FALLING[4]])
