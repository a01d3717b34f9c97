"""Points: one mark a trial, against its size, its other side or one of its settings."""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from reports import theme, wording
from reports.drawing import canvas, limits, marks, spans
from reports.judged import best_trials, is_finished, is_measured

Style = dict[str, Any]
Scale = Literal["linear", "log", "category"]

STRIP: Final = 0.16  # height of the strip for trials without a result, as a share of the axis
EDGE: Final = 0.06  # without one: room that keeps marks at the lower edge off the axis' line
PAINT_ORDER: Final = (
    "pruned", "undecided", "fits", "undertrained", "underfits", "overtrained", "overfits",
)  # fmt: skip
DOT: Final = 30.0
SMALL_DOT: Final = 10.0
RING: Final = 11.5
HOLLOW: Final = 0.45  # of a dot's area: an outline looks larger than it is
MANY_DOTS: Final = 300
SHADE: Final = 0.1
TALL: Final = 318.0  # height of a panel with a part above its trials
UPPER: Final = 78.0  # height of the axes of that, in points
BETWEEN: Final = 24.0
INK: Final = theme.colour("ink")
MUTED: Final = theme.colour("muted")
SURFACE: Final = theme.colour("surface")
DASHES: Final = (0, (3, 3))
SMALL: Final[Style] = {"color": MUTED, "fontsize": canvas.SMALL_SIZE, "parse_math": False}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class PointAxes:
    """Hold how a panel of points is laid out.

    Attributes:
        x_name: What runs to the right.
        y_name: What runs upwards.
        scale: Scale of x; of a ``category`` x counts ``categories`` from 0.
        y_scale: Scale of y, ``linear`` or ``log``.
        edges: The values between which was searched, if known.
        both: Limits that both axes are given, if they measure the same.
        x_limits: Limits of x, if panels are to share them.
        y_limits: Limits of y, likewise.
        categories: Names of the values of x, if it is a category.
    """

    x_name: str
    y_name: str
    scale: Scale
    y_scale: Scale = "linear"
    edges: tuple[float, float] | None = None
    both: tuple[float, float] | None = None
    x_limits: tuple[float, float] | None = None
    y_limits: tuple[float, float] | None = None
    categories: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class TrialPoints:
    """Hold where the trials of a panel stand.

    Attributes:
        axes: How the panel is laid out.
        table: One row a trial that is drawn, the pruned ones among them: ``trial``, ``x``, ``y``
            (moved onto the axis' end where it lies beyond), ``verdict``, ``beyond`` (whether it was
            moved).
        unusable: One row a trial that failed or diverged: ``trial``, ``x``, ``y`` (in a strip
            below all values) and ``verdict``.
        placeless: Number of trials that cannot be shown at all: they have no ``x``.
        x_limits: Where the axis starts and ends.
        y_limits: Where the axis starts and ends.
        floor: The lowest value of the axis, where values beyond it stand; what lies below is the
            strip of ``unusable``, or a little room.
        counts: Number of trials of each verdict, before any thinning.
        winner: The trial to point out; ``""`` for none.
        best: Values of ``x`` of the best finished trials, best first.
        beyond: Number of trials that lie beyond the axis.
    """

    axes: PointAxes
    table: pd.DataFrame
    unusable: pd.DataFrame
    placeless: int
    x_limits: tuple[float, float]
    y_limits: tuple[float, float]
    floor: float
    counts: dict[str, int]
    winner: str
    best: tuple[float, ...]
    beyond: int


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """Hold a stretch of x that is shaded, or a line where both its ends are one.

    Attributes:
        name: What stands above it; ``""`` for nothing.
        low: Where it starts.
        high: Where it ends.
        ink: The idea that gives its colour.
        edges: Whether lines in its colour stand at both ends, and one across at ``level``.
        level: Where that line runs.
    """

    name: str
    low: float
    high: float
    ink: str
    edges: bool = False
    level: float = math.nan


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """Hold one panel of points.

    Attributes:
        name: Its accessible name.
        title: What is drawn.
        remark: What stands below the title.
        points: The trials.
        x_label: What stands below the axis.
        marks: By verdict, or by whatever stands in its place.
        diagonal: Whether the line of no gap is drawn.
        level: Where a line runs across; None for none.
        regions: Stretches of x, from left to right.
        steps: ``series``, ``x``, ``y`` of lines that keep their value until the next point. May
            have no row.
        compared: ``x``, ``low``, ``high`` (ends of a bin, or NaN), ``expected``, ``lower``,
            ``upper`` and ``mark`` (None for a bin) of a part above the trials; None for none.
        compared_limits: Where the axis of that part starts and ends.
        compared_name: What that part shows.
    """

    name: str
    title: str
    remark: str
    points: TrialPoints
    x_label: str
    marks: Mapping[str, theme.Mark] = dataclasses.field(default_factory=lambda: theme.MARKS)
    diagonal: bool = False
    level: float | None = None
    regions: Sequence[Region] = ()
    steps: pd.DataFrame = dataclasses.field(default_factory=pd.DataFrame)
    compared: pd.DataFrame | None = None
    compared_limits: tuple[float, float] = (0.0, 1.0)
    compared_name: str = ""

    @canvas.in_style
    def draw(self) -> Figure:
        """Draw one mark a trial, and what it is to be compared with."""
        labels = (
            [f"{mark.glyph} {name}" for name, mark in self.marks.items()] if len(self.steps) else []
        )
        right = 12 + canvas.CHARACTER * max(map(len, labels)) if labels else canvas.RIGHT
        height = canvas.HEIGHT if self.compared is None else TALL
        figure, axes = canvas.new_panel(self.title, self.remark, right=right, height=height)
        upper = None if self.compared is None else _upper_axes(figure, axes)
        for each in (axes, *([upper] if upper else [])):
            for edge in self.points.axes.edges or ():
                each.axvline(edge, color=MUTED, linewidth=0.8, linestyle=DASHES)
        if self.level is not None:
            axes.axhline(self.level, color=MUTED, linewidth=0.8)
        if self.diagonal:
            axes.plot(self.points.x_limits, self.points.x_limits, color=MUTED, linewidth=0.8)
        self._trials(axes)
        self._regions(axes)
        self._steps(axes)
        if upper is not None:
            self._compared(upper, axes)
        canvas.finish(axes, self.x_label)
        return figure

    def _trials(self, axes: Axes) -> None:
        """Draw the trials, the winner's ring, those without a result, and lay out the axes."""
        points, table = self.points, self.points.table
        axes.set_xlim(*points.x_limits)
        axes.set_ylim(*points.y_limits)
        size = (DOT if len(table) < MANY_DOTS else SMALL_DOT) / (2 if len(self.steps) else 1)
        for verdict in sorted(table["verdict"].unique(), key=_paint_order):
            # One call a mark: points that look the same are then written as one shape, many times.
            # Not seaborn's scatterplot, which takes three to ten times as long: on a page of 24
            # settings with six verdicts each that is a third of the whole page.
            mark = self.marks.get(str(verdict), theme.MARKS["undecided"])
            rows = table[table["verdict"] == verdict]
            ink = theme.colour(mark.ink)
            drawn = axes.scatter(
                rows["x"], rows["y"], marker=mark.marker, s=HOLLOW * size if mark.hollow else size,
                facecolor=SURFACE if mark.hollow else ink, clip_on=False, zorder=3,
                edgecolor=ink if mark.hollow else SURFACE, linewidth=0.8 if mark.hollow else 0.4,
            )  # fmt: skip
            marks.name_marks(drawn, rows["trial"])
        marks.name_axes(axes, points.axes.x_name, points.axes.y_name)
        _unusable(axes, points)
        winner = table[table["trial"] == points.winner].tail(1)
        ring: Style = {"markerfacecolor": "none", "markeredgecolor": INK, "markeredgewidth": 1.5}
        if len(winner):
            axes.plot(
                winner["x"], winner["y"], "o", markersize=RING, clip_on=False, zorder=5, **ring
            )
        canvas.scaled_axis(axes, "y", points.axes.y_scale, floor=points.floor)
        if points.axes.scale == "category":
            canvas.category_axis(axes, points.axes.categories)
        else:
            canvas.scaled_axis(axes, "x", points.axes.scale)

    def _regions(self, axes: Axes) -> None:
        for place, one in enumerate(self.regions):
            ink = theme.colour(one.ink)
            line: Style = {"color": ink, "zorder": 1}
            if one.low == one.high and not one.edges:
                axes.axvline(one.low, linewidth=1.0, linestyle=(0, (1, 2)), **line)
                continue
            axes.axvspan(one.low, one.high, color=ink, alpha=SHADE, linewidth=0, zorder=0)
            if one.edges:
                for end in (one.low, one.high):
                    axes.axvline(end, linewidth=1.4, **line)
                axes.plot([one.low, one.high], [one.level] * 2, linewidth=1.4, **line)
            elif place:
                axes.axvline(one.low, linewidth=1.0, linestyle=DASHES, **line)
        named = [(one.name, (one.low, one.high), theme.colour(one.ink))
                 for one in self.regions if one.name]  # fmt: skip
        spans.name_spans(axes, named)

    def _steps(self, axes: Axes) -> None:
        if not len(self.steps):
            return
        bounds, names = (axes.get_xlim(), axes.get_ylim()), list(self.steps["series"].unique())
        sns.lineplot(
            self.steps, x="x", y="y", hue="series", style="series", estimator=None, legend=False,
            palette={name: theme.colour(self.marks[name].ink) for name in names}, sort=False,
            dashes={name: (4, 1.5) if name == "train" else "" for name in names}, ax=axes,
            drawstyle="steps-post", linewidth=1.6, zorder=4,
        )  # fmt: skip
        axes.set(xlim=bounds[0], ylim=bounds[1])
        last = self.steps.groupby("series", sort=False)["y"].last()
        inks = {str(name): self.marks[str(name)] for name in last.index}
        ends = [(f"{inks[str(name)].glyph} {name}", float(y), inks[str(name)], False)
                for name, y in last.items()]  # fmt: skip
        canvas.label_ends(axes, ends)

    def _compared(self, upper: Axes, lower: Axes) -> None:
        """Draw the expected best of each value above the trials; by hand, as the trials are."""
        table = self.compared if self.compared is not None else pd.DataFrame()
        upper.set_xscale(lower.get_xscale())
        upper.set_xticks(lower.get_xticks(), minor=False)
        upper.set_xticks([], minor=True)
        upper.set_xlim(*lower.get_xlim())  # after the ticks, which would widen it
        upper.set_ylim(*self.compared_limits)
        canvas.number_axis(upper, "y", most=4)
        if table.empty:
            upper.set_yticks([])
        inks = [theme.colour(mark.ink) if mark else INK for mark in table["mark"]]
        upper.vlines(
            table["x"], table["lower"], table["upper"], color=inks, linewidth=1.4, zorder=2
        )
        bins = table[table["mark"].isna()]
        upper.hlines(bins["expected"], bins["low"], bins["high"], color=INK, linewidth=2.4)
        for one in table[table["mark"].notna()].to_dict("records"):
            canvas.dots(upper, [one["x"]], [one["expected"]], one["mark"])
        for axes, text in ((upper, self.compared_name), (lower, "each trial")):
            axes.annotate(text, (0, 1), xycoords="axes fraction", xytext=(0, 4), va="bottom",
                          textcoords="offset points", **SMALL)  # fmt: skip


def place_trials(table: pd.DataFrame, axes: PointAxes, winner: str) -> TrialPoints:
    """Lay out the trials of one panel.

    Args:
        table: Trials with verdicts, and the columns ``x`` and ``y``.
        axes: How the panel is laid out.
        winner: The trial to point out; ``""`` for none.
    """
    usable, drawn = is_finished(table, "x", "y"), is_measured(table, "x", "y")
    shown = table.loc[drawn, ["trial", "x", "y", "verdict"]].reset_index(drop=True)
    is_lost = shown["verdict"].isin(theme.UNUSABLE)  # a finished trial is none of these
    shown["verdict"] = shown["verdict"].mask(is_lost, "undecided")
    has_place = np.isfinite(table["x"].to_numpy(float))
    lost = table.loc[~drawn & has_place, ["trial", "x", "verdict"]]
    y_limits = axes.both or axes.y_limits or limits.robust_limits(shown["y"].to_numpy(float))
    x_limits = axes.both or axes.x_limits or _x_limits(table["x"].to_numpy(float), axes)
    inside = shown["y"].between(*y_limits) & shown["x"].between(*x_limits)
    placed = shown.assign(
        x=shown["x"].clip(*x_limits), y=shown["y"].clip(*y_limits), beyond=~inside
    )
    is_below = bool((shown["y"] < y_limits[0]).any())
    share = STRIP if len(lost) else EDGE if is_below and axes.y_scale == "linear" else 0.0
    strip = share * (y_limits[1] - y_limits[0])
    best = best_trials(table.loc[usable])["x"] if usable.any() else pd.Series(dtype=float)
    is_winner = (shown["trial"] == winner).to_numpy(bool)
    return TrialPoints(
        axes=axes,
        table=limits.thin_points(placed, x_log=axes.scale == "log", keep=is_winner),
        unusable=_thin_unusable(lost.assign(y=y_limits[0] - 0.62 * strip)),
        placeless=int((~drawn & ~has_place).sum()),
        x_limits=x_limits,
        y_limits=(y_limits[0] - strip, y_limits[1]),
        floor=y_limits[0],
        counts={str(key): int(n) for key, n in table["verdict"].value_counts().items()},
        winner=winner,
        best=tuple(float(value) for value in best),
        beyond=int((~inside).sum()),
    )


def not_in_place(*panels: TrialPoints) -> str:
    """Say what a panel, or the one with the most, does not show at its place; ``""`` if nothing."""
    parts = []
    beyond = max(points.beyond for points in panels)
    placeless = max(points.placeless for points in panels)
    if beyond:
        parts.append(f"{wording.plural(beyond, 'trial')} beyond an axis, drawn at its edge.")
    if placeless:
        parts.append(f"{wording.plural(placeless, 'trial')} without a result not shown.")
    if max(sum(points.counts.values()) for points in panels) > limits.CROWDED:
        parts.append("One mark may stand for several trials in the same place.")
    return " ".join(parts)


def _thin_unusable(lost: pd.DataFrame) -> pd.DataFrame:
    most = limits.CELLS[0] * 4
    return (
        lost if len(lost) <= most else lost[~lost.duplicated(["x", "verdict"])].head(most)
    ).reset_index(drop=True)


def _x_limits(values: NDArray[np.float64], axes: PointAxes) -> tuple[float, float]:
    if axes.scale == "category":
        return -0.5, max(len(axes.categories), 1) - 0.5
    everything = np.concatenate([values[np.isfinite(values)], axes.edges or ()])
    if axes.scale == "log":
        return limits.log_limits(everything)
    return limits.widen(everything.min(), everything.max()) if len(everything) else (0.0, 1.0)


def _upper_axes(figure: Figure, lower: Axes) -> Axes:
    box = lower.get_position()
    share = (UPPER + BETWEEN) / TALL
    lower.set_position((box.x0, box.y0, box.width, box.height - share))
    upper = figure.add_axes((box.x0, box.y1 - UPPER / TALL, box.width, UPPER / TALL))
    canvas.frame(upper)
    upper.tick_params(axis="x", length=0, labelbottom=False)
    return upper


def _unusable(axes: Axes, points: TrialPoints) -> None:
    for verdict in theme.UNJUDGED:  # a pruned one stands here only without a finite value
        rows = points.unusable[points.unusable["verdict"] == verdict]
        if rows.empty:
            continue
        mark = theme.mark_of(verdict)
        (drawn,) = axes.plot(
            rows["x"], rows["y"], mark.marker, markersize=6, markeredgewidth=1.4, clip_on=False,
            fillstyle="none" if mark.hollow else "full", color=theme.colour(mark.ink), zorder=4,
        )  # fmt: skip
        marks.name_marks(drawn, rows["trial"])
    if len(points.unusable):
        axes.annotate(
            "no result", (0, points.unusable["y"].iloc[0]), xycoords=("axes fraction", "data"),
            xytext=(-3, 0), textcoords="offset points", ha="right", va="center",
            color=theme.colour("failed"), fontsize=canvas.SMALL_SIZE,
        )  # fmt: skip


def _paint_order(verdict: object) -> int:
    """Paint the common and vague first, so that the telling ones lie on top."""
    return PAINT_ORDER.index(str(verdict)) if verdict in PAINT_ORDER else -1
