"""The section with score and gap by depth and width."""

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from reports import wording
from reports.content import SweepContent
from reports.drawing.figure import Section, panel
from reports.figures import heat_map as figures
from reports.summaries.heat_map import HeatMap, heat_map
from reports.tables.table import Column, first_rows

READ: Final = (
    "One cell a depth (downwards) and a width (to the right), with the {score} and the loss gap of "
    "its best trial: the one of the smallest validation loss. Below each number stands how many "
    "trials of the cell finished. The stronger the colour, the larger the number. An empty cell "
    "has no finished trial. The best of many is better than the best of few, so a cell that was "
    "tried more often looks better for that alone; and the other settings vary from trial to trial."
)


def heat_map_section(content: SweepContent, judged: pd.DataFrame) -> Section | None:
    """Show score and gap by depth and width.

    Args:
        content: The run.
        judged: The search's trials with verdicts.

    Returns:
        The section, or None unless depth and width were both varied.
    """
    cells = heat_map(judged, content.manifest.get("space_bounds") or {})
    if cells is None:
        return None
    score = content.score_name
    titles = {
        "score": (f"Validation {score}", "of the best trial of a cell; n: its finished trials"),
        "gap": ("Loss gap", "validation minus train loss of the same trial"),
    }
    finding = told(cells, score)
    return Section(
        id="depth-width",
        title="Deep or wide",
        link="Depth x width",
        finding=finding,
        how_to_read=READ.format(score=score),
        panels=(
            panel(figures.heat_map(cells, "score", *titles["score"]), finding, "depth-width-score"),
            panel(figures.heat_map(cells, "gap", *titles["gap"]), finding, "depth-width-gap"),
        ),
        table=first_rows(
            cells.cells,
            "The best trial of each depth and width.",
            [
                Column(source="depth", title="depth", write=wording.shorten),
                Column(source="width", title="width", write=wording.shorten),
                Column(source="trials", title="finished", write=wording.count),
                Column(source="trial", title="best trial", write=wording.shorten, numeric=False),
                Column(source="score", title=score, write=wording.score),
                Column(source="gap", title="loss gap", write=wording.score),
            ],
        ),
    )


def told(cells: HeatMap, score_name: str) -> str:
    """Say which cell is best, which is worst, and where the gap is widest.

    Args:
        cells: As `reports.summaries.heat_map.heat_map` returns them.
        score_name: What the score is called.
    """
    table = cells.cells
    best, worst, widest = (
        table.iloc[int(place)].to_dict()
        for place in (table["score"].argmax(), table["score"].argmin(), table["gap"].argmax())
    )
    empty = len(cells.depths) * len(cells.widths) - len(table)
    text = (
        f"By the best trial of a cell, {score_name} is highest with {_cell(best)}: "
        f"{wording.score(best['score'])}, and lowest with {_cell(worst)}: "
        f"{wording.score(worst['score'])}. The loss gap of these trials is widest with "
        f"{_cell(widest)}: {wording.score(widest['gap'])}."
    )
    return f"{text} {wording.plural(empty, 'cell')} without a finished trial." if empty else text


def _cell(cell: Mapping[Any, Any]) -> str:
    layers = "1 layer" if cell["depth"] == "1" else f"{cell['depth']} layers"
    return f"{layers} of width {cell['width']} ({wording.plural(int(cell['trials']), 'trial')})"
