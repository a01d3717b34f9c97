"""Under- or overfitting at a glance: the validation side of every trial against its train side."""

from typing import Final

import numpy as np
import pandas as pd

from reports import theme, wording
from reports.content import SweepContent
from reports.drawing import limits
from reports.drawing.figure import FigureValue, verdict_key, words
from reports.drawing.points import PointAxes, Points, TrialPoints, not_in_place, place_trials
from reports.figures import pruned
from reports.judged import by_outcome, is_measured, searched, winner_of
from reports.tables.table import figure_table

READ: Final = (
    "One mark a trial, at its best epoch; on the diagonal train and validation are equal. Losses: "
    "upper right is underfitting, far above the diagonal overfitting, lower left good. Scores, "
    "turned round: lower left is underfitting, far below the diagonal overfitting, upper right "
    "good. The ring is the winner."
)


def figure(content: SweepContent) -> FigureValue | None:
    """Show validation against train loss, and score against score; None if no trial finished."""
    judged, name = searched(content), content.score_name
    if not (judged["outcome"] == "finished").any():
        return None
    winner = winner_of(content)
    losses = place_losses(judged, winner=winner)
    scores = place_scores(judged, name, winner=winner)
    of_losses, of_scores = told(judged), told_scores(judged, name)
    sides = {"train_loss": "train loss", "validation_loss": "validation loss",
             "train_score": f"train {name}", "validation_score": f"validation {name}"}  # fmt: skip
    ranked = judged[judged["outcome"].isin(["finished", "pruned"])].sort_values(
        ["validation_loss", "trial"]
    )
    return FigureValue(
        id="fit-map",
        title="Under- or overfitting at a glance",
        link="Fit",
        finding=words(of_losses, of_scores, pruned.told(judged)),
        how_to_read=pruned.explained(READ, judged),
        panels=(panel(losses, of_losses), panel(scores, of_scores)),
        table=figure_table(
            ranked[["trial", "verdict", *sides]].rename(columns=sides),
            "Both sides of each trial's gap, at its best epoch, smallest validation loss first.",
            dict.fromkeys([f"train {name}", f"validation {name}"], wording.score),
        ),
        key=verdict_key(judged["verdict"], without=theme.UNUSABLE),
        note=not_in_place(losses, scores),
    )


def place_losses(judged: pd.DataFrame, *, winner: str = "") -> TrialPoints:
    """Place each trial by its train and its validation loss; the diagonal is no gap."""
    finished, others = by_outcome(judged, "train_loss", "validation_loss")
    both = np.concatenate([finished, others])
    is_log = limits.is_wide(both, limits.WIDE_WITH_PRUNED if len(others) else limits.WIDE)
    bounds = limits.log_limits(both) if is_log else limits.shared_limits(finished, others)
    scale = "log" if is_log else "linear"
    return _place(judged, "loss", "loss", winner, scale=scale, both=bounds)


def place_scores(judged: pd.DataFrame, score_name: str, *, winner: str = "") -> TrialPoints:
    """Place each trial by its train and its validation score; the diagonal is no gap."""
    both = limits.shared_limits(*by_outcome(judged, "train_score", "validation_score"))
    return _place(judged, "score", score_name, winner, scale="linear", both=both)


def panel(points: TrialPoints, name: str) -> Points:
    """Lay out the trials, and the diagonal without a gap."""
    title = points.axes.y_name
    return Points(
        name=name,
        title=f"{title[:1].upper()}{title[1:]}",
        remark="on the diagonal there is no gap",
        points=points,
        x_label=points.axes.x_name,
        diagonal=True,
    )


def told(judged: pd.DataFrame) -> str:
    """Count how the trials fit."""
    finished = judged[(judged["outcome"] == "finished") & judged["loss_gap"].notna()]
    if finished.empty:
        return "No trial has both a train and a validation loss."
    counts = finished["verdict"].value_counts()
    parts = [
        f"{verdict} {wording.count(int(counts[verdict]))}"
        for verdict in theme.MARKS
        if verdict in counts.index
    ]
    return (
        f"Verdicts on {wording.plural(len(finished), 'finished trial')}: {wording.join(parts)}. "
        f"The validation loss lies above the train loss in "
        f"{wording.count(int((finished['loss_gap'] > 0).sum()))}."
    )


def told_scores(judged: pd.DataFrame, name: str) -> str:
    """Say how often the network does better on train, and by how much in the middle."""
    finished = judged[(judged["outcome"] == "finished") & judged["score_gap"].notna()]
    if finished.empty:
        return f"No trial has {name} on both train and validation rows."
    return (
        f"The {name} is higher on train than on validation rows in "
        f"{wording.count(int((finished['score_gap'] > 0).sum()))} of "
        f"{wording.plural(len(finished), 'finished trial')}; the median gap is "
        f"{wording.score(float(finished['score_gap'].median()))}."
    )


def _place(
    judged: pd.DataFrame, measure: str, name: str, winner: str, *, scale: str,
    both: tuple[float, float],
) -> TrialPoints:  # fmt: skip
    x, y = f"train_{measure}", f"validation_{measure}"
    # what a diverged trial had before says nothing here
    table = judged.assign(x=judged[x].where(is_measured(judged, x, y)), y=judged[y])
    axes = PointAxes(
        x_name=f"train {name}", y_name=f"validation {name}", both=both,
        scale="log" if scale == "log" else "linear", y_scale="log" if scale == "log" else "linear",
    )  # fmt: skip
    return place_trials(table, axes, winner)
