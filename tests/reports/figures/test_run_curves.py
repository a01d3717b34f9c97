import math

import numpy as np
import pandas as pd
import pytest

from reports import theme
from reports.comparison_content import CurvesFigure, CurvesPanel
from reports.figures import run_curves
from reports.figures.run_curves import short_names


def panel(curves, *, intervals=None, **more):
    rows = []
    for name, values in curves.items():
        for place, value in enumerate(values, start=1):
            half = (intervals or {}).get(name, math.nan)
            rows.append((name, float(place), value, value - half, value + half))
    table = pd.DataFrame(rows, columns=["series", "x", "y", "low", "high"])
    types = {"series": "str", **dict.fromkeys(["x", "y", "low", "high"], "float64")}
    fields = {"title": "Loss", "remark": "nats", "x_name": "epoch", "table": table.astype(types)}
    return CurvesPanel(**fields | more)


def overlay(given):
    names = list(dict.fromkeys(given.table["series"]))
    marks = theme.series_marks(names)
    return run_curves.overlay(given, {name: marks[name] for name in names})


def cut(given):
    marks = theme.series_marks(given.table["series"].unique())
    made = CurvesFigure(id="c", title="C", finding="", how_to_read="", panels=[given])
    return run_curves.figure(made, marks).note


def points(found, name):
    return found.table[found.table["series"] == name]


def test_lines_keep_their_order_and_points():
    found = overlay(panel({"b": [3.0, 2.0], "a": [2.0, 1.0]}))
    assert list(found.looks) == ["b", "a"]
    assert points(found, "a")["y"].tolist() == [2.0, 1.0]
    assert found.x.limits == (1.0, 2.0)


def test_points_that_are_not_finite_are_left_out():
    found = overlay(panel({"a": [3.0, math.nan, 1.0], "b": [math.inf, math.nan]}))
    assert list(found.looks) == ["a"]
    assert points(found, "a")["x"].tolist() == [1.0, 3.0]


def test_an_interval_is_known_only_with_both_ends():
    found = overlay(panel({"a": [1.0, 1.2], "b": [1.1, 1.0]}, intervals={"a": 0.01}))
    with_it, without = (points(found, name) for name in "ab")
    assert with_it["low"].notna().all()
    assert without["low"].isna().all()


def test_a_loss_axis_ends_before_the_start_of_the_curves():
    given = panel({"a": [9.0, *[0.2] * 9], "b": [2.3, *[0.1] * 9]}, loss=True)
    assert cut(given).startswith("2 points beyond the axis")
    found = overlay(given)
    assert found.y.limits[1] == pytest.approx(0.45 + 0.04 * 0.35)
    assert points(found, "a")["y"].iloc[0] == found.y.limits[1]


def test_one_run_that_never_learnt_does_not_set_the_axis_of_the_others():
    curves = {name: [2.3, 0.3, 0.2] for name in "abc"} | {"stuck": [2.3, 2.3, 2.3]}
    assert overlay(panel(curves, loss=True)).y.limits[1] < 1


def test_long_curves_are_thinned_and_keep_their_ends():
    drawn = overlay(panel({"a": np.linspace(1, 0, 5000)})).table
    assert len(drawn) <= 162
    assert drawn["x"].iloc[[0, -1]].tolist() == [1.0, 5000.0]


def test_without_points_there_are_limits_all_the_same():
    found = overlay(panel({}, loss=True))
    assert (found.looks, found.x.limits, found.y.limits) == ({}, (0.0, 1.0), (0.0, 1.0))


def test_one_point_has_room_on_both_sides():
    found = overlay(panel({"a": [0.5]}))
    assert found.x.limits == (0.5, 1.5)
    assert found.y.limits[0] < 0.5 < found.y.limits[1]


def test_a_log_axis_leaves_out_what_it_has_no_place_for():
    table = panel({"a": [1.0, 2.0]}).table.assign(x=[0.0, 5.0])
    found = overlay(panel({}, table=table, x_scale="log"))
    assert points(found, "a")["x"].tolist() == [5.0]


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (["a", "b"], ["a", "b"]),
        (["a" * 20, "b"], ["a" * 11 + "…", "b"]),
        (["digits-20261123-1", "digits-20261123-2"], ["…-20261123-1", "…-20261123-2"]),
    ],
)
def test_names_beside_lines_are_short_and_differ(names, shown):
    assert short_names(names) == shown


def test_points_below_the_axis_are_counted_as_those_above_it_are():
    scores = [-400.0, *np.linspace(0.5, 0.9, 12)]
    given = panel({"a": scores})
    assert overlay(given).y.limits[0] > -2
    assert cut(given).startswith("1 point beyond the axis")
