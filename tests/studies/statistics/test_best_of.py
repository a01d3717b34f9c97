import itertools
import math

import numpy as np
import pytest
from scipy import stats

from studies.statistics.best_of import best_of, draws_needed, expected_best


@pytest.mark.parametrize("k", [1, 2, 3, 5])
def test_expected_best_is_the_mean_over_all_draws(k):
    losses = np.array([3.0, 1.0, 2.0, 7.0, 5.0])
    draws = [min(draw) for draw in itertools.combinations(losses, k)]
    assert expected_best(losses, k) == pytest.approx(np.mean(draws))


def test_the_best_of_many_equal_draws_looks_better_by_chance_as_known():
    # The expected largest of 10 normal draws is 1.5388 (tables of order statistics).
    values = stats.norm.ppf((np.arange(100_000) + 0.5) / 100_000)
    assert expected_best(values, 10) == pytest.approx(-1.5388, abs=1e-3)
    assert expected_best(values, 1000) == pytest.approx(-3.2414, abs=5e-3)


def test_scores_are_the_mirror_of_losses():
    values = np.random.default_rng(0).normal(size=40)
    losses, scores = best_of(values, 3), best_of(-values, 3, goal="max")

    for name in ("expected", "median"):
        loss, score = getattr(losses, name), getattr(scores, name)
        assert (score.low, score.estimate, score.high) == (-loss.high, -loss.estimate, -loss.low)


@pytest.mark.parametrize(("n", "k", "bounded"), [(19, 1, False), (20, 2, True), (20, 3, False)])
def test_the_bootstrap_needs_twenty_values_and_ten_a_draw(n, k, bounded):
    expected = best_of(np.random.default_rng(1).normal(size=n), k).expected

    assert math.isfinite(expected.estimate)
    assert math.isfinite(expected.low) == bounded
    assert not bounded or expected.low < expected.estimate < expected.high


def test_equal_values_have_an_interval_of_width_zero():
    expected = best_of(np.full(20, 0.3), 2).expected
    assert (expected.low, expected.high) == pytest.approx((0.3, 0.3))


def test_the_interval_repeats_with_its_seed():
    values = np.random.default_rng(2).normal(size=30)
    assert best_of(values, 3, seed=1) == best_of(values, 3, seed=1)


def test_the_bounds_of_a_median_are_those_of_the_tables():
    # Ten values: the 2nd and the 9th bound the median with 97.9 % (Conover 1999, table A3).
    median = best_of(np.arange(1.0, 11.0), 1).median
    assert (median.low, median.estimate, median.high) == pytest.approx((2, 5.5, 9))


def test_a_bound_that_too_few_values_cannot_give_is_missing():
    median = best_of(np.arange(10.0), 5).median

    assert math.isnan(median.low)
    assert median.high == 4.0


@pytest.mark.parametrize(("k", "message"), [(0, "from 1 to 3"), (4, "from 1 to 3")])
def test_more_draws_than_values_cannot_be_judged(k, message):
    with pytest.raises(ValueError, match=message):
        best_of([1.0, 2.0, 3.0], k)


@pytest.mark.parametrize("values", [[], [1.0, math.nan], [1.0, math.inf]])
def test_a_lost_draw_needs_a_value(values):
    with pytest.raises(ValueError, match="finite and not empty"):
        best_of(values, 1)


def test_the_draws_needed_come_within_the_margin_and_one_fewer_do_not():
    scores = np.random.default_rng(3).normal(0.9, 0.02, 30)
    k = draws_needed(scores, 0.01, goal="max")
    behind = [scores.max() + expected_best(-scores, one) for one in (k - 1, k)]

    assert 1 < k < 30
    assert behind[0] > 0.01 >= behind[1]


@pytest.mark.parametrize(("margin", "k"), [(0.0, 4), (100.0, 1)])
def test_the_draws_needed_lie_between_one_and_all(margin, k):
    assert draws_needed([3.0, 1.0, 2.0, 9.0], margin) == k


@pytest.mark.parametrize("draw", ["normal", "lognormal", "negative lognormal"])
@pytest.mark.parametrize("k", [1, 3, 10])
def test_the_interval_of_the_median_covers_whatever_the_distribution(draw, k):
    rng = np.random.default_rng(4)
    share = 1 - 0.5 ** (1 / k)
    quantile, change = {
        "normal": (stats.norm.ppf(share), lambda x: x),
        "lognormal": (math.exp(stats.norm.ppf(share)), np.exp),
        "negative lognormal": (-math.exp(-stats.norm.ppf(share)), lambda x: -np.exp(-x)),
    }[draw]
    medians = [best_of(change(rng.normal(size=19)), k).median for _ in range(300)]
    assert np.mean([not median.excludes(quantile) for median in medians]) >= 0.93


@pytest.mark.slow
@pytest.mark.parametrize(("n", "k"), [(20, 2), (60, 5)])
def test_the_bootstrap_interval_covers_in_nine_cases_of_ten(n, k):
    rng = np.random.default_rng(5)
    truth = expected_best(stats.norm.ppf((np.arange(100_000) + 0.5) / 100_000), k)
    found = [best_of(rng.normal(size=n), k).expected for _ in range(200)]
    assert np.mean([not one.excludes(truth) for one in found]) >= 0.9
