"""Draw the learning rates of one optimizer, with the band of those that work."""

import dataclasses
from collections.abc import Mapping
from typing import Any, Final

from matplotlib.figure import Figure

from reports import theme
from reports.drawing import canvas
from reports.figures import panels
from reports.summaries.rate_bands import RateBand

Style = dict[str, Any]

RULE: Final = 1.4


@canvas.in_style
def rate_band(band: RateBand, remark: str, marks: Mapping[tuple[str, str], theme.Mark]) -> Figure:
    """Draw one optimizer.

    Args:
        band: As `reports.summaries.rate_bands.rate_bands` returns it.
        remark: What stands below its name.
        marks: Of the values of hyperparameters, for the colour of the band.
    """
    points = dataclasses.replace(band.points, x_name=band.optimizer)
    figure = panels.hyperparameter(points, remark)
    (axes,) = figure.axes
    mark = marks.get(("optimizer", band.optimizer))
    ink = theme.colour(mark.ink if mark else "ink")
    axes.axvspan(band.low, band.high, color=ink, alpha=0.14, linewidth=0, zorder=1)
    line: Style = {"color": ink, "linewidth": RULE, "zorder": 2}
    for rate in (band.low, band.high):
        axes.axvline(rate, **line)
    axes.plot([band.low, band.high], [band.best, band.best], **line)
    canvas.finish(axes, f"{band.points.x_name}, log scale")
    return figure
