"""Draw how much each hyperparameter matters, by each method, with its interval."""

from collections.abc import Mapping
from typing import Any, Final

from matplotlib.figure import Figure

from reports import theme, wording
from reports.drawing import canvas, rows
from reports.figures.response import dots
from reports.summaries.importance import ImportanceSummary

Style = dict[str, Any]

ROW: Final = 27.0
APART: Final = 9.0  # points between the methods of one row
KEY_LINE: Final = 16.0
METHOD_MARKS: Final[dict[str, theme.Mark]] = {
    "PED-ANOVA": theme.Mark(ink="ink", marker="o", glyph="●"),
    "fANOVA": theme.Mark(ink="muted", marker="D", glyph="◆", hollow=True),
}
MUTED: Final = theme.colour("muted")
GRID: Final = theme.colour("grid")


@canvas.in_style
def importance(summary: ImportanceSummary, title: str, words: Mapping[str, str]) -> Figure:
    """Draw one measure, one row a hyperparameter.

    Args:
        summary: As `reports.summaries.importance.importance` returns it.
        title: What it matters for.
        words: Name of each hyperparameter.
    """
    names = [rows.wrap(words[name]) for name in summary.names]
    row = rows.height_of(names, max(ROW, APART * len(summary.methods) + 8))
    top = canvas.TOP + KEY_LINE
    remark = f"share of each method; {wording.plural(summary.trials, 'finished trial')}"
    figure, axes = canvas.new_panel(
        title, remark, left=rows.room_for(names), top=top,
        height=top + row * len(names) + canvas.BOTTOM,
    )  # fmt: skip
    rows.lay_rows(axes, names, (-0.02, 1.02))
    canvas.number_axis(axes, "x")
    axes.axvline(summary.even, color=MUTED, linewidth=0.9, linestyle=(0, (3, 3)))
    between = [place + 0.5 for place in range(len(names) - 1)]
    axes.hlines(between, 0, 1, transform=axes.get_yaxis_transform(), color=GRID, linewidth=0.6)
    left = float(axes.get_position().x0 * canvas.WIDTH)
    for number, method in enumerate(summary.methods):
        mark = METHOD_MARKS[method]
        own = summary.rows[summary.rows["method"] == method]
        places = own["place"] + (number - (len(summary.methods) - 1) / 2) * APART / row
        line: Style = {"color": theme.colour(mark.ink), "linewidth": 1.5}
        for place, low, high in zip(places, own["low"], own["high"], strict=True):
            axes.plot([low, high], [place, place], **line)
        dots(axes, own["importance"].to_list(), places.to_list(), mark)
        at, up = left + 6 + 92 * number, 1 - (top - 12) / (figure.get_figheight() * 72)
        dots(axes, [at / canvas.WIDTH], [up], mark, figure.transFigure)
        figure.text((at + 9) / canvas.WIDTH, up, method, va="center", color=theme.colour(mark.ink))
    canvas.finish(axes, "importance")
    return figure
