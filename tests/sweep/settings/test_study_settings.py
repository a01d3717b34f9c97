import json

import pytest

from sweep.errors import ConfigurationError
from sweep.settings.study_settings import StudySettings


def faults_of(**values):
    with pytest.raises(ConfigurationError) as caught:
        StudySettings.read({"data": "digits", "study": "ladder"} | values)
    return list(caught.value.faults)


def test_the_defaults_are_the_documented_ones():
    settings = StudySettings(data="digits", study="ladder")

    assert {**settings.as_json(), "split": None} == {
        "split": None,
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
        "workers": None,
        "seed": 0,
        "max_failures": 10,
        "trial_timeout": None,
        "memory_limit": None,
        "report": True,
        "study": "ladder",
        "seeds": 10,
        "folds": 0,
        "budget": None,
        "epochs": None,
        "label_noise": 0.0,
        "margin": None,
        "parameters": [],
    }


@pytest.mark.parametrize(
    ("key", "value", "fault"),
    [
        ("seeds", 1, "seeds: 1 is too small; give a whole number from 2 up to 1000"),
        ("seeds", 1001, "seeds: 1001 is too large; give a whole number from 2 up to 1000"),
        ("seeds", "ten", "seeds: 'ten' is not a whole number from 2 up to 1000; give such a value"),
        (
            "folds",
            1,
            "folds: 1 fold leaves nothing to train on; give 2 or more, or 0 for one split",
        ),
        ("folds", -1, "folds: -1 is too small; give a whole number from 0 up to 100"),
        ("folds", 101, "folds: 101 is too large; give a whole number from 0 up to 100"),
        ("epochs", 0, "epochs: 0 is too small; give a whole number from 1 up to 100000"),
        ("label_noise", 1.5, "label_noise: 1.5 is too large; give a number from 0 up to 1"),
        ("label_noise", -0.1, "label_noise: -0.1 is too small; give a number from 0 up to 1"),
        (
            "label_noise",
            float("nan"),
            "label_noise: nan is not a finite number; give a number from 0 up to 1",
        ),
        ("margin", 0.0, "margin: 0.0 is too small; give a number above 0 to below 1000"),
        ("margin", 1000.0, "margin: 1000.0 is too large; give a number above 0 to below 1000"),
        ("rows", 19, "rows: 19 is too small; give a whole number from 20 up to 1000000000"),
        ("budget", "", "budget: it is empty; give a name, or leave it out"),
        ("study", 3, "study: 3 is not text; put it in quotes"),
        ("seads", 3, "seads: unknown key; did you mean seeds?"),
    ],
)
def test_a_fault_is_named_with_its_value(key, value, fault):
    assert faults_of(**{key: value}) == [fault]


def test_all_faults_are_told_together():
    faults = faults_of(folds=1, seeds=0, rows=3, margin=-1.0, widht=3)

    assert [fault.partition(":")[0] for fault in faults] == [
        "rows",
        "seeds",
        "folds",
        "margin",
        "widht",
    ]


def test_no_folds_two_folds_and_all_noise_are_settings():
    for values in ({"folds": 0}, {"folds": 2}, {"label_noise": 1.0}, {"seeds": 2}):
        StudySettings.read({"data": "digits", "study": "ladder"} | values)


def test_settings_come_back_from_the_json_of_a_manifest():
    settings = StudySettings(
        data="digits", study="mine.toml", seeds=3, folds=4, budget="5m", label_noise=0.2,
        margin=0.5, parameters=["width=32,64", "depth=1"], rows=400, seed=7,
    )  # fmt: skip
    text = json.dumps(settings.as_json())

    assert StudySettings.read(json.loads(text)) == settings
