"""Draw the expected best of k trials against k."""

from typing import Any, Final

from matplotlib.figure import Figure

from reports import theme, wording
from reports.drawing import canvas
from reports.summaries.best_of import BestOfSummary

Style = dict[str, Any]

INK: Final = theme.colour("ink")
MUTED: Final = theme.colour("muted")
SURFACE: Final = theme.colour("surface")


@canvas.in_style
def best_of(summary: BestOfSummary, title: str, remark: str) -> Figure:
    """Draw one measure.

    Args:
        summary: As `reports.summaries.best_of.best_of` returns it.
        title: What it is.
        remark: What stands below the title.
    """
    figure, axes = canvas.new_panel(title, remark)
    axes.set_xlim(*summary.x_limits)
    axes.set_ylim(*summary.y_limits)
    canvas.log_axis(axes, "x")
    canvas.number_axis(axes, "y")
    table, ink = summary.table, theme.colour("validation")
    steps: Style = {"color": MUTED, "linewidth": 1.0, "drawstyle": "steps-post"}
    axes.plot(table["k"], table["so_far"], **steps)
    sure = table[table["k"] <= summary.banded]
    axes.fill_between(sure["k"], sure["low"], sure["high"], color=ink, alpha=0.18, linewidth=0)
    axes.plot(sure["k"], sure["expected"], color=ink, linewidth=1.8)
    beyond = table[table["k"] >= summary.banded]
    axes.plot(beyond["k"], beyond["expected"], color=ink, linewidth=1.8, linestyle=(0, (3, 2)))
    marked = table[table["k"].isin([summary.half, summary.trials])]
    dot: Style = {"linestyle": "", "marker": "o", "markersize": 6.5, "color": ink}
    dot |= {"markeredgecolor": SURFACE, "clip_on": False, "zorder": 4}
    axes.plot(marked["k"], marked["expected"], **dot)
    axes.axvline(summary.trials, color=MUTED, linewidth=0.9, linestyle=(0, (3, 3)))
    axes.annotate(
        f"this run: {wording.plural(summary.trials, 'finished trial')}",
        (summary.trials, 1),
        xycoords=("data", "axes fraction"),
        xytext=(-3, 3),
        textcoords="offset points",
        ha="right",
        va="bottom",
        color=MUTED,
        fontsize=canvas.SMALL_SIZE,
        parse_math=False,
    )
    canvas.finish(axes, "finished trials k, log scale")
    return figure
