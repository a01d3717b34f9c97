import itertools

import pytest

from sweep.optimizers import OPTIMIZERS, half_decades


def test_half_decades_reach_from_one_rate_to_another():
    assert half_decades(3e-4, 0.03) == (0.0003, 0.001, 0.003, 0.01, 0.03)
    assert half_decades(0.1, 0.1) == (0.1,)


def test_a_rate_that_is_no_half_decade_begins_none():
    with pytest.raises(ValueError, match="not in tuple"):
        half_decades(2e-4, 0.03)


@pytest.mark.parametrize("row", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_rates_of_a_row_agree_with_each_other(row):
    assert row.default_rate in row.tuned_rates
    assert row.searched_rates[0] <= row.default_rate <= row.searched_rates[1]
    assert set(row.tuned_rates) | set(row.higher_rates) <= set(row.grid_rates)
    assert row.higher_rates[:-1] == row.tuned_rates[1:]
    assert row.middle_rate in row.tuned_rates
    assert len(row.tuned_rates) == 6
    assert len(row.grid_rates) == 11
    assert all(low < high for low, high in itertools.pairwise(row.grid_rates))


def test_the_middle_rate_is_that_of_long_training_on_noisy_labels():
    assert [row.middle_rate for row in OPTIMIZERS.values()] == [0.003, 0.1, 0.001]
