import math

import numpy as np
import pandas as pd
import pytest

from reports.content import normal_interval
from reports.figures.scores import WinnerScores, axis_limits, panel, score_rows
from reports.run_score import ACCURACY, R2

NAN3 = (math.nan, math.nan, math.nan)
WINNER = WinnerScores(
    searched=(0.97, 0.95, 0.99), confirmed=(0.96, 0.955, 0.965), test=(0.958, 0.94, 0.98), seeds=5
)


def test_scores_stand_in_the_order_in_which_they_are_made(run):
    table = score_rows(WINNER, run.baselines, ACCURACY)
    assert table["what"].tolist() == [
        "searched", "confirmed", "test", "dummy", "linear", "boosted trees",
    ]  # fmt: skip


def test_the_interval_of_a_baseline_is_two_standard_errors(run):
    table = score_rows(None, run.baselines, ACCURACY).set_index("what")
    assert table.loc["linear", "low"] == pytest.approx(0.955 - 1.96 * 0.011, abs=1e-4)


def test_a_dummy_far_below_stands_at_the_edge_and_keeps_its_number(run):
    table = score_rows(WINNER, run.baselines, ACCURACY)
    shown = panel(table, ACCURACY, "")
    place = table["what"].tolist().index("dummy")
    assert shown.points["value"].iloc[place] == 0.1
    assert shown.limits[0] > 0.5
    assert shown.sides[place][0][0] == "0.100"


def test_unknown_scores_are_left_out(run):
    winner = WinnerScores(searched=(0.9, math.nan, math.nan), confirmed=NAN3, test=NAN3, seeds=0)
    assert score_rows(winner, run.baselines.iloc[:0], R2)["what"].tolist() == ["searched"]


def test_without_winner_and_baselines_there_is_nothing(run):
    table = score_rows(None, run.baselines.iloc[:0], ACCURACY)
    assert table.empty
    assert axis_limits(table, ACCURACY) == (0.0, 1.0)


def test_the_best_baseline_is_the_one_with_the_highest_score(run):
    assert ACCURACY.best(run.baselines) == ("boosted trees", 0.961, 0.010)
    assert ACCURACY.best(run.baselines.iloc[:0]) is None
    assert ACCURACY.best(run.baselines.assign(validation_score=np.nan)) is None


def test_a_very_negative_baseline_leaves_the_axis_alone():
    baselines = pd.DataFrame(
        {"baseline": ["dummy"], "validation_score": [-300.0], "validation_score_se": [1.0]}
    )
    assert axis_limits(score_rows(WINNER, baselines, R2), R2)[0] <= -300
    with_linear = pd.concat(
        [
            baselines,
            baselines.assign(baseline="linear", validation_score=0.9, validation_score_se=0.01),
        ]
    )
    assert axis_limits(score_rows(WINNER, with_linear, R2), R2)[0] > 0


def test_a_value_without_error_has_no_interval():
    assert all(math.isnan(end) for end in normal_interval(0.5, None))
