"""What the figures of learning curves show, in a sentence with its numbers."""

import math
from collections.abc import Sequence

from reports import wording
from reports.summaries.curves import CurveSummary


def winner_curves(loss: CurveSummary) -> str:
    """Say where the winner was best and how large its gap is there."""
    if loss.best_epoch is None:
        return "The winner has no epoch with a finite validation loss."
    epochs = int(loss.table["epoch"].max())
    seeds = len(loss.members)
    who = f"The winner's mean curve over {seeds} seeds" if seeds > 1 else "The winner"
    text = f"{who} is best at epoch {loss.best_epoch} of {epochs}"
    if not math.isfinite(loss.gap):
        return f"{text}."
    side = "above" if loss.gap > 0 else "below"
    text += f"; there the validation loss lies {wording.loss(abs(loss.gap))} {side} the train loss."
    if loss.onset_epoch is not None:
        text += f" Overfitting sets in at epoch {loss.onset_epoch}."
    return text


def score_curves(score: CurveSummary, name: str) -> str:
    """Say what the winner scores at its best epoch."""
    if score.best_epoch is None:
        return f"No {name} to show."
    return (
        f"At its best epoch, {score.best_epoch}, the winner has {name} "
        f"{wording.score(score.best_train)} on train and {wording.score(score.best_validation)} on "
        "validation rows."
    )


def gradient(summary: CurveSummary) -> str:
    """Say how the norm of the gradient changes."""
    values = summary.table["mean"]
    if values.empty:
        return "No finite gradient norm to show."
    first, last = wording.loss(values.iloc[0]), wording.loss(values.iloc[-1])
    return (
        f"The norm of the winner's gradient is {first} in the first epoch and {last} in the last."
    )


def chosen_curves(chosen: Sequence[tuple[str, CurveSummary]]) -> str:
    """Compare the gaps at the end of curves that are shown side by side.

    Args:
        chosen: What each trial is, and its curves.
    """
    parts = []
    for name, summary in chosen:
        rows = summary.table.pivot_table(index="epoch", columns="series", values="mean")
        if {"train", "validation"} <= set(rows.columns):
            last = rows.dropna(subset=["train", "validation"]).tail(1)
            parts += [f"{wording.loss(gap)} ({name})" for gap in last["validation"] - last["train"]]
    if not parts:
        return "No trial has a finite loss to show."
    return f"Loss gap after the last epoch: {wording.join(parts)}."
