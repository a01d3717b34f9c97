"""Depth against width: the score and the gap of the best trial in each cell."""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from reports import theme, wording
from reports.drawing import limits
from reports.judged import is_finished

MOST_ROWS: Final = 8  # depths
MOST_COLUMNS: Final = 6  # widths: their numbers have room on a phone
FEWEST_TRIALS: Final = 10  # of fewer the map would be mostly empty
MEASURES: Final = ("score", "gap")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class HeatMap:
    """Hold the best trial of each depth and width.

    Attributes:
        cells: One row a cell that has a finished trial: ``row``, ``column`` (places from 0),
            ``depth``, ``width`` (as text), ``trials``, ``trial`` (of the smallest validation
            loss), ``score``, ``gap`` (of that trial), ``score_step`` and ``gap_step`` (places in
            `theme.RAMP`; the smallest value has the first).
        depths: Name of each row, from the top down.
        widths: Name of each column.
    """

    cells: pd.DataFrame
    depths: tuple[str, ...]
    widths: tuple[str, ...]


def heat_map(judged: pd.DataFrame, bounds: Mapping[str, Any]) -> HeatMap | None:
    """Find the best trial of each depth and width.

    Args:
        judged: The search's trials with verdicts.
        bounds: The manifest's ``space_bounds``.

    Returns:
        None unless depth and width were both varied, and ten networks with hidden layers finished.
    """
    measured = is_finished(judged, "validation_score", "loss_gap", "validation_loss")
    rows = judged[measured & (judged["depth"] > 0)]
    if len(rows) < FEWEST_TRIALS or rows["depth"].nunique() < 2 or rows["width"].nunique() < 2:
        return None
    depth = _bins(rows["depth"], bounds.get("depth") or {}, MOST_ROWS)
    width = _bins(rows["width"], bounds.get("width") or {}, MOST_COLUMNS)
    if len(depth.names) < 2 or len(width.names) < 2:
        return None
    placed = rows.assign(row=depth.places, column=width.places).sort_values(
        ["validation_loss", "trial"], kind="stable"
    )
    groups = placed.groupby(["row", "column"], sort=True)
    cells = groups.agg(
        trials=("trial", "size"),
        trial=("trial", "first"),
        score=("validation_score", "first"),
        gap=("loss_gap", "first"),
    ).reset_index()
    return HeatMap(
        cells=cells.assign(
            depth=[depth.names[place] for place in cells["row"]],
            width=[width.names[place] for place in cells["column"]],
            **{f"{name}_step": _steps(cells[name]) for name in MEASURES},
        ),
        depths=depth.names,
        widths=width.names,
    )


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Bins:
    names: tuple[str, ...]
    places: tuple[int, ...]


def _bins(values: "pd.Series[int]", bound: Mapping[str, Any], most: int) -> _Bins:
    """Name the values, each by itself where they are few, and tell the place of each."""
    numbers = values.to_numpy(dtype=float)
    choices = sorted({float(c) for c in bound.get("choices") or () if wording.is_number(c)})
    known = sorted({*choices, *numbers.tolist()} - {0.0})
    if not choices and wording.is_number(bound.get("low")) and wording.is_number(bound.get("high")):
        first, last = max(int(bound["low"]), 1), int(bound["high"])
        known = sorted({*range(first, last + 1), *known}) if last - first < most else known
    if len(known) <= most:
        places = np.searchsorted(known, numbers)
        return _Bins(names=tuple(map(wording.setting, known)), places=tuple(map(int, places)))
    low, high = known[0], known[-1]
    if wording.is_number(bound.get("low")) and wording.is_number(bound.get("high")):
        low, high = min(low, float(bound["low"])), max(high, float(bound["high"]))
    spread = np.geomspace if bound.get("log") or high > 8 * low > 0 else np.linspace
    edges = np.unique(np.ceil(spread(max(low, 1), high + 1, most + 1) - 1e-9))
    inside = np.clip(np.searchsorted(edges, numbers, side="right") - 1, 0, len(edges) - 2)
    names = [_span(edges[place], edges[place + 1] - 1) for place in range(len(edges) - 1)]
    return _Bins(names=tuple(names), places=tuple(map(int, inside)))


def _span(low: float, high: float) -> str:
    if low == high:
        return wording.setting(low)
    return f"{wording.setting(low)}{wording.MISSING}{wording.setting(high)}"


def _steps(values: "pd.Series[float]") -> "pd.Series[int]":
    """Return the place of each value in the ramp; one value alone has the first."""
    numbers = values.to_numpy(dtype=np.float64)
    low, high = limits.robust_limits(np.asarray(numbers, dtype=np.float64))
    if not math.isfinite(high - low) or np.ptp(numbers) == 0:
        return pd.Series(0, index=values.index)
    share = np.clip((numbers - low) / (high - low), 0, 1 - 1e-9)
    return pd.Series((share * len(theme.RAMP)).astype(int), index=values.index)
