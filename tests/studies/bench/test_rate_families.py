import dataclasses

import numpy as np
import pytest

from studies.bench.problems import Rows
from studies.bench.rate_families import (
    Bowl,
    end_loss,
    ladder_truths,
    linear_problem,
    linear_truths,
    rate_ladder,
    train_bowl,
)
from studies.bench.training import TrainedProblem, train_problem
from sweep.records import HISTORY_COLUMNS, TrainingHistory

BOWL = Bowl(hessian=np.diag([1.0, 10.0]), minimum=np.zeros(2), floor=0.1)


def ending_at(loss, *, began=1.0):
    array = np.ones((20, len(HISTORY_COLUMNS)))
    array[:, HISTORY_COLUMNS.index("train_loss")] = np.where(np.arange(20) < 10, began, loss)
    return TrainingHistory(array=array)


def ladder_of(ends, subject):
    problem = dataclasses.replace(rate_ladder(np.random.default_rng(0)), subject=subject)
    seen = tuple((ending_at(end),) for end in ends)
    return TrainedProblem(problem=problem, seeds=(1,), seen=seen, population=())


def true_of(truths):
    return {name for name, truth in truths.items() if truth == 1}


def test_a_bowl_leaves_what_its_closed_form_says():
    excess = BOWL.excess(np.array([1.0, 1.0]), 0.15, 3)

    # (1 - 0.15)^6 / 2 along the first axis, 10 (1 - 1.5)^6 / 2, overshooting, along the second.
    assert excess.slow == pytest.approx(0.85**6 / 2)
    assert excess.overshot == pytest.approx(10 * 0.5**6 / 2)


def test_the_bowl_of_a_regression_is_its_mean_squared_error():
    rng = np.random.default_rng(1)
    rows = Rows(x=rng.normal(size=(50, 2)).astype("f4"), y=rng.normal(size=50).astype("f4"))
    bowl, weights = train_bowl(rows), np.array([0.3, -0.2, 0.1])

    error = rows.x @ weights[:2] + weights[2] - rows.y
    assert sum(bowl.excess(weights, 0.1, 0)) + bowl.floor == pytest.approx((error**2).mean())


@pytest.mark.parametrize(
    ("share", "truth"), [(0.0002, "too small"), (0.9, "right"), (3.0, "diverges")]
)
def test_a_linear_problem_trained_by_whole_batches_goes_as_its_curvature_says(share, truth):
    problem = linear_problem(np.random.default_rng(3))
    rows, bowl = len(problem.train.y), train_bowl(problem.train)
    config = dataclasses.replace(
        problem.configs[0], learning_rate=share / bowl.steepest, batch_size=rows, epochs=400
    )
    trained = train_problem(
        dataclasses.replace(problem, configs=(config,)), seed=1, seeds=1, population=0
    )

    assert true_of(linear_truths(trained, seeds=1)) == {truth}
    if truth == "right":
        assert end_loss(trained.seen[0][0]) == pytest.approx(bowl.floor, rel=0.05)


def test_a_rate_between_its_equals_is_right():
    trained = ladder_of([0.9, 0.5, 0.3, 0.3, 0.3, 0.4, 0.9], 3)

    assert true_of(ladder_truths(trained, seeds=1)) == {"right"}


def test_a_rate_is_too_small_if_three_times_of_it_ends_lower():
    trained = ladder_of([0.9, 0.5, 0.3, 0.3, 0.3, 0.4, 0.9], 1)

    assert true_of(ladder_truths(trained, seeds=1)) == {"too small"}


def test_a_rate_is_too_large_if_a_third_of_it_ends_lower():
    trained = ladder_of([0.9, 0.5, 0.3, 0.3, 0.3, 0.4, np.inf], 5)

    assert true_of(ladder_truths(trained, seeds=1)) == {"too large"}


def test_a_loss_that_ends_at_more_than_twice_its_start_diverges():
    trained = ladder_of([0.9, 0.5, 0.3, 0.3, 0.3, 30.0, np.inf], 5)

    assert true_of(ladder_truths(trained, seeds=1)) == {"diverges"}
