import dataclasses

import numpy as np
import pandas as pd
import pytest

from reports.figures.shapes import MOST_CURVES, figure, shapes
from reports.judged import searched


def tables(curves, verdicts=None, outcomes=None):
    """Make trials with these train-loss curves."""
    names = [f"s{place:04d}" for place in range(len(curves))]
    trials = pd.DataFrame(
        {
            "trial": names,
            "outcome": outcomes or ["finished"] * len(curves),
            "learning_rate_verdict": verdicts or ["right"] * len(curves),
        }
    )
    epochs = pd.DataFrame(
        [
            (name, epoch, loss)
            for name, curve in zip(names, curves, strict=True)
            for epoch, loss in enumerate(curve, start=1)
        ],
        columns=["trial", "epoch", "train_loss"],
    )
    return trials, epochs.astype({"train_loss": "float64"})


def test_every_curve_starts_at_one():
    (panel,) = shapes(*tables([[2.0, 1.0, 0.5], [4.0, 4.0, 2.0]])).panels
    assert panel.curves.loc[panel.curves["epoch"] == 1, "loss"].tolist() == [1.0, 1.0]
    assert panel.median["loss"].tolist() == [1.0, 0.75, 0.375]
    assert panel.last == 0.375


def test_verdicts_stand_in_their_order_and_the_unknown_are_undecided():
    verdicts = ["diverges", None, "right", "too small", "odd"]
    summary = shapes(*tables([[1.0, 0.9]] * 5, verdicts))
    assert [(one.verdict, one.trials) for one in summary.panels] == [
        ("too small", 1), ("right", 1), ("diverges", 1), ("undecided", 2),
    ]  # fmt: skip


def test_pruned_and_failed_trials_are_left_out_and_diverged_ones_are_not():
    outcomes = ["finished", "pruned", "failed", "diverged"]
    summary = shapes(*tables([[1.0, 0.9]] * 4, ["right", "right", "right", "diverges"], outcomes))
    assert [(one.verdict, one.trials) for one in summary.panels] == [("right", 1), ("diverges", 1)]


def test_of_many_curves_twelve_are_drawn_from_the_best_to_the_worst():
    ends = np.linspace(0.1, 0.9, 50)
    (panel,) = shapes(*tables([[1.0, end] for end in ends])).panels
    last = panel.curves[panel.curves["epoch"] == 2].set_index("trial")["loss"]
    assert (panel.trials, panel.drawn, len(last)) == (50, MOST_CURVES, MOST_CURVES)
    assert (last.min(), last.max()) == (0.1, 0.9)
    assert panel.median["loss"].iloc[-1] == pytest.approx(0.5)  # of all, not only of the drawn


def test_the_epoch_of_half_the_start_is_the_median_over_trials():
    curves = [[1.0, 0.5, 0.4], [1.0, 0.9, 0.4], [1.0, 0.9, 0.4]]
    (panel,) = shapes(*tables(curves)).panels
    assert panel.half == 3


def test_without_half_the_curves_at_half_the_start_there_is_no_epoch():
    (panel,) = shapes(*tables([[1.0, 0.4], [1.0, 0.9], [1.0, 0.8]])).panels
    assert np.isnan(panel.half)


def test_the_share_of_rising_epochs_is_a_mean_over_trials():
    (panel,) = shapes(*tables([[1.0, 2.0, 1.0], [1.0, 0.9, 0.8]])).panels
    assert panel.rises == 0.25


def test_a_curve_that_ends_in_nan_keeps_its_last_value_and_leaves_the_median_early():
    curves = [[1.0, 3.0, np.nan, np.nan], [1.0, 2.0, np.inf, np.nan], [1.0, 2.5, 4.0, np.nan]]
    (panel,) = shapes(*tables(curves, ["diverges"] * 3, ["diverged"] * 3)).panels
    assert panel.median["epoch"].tolist() == [1, 2]
    assert panel.last == 3.0


@pytest.mark.parametrize("curve", [[np.nan, 1.0], [0.0, 1.0], [1.0], [1.0, np.nan], []])
def test_a_curve_that_cannot_be_scaled_is_counted(curve):
    summary = shapes(*tables([[1.0, 0.5, 0.2], curve]))
    assert (summary.panels[0].trials, summary.without) == (1, 1)


def test_without_any_curve_there_is_nothing():
    assert shapes(*tables([])) is None
    assert shapes(*tables([[1.0]])) is None


def test_a_wide_spread_has_a_log_scale_and_an_explosion_stays_in_the_panel():
    summary = shapes(*tables([[1.0, 0.5, 0.001], [1.0, 0.5, 1e9]]))
    assert summary.y.scale == "log"
    assert summary.y.limits[1] < 20
    assert summary.panels[0].curves["loss"].max() <= summary.y.limits[1]
    assert shapes(*tables([[1.0, 0.5, 0.3]])).y.scale == "linear"


def test_long_curves_are_thinned():
    summary = shapes(*tables([np.linspace(1, 0.1, 1000)]))
    assert len(summary.panels[0].curves) < 170
    assert summary.x.limits == (1.0, 1000.0)


def rated(run, verdict):
    return dataclasses.replace(run, verdicts=run.verdicts.assign(learning_rate_verdict=verdict))


@pytest.fixture
def section(run):
    return figure(run)


def test_there_is_a_panel_a_verdict_and_a_row_behind_it(section):
    assert len(section.panels) == len(section.table.rows) > 1


def test_the_finding_counts_every_curve(run, section):
    judged = searched(run)
    trials = int(judged["outcome"].isin(["finished", "diverged"]).sum())
    assert f"by the shape of {trials} train-loss curves" in section.finding
    assert sum(int(row[1]) for row in section.table.rows) == trials


def test_the_last_loss_is_told_where_the_rate_could_be_judged(run):
    text = figure(rated(run, "right")).finding
    assert "where the rate is right." in text
    undecided = figure(rated(run, "undecided")).finding
    assert "where the rate" not in undecided


def test_a_panel_says_how_many_of_how_many_are_drawn(run):
    section = figure(rated(run, "too small"))
    trials = section.table.rows[0][1]
    assert f"first epoch = 1; 12 of {trials} trials" in section.panels[0].remark


def test_trials_without_a_curve_are_told(run):
    winner = run.manifest["winner"]["trial"]
    short = run.epochs[(run.epochs["trial"] != winner) | (run.epochs["epoch"] == 1)]
    section = figure(dataclasses.replace(run, epochs=short))
    assert section.note == "1 trial with fewer than two epochs of finite loss not shown."


def test_without_curves_there_is_no_section(nothing):
    assert figure(nothing) is None
