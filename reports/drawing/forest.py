"""Rows with dots and intervals: differences, scores, importances, a measure by category.

A row is a name; what was measured of it stands to its right, its series side by side.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reports import theme, wording
from reports.drawing import canvas, rows

Style = dict[str, Any]
Side = Sequence[tuple[str, Style]]  # up to two lines right of a row, each a text and its style

ROW: Final = 25.0
APART: Final = 9.0  # points between the series of one row
KEY_LINE: Final = 15.0
LONGEST_KEY: Final = 28
MUTED: Final = theme.colour("muted")
GRID: Final = theme.colour("grid")
DASHES: Final = (0, (3, 3))


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Forest:
    """Hold one panel of rows.

    Attributes:
        name: Its accessible name.
        title: What is drawn.
        remark: What stands below the title.
        rows: Their names, from the top down.
        points: ``row`` (its place), ``series``, ``value``, ``low`` and ``high`` (NaN without
            interval); what lies beyond the axis is drawn at its end, as an arrow.
        marks: Of each series, in their order.
        limits: Where the axis begins and ends.
        scale: Of the axis: ``linear`` or ``log``.
        is_apart: Whether the series of a row stand side by side, and are named above the rows.
        margin: Half the width of the band round zero; 0 for none.
        even: Where a dashed line stands; None for none.
        gaps: ``row``, ``low``, ``high`` of a bar behind a row. May have no row.
        sides: What stands right of rows, by their place.
    """

    name: str
    title: str
    remark: str
    rows: Sequence[str]
    points: pd.DataFrame
    marks: Mapping[str, theme.Mark]
    limits: tuple[float, float]
    scale: str = "linear"
    is_apart: bool = True
    margin: float = 0.0
    even: float | None = None
    gaps: pd.DataFrame = dataclasses.field(default_factory=pd.DataFrame)
    sides: Mapping[int, Side] = dataclasses.field(default_factory=dict)

    @canvas.in_style
    def draw(self) -> Figure:
        """Draw one row a name."""
        names, series = [rows.wrap(name) for name in self.rows], list(self.marks)
        pitch = rows.height_of(names, max(ROW, APART * len(series) + 8 if self.is_apart else 0))
        key = _key_lines(series) if self.is_apart and len(series) > 1 else []
        head = 29.0 if self.remark else 14.0
        top = head + 15 + KEY_LINE * len(key)
        figure, axes = canvas.new_panel(
            self.title, self.remark, left=rows.room_for(names), top=top,
            right=rows.BESIDE if self.sides else canvas.RIGHT,
            height=top + pitch * max(len(names), 1) + canvas.BOTTOM,
        )  # fmt: skip
        rows.lay_rows(axes, names, self.limits)
        self._lay_axis(axes)
        for row, low, high in self.gaps.itertuples(index=False):
            axes.barh(
                row, high - low, left=low, height=APART / pitch, color=MUTED, alpha=0.15, lw=0
            )
        for place, name in enumerate(series):
            shift = (place - (len(series) - 1) / 2) * APART / pitch if self.is_apart else 0.0
            self._series(axes, name, shift)
        if key:
            between = [place + 0.5 for place in range(len(names) - 1)]
            across = axes.get_yaxis_transform()
            axes.hlines(between, 0, 1, transform=across, color=GRID, linewidth=0.6)
        for place, lines in self.sides.items():
            rows.write_beside(axes, place, *lines)
        _draw_key(figure, key, head=head, marks=self.marks)
        if self.points["value"].isna().all():
            canvas.say_nothing(axes)
        canvas.finish(axes, "")
        return figure

    def _lay_axis(self, axes: Axes) -> None:
        if self.scale == "log":
            canvas.log_axis(axes, "x")
        else:
            canvas.number_axis(axes, "x", most=rows.most_ticks(axes))
            if self.limits[0] < 0 < self.limits[1]:
                axes.axvline(0, color=MUTED, linewidth=0.8)
        if self.margin:
            axes.axvspan(-self.margin, self.margin, color=MUTED, alpha=0.15, linewidth=0)
        if self.even is not None:
            axes.axvline(self.even, color=MUTED, linewidth=0.9, linestyle=DASHES)

    def _series(self, axes: Axes, name: str, shift: float) -> None:
        mark, (start, end) = self.marks[name], self.limits
        own = self.points[self.points["series"] == name]
        own = own.assign(row=own["row"] + shift)
        known = own[own["value"].notna()]
        inside = known[known["value"].between(start, end)]
        if len(inside):
            intervals(axes, inside.assign(low=inside["low"].clip(start, end),
                                          high=inside["high"].clip(start, end)), mark)  # fmt: skip
        for marker, edge, beyond in (
            ("<", start, known[(known["low"] < start) | (known["value"] < start)]),
            (">", end, known[(known["high"] > end) | (known["value"] > end)]),
        ):
            style: Style = {"markersize": 5, "color": theme.colour(mark.ink), "clip_on": False}
            if len(beyond):
                axes.plot([edge] * len(beyond), beyond["row"], marker, zorder=4, **style)
        for row, low, high in known.drop(inside.index)[["row", "low", "high"]].to_numpy():
            line: Style = {"color": theme.colour(mark.ink), "linewidth": 2.0}
            axes.plot([max(low, start), min(high, end)], [row, row], **line)
        lost = own.loc[own["value"].isna(), "row"]
        canvas.crosses(axes, [0.0] * len(lost), lost, (mark, axes.get_yaxis_transform()))


def intervals(axes: Axes, points: pd.DataFrame, mark: theme.Mark) -> None:
    """Draw dots with their intervals.

    seaborn takes the value first and the ends of its interval after it, one row each.

    Args:
        axes: The panel, its limits and scale set.
        points: ``row``, ``value``, ``low``, ``high`` (NaN without interval).
        mark: Of all of them.
    """
    ink, face = theme.colour(mark.ink), theme.colour("surface")
    long = points.melt("row", ["value", "low", "high"], value_name="at").dropna(subset=["at"])
    bounds = axes.get_xlim(), axes.get_ylim()
    sns.pointplot(
        long, x="at", y="row", orient="y", native_scale=True, estimator=_first, errorbar=_ends,
        linestyle="none", color=ink, marker=mark.marker, markersize=canvas.dot_size(mark),
        markeredgewidth=1.3 if mark.hollow else 0.6, markeredgecolor=ink if mark.hollow else face,
        markerfacecolor=face if mark.hollow else ink, clip_on=False, zorder=4, ax=axes,
        err_kws={"linewidth": 2.0, "solid_capstyle": "round", "zorder": 3},
    )  # fmt: skip
    axes.set(xlim=bounds[0], ylim=bounds[1])


def _first(values: "pd.Series[float]") -> float:
    return float(values.iloc[0])


def _ends(values: "pd.Series[float]") -> tuple[float, float]:
    return float(values.iloc[1]), float(values.iloc[-1])


def _key_lines(series: Sequence[str]) -> list[list[tuple[float, str]]]:
    """Return the names of the series in lines, each with the room before it, in points."""
    lines: list[list[tuple[float, str]]] = []
    at = canvas.WIDTH
    for name in series:
        room = 24 + canvas.BOLD_CHARACTER * len(wording.shorten(name, LONGEST_KEY))
        if at + room > canvas.WIDTH:
            lines.append([])
            at = 8.0
        lines[-1].append((at, name))
        at += room
    return lines


def _draw_key(
    figure: Figure, lines: list[list[tuple[float, str]]], *, head: float,
    marks: Mapping[str, theme.Mark],
) -> None:  # fmt: skip
    (axes,) = figure.axes
    width, height = canvas.WIDTH, float(figure.get_figheight() * 72)
    for number, line in enumerate(lines):
        up = 1 - (head + 17 + KEY_LINE * number) / height
        for at, name in line:
            canvas.dots(axes, [at / width], [up], marks[name], figure.transFigure)
            figure.text(
                (at + 8) / width, up, wording.shorten(name, LONGEST_KEY), va="center",
                parse_math=False, color=theme.colour(marks[name].ink), fontweight="bold",
            )  # fmt: skip
