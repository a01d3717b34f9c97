"""Draw parallel coordinates from the top down: an axis a row, so that a phone has room for all."""

import textwrap
from collections.abc import Sequence
from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reports import theme, wording
from reports.drawing import canvas, rows
from reports.summaries.parallel import ABSENT, Coordinate, ParallelSummary

Style = dict[str, Any]

TOP: Final = 42.0
PITCH: Final = 38.0  # from one axis to the next, in points
BOUNDS: Final = (-0.04, 1.04)
BOUNDS_WITH_ABSENT: Final = (-0.04, ABSENT + 0.06)
NAME_LINE: Final = 13  # characters of an axis' name in a line
NAME_CHARACTER: Final = 5.5  # about the width of one in a small name, in points
NAME_ROOM: Final = 236.0  # of all names on an axis, in points
INK: Final = theme.colour("ink")
MUTED: Final = theme.colour("muted")
SURFACE: Final = theme.colour("surface")
BEST: Final = theme.colour("validation")


@canvas.in_style
def parallel(summary: ParallelSummary, remark: str) -> Figure:
    """Draw one line a trial over its settings and results, the best ones bold.

    Args:
        summary: As `summaries.parallel.parallel` returns it.
        remark: What stands below the title.
    """
    names = [_wrap(axis.name) for axis in summary.axes]
    figure, axes = canvas.new_panel(
        "From settings to results",
        remark,
        left=max(rows.room_for(names), canvas.LEFT),
        top=TOP,
        height=TOP + PITCH * len(names) + canvas.BOTTOM,
    )
    has_absent = any(axis.has_absent for axis in summary.axes)
    rows.lay_rows(axes, names, BOUNDS_WITH_ABSENT if has_absent else BOUNDS)
    axes.grid(visible=False)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    for place, axis in enumerate(summary.axes):
        _axis(axes, place, axis)
    _lines(axes, summary)
    return figure


def _wrap(name: str) -> list[str]:
    """Break a name into two short lines: the axes need the room."""
    return textwrap.wrap(wording.shorten(name), NAME_LINE, max_lines=2, placeholder="…")


def _lines(axes: Axes, summary: ParallelSummary) -> None:
    places = range(len(summary.axes))
    thin: Style = {"color": MUTED, "linewidth": 0.6, "alpha": 0.45, "zorder": 2}
    bold: Style = {"color": BEST, "linewidth": 1.5, "zorder": 3, "clip_on": False}
    bold |= {"marker": "o", "markersize": 3.6, "markeredgecolor": SURFACE, "markeredgewidth": 0.4}
    for line, is_best in zip(summary.lines, summary.is_best, strict=True):
        axes.plot(line, places, **(bold if is_best else thin))
    if summary.winner >= 0:
        ring: Style = {"markerfacecolor": "none", "markeredgecolor": INK, "markeredgewidth": 1.2}
        line = summary.lines[summary.winner]
        axes.plot(line, places, "o", markersize=7.5, clip_on=False, zorder=4, **ring)


def _axis(axes: Axes, place: int, axis: Coordinate) -> None:
    """Draw an axis with its numbers or names below it."""
    width = 1.8 if axis.is_result else 1.0
    axes.plot([0, 1], [place, place], color=MUTED, linewidth=width, zorder=1)
    for at, text, side in _ticks(axis):
        axes.plot(at, place, "|", color=MUTED, markersize=6, zorder=1)
        _label(axes, (at, place), text, side)
    if axis.has_absent:
        axes.plot(ABSENT, place, "x", color=MUTED, markersize=4, zorder=1)
        _label(axes, (ABSENT, place), "none", "center")


def _ticks(axis: Coordinate) -> Sequence[tuple[float, str, str]]:
    if axis.scale == "category":
        step = -(-len(axis.ticks) // 6)
        shown = axis.ticks[::step]
        room = max(int(NAME_ROOM / NAME_CHARACTER / max(len(shown), 1)), 3)
        return [(at, wording.shorten(str(name), room), "center") for at, name in shown]
    write = canvas.log_label if axis.scale == "log" else wording.setting
    sides = {0.0: "left", 1.0: "right"}
    return [(at, write(float(value)), sides.get(at, "center")) for at, value in axis.ticks]


def _label(axes: Axes, at: tuple[float, float], text: str, side: str) -> None:
    axes.annotate(
        text,
        at,
        xytext=(0, -6),
        textcoords="offset points",
        ha=side,
        va="top",
        color=MUTED,
        fontsize=canvas.SMALL_SIZE,
        bbox={"facecolor": SURFACE, "edgecolor": "none", "alpha": 0.75, "pad": 0.8},
        zorder=5,
        parse_math=False,
    )
