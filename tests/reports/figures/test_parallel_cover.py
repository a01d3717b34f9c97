import itertools
import math

import numpy as np
import pytest

from reports.figures.parallel import expected_cover


@pytest.mark.parametrize("number", [1, 2, 3, 5])
def test_the_range_of_a_draw_is_the_mean_over_all_draws(number):
    values = np.array([0.0, 0.1, 0.1, 0.7, 1.0])
    ranges = [max(draw) - min(draw) for draw in itertools.combinations(values, number)]
    assert expected_cover(values, number) == pytest.approx(np.mean(ranges))


@pytest.mark.parametrize("number", [1, 2, 4])
def test_the_names_of_a_draw_are_the_mean_over_all_draws(number):
    values = np.array([0.0, 0.0, 0.0, 1.0, 2.0])
    shares = [len(set(draw)) / 3 for draw in itertools.combinations(values, number)]
    assert expected_cover(values, number, names=True) == pytest.approx(np.mean(shares))


def test_evenly_spaced_values_have_the_closed_form():
    # (number - 1) / (number + 1) of the range for uniform draws, (n + 1) / (n - 1) of it here
    assert expected_cover(np.arange(101.0), 10) == pytest.approx(9 / 11 * 102 / 100)


def test_thousands_of_trials_do_not_overflow():
    assert 0.8 < expected_cover(np.linspace(0, 1, 10_000), 20) < 0.92


@pytest.mark.parametrize(("values", "number"), [([], 1), ([1.0, 1.0], 1), ([0.0, 1.0], 0)])
def test_what_cannot_be_covered_is_nan(values, number):
    assert math.isnan(expected_cover(np.array(values), number))
