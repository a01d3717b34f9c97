"""Losses against capacity, and the sizes at which networks are too small, adequate or overfit."""

import dataclasses
import math
from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reports import wording
from reports.drawing import limits
from reports.findings import Finding
from reports.summaries.points import Scale, log_limits
from reports.summaries.trials import WIDE

FINDING: Final = "capacity.smallest_adequate"
DECIDED: Final = "smallest adequate"
TOO_SMALL: Final = "too small"
ADEQUATE: Final = "adequate"
OVERFITTING: Final = "mostly overfit"
FEWEST_OVERFITTING: Final = 3  # finished trials that a region of overfitting rests on, at least
SERIES: Final = {"train": "train_loss", "validation": "validation_loss"}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Hold one region of sizes.

    Attributes:
        name: ``too small``, ``adequate`` or ``mostly overfit``.
        low: Where it starts, in parameters.
        high: Where it ends.
        smallest: The fewest parameters of a finished trial in it; NaN without one.
        trials: Finished trials in it.
        verdicts: How many of them bear each verdict.
    """

    name: str
    low: float
    high: float
    smallest: float
    trials: int
    verdicts: dict[str, int]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Regions:
    """Hold the regions of the axis of parameters.

    Attributes:
        bands: From the smallest to the largest sizes; empty if it is not decided which is enough.
        smallest: Parameters of the smallest network within one standard error of the best
            validation loss; None if none is named.
        subject: The trial that has them; ``""`` if none is named.
        finished: Number of finished trials.
    """

    bands: tuple[Band, ...]
    smallest: float | None
    subject: str
    finished: int


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class CapacityLosses:
    """Hold the losses of the finished trials by their capacity.

    Attributes:
        table: One row a trial and series that is drawn: ``trial``, ``series`` (``train`` or
            ``validation``), ``x`` (parameters) and ``y`` (its loss at the best epoch, moved onto
            the axis' end where it lies beyond).
        envelope: One row a series and size: ``series``, ``x`` and ``y``: the smallest loss of all
            networks up to this size.
        sizes: One row a size: ``parameters``, ``trials``, ``train``, ``validation`` (the smallest
            losses at this size) and ``best``, the smallest validation loss up to it.
        scale: Scale of the losses.
        x_limits: Where the axis starts and ends.
        y_limits: Where the axis starts and ends.
        winner: Parameters and validation loss of the trial to point out; None for none.
        trials: Number of finished trials.
        beyond: Number of values that lie beyond the axis.
    """

    table: pd.DataFrame
    envelope: pd.DataFrame
    sizes: pd.DataFrame
    scale: Scale
    x_limits: tuple[float, float]
    y_limits: tuple[float, float]
    winner: tuple[float, float] | None
    trials: int
    beyond: int


def find_regions(
    judged: pd.DataFrame, findings: Sequence[Finding], x_limits: tuple[float, float]
) -> Regions:
    """Divide the sizes by the finding on the smallest adequate network and by the verdicts.

    Below the smallest adequate network every network is too small. Most overfit from the smallest
    size above it from which on at least half of the finished trials, and three at least, are judged
    to overfit.

    Args:
        judged: Trials with verdicts, as `with_verdicts` returns them.
        findings: The conclusions; without ``capacity.smallest_adequate`` there is no region.
        x_limits: Where the axis of parameters starts and ends.
    """
    finished = _finished(judged)
    found = next((one for one in findings if one.code == FINDING), None)
    size = None if found is None else found.numbers.get("parameters")
    if found is None or not wording.is_number(size):
        return Regions(bands=(), smallest=None, subject="", finished=len(finished))
    edges = [x_limits[0], x_limits[1]]
    names = [ADEQUATE]
    if found.verdict == DECIDED:
        sizes = np.unique(finished["parameters"].to_numpy(float))
        if (sizes < size).any():
            names.insert(0, TOO_SMALL)
            edges.insert(1, _between(sizes, float(size)))
        start = _overfitting_from(finished, float(size))
        if start is not None:
            names.append(OVERFITTING)
            edges.insert(-1, _between(sizes, start))
    bands = [
        _band(name, finished, (low, high))
        for name, low, high in zip(names, edges[:-1], edges[1:], strict=True)
    ]
    return Regions(
        bands=tuple(bands) if found.verdict == DECIDED else (),
        smallest=float(size),
        subject=found.subject,
        finished=len(finished),
    )


def capacity_losses(
    judged: pd.DataFrame, x_limits: tuple[float, float], *, winner: str = ""
) -> CapacityLosses:
    """Place the train and the validation loss of each finished trial by its capacity.

    Args:
        judged: Trials with verdicts, as `with_verdicts` returns them.
        x_limits: Where the axis of parameters starts and ends.
        winner: The trial to point out; ``""`` for none.
    """
    finished = _finished(judged)
    parts = [
        pd.DataFrame(
            {
                "trial": finished["trial"],
                "series": name,
                "x": finished["parameters"].astype(float),
                "y": finished[column],
            }
        )
        for name, column in SERIES.items()
    ]
    losses = pd.concat(parts, ignore_index=True)
    values = losses["y"].to_numpy(float)
    scale: Scale = "linear"
    if len(values) and values.min() > 0 and values.max() > WIDE * values.min():
        scale = "log"
    y_limits = log_limits(values) if scale == "log" else limits.robust_limits(values)
    drawn = losses.assign(y=limits.clip(losses["y"], y_limits))
    thin = limits.thin_points(drawn.rename(columns={"series": "verdict"}), x_log=True)
    sizes = _sizes(finished)
    chosen = finished[finished["trial"] == winner]
    at = [(float(x), float(y)) for x, y in zip(
        chosen["parameters"], chosen["validation_loss"].clip(*y_limits), strict=True)]  # fmt: skip
    return CapacityLosses(
        table=thin.rename(columns={"verdict": "series"}),
        envelope=_envelope(sizes, x_limits[1], y_limits),
        sizes=sizes,
        scale=scale,
        x_limits=x_limits,
        y_limits=y_limits,
        winner=at[0] if at else None,
        trials=len(finished),
        beyond=int((~losses["y"].between(*y_limits)).sum()),
    )


def _finished(judged: pd.DataFrame) -> pd.DataFrame:
    """Return the finished trials that have both losses."""
    finite = np.isfinite(judged[list(SERIES.values())].to_numpy(float)).all(axis=1)
    finished: pd.DataFrame = judged[finite & (judged["outcome"] == "finished").to_numpy(bool)]
    return finished


def _between(sizes: NDArray[np.float64], size: float) -> float:
    """Return the geometric mean of a size and the next smaller one, so that no mark is cut."""
    return math.sqrt(size * float(sizes[sizes < size].max(initial=1.0)))


def _overfitting_from(finished: pd.DataFrame, smallest: float) -> float | None:
    """Return the smallest size above ``smallest`` from which on at least half overfit, or None."""
    larger = finished[finished["parameters"] > smallest]
    by_size = (
        (larger["verdict"] == "overfits")
        .groupby(larger["parameters"].to_numpy(float))
        .agg(["sum", "count"])
        .sort_index(ascending=False)
    )
    reached = by_size.cumsum()  # from the largest size down to each
    most = reached["sum"] >= (reached["count"] / 2).clip(lower=FEWEST_OVERFITTING)
    starts = by_size.index[(most & (by_size["sum"] > 0)).to_numpy(bool)]
    return float(starts.min()) if len(starts) else None


def _band(name: str, finished: pd.DataFrame, edges: tuple[float, float]) -> Band:
    inside = finished[finished["parameters"].between(*edges)]
    counts = inside["verdict"].value_counts()
    return Band(
        name=name,
        low=edges[0],
        high=edges[1],
        smallest=float(inside["parameters"].min()),
        trials=len(inside),
        verdicts={str(verdict): int(number) for verdict, number in counts.items()},
    )


def _sizes(finished: pd.DataFrame) -> pd.DataFrame:
    grouped = finished.groupby("parameters", sort=True)
    table = grouped.agg(
        trials=("trial", "count"),
        train=("train_loss", "min"),
        validation=("validation_loss", "min"),
    ).reset_index()
    return table.assign(best=table["validation"].cummin())


def _envelope(sizes: pd.DataFrame, end: float, y_limits: tuple[float, float]) -> pd.DataFrame:
    """Return the falling steps of the smallest losses, up to the end of the axis."""
    parts = []
    for name in SERIES:
        best = sizes[name].cummin()
        steps = pd.DataFrame({"series": name, "x": sizes["parameters"].astype(float), "y": best})
        steps = steps[~best.duplicated()]
        if len(steps):
            last = pd.DataFrame({"series": [name], "x": [end], "y": [float(best.iloc[-1])]})
            parts.append(pd.concat([steps, last]))
    if not parts:
        return pd.DataFrame({"series": [], "x": [], "y": []})
    table = pd.concat(parts, ignore_index=True)
    return table.assign(y=limits.clip(table["y"], y_limits))
