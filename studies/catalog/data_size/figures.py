"""What rows and widths show: scores against the rows, and the law that the error follows."""

from collections.abc import Mapping
from typing import Final

import pandas as pd

from reports.study_content import ResponseFigure, StudyTable
from reports.wording import MINUS, MISSING, count, loss, score
from studies.answering.figures import (
    POINT_COLUMNS,
    Axis,
    Caption,
    gap_figure,
    marks,
    points,
)
from studies.answering.results import StudyResults
from studies.answering.words import in_cell, whole_percent
from studies.catalog.data_size.laws import fit_laws, grid_of, law_points
from studies.statistics.power_law import PowerLaw

ROWS: Final = Axis("train_rows", "training rows", "log")


def scores_figure(results: StudyResults, arms: pd.DataFrame, finding: str) -> ResponseFigure:
    """Draw train and validation score against the rows, one panel a width."""
    title = f"Train and validation {results.metric} against training rows"
    note = (
        "One panel a width. The gap closes as rows are added; where both lines meet below those of "
        "a larger width, the network is too small for more rows to help."
    )
    caption = Caption("scores", title, finding, note)
    return gap_figure(results, _by_width(arms), ROWS, "{}_score", caption)


def law_figure(
    results: StudyResults, arms: pd.DataFrame, law: PowerLaw, finding: str
) -> ResponseFigure:
    """Draw the validation error against the rows, and the law of the largest width beyond them."""
    parts = []
    for width, rows in _by_width(arms).items():
        part = points(rows, "validation_score", x="train_rows", series=width)
        low, high = 1 - part["high"], 1 - part["low"]
        parts.append(part.assign(mean=1 - part["mean"], low=low, high=high))
    places = []
    if not law.unsupported:
        line = law_points(law, grid_of(results).seconds)
        parts.append(line.assign(panel="", series="power law")[list(POINT_COLUMNS)])
        places = [("", law.predictions[0].rows, "twice the rows")]
    return ResponseFigure(
        id="law",
        title="The validation error against training rows",
        finding=finding,
        how_to_read=(
            "On log axes a power law is a straight line, with a floor it bends. The law is that of "
            "the largest width, drawn to twice the rows, with the interval of its prediction."
        ),
        x_name=ROWS.name,
        x_scale=ROWS.scale,
        y_name=f"1 {MINUS} {results.metric}",
        y_scale="log",
        table=pd.concat(parts, ignore_index=True),
        marks=marks(places),
    )


def scores_table(results: StudyResults, arms: pd.DataFrame) -> StudyTable:
    """Write score and gap by rows and width."""
    grid, by_arm = grid_of(results), arms.set_index("arm")
    table = pd.DataFrame({"Training rows": [count(size) for size in grid.seconds]})
    for width in grid.firsts:
        rows = by_arm.loc[grid.along(width)]
        table[f"Width {width:,}"] = rows["validation_score"].map(score).tolist()
        table[f"gap, width {width:,}"] = rows["score_gap"].map(score).tolist()
    return StudyTable(
        id="sizes",
        title=f"Validation {results.metric} by rows and width",
        table=table,
        note="Means over seeds at the best epoch; the gap is train minus validation.",
    )


def laws_table(results: StudyResults, laws: Mapping[int, PowerLaw]) -> StudyTable:
    """Write the power laws of the error, and those of the loss beside them."""
    measures = {f"1 {MINUS} {results.metric}": laws, "loss": fit_laws(results, "validation_loss")}
    rows = [
        {
            "Width": f"{width:,}",
            "Measure": measure,
            "Exponent": in_cell(law.exponent, loss),
            "Floor": in_cell(law.floor, loss),
            "With twice the rows": in_cell(twice.error, loss) if twice else MISSING,
            "Gain": in_cell(twice.gain, loss) if twice else MISSING,
            "Largest misfit": whole_percent(law.misfit),
            "Why none": law.unsupported,
        }
        for measure, fitted in measures.items()
        for width, law in fitted.items()
        for twice in [law.predictions[0] if law.predictions else None]
    ]
    return StudyTable(
        id="laws",
        title="Power laws of the validation error and loss",
        table=pd.DataFrame(rows),
        note=f"error(n) = scale n^({MINUS}exponent) + floor, fitted to the means, with 95 % "
        "intervals over seeds; extrapolated to twice the rows and no further.",
    )


def _by_width(arms: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {f"width {width:,}": rows for width, rows in arms.groupby("width")}
