"""Curves of several runs over each other: where they stand and where the axes end."""

import dataclasses
from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reports import wording
from reports.comparison_content import CurvesPanel
from reports.drawing import limits

LONGEST_LABEL: Final = 12  # characters of a run's name beside its line; the key has it all
HIGHEST: Final = 3.0  # times what the losses mostly are: where their axis ends at the latest


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Hold one line.

    Attributes:
        name: Of its run.
        label: The same in a few characters, for its end.
        points: ``x``, ``y``, ``low``, ``high`` (NaN without interval), in the order of ``x``;
            at most about 160, within the limits.
    """

    name: str
    label: str
    points: pd.DataFrame


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Overlay:
    """Hold one panel of lines over each other.

    Attributes:
        title: What is drawn.
        remark: Its unit; ``""`` for none.
        x_name: What it is drawn against.
        x_scale: ``linear`` or ``log``.
        steps: Whether a line keeps its value until the next point.
        lines: Those that have a point, in their order.
        x_limits: Where the axis starts and ends.
        y_limits: Where the axis starts and ends.
        cut: Points that lie beyond an end and are drawn at it.
    """

    title: str
    remark: str
    x_name: str
    x_scale: str
    steps: bool
    lines: tuple[Line, ...]
    x_limits: tuple[float, float]
    y_limits: tuple[float, float]
    cut: int


def overlay(panel: CurvesPanel) -> Overlay:
    """Lay out lines over each other.

    Args:
        panel: As a comparison gives it; points that are not finite are left out.
    """
    table = panel.table
    table = table[np.isfinite(table[["x", "y"]].to_numpy(float)).all(axis=1)]
    if panel.x_scale == "log":
        table = table[table["x"] > 0]
    parts = [(str(name), rows) for name, rows in table.groupby("series", sort=False)]
    curves = [rows["y"].to_numpy(float) for _, rows in parts]
    low, high = _loss_limits(curves) if panel.loss else limits.robust_limits(_joined(curves))
    x = table["x"].to_numpy(float)
    return Overlay(
        title=panel.title,
        remark=panel.remark,
        x_name=panel.x_name,
        x_scale=panel.x_scale,
        steps=panel.steps,
        lines=tuple(
            Line(name=name, label=label, points=_points(rows, low, high))
            for (name, rows), label in zip(
                parts, short_names([name for name, _ in parts]), strict=True
            )
        ),
        x_limits=_x_limits(x),
        y_limits=(low, high),
        cut=int((~table["y"].between(low, high)).sum()),
    )


def short_names(names: Sequence[str]) -> list[str]:
    """Cut names to the few characters that fit beside a line, and keep them apart if possible.

    Args:
        names: Of the lines.

    Returns:
        Their beginnings, or their ends where the beginnings are alike.
    """
    heads = [wording.shorten(name, LONGEST_LABEL) for name in names]
    if len(set(heads)) == len(set(names)):
        return heads
    return [
        name if len(name) <= LONGEST_LABEL else f"…{name[1 - LONGEST_LABEL :]}"
        for name in (wording.clean(name) for name in names)
    ]


def _points(rows: pd.DataFrame, low: float, high: float) -> pd.DataFrame:
    places = np.arange(len(rows), dtype=np.int64)
    shown = rows[limits.thin_epochs(places, keep=())]
    known = shown["low"].notna() & shown["high"].notna()
    return pd.DataFrame(
        {
            "x": shown["x"].astype(float),
            "y": shown["y"].astype(float).clip(low, high),
            "low": shown["low"].astype(float).clip(low, high).where(known),
            "high": shown["high"].astype(float).clip(low, high).where(known),
        }
    ).reset_index(drop=True)


def _loss_limits(curves: Sequence[NDArray[np.float64]]) -> tuple[float, float]:
    """End the axis where the floors of most lines can be told apart, not where they start."""
    if not curves:
        return 0.0, 1.0
    typical = float(np.median([max(np.median(curve), curve[-1]) for curve in curves]))
    values = _joined(curves)
    low, high = float(values.min()), float(values.max())
    if typical > 0:
        high = min(high, HIGHEST * typical)
    return limits.widen(low, high)


def _joined(curves: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    return np.concatenate(curves) if curves else np.empty(0)


def _x_limits(x: NDArray[np.float64]) -> tuple[float, float]:
    if not len(x):
        return 0.0, 1.0
    low, high = float(x.min()), float(x.max())
    return (low, high) if low < high else (low - 0.5, high + 0.5)
