import math

import numpy as np
import pandas as pd
import pytest

from reports.comparison_content import CurvesPanel
from reports.summaries.compare import overlay, short_names


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


def test_lines_keep_their_order_and_points():
    found = overlay(panel({"b": [3.0, 2.0], "a": [2.0, 1.0]}))
    assert [line.name for line in found.lines] == ["b", "a"]
    assert found.lines[1].points["y"].tolist() == [2.0, 1.0]
    assert found.x_limits == (1.0, 2.0)


def test_points_that_are_not_finite_are_left_out():
    found = overlay(panel({"a": [3.0, math.nan, 1.0], "b": [math.inf, math.nan]}))
    assert [line.name for line in found.lines] == ["a"]
    assert found.lines[0].points["x"].tolist() == [1.0, 3.0]


def test_an_interval_is_known_only_with_both_ends():
    found = overlay(panel({"a": [1.0, 1.2], "b": [1.1, 1.0]}, intervals={"a": 0.01}))
    with_it, without = (line.points for line in found.lines)
    assert with_it["low"].notna().all()
    assert without["low"].isna().all()


def test_a_loss_axis_ends_before_the_start_of_the_curves():
    found = overlay(panel({"a": [9.0, *[0.2] * 9], "b": [2.3, *[0.1] * 9]}, loss=True))
    assert found.y_limits[1] == pytest.approx(0.45 + 0.04 * 0.35)
    assert found.cut == 2
    assert found.lines[0].points["y"].iloc[0] == found.y_limits[1]


def test_one_run_that_never_learnt_does_not_set_the_axis_of_the_others():
    curves = {name: [2.3, 0.3, 0.2] for name in "abc"} | {"stuck": [2.3, 2.3, 2.3]}
    assert overlay(panel(curves, loss=True)).y_limits[1] < 1


def test_long_curves_are_thinned_and_keep_their_ends():
    points = overlay(panel({"a": np.linspace(1, 0, 5000)})).lines[0].points
    assert len(points) <= 162
    assert points["x"].iloc[[0, -1]].tolist() == [1.0, 5000.0]


def test_without_points_there_are_limits_all_the_same():
    found = overlay(panel({}, loss=True))
    assert (found.lines, found.x_limits, found.y_limits) == ((), (0.0, 1.0), (0.0, 1.0))


def test_one_point_has_room_on_both_sides():
    found = overlay(panel({"a": [0.5]}))
    assert found.x_limits == (0.5, 1.5)
    assert found.y_limits[0] < 0.5 < found.y_limits[1]


def test_a_log_axis_leaves_out_what_it_has_no_place_for():
    table = panel({"a": [1.0, 2.0]}).table.assign(x=[0.0, 5.0])
    found = overlay(panel({}, table=table, x_scale="log"))
    assert found.lines[0].points["x"].tolist() == [5.0]


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
    found = overlay(panel({"a": scores}))
    assert found.y_limits[0] > -2
    assert found.cut == 1
