"""A measure against a setting, laid out in panels: what is drawn where, and what cannot be."""

import dataclasses
import math
from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from reports.drawing import limits
from reports.study_content import MeasureScale, ResponseFigure, Scale
from reports.summaries.points import log_limits

MOST_TICKS: Final = 7  # values of the setting that are all written on its axis
ALIKE: Final = 2.0  # times the longest panel: up to there one axis serves all panels


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ResponsePanel:
    """Hold what one panel of a response shows.

    Attributes:
        title: Its name.
        remark: What stands below its name.
        points: ``series``, ``x`` (the place of its name if a category), ``mean``, ``low``,
            ``high``, and ``alone`` (whether an interval has no neighbour to make a band with);
            by series and ``x``. What cannot be drawn is NaN.
        lost: ``series`` and ``x`` of the points without a value, and ``place``: which of those at
            its ``x`` it is, from 0.
        series: Names in the order of drawing.
        gap: ``x``, ``train``, ``validation`` where both are known; empty if none is shaded.
        marks: ``x`` and ``label`` of the values to point out, from left to right.
        x_name: Of the setting.
        x_scale: Its scale.
        y_name: Of the measure.
        y_scale: Its scale.
        x_limits: Where its axis begins and ends.
        y_limits: Where the measure's axis begins and ends.
        whole: Whether the setting takes whole numbers only.
        values: Every value of the setting, if they are few enough to be written all.
        categories: Names of the values of x, if it is a category.
        cut: Intervals that reach beyond the axis.
        undrawn: Points that a log axis has no place for.
    """

    title: str
    remark: str
    points: pd.DataFrame
    lost: pd.DataFrame
    series: tuple[str, ...]
    gap: pd.DataFrame
    marks: tuple[tuple[float, str], ...]
    x_name: str
    x_scale: Scale
    y_name: str
    y_scale: MeasureScale
    x_limits: tuple[float, float]
    y_limits: tuple[float, float]
    whole: bool
    values: tuple[float, ...]
    categories: tuple[str, ...]
    cut: int
    undrawn: int


def response_panels(figure: ResponseFigure) -> list[ResponsePanel]:
    """Lay out a response.

    Args:
        figure: As a study gives it.

    Returns:
        One layout a panel, in the order of the table; none if it has no row.
    """
    table, marks = _placed(figure)
    if table.empty:
        return []
    names = [str(name) for name in table["panel"].unique()]
    parts = [table[table["panel"] == name] for name in names]
    x_limits = _x_limits(figure, table, marks)
    y_limits = _y_limits(parts, figure.y_scale)
    return [
        _panel(figure, part, marks[marks["panel"] == name], (x_limits, limit))
        for name, part, limit in zip(names, parts, y_limits, strict=True)
    ]


def series_names(figure: ResponseFigure) -> list[str]:
    """Return the series of a figure in the order of its table."""
    return [str(name) for name in figure.table["series"].unique()]


def shares_axis(panels: Sequence[ResponsePanel]) -> bool:
    """Tell whether all panels have one axis for the measure."""
    return len({panel.y_limits for panel in panels}) < 2


def _placed(figure: ResponseFigure) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return table and marks with numbers for ``x``, and NaN for what has no place on its axis."""
    table = figure.table.reset_index(drop=True)
    table = table.assign(panel=table["panel"].astype(str), series=table["series"].astype(str))
    marks = figure.marks.reset_index(drop=True)
    marks = marks if len(marks) else pd.DataFrame({"panel": [], "x": [], "label": []})
    marks = marks.assign(panel=marks["panel"].astype(str))
    if figure.x_scale == "category":
        places = {name: float(place) for place, name in enumerate(_categories(figure))}
        table["x"] = table["x"].astype(str).map(places)
        marks["x"] = marks["x"].astype(str).map(places)
    else:
        table["x"] = pd.to_numeric(table["x"], errors="coerce").astype(float)
        marks["x"] = pd.to_numeric(marks["x"], errors="coerce").astype(float)
    x, y = _visible(table["x"], figure.x_scale), _visible(table["mean"], figure.y_scale)
    bounds = table[["low", "high"]].astype(float)
    known = np.isfinite(bounds.to_numpy()).all(axis=1) & y.notna()
    table = table.assign(
        measured=np.isfinite(table["mean"].astype(float)),
        x=x,
        mean=y,
        low=bounds["low"].where(known),
        high=bounds["high"].where(known),
    )
    return table, marks.assign(x=_visible(marks["x"], figure.x_scale)).dropna(subset=["x"])


def _visible(values: pd.Series, scale: str) -> pd.Series:
    numbers = values.astype(float)
    numbers = numbers.where(np.isfinite(numbers))
    return numbers.where(numbers > 0) if scale == "log" else numbers


def _categories(figure: ResponseFigure) -> tuple[str, ...]:
    if figure.x_scale != "category":
        return ()
    return tuple(str(name) for name in figure.table["x"].astype(str).unique())


def _panel(
    figure: ResponseFigure,
    table: pd.DataFrame,
    marks: pd.DataFrame,
    bounds: tuple[tuple[float, float], tuple[float, float]],
) -> ResponsePanel:
    x_limits, (low, high) = bounds
    points = _thinned(table[table["x"].notna()])
    order = {name: place for place, name in enumerate(series_names(figure))}
    points = points.assign(_order=points["series"].map(order)).sort_values(
        ["_order", "x"], kind="stable"
    )
    cut = (points["low"] < low) | (points["high"] > high)
    shown = points[["series", "x", "mean"]].assign(
        low=points["low"].clip(low, high), high=points["high"].clip(low, high)
    )
    name = str(table["panel"].iloc[0])
    values = sorted(set(points["x"]))
    lost = points.loc[~points["measured"], ["series", "x"]]
    return ResponsePanel(
        title=name or _capital(figure.y_name),
        remark=figure.y_name if name and name != figure.y_name else "",
        points=shown.assign(alone=_alone(shown)).reset_index(drop=True),
        lost=lost.assign(place=lost.groupby("x").cumcount()).reset_index(drop=True),
        series=tuple(name for name in order if name in set(points["series"])),
        gap=_gap(shown) if figure.shade_gap else shown.iloc[:0],
        marks=tuple(sorted(zip(marks["x"], marks["label"].astype(str), strict=True))),
        x_name=figure.x_name,
        x_scale=figure.x_scale,
        y_name=figure.y_name,
        y_scale=figure.y_scale,
        x_limits=x_limits,
        y_limits=(low, high),
        whole=all(float(value).is_integer() for value in values),
        values=tuple(values) if len(values) <= MOST_TICKS else (),
        categories=_categories(figure),
        cut=int(cut.sum()),
        undrawn=int((table["measured"] & (table["x"].isna() | table["mean"].isna())).sum()),
    )


def _thinned(points: pd.DataFrame) -> pd.DataFrame:
    """Leave out values of the setting that a line cannot show apart: epochs of a long training."""
    values = np.sort(points["x"].unique())
    shown = values[limits.thin_epochs(np.arange(len(values)), keep=())]
    return points[points["x"].isin(shown)]


def _alone(points: pd.DataFrame) -> pd.Series:
    has = points["low"].notna()
    before = has.groupby(points["series"]).shift(1, fill_value=False)
    after = has.groupby(points["series"]).shift(-1, fill_value=False)
    return has & ~before & ~after


def _gap(points: pd.DataFrame) -> pd.DataFrame:
    both = points[points["series"].isin(["train", "validation"])].dropna(subset=["mean"])
    wide = both.pivot_table(index="x", columns="series", values="mean").reset_index()
    if not {"train", "validation"} <= set(wide.columns):
        return pd.DataFrame({"x": [], "train": [], "validation": []})
    return wide[["x", "train", "validation"]].dropna()


def _x_limits(
    figure: ResponseFigure, table: pd.DataFrame, marks: pd.DataFrame
) -> tuple[float, float]:
    if figure.x_scale == "category":
        return -0.5, max(len(_categories(figure)), 1) - 0.5
    values = np.concatenate([table["x"].dropna().to_numpy(float), marks["x"].to_numpy(float)])
    if figure.x_scale == "log":
        return log_limits(values)
    return limits.widen(values.min(), values.max()) if len(values) else (0.0, 1.0)


def _y_limits(parts: Sequence[pd.DataFrame], scale: str) -> list[tuple[float, float]]:
    """Give every panel its limits, the same to all if they measure about the same."""
    each = [_measure_limits(part, scale) for part in parts]
    whole = _measure_limits(pd.concat(parts), scale)
    longest = max(_length(one, scale) for one in each)
    return [whole] * len(each) if _length(whole, scale) <= ALIKE * longest else each


def _measure_limits(table: pd.DataFrame, scale: str) -> tuple[float, float]:
    known = table[table["mean"].notna()]
    means, ends = known["mean"].to_numpy(float), known[["low", "high"]].to_numpy(float)
    if scale == "linear":
        return limits.whole_limits(means, ends)
    if not len(means):
        return 1.0, 10.0
    low, high = limits.whole_limits(np.log(means), np.log(np.where(ends > 0, ends, np.nan)))
    return math.exp(low), math.exp(high)


def _length(bounds: tuple[float, float], scale: str) -> float:
    low, high = bounds
    return math.log(high / low) if scale == "log" else high - low


def _capital(name: str) -> str:
    return f"{name[:1].upper()}{name[1:]}"
