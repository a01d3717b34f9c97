"""Draw the shapes of loss curves: small multiples, one a learning-rate verdict."""

from typing import Any, Final

from matplotlib.figure import Figure

from reports import theme
from reports.drawing import canvas
from reports.summaries.shapes import ShapePanel, ShapeSummary

Style = dict[str, Any]

INKS: Final = {
    "too small": "underfits",
    "right": "fits",
    "too large": "overfits",
    "diverges": "failed",
    "undecided": "undecided",
}
MUTED: Final = theme.colour("muted")


@canvas.in_style
def loss_shapes(summary: ShapeSummary, panel: ShapePanel, remark: str) -> Figure:
    """Draw the scaled train-loss curves of one verdict, the median bold.

    Args:
        summary: The axes that the panels share.
        panel: One of its panels.
        remark: What stands below the title.
    """
    title = f"{panel.verdict[:1].upper()}{panel.verdict[1:]}"
    figure, axes = canvas.new_panel(title, remark)
    axes.axhline(1, color=MUTED, linewidth=0.8)
    axes.set_xlim(*summary.x_limits)
    axes.set_ylim(*summary.y_limits)
    thin: Style = {"color": MUTED, "linewidth": 0.8, "alpha": 0.75, "zorder": 2}
    for _, curve in panel.curves.groupby("trial", sort=False):
        axes.plot(curve["epoch"], curve["loss"], **thin)
    bold: Style = {"color": theme.colour(INKS[panel.verdict]), "linewidth": 2.6, "zorder": 3}
    axes.plot(panel.median["epoch"], panel.median["loss"], solid_capstyle="round", **bold)
    canvas.epoch_axes(axes, y_scale=summary.scale)
    return figure
