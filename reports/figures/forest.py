"""The differences of a study or of runs: a forest with the margin that does not matter."""

from typing import Any, Final

import numpy as np
import pandas as pd

from reports import theme, wording
from reports.drawing import limits
from reports.drawing.figure import FigureValue, words
from reports.drawing.forest import Forest
from reports.drawing.rows import SMALL
from reports.study_content import ForestFigure
from reports.tables.table import figure_table

MOST_ROWS: Final = 40  # more cannot be told apart; the table has them all
DIGITS: Final = 4  # of the numbers behind a figure
LONGEST_TITLE: Final = 120
LONGEST_LINK: Final = 40
NOTHING: Final = "There is nothing to draw: no trial gave a value."


def figure(given: ForestFigure, anchor: str, *, pairs: str = "Paired differences") -> FigureValue:
    """Show the differences of a study.

    Args:
        given: As a study gives it.
        anchor: Its place on the page.
        pairs: What the differences are: those of runs need not be paired, as those of arms are.
    """
    table = given.table[["comparison", "difference", "low", "high", "verdict"]]
    values = table[["difference", "low", "high"]].to_numpy(float).ravel()
    margin = f", margin {wording.setting(given.margin)}" if wording.is_number(given.margin) else ""
    write: dict[str, Any] = dict.fromkeys(
        ["difference", "from", "to"], wording.aligned(values.tolist(), digits=DIGITS)
    )
    drawn = panel(given)
    return FigureValue(
        id=anchor,
        title=wording.shorten(given.title, LONGEST_TITLE),
        link=wording.shorten(given.title, LONGEST_LINK),
        finding=given.finding,
        how_to_read=given.how_to_read,
        panels=(drawn,) if len(table) else (),
        table=figure_table(
            table.rename(columns={"low": "from", "high": "to"}),
            f"{pairs} in {given.unit} with intervals{margin}.",
            write | dict.fromkeys(["comparison", "verdict"], long_name),
        ),
        note=_note(drawn, len(given.table)),
    )


def panel(given: ForestFigure) -> Forest:
    """Lay out the first rows. An axis that a far-off row would stretch ends before it."""
    rows = given.table.head(MOST_ROWS).reset_index(drop=True)
    numbers = rows[["difference", "low", "high"]].apply(_finite)
    margin = abs(given.margin) if wording.is_number(given.margin) else 0.0
    verdicts = rows["verdict"].astype(str)
    verdicts = verdicts.where(verdicts.isin(list(theme.COMPARISON_MARKS)), "undecided")
    known = numbers.notna().all(axis=1)
    better = _better(numbers["difference"], verdicts)
    parts = [f"{better} is better"] if better else []
    parts += [f"grey: ±{wording.setting(margin)}, too small to matter"] if margin else []
    write = wording.aligned(numbers["difference"].to_list())
    return Forest(
        name=given.finding,
        title=f"Difference in {wording.shorten(given.unit, 24)}",
        remark="; ".join(parts) or "dot and interval",
        rows=[str(name) for name in rows["comparison"]],
        points=numbers.rename(columns={"difference": "value"}).assign(
            low=numbers["low"].where(known),
            high=numbers["high"].where(known),
            row=np.arange(len(rows), dtype=float),
            series=verdicts,
        ),
        marks={name: theme.COMPARISON_MARKS[name] for name in dict.fromkeys(verdicts)},
        limits=_limits(numbers, margin),
        is_apart=False,
        margin=margin,
        sides={
            place: [(wording.shorten(str(rows["verdict"].iloc[place]), 12),
                     {"color": theme.colour(theme.COMPARISON_MARKS[verdict].ink),
                      "fontweight": "bold"}),
                    (f"{'+' if value > 0 else ''}{write(value)}", SMALL)]
            for place, (verdict, value) in enumerate(
                zip(verdicts, numbers["difference"], strict=True))
        },
    )  # fmt: skip


def long_name(value: object) -> str:
    """Write the name of a row, a series or a panel."""
    return wording.shorten(str(value), LONGEST_TITLE)


def _finite(values: pd.Series) -> pd.Series:
    numbers = pd.to_numeric(values, errors="coerce").astype(float)
    return numbers.where(np.isfinite(numbers))


def _limits(values: pd.DataFrame, margin: float) -> tuple[float, float]:
    """Return limits with zero and the margin inside, and as much on both sides if need be."""
    everything = values.to_numpy(float).ravel()
    low, high = limits.robust_limits(np.append(everything, [0.0, margin, -margin]))
    room = 1.15 * margin
    return min(low, -room), max(high, room)


def _better(differences: "pd.Series[float]", verdicts: "pd.Series[str]") -> str:
    """Tell on which side the better ones lie, from the rows that were decided."""
    decided = verdicts.isin(["better", "worse"]) & differences.notna()
    signs = np.sign(differences) * np.where(verdicts == "better", 1, -1)
    return {(1.0,): "right", (-1.0,): "left"}.get(tuple(sorted(set(signs[decided]))), "")


def _note(drawn: Forest, rows: int) -> str:
    if not rows:
        return NOTHING
    values, left_out = drawn.points["value"], rows - len(drawn.points)
    beyond, unknown = int((~values.dropna().between(*drawn.limits)).sum()), int(values.isna().sum())
    return words(
        f"{wording.plural(beyond, 'difference')} beyond the axis, drawn as an arrow."
        if beyond else "",
        f"{wording.plural(unknown, 'comparison')} without a result." if unknown else "",
        f"{wording.count(left_out)} more stand in the table." if left_out else "",
    )  # fmt: skip
