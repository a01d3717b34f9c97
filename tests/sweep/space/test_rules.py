import math

import pytest

from sweep.activations import ACTIVATIONS
from sweep.space.parameters import Choices, Fixed, Range
from sweep.space.rules import (
    LONGEST_SHOWN,
    RULES,
    did_you_mean,
    parameter_faults,
    plain,
    shorten,
    value_faults,
)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("depth", 0),
        ("depth", 64),
        ("width", 1),
        ("width", 65536),
        ("dropout", 0),
        ("dropout", 0.999),
        ("momentum", 0.0),
        ("learning_rate.adam", 1e-12),
        ("weight_decay", 0.0),
        ("batch_size", 1),
        ("use_bias", False),
        *[("activation", name) for name in ACTIVATIONS],
    ],
)
def test_what_is_allowed_has_no_fault(key, value):
    assert value_faults(RULES[key], value) == []


@pytest.mark.parametrize(
    ("key", "value", "fault"),
    [
        ("depth", -1, "-1 is too small; give a whole number from 0 up to 64"),
        ("depth", 65, "65 is too large; give a whole number from 0 up to 64"),
        ("depth", 2.0, "2.0 is not a whole number"),
        ("depth", True, "true is not a whole number"),
        ("width", 0, "0 is too small; give a whole number from 1 up to 65536"),
        ("width", 1.5, "1.5 is not a whole number"),
        ("width", 65537, "65537 is too large"),
        ("width", "64", "'64' is not a whole number"),
        ("dropout", 1.0, "1.0 is too large; give a number from 0 to below 1"),
        ("dropout", -0.1, "-0.1 is too small"),
        ("dropout", math.nan, "nan is not a finite number"),
        ("dropout", None, "None is not a number"),
        ("momentum", 1, "1 is too large; give a number from 0 to below 1"),
        ("learning_rate.sgd", 0, "0 is too small; give a number above 0 up to 1000"),
        ("learning_rate.sgd", -0.1, "-0.1 is too small"),
        ("learning_rate.sgd", math.inf, "inf is not a finite number"),
        ("learning_rate.sgd", 1e13, "10000000000000.0 is too large"),
        ("batch_size", 0, "0 is too small"),
        pytest.param("batch_size", 10**5000, "a huge number is too large", id="huge"),
        ("use_bias", 1, "1 is not true or false"),
        (
            "activation",
            "relo",
            f"'relo' is not one of {', '.join(ACTIVATIONS)}; did you mean relu?",
        ),
        ("optimizer", "lbfgs", "'lbfgs' is not one of adam, sgd, rmsprop; give such a value"),
        ("optimizer", ["adam"], r"['adam'] is not one of"),
    ],
)
def test_a_wrong_value_is_told_with_the_rule(key, value, fault):
    faults = value_faults(RULES[key], value)

    assert len(faults) == 1
    assert faults[0].startswith(fault)


def test_choices_must_be_there_once_each_and_right():
    rule = RULES["width"]

    assert parameter_faults(rule, Choices(values=())) == ["there are no choices; give at least one"]
    assert parameter_faults(rule, Choices(values=(8, 16, 8))) == [
        "the choice 8 is repeated; give each once"
    ]
    assert len(parameter_faults(rule, Choices(values=(0, "x", 8)))) == 2
    assert (
        "1001 choices are too many"
        in parameter_faults(rule, Choices(values=tuple(range(1, 1002))))[0]
    )


def test_one_is_not_a_duplicate_of_true():
    assert parameter_faults(RULES["use_bias"], Choices(values=(True, False))) == []


@pytest.mark.parametrize(
    ("key", "span", "fault"),
    [
        ("depth", Range(low=5, high=1, integer=True), "low 5 is above high 1; swap the two"),
        ("dropout", Range(low=0.0, high=math.nan), "high: nan is not a finite number"),
        ("dropout", Range(low=-math.inf, high=0.5), "low: -inf is not a finite number"),
        (
            "dropout",
            Range(low=0.0, high=0.5, log=True),
            "low: a range on a log scale cannot start at 0",
        ),
        ("momentum", Range(low=0.0, high=1.0), "high: 1.0 is too large"),
        ("width", Range(low=1, high=8), "integer is False; give integer=True"),
        ("activation", Range(low=0, high=1), "0..1 is a range; give one of relu"),
    ],
)
def test_a_wrong_range_is_told_with_its_end(key, span, fault):
    faults = parameter_faults(RULES[key], span)

    assert len(faults) == 1
    assert faults[0].startswith(fault)


def test_both_ends_of_a_range_are_told_together():
    faults = parameter_faults(RULES["width"], Range(low=0, high=70_000, integer=True))

    assert [fault.split(":")[0] for fault in faults] == ["low", "high"]


def test_a_right_parameter_of_each_kind_has_no_fault():
    for parameter in (Fixed(value=3), Choices(values=(1, 2)), Range(low=1, high=6, integer=True)):
        assert parameter_faults(RULES["depth"], parameter) == []


def test_long_and_hostile_values_are_shortened_and_escaped():
    assert len(shorten("x" * 10_000)) < LONGEST_SHOWN + 5
    assert "\x1b" not in shorten("\x1b[31m")
    assert "\n" not in plain("a\nb")
    assert len(plain("k" * 500)) < LONGEST_SHOWN + 5


def test_a_similar_word_is_proposed_and_a_strange_one_is_not():
    assert did_you_mean("widht", RULES) == "did you mean width?"
    assert did_you_mean("zzz", RULES) == ""
    assert did_you_mean(3, RULES) == ""
