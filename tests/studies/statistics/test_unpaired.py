import math

import numpy as np
import pytest

from studies.statistics.intervals import Estimate, mean_estimate
from studies.statistics.unpaired import compare_means


def compare(a, b, margin=0.01):
    return compare_means(
        mean_estimate(a), mean_estimate(b), seeds=min(len(a), len(b)), margin=margin
    )


def test_equal_arms_differ_falsely_in_about_five_percent():
    rng = np.random.default_rng(0)
    found = [compare(*rng.normal(0, (1.0, 3.0), (5, 2)).T, margin=0.01) for _ in range(2000)]
    share = np.mean([one.verdict in {"better", "worse"} for one in found])
    assert 0.03 <= share <= 0.07


def test_the_interval_covers_the_truth_in_about_95_percent():
    rng = np.random.default_rng(1)
    found = [compare(*rng.normal((1, 0), (1.0, 2.0), (6, 2)).T) for _ in range(2000)]
    inside = np.mean([one.difference.low <= 1 <= one.difference.high for one in found])
    assert 0.93 <= inside <= 0.97


def test_arms_exactly_one_margin_apart_are_called_equivalent_in_at_most_six_percent():
    rng = np.random.default_rng(2)
    found = [compare(*rng.normal((0.01, 0), 0.004, (5, 2)).T) for _ in range(2000)]
    assert np.mean([one.verdict == "equivalent" for one in found]) <= 0.06


def test_the_verdict_is_that_of_the_first_arm():
    low, high = [0.1, 0.11, 0.12, 0.13, 0.14], [0.9, 0.91, 0.92, 0.93, 0.94]
    assert compare(high, low).verdict == "better"
    assert compare(low, high).verdict == "worse"


def test_fewer_than_five_seeds_give_no_p():
    found = compare([0.9, 0.91, 0.92, 0.93], [0.1, 0.11, 0.12, 0.13])
    assert found.verdict == "undecided"
    assert math.isnan(found.p)
    assert math.isnan(found.equivalence_p)


def test_as_many_more_seeds_as_are_needed_settle_it_in_four_cases_of_five():
    rng = np.random.default_rng(3)
    start = np.array([-1.0, -0.5, 0.0, 0.5, 1.0])
    first = compare(start + 0.8, start, margin=0.05)
    assert first.verdict == "undecided"
    total = 5 + first.seeds_needed
    deviation = start.std(ddof=1)
    found = [
        compare(rng.normal(0.8, deviation, total), rng.normal(0, deviation, total), margin=0.05)
        for _ in range(500)
    ]
    assert 0.75 <= np.mean([one.verdict == "better" for one in found]) <= 0.9


def test_a_margin_of_nothing_is_refused():
    with pytest.raises(ValueError, match="margin must be above 0, got 0"):
        compare_means(Estimate(value=1.0, se=0.1), Estimate(value=1.0, se=0.1), seeds=5, margin=0)
