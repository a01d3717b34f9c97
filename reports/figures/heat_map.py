"""Draw what was measured for each depth and width: a cell with its number, faint to strong."""

from typing import Any, Final, Literal

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from reports import theme, wording
from reports.drawing import canvas
from reports.summaries.heat_map import HeatMap

Style = dict[str, Any]
Measure = Literal["score", "gap"]

CELL: Final = 36.0  # height, in points
LEFT: Final = 40.0
EDGE: Final = 0.03  # between two cells, as a share of one
NARROW: Final = 5  # columns from which on the numbers are smaller
INK: Final = theme.colour("ink")
GRID: Final = theme.colour("grid")


@canvas.in_style
def heat_map(cells: HeatMap, measure: Measure, title: str, remark: str) -> Figure:
    """Draw one measure of the best trial of each depth and width.

    Args:
        cells: As `reports.summaries.heat_map.heat_map` returns them.
        measure: Which of their numbers.
        title: What it is.
        remark: What stands below the title.
    """
    rows, columns = len(cells.depths), len(cells.widths)
    height = canvas.TOP + CELL * rows + canvas.BOTTOM
    figure, axes = canvas.new_panel(title, remark, left=LEFT, height=height)
    axes.grid(visible=False)
    axes.set_xlim(-0.5, columns - 0.5)
    axes.set_ylim(rows - 0.5, -0.5)
    size = canvas.SMALL_SIZE if columns > NARROW else canvas.TEXT_SIZE
    frame: Style = {"facecolor": "none", "edgecolor": GRID, "linewidth": 0.8}
    side = 1 - 2 * EDGE
    for row in range(rows):
        for column in range(columns):
            corner = column - 0.5 + EDGE, row - 0.5 + EDGE
            axes.add_patch(Rectangle(corner, side, side, **frame))
    for cell in cells.cells.to_dict("records"):
        step = int(cell[f"{measure}_step"])
        fill, ink = theme.colour(theme.RAMP[step]), theme.colour(theme.RAMP_TEXTS[step])
        x, y = cell["column"], cell["row"]
        corner = x - 0.5 + EDGE, y - 0.5 + EDGE
        axes.add_patch(Rectangle(corner, side, side, facecolor=fill, linewidth=0))
        text: Style = {"ha": "center", "color": ink, "parse_math": False}
        axes.text(
            x,
            y,
            wording.score(cell[measure]),
            va="bottom",
            fontweight="bold",
            fontsize=size,
            **text,
        )
        count = f"n {wording.count(cell['trials'])}"
        axes.text(x, y + 0.08, count, va="top", fontsize=canvas.SMALL_SIZE, **text)
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(length=0)
    axes.set_xticks(range(columns), cells.widths, fontsize=canvas.SMALL_SIZE)
    axes.set_yticks(range(rows), cells.depths)
    for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        label.set_parse_math(False)
    canvas.finish(axes, "width of the first layer, to the right; depth downwards")
    return figure
