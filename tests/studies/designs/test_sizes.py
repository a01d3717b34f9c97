import pytest

from studies.designs.sizes import NARROWEST, STEP, Frame, budgets_for, width_for

DIGITS = Frame(inputs=64, outputs=10)


@pytest.mark.parametrize("shape", ["equal", "tapering"])
@pytest.mark.parametrize("depth", [1, 2, 5])
@pytest.mark.parametrize("budget", [500, 1_210, 9_680, 101_840])
def test_no_other_width_comes_closer(depth, budget, shape):
    frame = Frame(inputs=64, outputs=10, shape=shape)

    found = width_for(depth, budget, frame)

    off = {width: abs(frame.parameters(depth, width) - budget) for width in range(1, 1500)}
    assert off[found] == min(off.values())


def test_a_count_that_is_met_is_met_exactly():
    assert width_for(1, DIGITS.parameters(1, 16), DIGITS) == 16
    assert width_for(4, DIGITS.parameters(4, 37), DIGITS) == 37


def test_a_budget_below_the_smallest_network_gets_the_smallest():
    assert width_for(3, 1, DIGITS) == 1


def test_the_budgets_are_a_layer_of_sixteen_units_and_eight_times_as_much():
    assert budgets_for((1, 5), DIGITS) == (1_210, STEP * 1_210)


def test_with_few_inputs_the_deepest_network_still_has_the_narrowest_layers():
    iris = Frame(inputs=4, outputs=3)

    small, _ = budgets_for((1, 5), iris)

    assert width_for(5, small, iris) == NARROWEST
