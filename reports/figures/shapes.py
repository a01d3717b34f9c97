"""What loss curves look like at each kind of learning rate: small multiples, one a verdict."""

import dataclasses
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reports import theme, wording
from reports.content import SweepContent
from reports.drawing import limits
from reports.drawing.figure import FigureValue
from reports.drawing.lines import Axis, Lines, Look
from reports.judged import searched
from reports.tables.table import figure_table

INKS: Final = {
    "too small": "underfits",
    "right": "fits",
    "too large": "overfits",
    "diverges": "failed",
    "undecided": "undecided",
}  # by verdict, in the order of the panels
MOST_CURVES: Final = 12  # drawn in one panel
MOST_RISE: Final = 10.0  # times its start to which a curve is drawn; beyond it leaves the panel
FAR: Final = 0.01  # the share of the losses that may lie below the axis, and above it
HALF: Final = 0.5
THIN: Final = Look(
    mark=theme.Mark(ink="muted", marker="o", glyph="●"), width=0.8, alpha=0.75, is_marked=False
)
READ: Final = (
    "Thin, the train loss of single trials, divided by their loss after the first epoch; bold, "
    "the median of all trials of the panel while half of them have a loss. Too small a rate: the "
    "loss falls all the time. Too large: it swings and never settles, or settles too high. Right: "
    f"it falls to a floor. Diverges: it grows. Of more than {MOST_CURVES} trials as many are "
    "drawn, from the one that falls furthest to the one that falls least. Pruned trials are left "
    "out: their curves have no end."
)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
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

    def panel(self, x: Axis, y: Axis) -> Lines:
        """Lay out the scaled train-loss curves, the median bold, on the axes of all panels."""
        trials = wording.plural(self.trials, "trial")
        if self.drawn < self.trials:
            trials = f"{wording.count(self.drawn)} of {trials}"
        curves = self.curves.assign(series="trials", line=self.curves["trial"])
        mark = theme.Mark(ink=INKS[self.verdict], marker="o", glyph="●")
        both = pd.concat([curves, self.median.assign(series="median", line="")], ignore_index=True)
        return Lines(
            name=f"Train-loss curves where the learning rate is judged: {self.verdict}. Their "
            f"median ends at {wording.score(self.last)} of its start.",
            title=f"{self.verdict[:1].upper()}{self.verdict[1:]}",
            remark=f"train loss, first epoch = 1; {trials}",
            table=both.rename(columns={"epoch": "x", "loss": "y"}),
            looks={"trials": THIN, "median": Look(mark=mark, width=2.6)},
            x=x,
            y=y,
            level=1.0,
        )


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Shapes:
    """Hold the curves of each verdict that occurs, and the axes that they share.

    Attributes:
        panels: In the order of `INKS`.
        x: The axis of epochs.
        y: The axis of losses.
        without: Number of finished and diverged trials that have no curve to scale.
    """

    panels: tuple[Shape, ...]
    x: Axis
    y: Axis
    without: int


def figure(content: SweepContent) -> FigureValue | None:
    """Show the train-loss curves by learning-rate verdict; None if no trial has two epochs."""
    found = shapes(searched(content), content.epochs)
    if found is None:
        return None
    columns = {
        "learning rate": "verdict", "trials": "trials", "drawn": "drawn",
        "median epoch at half the start": "half", "median last loss, start = 1": "last",
        "share of epochs in which it rises": "rises",
    }  # fmt: skip
    table = pd.DataFrame(
        {title: [getattr(one, name) for one in found.panels] for title, name in columns.items()}
    )
    trials = wording.plural(found.without, "trial")
    return FigureValue(
        id="shapes",
        title="What the loss curves look like",
        link="Shapes",
        finding=told(found),
        how_to_read=READ,
        panels=tuple(one.panel(found.x, found.y) for one in found.panels),
        table=figure_table(
            table,
            "Train-loss curves by learning-rate verdict; no epoch where most never halve their "
            "loss.",
            dict.fromkeys(table.columns[4:], wording.score) | {table.columns[3]: wording.count},
        ),
        note=f"{trials} with fewer than two epochs of finite loss not shown."
        if found.without
        else "",
    )


def shapes(judged: pd.DataFrame, epochs: pd.DataFrame) -> Shapes | None:
    """Group the train-loss curves of the finished and diverged trials by learning-rate verdict.

    Each curve is divided by its value after the first epoch. Of more than twelve in a panel, those
    are drawn that lie evenly between the one that falls furthest and the one that falls least.

    Args:
        judged: The search's trials with verdicts.
        epochs: The epochs table.

    Returns:
        The panels, or None if no trial has two epochs and a positive finite first loss.
    """
    trials = judged[judged["outcome"].isin(["finished", "diverged"])]
    scaled = _scaled(epochs, trials["trial"].tolist())
    if scaled.empty:
        return None
    given = trials.drop_duplicates("trial").set_index("trial")["learning_rate_verdict"]
    verdicts = given.reindex(scaled.index).astype(object)
    verdicts = verdicts.where(verdicts.isin(list(INKS)), "undecided")
    y = _loss_axis(scaled.to_numpy(float))
    groups = {verdict: (verdicts == verdict).to_numpy(bool) for verdict in INKS}
    return Shapes(
        panels=tuple(
            _shape(verdict, scaled[rows], y.limits)
            for verdict, rows in groups.items()
            if rows.any()
        ),
        x=Axis(name="epoch", limits=(1.0, float(scaled.columns.max())), is_whole=True),
        y=y,
        without=len(trials) - len(scaled),
    )


def told(found: Shapes) -> str:
    """Count the verdicts, and say how far the losses fall where the rate could be judged."""
    trials = sum(one.trials for one in found.panels)
    counts = [f"{one.verdict} {wording.count(one.trials)}" for one in found.panels]
    parts = [
        f"{wording.score(one.last)} where the rate is {one.verdict}"
        for one in found.panels
        if one.verdict in {"too small", "right", "too large"}
    ]
    curves = wording.plural(trials, "train-loss curve")
    text = f"Learning rates by the shape of {curves}: {wording.join(counts)}."
    if not parts:
        return text
    return (
        f"{text} After the last epoch the median train loss is, as a multiple of that after the "
        f"first: {wording.join(parts)}."
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


def _loss_axis(scaled: NDArray[np.float64]) -> Axis:
    low = max(float(np.nanquantile(scaled, FAR)), 1e-6)
    high = min(max(float(np.nanquantile(scaled, 1 - FAR)), 1.0), MOST_RISE)
    if high > limits.WIDE * low:
        return Axis(limits=(low / 1.15, high * 1.15), scale="log")
    return Axis(limits=limits.widen(min(low, 0.0 if low < HALF else low), high))


def _shape(verdict: str, scaled: pd.DataFrame, y_limits: tuple[float, float]) -> Shape:
    losses = scaled.to_numpy(float)
    last = pd.DataFrame(losses).ffill(axis=1).iloc[:, -1].to_numpy(float)
    names = scaled.index.to_numpy()[np.lexsort((scaled.index.to_numpy(), last))]
    drawn = names[np.unique(np.linspace(0, len(names) - 1, MOST_CURVES).round().astype(int))]
    epochs = scaled.columns.to_numpy(np.int64)
    kept = scaled.loc[drawn, epochs[limits.thin_epochs(epochs, ())]]
    curves = kept.rename_axis("trial").reset_index().melt("trial", None, "epoch", "loss")
    curves = curves[curves["loss"].notna()].astype({"epoch": "int64"})
    known = np.isfinite(losses).sum(axis=0) * 2 >= len(losses)
    middle = np.nanmedian(losses[:, known], axis=0).clip(*y_limits)
    median = pd.DataFrame({"epoch": epochs[known], "loss": middle})
    change = np.diff(losses, axis=1)
    steps = np.isfinite(change).sum(axis=1)
    reached = losses <= HALF
    first = np.where(reached.any(axis=1), epochs[reached.argmax(axis=1)].astype(float), np.inf)
    half = float(np.median(first))
    return Shape(
        verdict=verdict,
        curves=curves.assign(loss=curves["loss"].clip(*y_limits)),
        median=median[limits.thin_epochs(median["epoch"].to_numpy(np.int64), ())],
        trials=len(names),
        drawn=len(drawn),
        half=half if np.isfinite(half) else float("nan"),
        last=float(np.median(last)),
        rises=float(((change > 0).sum(axis=1) / np.maximum(steps, 1)).mean()),
    )
