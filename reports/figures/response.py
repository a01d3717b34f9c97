"""A measure against a setting, in panels: lines where it is a number, rows where it is a name."""

import math
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from reports import theme, wording
from reports.drawing import limits
from reports.drawing.figure import Drawable, FigureValue, series_key, words
from reports.drawing.forest import LONGEST_KEY, Forest
from reports.drawing.lines import LONGEST_LABEL, Axis, Lines, Look, spaced
from reports.drawing.rows import SMALL
from reports.figures.forest import DIGITS, LONGEST_LINK, LONGEST_TITLE, NOTHING, long_name
from reports.study_content import ResponseFigure
from reports.tables.table import Table, figure_table

Marks = Mapping[str, theme.Mark]

MOST_TICKS: Final = 7  # values of the setting that are all written on its axis
ALIKE: Final = 2.0  # times the longest panel: up to there one axis serves all panels
MANY_POINTS: Final = 24  # on a line from which on only some bear a mark
MOST_DOTS: Final = 8  # that then do
LABEL_LINE: Final = 14  # characters of what is said beside a row


class ResponsePanel(NamedTuple):
    """Hold what one panel of a response shows.

    Attributes:
        title: Its name.
        remark: What stands below its name.
        points: ``series``, ``x`` (the place of its name if a category), ``mean``, ``low``,
            ``high``; by series and ``x``. What cannot be drawn is NaN.
        lost: ``series`` and ``x`` of the points without a value, and ``place``: which of those at
            its ``x`` it is, from 0.
        marks: ``x`` and ``label`` of the values to point out, from left to right.
        x_limits: Where its axis begins and ends.
        y_limits: Where the measure's axis begins and ends.
        categories: Names of the values of x, if it is a category.
        cut: Intervals that reach beyond the axis.
        undrawn: Points that a log axis has no place for.
    """

    title: str
    remark: str
    points: pd.DataFrame
    lost: pd.DataFrame
    marks: tuple[tuple[float, str], ...]
    x_limits: tuple[float, float]
    y_limits: tuple[float, float]
    categories: tuple[str, ...]
    cut: int
    undrawn: int

    @property
    def gap(self) -> pd.DataFrame:
        """Return ``x``, ``train`` and ``validation`` where both are known."""
        both = self.points[self.points["series"].isin(["train", "validation"])]
        both = both.dropna(subset=["mean"])
        wide = both.pivot_table(index="x", columns="series", values="mean").reset_index()
        empty = pd.DataFrame({"x": [], "train": [], "validation": []})
        return wide[["x", "train", "validation"]].dropna() if wide.shape[1] == 3 else empty

    def series(self, marks: Marks) -> dict[str, theme.Mark]:
        """Return the marks of the series that it has, in their order."""
        return {name: marks[name] for name in dict.fromkeys(self.points["series"])}


def figure(given: ResponseFigure, anchor: str, marks: Marks) -> FigureValue:
    """Show a measure against a setting.

    Args:
        given: As a study gives it.
        anchor: Its place on the page.
        marks: Of each series of the page.
    """
    panels = response_panels(given)
    names = series_names(given)
    lay_out = rows_panel if given.x_scale == "category" else lines_panel
    drawn: list[Drawable] = [
        lay_out(given, one, marks, _name(given, one, panels)) for one in panels
    ]
    room = LONGEST_KEY if given.x_scale == "category" else LONGEST_LABEL
    is_cut = any(len(name) > room for name in names)
    return FigureValue(
        id=anchor,
        title=wording.shorten(given.title, LONGEST_TITLE),
        link=wording.shorten(given.title, LONGEST_LINK),
        finding=given.finding,
        how_to_read=given.how_to_read,
        panels=tuple(drawn),
        table=_table(given),
        key=series_key({name: marks[name] for name in names}) if is_cut else (),
        note=_note(panels),
    )


def response_panels(given: ResponseFigure) -> list[ResponsePanel]:
    """Find what the panels show, in the order of the table; none if it has no row."""
    table, marks = _placed(given)
    if table.empty:
        return []
    names = [str(name) for name in table["panel"].unique()]
    parts = [table[table["panel"] == name] for name in names]
    x_limits = _x_limits(given, table, marks)
    y_limits = _y_limits(parts, given.y_scale)
    return [
        _panel(given, part, marks[marks["panel"] == name], (x_limits, limit))
        for name, part, limit in zip(names, parts, y_limits, strict=True)
    ]


def series_names(given: ResponseFigure) -> list[str]:
    """Return the series of a figure in the order of its table."""
    return [str(name) for name in given.table["series"].unique()]


def shares_axis(panels: Sequence[ResponsePanel]) -> bool:
    """Tell whether all panels have one axis for the measure."""
    return len({panel.y_limits for panel in panels}) < 2


def lines_panel(given: ResponseFigure, one: ResponsePanel, marks: Marks, name: str) -> Lines:
    """Lay out a panel of a numeric setting: a line a series, with its band."""
    table = one.points.rename(columns={"mean": "y"})
    dots = [
        spaced(rows, MOST_DOTS if len(rows) > MANY_POINTS else len(rows))
        for _, rows in table.groupby("series", sort=False)
    ]
    values = sorted(set(table["x"]))
    return Lines(
        name=name,
        title=one.title,
        remark=one.remark,
        table=table.assign(dot=pd.concat(dots)),
        looks={
            series: Look(mark=mark, label=wording.shorten(series, LONGEST_LABEL), width=1.6)
            for series, mark in one.series(marks).items()
        },
        x=Axis(
            name=given.x_name, limits=one.x_limits, scale=given.x_scale,
            is_whole=all(float(value).is_integer() for value in values),
            values=values if len(values) <= MOST_TICKS else (),
        ),
        y=Axis(limits=one.y_limits, scale=given.y_scale),
        shade=one.gap if given.shade_gap else one.points.iloc[:0],
        marks=one.marks,
        lost=one.lost,
    )  # fmt: skip


def rows_panel(given: ResponseFigure, one: ResponsePanel, marks: Marks, name: str) -> Forest:
    """Lay out a panel of named settings: a row a name, its series side by side."""
    gap = one.gap
    lines = {
        int(x): textwrap.wrap(wording.clean(label), LABEL_LINE, max_lines=2, placeholder="…")
        for x, label in one.marks
    }
    return Forest(
        name=name,
        title=one.title,
        remark=one.remark,
        rows=one.categories,
        points=one.points.rename(columns={"x": "row", "mean": "value"}),
        marks=one.series(marks),
        limits=one.y_limits,
        scale=given.y_scale,
        gaps=pd.DataFrame(
            {"row": gap["x"], "low": gap[["train", "validation"]].min(axis=1),
             "high": gap[["train", "validation"]].max(axis=1)}
        ) if given.shade_gap else gap.iloc[:0],
        sides={row: [(line, SMALL) for line in texts] for row, texts in lines.items()},
    )  # fmt: skip


def _name(given: ResponseFigure, one: ResponsePanel, panels: Sequence[ResponsePanel]) -> str:
    if len(panels) == 1:
        return given.finding
    return f"{one.title}: {given.y_name} against {given.x_name}."


def _table(given: ResponseFigure) -> Table:
    values = given.table[["mean", "low", "high"]].to_numpy(float).ravel()
    write = wording.aligned(values.tolist(), digits=DIGITS)
    columns = ["panel", "series", "x", "mean", "low", "high"]
    titles = ["panel", "series", given.x_name, given.y_name, "from", "to"]
    is_named = given.x_scale == "category"
    formats: dict[int, Any] = dict.fromkeys((0, 1), long_name) | dict.fromkeys((3, 4, 5), write)
    formats[2] = long_name if is_named else wording.setting
    first = 1 if given.table["panel"].astype(str).nunique() < 2 else 0
    table = given.table[columns].astype(
        {"panel": str, "series": str} | ({"x": str} if is_named else {})
    )
    caption = f"{given.y_name} against {given.x_name}, with intervals."
    shown = table.set_axis(titles, axis=1).iloc[:, first:]
    return figure_table(shown, caption, [formats[place] for place in range(first, 6)])


def _note(panels: Sequence[ResponsePanel]) -> str:
    if not panels:
        return NOTHING
    lost, cut = sum(len(one.lost) for one in panels), sum(one.cut for one in panels)
    undrawn = wording.plural(sum(one.undrawn for one in panels), "point")
    return words(
        f"{wording.plural(lost, 'point')} without a result (✕)." if lost else "",
        f"{undrawn} not drawn: a log axis has no place for zero or less."
        if any(one.undrawn for one in panels) else "",
        f"{wording.plural(cut, 'interval')} longer than the axis, cut at its edge." if cut else "",
        "" if shares_axis(panels) else "Each panel has its own scale.",
    )  # fmt: skip


def _placed(given: ResponseFigure) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return table and marks with numbers for ``x``, and NaN for what has no place on its axis."""
    table = given.table.reset_index(drop=True)
    table = table.assign(panel=table["panel"].astype(str), series=table["series"].astype(str))
    marks = given.marks.reset_index(drop=True)
    marks = marks if len(marks) else pd.DataFrame({"panel": [], "x": [], "label": []})
    marks = marks.assign(panel=marks["panel"].astype(str))
    if given.x_scale == "category":
        places = {name: float(place) for place, name in enumerate(_categories(given))}
        table["x"] = table["x"].astype(str).map(places)
        marks["x"] = marks["x"].astype(str).map(places)
    else:
        table["x"] = pd.to_numeric(table["x"], errors="coerce").astype(float)
        marks["x"] = pd.to_numeric(marks["x"], errors="coerce").astype(float)
    x, y = _visible(table["x"], given.x_scale), _visible(table["mean"], given.y_scale)
    bounds = table[["low", "high"]].astype(float)
    known = np.isfinite(bounds.to_numpy()).all(axis=1) & y.notna()
    table = table.assign(
        measured=np.isfinite(table["mean"].astype(float)),
        x=x,
        mean=y,
        low=bounds["low"].where(known),
        high=bounds["high"].where(known),
    )
    return table, marks.assign(x=_visible(marks["x"], given.x_scale)).dropna(subset=["x"])


def _visible(values: pd.Series, scale: str) -> pd.Series:
    numbers = values.astype(float)
    numbers = numbers.where(np.isfinite(numbers))
    return numbers.where(numbers > 0) if scale == "log" else numbers


def _categories(given: ResponseFigure) -> tuple[str, ...]:
    if given.x_scale != "category":
        return ()
    return tuple(str(name) for name in given.table["x"].astype(str).unique())


def _panel(
    given: ResponseFigure,
    table: pd.DataFrame,
    marks: pd.DataFrame,
    bounds: tuple[tuple[float, float], tuple[float, float]],
) -> ResponsePanel:
    x_limits, (low, high) = bounds
    points = _thinned(table[table["x"].notna()])
    order = {name: place for place, name in enumerate(series_names(given))}
    points = points.assign(_order=points["series"].map(order)).sort_values(
        ["_order", "x"], kind="stable"
    )
    cut = (points["low"] < low) | (points["high"] > high)
    shown = points[["series", "x", "mean"]].assign(
        low=points["low"].clip(low, high), high=points["high"].clip(low, high)
    )
    name = str(table["panel"].iloc[0])
    lost = points.loc[~points["measured"], ["series", "x"]]
    return ResponsePanel(
        title=name or f"{given.y_name[:1].upper()}{given.y_name[1:]}",
        remark=given.y_name if name and name != given.y_name else "",
        points=shown.reset_index(drop=True),
        lost=lost.assign(place=lost.groupby("x").cumcount()).reset_index(drop=True),
        marks=tuple(sorted(zip(marks["x"], marks["label"].astype(str), strict=True))),
        x_limits=x_limits,
        y_limits=(low, high),
        categories=_categories(given),
        cut=int(cut.sum()),
        undrawn=int((table["measured"] & (table["x"].isna() | table["mean"].isna())).sum()),
    )


def _thinned(points: pd.DataFrame) -> pd.DataFrame:
    """Leave out values of the setting that a line cannot show apart: epochs of a long training."""
    values = np.sort(points["x"].unique())
    shown = values[limits.thin_epochs(np.arange(len(values)), keep=())]
    return points[points["x"].isin(shown)]


def _x_limits(
    given: ResponseFigure, table: pd.DataFrame, marks: pd.DataFrame
) -> tuple[float, float]:
    if given.x_scale == "category":
        return -0.5, max(len(_categories(given)), 1) - 0.5
    values = np.concatenate([table["x"].dropna().to_numpy(float), marks["x"].to_numpy(float)])
    if given.x_scale == "log":
        return limits.log_limits(values)
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
