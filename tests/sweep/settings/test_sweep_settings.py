import dataclasses
import json

import pytest

from sweep.errors import ConfigurationError
from sweep.settings.run_settings import SplitFractions
from sweep.settings.sweep_settings import SweepSettings
from sweep.space.parameters import Fixed
from sweep.space.parsing import parse_space
from sweep.space.search_space import SearchSpace


def faults_of(**values):
    with pytest.raises(ConfigurationError) as caught:
        SweepSettings.read({"data": "digits"} | values)
    return caught.value.faults


def test_the_defaults_are_the_documented_ones():
    settings = SweepSettings(data="digits")

    assert {**settings.as_json(), "space": None} == {
        "space": None,
        "data": "digits",
        "target": None,
        "task": None,
        "group": None,
        "class_weight": None,
        "data_dir": None,
        "columns": {
            **{key: [] for key in ("categorical", "numeric", "drop", "keep", "id")},
            **dict.fromkeys(("weight", "time"), ""),
        },
        "log_target": False,
        "header": None,
        "decimal": None,
        "test": None,
        "rows": None,
        "trials": 30,
        "budget": None,
        "epochs": 30,
        "workers": None,
        "seed": 0,
        "sampler": "tpe",
        "pruner": None,
        "audit": False,
        "confirm": 5,
        "confirm_top": 3,
        "score": None,
        "baselines": True,
        "report": True,
        "lag": None,
        "start": [],
        "storage": None,
        "split": {"train": 0.6, "validation": 0.2, "test": 0.2},
        "max_failures": 10,
        "trial_timeout": None,
        "memory_limit": None,
    }
    assert settings.space == SearchSpace()


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"trials": 7, "seed": 2**31 - 1, "sampler": "grid", "workers": 2, "lag": 8},
        {"split": {"train": 0.5, "validation": 0.25, "test": 0.25}, "confirm": 0},
        {"space": {"depth": 0, "learning_rate": {"adam": [0.1, 0.01]}, "max_parameters": 10**6}},
    ],
)
def test_settings_are_equal_after_a_manifest_kept_them(values):
    settings = SweepSettings.read({"data": "digits"} | values)

    again = SweepSettings.read(json.loads(json.dumps(settings.as_json())))

    assert again == settings
    assert again.space == settings.space
    assert isinstance(again.space, SearchSpace)


def test_a_space_is_taken_as_it_is():
    space = SearchSpace(depth=Fixed(value=2))

    assert SweepSettings(data="digits", space=space).space == space


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"trials": 0}, "trials: 0 is too small; give a whole number from 1 up to 1000000"),
        (
            {"trials": 10**12},
            "trials: 1000000000000 is too large; give a whole number from 1 up to 1000000",
        ),
        (
            {"trials": 1e12},
            "trials: 1000000000000.0 is not a whole number from 1 up to 1000000; give such a value",
        ),
        (
            {"trials": "30"},
            "trials: '30' is not a whole number from 1 up to 1000000; give such a value",
        ),
        (
            {"trials": True},
            "trials: true is not a whole number from 1 up to 1000000; give such a value",
        ),
        (
            {"trials": 10**5000},
            "trials: a huge number is too large; give a whole number from 1 up to 1000000",
        ),
        ({"epochs": 0}, "epochs: 0 is too small; give a whole number from 1 up to 100000"),
        ({"epochs": [10, 20]}, "epochs: epochs are never tuned: each trial is judged"),
        ({"epochs": {"low": 1, "high": 5}}, "epochs: epochs are never tuned: each trial is judged"),
        ({"workers": 0}, "workers: 0 is too small; give a whole number from 1 up to 1024"),
        ({"workers": 1025}, "workers: 1025 is too large; give a whole number from 1 up to 1024"),
        ({"seed": -1}, "seed: -1 is too small; give a whole number from 0 up to 2147483647"),
        (
            {"seed": 2**31},
            "seed: 2147483648 is too large; give a whole number from 0 up to 2147483647",
        ),
        (
            {"sampler": "tpee"},
            "sampler: 'tpee' is not one of tpe, random, qmc, grid; did you mean tpe?",
        ),
        (
            {"task": "clustering"},
            "task: 'clustering' is not one of classification, regression; give such a value",
        ),
        ({"confirm": -1}, "confirm: -1 is too small; give a whole number from 0 up to 100"),
        ({"confirm_top": 0}, "confirm_top: 0 is too small; give a whole number from 1 up to 100"),
        ({"baselines": 1}, "baselines: 1 is not true or false"),
        ({"report": "no"}, "report: 'no' is not true or false"),
        ({"lag": 0}, "lag: 0 is too small; give a whole number from 1 up to 4096"),
        ({"lag": 2, "workers": 3}, "lag: 2 is less than the 3 workers; give at least 3"),
        (
            {"max_failures": 0},
            "max_failures: 0 is too small; give a whole number from 1 up to 1000000",
        ),
        ({"data": ""}, "data: it is empty; name a bundled data set or a file"),
        ({"data": 3}, "data: 3 is not text; put it in quotes"),
        ({"target": 3}, "target: 3 is not text"),
        ({"split": 0.5}, "split: 0.5 is not a table; give one"),
        ({"split": {"train": 0.9}}, "split: train 0.9, validation 0.2 and test 0.2 sum to 1.3"),
        ({"split": {"test": 0}}, "split.test: 0 is too small; give a number above 0 to below 1"),
        ({"split": {"train": 1}}, "split.train: 1 is too large; give a number above 0 to below 1"),
        (
            {"split": {"train": float("nan")}},
            "split.train: nan is not a finite number; give a number above 0 to below 1",
        ),
        ({"split": {"tset": 0.2}}, "split.tset: unknown key; did you mean test?"),
        ({"space": 3}, "space: 3 is not a table; give one"),
        ({"space": {"widht": 3}}, "space.widht: unknown key; did you mean width?"),
        ({"tirals": 3}, "tirals: unknown key; did you mean trials?"),
        ({"zzz": 3}, "zzz: unknown key; the keys are data, target"),
        ({"batch_size": 64}, "batch_size: it belongs to the search space; move it into the table"),
        ({"\x1b": 3}, r"\x1b: unknown key"),
    ],
)
def test_a_wrong_setting_is_told_in_one_line(values, fault):
    faults = faults_of(**values)

    assert len(faults) == 1
    assert faults[0].startswith(fault)


def test_missing_data_is_told():
    with pytest.raises(ConfigurationError, match="data: it is missing; name a bundled data set"):
        SweepSettings.read({})


def test_all_faults_are_told_together_those_of_the_space_too():
    faults = faults_of(trials=0, seed=-1, split={"test": 0}, space={"depth": -1, "widht": 1})

    assert [fault.split(":")[0] for fault in faults] == [
        "seed",
        "split.test",
        "trials",
        "space.depth",
        "space.widht",
    ]


def test_settings_cannot_be_changed():
    settings = SweepSettings(data="digits")

    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.trials = 5


def test_fractions_that_sum_to_one_but_for_rounding_are_taken():
    assert SplitFractions(train=0.7, validation=0.1, test=0.2).train == 0.7


def test_the_space_in_a_manifest_is_complete():
    kept = SweepSettings(data="digits", space=parse_space({"depth": 3})).as_json()

    assert kept["space"]["depth"] == 3
    assert kept["space"]["width"] == {"low": 8, "high": 512, "log": True}


@pytest.mark.parametrize(
    ("score", "advice"),
    [("roc_auc", "did you mean roc-auc?"), ("xyzzy", "give one of accuracy, balanced-accuracy,")],
)
def test_a_score_that_there_is_not_is_named_with_what_there_is(score, advice):
    with pytest.raises(ConfigurationError) as caught:
        SweepSettings(data="digits", score=score)

    (fault,) = caught.value.faults
    assert fault.startswith(f"score: {score!r} is not a score; {advice}")


def test_a_score_is_kept_as_json():
    settings = SweepSettings(data="digits", score="average-precision")

    assert SweepSettings.read(settings.as_json()) == settings


@pytest.mark.parametrize(
    ("given", "trials"),
    [
        ({}, 30),
        ({"budget": "10m"}, 1_000_000),
        ({"budget": "10m", "trials": 40}, 40),
        ({"budget": "200"}, 200),
        ({"budget": "200 trials", "trials": 40}, 40),
        ({"budget": "0.5", "trials": 40}, 1),
    ],
)
def test_a_budget_and_trials_are_both_bounds(given, trials):
    settings = SweepSettings.read({"data": "digits", **given})

    assert settings.trials == trials
    assert SweepSettings.read(settings.as_json()) == settings


def test_a_wrong_budget_is_told_with_all_other_faults():
    assert [fault.place for fault in faults_of(budget="5 days", epochs=0)] == ["budget", "epochs"]


def test_keywords_take_the_tables_that_a_file_has():
    settings = SweepSettings(
        data="digits", space={"depth": 2}, split={"train": 0.5, "validation": 0.25, "test": 0.25},
        columns={"drop": ["x"]}, start=[{"width": 16}],
    )  # fmt: skip
    assert settings.space.depth == Fixed(value=2)
    assert settings.split.train == 0.5
    assert settings.data_spec.drop == ("x",)
    assert settings.start[0]["depth"] == 2
    assert SweepSettings.read(settings.as_json()) == settings
    with pytest.raises(ConfigurationError) as caught:
        SweepSettings(data="digits", space={"depth": -1}, columns={"dorp": ["x"]})
    assert [fault.place for fault in caught.value.faults] == ["columns.dorp", "space.depth"]
