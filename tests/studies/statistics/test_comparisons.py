import functools
import math

import numpy as np
import pytest
from scipy import stats

from studies.statistics.comparisons import FoldSizes, compare, within_one_error
from studies.statistics.power import FEWEST_PAIRS

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
    assert comparison.wilcoxon_p == pytest.approx(stats.wilcoxon(first, second).pvalue)


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
    assert not math.isnan(comparison.difference.low)
    for p in ("p", "sign_flip_p", "wilcoxon_p", "equivalence_p"):
        assert math.isnan(getattr(comparison, p))


def test_an_undecided_comparison_says_how_many_more_seeds_would_settle_it():
    noise = stats.norm.ppf(np.linspace(0.05, 0.95, 10))
    undecided = compare(0.3 + noise, np.zeros(10), margin=0.1)
    decided = compare(2 + noise, np.zeros(10), margin=0.1)

    assert undecided.verdict == "undecided"
    assert 50 < undecided.seeds_needed < 100  # (2.8 / 0.3)**2 pairs of deviation 1, about
    assert decided.seeds_needed is None


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


NULLS = {
    "normal": lambda rng, shape: rng.normal(0, 1, shape),
    "heavy tails": lambda rng, shape: rng.standard_t(3, shape),
    "skewed": lambda rng, shape: rng.gamma(4, 1, shape) - 4,  # skewness 1
    "skewed arms": lambda rng, shape: rng.lognormal(0, 1, shape) - rng.lognormal(0, 1, shape),
}


def simulate(differences):
    """Compare two arms that share much, once for each row of differences."""
    shared = np.random.default_rng(7).normal(0, 3, differences.shape)
    return [compare(a, b, margin=1e-9) for a, b in zip(shared + differences, shared, strict=True)]


@functools.cache
def equal_arms(kind):
    return simulate(NULLS[kind](np.random.default_rng(2), (REPEATS // 4, 10)))


@pytest.mark.parametrize(
    "kind",
    [
        "normal",
        "skewed",
        pytest.param("heavy tails", marks=pytest.mark.slow),
        pytest.param("skewed arms", marks=pytest.mark.slow),
    ],
)
def test_equal_arms_are_told_apart_once_in_twenty_times_and_intervals_cover(kind):
    equal = equal_arms(kind)
    false = np.mean([one.verdict in {"better", "worse"} for one in equal])
    covered = np.mean([not one.difference.excludes(0) for one in equal])

    assert 0.03 <= false <= 0.07
    assert 0.93 <= covered <= 0.97


@pytest.mark.slow
@pytest.mark.parametrize("p", ["sign_flip_p", "wilcoxon_p"])
def test_the_tests_without_a_distribution_are_wrong_once_in_twenty_times(p):
    false = np.mean([getattr(one, p) <= 0.05 for one in equal_arms("heavy tails")])

    assert 0.03 <= false <= 0.07


def test_a_difference_of_one_deviation_is_found_with_ten_pairs():
    planted = simulate(np.random.default_rng(2).normal(1, 1, (REPEATS // 4, 10)))
    found = np.mean([one.verdict == "better" for one in planted])

    assert found >= 0.75
    assert not any(one.verdict == "worse" for one in planted)


@pytest.mark.slow
@pytest.mark.parametrize(("truth", "share"), [(1.0, 0.05), (0.0, 0.75)])
def test_arms_a_margin_apart_are_called_equivalent_once_in_twenty_times(truth, share):
    margin = 1.0  # of deviations, over 10 pairs
    rows = truth * margin + np.random.default_rng(9).normal(0, 1, (REPEATS // 4, 10))
    equivalent = np.mean([compare(d, d * 0, margin=margin).verdict == "equivalent" for d in rows])

    if truth < margin:
        assert equivalent >= share
    else:
        assert equivalent == pytest.approx(share, abs=0.02)


def test_folds_that_share_rows_widen_everything_as_published():
    differences = np.random.default_rng(4).normal(0.1, 1, 10)
    folds = FoldSizes(trained_on=900, tested_on=100)
    corrected = compare(differences, np.zeros(10), margin=2.0, folds=folds)
    plain = compare(differences, np.zeros(10), margin=2.0)
    test = stats.ttest_1samp(differences, 0)

    # Nadeau and Bengio: the variance times (1/n + 1/9) n, of 10 folds.
    wider = math.sqrt(1 + 10 / 9)
    width = test.confidence_interval().high - test.confidence_interval().low
    assert corrected.difference.high - corrected.difference.low == pytest.approx(width * wider)
    assert corrected.difference.estimate == pytest.approx(differences.mean())
    assert corrected.p == pytest.approx(2 * stats.t.sf(abs(test.statistic) / wider, 9))
    room = (2.0 - abs(differences.mean())) / (stats.sem(differences) * wider)
    assert corrected.equivalence_p == pytest.approx(stats.t.sf(room, 9))
    assert corrected.detectable == pytest.approx(plain.detectable * wider)


def test_folds_have_no_test_that_takes_them_for_independent_and_no_more_seeds():
    folds = FoldSizes(trained_on=900, tested_on=100)
    comparison = compare(np.arange(10.0), np.arange(10.0)[::-1] * 1.1, margin=0.1, folds=folds)

    assert comparison.verdict == "undecided"
    assert math.isnan(comparison.sign_flip_p)
    assert math.isnan(comparison.wilcoxon_p)
    assert comparison.seeds_needed is None


ROWS, HELD_OUT, FEATURES = 60, 12, 10


def ridge(features, target, strength):
    transposed = np.swapaxes(features, -1, -2)
    penalty = strength * np.eye(FEATURES)
    return np.linalg.solve(transposed @ features + penalty, transposed @ target[..., None])[..., 0]


def draw_rows(rng, data_sets, rows):
    """Draw data sets of a linear truth with noise of variance 1."""
    features = rng.normal(size=(data_sets, rows, FEATURES))
    return features, features @ np.full(FEATURES, 0.2) + rng.normal(size=(data_sets, rows))


def loss_differences(features, target, tested):
    """Return the squared loss on held-out rows of a weak minus a strong ridge [data sets]."""
    trained = np.setdiff1d(np.arange(ROWS), tested)
    losses = []
    for strength in (0.1, 30.0):
        weights = ridge(features[:, trained], target[:, trained], strength)
        errors = target[:, tested] - (features[:, tested] @ weights[..., None])[..., 0]
        losses.append((errors**2).mean(axis=1))
    return losses[0] - losses[1]


@pytest.fixture(scope="module")
def true_difference():
    """The expected difference of the two ridges' risks, which have a closed form."""
    rng = np.random.default_rng(10)
    features, target = draw_rows(rng, 20_000, ROWS - HELD_OUT)
    risks = [
        ((ridge(features, target, strength) - 0.2) ** 2).sum(axis=1) for strength in (0.1, 30.0)
    ]
    return (risks[0] - risks[1]).mean()


def coverage(rows, truth, folds):
    return np.mean(
        [
            not compare(row, row * 0, margin=1.0, folds=folds).difference.excludes(truth)
            for row in rows
        ]
    )


@pytest.mark.slow
def test_the_corrected_interval_covers_over_random_splits_where_the_plain_one_does_not(
    true_difference,
):
    rng = np.random.default_rng(11)
    features, target = draw_rows(rng, 400, ROWS)
    splits = [rng.permutation(ROWS)[:HELD_OUT] for _ in range(15)]
    rows = np.stack([loss_differences(features, target, tested) for tested in splits], axis=1)

    folds = FoldSizes(trained_on=ROWS - HELD_OUT, tested_on=HELD_OUT)
    assert coverage(rows, true_difference, None) < 0.88
    assert coverage(rows, true_difference, folds) >= 0.93


def test_folds_widen_the_one_error_rule():
    scores = np.stack([np.zeros(10), np.tile([0.9, -0.1], 5)])  # 2.4 errors apart, 1.2 widened
    folds = FoldSizes(trained_on=50, tested_on=50)

    assert within_one_error(scores).tolist() == [False, True]
    assert within_one_error(scores * [[1], [0.7]], folds=folds).tolist() == [True, True]


def test_of_a_single_pair_only_the_best_is_as_good_as_the_best():
    assert within_one_error(np.array([[1.0], [2.0], [2.0]])).tolist() == [False, True, False]


def test_the_one_error_rule_looks_at_differences_not_at_what_arms_share():
    shared = np.random.default_rng(5).normal(0, 10, 20)
    wiggle = np.tile([0.1, -0.1], 10)
    scores = np.stack([shared, shared + 1 + wiggle, shared + 1.001, shared + 0.5])

    assert within_one_error(scores).tolist() == [False, True, True, False]
    assert within_one_error(scores[:1]).tolist() == [True]
