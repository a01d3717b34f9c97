"""Figures that several studies share: a measure against a setting, curves over the epochs."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from reports.study_content import MeasureScale, ResponseFigure, Scale
from studies.answering.results import StudyResults

POINT_COLUMNS: Final = ("panel", "series", "x", "mean", "low", "high")
MARK_COLUMNS: Final = ("panel", "x", "label")


class Axis(NamedTuple):
    """Hold what lies along a figure.

    Attributes:
        column: Of the table from `summarise_arms`.
        name: Of the setting, with its unit.
        scale: How it is laid out.
    """

    column: str
    name: str
    scale: Scale = "linear"


class Caption(NamedTuple):
    """Hold what a figure is called and says.

    Attributes:
        id: Its anchor.
        title: What it is about.
        finding: What it shows, with numbers.
        note: How it is to be read, beyond what all of its kind have in common.
    """

    id: str
    title: str
    finding: str
    note: str = ""


Place = tuple[str, float | str, str]
"""A value of x to point out, as (panel, x, label)."""


def points(
    arms: pd.DataFrame, measure: str, *, x: str, series: str, panel: str = ""
) -> pd.DataFrame:
    """Return one measure of the arms as points of a response figure.

    Args:
        arms: From `summarise_arms`, some rows of it.
        measure: One of `studies.answering.arms.MEASURES`.
        x: The column that lies along the figure.
        series: Name of the line.
        panel: Name of the panel.
    """
    return pd.DataFrame(
        {
            "panel": panel,
            "series": series,
            "x": arms[x],
            "mean": arms[measure],
            "low": arms[f"{measure}_low"],
            "high": arms[f"{measure}_high"],
        },
        columns=list(POINT_COLUMNS),
    )


def splits(panels: Mapping[str, pd.DataFrame], measure: str, x: str) -> pd.DataFrame:
    """Return train and validation of the arms as points of a response figure.

    Args:
        panels: Rows of `summarise_arms` by the name of the panel that shows them.
        measure: As `points` has it, with ``{}`` in the place of the split.
        x: The column that lies along the figure.
    """
    parts = [
        points(rows, measure.format(series), x=x, series=series, panel=panel)
        for panel, rows in panels.items()
        for series in ("train", "validation")
    ]
    return pd.concat(parts, ignore_index=True)


def gap_figure(
    results: StudyResults,
    panels: Mapping[str, pd.DataFrame],
    axis: Axis,
    measure: str,
    caption: Caption,
    places: Sequence[Place] = (),
) -> ResponseFigure:
    """Draw train and validation of the arms against a setting, the gap between them shaded.

    Args:
        results: The study.
        panels: As for `splits`.
        axis: The setting.
        measure: As for `splits`; a score or a loss.
        caption: What it is called and says.
        places: What to point out.
    """
    is_loss = measure.endswith("loss")
    name = "loss" if is_loss else results.metric
    epoch = "after the last epoch" if measure.startswith("last") else "at the best epoch"
    return ResponseFigure(
        id=caption.id,
        title=caption.title,
        finding=caption.finding,
        how_to_read=f"Train and validation {name} {epoch}, means over seeds with 95 % t intervals; "
        f"the shaded distance is the gap. {caption.note}".strip(),
        x_name=axis.name,
        x_scale=axis.scale,
        y_name=name,
        y_scale=log_or_linear(results) if is_loss else "linear",
        table=splits(panels, measure, axis.column),
        marks=marks(places),
        shade_gap=True,
    )


def marks(places: Sequence[Place] = ()) -> pd.DataFrame:
    """Return values of x to point out."""
    return pd.DataFrame(list(places), columns=list(MARK_COLUMNS))


def mean_curves(
    results: StudyResults, measures: Mapping[str, str], arms: Sequence[str] | None = None
) -> pd.DataFrame:
    """Return curves over the epochs, means over the pairs of each arm with 95 % t intervals.

    Args:
        results: The study.
        measures: Columns of the epochs table, by the name of the line.
        arms: Which arms, each a panel; all of them if left out.

    Returns:
        Points of a response figure, ``x`` the epoch; epochs that not every network of the arm
        reached are left out.
    """
    names = results.arms if arms is None else arms
    owners = results.comparison.set_index("trial")
    epochs = results.epochs.assign(arm=results.epochs["trial"].map(owners["arm"]))
    rows = []
    for arm in names:
        mine = epochs[epochs["arm"] == arm]
        for series, measure in measures.items():
            table = mine.pivot_table(index="epoch", columns="trial", values=measure).dropna()
            for epoch, values in table.iterrows():
                interval = results.interval(values, owners["fold"])
                bounds = (interval.estimate, interval.low, interval.high)
                rows.append((arm, series, float(str(epoch)), *bounds))
    return pd.DataFrame(rows, columns=list(POINT_COLUMNS))


def curves_figure(
    results: StudyResults, *, arms: Sequence[str] | None = None, finding: str
) -> ResponseFigure:
    """Draw train and validation loss of each arm over the epochs, the gap between them shaded."""
    lines = {"train": "train_loss", "validation": "validation_loss"}
    return ResponseFigure(
        id="curves",
        title="Loss over the epochs",
        finding=finding,
        how_to_read=(
            "One panel an arm; lines are means over its seeds, bands their 95 % t intervals. Both "
            "losses are measured after the epoch, without dropout; the shaded distance is the gap."
        ),
        x_name="epoch",
        x_scale="linear",
        y_name="loss",
        y_scale=log_or_linear(results),
        table=mean_curves(results, lines, arms),
        shade_gap=True,
    )


def log_or_linear(results: StudyResults) -> MeasureScale:
    """Return the scale for losses: logarithmic where they span more than a decade."""
    losses = [results.comparison[f"{split}_loss"] for split in ("train", "validation")]
    return scale_of(pd.concat(losses))


def scale_of(losses: pd.Series) -> MeasureScale:
    """Return the scale for some losses: logarithmic where they span more than a decade."""
    values = losses.to_numpy(dtype=np.float64)
    values = values[np.isfinite(values) & (values > 0)]
    return "log" if values.size and values.max() > 10 * values.min() else "linear"
