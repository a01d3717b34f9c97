import math

import pandas as pd
import pytest
from matplotlib.colors import to_rgb

from reports import theme
from reports.comparison_content import CurvesPanel
from reports.drawing.svg import inline_svg
from reports.figures.run_curves import DASHES, overlay


def drawn(curves, *, names=None, **more):
    rows = [
        (name, float(place), value, value - 0.01, value + 0.01)
        for name, values in curves.items()
        for place, value in enumerate(values)
    ]
    table = pd.DataFrame(rows, columns=["series", "x", "y", "low", "high"])
    types = {"series": "str", **dict.fromkeys(["x", "y", "low", "high"], "float64")}
    fields = {"title": "Loss", "remark": "nats", "x_name": "epoch", "table": table.astype(types)}
    marks = theme.series_marks(names or list(curves))
    marks = {name: marks[name] for name in (names or list(curves))}
    return overlay(CurvesPanel(**fields | more), marks).draw(), marks


def lines_of(figure):
    return [line for line in figure.axes[0].lines if line.get_linestyle() not in {"None", ""}]


def test_runs_differ_in_colour_dashes_and_mark():
    figure, marks = drawn({"a": [3.0, 2.0], "b": [2.0, 1.0]})
    first, second = lines_of(figure)
    assert to_rgb(first.get_color()) == to_rgb(theme.colour(marks["a"].ink))
    assert not first.is_dashed()
    assert second.is_dashed()
    dots = [line.get_marker() for line in figure.axes[0].lines if line.get_linestyle() == "None"]
    assert dots == [marks["a"].marker, marks["b"].marker]


def test_a_run_keeps_its_look_where_others_have_no_line():
    figure, marks = drawn({"b": [2.0, 1.0]}, names=["a", "b"])
    (line,) = lines_of(figure)
    assert to_rgb(line.get_color()) == to_rgb(theme.colour(marks["b"].ink))
    assert line.is_dashed()


def test_names_stand_at_the_ends_of_lines():
    figure, _ = drawn({"old": [3.0, 2.0], "new": [2.0, 1.0]})
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert texts == ["old", "new"]


def test_steps_are_drawn_as_steps():
    figure, _ = drawn({"a": [3.0, 2.0]}, steps=True)
    assert lines_of(figure)[0].get_drawstyle() == "steps-post"


def test_zero_is_marked_where_it_is_inside():
    assert len(lines_of(drawn({"a": [-1.0, 1.0]})[0])) == 2
    assert len(lines_of(drawn({"a": [0.5, 1.0]})[0])) == 1


def test_an_empty_panel_says_so():
    figure, _ = drawn({})
    assert [text.get_text() for text in figure.axes[0].texts] == ["no result to draw"]


def test_more_runs_than_dashes_are_drawn():
    curves = {f"run {number}": [2.0, 1.0 + number / 10] for number in range(len(DASHES) + 5)}
    assert len(lines_of(drawn(curves)[0])) == len(curves)


def test_the_same_drawing_comes_twice():
    svgs = [inline_svg(drawn({"a": [3.0, 2.0]})[0], name="x", prefix="p") for _ in range(2)]
    assert svgs[0] == svgs[1]


def test_a_hostile_name_is_only_text(hostile_name):
    figure, _ = drawn({hostile_name: [3.0, 2.0], "b": [1.0, math.nan]})
    svg = inline_svg(figure, name=hostile_name, prefix="p")
    assert "<script" not in svg.lower()


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_both_scales_are_drawn(scale):
    figure, _ = drawn({"a": [3.0, 2.0, 1.0]}, x_scale=scale)
    assert figure.axes[0].get_xscale() == scale
