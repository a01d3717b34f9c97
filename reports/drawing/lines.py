"""Lines with bands: a measure against a setting, an epoch or a number of trials."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reports import theme, wording
from reports.drawing import canvas

Style = dict[str, Any]
Dashes = str | tuple[float, ...]  # as seaborn has them: lengths, in line widths; "" is solid

LONGEST_LABEL: Final = 12  # characters of a series' name beside its line; the key has it all
LONGEST_MARK: Final = 34
CROSSES_APART: Final = 8.0
MARK_LINE: Final = 11.5  # height of a line of text above the axes
FEW_BANDS: Final = 3
MUTED: Final = theme.colour("muted")
DASHED: Final = (0, (3, 3))
DOTTED: Final = (0, (1, 2))


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """Hold an axis: its name, where it begins and ends, and how it is laid out.

    Attributes:
        name: What it measures.
        limits: Where it begins and ends.
        scale: ``linear`` or ``log``.
        is_whole: Whether only whole numbers make sense.
        values: Those that are all written on it, if there is room.
    """

    name: str = ""
    limits: tuple[float, float]
    scale: str = "linear"
    is_whole: bool = False
    values: Sequence[float] = ()


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Hold how the lines of a series look.

    Attributes:
        mark: Its colour, and its dots.
        label: What stands beside its end; ``""`` for nothing.
        width: Of the line.
        dashes: Of the line.
        alpha: How opaque it is.
        steps: Whether it keeps its value until the next point.
        is_marked: Whether its label bears its mark.
    """

    mark: theme.Mark
    label: str = ""
    width: float = 1.7
    dashes: Dashes = ""
    alpha: float = 1.0
    steps: bool = False
    is_marked: bool = True


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Hold one panel of lines.

    Attributes:
        name: Its accessible name.
        title: What is drawn.
        remark: What stands below the title; ``""`` for nothing.
        table: One row a point: ``series``, ``line`` (of several lines of one series, whatever tells
            them apart), ``x``, ``y`` (NaN where the line is broken), ``low``, ``high`` (NaN without
            interval), ``dot`` (whether it bears the mark of its series). Columns but the first,
            ``x`` and ``y`` may be missing.
        looks: Of each series, in the order of drawing.
        x: What runs to the right.
        y: What runs upwards.
        shade: ``x`` and the two columns between which is shaded. May have no row.
        marks: Values of ``x`` to point out with what is said of them, from left to right.
        onset: A value of ``x`` that has a line in the colour of overfitting; None for none.
        level: Where a line runs across; None for zero, where zero is inside.
        lost: ``series``, ``x`` and ``place`` (from 0, among those at its ``x``) of points without
            a value. May have no row.
    """

    name: str
    title: str
    remark: str = ""
    table: pd.DataFrame
    looks: Mapping[str, Look]
    x: Axis
    y: Axis
    shade: pd.DataFrame = dataclasses.field(default_factory=pd.DataFrame)
    marks: Sequence[tuple[float, str]] = ()
    onset: float | None = None
    level: float | None = None
    lost: pd.DataFrame = dataclasses.field(default_factory=pd.DataFrame)

    @canvas.in_style
    def draw(self) -> Figure:
        """Draw bands, lines, dots and the names at their ends."""
        longest = max((len(look.label) for look in self.looks.values()), default=0)
        is_marked = any(look.is_marked for look in self.looks.values())
        room = (22 if is_marked else 12) + canvas.BOLD_CHARACTER * longest
        top = canvas.TOP - (0 if self.remark or self.marks else 10)
        top += 0 if self._is_brief else MARK_LINE * max(len(self.marks) - 1, 0)
        figure, axes = canvas.new_panel(
            self.title, self.remark, right=room if longest else canvas.RIGHT, top=top
        )
        self._lay_axes(axes)
        if len(self.shade):
            x, one, other = (self.shade[name] for name in self.shade.columns)
            axes.fill_between(x, one, other, color=MUTED, alpha=0.15, linewidth=0)
        table = self._whole()
        self._bands(axes, table)
        self._lines(axes, table)
        for series, rows in table[table["dot"] & table["y"].notna()].groupby("series", sort=False):
            canvas.dots(axes, rows["x"], rows["y"], self.looks[str(series)].mark)
        self._lost(axes)
        self._point_out(axes)
        self._label(axes, table)
        if not table["y"].notna().any():
            axes.set_yticks([])
            canvas.say_nothing(axes)
        scale = ", log scale" if self.x.scale == "log" else ""
        room = int(axes.bbox.x1 / canvas.CHARACTER) - len(scale) - 2
        canvas.finish(axes, f"{wording.shorten(self.x.name, room)}{scale}")
        return figure

    @property
    def _is_brief(self) -> bool:
        return not any(character.isalpha() for _, label in self.marks for character in label)

    def _whole(self) -> pd.DataFrame:
        """Return the table with every column, each unbroken stretch a line of its own."""
        usual: dict[str, Any] = {"line": "", "low": np.nan, "high": np.nan, "dot": False}
        missing = {name: value for name, value in usual.items() if name not in self.table}
        table = self.table.assign(**missing)
        table = table[table["series"].isin(list(self.looks))].reset_index(drop=True)
        breaks = table["y"].isna().groupby(table["series"]).cumsum()
        return table.assign(
            dot=table["dot"].astype(bool), line=table["line"].astype(str) + breaks.astype(str)
        )

    def _lay_axes(self, axes: Axes) -> None:
        axes.set_xlim(*self.x.limits)
        axes.set_ylim(*self.y.limits)
        for which, axis in (("y", self.y), ("x", self.x)):
            canvas.scaled_axis(axes, which, axis.scale, whole=axis.is_whole)
        canvas.value_ticks(axes, self.x.values)
        low, high = self.y.limits
        if self.level is not None or (self.y.scale == "linear" and low < 0 < high):
            axes.axhline(self.level or 0, color=MUTED, linewidth=0.8)

    def _bands(self, axes: Axes, table: pd.DataFrame) -> None:
        """Shade the intervals; seaborn would have to find them itself, from repeated values."""
        alpha = 0.18 if len(self.looks) <= FEW_BANDS else 0.1
        for series, rows in table.groupby("series", sort=False):
            ink = theme.colour(self.looks[str(series)].mark.ink)
            has = rows["low"].notna()
            is_alone = has & ~has.shift(1, fill_value=False) & ~has.shift(-1, fill_value=False)
            if (has & ~is_alone).any():
                axes.fill_between(
                    rows["x"], rows["low"], rows["high"], color=ink, alpha=alpha, linewidth=0
                )
            alone = rows[is_alone]  # which has no neighbour to make a band with
            for x, low, high in zip(alone["x"], alone["low"], alone["high"], strict=True):
                axes.plot([x, x], [low, high], color=ink, linewidth=2.2, alpha=0.55, zorder=3)

    def _lines(self, axes: Axes, table: pd.DataFrame) -> None:
        known = table[table["y"].notna()]
        names = [name for name in self.looks if (known["series"] == name).any()]
        if not names:
            return
        before, bounds = len(axes.lines), (axes.get_xlim(), axes.get_ylim())
        looks = {name: self.looks[name] for name in names}
        sns.lineplot(
            known, x="x", y="y", units="line", estimator=None, sort=False, legend=False, ax=axes,
            hue="series", hue_order=names, style="series", style_order=names, size="series",
            size_order=names, solid_capstyle="round",
            palette={name: theme.colour(look.mark.ink) for name, look in looks.items()},
            dashes={name: look.dashes for name, look in looks.items()},
            sizes={name: look.width for name, look in looks.items()},
        )  # fmt: skip
        axes.set(xlim=bounds[0], ylim=bounds[1])
        drawn = iter(axes.lines[before:])
        for place, (name, look) in enumerate(looks.items()):
            for line in (
                next(drawn) for _ in range(known.loc[known["series"] == name, "line"].nunique())
            ):
                line.set(alpha=look.alpha, zorder=2.5 + place / 100)
                line.set_drawstyle("steps-post" if look.steps else "default")

    def _lost(self, axes: Axes) -> None:
        if not len(self.lost):
            return
        for series, rows in self.lost.groupby("series", sort=False):
            up = (rows["place"] * CROSSES_APART / axes.bbox.height).to_list()
            look = (self.looks[str(series)].mark, axes.get_xaxis_transform())
            canvas.crosses(axes, rows["x"].to_list(), up, look)

    def _point_out(self, axes: Axes) -> None:
        """Draw a dashed line at each value to point out, its label above in a row of its own."""
        if self.onset is not None:
            style: Style = {"color": theme.colour("overfits"), "linestyle": (0, (1, 1.5))}
            axes.axvline(self.onset, linewidth=1.1, **style)
        at = [float(axes.transData.transform((x, self.y.limits[0]))[0]) for x, _ in self.marks]
        low, high = (float(axes.bbox.x0), float(axes.bbox.x1))
        is_late = [place > (low + high) / 2 for place in at]
        # A label reads away from the nearer edge: the outermost line is the tallest.
        order = sorted(
            range(len(at)), key=lambda one: at[one] - low if is_late[one] else high - at[one]
        )
        for row, one in enumerate(order):
            x, label = self.marks[one]
            up = 1 + ((0 if self._is_brief else row) * MARK_LINE + 8) / axes.bbox.height
            tall = 1.0 if self._is_brief else up
            across = axes.get_xaxis_transform()
            axes.plot(
                [x, x], [0, tall], transform=across, zorder=2, color=MUTED, linewidth=0.9,
                linestyle=DOTTED if self._is_brief else DASHED, clip_on=False,
            )  # fmt: skip
            side = "center" if self._is_brief else "right" if is_late[one] else "left"
            axes.annotate(
                wording.shorten(label, LONGEST_MARK), (x, up), xycoords=across,
                xytext=({"center": 0, "right": -3, "left": 3}[side], 0),
                textcoords="offset points", ha=side, va="center", color=MUTED,
                fontsize=canvas.SMALL_SIZE, parse_math=False,
                bbox={"facecolor": theme.colour("surface"), "edgecolor": "none", "pad": 0.8},
            )  # fmt: skip

    def _label(self, axes: Axes, table: pd.DataFrame) -> None:
        known = table[table["y"].notna()]
        last = {str(name): float(rows["y"].iloc[-1]) for name, rows in known.groupby("series")}
        ends = [
            (look.label, last[name], look.mark, look.is_marked)
            for name, look in self.looks.items()
            if look.label and name in last
        ]
        canvas.label_ends(axes, ends)


def spaced(points: pd.DataFrame, most: int, *, start: int = 0) -> "pd.Series[bool]":
    """Choose which points of a line bear its mark: all of few, else evenly spaced ones.

    Args:
        points: Of one line.
        most: How many bear it at most.
        start: The first one, counted on past the distance of two.
    """
    step = max(-(-len(points) // most), 1)
    return pd.Series(np.arange(len(points)) % step == start % step, index=points.index)
