"""A panel with a point for each trial: which are drawn, where, and between which limits."""

import dataclasses
import math
from typing import Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reports import theme
from reports.drawing import limits
from reports.judged import best_trials, is_finished, is_measured

Scale = Literal["linear", "log", "category"]

BEST_SHARE: Final = 10  # the best tenth ...
FEWEST_BEST: Final = 3  # ... but not fewer than three trials show where good ones lie
MOST_BEST: Final = 20
STRIP: Final = 0.16  # height of the strip for trials without a result, as a share of the axis
EDGE: Final = 0.06  # without one: room that keeps marks at the lower edge off the axis' line


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class TrialPoints:
    """Hold one panel with a point for each trial.

    Attributes:
        table: One row a trial that is drawn, the pruned ones among them: ``trial``, ``x``, ``y``
            (moved onto the axis' end where it lies beyond), ``verdict``, ``beyond`` (whether it was
            moved).
        unusable: One row a trial that failed or diverged: ``trial``, ``x``, ``y`` (in a strip
            below all values) and ``verdict``.
        placeless: Number of trials that cannot be shown at all: they have no ``x``.
        x_name: What runs to the right.
        y_name: What runs upwards.
        x_scale: ``linear``, ``log`` or ``category`` (then ``x`` counts ``categories`` from 0).
        x_limits: Where the axis starts and ends.
        y_limits: Where the axis starts and ends.
        floor: The lowest value of the axis, where values beyond it stand; what lies below is the
            strip of ``unusable``, or a little room.
        edges: The values between which was searched; None if not known.
        categories: Names of the values of ``x``, if it is a category.
        counts: Number of trials of each verdict, before any thinning.
        winner: The trial to point out; ``""`` for none.
        best: Values of ``x`` of the best finished trials, best first.
        beyond: Number of trials that lie beyond the axis.
    """

    table: pd.DataFrame
    unusable: pd.DataFrame
    placeless: int
    x_name: str
    y_name: str
    x_scale: Scale
    x_limits: tuple[float, float]
    y_limits: tuple[float, float]
    floor: float
    edges: tuple[float, float] | None
    categories: tuple[str, ...]
    counts: dict[str, int]
    winner: str
    best: tuple[float, ...]
    beyond: int


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class PointAxes:
    """Hold how a panel of points is laid out; see `TrialPoints`.

    Attributes:
        x_name: What runs to the right.
        y_name: What runs upwards.
        scale: Scale of x.
        floor: The lowest value of the axis; what lies below is the strip of ``unusable``.
        edges: The values between which was searched, if known.
        both: Limits that both axes are given, if they measure the same.
        y_limits: Limits of y, if panels are to share them.
        categories: Names of the values of x, if it is a category.
    """

    x_name: str
    y_name: str
    scale: Scale
    edges: tuple[float, float] | None = None
    both: tuple[float, float] | None = None
    y_limits: tuple[float, float] | None = None
    categories: tuple[str, ...] = ()


def place_trials(table: pd.DataFrame, axes: PointAxes, winner: str) -> TrialPoints:
    """Lay out one panel.

    Args:
        table: Trials with verdicts, and the columns ``x`` and ``y``.
        axes: How the panel is laid out.
        winner: The trial to point out; ``""`` for none.
    """
    usable, drawn = is_finished(table, "x", "y"), is_measured(table, "x", "y")
    shown = table.loc[drawn, ["trial", "x", "y", "verdict"]].reset_index(drop=True)
    is_lost = shown["verdict"].isin(theme.UNUSABLE)  # a finished trial is none of these
    shown["verdict"] = shown["verdict"].mask(is_lost, "undecided")
    has_place = np.isfinite(table["x"].to_numpy(float))
    lost = table.loc[~drawn & has_place, ["trial", "x", "verdict"]]
    y_limits = axes.both or axes.y_limits or limits.robust_limits(shown["y"].to_numpy(float))
    x_limits = axes.both or _x_limits(table["x"].to_numpy(float), axes)
    inside = shown["y"].between(*y_limits) & shown["x"].between(*x_limits)
    is_winner = (shown["trial"] == winner).to_numpy(bool)
    placed = shown.assign(
        x=limits.clip(shown["x"], x_limits), y=limits.clip(shown["y"], y_limits), beyond=~inside
    )
    is_below = bool((shown["y"] < y_limits[0]).any())
    share = STRIP if len(lost) else EDGE if is_below else 0.0
    strip = share * (y_limits[1] - y_limits[0])
    best = best_trials(table.loc[usable])["x"] if usable.any() else pd.Series(dtype=float)
    return TrialPoints(
        table=limits.thin_points(placed, x_log=axes.scale == "log", keep=is_winner),
        unusable=_thin_unusable(lost.assign(y=y_limits[0] - 0.62 * strip)),
        placeless=int((~drawn & ~has_place).sum()),
        x_name=axes.x_name,
        y_name=axes.y_name,
        x_scale=axes.scale,
        x_limits=x_limits,
        y_limits=(y_limits[0] - strip, y_limits[1]),
        floor=y_limits[0],
        edges=axes.edges,
        categories=axes.categories,
        counts={str(key): int(n) for key, n in table["verdict"].value_counts().items()},
        winner=winner,
        best=tuple(float(value) for value in best),
        beyond=int((~inside).sum()),
    )


def _thin_unusable(lost: pd.DataFrame) -> pd.DataFrame:
    if len(lost) <= limits.CELLS[0] * 4:
        return lost.reset_index(drop=True)
    return lost[~lost.duplicated(["x", "verdict"])].head(limits.CELLS[0] * 4).reset_index(drop=True)


def _x_limits(values: NDArray[np.float64], axes: PointAxes) -> tuple[float, float]:
    if axes.scale == "category":
        return -0.5, max(len(axes.categories), 1) - 0.5
    finite = values[np.isfinite(values)]
    everything = np.concatenate([finite, axes.edges or ()])
    if not len(everything):
        return (1.0, 10.0) if axes.scale == "log" else (0.0, 1.0)
    if axes.scale == "log":
        return log_limits(everything)
    return limits.widen(float(everything.min()), float(everything.max()))


def log_limits(values: NDArray[np.float64]) -> tuple[float, float]:
    """Return limits of a log axis, with a margin of 4 % of its length."""
    positive = values[values > 0]
    if not len(positive):
        return 1.0, 10.0
    low, high = math.log(positive.min()), math.log(positive.max())
    margin = max(0.04 * (high - low), 0.05)
    return math.exp(low - margin), math.exp(high + margin)
