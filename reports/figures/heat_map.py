"""Deep or wide: the score and the gap of the best trial of each depth and width."""

import dataclasses
import itertools
import math
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from reports import theme, wording
from reports.content import SweepContent
from reports.drawing import limits
from reports.drawing.figure import FigureValue
from reports.drawing.heat import Heat
from reports.judged import is_finished, searched
from reports.tables.table import figure_table

MOST_ROWS: Final = 8  # depths
MOST_COLUMNS: Final = 6  # widths: their numbers have room on a phone
FEWEST_TRIALS: Final = 10  # of fewer the map would be mostly empty
READ: Final = (
    "One cell a depth (downwards) and a width (to the right): the {score} and the loss gap of its "
    "trial of the smallest validation loss, and how many finished. The stronger the colour, the "
    "larger the number. A cell tried more often looks better for that alone, and the other "
    "settings vary."
)


class HeatMap(NamedTuple):
    """Hold the best trial of each depth and width.

    Attributes:
        cells: One row a cell that has a finished trial: ``row``, ``column`` (places from 0),
            ``depth``, ``width`` (as text), ``trials``, ``trial`` (of the smallest validation
            loss), ``score``, ``gap`` (of that trial).
        depths: Name of each row, from the top down.
        widths: Name of each column.
    """

    cells: pd.DataFrame
    depths: tuple[str, ...]
    widths: tuple[str, ...]


def figure(content: SweepContent) -> FigureValue | None:
    """Show score and gap by depth and width; None unless both were varied."""
    found = heat_map(searched(content), content.manifest.get("space_bounds") or {})
    if found is None:
        return None
    score, finding = content.score_name, told(found, content.score_name)
    titles = {
        "score": (f"Validation {score}", "of the best trial of a cell; n: its finished trials"),
        "gap": ("Loss gap", "validation minus train loss of the same trial"),
    }
    columns = ["depth", "width", "trials", "trial", "score", "gap"]
    names = ["depth", "width", "finished", "best trial", score, "loss gap"]
    table = figure_table(
        found.cells[columns].set_axis(names, axis=1),
        "The best trial of each depth and width.",
        dict.fromkeys(names[4:], wording.score),
    )
    return FigureValue(
        id="depth-width",
        title="Deep or wide",
        link="Depth x width",
        finding=finding,
        how_to_read=READ.format(score=score),
        panels=tuple(
            Heat(
                name=finding, title=title, remark=remark, rows=found.depths, columns=found.widths,
                cells=found.cells.assign(
                    value=found.cells[measure], step=ramp_steps(found.cells[measure])
                ),
                x_label="width of the first layer, to the right; depth downwards",
            )
            for measure, (title, remark) in titles.items()
        ),
        table=dataclasses.replace(table, numeric=tuple(name != "best trial" for name in names)),
    )  # fmt: skip


def heat_map(judged: pd.DataFrame, bounds: Mapping[str, Any]) -> HeatMap | None:
    """Find the best trial of each depth and width.

    Args:
        judged: The search's trials with verdicts.
        bounds: The manifest's ``space_bounds``.

    Returns:
        None unless depth and width were both varied, and ten networks with hidden layers finished.
    """
    has_cell = is_finished(judged, "validation_score", "loss_gap", "validation_loss")
    rows = judged[has_cell & (judged["depth"] > 0)]
    if len(rows) < FEWEST_TRIALS or rows["depth"].nunique() < 2 or rows["width"].nunique() < 2:
        return None
    depths, down = _bins(rows["depth"], bounds.get("depth") or {}, MOST_ROWS)
    widths, across = _bins(rows["width"], bounds.get("width") or {}, MOST_COLUMNS)
    if len(depths) < 2 or len(widths) < 2:
        return None
    placed = rows.assign(row=down, column=across)
    placed = placed.sort_values(["validation_loss", "trial"], kind="stable")
    cells = placed.groupby(["row", "column"], sort=True).agg(
        trials=("trial", "size"),
        trial=("trial", "first"),
        score=("validation_score", "first"),
        gap=("loss_gap", "first"),
    ).reset_index()  # fmt: skip
    named = cells.assign(
        depth=[depths[place] for place in cells["row"]],
        width=[widths[place] for place in cells["column"]],
    )
    return HeatMap(named, depths, widths)


def ramp_steps(values: "pd.Series[float]") -> "pd.Series[int]":
    """Return the place of each value in the ramp; one value alone has the first."""
    numbers = np.asarray(values, dtype=np.float64)
    low, high = limits.robust_limits(numbers)
    if not math.isfinite(high - low) or np.ptp(numbers) == 0:
        return pd.Series(0, index=values.index)
    share = np.clip((numbers - low) / (high - low), 0, 1 - 1e-9)
    return pd.Series((share * len(theme.RAMP)).astype(int), index=values.index)


def told(found: HeatMap, score_name: str) -> str:
    """Say which cell is best, which is worst, and where the gap is widest."""
    table = found.cells
    best, worst, widest = (
        table.iloc[int(place)].to_dict()
        for place in (table["score"].argmax(), table["score"].argmin(), table["gap"].argmax())
    )
    empty = len(found.depths) * len(found.widths) - len(table)
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


def _bins(
    values: "pd.Series[int]", bound: Mapping[str, Any], most: int
) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Name the values, each by itself where they are few, and tell the place of each."""
    numbers = values.to_numpy(dtype=float)
    choices = sorted({float(c) for c in bound.get("choices") or () if wording.is_number(c)})
    ends = [float(bound[e]) for e in ("low", "high") if wording.is_number(bound.get(e))]
    known = sorted({*choices, *numbers.tolist()} - {0.0})
    if not choices and len(ends) == 2 and int(ends[1]) - max(int(ends[0]), 1) < most:
        known = sorted({*map(float, range(max(int(ends[0]), 1), int(ends[1]) + 1)), *known})
    if len(known) <= most:
        places = np.searchsorted(known, numbers)
        return tuple(map(wording.setting, known)), tuple(map(int, places))
    span = [*known, *(ends if len(ends) == 2 else [])]
    low, high = min(span), max(span)
    spread = np.geomspace if bound.get("log") or high > 8 * low > 0 else np.linspace
    edges = np.unique(np.ceil(spread(max(low, 1), high + 1, most + 1) - 1e-9))
    inside = np.clip(np.searchsorted(edges, numbers, side="right") - 1, 0, len(edges) - 2)
    names = [_span(low, high - 1) for low, high in itertools.pairwise(edges)]
    return tuple(names), tuple(map(int, inside))


def _span(low: float, high: float) -> str:
    first, last = wording.setting(low), wording.setting(high)
    return first if low == high else f"{first}{wording.MISSING}{last}"
