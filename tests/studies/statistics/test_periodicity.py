import math

import numpy as np
import pytest

from studies.statistics.periodicity import find_period


def test_a_planted_period_is_found_through_a_bent_curve_and_noise():
    epochs = np.arange(60)
    noise = np.random.default_rng(0).normal(0, 0.3, 60)
    curve = 2 - 0.03 * epochs + 0.0004 * epochs**2 + np.sin(2 * math.pi * epochs / 5) + noise

    found = find_period(curve, longest=20)

    assert found is not None
    assert found.period == pytest.approx(5)
    assert found.p < 1e-9


def test_in_independent_noise_p_is_as_often_small_as_it_says():
    generator = np.random.default_rng(1)
    found = [find_period(values, longest=10) for values in generator.normal(size=(4000, 40))]
    p = np.array([one.p for one in found])

    assert np.mean(p < 0.05) == pytest.approx(0.05, abs=0.015)
    assert np.mean(p < 0.5) == pytest.approx(0.5, abs=0.04)


def test_slow_swings_are_a_curves_shape():
    curve = np.sin(2 * math.pi * np.arange(60) / 40) + np.random.default_rng(2).normal(0, 0.1, 60)

    found = find_period(curve, longest=20)

    assert found is not None
    assert found.period <= 20


@pytest.mark.parametrize("values", [np.zeros(50), np.arange(50.0) ** 2, np.ones(6)])
def test_a_parabola_or_a_short_curve_has_no_period(values):
    assert find_period(values, longest=20) is None
