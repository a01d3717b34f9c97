"""Paired differences laid out for a forest plot: one row a comparison, zero in the middle."""

import dataclasses
from typing import Final

import numpy as np
import pandas as pd

from reports import wording
from reports.drawing import limits
from reports.study_content import ForestFigure

MOST_ROWS: Final = 40  # more cannot be told apart; the table has them all


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ForestSummary:
    """Hold what a forest plot shows.

    Attributes:
        rows: ``comparison``, ``difference``, ``low``, ``high``, ``verdict``, and as drawn:
            ``shown``, ``shown_low``, ``shown_high`` (NaN without interval), ``cut_low``,
            ``cut_high`` (whether the row goes on beyond the axis) and ``beyond`` (``<`` or
            ``>`` where the difference does, else ``""``).
        unit: Of the differences.
        margin: Half the width of the band round zero; 0 if there is none.
        limits: Where the axis begins and ends.
        better: Where the better arm's differences lie, ``right`` or ``left``; ``""`` if no row
            tells.
        left_out: Rows that are not drawn.
    """

    rows: pd.DataFrame
    unit: str
    margin: float
    limits: tuple[float, float]
    better: str
    left_out: int


def forest(figure: ForestFigure) -> ForestSummary:
    """Lay out the differences of a study.

    Args:
        figure: As a study gives it.

    Returns:
        The layout. An axis that a far-off row would stretch ends before it.
    """
    rows = figure.table.head(MOST_ROWS).reset_index(drop=True)
    numbers = ["difference", "low", "high"]
    rows = rows.assign(**{name: _finite(rows[name]) for name in numbers})
    margin = abs(figure.margin) if wording.is_number(figure.margin) else 0.0
    low, high = _limits(rows[numbers], margin)
    known = rows["low"].notna() & rows["high"].notna() & rows["difference"].notna()
    beyond = np.select([rows["difference"] < low, rows["difference"] > high], ["<", ">"], "")
    drawn = rows.assign(
        shown=rows["difference"].clip(low, high),
        shown_low=rows["low"].clip(low, high).where(known),
        shown_high=rows["high"].clip(low, high).where(known),
        beyond=beyond,
        cut_low=(rows["low"] < low) | (beyond == "<"),
        cut_high=(rows["high"] > high) | (beyond == ">"),
    )
    return ForestSummary(
        rows=drawn,
        unit=figure.unit,
        margin=margin,
        limits=(low, high),
        better=_better(rows),
        left_out=len(figure.table) - len(rows),
    )


def _finite(values: pd.Series) -> pd.Series:
    numbers = pd.to_numeric(values, errors="coerce").astype(float)
    return numbers.where(np.isfinite(numbers))


def _limits(values: pd.DataFrame, margin: float) -> tuple[float, float]:
    """Return limits with zero and the margin inside, and as much on both sides if need be."""
    everything = values.to_numpy(float).ravel()
    low, high = limits.robust_limits(np.append(everything, [0.0, margin, -margin]))
    room = 1.15 * margin
    return min(low, -room), max(high, room)


def _better(rows: pd.DataFrame) -> str:
    """Tell on which side the better ones lie, from the rows that were decided."""
    decided = rows[rows["verdict"].isin(["better", "worse"]) & rows["difference"].notna()]
    signs = np.sign(decided["difference"]) * np.where(decided["verdict"] == "better", 1, -1)
    return {(1.0,): "right", (-1.0,): "left"}.get(tuple(sorted(set(signs))), "")
