"""Figures of several studies: their arms side by side, and what each says of its contrasts."""

from collections.abc import Sequence
from typing import Any, Final

import pandas as pd

from reports.study_content import ResponseFigure
from reports.wording import plural, score
from studies.comparison.data_sets import ScoreTable
from studies.comparison.networks import arm_side
from studies.comparison.runs import ComparedRun
from studies.statistics.intervals import estimate_interval

POINT: Final = ["panel", "series", "x", "mean", "low", "high"]
NO_MARKS: Final = pd.DataFrame({"panel": [], "x": [], "label": []})
DOTS: Final = "Each point is a mean over seeds with its 95 % t interval."


def arms_figure(runs: Sequence[ComparedRun], arms: Sequence[str]) -> ResponseFigure:
    """Draw the score of every shared arm in each study.

    Args:
        runs: Studies.
        arms: From `shared_arms`, at least one.
    """
    rows: list[tuple[Any, ...]] = []
    for run in runs:
        for name in arms if run.results is not None else ():
            side = arm_side(run.results, name)  # type: ignore[arg-type]  # narrowed by the loop
            found = estimate_interval(side.estimate())
            rows.append(("", run.label, name, found.estimate, found.low, found.high))
    table = pd.DataFrame(rows, columns=POINT)
    return ResponseFigure(
        id="arms",
        title="The arms in each run",
        finding=_leaders(table, "series", "x", "run"),
        how_to_read=f"{DOTS} Runs are told apart by colour and mark, the same in every figure.",
        x_name="arm",
        x_scale="category",
        y_name=f"validation {runs[0].metric}",
        table=table,
        marks=NO_MARKS,
    )


def scores_figure(found: ScoreTable, metric: str) -> ResponseFigure:
    """Draw the score of every setting on each data set.

    Args:
        found: From `score_table`.
        metric: What a score is called.
    """
    cells = found.cells.assign(panel="", series=found.cells["arm"], x=found.cells["data"])
    return ResponseFigure(
        id="data-sets",
        title="Scores on each data set",
        finding=_leaders(cells, "x", "series", "data set"),
        how_to_read=(
            f"{DOTS} Scores of different data sets have no common unit: within one of them, "
            "compare the marks; over all of them, their ranks."
        ),
        x_name="data set",
        x_scale="category",
        y_name=f"validation {metric}",
        table=cells[POINT],
        marks=NO_MARKS,
    )


def within_figure(within: pd.DataFrame, metric: str) -> ResponseFigure:
    """Draw what each study says of the contrasts that all of them planned.

    Args:
        within: From `compare_within`, with at least one row.
        metric: What a score is called.
    """
    verdicts = within.groupby(["first", "second"], sort=False)["verdict"].nunique()
    alike = int((verdicts == 1).sum())
    table = within.assign(panel="", series=within["run"], mean=within["difference"])
    return ResponseFigure(
        id="contrasts-within",
        title="The same contrasts in each run",
        finding=(
            f"Of {plural(len(verdicts), 'contrast')} that all runs made, {alike} "
            f"{'has' if alike == 1 else 'have'} the same verdict in all of them."
        ),
        how_to_read=(
            "Each point is a mean difference between two arms of one run, first minus second, over "
            "its paired seeds, with the 95 % t interval. Two runs whose intervals lie apart differ "
            "in that effect. The verdicts of each run, with Holm's correction, stand in the table "
            "of what each run concludes."
        ),
        x_name="contrast",
        x_scale="category",
        y_name=f"difference in {metric}",
        table=table.assign(x=table["first"] + " − " + table["second"])[POINT],  # noqa: RUF001 - a minus sign
        marks=NO_MARKS,
    )


def _leaders(table: pd.DataFrame, by: str, what: str, by_name: str) -> str:
    """Say what scores highest in each group, such as ``Highest in a: x (0.91)``."""
    parts = []
    for name, rows in table.dropna(subset=["mean"]).groupby(by, sort=False):
        best = rows.iloc[int(rows["mean"].to_numpy(float).argmax())]
        parts.append(f"{name}: {best[what]} ({score(best['mean'])})")
    return (
        f"The highest mean score by {by_name}: {'; '.join(parts)}."
        if parts
        else "No score to draw."
    )
