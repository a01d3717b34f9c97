import dataclasses
import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from reports.figures.capacity import place_gaps, rank_correlation
from reports.figures.chosen import pick_trials
from reports.figures.fit_map import place_losses
from reports.figures.settings import hyperparameter
from reports.judged import best_trials, with_verdicts


@pytest.fixture
def judged(run):
    return with_verdicts(run.searched, run.verdicts)


def test_a_trial_that_failed_has_that_as_its_verdict_whatever_was_judged(run):
    verdicts = run.verdicts.assign(verdict="fits")
    judged = with_verdicts(run.trials, verdicts)
    lost = judged[judged["outcome"] != "finished"]
    assert len(lost)
    assert (lost["verdict"] == lost["outcome"]).all()


def test_a_trial_without_a_verdict_is_undecided(run):
    judged = with_verdicts(run.trials, run.verdicts.iloc[:0])
    finished = judged[judged["outcome"] == "finished"]
    assert set(finished["verdict"]) == {"undecided"}


def test_every_trial_is_either_a_point_or_a_mark_without_result(judged):
    points = place_gaps(judged)
    assert len(points.table) + len(points.unusable) == len(judged)
    assert set(points.unusable["verdict"]) <= {"diverged", "failed"}
    assert sum(points.counts.values()) == len(judged)


def test_marks_without_result_stand_below_every_value(judged):
    points = place_gaps(judged)
    assert (points.unusable["y"] < points.floor).all()
    assert (points.table["y"] >= points.floor).all()


def test_a_gap_axis_always_holds_zero(judged):
    points = place_gaps(judged.assign(loss_gap=judged["loss_gap"] + 5))
    assert points.floor <= 0


def test_a_value_far_out_is_moved_to_the_edge_and_counted(judged):
    far = judged.copy()
    finished = far.index[far["outcome"] == "finished"]
    far.loc[finished[0], "loss_gap"] = 1e6
    points = place_gaps(far)
    assert points.beyond == 1
    assert points.table["y"].max() == points.y_limits[1]
    assert points.y_limits[1] < 10


def test_a_map_of_fits_has_the_same_limits_on_both_axes(judged):
    points = place_losses(judged)
    assert points.x_limits == points.y_limits
    assert points.placeless == int((judged["outcome"] != "finished").sum())


def test_the_rank_correlation_equals_scipys(judged):
    finished = judged[judged["outcome"] == "finished"]
    expected = stats.spearmanr(finished["parameters"], finished["loss_gap"]).statistic
    found = rank_correlation(judged)
    assert found.rho == pytest.approx(expected)
    assert -1 < found.low < found.rho < found.high < 1


def test_the_interval_of_a_correlation_matches_a_value_worked_out_by_hand():
    table = pd.DataFrame(
        {"parameters": [1, 2, 3, 4, 5, 6], "loss_gap": [1.0, 2, 3, 4, 6, 5], "outcome": "finished"}
    )
    found = rank_correlation(table)
    assert found.rho == pytest.approx(1 - 6 * 2 / (6 * 35))
    half = 1.959964 * math.sqrt((1 + found.rho**2 / 2) / 3)
    assert found.low == pytest.approx(math.tanh(math.atanh(found.rho) - half), abs=1e-5)


@pytest.mark.parametrize("rows", [0, 1, 4])
def test_few_trials_have_no_correlation(judged, rows):
    few = judged[judged["outcome"] == "finished"].head(rows)
    assert math.isnan(rank_correlation(few).rho)


def test_best_median_and_most_overfitted_are_picked(judged):
    picked = dict(pick_trials(judged))
    finished = judged[judged["outcome"] == "finished"].sort_values("validation_loss")
    assert finished["trial"].iloc[0] in picked.values()
    assert finished["trial"].iloc[(len(finished) - 1) // 2] == picked["median"]
    worst = finished.loc[finished["last_loss_gap"].idxmax(), "trial"]
    assert worst in picked.values()


def test_a_trial_that_is_two_of_them_is_picked_once(judged):
    one = judged[judged["outcome"] == "finished"].head(1)
    picked = pick_trials(one)
    assert len(picked) == 1
    assert picked[0][0].startswith("best and median")


def test_nothing_is_picked_from_nothing(judged):
    assert pick_trials(judged.iloc[:0]) == []
    assert pick_trials(judged[judged["outcome"] != "finished"]) == []


@pytest.mark.parametrize(("rows", "number"), [(0, 0), (1, 0), (2, 1), (4, 2), (25, 3), (500, 20)])
def test_the_best_trials_are_a_tenth_at_least_3_at_most_20_or_half(judged, rows, number):
    finished = judged[judged["outcome"] == "finished"]
    many = pd.concat([finished] * 25, ignore_index=True).head(rows)
    assert len(best_trials(many)) == number


def test_a_learning_rate_of_one_optimizer_shows_only_its_trials(judged):
    points = hyperparameter(judged, "learning_rate.adam", {"low": 1e-4, "high": 3e-2, "log": True})
    assert sum(points.counts.values()) == int((judged["optimizer"] == "adam").sum())
    assert points.axes.scale == "log"
    assert points.axes.edges == (1e-4, 3e-2)
    assert points.x_limits[0] < 1e-4
    assert points.x_limits[1] > 3e-2


def test_choices_become_categories_and_keep_their_order(judged):
    points = hyperparameter(judged, "activation", {"choices": ["tanh", "relu"]})
    assert points.axes.categories[:2] == ("tanh", "relu")
    assert set(points.axes.categories) == set(judged["activation"])
    assert len(points.table) + len(points.unusable) == len(judged)


def test_numbers_as_choices_are_categories(judged):
    points = hyperparameter(judged, "batch_size", {"choices": [32, 64]})
    assert points.axes.categories == ("32", "64")
    assert np.abs(points.table["x"]).max() <= 0.25


@pytest.mark.parametrize(
    ("name", "bounds"),
    [("batch_size", {"value": 32}), ("no_such_column", {"low": 0, "high": 1}),
     ("momentum.adam", {"low": 0, "high": 1})],
)  # fmt: skip
def test_what_was_not_varied_has_no_panel(judged, name, bounds):
    assert hyperparameter(judged, name, bounds) is None


def test_panels_of_settings_share_their_scores(judged):
    depth = hyperparameter(judged, "depth", {"low": 1, "high": 6})
    adam = hyperparameter(judged, "learning_rate.adam", {"low": 1e-4, "high": 3e-2, "log": True})
    assert depth.floor == adam.floor


def test_r_squared_far_below_zero_does_not_hide_the_others(run_maker):
    run = run_maker(regression=True, trials=60)
    trials = run.searched.copy()
    trials.loc[trials.index[:2], "validation_score"] = -400.0
    judged = with_verdicts(trials, run.verdicts)
    points = hyperparameter(judged, "depth", {"low": 1, "high": 6})
    assert points.floor > -10
    assert points.beyond >= 1


def test_ten_thousand_points_are_thinned_but_all_counted(judged):
    many = pd.concat([judged] * 200, ignore_index=True)
    points = place_gaps(many, winner="s0003")
    assert len(points.table) < len(judged) * 200
    assert sum(points.counts.values()) == len(many)


def test_a_summary_cannot_be_changed(judged):
    points = place_gaps(judged)
    with pytest.raises(dataclasses.FrozenInstanceError):
        points.winner = "s0001"


@pytest.fixture
def pruned(pruned_run):
    return with_verdicts(pruned_run.searched, pruned_run.verdicts)


def test_a_pruned_trial_has_that_as_its_verdict_whatever_was_judged(pruned_run):
    verdicts = pruned_run.verdicts.assign(verdict="fits")
    judged = with_verdicts(pruned_run.searched, verdicts)
    assert set(judged.loc[judged["outcome"] == "pruned", "verdict"]) == {"pruned"}


def test_pruned_trials_are_points_and_none_of_those_without_result(pruned):
    points = place_gaps(pruned)
    number = int((pruned["outcome"] == "pruned").sum())
    assert (points.table["verdict"] == "pruned").sum() == points.counts["pruned"] == number > 10
    assert "pruned" not in set(points.unusable["verdict"])


def test_statistics_rest_on_finished_trials_alone(pruned):
    finished = pruned[pruned["outcome"] == "finished"]
    assert rank_correlation(pruned) == rank_correlation(finished)
    assert pick_trials(pruned) == pick_trials(finished)
    assert best_trials(pruned)["trial"].tolist() == best_trials(finished)["trial"].tolist()
    depth = {"low": 1, "high": 6}
    assert hyperparameter(pruned, "depth", depth).best == (
        hyperparameter(finished, "depth", depth).best
    )


def test_pruned_trials_leave_the_finished_ones_half_of_the_scores(pruned):
    far = pruned.copy()
    far.loc[far["outcome"] == "pruned", "validation_score"] = -5.0
    points = hyperparameter(far, "depth", {"low": 1, "high": 6})
    scores = far.loc[far["outcome"] == "finished", "validation_score"]
    assert points.floor >= scores.min() - 1.2 * (scores.max() - scores.min())
    assert points.beyond == int((far["outcome"] == "pruned").sum())


def test_pruned_losses_far_off_give_a_map_of_fits_a_log_scale(pruned):
    finished = pruned[pruned["outcome"] == "finished"]
    far = pruned.copy()
    cut = far["outcome"] == "pruned"
    far.loc[cut, ["train_loss", "validation_loss"]] = 8 * finished["train_loss"].min()
    assert place_losses(far).axes.scale == "log"
    assert place_losses(far).beyond == 0
    assert place_losses(finished.assign(train_loss=0.3)).axes.scale == "linear"


def test_marks_at_the_lower_edge_keep_off_the_line_of_the_axis(judged):
    finished = judged[judged["outcome"] == "finished"].assign(validation_score=0.9)
    depth = {"low": 1, "high": 6}
    together = hyperparameter(finished, "depth", depth)
    assert together.y_limits[0] == together.floor
    spread = finished.assign(validation_score=np.linspace(0.8, 0.9, len(finished)))
    spread.loc[spread.index[0], "validation_score"] = -400.0
    points = hyperparameter(spread, "depth", depth)
    assert points.table["y"].min() == points.floor > points.y_limits[0]


def test_choices_that_are_numbers_stand_once_and_in_their_order(judged):
    table = judged.assign(dropout=[(0.0, 0.2, 0.5)[place % 3] for place in range(len(judged))])
    points = hyperparameter(table, "dropout", {"choices": [0.0, 0.2, 0.5]})
    assert points.axes.categories == ("0", "0.2", "0.5")
