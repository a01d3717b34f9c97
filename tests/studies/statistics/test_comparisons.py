import math

import numpy as np
import pytest
from scipy import stats

from studies.statistics.comparisons import (
    FEWEST_PAIRS,
    compare,
    detectable_difference,
    fold_interval,
    within_one_error,
)

REPEATS = 4000


def test_the_tests_are_those_of_scipy():
    rng = np.random.default_rng(0)
    first, second = rng.normal(0.3, 1, 12), rng.normal(0, 1, 12)
    comparison = compare(first, second, margin=1.5)
    expected = stats.ttest_rel(first, second)
    interval = expected.confidence_interval()

    assert comparison.pairs == 12
    assert comparison.p == pytest.approx(expected.pvalue)
    assert comparison.difference.low == pytest.approx(interval.low)
    assert comparison.difference.high == pytest.approx(interval.high)
    assert comparison.sign_flip_p == pytest.approx(expected.pvalue, abs=0.05)
    one_sided = [
        stats.ttest_1samp(first - second, -1.5, alternative="greater").pvalue,
        stats.ttest_1samp(first - second, 1.5, alternative="less").pvalue,
    ]
    assert comparison.equivalence_p == pytest.approx(max(one_sided))
    assert comparison.superiority == (first > second).mean()


@pytest.mark.parametrize(
    ("shift", "spread", "margin", "expected"),
    [
        (1.0, 0.1, 0.2, "better"),
        (-1.0, 0.1, 0.2, "worse"),
        (0.01, 0.02, 0.2, "equivalent"),
        (0.1, 0.01, 0.2, "equivalent"),  # it is there, and it does not matter
        (0.1, 1.0, 0.2, "undecided"),
    ],
)
def test_each_verdict_is_given_where_it_holds(shift, spread, margin, expected):
    second = np.random.default_rng(1).normal(0, 5, 10)  # what pairs share falls out
    noise = stats.norm.ppf(np.linspace(0.05, 0.95, 10))
    comparison = compare(second + shift + spread * noise, second, margin=margin)

    assert comparison.verdict == expected


def test_few_pairs_are_described_only():
    few = FEWEST_PAIRS - 1
    comparison = compare(np.arange(few) + 5.0, np.arange(few) * 1.01, margin=0.1)

    assert comparison.verdict == "undecided"
    assert comparison.difference.estimate == pytest.approx(5 - 0.015)
    assert comparison.superiority == 1


def test_pairs_with_a_missing_score_are_left_out_and_equal_arms_are_equivalent():
    first = np.array([1, 2, math.nan, 4, 5, 6, 7])
    second = np.array([1, 2, 3, 4, 5, math.nan, 7])
    comparison = compare(first, second, margin=0.1)

    assert (comparison.verdict, comparison.pairs) == ("equivalent", 5)
    assert (comparison.p, comparison.equivalence_p, comparison.superiority) == (1, 0, 0.5)


def test_nothing_follows_from_no_pairs():
    comparison = compare([math.nan], [1.0], margin=0.1)

    assert (comparison.verdict, comparison.pairs) == ("undecided", 0)
    assert all(math.isnan(value) for value in (comparison.p, comparison.superiority))
    assert math.isnan(comparison.detectable)


@pytest.mark.parametrize("margin", [0.0, -1.0, math.nan])
def test_a_margin_is_above_zero(margin):
    with pytest.raises(ValueError, match="margin must be above 0"):
        compare([1.0], [1.0], margin=margin)


def test_arms_have_equal_lengths():
    with pytest.raises(ValueError, match="equal lengths, got 1 and 2"):
        compare([1.0], [1.0, 2.0], margin=1)


@pytest.fixture(scope="module")
def simulated():
    """p values and intervals of many comparisons of 10 pairs, by the planted difference in sd."""
    rng = np.random.default_rng(2)

    def run(shift):
        shared = rng.normal(0, 3, (REPEATS // 4, 10))
        first = shared + rng.normal(shift, 1 / math.sqrt(2), shared.shape)
        second = shared + rng.normal(0, 1 / math.sqrt(2), shared.shape)
        return [compare(a, b, margin=1e-9) for a, b in zip(first, second, strict=True)]

    return {shift: run(shift) for shift in (0.0, 1.0)}


def test_equal_arms_are_told_apart_once_in_twenty_times_and_intervals_cover(simulated):
    equal = simulated[0.0]
    false = np.mean([one.verdict in {"better", "worse"} for one in equal])
    covered = np.mean([not one.difference.excludes(0) for one in equal])

    assert 0.03 <= false <= 0.07
    assert 0.93 <= covered <= 0.97


def test_a_difference_of_one_deviation_is_found_with_ten_pairs(simulated):
    planted = simulated[1.0]
    found = np.mean([one.verdict == "better" for one in planted])

    assert found >= 0.75
    assert not any(one.verdict == "worse" for one in planted)


@pytest.mark.parametrize("pairs", [5, 10, 30])
def test_the_detectable_difference_is_found_in_four_cases_of_five(pairs):
    shift = detectable_difference(2.0, pairs)
    samples = np.random.default_rng(3).normal(shift, 2.0, (REPEATS, pairs))
    p = stats.ttest_1samp(samples, 0, axis=1).pvalue

    assert (p < 0.05).mean() == pytest.approx(0.8, abs=0.03)  # 4 standard errors are 0.025


def test_folds_that_share_rows_widen_the_interval_as_published():
    differences = np.random.default_rng(4).normal(0.1, 1, 10)
    plain = stats.ttest_1samp(differences, 0).confidence_interval()
    corrected = fold_interval(differences, trained_on=900, tested_on=100)

    # Nadeau and Bengio: the variance times (1/n + 1/9) n, of 10 folds.
    wider = math.sqrt(1 + 10 / 9)
    assert corrected.high - corrected.low == pytest.approx((plain.high - plain.low) * wider)
    assert corrected.estimate == pytest.approx(differences.mean())


def test_the_one_error_rule_looks_at_differences_not_at_what_arms_share():
    shared = np.random.default_rng(5).normal(0, 10, 20)
    wiggle = np.tile([0.1, -0.1], 10)
    scores = np.stack([shared, shared + 1 + wiggle, shared + 1.001, shared + 0.5])

    assert within_one_error(scores).tolist() == [False, True, True, False]
    assert within_one_error(scores[:1]).tolist() == [True]
