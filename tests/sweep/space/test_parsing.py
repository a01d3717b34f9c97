import json
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweep.errors import ConfigurationError
from sweep.space.parameters import Choices, Fixed, Range
from sweep.space.parsing import build_space, parse_space, read_set_values
from sweep.space.rules import RULES
from sweep.space.search_space import LearningRates, SearchSpace
from sweep.space.writing import space_table, space_toml


def set_space(*texts):
    return build_space(read_set_values(texts))


def faults_of(*texts):
    with pytest.raises(ConfigurationError) as caught:
        set_space(*texts)
    return caught.value.faults


def table_faults(table):
    with pytest.raises(ConfigurationError) as caught:
        parse_space(table)
    return caught.value.faults


def test_nothing_said_is_the_default_space():
    assert parse_space({}) == SearchSpace()
    assert set_space() == SearchSpace()


@pytest.mark.parametrize(
    ("text", "key", "parameter"),
    [
        ("depth=3", "depth", Fixed(value=3)),
        ("width=32,64,128", "width", Choices(values=(32, 64, 128))),
        ("width = 32 , 64", "width", Choices(values=(32, 64))),
        ("width=16..64", "width", Range(low=16, high=64, log=True, integer=True)),
        ("dropout=0..0.5", "dropout", Range(low=0.0, high=0.5)),
        ("dropout=.1...5", "dropout", Range(low=0.1, high=0.5)),
        ("dropout=0.25", "dropout", Fixed(value=0.25)),
        ("activation=relu,tanh", "activation", Choices(values=("relu", "tanh"))),
        ("optimizer=adam", "optimizer", Fixed(value="adam")),
        ("shape=equal,tapering", "shape", Choices(values=("equal", "tapering"))),
        ("momentum=0.5..0.9", "momentum", Range(low=0.5, high=0.9)),
        ("weight_decay=1e-5..1e-2", "weight_decay", Range(low=1e-5, high=1e-2, log=True)),
        ("weight_decay=0..0.01", "weight_decay", Range(low=0.0, high=0.01)),
        ("use_bias=false", "use_bias", Fixed(value=False)),
        ("batch_size=16..64", "batch_size", Range(low=16, high=64, log=True, integer=True)),
        ("max_parameters=5000", "max_parameters", 5000),
    ],
)
def test_set_fixes_lists_or_spans_and_keeps_the_scale(text, key, parameter):
    space = set_space(text)

    assert getattr(space, key) == parameter


def test_a_learning_rate_is_for_all_optimizers_or_for_one():
    span = Range(low=1e-4, high=1e-2, log=True)

    assert set_space("learning_rate=1e-4..1e-2").learning_rate == LearningRates(
        adam=span, sgd=span, rmsprop=span
    )
    assert set_space("learning_rate.adam=0.001").learning_rate == LearningRates(
        adam=Fixed(value=0.001)
    )


@pytest.mark.parametrize("turn", [1, -1])
def test_one_optimizers_learning_rate_beats_the_general_one_in_any_order(turn):
    texts = ["learning_rate.sgd=0.5", "learning_rate=0.01"][::turn]

    rates = set_space(*texts).learning_rate

    assert (rates["sgd"], rates["adam"]) == (Fixed(value=0.5), Fixed(value=0.01))


def test_a_later_set_replaces_an_earlier_one():
    assert set_space("depth=3", "depth=1,2").depth == Choices(values=(1, 2))


def test_a_span_or_choice_of_one_value_is_fixed():
    assert set_space("depth=3..3").depth == Fixed(value=3)
    assert parse_space({"depth": [3]}).depth == Fixed(value=3)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("widht=3", "--set widht: unknown key; did you mean width?"),
        (
            "learning_rate.adm=1",
            "--set learning_rate.adm: unknown key; did you mean learning_rate.adam?",
        ),
        ("zzz=3", "--set zzz: unknown key; the keys are depth, width"),
        ("depth", "--set: 'depth' is not KEY=VALUE; write it so"),
        ("depth=", "--set: 'depth=' is not KEY=VALUE"),
        ("=3", "--set: '=3' is not KEY=VALUE"),
        ("", "--set: '' is not KEY=VALUE"),
        ("depth=-1", "--set depth: -1 is too small"),
        ("depth=two", "--set depth: 'two' is not a whole number"),
        ("width=0", "--set width: 0 is too small"),
        ("width=1.5", "--set width: 1.5 is not a whole number"),
        ("width=64.0", "--set width: 64.0 is not a whole number"),
        ("width=8,,16", "--set width: '' is not a whole number"),
        ("width=8,16,8", "--set width: the choice 8 is repeated"),
        ("width=512..8", "--set width: low 512 is above high 8"),
        ("width=8..", "--set width: high: '' is not a whole number"),
        ("dropout=1.0", "--set dropout: 1.0 is too large"),
        ("dropout=0..nan", "--set dropout: high: nan is not a finite number"),
        ("dropout=inf", "--set dropout: inf is not a finite number"),
        ("activation=relo", "--set activation: 'relo' is not one of"),
        ("activation=relu..tanh", "--set activation: 'relu..tanh' is not one of"),
        ("learning_rate=0", "--set learning_rate: 0 is too small; give a number above 0"),
        ("learning_rate=0..0.1", "--set learning_rate: low: 0 is too small"),
        ("learning_rate.sgd=-1", "--set learning_rate.sgd: -1 is too small"),
        ("batch_size=0", "--set batch_size: 0 is too small"),
        ("momentum=1", "--set momentum: 1 is too large"),
        ("use_bias=maybe", "--set use_bias: 'maybe' is not true or false"),
        ("max_parameters=1.5", "--set max_parameters: 1.5 is not a whole number"),
        ("max_parameters=3", "--set max_parameters: 3 is too small, since the smallest network"),
        ("epochs=10..50", "--set epochs: epochs are never tuned: each trial"),
        ("\x1b[31m=3", r"--set \x1b[31m: unknown key"),
    ],
)
def test_a_wrong_set_is_told_in_one_line(text, fault):
    faults = faults_of(text)

    assert len(faults) == 1
    assert faults[0].startswith(fault)


def test_a_number_of_thousands_of_digits_is_told_briefly():
    (fault,) = faults_of("width=" + "9" * 10_000)

    assert len(fault) < 200


def test_all_wrong_sets_are_told_together_in_order():
    faults = faults_of("widht=3", "depth=-1", "dropout=0.2", "momentum=1")

    assert [fault.split(":")[0] for fault in faults] == [
        "--set widht",
        "--set depth",
        "--set momentum",
    ]


def test_a_table_holds_values_choices_and_ranges():
    space = parse_space(
        tomllib.loads(
            """
            depth = 3
            width = [32, 64]
            dropout = {low = 0.0, high = 0.5}
            momentum = {low = 0.5, high = 0.99, log = true}
            learning_rate = {adam = 0.001, sgd = {low = 0.01, high = 1}}
            """
        )
    )

    assert space == SearchSpace(
        depth=Fixed(value=3),
        width=Choices(values=(32, 64)),
        dropout=Range(low=0.0, high=0.5),
        momentum=Range(low=0.5, high=0.99, log=True),
        learning_rate=LearningRates(
            adam=Fixed(value=0.001), sgd=Range(low=0.01, high=1.0, log=True)
        ),
    )


def test_a_tables_learning_rate_may_be_one_for_all():
    span = {"low": 0.001, "high": 0.1}

    rates = parse_space({"learning_rate": span}).learning_rate

    assert rates["adam"] == rates["sgd"] == rates["rmsprop"] == Range(low=0.001, high=0.1, log=True)


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        ({"depth": {"low": 3}}, "depth: the range has no high; give both ends"),
        ({"depth": {}}, "depth: the range has no low"),
        (
            {"depth": {"low": 1, "high": 3, "lgo": True}},
            "depth: lgo is no key of a range; did you mean log?",
        ),
        ({"depth": {"low": 1, "high": 3, "log": 1}}, "depth: log: 1 is not true or false"),
        ({"dropout": {"low": 0, "high": 0.5, "log": True}}, "dropout: low: a range on a log scale"),
        ({"depth": "3"}, "depth: '3' is not a whole number"),
        ({"depth": True}, "depth: true is not a whole number"),
        ({"depth": None}, "depth: None is not a whole number"),
        ({"depth": []}, "depth: there are no choices; give at least one"),
        ({"depth": [[1], 2]}, "depth: [1] is not a whole number"),
        ({"depth": 10**30}, "depth: 1000000000000000000000000000000 is too large"),
        ({"shape": {"low": 1, "high": 2}}, "shape: 1..2 is a range; give one of equal, tapering"),
        ({"learning_rate": {"adma": 0.1}}, "learning_rate.adma: unknown key; did you mean adam?"),
        ({"learning_rate.adam": 0.1}, "learning_rate.adam: unknown key"),
        ({"learning_rate": {}}, "learning_rate: the range has no low"),
        ({"Depth": 3}, "Depth: unknown key; did you mean depth?"),
        ({"epochs": [10, 20]}, "epochs: epochs are never tuned"),
        ({"max_parameters": True}, "max_parameters: true is not a whole number"),
    ],
)
def test_a_wrong_table_is_told_by_key(table, fault):
    faults = table_faults(table)

    assert faults[0].startswith(fault)


def test_all_faults_of_a_table_are_told_together():
    faults = table_faults({"depth": -1, "widht": 3, "dropout": 1.0, "max_parameters": 3})

    assert [fault.split(":")[0] for fault in faults] == [
        "depth",
        "widht",
        "dropout",
        "max_parameters",
    ]


@pytest.mark.parametrize(
    "texts",
    [
        (),
        ("depth=0",),
        ("depth=0..3", "width=32,64", "dropout=0.5", "optimizer=sgd", "max_parameters=12345"),
        ("learning_rate=1e-12..1e-5", "weight_decay=0.1,1e-7", "use_bias=true,false"),
        ("shape=tapering", "batch_size=16..64", "activation=leaky_relu"),
    ],
)
def test_a_space_written_and_read_again_is_equal(texts):
    space = set_space(*texts)

    assert parse_space(space_table(space)) == space
    assert parse_space(json.loads(json.dumps(space_table(space)))) == space
    assert parse_space(tomllib.loads(space_toml(space))) == space


def test_a_written_space_names_every_key_so_that_new_defaults_change_nothing():
    table = space_table(SearchSpace(max_parameters=1000))

    rates = {f"learning_rate.{name}" for name in table["learning_rate"]}
    assert rates | table.keys() - {"learning_rate", "max_parameters"} == set(RULES)
    assert table["max_parameters"] == 1000


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_text_is_read_or_refused(key, value):
    faults = ()
    try:
        set_space(f"{key}={value}", f"width={value}", f"dropout={value}", f"shape={value}")
    except ConfigurationError as err:
        faults = err.faults

    assert all(fault.startswith("--set") and "; " in fault for fault in faults)
    assert all(fault.isprintable() for fault in faults)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["low", "high", "log", "adam", "x"]), inner, max_size=3)
    ),
    max_leaves=5,
)


@given(
    st.dictionaries(
        st.sampled_from(["depth", "width", "shape", "learning_rate", "max_parameters"]), JSON
    )
)
def test_any_table_is_read_or_refused(table):
    try:
        space = parse_space(table)
    except ConfigurationError:
        return
    assert parse_space(space_table(space)) == space
