"""Curves of several runs over each other: colour, dashes and marks tell them apart."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reports import theme, wording
from reports.comparison_content import CurvesFigure, CurvesPanel
from reports.drawing import limits
from reports.drawing.figure import FigureValue, series_key, words
from reports.drawing.lines import LONGEST_LABEL, Axis, Dashes, Lines, Look, spaced
from reports.figures.forest import NOTHING
from reports.tables.table import figure_table

Marks = Mapping[str, theme.Mark]

HIGHEST: Final = 3.0  # times what the losses mostly are: where their axis ends at the latest
MOST_DOTS: Final = 6
DASHES: Final[tuple[Dashes, ...]] = (
    "", (6, 2), (2, 2), (7, 2, 1.5, 2), (3, 1, 1, 1, 1, 1),
)  # fmt: skip


def figure(given: CurvesFigure, marks: Marks) -> FigureValue:
    """Show panels of curves of the same runs.

    Args:
        given: As a comparison gives it.
        marks: Of each run of the page, in the order of the runs.
    """
    panels = [overlay(one, marks, given.finding) for one in given.panels]
    drawn = {str(name) for one in panels for name in one.table["series"]}
    cut = sum(_beyond(each, one) for each, one in zip(given.panels, panels, strict=True))
    values = pd.concat([each.table.assign(panel=each.title) for each in given.panels])
    x_name = " or ".join(dict.fromkeys(each.x_name for each in given.panels))
    columns = ["panel", "series", "x", "y", "low", "high"]
    return FigureValue(
        id=given.id,
        title=given.title,
        link=given.title,
        finding=given.finding,
        how_to_read=given.how_to_read,
        panels=tuple(panels),
        table=figure_table(
            values[columns].set_axis(["panel", "run", x_name, "value", "from", "to"], axis=1),
            f"{given.title}, with 95 % intervals where there are any.",
            {x_name: wording.setting},
        ),
        key=series_key({name: mark for name, mark in marks.items() if name in drawn}),
        note=words(
            given.note,
            "" if drawn else NOTHING,
            f"{wording.plural(cut, 'point')} beyond the axis, drawn at its end." if cut else "",
        ),
    )  # fmt: skip


def overlay(given: CurvesPanel, marks: Marks, finding: str = "") -> Lines:
    """Lay out lines over each other.

    Args:
        given: As a comparison gives it; points that are not finite are left out.
        marks: Of each run of the page, in the order of the runs.
        finding: What the figure shows, for the panel's name.
    """
    table = _known(given)
    parts = {str(name): rows for name, rows in table.groupby("series", sort=False)}
    curves = [rows["y"].to_numpy(float) for rows in parts.values()]
    bounds = _loss_limits(curves) if given.loss else limits.robust_limits(_joined(curves))
    places = {name: place for place, name in enumerate(marks)}
    points = [_points(rows, bounds, places[name], len(parts)) for name, rows in parts.items()]
    x = table["x"].to_numpy(float)
    low, high = (float(x.min()), float(x.max())) if len(x) else (0.0, 1.0)
    return Lines(
        name=f"{given.title}, one line a run, against {given.x_name}. {finding}".strip(),
        title=given.title,
        remark=given.remark,
        table=pd.concat(points, ignore_index=True) if points else _points(table, bounds, 0, 1),
        looks={
            name: Look(mark=marks[name], label=label, dashes=DASHES[places[name] % len(DASHES)],
                       steps=given.steps, is_marked=False)
            for name, label in zip(parts, short_names(list(parts)), strict=True)
        },
        x=Axis(
            name=given.x_name, scale=given.x_scale,
            limits=(low, high) if low < high else (low - 0.5, high + 0.5),
        ),
        y=Axis(limits=bounds),
    )  # fmt: skip


def short_names(names: Sequence[str]) -> list[str]:
    """Cut names to the few characters that fit beside a line, and keep them apart if possible.

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


def _known(given: CurvesPanel) -> pd.DataFrame:
    table: pd.DataFrame = given.table
    table = table[np.isfinite(table[["x", "y"]].to_numpy(float)).all(axis=1)]
    return table[table["x"] > 0] if given.x_scale == "log" else table


def _beyond(given: CurvesPanel, drawn: Lines) -> int:
    return int((~_known(given)["y"].between(*drawn.y.limits)).sum())


def _points(
    rows: pd.DataFrame, bounds: tuple[float, float], place: int, lines: int
) -> pd.DataFrame:
    """Return the points of a line that are drawn, within the limits."""
    shown = rows[limits.thin_epochs(np.arange(len(rows)), keep=())].reset_index(drop=True)
    has_both = shown["low"].notna() & shown["high"].notna()
    inside = {name: shown[name].astype(float).clip(*bounds) for name in ("y", "low", "high")}
    # Runs that find the same would hide each other's marks at the same places.
    start = place * -(-len(shown) // MOST_DOTS) // max(lines, 1)
    return shown.assign(
        x=shown["x"].astype(float),
        y=inside["y"],
        low=inside["low"].where(has_both),
        high=inside["high"].where(has_both),
        dot=spaced(shown, MOST_DOTS, start=start),
    )


def _loss_limits(curves: Sequence[NDArray[np.float64]]) -> tuple[float, float]:
    """End the axis where the floors of most lines can be told apart, not where they start."""
    if not curves:
        return 0.0, 1.0
    typical = float(np.median([max(np.median(curve), curve[-1]) for curve in curves]))
    values = _joined(curves)
    low, high = float(values.min()), float(values.max())
    return limits.widen(low, min(high, HIGHEST * typical) if typical > 0 else high)


def _joined(curves: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    return np.concatenate(curves) if curves else np.empty(0)
