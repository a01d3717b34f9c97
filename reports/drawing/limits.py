"""Rules for what a panel shows: where an axis ends, and which of many points are drawn.

An axis that shows everything shows nothing when one network's R² is -400. So an axis may end
before the furthest values do, by a rule that does not depend on the eye; what lies beyond is drawn
at the edge and counted.
"""

import math
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

FENCE: Final = 3.0  # times the distance of the quartiles: "far out" by Tukey (1977)
CROWDED: Final = 2000  # points in one panel from which on they are thinned
CELLS: Final = (56, 36)  # columns and rows of the grid that keeps one point of each kind a cell
WIDE: Final = 20.0  # times the smallest loss that the largest must be for a log scale
WIDE_WITH_PRUNED: Final = 4.0  # what was stopped early lies far off: the others need the room
LONGEST_CURVE: Final = 160  # epochs drawn of one curve: more than its pixels can show apart


def robust_limits(values: NDArray[np.float64]) -> tuple[float, float]:
    """Return where an axis starts and ends.

    Args:
        values: float64 [n]; values that are not finite are ignored.

    Returns:
        Smallest and largest value, or three times the distance of the quartiles beyond them where
        that is nearer; always with low < high.
    """
    finite = values[np.isfinite(values)]
    if not len(finite):
        return 0.0, 1.0
    lower, upper = np.quantile(finite, [0.25, 0.75])
    reach = FENCE * (upper - lower)
    low, high = float(finite.min()), float(finite.max())
    if reach > 0:
        low, high = max(low, float(lower - reach)), min(high, float(upper + reach))
    return widen(low, high)


def shared_limits(main: NDArray[np.float64], others: NDArray[np.float64]) -> tuple[float, float]:
    """Return where an axis starts and ends that some values share with others that matter less.

    Args:
        main: float64 [n].
        others: float64 [m].

    Returns:
        As `robust_limits` of ``main``, longer where ``others`` lie beyond, but by no more than its
        own length at either end.
    """
    if not np.isfinite(others).any():
        return robust_limits(main)
    if not np.isfinite(main).any():
        return robust_limits(others)
    low, high = robust_limits(main)
    lower, upper = robust_limits(others)
    length = high - low
    return max(min(low, lower), low - length), min(max(high, upper), high + length)


def whole_limits(values: NDArray[np.float64], ends: NDArray[np.float64]) -> tuple[float, float]:
    """Return where an axis starts and ends that shows every value at its place.

    Args:
        values: float64 [n].
        ends: float64 [n, 2], of the values' intervals; NaN where a value has none.

    Returns:
        From the smallest to the largest value, longer where intervals reach beyond, but at either
        end by no more than the values' own range or three times the median half of an interval:
        one that is far wider than most does not set the scale.
    """
    finite = values[np.isfinite(values)]
    if not len(finite):
        return 0.0, 1.0
    low, high = float(finite.min()), float(finite.max())
    halves = np.abs(ends - values[:, np.newaxis])
    if not np.isfinite(halves).any():
        return widen(low, high)
    reach = max(high - low, FENCE * float(np.median(halves[np.isfinite(halves)])))
    lowest, highest = float(np.nanmin(ends)), float(np.nanmax(ends))
    return widen(max(min(low, lowest), low - reach), min(max(high, highest), high + reach))


def widen(low: float, high: float) -> tuple[float, float]:
    """Return limits with a margin of 4 %, and with some width where both are equal."""
    margin = 0.04 * (high - low)
    if not margin > 0:
        margin = max(abs(high), 1e-3) * 0.05
    return low - margin, high + margin


def loss_limits(train: NDArray[np.float64], validation: NDArray[np.float64]) -> tuple[float, float]:
    """Return the limits of a loss axis that shows the floor of the curves, and not their start.

    Args:
        train: float64 [epochs].
        validation: float64 [epochs].

    Returns:
        From zero (or below the smallest, if all lie in a narrow band far from it) up to the
        largest value, at most three times the largest of the medians and the last values.
    """
    curves = [curve[np.isfinite(curve)] for curve in (train, validation)]
    curves = [curve for curve in curves if len(curve)]
    if not curves:
        return 0.0, 1.0
    both = np.concatenate(curves)
    typical = max(max(float(np.median(curve)), float(curve[-1])) for curve in curves)
    high = min(float(both.max()), 3 * typical) if typical > 0 else float(both.max())
    low = float(both.min())
    if low < 0.6 * high:
        return 0.0, max(high, 1e-9) * 1.05
    return widen(low, high)


def log_limits(values: NDArray[np.float64]) -> tuple[float, float]:
    """Return limits of a log axis, with a margin of 4 % of its length."""
    positive = values[values > 0]
    if not len(positive):
        return 1.0, 10.0
    low, high = math.log(positive.min()), math.log(positive.max())
    margin = max(0.04 * (high - low), 0.05)
    return math.exp(low - margin), math.exp(high + margin)


def is_wide(values: NDArray[np.float64], times: float) -> bool:
    """Tell whether positive values need a log scale: the largest is so many times the smallest."""
    return bool(len(values)) and bool(values.min() > 0 and values.max() > times * values.min())


def thin_points(
    table: pd.DataFrame, *, x_log: bool, keep: NDArray[np.bool_] | None = None
) -> pd.DataFrame:
    """Keep one row of each verdict in each cell of a grid, where points are too many to tell apart.

    Args:
        table: Columns ``x``, ``y`` (numbers) and ``verdict``.
        x_log: Whether ``x`` is drawn on a log scale.
        keep: bool [rows]: rows that stay whatever their cell holds.

    Returns:
        The same table up to 2,000 rows; else the first row of each cell and verdict.
    """
    if len(table) <= CROWDED:
        return table
    x = np.log(table["x"].to_numpy(float)) if x_log else table["x"].to_numpy(float)
    cell = pd.DataFrame(
        {
            "column": _cells(x, CELLS[0]),
            "row": _cells(table["y"].to_numpy(float), CELLS[1]),
            "verdict": table["verdict"].to_numpy(),
        }
    )
    first = ~cell.duplicated().to_numpy()
    return table[first if keep is None else first | keep]


def thin_epochs(epochs: NDArray[np.int64], keep: tuple[int | None, ...]) -> NDArray[np.bool_]:
    """Choose which epochs of a long curve are drawn.

    Args:
        epochs: int64 [n], increasing.
        keep: Epochs that must stay; None is ignored.

    Returns:
        bool [n]: every k-th, the first, the last and those of ``keep``; all, up to 160.
    """
    step = -(-len(epochs) // LONGEST_CURVE) if len(epochs) else 1
    chosen = np.arange(len(epochs)) % step == 0
    if len(epochs):
        chosen[-1] = True
    kept: NDArray[np.bool_] = np.isin(epochs, [epoch for epoch in keep if epoch is not None])
    return np.asarray(chosen | kept, dtype=np.bool_)


def _cells(values: NDArray[np.float64], number: int) -> NDArray[np.int64]:
    low, high = np.nanmin(values), np.nanmax(values)
    span = high - low if high > low else 1.0
    return np.nan_to_num((values - low) / span * number).astype(np.int64)
