"""The best of k trials: what a search of so many can be expected to find."""

import dataclasses
import math
from typing import Final, Literal

import pandas as pd

from reports.drawing import limits

Measure = Literal["loss", "score"]

BEYOND: Final = 3.0  # lengths of the axis beyond its ends where values are no longer told apart
FEWEST_DRAWS: Final = 2  # the first of all trials says little, and may be far off


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class BestOfSummary:
    """Hold the curve of one measure.

    Attributes:
        measure: ``loss`` or ``score``.
        table: One row a ``k``: ``expected``, ``low``, ``high`` (NaN where no interval can be
            given), ``so_far``.
        trials: Number of finished trials: the end of the curve.
        half: Half of them.
        expected: The expected best of all.
        before: The expected best of half of them.
        gain: What the second half brought, positive for the better.
        banded: The largest k with an interval; 0 if there is none.
        x_limits: Where the axis starts and ends.
        y_limits: Where the axis starts and ends.
    """

    measure: Measure
    table: pd.DataFrame
    trials: int
    half: int
    expected: float
    before: float
    gain: float
    banded: int
    x_limits: tuple[float, float]
    y_limits: tuple[float, float]


def best_of(table: pd.DataFrame, measure: Measure) -> BestOfSummary | None:
    """Lay out the curve of one measure.

    Args:
        table: As `reports.content.SweepContent` has it; may have no row, nor any column.
        measure: Which of its measures.

    Returns:
        None where there is no curve of two points or more.
    """
    rows = table[table["measure"] == measure] if len(table) else table
    if len(rows) < 2:
        return None
    rows = rows.sort_values("k").reset_index(drop=True)
    trials = int(rows["k"].iloc[-1])
    by_k = rows.set_index("k")["expected"]
    half = max(trials // 2, 1)
    known = rows[rows["k"] >= FEWEST_DRAWS]
    ends = known[["low", "high"]].to_numpy(dtype=float)
    bounds = limits.whole_limits(known["expected"].to_numpy(dtype=float), ends)
    drawn = ("expected", "low", "high", "so_far")
    reach = BEYOND * (bounds[1] - bounds[0])
    wide = bounds[0] - reach, bounds[1] + reach
    gain = float(by_k[half] - by_k[trials])
    has = rows["low"].notna()
    return BestOfSummary(
        measure=measure,
        table=rows.assign(**{name: rows[name].clip(*wide) for name in drawn}),
        trials=trials,
        half=half,
        expected=float(by_k[trials]),
        before=float(by_k[half]),
        gain=gain if measure == "loss" else -gain,
        banded=int(rows.loc[has, "k"].max()) if has.any() else 0,
        x_limits=(1 / 1.06, trials * math.exp(0.06 * math.log(max(trials, 2)))),
        y_limits=bounds,
    )
