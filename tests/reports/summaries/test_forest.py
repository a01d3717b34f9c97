import math

import numpy as np
import pandas as pd
import pytest

from reports.study_content import ForestFigure
from reports.summaries.forest import MOST_ROWS, forest

COLUMNS = ["comparison", "difference", "low", "high", "verdict"]


def figure(rows, margin=0.01):
    return ForestFigure(
        id="f", title="F", finding="It is so.", how_to_read="So.", unit="accuracy", margin=margin,
        table=pd.DataFrame(rows, columns=COLUMNS),
    )  # fmt: skip


def row(difference, verdict="undecided", half=0.01):
    return ("a against b", difference, difference - half, difference + half, verdict)


def test_rows_inside_the_axis_stand_at_their_place():
    summary = forest(figure([row(0.02, "better"), row(-0.01)]))
    assert summary.rows["shown"].tolist() == [0.02, -0.01]
    assert summary.rows["shown_low"].tolist() == pytest.approx([0.01, -0.02])
    assert not summary.rows[["cut_low", "cut_high"]].to_numpy().any()
    assert set(summary.rows["beyond"]) == {""}


def test_zero_and_the_margin_lie_inside_the_axis():
    low, high = forest(figure([row(5.0, half=0.1)], margin=0.5)).limits
    assert low < -0.5
    assert high > 0.5


def test_a_far_off_row_stands_at_the_edge_and_says_so():
    rows = [row(value) for value in (0.01, -0.01, 0.02, 0.0, -0.02, 0.015)]
    summary = forest(figure([*rows, row(-50.0, "worse", half=1.0)]))
    last = summary.rows.iloc[-1]
    assert (last["beyond"], bool(last["cut_low"]), bool(last["cut_high"])) == ("<", True, False)
    assert last["shown"] == summary.limits[0] > -1
    assert last["difference"] == -50.0


def test_a_far_off_row_without_interval_is_still_cut():
    rows = [row(value) for value in (0.01, -0.01, 0.02, 0.0, -0.02, 0.015)]
    summary = forest(figure([*rows, ("x", 50.0, np.nan, np.nan, "undecided")]))
    assert bool(summary.rows.iloc[-1]["cut_high"])


@pytest.mark.parametrize(
    ("rows", "side"),
    [
        ([row(0.1, "better"), row(-0.1, "worse"), row(-0.2)], "right"),
        ([row(-0.1, "better"), row(0.1, "worse")], "left"),
        ([row(-0.1, "better"), row(0.1, "better")], ""),
        ([row(0.1), row(-0.1, "equivalent")], ""),
        ([], ""),
    ],
)
def test_the_side_of_the_better_is_told_only_by_what_was_decided(rows, side):
    assert forest(figure(rows)).better == side


@pytest.mark.parametrize("margin", [0.0, math.nan])
def test_without_a_margin_there_is_no_band(margin):
    assert forest(figure([row(0.1)], margin=margin)).margin == 0.0


def test_unknown_differences_have_no_place():
    summary = forest(figure([("a", np.nan, np.nan, np.nan, "undecided"), row(np.inf)]))
    assert summary.rows["shown"].isna().all()
    assert summary.limits[0] < 0 < summary.limits[1]


def test_an_interval_without_its_difference_is_not_drawn():
    summary = forest(figure([("a", np.nan, 0.0, 1.0, "undecided")]))
    assert summary.rows[["shown_low", "shown_high"]].isna().all(axis=None)


def test_rows_beyond_the_forty_are_counted():
    summary = forest(figure([row(0.001 * place) for place in range(50)]))
    assert len(summary.rows) == MOST_ROWS
    assert summary.left_out == 50 - MOST_ROWS
