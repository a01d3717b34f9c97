"""What layers and neurons show: scores and train loss against depth, and what each is worth."""

from typing import Final

import pandas as pd

from reports.study_content import ForestFigure, ResponseFigure, StudyTable
from reports.wording import MINUS, MISSING, count, is_number, loss, score
from studies.answering.comparing import forest
from studies.answering.figures import Axis, Caption, gap_figure, points, scale_of
from studies.answering.results import StudyResults
from studies.catalog.depth_vs_width.worth import Worth, grid_of

DEPTH: Final = Axis("depth", "hidden layers")


def scores_figure(results: StudyResults, arms: pd.DataFrame, finding: str) -> ResponseFigure:
    """Draw train and validation score against depth, one panel a size."""
    panels = {f"{size} parameters": rows for size, rows in _by_size(results, arms).items()}
    title = f"Train and validation {results.metric} against depth, at equal size"
    note = "One panel a size: along it the networks get deeper and narrower."
    caption = Caption("scores", title, finding, note)
    return gap_figure(results, panels, DEPTH, "{}_score", caption)


def fit_figure(results: StudyResults, arms: pd.DataFrame, finding: str) -> ResponseFigure:
    """Draw the train loss at the end against depth, one line a size."""
    parts = [
        points(rows, "last_train_loss", x="depth", series=size)
        for size, rows in _by_size(results, arms).items()
    ]
    table = pd.concat(parts, ignore_index=True)
    return ResponseFigure(
        id="fit",
        title="What could be optimised: the train loss at the end",
        finding=finding,
        how_to_read=(
            "One line a size, named by its parameters; means over seeds with 95 % t intervals. "
            "Where a line rises with the depth, deeper networks were harder to optimise."
        ),
        x_name=DEPTH.name,
        x_scale=DEPTH.scale,
        y_name="train loss",
        y_scale=scale_of(table["mean"]),
        table=table,
    )


def effects_figure(results: StudyResults, worth: Worth, finding: str) -> list[ForestFigure]:
    """Draw what layers are worth in score, what neurons are, and how the two differ."""
    effects = [each for each in (worth.layers, worth.neurons, worth.between) if each]
    return forest(
        effects,
        results,
        finding,
        name=("effects", "What layers are worth, and what neurons are"),
        note="More layers: every deeper network against the shallowest of its size, averaged. More "
        "neurons: the largest size against the smallest, averaged over the depths.",
    )


def sizes_table(results: StudyResults, arms: pd.DataFrame, readings: pd.DataFrame) -> StudyTable:
    """Write each network's size, how it fits, and how it stands to the shallowest."""
    read = dict(zip(readings["arm"], readings["reading"], strict=True))
    names = grid_of(results).names
    rows = arms.set_index("arm").loc[list(names.values())]
    off = rows["parameters"].where(rows["parameters"] > 0) / [size for size, _ in names] - 1
    table = {
        "Budget": [count(size) for size, _ in names],
        "Depth": [depth for _, depth in names],
        "Width": rows["width"],
        "Parameters": rows["parameters"].map(count),
        "Off the budget": [
            f"{each:+.1%}".replace("-", MINUS) if is_number(each) else MISSING for each in off
        ],
        "Train loss at the end": rows["last_train_loss"].map(loss),
        f"Validation {results.metric}": rows["validation_score"].map(score),
        f"{results.metric.capitalize()} gap at the end": rows["last_score_gap"].map(score),
        "Seconds an epoch": rows["seconds_per_epoch"].map(loss),
        "Against the shallowest": [read.get(name, "the reference") for name in rows.index],
    }
    return StudyTable(
        id="sizes",
        title="Depth and width at equal size",
        table=pd.DataFrame(table).reset_index(drop=True),
        note="Off the budget: how far the closest whole width is from the parameters wanted. "
        "Optimised worse: validation score and train loss at the end are both clearly worse; "
        "generalises worse: the train loss is not. Seconds are medians.",
    )


def _by_size(results: StudyResults, arms: pd.DataFrame) -> dict[str, pd.DataFrame]:
    grid = grid_of(results)
    return {count(size): arms[arms["arm"].isin(grid.along(size))] for size in grid.firsts}
