"""A heat map: a cell with its number for each pair of two settings, faint to strong."""

import dataclasses
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure

from reports import theme, wording
from reports.drawing import canvas

Style = dict[str, Any]

CELL: Final = 36.0  # height, in points
LEFT: Final = 40.0
EDGE: Final = 2.0  # of the frame round a cell, in points
NARROW: Final = 5  # columns from which on the numbers are smaller


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Heat:
    """Hold one heat map.

    Attributes:
        name: Its accessible name.
        title: What is drawn.
        remark: What stands below the title.
        rows: Names of the rows, from the top down.
        columns: Names of the columns.
        cells: One row a cell that has a value: ``row``, ``column`` (places from 0), ``value``,
            ``step`` (its place in `theme.RAMP`) and ``trials``.
        x_label: What stands below the axis.
    """

    name: str
    title: str
    remark: str
    rows: Sequence[str]
    columns: Sequence[str]
    cells: pd.DataFrame
    x_label: str

    @canvas.in_style
    def draw(self) -> Figure:
        """Draw a cell each; those without a value are frames."""
        height = canvas.TOP + CELL * len(self.rows) + canvas.BOTTOM
        figure, axes = canvas.new_panel(self.title, self.remark, left=LEFT, height=height)
        axes.grid(visible=False)
        steps = np.full((len(self.rows), len(self.columns)), np.nan)
        texts = np.full(steps.shape, "", dtype=object)
        # seaborn goes through the cells row by row, as this table does.
        cells = self.cells.sort_values(["row", "column"]).to_dict("records")
        for cell in cells:
            steps[cell["row"], cell["column"]] = cell["step"]
            texts[cell["row"], cell["column"]] = wording.score(cell["value"])
        size = canvas.SMALL_SIZE if len(self.columns) > NARROW else canvas.TEXT_SIZE
        bold: Style = {"fontweight": "bold", "va": "bottom", "fontsize": size, "parse_math": False}
        sns.heatmap(
            steps, vmin=-0.5, vmax=len(theme.RAMP) - 0.5, annot=texts, fmt="", annot_kws=bold,
            cmap=ListedColormap([theme.colour(idea) for idea in theme.RAMP]), cbar=False, ax=axes,
            linewidths=EDGE, linecolor=theme.colour("surface"),
        )  # fmt: skip
        frames = ListedColormap(["none"])
        sns.heatmap(
            np.zeros(steps.shape), cmap=frames, cbar=False, linewidths=0.8, ax=axes,
            linecolor=theme.colour("grid"), xticklabels=self.columns, yticklabels=self.rows,
        )  # fmt: skip
        for text, cell in zip(list(axes.texts), cells, strict=True):
            ink = theme.colour(theme.RAMP_TEXTS[cell["step"]])
            text.set_color(ink)
            count = f"n {wording.count(cell['trials'])}"
            axes.text(
                cell["column"] + 0.5, cell["row"] + 0.58, count, va="top",
                ha="center", fontsize=canvas.SMALL_SIZE, color=ink, parse_math=False,
            )  # fmt: skip
        axes.tick_params(length=0)
        axes.tick_params(axis="x", labelsize=canvas.SMALL_SIZE, rotation=0)
        axes.tick_params(axis="y", rotation=0)
        for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
            label.set_parse_math(False)
        axes.spines["bottom"].set_visible(False)
        canvas.finish(axes, self.x_label)
        return figure
