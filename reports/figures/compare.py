"""Draw curves of several runs over each other: colour, dashes and marks tell them apart."""

from collections.abc import Mapping
from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reports import theme
from reports.drawing import canvas
from reports.figures.response import dots, say_nothing
from reports.summaries.compare import Line, Overlay

Style = dict[str, Any]

BOLD_CHARACTER: Final = 7.4
MOST_DOTS: Final = 6
FEW_BANDS: Final = 3
DASHES: Final = ("solid", (0, (6, 2)), (0, (2, 2)), (0, (7, 2, 1.5, 2)), (0, (3, 1, 1, 1, 1, 1)))
MUTED: Final = theme.colour("muted")


@canvas.in_style
def overlay(summary: Overlay, marks: Mapping[str, theme.Mark]) -> Figure:
    """Draw one panel of lines over each other.

    Args:
        summary: As `reports.summaries.compare.overlay` returns it.
        marks: Of each run of the page, in the order of the runs.
    """
    longest = max((len(line.label) for line in summary.lines), default=0)
    right = 12 + BOLD_CHARACTER * longest if longest else canvas.RIGHT
    figure, axes = canvas.new_panel(summary.title, summary.remark, right=right)
    axes.set_xlim(*summary.x_limits)
    axes.set_ylim(*summary.y_limits)
    canvas.number_axis(axes, "y")
    if summary.x_scale == "log":
        canvas.log_axis(axes, "x")
    else:
        canvas.number_axis(axes, "x")
    if summary.y_limits[0] < 0 < summary.y_limits[1]:
        axes.axhline(0, color=MUTED, linewidth=0.8)
    names = list(marks)
    for line in summary.lines:
        place = names.index(line.name)
        _line(axes, summary, line, (marks[line.name], place))
    ends = [
        (line.label, float(line.points["y"].iloc[-1]), marks[line.name].ink)
        for line in summary.lines
    ]
    canvas.label_ends(axes, ends)
    if not summary.lines:
        axes.set_yticks([])
        say_nothing(axes)
    canvas.finish(axes, summary.x_name)
    return figure


def _line(axes: Axes, summary: Overlay, line: Line, look: tuple[theme.Mark, int]) -> None:
    (mark, place), points = look, line.points
    ink = theme.colour(mark.ink)
    if points["low"].notna().any():
        shade: Style = {"alpha": 0.16 if len(summary.lines) <= FEW_BANDS else 0.08, "linewidth": 0}
        axes.fill_between(points["x"], points["low"], points["high"], color=ink, **shade)
    style: Style = {"color": ink, "linewidth": 1.7, "zorder": 3}
    style |= {"linestyle": DASHES[place % len(DASHES)]}
    if summary.steps:
        style |= {"drawstyle": "steps-post"}
    axes.plot(points["x"], points["y"], **style)
    step = -(-len(points) // MOST_DOTS)
    # Runs that find the same would hide each other's marks at the same places.
    marked = points.iloc[(place * step // max(len(summary.lines), 1)) % max(step, 1) :: step]
    dots(axes, marked["x"].to_list(), marked["y"].to_list(), mark)
