import dataclasses

import pytest

from reports.drawing.figure import draw
from reports.figures.settings import MOST_PANELS, differences, figure, hyperparameter, isolate
from reports.judged import with_verdicts
from studies.statistics.equal_counts import compare_settings


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
