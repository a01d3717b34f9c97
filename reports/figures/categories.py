"""Draw a measure by category: one row a category, its train and validation side by side."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reports import theme, wording
from reports.drawing import canvas, rows
from reports.figures.response import crosses, dots, say_nothing
from reports.summaries.response import ResponsePanel

Style = dict[str, Any]
Marks = Mapping[str, theme.Mark]

ROW: Final = 25.0
APART: Final = 9.0  # points between the series of one row
KEY_LINE: Final = 15.0
LONGEST_KEY: Final = 28
LABEL_LINE: Final = 14  # characters of what is said beside a row
MUTED: Final = theme.colour("muted")
GRID: Final = theme.colour("grid")


@canvas.in_style
def categories(panel: ResponsePanel, marks: Marks) -> Figure:
    """Draw one panel of a measure by category, one row a category.

    Args:
        panel: As `summary_response.response_panels` returns it.
        marks: Of each series.
    """
    names = [rows.wrap(name) for name in panel.categories]
    key = _key_lines(panel.series)
    row = rows.height_of(names, max(ROW, APART * len(panel.series) + 8))
    head = 29.0 if panel.remark else 14.0
    top = head + 15 + KEY_LINE * len(key)
    right = canvas.RIGHT if not panel.marks else rows.BESIDE
    figure, axes = canvas.new_panel(
        panel.title, panel.remark, left=rows.room_for(names), right=right, top=top,
        height=top + row * len(names) + canvas.BOTTOM,
    )  # fmt: skip
    rows.lay_rows(axes, names, panel.y_limits)
    if panel.y_scale == "log":
        canvas.log_axis(axes, "x")
    else:
        canvas.number_axis(axes, "x", most=rows.most_ticks(axes))
        if panel.y_limits[0] < 0 < panel.y_limits[1]:
            axes.axvline(0, color=MUTED, linewidth=0.8)
    for x, low, high in panel.gap.itertuples(index=False):
        axes.barh(x, high - low, left=low, height=APART / row, color=MUTED, alpha=0.15, lw=0)
    for place, name in enumerate(panel.series):
        shift = (place - (len(panel.series) - 1) / 2) * APART / row
        _category_series(axes, panel, name, (marks[name], shift))
    if len(panel.series) > 1:
        between = [place + 0.5 for place in range(len(names) - 1)]
        axes.hlines(between, 0, 1, transform=axes.get_yaxis_transform(), color=GRID, linewidth=0.6)
    for x, label in panel.marks:
        lines = textwrap.wrap(wording.clean(label), LABEL_LINE, max_lines=2, placeholder="…")
        rows.write_beside(axes, x, *((line, rows.SMALL) for line in lines))
    _draw_key(figure, key, head=head, marks=marks)
    if panel.points["mean"].isna().all():
        say_nothing(axes)
    canvas.finish(axes, "")
    return figure


def _category_series(
    axes: Axes, panel: ResponsePanel, name: str, look: tuple[theme.Mark, float]
) -> None:
    mark, shift = look
    points = panel.points[panel.points["series"] == name]
    ink = theme.colour(mark.ink)
    known = points.dropna(subset=["low", "high"])
    line: Style = {"color": ink, "linewidth": 2.0, "solid_capstyle": "round", "zorder": 3}
    for x, low, high in zip(known["x"], known["low"], known["high"], strict=True):
        axes.plot([low, high], [x + shift, x + shift], **line)
    dots(axes, points["mean"].to_list(), (points["x"] + shift).to_list(), mark)
    lost = panel.lost.loc[panel.lost["series"] == name, "x"] + shift
    crosses(axes, [0.0] * len(lost), lost.to_list(), (mark, axes.get_yaxis_transform()))


def _key_lines(series: Sequence[str]) -> list[list[tuple[float, str]]]:
    """Return the names of the series in lines, each with the room before it, in points."""
    lines: list[list[tuple[float, str]]] = []
    at = canvas.WIDTH
    for name in series if len(series) > 1 else ():
        room = 24 + 7.4 * len(_key_name(name))
        if at + room > canvas.WIDTH:
            lines.append([])
            at = 8.0
        lines[-1].append((at, name))
        at += room
    return lines


def _key_name(name: str) -> str:
    return wording.shorten(name, LONGEST_KEY)


def _draw_key(
    figure: Figure, lines: list[list[tuple[float, str]]], *, head: float, marks: Marks
) -> None:
    (axes,) = figure.axes
    width, height = canvas.WIDTH, float(figure.get_figheight() * 72)
    for number, line in enumerate(lines):
        up = 1 - (head + 17 + KEY_LINE * number) / height
        for at, name in line:
            dots(axes, [at / width], [up], marks[name], figure.transFigure)
            figure.text(
                (at + 8) / width, up, _key_name(name), va="center", parse_math=False,
                color=theme.colour(marks[name].ink), fontweight="bold",
            )  # fmt: skip
