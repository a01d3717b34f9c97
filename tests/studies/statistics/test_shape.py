import math

import numpy as np
import pandas as pd
import pytest

from studies.statistics.shape import FEWEST_PAIRS, curve_shape, simultaneous_changes


def losses(means, *, pairs=10, spread=0.1, seed=0):
    """Losses of arms s0, s1 ... in the order of capacity, over pairs that share much."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(0, 3, (pairs, 1)) + rng.normal(0, spread, (pairs, len(means)))
    return pd.DataFrame(noise + means, columns=[f"s{place}" for place in range(len(means))])


@pytest.mark.parametrize(
    ("means", "shape", "turns"),
    [
        ([5, 3, 2, 1, 1], "falling", ["s0", "*"]),
        ([1, 1, 2, 3, 4], "rising", ["*", "s4"]),
        ([4, 2, 1, 2, 5], "U", ["s0", "s2", "s4"]),
        ([1, 2, 4, 2, 1.5], "peak", ["s0", "s2", "s4"]),
        ([5, 2, 4, 6, 1], "double descent", ["s0", "s1", "s3", "s4"]),
        ([5, 2, 4, 1, 3], "irregular", ["s0", "s1", "s2", "s3", "s4"]),
        ([1, 1, 1, 1], "flat", []),
    ],
)
def test_each_shape_is_found_where_it_is_clear(means, shape, turns):
    found = curve_shape(losses(means), margin=0.5)
    places = [move.start for move in found.moves] + [move.end for move in found.moves[-1:]]

    assert found.shape == shape
    assert len(places) == len(turns)
    assert all(expected in {"*", place} for place, expected in zip(places, turns, strict=True))


def test_double_descent_comes_with_its_numbers():
    table = losses([5, 2, 4, 6, 1])
    found = curve_shape(table, margin=0.5)
    rise = found.moves[1]

    assert (found.lowest, found.peak, found.pairs) == ("s4", "s3", 10)
    assert (rise.start, rise.end) == ("s1", "s3")
    assert rise.change.estimate == pytest.approx((table["s3"] - table["s1"]).mean())
    assert rise.change.low < 4 < rise.change.high
    assert found.largest_rise == rise
    assert (found.largest_fall.start, found.largest_fall.end) == ("s3", "s4")


def test_a_rise_that_may_be_noise_leaves_a_curve_falling_and_is_named():
    found = curve_shape(losses([9, 5, 0, 0.3], spread=1, seed=1), margin=0.2)

    assert found.shape == "falling"
    assert found.peak is None
    assert found.largest_rise.change.low < 0 < found.largest_rise.change.high


def test_a_move_smaller_than_the_margin_does_not_count():
    clear = losses([1.0, 1.1, 1.0], spread=0.001)

    assert curve_shape(clear, margin=0.05).shape == "peak"
    assert curve_shape(clear, margin=0.2).shape == "flat"


def test_noise_that_hides_the_margin_leaves_it_undecided():
    found = curve_shape(losses([1, 1, 1, 1], spread=2), margin=0.1)
    assert (found.shape, found.moves) == ("undecided", ())


def test_too_few_pairs_leave_it_undecided():
    found = curve_shape(losses([9, 5, 0], pairs=FEWEST_PAIRS - 1), margin=0.1)

    assert found.shape == "undecided"
    assert math.isnan(found.largest_rise.change.low)


def test_a_pair_without_every_arm_is_left_out():
    table = losses([5, 3, 1])
    table.iloc[2, 1] = math.nan
    assert curve_shape(table, margin=0.5).pairs == 9


def test_no_pairs_have_no_shape():
    found = curve_shape(losses([5, 3, 1], pairs=1).iloc[:0], margin=0.5)
    assert (found.shape, found.pairs, found.moves) == ("undecided", 0, ())


def test_arms_that_are_equal_in_every_pair_are_flat():
    table = losses([1.0, 1.0])
    table["s1"] = table["s0"]
    assert curve_shape(table, margin=0.1).shape == "flat"


@pytest.mark.parametrize("arms", [[], ["s0"]])
def test_a_shape_needs_two_arms(arms):
    with pytest.raises(ValueError, match=f"2 arms or more, got {len(arms)}"):
        curve_shape(losses([1, 2])[arms], margin=0.1)


def test_a_margin_is_above_zero():
    with pytest.raises(ValueError, match="margin must be above 0, got -1"):
        curve_shape(losses([1, 2]), margin=-1)


def said(noise):
    """Shapes that noise alone is given, each row [pairs, arms]."""
    return pd.Series(
        [
            curve_shape(pd.DataFrame(rows, columns=list("abcdefgh")), margin=1e-9).shape
            for rows in noise
        ]
    )


@pytest.mark.parametrize("spreads", [[1.0] * 8, [0.2, 0.2, 0.3, 0.5, 1, 3, 2, 1]])
def test_a_flat_noisy_curve_is_said_to_move_at_most_once_in_twenty_times(spreads):
    shapes = said(np.random.default_rng(2).normal(0, spreads, (600, 10, 8)))

    assert (shapes != "undecided").mean() <= 0.07
    assert shapes.isin(["rising", "U", "peak", "double descent"]).mean() <= 0.05


def test_losses_with_a_long_upper_tail_are_said_to_rise_at_most_once_in_twenty_times():
    shapes = said(np.random.default_rng(3).gamma(1, 1, (600, 10, 8)))
    assert shapes.isin(["rising", "U", "peak", "double descent"]).mean() <= 0.05


@pytest.mark.parametrize("pairs", [8, pytest.param(15, marks=pytest.mark.slow)])
@pytest.mark.parametrize("means", [np.zeros(6), np.arange(6) * 3.0, [6, 2, 0, 0, 0, 1]])
def test_the_intervals_of_all_changes_hold_at_once(pairs, means):
    rng = np.random.default_rng(4)
    earlier, later = np.triu_indices(6, 1)
    truth = np.array(means)[later] - np.array(means)[earlier]
    covered = []
    for noise in rng.normal(0, 1, (300, pairs, 6)):
        low, high = (bound[earlier, later] for bound in simultaneous_changes(noise + means))
        covered.append(((low <= truth) & (truth <= high)).all())

    assert 0.92 <= np.mean(covered) <= 0.98


def test_a_rise_of_two_deviations_is_found_with_ten_pairs():
    rng = np.random.default_rng(5)
    means = np.array([3, 1, 0, 2 * math.sqrt(2), 0])  # a difference has a deviation of sqrt(2)
    shapes = [
        curve_shape(pd.DataFrame(means + noise), margin=0.01).shape
        for noise in rng.normal(0, 1, (200, 10, 5))
    ]
    assert np.mean([shape == "double descent" for shape in shapes]) >= 0.75
