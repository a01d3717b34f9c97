import numpy as np
import pytest

from reports.figures.settings import FEWEST_LAYERS, hyperparameter, without_layers
from reports.judged import with_verdicts
from sweep.space import applicable

WIDTH = {"low": 8, "high": 512, "log": True}


@pytest.fixture
def judged(run):
    """Thirty trials with hidden layers, but for the first three, which are linear models."""
    table = with_verdicts(run.searched, run.verdicts).assign(outcome="finished")
    table["depth"] = np.where(np.arange(len(table)) < 3, 0, 1 + np.arange(len(table)) % 2)
    linear = table["depth"] == 0
    table["activation"] = table["activation"].mask(linear, "linear")
    table["validation_score"] = np.where(linear, 0.99, 0.9)
    table["validation_loss"] = np.where(linear, 0.01, 0.3)
    return table.assign(width=table["width"].mask(linear, 0), verdict="fits")


def test_a_network_without_hidden_layers_has_no_place_among_widths(judged):
    points = hyperparameter(judged, "width", WIDTH)
    assert not set(points.table["trial"]) & set(judged["trial"].head(3))
    assert sum(points.counts.values()) == len(judged) - 3
    assert points.axes.scale == "log"  # which a width of 0 cannot stand on
    assert min(points.best) > 0


def test_no_activation_is_made_up_for_a_network_without_hidden_layers(judged):
    points = hyperparameter(judged, "activation", {"choices": ["relu", "sigmoid", "tanh"]})
    assert "linear" not in points.axes.categories


def test_such_a_network_keeps_its_place_among_depths_and_rates(judged):
    for name in ("depth", "batch_size"):
        points = hyperparameter(judged, name, {"low": 0, "high": 64})
        assert sum(points.counts.values()) == len(judged)


def test_where_no_network_has_hidden_layers_there_is_no_panel_of_widths(judged):
    assert hyperparameter(judged.assign(depth=0, width=0), "width", WIDTH) is None


def test_trials_without_enough_layers_are_counted_once_for_all_they_lack(judged):
    one = int((judged["depth"] < 2).sum())
    assert without_layers(
        judged, ["depth", "width", "shape", "activation", "learning_rate.adam"]
    ) == {
        1: (3, ["width", "activation"]),
        2: (one, ["shape"]),
    }
    assert without_layers(judged.assign(depth=3), ["width", "shape"]) == {}
    assert without_layers(judged.iloc[:0], ["width"]) == {}


def test_the_rule_is_that_of_the_search_space():
    assert FEWEST_LAYERS == applicable.FEWEST_LAYERS
