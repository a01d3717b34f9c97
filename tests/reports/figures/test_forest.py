import math

import numpy as np
import pandas as pd
import pytest

from reports.figures import forest
from reports.figures.forest import MOST_ROWS, panel
from reports.study_content import ForestFigure

COLUMNS = ["comparison", "difference", "low", "high", "verdict"]


def figure(rows, margin=0.01):
    return ForestFigure(
        id="f", title="F", finding="It is so.", how_to_read="So.", unit="accuracy", margin=margin,
        table=pd.DataFrame(rows, columns=COLUMNS),
    )  # fmt: skip


def row(difference, verdict="undecided", half=0.01):
    return ("a against b", difference, difference - half, difference + half, verdict)


def test_rows_inside_the_axis_stand_at_their_place():
    shown = panel(figure([row(0.02, "better"), row(-0.01)]))
    assert shown.points["value"].tolist() == [0.02, -0.01]
    assert shown.points["low"].tolist() == pytest.approx([0.01, -0.02])
    assert shown.points["value"].between(*shown.limits).all()


def test_zero_and_the_margin_lie_inside_the_axis():
    low, high = panel(figure([row(5.0, half=0.1)], margin=0.5)).limits
    assert low < -0.5
    assert high > 0.5


def test_a_far_off_row_does_not_stretch_the_axis_and_is_counted():
    rows = [row(value) for value in (0.01, -0.01, 0.02, 0.0, -0.02, 0.015)]
    given = figure([*rows, row(-50.0, "worse", half=1.0)])
    assert panel(given).limits[0] > -1
    assert panel(given).points["value"].iloc[-1] == -50.0
    assert "1 difference beyond the axis" in forest.figure(given, "f").note


@pytest.mark.parametrize(
    ("rows", "side"),
    [
        ([row(0.1, "better"), row(-0.1, "worse"), row(-0.2)], "right is better"),
        ([row(-0.1, "better"), row(0.1, "worse")], "left is better"),
        ([row(-0.1, "better"), row(0.1, "better")], "dot and interval"),
        ([row(0.1), row(-0.1, "equivalent")], "dot and interval"),
        ([], "dot and interval"),
    ],
)
def test_the_side_of_the_better_is_told_only_by_what_was_decided(rows, side):
    assert panel(figure(rows, margin=0.0)).remark == side


@pytest.mark.parametrize("margin", [0.0, math.nan])
def test_without_a_margin_there_is_no_band(margin):
    assert panel(figure([row(0.1)], margin=margin)).margin == 0.0


def test_unknown_differences_have_no_place():
    shown = panel(figure([("a", np.nan, np.nan, np.nan, "undecided"), row(np.inf)]))
    assert shown.points["value"].isna().all()
    assert shown.limits[0] < 0 < shown.limits[1]


def test_an_interval_without_its_difference_is_not_drawn():
    shown = panel(figure([("a", np.nan, 0.0, 1.0, "undecided")]))
    assert shown.points[["low", "high"]].isna().all(axis=None)


def test_rows_beyond_the_forty_are_counted():
    given = figure([row(0.001 * place) for place in range(50)])
    assert len(panel(given).rows) == MOST_ROWS
    assert f"{50 - MOST_ROWS} more stand in the table." in forest.figure(given, "f").note
