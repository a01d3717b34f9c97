import itertools
import math

import numpy as np
import pytest
from scipy import stats

from studies.statistics.intervals import Estimate
from studies.statistics.p_values import (
    FLIPS,
    below_p,
    sign_assignments,
    sign_flip_p,
    t_p,
    wilcoxon_p,
)


def test_sign_flip_of_five_equal_signs_cannot_fall_below_one_sixteenth():
    assert sign_flip_p([1.0, 2.0, 1.5, 0.5, 3.0]) == pytest.approx(2 / 2**5)


def test_sign_flip_counts_every_assignment_exactly():
    differences = np.array([0.4, -0.1, 0.9, 0.3])
    signs = np.array(np.meshgrid(*[[-1, 1]] * 4)).reshape(4, -1).T
    means = np.abs((signs * differences).mean(axis=1))
    exact = (means >= abs(differences.mean()) - 1e-12).mean()
    assert sign_flip_p(differences) == pytest.approx(exact)


def test_sign_flip_of_many_differences_is_seeded():
    differences = np.random.default_rng(3).normal(0.3, 1, 20)
    assert sign_flip_p(differences, seed=4) == sign_flip_p(differences, seed=4)
    assert sign_flip_p(differences) == pytest.approx(
        stats.ttest_1samp(differences, 0).pvalue, abs=0.03
    )


def test_sign_flip_of_one_difference_is_missing():
    assert math.isnan(sign_flip_p([1.0]))


def test_equal_arms_are_called_different_in_five_per_cent_of_sign_flip_tests():
    differences = np.random.default_rng(4).normal(0, 1, (400, 8))
    wrong = np.mean([sign_flip_p(d) <= 0.05 for d in differences])
    assert 0.03 <= wrong <= 0.07


def test_sign_flip_equals_scipys_permutation_test():
    differences = np.random.default_rng(5).normal(0.4, 1, 9)
    expected = stats.permutation_test(
        (differences,), np.mean, permutation_type="samples", n_resamples=2**9
    )
    assert sign_flip_p(differences) == pytest.approx(expected.pvalue)


def test_differences_that_are_all_zero_are_no_evidence():
    assert sign_flip_p(np.zeros(8)) == 1
    assert wilcoxon_p(np.zeros(8)) == 1
    assert t_p(Estimate(value=0.0, se=0.0, df=7)) == 1


def test_differences_without_spread_are_certain():
    assert t_p(Estimate(value=0.1, se=0.0, df=7)) == 0
    assert below_p(Estimate(value=0.1, se=0.0, df=7), 0.2) == 0
    assert below_p(Estimate(value=0.2, se=0.0, df=7), 0.2) == 1


def test_few_values_have_every_assignment_of_signs_up_to_direction():
    signs = sign_assignments(4)

    assert sorted(map(tuple, signs)) == sorted(
        (1.0, *rest) for rest in itertools.product([-1.0, 1.0], repeat=3)
    )
    assert (signs[0] == 1).all()


def test_many_values_have_a_sample_of_assignments_with_the_observed_one_first():
    signs = sign_assignments(30, seed=1)

    assert signs.shape == (FLIPS, 30)
    assert (signs[0] == 1).all()
    assert np.abs(signs[1:, 1:].mean()) < 0.01
    assert not np.array_equal(signs, sign_assignments(30, seed=2))


@pytest.mark.parametrize("n", [2, 5, 10, 30, 60])
def test_wilcoxon_of_distinct_differences_equals_scipy(n):
    differences = np.random.default_rng(n).normal(0.3, 1, n)
    method = "exact" if n <= 50 else "asymptotic"
    assert wilcoxon_p(differences) == pytest.approx(
        stats.wilcoxon(differences, method=method).pvalue
    )


def test_wilcoxon_with_ties_and_zeros_counts_every_assignment_exactly():
    differences = np.array([0.0, 1, 1, -1, 2, 0, 3])
    ranks = np.array([1.5, 4, 4, 4, 6, 1.5, 7])  # Pratt: zeros have ranks, and are then dropped
    sums = [
        abs(sum(sign * rank for sign, rank, d in zip(signs, ranks, differences, strict=True) if d))
        for signs in itertools.product([-1, 1], repeat=7)
    ]
    observed = abs(sum(np.sign(differences) * ranks))
    assert wilcoxon_p(differences) == pytest.approx(np.mean(np.array(sums) >= observed))


def test_five_pairs_of_one_sign_stay_above_one_in_twenty():
    assert wilcoxon_p([1, 2, 3, 4, 5]) == pytest.approx(2 / 2**5)


@pytest.mark.parametrize("test", [wilcoxon_p, sign_flip_p])
def test_fewer_than_two_differences_have_no_p(test):
    assert math.isnan(test([1.0]))
    assert math.isnan(test([]))


@pytest.mark.parametrize("rows", [20, 360])
def test_wilcoxon_on_scores_with_ties_is_wrong_at_most_once_in_twenty_times(rows):
    rng = np.random.default_rng(6)  # accuracies over few rows: many zeros and ties
    scores = rng.binomial(rows, 0.9, (2, 800, 10)) / rows
    wrong = np.mean([wilcoxon_p(d) <= 0.05 for d in scores[0] - scores[1]])
    assert 0.02 <= wrong <= 0.06
