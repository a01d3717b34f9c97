import dataclasses

import numpy as np
import pytest

from studies.bench.arms import MANY_SEEDS, equal_arms, judge_equal, unequal_arms, unequal_truths
from studies.bench.training import TrainedProblem
from sweep.records import HISTORY_COLUMNS, TrainingHistory


def history(loss):
    array = np.full((3, len(HISTORY_COLUMNS)), loss)
    return TrainingHistory(array=array)


def equal_cases(deviation):
    rng = np.random.default_rng(0)
    problem = equal_arms(rng)
    seen = (tuple(history(1 + deviation * rng.normal()) for _ in range(MANY_SEEDS)),)
    run = TrainedProblem(problem=problem, seeds=(), seen=seen, population=())
    return list(judge_equal(run))


def test_each_seed_stands_in_one_comparison_only():
    cases = equal_cases(0.1)

    assert len([case for case in cases if (case.family, case.seeds) == ("equal arms", 10)]) == 5


def test_equal_arms_of_little_spread_are_called_equivalent():
    cases = [case for case in equal_cases(0.001) if case.family == "equal arms"]

    assert {case.said for case in cases} == {"equivalent"}
    assert {case.truths["better"] for case in cases} == {0}


def test_a_planted_effect_is_better_whatever_the_spread():
    for deviation in (0.001, 0.1):
        cases = [case for case in equal_cases(deviation) if case.family == "planted effects"]
        assert {case.truths["better"] for case in cases} == {1}
        assert sum(case.said == "better" for case in cases if case.seeds == 10) >= 3


def test_unequal_arms_differ_in_one_setting():
    first, second = unequal_arms(np.random.default_rng(1)).configs
    before, after = dataclasses.asdict(first), dataclasses.asdict(second)

    assert sum(before[name] != after[name] for name in before) == 1


@pytest.mark.parametrize(
    ("difference", "better", "equivalent"), [(0.2, 1, 0), (-0.2, 0, 0), (0.02, 1, 1), (0, 0.5, 1)]
)
def test_the_truth_of_unequal_arms_is_their_mean_over_many_seeds(difference, better, equivalent):
    noise = np.tile([-0.01, 0.01], 50)
    second = 1 + difference + noise[::-1] * np.tile([1, 1, -1, -1], 25)

    truths = unequal_truths(np.array([1 + noise, second]))

    assert (truths["better"], truths["worse"]) == (better, 1 - better)
    assert truths["equivalent"] == equivalent
