import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.power import TTestPower

from studies.statistics.intervals import Estimate
from studies.statistics.power import MOST_PAIRS, detectable_difference, seeds_to_settle

REPEATS = 4000


@pytest.mark.parametrize("pairs", [5, 10, 30])
def test_the_detectable_difference_is_found_in_four_cases_of_five(pairs):
    shift = detectable_difference(2.0, pairs)
    samples = np.random.default_rng(3).normal(shift, 2.0, (REPEATS, pairs))
    p = stats.ttest_1samp(samples, 0, axis=1).pvalue

    assert (p < 0.05).mean() == pytest.approx(0.8, abs=0.03)  # 4 standard errors are 0.025


def test_the_detectable_difference_equals_statsmodels():
    expected = TTestPower().solve_power(nobs=10, alpha=0.05, power=0.8)
    assert detectable_difference(1.0, 10) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize(("deviation", "pairs"), [(1.0, 1), (math.nan, 10)])
def test_without_spread_nothing_can_be_said_of_what_is_detectable(deviation, pairs):
    assert math.isnan(detectable_difference(deviation, pairs))


def estimate(mean, pairs=10):
    return Estimate(value=mean, se=1 / math.sqrt(pairs), df=pairs - 1)


@pytest.mark.parametrize("mean", [0.3, -0.5, 0.8])
def test_the_seeds_that_show_a_difference_are_those_of_statsmodels(mean):
    total = TTestPower().solve_power(effect_size=abs(mean), alpha=0.05, power=0.8)
    assert seeds_to_settle(estimate(mean), 1e-6) == pytest.approx(total - 10, abs=1)


@pytest.mark.parametrize("mean", [0.0, 0.05, 0.2])
def test_the_seeds_that_show_an_equivalence_show_it_in_four_cases_of_five(mean):
    margin = 0.6
    total = 10 + seeds_to_settle(estimate(mean), margin)
    rows = np.random.default_rng(1).normal(mean, 1, (REPEATS, total))
    p = stats.t.sf((margin - np.abs(rows.mean(axis=1))) / stats.sem(rows, axis=1), total - 1)
    assert (p < 0.05).mean() == pytest.approx(0.8, abs=0.03)


def test_more_comparisons_need_more_seeds():
    single = seeds_to_settle(estimate(0.4), 0.1)
    assert seeds_to_settle(estimate(0.4), 0.1, confidence=1 - 0.05 / 10) > 1.5 * single


def test_too_few_pairs_need_at_least_as_many_as_a_verdict_does():
    assert seeds_to_settle(estimate(30.0, pairs=2), 0.1) == 3
    assert seeds_to_settle(estimate(30.0, pairs=6), 0.1) == 1


@pytest.mark.parametrize(
    "one",
    [
        Estimate(value=0.1, se=math.nan, df=0),
        Estimate(value=0.1, se=0.0, df=9),
        estimate(0.01),
        estimate(0.01, pairs=MOST_PAIRS),
    ],
)
def test_no_number_of_seeds_is_named_where_none_is_known_or_too_many_are_needed(one):
    assert seeds_to_settle(one, 0.001) is None
