import numpy as np
import pandas as pd
import pytest

from sweep.space.applicable import column_of, has_parameter, places, range_of


@pytest.fixture
def trials():
    return pd.DataFrame(
        {
            "depth": [0, 1, 2],
            "width": [0, 16, 32],
            "shape": ["equal"] * 3,
            "dropout": [0.0, 0.1, 0.2],
            "activation": ["linear", "relu", "tanh"],
            "optimizer": ["adam", "sgd", "sgd"],
            "learning_rate": [0.001, 0.01, 0.1],
            "momentum": [np.nan, 0.9, 0.5],
        }
    )


@pytest.mark.parametrize(
    ("key", "has"),
    [
        ("depth", [True, True, True]),
        ("width", [False, True, True]),
        ("activation", [False, True, True]),
        ("dropout", [False, True, True]),
        ("shape", [False, False, True]),
        ("momentum", [False, True, True]),
        ("learning_rate.adam", [True, False, False]),
        ("learning_rate.sgd", [False, True, True]),
        ("unknown", [False, False, False]),
    ],
)
def test_only_trials_whose_value_changed_something_have_a_hyperparameter(trials, key, has):
    assert has_parameter(trials, key).tolist() == has


def test_a_table_without_rows_has_no_trial_with_a_hyperparameter(trials):
    assert has_parameter(trials.iloc[:0], "width").tolist() == []


def test_the_column_of_a_learning_rate_is_that_of_all_optimizers():
    assert column_of("learning_rate.adam") == "learning_rate"
    assert column_of("width") == "width"


@pytest.mark.parametrize(
    ("bound", "ends"),
    [
        ({"low": 1, "high": 6}, (1.0, 6.0, False)),
        ({"low": 1e-4, "high": 1e-2, "log": True}, (1e-4, 1e-2, True)),
        ({"low": 0.0, "high": 1.0, "log": True}, (0.0, 1.0, False)),
        ({"choices": [1, 2]}, None),
        ({"value": 32}, None),
        ({"low": "<b>", "high": 1}, None),
        ({"low": 2, "high": 2}, None),
        ({"low": 0, "high": float("nan")}, None),
    ],
)
def test_a_range_is_read_and_whatever_is_none_is_told(bound, ends):
    assert range_of(bound) == ends


def test_places_are_on_the_scale_of_the_range_and_never_outside():
    values = np.array([1e-4, 1e-3, 1e-2, 1.0])
    assert places(values, (1e-4, 1e-2, True)).tolist() == pytest.approx([0, 0.5, 1, 1])
    assert places(np.array([-1.0, 0.25]), (0.0, 1.0, False)).tolist() == [0, 0.25]
