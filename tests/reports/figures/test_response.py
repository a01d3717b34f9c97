import numpy as np
import pandas as pd
import pytest

from reports import theme
from reports.figures.response import lines_panel, response_panels, series_names, shares_axis
from reports.study_content import ResponseFigure

NO_MARKS = pd.DataFrame({"panel": [], "x": [], "label": []})


def figure(rows, **changes):
    """A response from (panel, series, x, mean, low, high)."""
    table = pd.DataFrame(rows, columns=["panel", "series", "x", "mean", "low", "high"])
    given = {
        "id": "f", "title": "F", "finding": "It is so.", "how_to_read": "So.", "x_name": "width",
        "x_scale": "linear", "y_name": "loss", "table": table, "marks": NO_MARKS,
    }  # fmt: skip
    return ResponseFigure(**{**given, **changes})


def curve(values, *, panel="", series="validation", half=0.1):
    return [
        (panel, series, float(place), value, value - half, value + half)
        for place, value in enumerate(values)
    ]


def test_an_empty_table_has_no_panel():
    assert response_panels(figure([])) == []


def test_panels_and_series_keep_the_order_of_the_table():
    rows = [
        *curve([1.0], panel="wide", series="train"),
        *curve([2.0], panel="narrow", series="validation"),
        *curve([3.0], panel="narrow", series="train"),
    ]
    panels = response_panels(figure(rows))
    assert [panel.title for panel in panels] == ["wide", "narrow"]
    marks = theme.series_marks(["train", "validation"])
    assert list(panels[1].series(marks)) == ["train", "validation"]
    assert series_names(figure(rows)) == ["train", "validation"]


def test_a_single_unnamed_panel_bears_the_name_of_the_measure():
    (panel,) = response_panels(figure(curve([1.0]), y_name="validation loss"))
    assert (panel.title, panel.remark) == ("Validation loss", "")
    (named,) = response_panels(figure(curve([1.0], panel="sgd"), y_name="loss"))
    assert (named.title, named.remark) == ("sgd", "loss")


def test_points_are_sorted_by_their_setting_and_not_changed():
    rows = curve([3.0, 1.0, 2.0])[::-1]
    given = figure(rows)
    (panel,) = response_panels(given)
    assert panel.points[["x", "mean", "low", "high"]].to_numpy() == pytest.approx(
        np.array([row[2:] for row in rows[::-1]])
    )
    marks = theme.series_marks(["validation"])
    assert lines_panel(given, panel, marks, "").x.is_whole


def test_the_axis_holds_every_mean_however_far_it_lies():
    peak = [0.3, 0.31, 0.3, 0.32, 0.31, 400.0, 0.3, 0.3, 0.31]
    (panel,) = response_panels(figure(curve(peak)))
    low, high = panel.y_limits
    assert low < 0.3
    assert high > 400.0


def test_one_interval_without_bounds_does_not_set_the_scale():
    rows = curve([0.3, 0.4, 0.5, 0.6], half=0.01)
    rows[3] = ("", "validation", 3.0, 0.6, -1e6, 1e6)
    (panel,) = response_panels(figure(rows))
    assert panel.cut == 1
    assert panel.y_limits[1] - panel.y_limits[0] < 2
    assert panel.points["high"].max() == panel.y_limits[1]
    (true,) = response_panels(figure(curve([0.3, 0.301], half=0.05)))
    assert true.cut == 0


@pytest.mark.parametrize("mean", [0.0, -0.5])
def test_a_log_axis_counts_what_it_has_no_place_for(mean):
    rows = curve([0.1, 1.0], half=0.05)
    rows.append(("", "validation", 2.0, mean, mean, mean))
    (panel,) = response_panels(figure(rows, y_scale="log"))
    assert panel.undrawn == 1
    assert panel.lost.empty
    assert panel.points["mean"].notna().sum() == 2
    (zero,) = response_panels(figure(curve([1.0, 2.0]), x_scale="log"))
    assert zero.undrawn == 1


@pytest.mark.parametrize("lost", [np.nan, np.inf])
def test_a_point_without_a_value_is_lost_and_not_undrawn(lost):
    rows = [*curve([1.0, lost]), *curve([1.0, lost], series="train")]
    (panel,) = response_panels(figure(rows))
    assert panel.undrawn == 0
    assert panel.lost["x"].tolist() == [1.0, 1.0]
    assert panel.lost["place"].tolist() == [0, 1]


def test_all_lost_still_has_limits():
    (panel,) = response_panels(figure(curve([np.nan, np.nan]), x_scale="log", y_scale="log"))
    assert panel.y_limits[0] < panel.y_limits[1]
    assert panel.x_limits[0] < panel.x_limits[1]


def test_panels_that_measure_alike_share_one_axis():
    rows = [*curve([0.9, 0.95], panel="a"), *curve([0.85, 0.93], panel="b")]
    panels = response_panels(figure(rows))
    assert shares_axis(panels)
    assert panels[0].y_limits == panels[1].y_limits


def test_panels_that_measure_different_things_have_an_axis_each():
    rows = [
        *curve([0.90, 0.92], panel="accuracy", half=0.01),
        *curve([0.01, 0.02], panel="gap", half=0.01),
    ]
    panels = response_panels(figure(rows))
    assert not shares_axis(panels)
    assert panels[1].y_limits[1] < 0.1 < panels[0].y_limits[0]
    assert panels[0].x_limits == panels[1].x_limits


def test_the_gap_is_where_both_curves_are_known():
    rows = [*curve([1.0, 2.0, 3.0], series="train"), *curve([1.5, np.nan, 4.0])]
    (panel,) = response_panels(figure(rows, shade_gap=True))
    assert panel.gap.to_numpy().tolist() == [[0.0, 1.0, 1.5], [2.0, 3.0, 4.0]]
    (bare,) = response_panels(figure(rows))
    marks = theme.series_marks(["train", "validation"])
    assert lines_panel(figure(rows), bare, marks, "").shade.empty
    assert len(lines_panel(figure(rows, shade_gap=True), panel, marks, "").shade) == 2
    (one,) = response_panels(figure(curve([1.0]), shade_gap=True))
    assert one.gap.empty


def test_marks_stand_in_their_panel_from_left_to_right():
    marks = pd.DataFrame(
        {"panel": ["a", "b", "a", "a"], "x": [2.0, 1.0, 0.5, np.nan], "label": list("yzxw")}
    )
    rows = [*curve([1.0, 2.0], panel="a"), *curve([1.0, 2.0], panel="b")]
    first, second = response_panels(figure(rows, marks=marks))
    assert first.marks == ((0.5, "x"), (2.0, "y"))
    assert second.marks == ((1.0, "z"),)
    assert first.x_limits[1] > 2.0


def test_categories_keep_their_order_in_every_panel_and_marks_find_them():
    rows = [
        ("a", "train", "3 layers", 1.0, 0.9, 1.1),
        ("a", "train", "1 layer", 2.0, 1.9, 2.1),
        ("b", "train", "1 layer", 2.0, 1.9, 2.1),
    ]
    marks = pd.DataFrame({"panel": ["b", "b"], "x": ["1 layer", "gone"], "label": ["best", "?"]})
    first, second = response_panels(figure(rows, x_scale="category", marks=marks))
    assert first.categories == second.categories == ("3 layers", "1 layer")
    assert second.points["x"].tolist() == [1.0]
    assert second.marks == ((1.0, "best"),)


def test_a_long_training_is_thinned_and_keeps_its_ends():
    (panel,) = response_panels(figure(curve(np.linspace(2, 1, 1000).tolist())))
    assert len(panel.points) < 200
    assert panel.points["x"].iloc[[0, -1]].tolist() == [0.0, 999.0]


def test_a_figure_s_own_table_is_left_as_it_was():
    given = figure(curve([1.0, np.nan]), shade_gap=True)
    before = given.table.copy()
    response_panels(given)
    pd.testing.assert_frame_equal(given.table, before)
