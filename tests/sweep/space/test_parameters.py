import math
from collections import Counter

import pytest

from sweep.space.parameters import (
    Choices,
    Fixed,
    Range,
    bounds,
    describe,
    duplicates,
    from_unit,
    grid_values,
    share_up_to,
    show,
    suggest,
    values_of,
    whole_numbers,
)

WIDTH = Range(low=8, high=512, log=True, integer=True)


class Recorder:
    """Draws the smallest value and remembers what it was asked."""

    def __init__(self):
        self.asked = []

    def suggest_int(self, name, low, high, *, log=False):
        self.asked.append((name, low, high, log))
        return low

    def suggest_float(self, name, low, high, *, log=False):
        self.asked.append((name, low, high, log))
        return low

    def suggest_categorical(self, name, choices):
        self.asked.append((name, tuple(choices)))
        return choices[0]


def test_a_fixed_value_is_not_drawn():
    recorder = Recorder()

    assert suggest(recorder, "depth", Fixed(value=3)) == 3
    assert recorder.asked == []


@pytest.mark.parametrize(
    ("parameter", "asked"),
    [
        (WIDTH, ("p", 8, 512, True)),
        (Range(low=0.0, high=0.6), ("p", 0.0, 0.6, False)),
        (Choices(values=("relu", "tanh")), ("p", ("relu", "tanh"))),
    ],
)
def test_ranges_and_choices_are_drawn_with_their_bounds_and_scale(parameter, asked):
    recorder = Recorder()

    suggest(recorder, "p", parameter)

    assert recorder.asked == [asked]


def test_the_grid_of_a_log_range_has_the_geometric_middle():
    assert grid_values(Range(low=1e-4, high=1e-2, log=True)) == pytest.approx((1e-4, 1e-3, 1e-2))
    assert grid_values(WIDTH) == (8, 64, 512)


def test_the_grid_of_a_linear_range_has_the_arithmetic_middle():
    assert grid_values(Range(low=0.0, high=0.5)) == (0.0, 0.25, 0.5)


def test_the_grid_of_whole_numbers_has_each_once():
    assert grid_values(Range(low=1, high=2, integer=True)) == (1, 2)
    assert grid_values(Range(low=1, high=3, integer=True)) == (1, 2, 3)
    assert grid_values(Range(low=3, high=3, integer=True)) == (3,)


def test_the_grid_of_values_is_the_values():
    assert grid_values(Fixed(value=0.1)) == (0.1,)
    assert grid_values(Choices(values=(3, 1))) == (3, 1)


def test_positions_reach_both_ends_and_never_leave_the_range():
    for parameter in (WIDTH, Range(low=1e-4, high=0.03, log=True), Range(low=0.0, high=0.6)):
        values = [from_unit(parameter, place) for place in (0.0, 0.5, math.nextafter(1, 0))]
        assert values[0] == pytest.approx(parameter.low)
        assert values[2] == pytest.approx(parameter.high)
        assert values == sorted(values)
        assert all(parameter.low <= value <= parameter.high for value in values)


def test_even_positions_give_each_whole_number_and_choice_equally_often():
    places = [(place + 0.5) / 600 for place in range(600)]

    depths = Counter(from_unit(Range(low=1, high=6, integer=True), place) for place in places)
    names = Counter(from_unit(Choices(values=("a", "b", "c")), place) for place in places)

    assert depths == dict.fromkeys(range(1, 7), 100)
    assert names == {"a": 200, "b": 200, "c": 200}


def test_even_positions_give_each_decade_of_a_log_range_equally_often():
    rates = [from_unit(Range(low=1e-4, high=1e-1, log=True), (i + 0.5) / 300) for i in range(300)]

    decades = Counter(math.floor(math.log10(rate)) for rate in rates)

    assert decades == {-4: 100, -3: 100, -2: 100}


@pytest.mark.parametrize(
    "parameter", [WIDTH, Range(low=1, high=6, integer=True), Choices(values=(3, 9, 20))]
)
def test_the_share_up_to_a_limit_is_what_even_positions_give(parameter):
    values = [from_unit(parameter, (i + 0.5) / 20_000) for i in range(20_000)]

    for limit in (0, 3, 5, 8, 9, 100, 511, 512, 1000):
        counted = sum(value <= limit for value in values) / len(values)
        assert share_up_to(parameter, limit) == pytest.approx(counted, abs=1e-3)


def test_whole_numbers_are_every_value():
    assert list(whole_numbers(Range(low=2, high=4, integer=True))) == [2, 3, 4]
    assert list(whole_numbers(Choices(values=(5, 1)))) == [5, 1]
    assert values_of(Fixed(value=7)) == (7,)


@pytest.mark.parametrize(
    ("parameter", "text", "json"),
    [
        (Fixed(value=32), "32", {"value": 32}),
        (Fixed(value=True), "true", {"value": True}),
        (Choices(values=("relu", "tanh")), "relu, tanh", {"choices": ["relu", "tanh"]}),
        (WIDTH, "8..512 (log)", {"low": 8, "high": 512, "log": True}),
        (Range(low=0.0, high=0.6), "0..0.6", {"low": 0.0, "high": 0.6, "log": False}),
    ],
)
def test_a_parameter_is_written_for_people_and_for_json(parameter, text, json):
    assert describe(parameter) == text
    assert bounds(parameter) == json


def test_a_number_is_shown_exactly():
    assert float(show(0.1 + 0.2)) == 0.1 + 0.2
    assert show(1e-5) == "1e-05"
    assert show(1.0) == "1"


def test_duplicates_are_named_once():
    assert duplicates((3, 1, 3, 3, 1, 2)) == (3, 1)
    assert duplicates(()) == ()
