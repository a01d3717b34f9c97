"""Draw a measure against a numeric setting: lines with bands, labelled at their ends."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import Transform

from reports import theme, wording
from reports.drawing import canvas
from reports.summaries.response import ResponsePanel

Style = dict[str, Any]
Marks = Mapping[str, theme.Mark]

LONGEST_LABEL: Final = 12  # characters of a series' name beside its line; the key has it all
LONGEST_MARK: Final = 28
DOT: Final = 5.5
MANY_POINTS: Final = 24  # on a line from which on only some bear a mark
MOST_DOTS: Final = 8  # that then do
CROSSES_APART: Final = 8.0
BOLD_CHARACTER: Final = 7.4
MARK_LINE: Final = 11.5  # height of a line of text above the axes
FEW_BANDS: Final = 3
MUTED: Final = theme.colour("muted")
SURFACE: Final = theme.colour("surface")
DASHES: Final = (0, (3, 3))


@canvas.in_style
def response(panel: ResponsePanel, marks: Marks) -> Figure:
    """Draw one panel of a response to a numeric setting.

    Args:
        panel: As `summary_response.response_panels` returns it.
        marks: Of each series.
    """
    longest = max((len(_label(name)) for name in panel.series), default=0)
    right = canvas.RIGHT if not longest else 22 + BOLD_CHARACTER * longest
    top = canvas.TOP + MARK_LINE * max(len(panel.marks) - 1, 0)
    top -= 0 if panel.remark or panel.marks else 10
    figure, axes = canvas.new_panel(panel.title, panel.remark, right=right, top=top)
    _lay_out(axes, panel)
    if len(panel.gap):
        shade: Style = {"color": MUTED, "alpha": 0.15, "linewidth": 0}
        axes.fill_between(panel.gap["x"], panel.gap["train"], panel.gap["validation"], **shade)
    for name in panel.series:
        _series(axes, panel, name, marks[name])
    _point_out(axes, panel)
    _label_ends(axes, panel, marks)
    if panel.points["mean"].isna().all():
        axes.set_yticks([])
        say_nothing(axes)
    return figure


def dots(
    axes: Axes,
    x: Sequence[float],
    y: Sequence[float],
    mark: theme.Mark,
    transform: Transform | None = None,
) -> None:
    """Draw points with their mark.

    Args:
        axes: The panel.
        x: Where they stand.
        y: Where they stand.
        mark: Of their series.
        transform: Of the coordinates, if they are not the data's.
    """
    ink = theme.colour(mark.ink)
    style: Style = {"markerfacecolor": SURFACE if mark.hollow else ink}
    style["markeredgecolor"] = ink if mark.hollow else SURFACE
    style["markeredgewidth"] = 1.3 if mark.hollow else 0.6
    size = DOT + 2.5 if mark.marker in "*PX" else DOT
    style |= {"transform": transform or axes.transData, "clip_on": False, "zorder": 4}
    axes.plot(x, y, linestyle="", marker=mark.marker, markersize=size, **style)


def crosses(
    axes: Axes, x: Sequence[float], y: Sequence[float], look: tuple[theme.Mark, Transform]
) -> None:
    """Draw what has no result, in the colour of its series.

    Args:
        axes: The panel.
        x: Where they stand.
        y: Where they stand.
        look: The mark of their series, and the transform of the coordinates.
    """
    if not x:
        return
    mark, transform = look
    style: Style = {"color": theme.colour(mark.ink), "markersize": 5.5, "markeredgewidth": 1.5}
    style |= {"transform": transform, "clip_on": False, "zorder": 5}
    axes.plot(x, y, "x", linestyle="", **style)


def say_nothing(axes: Axes) -> None:
    """Say in an empty panel that it is empty."""
    style: Style = {"ha": "center", "va": "center", "color": MUTED, "fontsize": canvas.TEXT_SIZE}
    axes.text(0.5, 0.5, "no result to draw", transform=axes.transAxes, **style)


def _lay_out(axes: Axes, panel: ResponsePanel) -> None:
    axes.set_xlim(*panel.x_limits)
    axes.set_ylim(*panel.y_limits)
    if panel.y_scale == "log":
        canvas.log_axis(axes, "y")
    else:
        canvas.number_axis(axes, "y")
    if panel.x_scale == "log":
        canvas.log_axis(axes, "x")
    else:
        canvas.number_axis(axes, "x", whole=panel.whole)
    canvas.value_ticks(axes, panel.values)
    low, high = panel.y_limits
    if panel.y_scale == "linear" and low < 0 < high:
        axes.axhline(0, color=MUTED, linewidth=0.8)
    scale = ", log scale" if panel.x_scale == "log" else ""
    room = int(axes.bbox.x1 / canvas.CHARACTER) - len(scale) - 2
    canvas.finish(axes, f"{wording.shorten(panel.x_name, room)}{scale}")


def _series(axes: Axes, panel: ResponsePanel, name: str, mark: theme.Mark) -> None:
    rows = panel.points[panel.points["series"] == name]
    ink = theme.colour(mark.ink)
    band: Style = {"alpha": 0.18 if len(panel.series) <= FEW_BANDS else 0.1, "linewidth": 0}
    if (rows["low"].notna() & ~rows["alone"]).any():
        axes.fill_between(rows["x"], rows["low"], rows["high"], color=ink, **band)
    alone = rows[rows["alone"]]
    for x, low, high in zip(alone["x"], alone["low"], alone["high"], strict=True):
        axes.plot([x, x], [low, high], color=ink, linewidth=2.2, alpha=0.55, zorder=3)
    axes.plot(rows["x"], rows["mean"], color=ink, linewidth=1.6, zorder=3)
    marked = rows.iloc[:: -(-len(rows) // MOST_DOTS)] if len(rows) > MANY_POINTS else rows
    dots(axes, marked["x"].to_list(), marked["mean"].to_list(), mark)
    lost = panel.lost[panel.lost["series"] == name]
    up = (lost["place"] * CROSSES_APART / axes.bbox.height).to_list()
    crosses(axes, lost["x"].to_list(), up, (mark, axes.get_xaxis_transform()))


def _point_out(axes: Axes, panel: ResponsePanel) -> None:
    """Draw a dashed line at each value to point out, its label above in a row of its own."""
    low, high = (axes.transData.transform((x, panel.y_limits[0]))[0] for x in panel.x_limits)
    places = [axes.transData.transform((x, panel.y_limits[0]))[0] for x, _ in panel.marks]
    is_late = [place > (low + high) / 2 for place in places]
    # A label reads away from the nearer edge: the outermost line is the tallest.
    to_edge = [
        place - low if late else high - place for place, late in zip(places, is_late, strict=True)
    ]
    order = sorted(range(len(places)), key=to_edge.__getitem__)
    for row, one in enumerate(order):
        x, label = panel.marks[one]
        up = 1 + (row * MARK_LINE + 8) / axes.bbox.height
        line: Style = {"color": MUTED, "linewidth": 1.0, "linestyle": DASHES, "clip_on": False}
        axes.plot([x, x], [0, up], transform=axes.get_xaxis_transform(), zorder=2, **line)
        axes.annotate(
            wording.shorten(label, LONGEST_MARK),
            (x, up),
            xycoords=axes.get_xaxis_transform(),
            xytext=(-3 if is_late[one] else 3, 0),
            textcoords="offset points",
            ha="right" if is_late[one] else "left",
            va="center",
            color=MUTED,
            fontsize=canvas.SMALL_SIZE,
            parse_math=False,
            bbox={"facecolor": SURFACE, "edgecolor": "none", "pad": 0.8},
        )


def _label_ends(axes: Axes, panel: ResponsePanel, marks: Marks) -> None:
    known = panel.points.dropna(subset=["mean"])
    ends = [(str(name), rows) for name, rows in known.groupby("series", sort=False) if str(name)]
    if not ends:
        return
    height, width = float(axes.bbox.height), float(axes.bbox.width)
    at = [_height(axes, rows) for _, rows in ends]
    for (name, _), place in zip(ends, canvas.spread(at, 14.0, (0.0, height)), strict=True):
        ink = theme.colour(marks[name].ink)
        up = place / height
        dots(axes, [1 + 9 / width], [up], marks[name], axes.transAxes)
        axes.text(
            1 + 17 / width,
            up,
            _label(name),
            transform=axes.transAxes,
            va="center",
            color=ink,
            fontweight="bold",
            parse_math=False,
        )


def _height(axes: Axes, rows: pd.DataFrame) -> float:
    """Return how high a line ends, in points above the axis."""
    last = rows.iloc[-1]
    return float(axes.transData.transform((last["x"], last["mean"]))[1] - axes.bbox.y0)


def _label(name: str) -> str:
    return wording.shorten(name, LONGEST_LABEL)
