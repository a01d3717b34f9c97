import math

import numpy as np
import pytest
from scipy import stats

from studies.statistics.intervals import (
    Estimate,
    Interval,
    critical_value,
    difference_estimate,
    difference_interval,
    exact_share_interval,
    mean_interval,
    paired_interval,
    proportion_interval,
    replicates_needed,
)


def covers(interval, truth):
    return interval.low <= truth <= interval.high


def test_mean_interval_equals_scipy():
    values = [0.91, 0.93, 0.92, 0.95, 0.90]
    low, high = stats.t.interval(0.95, 4, np.mean(values), stats.sem(values))
    assert mean_interval(values) == Interval(
        estimate=pytest.approx(0.922), low=pytest.approx(low), high=pytest.approx(high)
    )


def test_mean_interval_of_nothing_is_missing():
    interval = mean_interval([])
    assert math.isnan(interval.estimate)
    assert math.isnan(interval.low)


def test_mean_interval_of_one_value_has_no_bounds():
    interval = mean_interval([0.5])
    assert interval.estimate == 0.5
    assert math.isnan(interval.low)
    assert math.isnan(interval.high)
    assert not interval.excludes(0.0)


def test_mean_interval_leaves_out_missing_values():
    assert mean_interval([1.0, math.nan, 3.0]) == mean_interval([1.0, 3.0])


def test_constant_values_have_an_interval_of_width_zero():
    assert mean_interval([2.0, 2.0, 2.0]) == Interval(estimate=2.0, low=2.0, high=2.0)


def test_critical_value_of_many_rows_is_the_normal_one():
    assert critical_value() == pytest.approx(1.959964, abs=1e-6)


def test_critical_value_without_degrees_of_freedom_is_out_of_reach():
    assert math.isinf(critical_value(df=0))


def test_critical_value_grows_with_the_number_of_comparisons():
    assert critical_value(comparisons=10) == pytest.approx(stats.norm.isf(0.0025))


def test_difference_of_two_estimates_adds_their_variances():
    interval = difference_interval(Estimate(value=1.0, se=0.3), Estimate(value=0.4, se=0.4))
    assert interval.low == pytest.approx(0.6 - 1.959964 * 0.5, abs=1e-6)
    assert interval.high == pytest.approx(0.6 + 1.959964 * 0.5, abs=1e-6)


def test_difference_of_two_samples_has_welch_degrees_of_freedom():
    a, b = [1.0, 2.0, 4.0, 3.0], [2.0, 2.5, 9.0]
    first = Estimate(value=float(np.mean(a)), se=float(stats.sem(a)), df=3)
    second = Estimate(value=float(np.mean(b)), se=float(stats.sem(b)), df=2)
    welch = stats.ttest_ind(a, b, equal_var=False)
    assert difference_estimate(first, second).df == pytest.approx(welch.df)
    low, high = welch.confidence_interval(0.95)
    interval = difference_interval(first, second)
    assert (interval.low, interval.high) == pytest.approx((low, high))


def test_difference_without_a_standard_error_has_no_bounds():
    interval = difference_interval(Estimate(value=1.0, se=math.nan), Estimate(value=0.0, se=0.1))
    assert interval.estimate == 1.0
    assert math.isnan(interval.low)


def test_paired_interval_equals_scipy():
    a, b = [3.0, 5.0, 4.0, 6.0], [2.0, 4.5, 4.2, 5.0]
    low, high = stats.ttest_rel(a, b).confidence_interval(0.95)
    interval = paired_interval(a, b)
    assert (interval.low, interval.high) == pytest.approx((low, high))


def test_paired_interval_refuses_unequal_lengths():
    with pytest.raises(ValueError, match="equal lengths, got 2 and 1"):
        paired_interval([1.0, 2.0], [1.0])


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(0, 10, 0.0, 0.3085), (1, 10, 0.0025, 0.4450), (5, 10, 0.1871, 0.8129), (3, 3, 0.2924, 1.0)],
)
def test_an_exact_share_interval_has_the_bounds_of_the_tables(successes, trials, low, high):
    interval = exact_share_interval(successes, trials)
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=5e-5)
    assert interval.estimate == successes / trials


def test_an_exact_share_interval_of_nothing_has_no_bounds():
    assert math.isnan(exact_share_interval(0, 0).high)


@pytest.mark.parametrize("share", [0.02, 0.3])
def test_an_exact_share_interval_of_few_trials_covers_at_least_as_often_as_it_says(share):
    counts = np.arange(13)
    covered = [covers(exact_share_interval(int(k), 12), share) for k in counts]
    assert stats.binom.pmf(counts, 12, share)[covered].sum() >= 0.95


def test_proportion_interval_equals_scipy():
    wilson = stats.binomtest(57, 60).proportion_ci(0.95, method="wilson")
    interval = proportion_interval(0.95, 60)
    assert (interval.low, interval.high) == pytest.approx((wilson.low, wilson.high))


def test_proportion_interval_of_a_perfect_score_has_a_width():
    interval = proportion_interval(1.0, 36)
    assert interval.high == 1.0
    assert interval.low == pytest.approx(0.9036, abs=1e-4)


@pytest.mark.parametrize(("share", "rows"), [(math.nan, 10), (0.5, 0)])
def test_proportion_interval_without_rows_or_share_has_no_bounds(share, rows):
    assert math.isnan(proportion_interval(share, rows).low)


def test_replicates_needed_are_the_fewest_whose_interval_is_narrow_enough():
    n = replicates_needed(1.0, 0.5)
    assert critical_value(df=n - 1) / math.sqrt(n) < 0.5
    assert critical_value(df=n - 2) / math.sqrt(n - 1) >= 0.5


def test_replicates_needed_for_no_effect_are_unknown():
    assert replicates_needed(1.0, 0.0) is None
    assert replicates_needed(math.nan, 1.0) is None
    assert replicates_needed(1.0, 1e-9) is None


def test_t_intervals_cover_as_often_as_they_say():
    samples = np.random.default_rng(0).normal(1.0, 2.0, (3000, 5))
    share = np.mean([covers(mean_interval(sample), 1.0) for sample in samples])
    assert 0.94 <= share <= 0.96


@pytest.mark.slow
def test_difference_intervals_cover_as_often_as_they_say():
    rng = np.random.default_rng(1)
    a, b = rng.normal(0.0, 1.0, (2000, 200)), rng.normal(0.0, 3.0, (2000, 100))
    hits = [
        covers(
            difference_interval(
                Estimate(value=x.mean(), se=stats.sem(x)), Estimate(value=y.mean(), se=stats.sem(y))
            ),
            0.0,
        )
        for x, y in zip(a, b, strict=True)
    ]
    assert 0.93 <= np.mean(hits) <= 0.97


def test_equal_arms_are_called_different_in_five_per_cent_of_paired_intervals():
    rng = np.random.default_rng(2)
    seeds = rng.normal(0, 1, (3000, 10, 1))  # what both arms share
    arms = seeds + rng.normal(0, 0.5, (3000, 10, 2))
    wrong = np.mean([paired_interval(x[:, 0], x[:, 1]).excludes(0.0) for x in arms])
    assert 0.03 <= wrong <= 0.07


def test_a_planted_effect_of_one_deviation_is_found_with_ten_seeds():
    differences = np.random.default_rng(5).normal(1.0, 1.0, (1000, 10))
    found = np.mean([mean_interval(d).excludes(0.0) for d in differences])
    assert found >= 0.75
