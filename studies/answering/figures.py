"""Figures that several studies share: a measure against a setting, curves over the epochs."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd

from reports.study_content import MeasureScale, ResponseFigure
from studies.answering.results import StudyResults

POINT_COLUMNS: Final = ("panel", "series", "x", "mean", "low", "high")
MARK_COLUMNS: Final = ("panel", "x", "label")


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


def marks(places: Sequence[tuple[str, float | str, str]] = ()) -> pd.DataFrame:
    """Return values of x to point out, as (panel, x, label)."""
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
            "One panel an arm; each line is the mean over its seeds, the band the 95 % t interval "
            "of that mean. Both losses are measured after the epoch, without dropout, on the same "
            "weights. The shaded distance between them is the gap."
        ),
        x_name="epoch",
        x_scale="linear",
        y_name="loss",
        y_scale=log_or_linear(results),
        table=mean_curves(results, lines, arms),
        marks=marks(),
        shade_gap=True,
    )


def log_or_linear(results: StudyResults) -> MeasureScale:
    """Return the scale for losses: logarithmic where they span more than a decade."""
    losses = results.comparison[["train_loss", "validation_loss"]].to_numpy(dtype=np.float64)
    losses = losses[np.isfinite(losses) & (losses > 0)]
    wide = losses.size and losses.max() > 10 * losses.min()
    return "log" if wide else "linear"
