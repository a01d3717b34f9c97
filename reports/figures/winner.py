"""How the winner learns: its loss, its score and its gradient over the epochs."""

import math
from typing import Final

from reports import wording
from reports.content import SweepContent
from reports.drawing.figure import FigureValue
from reports.figures.curves import Curves, learning_curves, side_by_side
from reports.tables.table import figure_table

READ: Final = (
    "Train and validation are measured after each epoch on the same weights, with dropout off; "
    "the shaded area between them is the gap. Running is the loss while training, with dropout "
    "on: what Keras prints. Bands are 95 % t intervals over seeds. A dotted line: overfitting "
    "sets in. A gradient that does not shrink may tell of too large a learning rate."
)


def figure(content: SweepContent) -> FigureValue | None:
    """Show how the winner learns; None without a winner or its epochs."""
    members, epochs = content.winner_members, content.epochs
    if not members or not epochs["trial"].isin(members).any():
        return None
    fit = content.network_finding
    onset = int(fit.number("onset_epoch")) if fit and fit.numbers["onset_epoch"] else None
    loss = learning_curves(epochs, members, "loss")
    score = learning_curves(epochs, members, "score")
    gradient = learning_curves(epochs, members, "gradient")
    finding, name = told(loss, onset), content.score_name
    return FigureValue(
        id="winner",
        title="How the winner learns",
        link="Winner",
        finding=finding,
        how_to_read=READ,
        panels=(
            loss.panel("Loss", content.loss_name, name=finding, onset=onset),
            score.panel(
                f"{name[:1].upper()}{name[1:]}", "higher is better",
                name=told_score(score, name), onset=onset,
            ),
            gradient.panel(
                "Gradient norm", "root mean square over an epoch", name=told_gradient(gradient)
            ),
        ),
        table=figure_table(
            side_by_side([loss, score, gradient]), "Means over the winner's seeds, by epoch."
        ),
    )  # fmt: skip


def told(loss: Curves, onset: int | None) -> str:
    """Say where the winner was best and how large its gap is there."""
    if loss.best_epoch is None:
        return "The winner has no epoch with a finite validation loss."
    epochs, seeds = int(loss.table["epoch"].max()), len(loss.members)
    who = f"The winner's mean curve over {seeds} seeds" if seeds > 1 else "The winner"
    text = f"{who} is best at epoch {loss.best_epoch} of {epochs}"
    if not math.isfinite(loss.gap):
        return f"{text}."
    side = "above" if loss.gap > 0 else "below"
    text += f"; there the validation loss lies {wording.loss(abs(loss.gap))} {side} the train loss."
    return text if onset is None else f"{text} Overfitting sets in at epoch {onset}."


def told_score(score: Curves, name: str) -> str:
    """Say what the winner scores at its best epoch."""
    if score.best_epoch is None:
        return f"No {name} to show."
    train, validation = map(wording.score, score.best)
    return (
        f"At its best epoch, {score.best_epoch}, the winner has {name} {train} on train and "
        f"{validation} on validation rows."
    )


def told_gradient(gradient: Curves) -> str:
    """Say how the norm of the gradient changes."""
    values = gradient.table["mean"]
    if values.empty:
        return "No finite gradient norm to show."
    first, last = wording.loss(values.iloc[0]), wording.loss(values.iloc[-1])
    return (
        f"The norm of the winner's gradient is {first} in the first epoch and {last} in the last."
    )
