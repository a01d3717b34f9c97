import datetime as dt
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studies.catalog.custom.design import read_spec
from studies.designs.spec import STUDY_RULES, Overrides
from sweep.activations import ACTIVATIONS
from sweep.errors import ConfigurationError
from sweep.optimizers import OPTIMIZERS
from sweep.space.parsing import read_set_values

GRID = """
question = "Does weight decay help a wide network?"
epochs = 40

[scientific]
weight_decay = [0.0, 0.001]
width = [64, 256]

[fixed]
depth = 1
"""
LISTED = """
question = "  Narrow and deep, or wide and shallow? "
reference = "wide"
margin = 0.02
tuning_seeds = 1

[[arms]]
name = "wide"
width = 200

[[arms]]
depth = 5
width = 40

[nuisance]
learning_rate = {low = 0.001, high = 0.1}
dropout = [0.0, 0.2]
"""
RATE_TWICE = """
question = "q"
[scientific]
learning_rate = [0.1, 0.2]
[nuisance]
learning_rate = [0.1, 0.3]
"""


@pytest.fixture(name="read")
def _read(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def read(text, *told):
        Path("mine.toml").write_text(text)
        overrides = Overrides.of(read_set_values(told, rules=STUDY_RULES))
        return read_spec(Path("mine.toml"), overrides, study="custom")

    return read


@pytest.fixture(name="faults")
def _faults(read):
    def faults(text, *told):
        with pytest.raises(ConfigurationError) as caught:
            read(text, *told)
        for fault in caught.value.faults:
            assert re.fullmatch(r"(mine\.toml|--set [\w.]+): .+(; .+|\?)", fault), fault
        return [fault.removeprefix("mine.toml: ") for fault in caught.value.faults]

    return faults


def test_every_combination_of_scientific_values_is_an_arm(read):
    spec = read(GRID)

    assert (spec.study, spec.epochs) == ("custom", 40)
    assert spec.question == "Does weight decay help a wide network?"
    assert spec.arms == (
        {"weight_decay": 0.0, "width": 64}, {"weight_decay": 0.0, "width": 256},
        {"weight_decay": 0.001, "width": 64}, {"weight_decay": 0.001, "width": 256},
    )  # fmt: skip
    assert spec.names[0] == spec.reference == "weight decay 0, width 64"
    assert spec.fixed == {"depth": 1}
    assert spec.nuisance["learning_rate.adam"] == OPTIMIZERS["adam"].tuned_rates


def test_arms_may_be_listed_with_names_or_without(read):
    spec = read(LISTED)

    assert spec.names == ("wide", "depth 5, width 40")
    assert spec.arms == ({"width": 200}, {"depth": 5, "width": 40})
    assert spec.question == "Narrow and deep, or wide and shallow?"
    assert (spec.reference, spec.margin, spec.tuning_seeds) == ("wide", 0.02, 1)
    assert spec.nuisance["learning_rate.adam"] == pytest.approx(
        (0.001, 0.00316228, 0.01, 0.0316228, 0.1)
    )
    assert spec.nuisance["dropout"] == (0.0, 0.2)


def test_the_design_of_a_file_has_every_value(read, design_of):
    design = design_of(read(LISTED))

    wide, deep = (arm.candidates[0] for arm in design.arms)
    assert (wide.depth, wide.width, deep.depth, deep.width) == (2, 200, 5, 40)
    assert design.candidates == 10
    assert design.contrasts == (("depth 5, width 40", "wide"),)


def test_an_empty_reference_compares_all_pairs(read, design_of):
    spec = read(GRID.replace("epochs = 40", 'epochs = 40\nreference = ""'))
    assert len(design_of(spec).contrasts) == 6


def test_a_learning_rate_that_is_fixed_is_not_retuned(read, design_of):
    spec = read(GRID + "learning_rate = 0.02\n")
    design = design_of(spec)

    assert (design.tuning_seeds, design.candidates) == (0, 1)
    assert {arm.candidates[0].learning_rate for arm in design.arms} == {0.02}
    assert design.fixed["learning_rate"] == 0.02


def test_a_learning_rate_that_is_asked_is_not_retuned(read, design_of):
    design = design_of(read('question = "q"\n[scientific]\nlearning_rate = [0.01, 0.1]\n'))
    assert [arm.name for arm in design.arms] == ["rate 0.01", "rate 0.1"]
    assert design.tuning_seeds == 0


def test_a_file_that_names_the_rates_of_one_optimizer_leaves_the_others_theirs(read, design_of):
    text = GRID.replace("width = [64, 256]", 'optimizer = ["adam", "sgd"]')
    design = design_of(
        read(text + "[nuisance]\nlearning_rate.adam = [1e-4, 1e-3, 1e-2, 1e-1, 1.0, 2.0]")
    )

    assert design.nuisance["learning_rate.adam"][0] == 1e-4
    assert design.nuisance["learning_rate.sgd"] == OPTIMIZERS["sgd"].tuned_rates


def test_an_arm_may_have_the_rate_of_its_optimizer_alone(read, design_of):
    text = 'question = "q"\n' + "".join(
        f'[[arms]]\noptimizer = "{name}"\nlearning_rate = {{{name} = {rate}}}\n'
        for name, rate in (("adam", 0.001), ("sgd", 0.1))
    )
    design = design_of(read(text))
    assert [arm.candidates[0].learning_rate for arm in design.arms] == [0.001, 0.1]


def test_the_command_line_beats_the_file(read, design_of):
    told = ("weight_decay=0.1", "depth=3", "learning_rate.adam=0.5")
    design = design_of(read(GRID, *told), set=told)

    assert [arm.name for arm in design.arms] == ["weight decay 0.1, width 64",
                                                 "weight decay 0.1, width 256"]  # fmt: skip
    assert {(c.depth, c.learning_rate) for arm in design.arms for c in arm.candidates} == {(3, 0.5)}


def test_the_command_line_cannot_change_arms_that_are_listed(faults):
    assert faults(LISTED, "width=3", "activation=tanh") == [
        "--set width: the arms of mine.toml say what it is; change it there"
    ]


def test_every_fault_of_a_hostile_file_is_told_at_once(faults):
    found = faults("""
question = 7
epochs = "many"
margin = inf
tuning_seeds = 0
reference = ["wide"]
widht = 3

[scientific]
width = [8, 0]
epochs = [3, 4]

[nuisance]
dropout = {low = 0.0}
optimiser = "adam"

[fixed]
depth = [1, 2]
activation = "rleu"
""")

    assert found == [
        (
            "widht: unknown key; the keys are question, epochs, margin, reference, tuning_seeds,"
            " arms, scientific, nuisance, fixed"
        ),
        "question: it is missing or no text; write what the study asks",
        "scientific.width: 0 is too small; give a whole number from 1 up to 65536",
        *[line for line in found if line.startswith("scientific.epochs: epochs are never tuned")],
        "nuisance.dropout: the range has no high; give both ends",
        "nuisance.optimiser: unknown key; did you mean optimizer?",
        (f"fixed.activation: 'rleu' is not one of {', '.join(ACTIVATIONS)}; did you mean relu?"),
        "epochs: 'many' is not a whole number from 1 to 100,000; give one",
        "tuning_seeds: 0 is not a whole number from 1 to 100; give one",
        "margin: inf is not a number above 0 and below 1000; give one",
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "question: it is missing or no text; write what the study asks"),
        ('question = "q"', "arms: there are none; give [scientific] or [[arms]]"),
        (
            LISTED + "[scientific]\nwidth = [1, 2]",
            "arms: they stand under [scientific] too; keep one of",
        ),
        ('question = "q"\narms = 3', "arms: it is no list of tables; write each under [[arms]]"),
        ('question = "q"\narms = [3]', "arms: it is no list of tables; write each under [[arms]]"),
        ('question = "q"\nscientific = 3', "scientific: it is not a table; write its keys under"),
        (GRID + "[nuisance]\ndepth = [1, 2]", "depth: it is both nuisance and fixed; give it one"),
        (GRID + "width = 3", "width: it is both scientific and fixed; give it one role"),
        (
            RATE_TWICE,
            "learning_rate.adam: it is both scientific and nuisance; give it one role",
        ),
        (GRID.replace("= 1", "= [1, 2]"), "fixed.depth: it has 2 values; give one, or make it sci"),
        (LISTED.replace("width = 200", "width = [1, 2]"), "arms[1].width: an arm has one value of"),
        (LISTED.replace('name = "wide"', "name = 3"), "arms[1].name: 3 is no name; give a short"),
        (LISTED.replace('name = "wide"', 'name = ""'), "arms[1].name: '' is no name; give a short"),
        (
            LISTED.replace('"wide"\nmargin', '"wyde"\nmargin'),
            "reference: 'wyde' is no arm; did you mean wide?",
        ),
        (
            LISTED.replace('"wide"\nmargin', "{}\nmargin"),
            "reference: {} is no arm; the arms are wide, depth 5, width 40",
        ),
        (GRID.replace("40", "true", 1), "epochs: true is not a whole number from 1 to 100,000;"),
        (GRID.replace("40", "40\nmargin = -1", 1), "margin: -1 is not a number above 0 and below"),
        ("question = why", "line 1, column 12: Invalid value"),
        (
            "question = 'q'\n[scientific]\nwidth = {0}\nbatch_size = {0}".format([*range(1, 1001)]),
            "arms: 1,000,000 combinations are too many; give at most 200",
        ),
        (
            "question = 'q'\n" + "[[arms]]\nwidth = 3\n" * 201,
            "arms: 201 are too many; give at most 200",
        ),
    ],
)
def test_a_fault_is_named_by_its_place(text, fault, faults):
    assert any(line.startswith(fault) for line in faults(text))


def test_of_a_file_that_cannot_be_read_only_that_is_told(faults, tmp_path):
    assert len(faults("question = ")) == 1
    with pytest.raises(ConfigurationError) as caught:
        read_spec(tmp_path / "no.toml", Overrides(), study="custom")
    assert len(caught.value.faults) == 1
    assert "it does not exist; give the path of a TOML file" in caught.value.faults[0]


KEYS = st.sampled_from(
    [
        *("question", "epochs", "margin", "reference", "tuning_seeds", "arms", "scientific"),
        *("nuisance", "fixed", "width", "depth", "learning_rate", "adam", "name", "low", "high"),
    ]
)
VALUES = st.recursive(
    st.sampled_from(
        ["0", "1", "-1", "8", "0.5", "nan", "1e400", "1e-320", "true", '""', '"q"', '"relu"',
         "07:32:00", f"0x{'f' * 5000}", f'"{"y" * 300}"']
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.dictionaries(KEYS, inner, max_size=3).map(
            lambda items: f"{{{', '.join(f'{key} = {item}' for key, item in items.items())}}}"
        ),
    ),
    max_leaves=6,
)  # fmt: skip
LINES = st.one_of(
    st.builds("{} = {}".format, KEYS, VALUES),
    st.builds("[{}]".format, KEYS),
    st.builds("[[{}]]".format, KEYS),
)


@settings(
    max_examples=200,
    deadline=dt.timedelta(seconds=20),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(lines=st.lists(LINES, max_size=8, unique=True))
def test_any_file_is_a_study_or_refused(lines, tmp_path):
    path = tmp_path / "any.toml"
    path.write_text("\n".join(lines))
    try:
        spec = read_spec(path, Overrides(), study="custom")
    except ConfigurationError as error:
        check_faults(error.faults)
        return
    assert len(spec.arms) == len(spec.names) > 0


def check_faults(faults):
    """Each is a line that says what to do, and that a terminal can show."""
    for fault in faults:
        assert fault.isprintable()
        assert "; " in fault or fault.endswith("?"), fault
