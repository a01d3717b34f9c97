import math

import numpy as np
import pandas as pd
import pytest

from reports.content import normal_interval
from reports.run_score import ACCURACY, R2
from reports.summaries.scores import WinnerScores, scores

NAN3 = (math.nan, math.nan, math.nan)
WINNER = WinnerScores(
    searched=(0.97, 0.95, 0.99), confirmed=(0.96, 0.955, 0.965), test=(0.958, 0.94, 0.98), seeds=5
)


def test_scores_stand_in_the_order_in_which_they_are_made(run):
    table = scores(WINNER, run.baselines, ACCURACY).table
    assert table["what"].tolist() == [
        "searched", "confirmed", "test", "dummy", "linear", "boosted trees",
    ]  # fmt: skip


def test_the_interval_of_a_baseline_is_two_standard_errors(run):
    table = scores(None, run.baselines, ACCURACY).table.set_index("what")
    assert table.loc["linear", "low"] == pytest.approx(0.955 - 1.96 * 0.011, abs=1e-4)


def test_a_dummy_far_below_stands_at_the_edge_and_keeps_its_number(run):
    summary = scores(WINNER, run.baselines, ACCURACY)
    dummy = summary.table.set_index("what").loc["dummy"]
    assert dummy["beyond"]
    assert dummy["shown"] == summary.limits[0] > 0.5
    assert dummy["score"] == 0.1


def test_unknown_scores_are_left_out(run):
    winner = WinnerScores(searched=(0.9, math.nan, math.nan), confirmed=NAN3, test=NAN3, seeds=0)
    assert scores(winner, run.baselines.iloc[:0], R2).table["what"].tolist() == ["searched"]


def test_without_winner_and_baselines_there_is_nothing(run):
    summary = scores(None, run.baselines.iloc[:0], ACCURACY)
    assert summary.table.empty
    assert summary.limits == (0.0, 1.0)


def test_the_best_baseline_is_the_one_with_the_highest_score(run):
    assert ACCURACY.best(run.baselines) == ("boosted trees", 0.961, 0.010)
    assert ACCURACY.best(run.baselines.iloc[:0]) is None
    assert ACCURACY.best(run.baselines.assign(validation_score=np.nan)) is None


def test_a_very_negative_baseline_leaves_the_axis_alone():
    baselines = pd.DataFrame(
        {"baseline": ["dummy"], "validation_score": [-300.0], "validation_score_se": [1.0]}
    )
    assert scores(WINNER, baselines, R2).limits[0] <= -300
    with_linear = pd.concat(
        [
            baselines,
            baselines.assign(baseline="linear", validation_score=0.9, validation_score_se=0.01),
        ]
    )
    assert scores(WINNER, with_linear, R2).limits[0] > 0


def test_a_value_without_error_has_no_interval():
    assert all(math.isnan(end) for end in normal_interval(0.5, None))
