"""One hyperparameter at a time: its trials, and the expected best score of each of its values."""

import dataclasses
import math
from collections.abc import Sequence
from typing import Final, Literal

import numpy as np
import pandas as pd

from reports.drawing import limits
from reports.summaries.points import TrialPoints

Edge = Literal["", "lower", "upper"]

FEWEST_FOR_EDGE: Final = 3  # values that are compared; of two, each is at an edge
COLUMNS: Final = ("value", "low", "high", "x", "trials", "draws", "expected", "lower", "upper")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Isolation:
    """Hold one hyperparameter by itself.

    Attributes:
        key: Its key in the search space, such as ``learning_rate.adam``.
        points: Its trials.
        compared: One row a value or bin with a finished trial: ``value`` (a choice; ``""`` for a
            bin), ``low``, ``high`` (ends of a bin; NaN for a choice), ``x`` (its place on the
            axis), ``trials``, ``draws``, ``expected``, ``lower``, ``upper``; those are NaN where
            too few trials finished to compare it.
        shown: Those that are compared, moved onto the end of an axis where they lie beyond.
        y_limits: Where the axis of the expected best starts and ends.
        draws: Number of trials of which the best is expected; 0 if nothing is compared.
        edge: The end of the space at which the best bin lies, clearly above the middle of the
            others; else empty.
        best: Place of the best value in ``shown``, or -1 if nothing is compared.
        worst: Place of the worst, or -1.
        is_clear: Whether the intervals of best and worst are apart.
    """

    key: str
    points: TrialPoints
    compared: pd.DataFrame
    shown: pd.DataFrame
    y_limits: tuple[float, float]
    draws: int
    edge: Edge
    best: int
    worst: int
    is_clear: bool

    @property
    def known(self) -> pd.DataFrame:
        """Return the values that are compared, as they are."""
        return _known(self.compared)


def isolate(
    found: Sequence[tuple[str, TrialPoints]], equal_counts: pd.DataFrame
) -> tuple[Isolation, ...]:
    """Put the values of hyperparameters, compared at equal counts, on the axes of their trials.

    Args:
        found: Hyperparameters, each with its trials as `reports.summaries.space.hyperparameter`
            places them.
        equal_counts: The table of `reports.content.SweepContent`; with any rows, or none.
    """
    return tuple(
        _isolation(key, points, _compared(points, key, equal_counts)) for key, points in found
    )


def _compared(points: TrialPoints, key: str, equal_counts: pd.DataFrame) -> pd.DataFrame:
    rows = equal_counts
    if len(rows):
        rows = rows[rows["hyperparameter"] == key].reset_index(drop=True)
    if rows.empty:
        rows = pd.DataFrame({name: pd.Series(dtype=float) for name in COLUMNS})
    return rows.assign(x=_places(rows, points))[list(COLUMNS)]


def _known(compared: pd.DataFrame) -> pd.DataFrame:
    return compared[compared["expected"].notna() & compared["x"].notna()].reset_index(drop=True)


def _isolation(key: str, points: TrialPoints, compared: pd.DataFrame) -> Isolation:
    known = _known(compared)
    bounds = limits.whole_limits(
        known["expected"].to_numpy(dtype=float), known[["lower", "upper"]].to_numpy(dtype=float)
    )
    across = {name: known[name].clip(*points.x_limits) for name in ("low", "high")}
    up = {name: known[name].clip(*bounds) for name in ("expected", "lower", "upper")}
    expected = known["expected"].to_numpy(dtype=float)
    best, worst = (int(expected.argmax()), int(expected.argmin())) if len(known) else (-1, -1)
    is_clear = len(known) > 1 and bool(known["lower"].iloc[best] > known["upper"].iloc[worst])
    return Isolation(
        key=key,
        points=points,
        compared=compared,
        shown=known.assign(**across, **up),
        y_limits=bounds,
        draws=int(known["draws"].max()) if len(known) else 0,
        edge=_edge(compared, known, best),
        best=best,
        worst=worst,
        is_clear=is_clear,
    )


def _places(rows: pd.DataFrame, points: TrialPoints) -> "pd.Series[float]":
    if points.x_scale == "category":
        places = {name: float(place) for place, name in enumerate(points.categories)}
        return rows["value"].astype(str).map(places).astype(float)
    low, high = rows["low"].astype(float), rows["high"].astype(float)
    return (low * high) ** 0.5 if points.x_scale == "log" else (low + high) / 2


def _edge(values: pd.DataFrame, known: pd.DataFrame, best: int) -> Edge:
    if len(known) < FEWEST_FOR_EDGE or known["low"].isna().any():
        return ""
    row = known.iloc[best]
    others = known["expected"].drop(best)
    if not row["lower"] > float(np.median(others)) or not math.isfinite(row["lower"]):
        return ""
    if row["high"] == values["high"].max():
        return "upper"
    return "lower" if row["low"] == values["low"].min() else ""
