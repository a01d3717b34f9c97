import math

import numpy as np
import pandas as pd
import pytest

from studies.statistics.adequate import smallest_adequate
from studies.statistics.comparisons import FoldSizes, within_one_error
from studies.statistics.intervals import paired_interval

SIZES = {"small": 10, "middle": 100, "large": 1000}


def scores(*means, pairs=10, spread=0.01, seed=0):
    rng = np.random.default_rng(seed)
    noise = rng.normal(0, 1, (pairs, 1)) + rng.normal(0, spread, (pairs, len(means)))
    return pd.DataFrame(noise + means, columns=list(SIZES)[: len(means)])


def test_the_smallest_arm_as_good_as_the_best_is_chosen_and_compared_with_it():
    table = scores(0.5, 0.9, 0.9, seed=7)
    found = smallest_adequate(table, SIZES, margin=0.05)
    interval = paired_interval(table["middle"], table["large"])

    assert (found.arm, found.best) == ("middle", "large")
    assert found.as_good == ("middle", "large")
    assert (found.difference.low, found.difference.high) == (interval.low, interval.high)
    assert found.equivalent
    assert found.pairs == 10


def test_capacity_decides_what_is_small_not_the_order_of_the_arms():
    table = scores(0.9, 0.9, 0.9, seed=1)
    chosen = {arm: within_one_error(table.to_numpy().T)[i] for i, arm in enumerate(table)}
    found = smallest_adequate(table, {"small": 1000, "middle": 100, "large": 10}, margin=0.05)
    expected = [arm for arm in ("large", "middle", "small") if chosen[arm]]

    assert list(found.as_good) == expected
    assert found.arm == expected[0]


def test_an_arm_that_is_adequate_need_not_be_equivalent():
    table = scores(0.5, 0.9, 0.9, spread=0.3)
    found = smallest_adequate(table, SIZES, margin=0.01)

    assert not found.equivalent
    assert found.equivalence_p > 0.05


def test_the_best_arm_itself_must_surely_not_be_beaten():
    # It is the best by chance alone: whether another is better by the margin cannot be told.
    found = smallest_adequate(scores(0.9, 0.9, spread=0.5, seed=2), SIZES, margin=0.01)

    assert found.arm == found.best == "small"
    assert (found.difference.low, found.difference.high) == (0, 0)
    assert not found.equivalent


def test_few_pairs_are_described_only():
    found = smallest_adequate(scores(0.5, 0.9, 0.9, pairs=4), SIZES, margin=0.05)

    assert found.arm in {"middle", "large"}
    assert math.isnan(found.equivalence_p)
    assert not found.equivalent


def test_a_single_pair_names_the_best():
    found = smallest_adequate(scores(0.5, 0.9, 0.7, pairs=1), SIZES, margin=0.05)
    assert (found.arm, found.as_good, found.pairs) == ("middle", ("middle",), 1)


def test_a_single_arm_is_adequate():
    found = smallest_adequate(scores(0.5), SIZES, margin=0.05)
    assert (found.arm, found.best, found.equivalent) == ("small", "small", True)


def test_pairs_without_every_arm_are_left_out():
    table = scores(0.5, 0.9, 0.9)
    table.iloc[0, 0] = math.nan
    assert smallest_adequate(table, SIZES, margin=0.05).pairs == 9


def test_without_a_whole_pair_there_is_nothing_to_choose_from():
    table = scores(0.5, 0.9)
    table["middle"] = math.nan
    with pytest.raises(ValueError, match="no pair has a score of every arm"):
        smallest_adequate(table, SIZES, margin=0.05)


def test_a_margin_is_above_zero():
    with pytest.raises(ValueError, match="margin must be above 0, got 0"):
        smallest_adequate(scores(0.5), SIZES, margin=0)


def test_folds_are_averaged_over_seeds_and_make_equivalence_harder():
    table = scores(0.9, 0.9, pairs=20, spread=0.1)
    table.index = pd.MultiIndex.from_product([range(2), range(10)], names=["replicate", "fold"])
    folds = FoldSizes(trained_on=90, tested_on=10)
    means = table.groupby(level="fold").mean()
    corrected = smallest_adequate(table, SIZES, margin=0.1, folds=folds)
    plain = smallest_adequate(means, SIZES, margin=0.1)

    assert corrected.pairs == 10
    assert corrected.equivalence_p > plain.equivalence_p


@pytest.mark.parametrize("errors", [1.0, 2.0])  # the margin, in standard errors of a difference
def test_an_arm_two_margins_worse_is_called_equivalent_in_at_most_three_per_cent(errors):
    margin = errors / math.sqrt(10)
    rng = np.random.default_rng(3)
    means = [-2 * margin, -2 * margin, 0.0]  # a difference has a deviation of 1
    noise = rng.normal(0, math.sqrt(0.5), (300, 10, 3))
    found = [
        smallest_adequate(pd.DataFrame(means + rows, columns=list(SIZES)), SIZES, margin=margin)
        for rows in noise
    ]
    wrong = np.mean([one.equivalent and one.arm != "large" for one in found])
    chosen = np.mean([one.arm != "large" for one in found])

    assert wrong <= 0.03
    assert chosen <= (0.35 if errors == 1 else 0.02)
