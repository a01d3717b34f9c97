"""Draw one hyperparameter: the expected best of each of its values, and below it its trials."""

from collections.abc import Mapping
from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reports import theme, wording
from reports.drawing import canvas
from reports.figures import panels
from reports.figures.response import dots
from reports.summaries.isolation import Isolation

Style = dict[str, Any]

HEIGHT: Final = 318.0
UPPER: Final = 78.0  # height of the axes of the expected best, in points
BETWEEN: Final = 24.0
INK: Final = theme.colour("ink")
MUTED: Final = theme.colour("muted")
UNNAMED: Final = theme.Mark(ink="ink", marker="o", glyph="●")  # one of very many choices
SMALL: Final[Style] = {"color": MUTED, "fontsize": canvas.SMALL_SIZE, "parse_math": False}


@canvas.in_style
def isolation(one: Isolation, remark: str, marks: Mapping[tuple[str, str], theme.Mark]) -> Figure:
    """Draw the expected best of each value of a hyperparameter, and its trials below.

    Args:
        one: As `reports.summaries.isolation.isolate` returns it.
        remark: What stands below the title.
        marks: Of the values of hyperparameters; a bin has none.
    """
    points = one.points
    figure, lower = canvas.new_panel(points.x_name, remark, height=HEIGHT)
    box = lower.get_position()
    share = (UPPER + BETWEEN) / HEIGHT
    lower.set_position((box.x0, box.y0, box.width, box.height - share))
    upper = figure.add_axes((box.x0, box.y1 - UPPER / HEIGHT, box.width, UPPER / HEIGHT))
    for axes in (upper, lower):
        for edge in points.edges or ():
            axes.axvline(edge, color=MUTED, linewidth=0.8, linestyle=panels.DASHES)
    panels.draw_trials(lower, points)
    canvas.finish(lower, "log scale" if points.x_scale == "log" else "")
    _lay_out(upper, lower, one)
    for row in one.shown.to_dict("records"):
        mark = marks.get((one.key, str(row["value"])))
        ink = theme.colour(mark.ink) if mark else INK
        x, y = row["x"], row["expected"]
        upper.plot([x, x], [row["lower"], row["upper"]], color=ink, linewidth=1.4, zorder=2)
        if not row["value"]:
            upper.plot([row["low"], row["high"]], [y, y], color=INK, linewidth=2.4)
        else:
            dots(upper, [x], [y], mark or UNNAMED)
    what = f"expected best of {wording.plural(one.draws, 'trial')}, 95 % interval"
    words = (what if one.draws else "too few trials to compare its values", "each trial")
    for axes, text in zip((upper, lower), words, strict=True):
        axes.annotate(text, (0, 1), xycoords="axes fraction", xytext=(0, 4),
                      textcoords="offset points", va="bottom", **SMALL)  # fmt: skip
    return figure


def _lay_out(upper: Axes, lower: Axes, one: Isolation) -> None:
    upper.set_facecolor("none")
    for side in ("top", "right", "left"):
        upper.spines[side].set_visible(False)
    upper.set_xscale(lower.get_xscale())
    upper.set_xticks(lower.get_xticks(), minor=False)
    upper.set_xticks([], minor=True)
    upper.set_xlim(*lower.get_xlim())  # after the ticks, which would widen it
    upper.set_ylim(*one.y_limits)
    upper.tick_params(length=0, pad=5, labelbottom=False)
    upper.grid(axis="y", color=theme.colour("grid"), linewidth=0.8)
    upper.set_axisbelow(True)
    canvas.number_axis(upper, "y", most=4)
    if not one.draws:
        upper.set_yticks([])
