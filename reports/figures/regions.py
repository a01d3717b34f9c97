"""Draw what capacity does: the gap and the losses by size, with the regions of sizes shaded."""

from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reports import theme, wording
from reports.drawing import canvas, marks, spans
from reports.figures import panels
from reports.summaries.points import TrialPoints
from reports.summaries.regions import (
    ADEQUATE,
    OVERFITTING,
    SERIES,
    TOO_SMALL,
    CapacityLosses,
    Regions,
)

Style = dict[str, Any]

INKS: Final = {TOO_SMALL: "underfits", ADEQUATE: "fits", OVERFITTING: "overfits"}
SHADE: Final = 0.1


@canvas.in_style
def capacity_gap(points: TrialPoints, regions: Regions) -> Figure:
    """Draw the loss gap of every trial against its parameters, over the regions.

    Args:
        points: As `summaries.trials.capacity` returns them.
        regions: As `summaries.regions.find_regions` returns them, for the same axis.
    """
    figure = panels.capacity(points)
    _shade(figure.axes[0], regions)
    return figure


@canvas.in_style
def capacity_losses(losses: CapacityLosses, regions: Regions) -> Figure:
    """Draw the losses of every finished trial against its parameters, with their lower envelopes.

    Args:
        losses: As `summaries.regions.capacity_losses` returns them.
        regions: As `summaries.regions.find_regions` returns them, for the same axis.
    """
    subtitle = "of each finished trial; line: the best up to this size"
    figure, axes = canvas.new_panel("Train and validation loss", subtitle, right=canvas.LABEL_ROOM)
    axes.set_xlim(*losses.x_limits)
    axes.set_ylim(*losses.y_limits)
    ends = []
    for series in SERIES:
        mark = theme.MEASURED_MARKS[series]
        ink = theme.colour(mark.ink)
        rows = losses.table[losses.table["series"] == series]
        dot: Style = {"color": ink, "edgecolors": panels.SURFACE, "linewidth": 0.3, "zorder": 3}
        size = 14.0 if losses.trials < panels.MANY_DOTS else 7.0
        drawn = axes.scatter(rows["x"], rows["y"], marker=mark.marker, s=size, clip_on=False, **dot)
        marks.name_marks(drawn, rows["trial"])
        steps = losses.envelope[losses.envelope["series"] == series]
        dashes = "-" if series == "validation" else (0, (4, 1.5))
        style: Style = {"color": ink, "linewidth": 1.6, "linestyle": dashes, "zorder": 4}
        axes.step(steps["x"], steps["y"], where="post", **style)
        ends += [(f"{mark.glyph} {series}", float(y), mark.ink) for y in steps["y"].tail(1)]
    if losses.winner is not None:
        ring: Style = {"markerfacecolor": "none", "markeredgecolor": panels.INK, "zorder": 5}
        axes.plot(*losses.winner, "o", markersize=panels.RING, markeredgewidth=1.5, **ring)
    if losses.scale == "log":
        canvas.log_axis(axes, "y")
    else:
        canvas.number_axis(axes, "y")
    canvas.log_axis(axes, "x")
    marks.name_axes(axes, "trainable parameters", "loss")
    _shade(axes, regions)
    canvas.label_ends(axes, ends)
    canvas.finish(axes, "trainable parameters")
    return figure


def _shade(axes: Axes, regions: Regions) -> None:
    """Shade and name the regions, or mark the size that may be enough."""
    names: list[spans.Span] = []
    for place, band in enumerate(regions.bands):
        ink = theme.colour(INKS[band.name])
        axes.axvspan(band.low, band.high, color=ink, alpha=SHADE, linewidth=0, zorder=0)
        if place:
            axes.axvline(band.low, color=ink, linewidth=1.0, linestyle=panels.DASHES, zorder=1)
        names.append((band.name, (band.low, band.high), ink))
    if regions.smallest is not None and not regions.bands:
        style: Style = {"color": panels.MUTED, "linewidth": 1.0, "linestyle": (0, (1, 2))}
        axes.axvline(regions.smallest, **style, zorder=1)
        name = f"{wording.shorten(regions.subject, 12)}: enough? undecided"
        names.append((name, (regions.smallest, regions.smallest), panels.MUTED))
    spans.name_spans(axes, names)
