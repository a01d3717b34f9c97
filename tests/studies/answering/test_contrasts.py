import math

import pytest

from studies.answering.contrasts import Contrast, largest, others_by_verdict, verdicts_on
from studies.statistics.intervals import Interval


def contrast(first, second, verdict="undecided", difference=0.1, **more):
    interval = Interval(estimate=difference, low=difference - 0.02, high=difference + 0.05)
    fields = {"pairs": 5, "superiority": 0.8, **more}
    return Contrast(first=first, second=second, difference=interval, verdict=verdict, **fields)


def test_turned_it_is_the_second_minus_the_first():
    turned = contrast("a", "b", "better").turned()

    assert (turned.first, turned.second, turned.verdict) == ("b", "a", "worse")
    assert turned.difference == Interval(estimate=-0.1, low=pytest.approx(-0.15), high=-0.08)
    assert turned.superiority == pytest.approx(0.2)


@pytest.mark.parametrize("verdict", ["equivalent", "undecided"])
def test_a_verdict_without_a_direction_stays_when_turned(verdict):
    assert contrast("a", "b", verdict).turned().verdict == verdict


def test_upwards_the_higher_comes_first():
    higher = contrast("a", "b", "better")
    assert higher.upwards() == higher
    assert contrast("a", "b", "worse", -0.1).upwards().first == "b"


def test_an_unmeasured_difference_has_no_direction_and_no_numbers():
    nothing = contrast("a", "b", difference=math.nan, superiority=math.nan)

    assert nothing.upwards() is nothing
    assert not nothing.is_measured
    assert set(nothing.numbers.values()) == {None}
    assert largest([nothing]) is None


def test_verdicts_on_one_arm_are_those_for_it():
    contrasts = [
        contrast("a", "b", "better"), contrast("c", "a", "better"), contrast("b", "c", "worse"),
        contrast("d", "a", "equivalent"),
    ]  # fmt: skip

    assert verdicts_on("a", contrasts) == {"b": "better", "c": "worse", "d": "equivalent"}
    assert others_by_verdict("a", contrasts) == {
        "better": ["b"], "worse": ["c"], "equivalent": ["d"], "undecided": [],
    }  # fmt: skip


def test_the_largest_difference_is_the_highest():
    small, high = contrast("a", "b", difference=-0.5), contrast("c", "b", difference=0.2)
    assert largest([small, high]) is high
