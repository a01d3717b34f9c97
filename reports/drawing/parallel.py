"""Parallel coordinates from the top down: an axis a row, so that a phone has room for all."""

import dataclasses
import textwrap
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from reports import theme, wording
from reports.drawing import canvas, rows

Style = dict[str, Any]

ABSENT: Final = 1.1  # where a line passes an axis whose setting its trial does not have
TOP: Final = 42.0
PITCH: Final = 38.0  # from one axis to the next, in points
BOUNDS: Final = (-0.04, 1.04)
NAME_LINE: Final = 13  # characters of an axis' name in a line
NAME_CHARACTER: Final = 5.5  # about the width of one in a small name, in points
NAME_ROOM: Final = 236.0  # of all names on an axis, in points
INK: Final = theme.colour("ink")
MUTED: Final = theme.colour("muted")
SURFACE: Final = theme.colour("surface")
BEST: Final = theme.colour("validation")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Coordinate:
    """Hold one axis.

    Attributes:
        name: What it measures.
        scale: Its scale; on that of a ``category`` names stand at even distances.
        ticks: Places, from 0 to 1, with the value there: a number or a name.
        has_absent: Whether some trials do not have this setting; their lines pass at `ABSENT`.
        is_result: Whether it is a result and not a setting.
    """

    name: str
    scale: str
    ticks: tuple[tuple[float, float | str], ...]
    has_absent: bool
    is_result: bool


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Parallel:
    """Hold one panel of parallel coordinates.

    Attributes:
        name: Its accessible name.
        title: What is drawn.
        remark: What stands below the title.
        axes: From the top down.
        lines: float64 [lines, axes]: where each line passes each axis, 0 to 1, or `ABSENT`.
        is_best: bool [lines]: whether it is drawn bold.
        winner: Index of the line that has rings, or -1.
    """

    name: str
    title: str
    remark: str
    axes: Sequence[Coordinate]
    lines: NDArray[np.float64]
    is_best: NDArray[np.bool_]
    winner: int

    @canvas.in_style
    def draw(self) -> Figure:
        """Draw one line a trial over its settings and results, the best ones bold."""
        names = [_wrap(axis.name) for axis in self.axes]
        figure, axes = canvas.new_panel(
            self.title, self.remark, left=max(rows.room_for(names), canvas.LEFT), top=TOP,
            height=TOP + PITCH * len(names) + canvas.BOTTOM,
        )  # fmt: skip
        has_absent = any(axis.has_absent for axis in self.axes)
        rows.lay_rows(axes, names, (BOUNDS[0], ABSENT + 0.06 if has_absent else BOUNDS[1]))
        axes.grid(visible=False)
        axes.set_xticks([])
        axes.spines["bottom"].set_visible(False)
        for place, axis in enumerate(self.axes):
            _axis(axes, place, axis)
        self._lines(axes)
        return figure

    def _lines(self, axes: Axes) -> None:
        count, depth = self.lines.shape
        table = pd.DataFrame(
            {"at": self.lines.ravel(), "axis": np.tile(np.arange(depth), count),
             "line": np.repeat(np.arange(count), depth), "best": np.repeat(self.is_best, depth)}
        )  # fmt: skip
        bounds = axes.get_xlim(), axes.get_ylim()
        thin: Style = {"color": MUTED, "linewidth": 0.6, "alpha": 0.45, "zorder": 2}
        bold: Style = {"color": BEST, "linewidth": 1.5, "zorder": 3, "clip_on": False}
        bold |= {"marker": "o", "markersize": 3.6, "markeredgecolor": SURFACE}
        bold |= {"markeredgewidth": 0.4}
        for is_best, style in ((False, thin), (True, bold)):
            sns.lineplot(
                table[table["best"] == is_best], x="at", y="axis", units="line", orient="y",
                estimator=None, sort=False, legend=False, ax=axes, **style,
            )  # fmt: skip
        axes.set(xlim=bounds[0], ylim=bounds[1], xlabel="", ylabel="")
        if self.winner >= 0:
            ring: Style = {"markerfacecolor": "none", "markeredgecolor": INK, "zorder": 4}
            axes.plot(self.lines[self.winner], range(depth), "o", markersize=7.5, clip_on=False,
                      markeredgewidth=1.2, **ring)  # fmt: skip


def _wrap(name: str) -> list[str]:
    """Break a name into two short lines: the axes need the room."""
    return textwrap.wrap(wording.shorten(name), NAME_LINE, max_lines=2, placeholder="…")


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
        text, at, xytext=(0, -6), textcoords="offset points", ha=side, va="top", color=MUTED,
        fontsize=canvas.SMALL_SIZE, zorder=5, parse_math=False,
        bbox={"facecolor": SURFACE, "edgecolor": "none", "alpha": 0.75, "pad": 0.8},
    )  # fmt: skip
