import dataclasses

import numpy as np
import pandas as pd
import pytest

from reports.drawing.figure import draw
from reports.figures.settings import (
    FEWEST_LAYERS,
    MOST_PANELS,
    differences,
    figure,
    hyperparameter,
    isolate,
    without_layers,
)
from reports.judged import with_verdicts
from studies.statistics.equal_counts import compare_settings
from sweep.space import applicable

NONE = pd.DataFrame()


def compared(expected, half=0.01, edges=(8, 32, 128, 512)):
    """Bins of the width, compared by their expected best."""
    return pd.DataFrame(
        {
            "hyperparameter": "width", "value": "", "low": edges[:-1], "high": edges[1:],
            "trials": 9, "draws": 3, "expected": expected,
            "lower": np.array(expected) - half, "upper": np.array(expected) + half,
        }
    )  # fmt: skip


@pytest.fixture(scope="module")
def width(run):
    judged = with_verdicts(run.searched, run.verdicts)
    return "width", hyperparameter(judged, "width", {"low": 8, "high": 512, "log": True})


@pytest.fixture(scope="module")
def optimizer(run):
    judged = with_verdicts(run.searched, run.verdicts)
    return "optimizer", hyperparameter(judged, "optimizer", {"choices": ["adam", "sgd", "rmsprop"]})


def test_a_bin_of_a_log_range_stands_at_its_middle_on_that_scale(width):
    (one,) = isolate([width], compared([0.8, 0.9, 0.85]))
    assert one.known["x"].tolist() == pytest.approx([16, 64, 256])
    assert one.draws == 3


def test_a_choice_stands_where_its_trials_do(optimizer):
    table = compared([0.8, 0.9, 0.85]).assign(
        hyperparameter="optimizer", value=["sgd", "adam", "unknown"], low=np.nan, high=np.nan
    )
    (one,) = isolate([optimizer], table)
    assert one.known["x"].tolist() == [1, 0]


def test_best_and_worst_differ_clearly_where_their_intervals_are_apart(width):
    (apart,) = isolate([width], compared([0.8, 0.9, 0.85]))
    (overlapping,) = isolate([width], compared([0.89, 0.9, 0.895]))
    assert (apart.best, apart.worst, apart.is_clear) == (1, 0, True)
    assert not overlapping.is_clear


@pytest.mark.parametrize(
    ("expected", "edge"),
    [([0.8, 0.85, 0.9], "upper"), ([0.9, 0.85, 0.8], "lower"), ([0.8, 0.9, 0.85], "")],
)
def test_the_edge_at_which_the_best_bin_lies_is_told(width, expected, edge):
    assert isolate([width], compared(expected))[0].edge == edge


def test_a_best_bin_at_an_edge_that_may_be_chance_is_not_told(width):
    assert isolate([width], compared([0.89, 0.895, 0.9]))[0].edge == ""


def test_an_edge_bin_that_is_not_compared_leaves_no_edge(width):
    table = compared([0.8, 0.85, 0.9, np.nan], edges=(8, 32, 64, 128, 512))
    assert isolate([width], table)[0].edge == ""


def test_choices_have_no_edge(optimizer):
    table = compared([0.7, 0.8, 0.9]).assign(
        hyperparameter="optimizer", value=["adam", "sgd", "rmsprop"], low=np.nan, high=np.nan
    )
    assert isolate([optimizer], table)[0].edge == ""


def test_what_lies_beyond_the_axes_is_drawn_at_their_end_and_kept_as_it_is(width):
    wide = compared([0.80, 0.81, 0.82], half=0.001).assign(lower=[0.799, 0.809, -5.0])
    (one,) = isolate([width], wide.assign(low=[1.0, 32, 128]))
    shown = one.panel("accuracy", {}, compare=True)
    assert shown.compared["lower"].min() == shown.compared_limits[0] > -1
    assert one.known["lower"].min() == -5
    assert shown.compared["low"].iloc[0] == one.points.x_limits[0]


@pytest.mark.parametrize("table", [NONE, compared([0.8, 0.9, 0.7]).iloc[:0]], ids=["no", "empty"])
def test_without_a_comparison_only_the_trials_are_left(width, table):
    (one,) = isolate([width], table)
    assert (one.draws, one.best, one.worst, one.edge, one.is_clear) == (0, -1, -1, "", False)
    assert one.compared.empty
    assert all(np.isfinite(one.panel("accuracy", {}, compare=True).compared_limits))


@pytest.fixture(scope="module")
def settings(evident_run):
    return figure(evident_run)


def test_each_hyperparameter_that_varied_has_a_panel(settings):
    assert len(settings.panels) == 10
    assert settings.id == "settings"


def test_the_table_has_every_value_with_its_count_and_interval(settings, evident_run):
    rows = {row[0]: row for row in settings.table.rows if row[1] == "adam"}
    assert set(rows) == {"Optimizer"}
    trials, draws, expected, low, high = rows["Optimizer"][2:]
    told = evident_run.equal_counts.query("hyperparameter == 'optimizer' and value == 'adam'")
    assert trials == str(int(told["trials"].iloc[0]))
    assert draws == str(int(told["draws"].iloc[0]))
    assert float(low) <= float(expected) <= float(high)


def test_a_whole_number_is_named_by_itself_and_a_bin_by_its_ends(settings):
    values = {row[0]: row[1] for row in reversed(settings.table.rows)}
    assert values["Depth"] == "1"
    assert values["Dropout"].startswith("0 to 0.")


def test_the_finding_compares_at_equal_counts(settings):
    assert "at equal counts" in settings.finding
    assert "third of the trials of the least tried" in settings.how_to_read


def test_without_the_comparison_the_trials_alone_are_shown(run):
    told = figure(run)
    assert len(told.panels) == 10
    assert "equal counts" not in told.finding
    assert not told.table.rows


def test_clear_differences_name_the_best_and_the_worst_value(evident_run):
    judged = with_verdicts(evident_run.searched, evident_run.verdicts)
    points = hyperparameter(judged, "optimizer", {"choices": ["adam", "sgd", "rmsprop"]})
    table = evident_run.equal_counts.query("hyperparameter == 'optimizer'").head(2)
    table = table.assign(
        value=["adam", "sgd"], draws=4, expected=[0.9, 0.7], lower=[0.85, 0.65], upper=[0.95, 0.75]
    )
    clear = differences(isolate([("optimizer", points)], table), "accuracy")
    assert "optimizer (0.900 at adam against 0.700 at sgd, best of 4)" in clear
    vague = differences(isolate([("optimizer", points)], table.assign(lower=0.1)), "accuracy")
    assert "do not tell them apart" in vague
    assert differences(isolate([("optimizer", points)], table.iloc[:0]), "accuracy") == ""


def test_a_hostile_choice_is_only_ever_text(evident_run):
    name = f"</script><b>$x^2$\u202e{'n' * 300}"
    bounds = {"activation": {"choices": [name, "relu"]}}
    names = {"relu": "relu", "sigmoid": "relu", "tanh": name, "leaky_relu": name}
    trials = evident_run.trials.assign(activation=evident_run.trials["activation"].map(names))
    manifest = {**evident_run.manifest, "space_bounds": bounds}
    table = compare_settings(trials, bounds)
    told = draw(
        figure(
            dataclasses.replace(evident_run, trials=trials, equal_counts=table, manifest=manifest)
        )
    )
    assert len(told.panels) == 1
    assert "&lt;/script&gt;" in told.panels[0]
    words = [told.finding, *told.panels, *(cell for row in told.table.rows for cell in row)]
    assert not any("\u202e" in text for text in words)
    assert max(len(cell) for row in told.table.rows for cell in row) < 100


def test_a_run_without_trials_has_no_section(nothing):
    assert figure(nothing) is None


@pytest.mark.slow
def test_hyperparameters_beyond_the_last_panel_are_counted(run):
    names = [f"own_{place}" for place in range(MOST_PANELS + 2)]
    bounds = {name: {"low": 0.0, "high": 1.0, "log": False} for name in names}
    trials = run.trials.assign(**dict.fromkeys(names, 0.5))
    told = figure(
        dataclasses.replace(run, trials=trials, manifest={**run.manifest, "space_bounds": bounds})
    )
    assert len(told.panels) == MOST_PANELS
    assert told.note.endswith("2 further hyperparameters not drawn.")


def test_trials_without_hidden_layers_are_counted_where_they_have_no_panel(run):
    depth = run.trials["depth"].clip(lower=2)
    depth.loc[run.searched.index[:2]] = 0
    told = figure(dataclasses.replace(run, trials=run.trials.assign(depth=depth)))
    assert "2 trials with no hidden layer: not in the panels of width, dropout and activation." in (
        told.note
    )
    assert "2 trials with fewer than 2 hidden layers: not in the panel of shape." in told.note
    assert "width" not in told.finding.partition(".")[0]


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
