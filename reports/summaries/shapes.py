"""The shapes of loss curves: train loss over the epochs, grouped by the learning-rate verdict."""

import dataclasses
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reports.drawing import limits
from reports.summaries.points import Scale
from reports.summaries.trials import WIDE

VERDICTS: Final = ("too small", "right", "too large", "diverges", "undecided")
MOST_CURVES: Final = 12  # drawn in one panel
MOST_RISE: Final = 10.0  # times its start to which a curve is drawn; beyond it leaves the panel
FAR: Final = 0.01  # the share of the losses that may lie below the axis, and above it
HALF: Final = 0.5


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ShapePanel:
    """Hold the curves of the trials of one learning-rate verdict.

    Attributes:
        verdict: The verdict.
        curves: One row a drawn trial and epoch: ``trial``, ``epoch``, ``loss`` (train loss as a
            multiple of that after the first epoch, moved onto the axis' end where it lies beyond).
        median: One row an epoch: ``epoch`` and ``loss``, the median over all trials of the panel
            while at least half of them have a finite loss.
        trials: Number of trials with a curve.
        drawn: Number of them that are drawn.
        half: Median of the first epoch at which the loss is at most half its start, where a trial
            that never gets there counts as later than all others; NaN if the middle one is such.
        last: Median of the last finite loss, as a multiple of its start.
        rises: Mean share of the epochs after the first in which the loss rises.
    """

    verdict: str
    curves: pd.DataFrame
    median: pd.DataFrame
    trials: int
    drawn: int
    half: float
    last: float
    rises: float


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ShapeSummary:
    """Hold small multiples of loss curves, on the same axes.

    Attributes:
        panels: One a verdict that occurs, in the order of `VERDICTS`.
        scale: Scale of the losses.
        x_limits: Where the axis of epochs starts and ends.
        y_limits: Where the axis of losses starts and ends.
        without: Number of finished and diverged trials that have no curve to scale.
    """

    panels: tuple[ShapePanel, ...]
    scale: Scale
    x_limits: tuple[float, float]
    y_limits: tuple[float, float]
    without: int


def shapes(judged: pd.DataFrame, epochs: pd.DataFrame) -> ShapeSummary | None:
    """Group the train-loss curves of the finished and diverged trials by learning-rate verdict.

    Each curve is divided by its value after the first epoch. Of more than twelve in a panel, those
    are drawn that lie evenly between the one that falls furthest and the one that falls least.

    Args:
        judged: The search's trials with verdicts, as `with_verdicts` returns them.
        epochs: The epochs table.

    Returns:
        The panels, or None if no trial has two epochs and a positive finite first loss.
    """
    trials = judged[judged["outcome"].isin(["finished", "diverged"])]
    names = trials["trial"].tolist()
    scaled = _scaled(epochs, names)
    if scaled.empty:
        return None
    given = trials.drop_duplicates("trial").set_index("trial")["learning_rate_verdict"]
    verdicts = given.reindex(scaled.index).astype(object)
    verdicts = verdicts.where(verdicts.isin(VERDICTS), "undecided")
    scale, y_limits = _loss_axis(scaled.to_numpy(float))
    panels = tuple(
        _panel(verdict, scaled[(verdicts == verdict).to_numpy(bool)], y_limits)
        for verdict in VERDICTS
        if (verdicts == verdict).any()
    )
    return ShapeSummary(
        panels=panels,
        scale=scale,
        x_limits=(1.0, float(scaled.columns.max())),
        y_limits=y_limits,
        without=len(names) - len(scaled),
    )


def _scaled(epochs: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Return losses as multiples of the first, one row a trial and one column an epoch."""
    rows = epochs.loc[epochs["trial"].isin(names), ["trial", "epoch", "train_loss"]]
    table = rows.pivot_table(index="trial", columns="epoch", values="train_loss", dropna=False)
    if table.shape[1] < 2:
        return table.iloc[:0]
    losses = table.to_numpy(float)
    start = losses[:, 0]
    fit = np.isfinite(losses[:, :2]).all(axis=1) & (start > 0)
    kept = losses[fit] / start[fit, np.newaxis]
    return pd.DataFrame(
        np.where(np.isfinite(kept), kept, np.nan), index=table.index[fit], columns=table.columns
    )


def _loss_axis(scaled: NDArray[np.float64]) -> tuple[Scale, tuple[float, float]]:
    low = max(float(np.nanquantile(scaled, FAR)), 1e-6)
    high = min(max(float(np.nanquantile(scaled, 1 - FAR)), 1.0), MOST_RISE)
    if high > WIDE * low:
        return "log", (low / 1.15, high * 1.15)
    return "linear", limits.widen(min(low, 0.0 if low < HALF else low), high)


def _panel(verdict: str, scaled: pd.DataFrame, y_limits: tuple[float, float]) -> ShapePanel:
    losses = scaled.to_numpy(float)
    last = pd.DataFrame(losses).ffill(axis=1).iloc[:, -1].to_numpy(float)
    names = scaled.index.to_numpy()[np.lexsort((scaled.index.to_numpy(), last))]
    drawn = names[np.unique(np.linspace(0, len(names) - 1, MOST_CURVES).round().astype(int))]
    epochs = scaled.columns.to_numpy(np.int64)
    kept = scaled.loc[drawn, epochs[limits.thin_epochs(epochs, ())]]
    curves = kept.rename_axis("trial").reset_index().melt("trial", None, "epoch", "loss")
    curves = curves[curves["loss"].notna()].astype({"epoch": "int64"})
    known = np.isfinite(losses).sum(axis=0) * 2 >= len(losses)
    middle = pd.Series(np.nanmedian(losses[:, known], axis=0))
    median = pd.DataFrame({"epoch": epochs[known], "loss": limits.clip(middle, y_limits)})
    change = np.diff(losses, axis=1)
    steps = np.isfinite(change).sum(axis=1)
    return ShapePanel(
        verdict=verdict,
        curves=curves.assign(loss=limits.clip(curves["loss"], y_limits)),
        median=median[limits.thin_epochs(median["epoch"].to_numpy(np.int64), ())],
        trials=len(names),
        drawn=len(drawn),
        half=_epochs_to_half(losses, epochs),
        last=float(np.median(last)),
        rises=float(((change > 0).sum(axis=1) / np.maximum(steps, 1)).mean()),
    )


def _epochs_to_half(losses: NDArray[np.float64], epochs: NDArray[np.int64]) -> float:
    """Return the median first epoch at half the start, infinite where a curve never gets there."""
    reached = losses <= HALF
    first = np.where(reached.any(axis=1), epochs[reached.argmax(axis=1)].astype(float), np.inf)
    middle = float(np.median(first))
    return middle if np.isfinite(middle) else float("nan")
