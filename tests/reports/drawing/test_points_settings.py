import numpy as np
import pandas as pd
import pytest

from reports import theme
from reports.figures.settings import hyperparameter, isolate
from reports.judged import with_verdicts
from studies.statistics.equal_counts import compare_settings


@pytest.fixture(scope="module")
def alone(run_maker):
    run = run_maker(trials=80, confirm=0)
    judged = with_verdicts(run.searched, run.verdicts)
    bounds = {name: run.manifest["space_bounds"][name] for name in ("width", "optimizer")}
    found = [(name, hyperparameter(judged, name, bound)) for name, bound in bounds.items()]
    return dict(zip(bounds, isolate(found, compare_settings(run.trials, bounds)), strict=True))


def segments(axes):
    return [part for lines in axes.collections for part in lines.get_segments()]


def test_each_bin_is_a_level_line_from_end_to_end_with_its_interval(alone):
    shown = alone["width"].panel("accuracy", {}, compare=True)
    _, upper = shown.draw().axes
    drawn = segments(upper)
    for row in shown.compared.itertuples():
        level = [[row.low, row.expected], [row.high, row.expected]]
        bar = [[row.x, row.lower], [row.x, row.upper]]
        assert any(np.allclose(line, level) for line in drawn)
        assert any(np.allclose(line, bar) for line in drawn)


def test_both_parts_have_the_same_horizontal_axis(alone):
    for one in alone.values():
        lower, upper = one.panel("accuracy", {}, compare=True).draw().axes
        assert upper.get_xlim() == lower.get_xlim()
        assert upper.get_xscale() == lower.get_xscale()
        assert upper.get_position().x0 == lower.get_position().x0
        assert upper.get_position().y0 > lower.get_position().y1


def test_a_choice_bears_the_mark_of_its_value(alone):
    marks = theme.value_marks({"optimizer": ["adam", "sgd", "rmsprop"]})
    _, upper = alone["optimizer"].panel("accuracy", marks, compare=True).draw().axes
    dots = {
        (line.get_xdata()[0], line.get_marker())
        for line in upper.lines
        if line.get_linestyle() == "None"
    }
    known = [marks["optimizer", name].marker for name in ("adam", "sgd", "rmsprop")]
    assert dots == set(enumerate(known))


def test_a_hyperparameter_of_too_few_trials_says_so(run):
    judged = with_verdicts(run.searched, run.verdicts)
    points = hyperparameter(judged, "width", {"low": 8, "high": 512, "log": True})
    (one,) = isolate([("width", points)], pd.DataFrame())
    _, upper = one.panel("accuracy", {}, compare=True).draw().axes
    assert "too few" in " ".join(text.get_text() for text in upper.texts)
    assert not list(upper.get_yticks())
