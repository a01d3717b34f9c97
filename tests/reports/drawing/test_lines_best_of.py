import pytest

from reports import theme
from reports.figures.best_of import curve as curve_of
from reports.figures.best_of import panel
from studies.findings.evidence import best_of_trials


@pytest.fixture(scope="module")
def curve(run):
    return curve_of(best_of_trials(run.trials), "loss")


@pytest.fixture(scope="module")
def axes(curve):
    (axes,) = panel(curve, "Validation loss", "expected").draw().axes
    return axes


def test_the_line_is_dashed_where_no_interval_can_be_given(curve, axes):
    ink = theme.colour("validation")
    (dashed,) = [line for line in axes.lines if line.is_dashed() and line.get_color() == ink]
    assert min(dashed.get_xdata()) == pytest.approx(curve.banded)
    assert max(dashed.get_xdata()) == pytest.approx(curve.trials)
    (band,) = axes.collections
    assert band.get_paths()[0].vertices[:, 0].max() == curve.banded


def test_dots_stand_at_half_and_at_all_of_the_trials(curve, axes):
    (dots,) = [line for line in axes.lines if line.get_marker() == "o"]
    assert dots.get_xydata().tolist() == [
        [curve.half, curve.before], [curve.trials, curve.expected]
    ]  # fmt: skip


def test_where_the_run_stands_is_said(curve, axes):
    assert [text.get_text() for text in axes.texts] == [f"this run: {curve.trials} finished trials"]


def test_what_really_happened_is_drawn_in_steps(axes):
    assert [line.get_drawstyle() for line in axes.lines].count("steps-post") == 1
