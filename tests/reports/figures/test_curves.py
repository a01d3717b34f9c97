import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from reports.figures import chosen, winner
from reports.figures.curves import learning_curves, share_limits, side_by_side


def epochs_table(curves):
    """Build an epochs table from {trial: [(train, validation), ...]}."""
    rows = [
        {
            "trial": trial, "epoch": epoch, "train_loss": train, "validation_loss": validation,
            "running_loss": train + 1, "train_score": 1 - train, "validation_score": 1 - validation,
            "gradient_norm": 2.0,
        }
        for trial, values in curves.items()
        for epoch, (train, validation) in enumerate(values, start=1)
    ]  # fmt: skip
    columns = ["trial", "epoch", "train_loss", "validation_loss", "running_loss", "train_score",
               "validation_score", "gradient_norm"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


TWO = epochs_table(
    {"c1-01": [(0.8, 0.9), (0.4, 0.6), (0.2, 0.7)], "c1-02": [(0.6, 0.7), (0.4, 0.5), (0.2, 0.6)]}
)


def test_several_seeds_become_a_mean_and_a_t_interval():
    summary = learning_curves(TWO, ("c1-01", "c1-02"), "loss")
    row = summary.table.query("series == 'validation' and epoch == 1").iloc[0]
    half = stats.t.ppf(0.975, 1) * np.std([0.9, 0.7], ddof=1) / math.sqrt(2)
    assert row["mean"] == pytest.approx(0.8)
    assert row["low"] == pytest.approx(0.8 - half)
    assert row["high"] == pytest.approx(0.8 + half)
    assert row["trials"] == 2


def test_the_best_epoch_is_that_of_the_smallest_mean_validation_loss():
    summary = learning_curves(TWO, ("c1-01", "c1-02"), "loss")
    assert summary.best_epoch == 2
    assert summary.gap == pytest.approx(0.55 - 0.4)


def test_a_score_gap_is_train_minus_validation_at_the_epoch_of_the_best_loss():
    summary = learning_curves(TWO, ("c1-01", "c1-02"), "score")
    assert summary.best_epoch == 2
    assert summary.gap == pytest.approx(0.6 - 0.45)


def test_one_trial_has_no_interval():
    summary = learning_curves(TWO, ("c1-01",), "loss")
    assert summary.table["low"].isna().all()
    assert summary.members == ("c1-01",)


def test_values_that_are_not_finite_are_left_out_and_counted():
    table = epochs_table({"a": [(1.0, 1.0), (np.nan, np.inf)], "b": [(2.0, 2.0), (1.0, 1.5)]})
    summary = learning_curves(table, ("a", "b"), "loss")
    validation = summary.table.query("series == 'validation'")
    assert validation["trials"].tolist() == [2, 1]
    assert validation["mean"].tolist() == [1.5, 1.5]


@pytest.mark.parametrize("measure", ["loss", "score", "gradient"])
def test_no_epoch_yields_an_empty_summary(measure):
    summary = learning_curves(TWO.iloc[:0], ("c1-01",), measure)
    assert summary.best_epoch is None
    assert math.isnan(summary.gap)
    assert summary.table.empty
    assert summary.y_limits[0] < summary.y_limits[1]


def test_one_epoch_has_an_axis_around_it():
    summary = learning_curves(epochs_table({"a": [(1.0, 1.2)]}), ("a",), "loss")
    assert summary.x_limits == (0.5, 1.5)


def test_a_long_curve_is_drawn_thinned_but_with_its_best_epoch():
    values = [(1 / e, abs(e - 333) / 1000 + 0.5) for e in range(1, 2001)]
    summary = learning_curves(epochs_table({"a": values}), ("a",), "loss")
    drawn = summary.panel("Loss").table.query("series == 'validation'")
    assert len(drawn) < 200
    assert 333 in drawn["x"].tolist()


def test_panels_beside_each_other_share_their_axes():
    summaries = [learning_curves(TWO, (name,), "loss") for name in ("c1-01", "c1-02")]
    shared = share_limits(summaries)
    assert shared[0].y_limits == shared[1].y_limits
    assert shared[0].y_limits[1] == max(summary.y_limits[1] for summary in summaries)
    assert share_limits([]) == []


def test_the_table_behind_has_one_row_an_epoch():
    loss = learning_curves(TWO, ("c1-01",), "loss")
    gradient = learning_curves(TWO, ("c1-01",), "gradient")
    table = side_by_side([loss, gradient])
    assert table.columns.tolist() == [
        "epoch", "train loss", "validation loss", "running loss", "gradient norm",
    ]  # fmt: skip
    assert table["train loss"].tolist() == [0.8, 0.4, 0.2]


def test_the_table_behind_nothing_is_empty():
    empty = learning_curves(TWO.iloc[:0], ("c1-01",), "loss")
    assert side_by_side([empty]).empty


def test_the_winners_caption_gives_epoch_and_gap(run):
    loss = learning_curves(run.epochs, run.winner_members, "loss")
    text = winner.told(loss, None)
    assert f"mean curve over 5 seeds is best at epoch {loss.best_epoch} of 30" in text
    assert "above the train loss" in text
    assert winner.told(loss, 14).endswith("Overfitting sets in at epoch 14.")


def test_curves_without_a_finite_value_say_so(run):
    empty = learning_curves(run.epochs.iloc[:0], ("a",), "loss")
    assert "no epoch with a finite" in winner.told(empty, None)
    assert "No trial has a finite loss" in chosen.told([("best", empty)])
    assert "No finite" in winner.told_gradient(empty)
