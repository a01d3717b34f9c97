"""Figures of several studies: their arms side by side, and what each says of its contrasts."""

from collections.abc import Sequence

import pandas as pd

from reports.study_content import ResponseFigure
from reports.wording import plural, score
from studies.answering.contrasts import Contrast
from studies.answering.figures import POINT_COLUMNS
from studies.comparison.contrasts import arm_sides
from studies.comparison.data_sets import ScoreTable
from studies.comparison.runs import ComparedRun
from studies.statistics.intervals import estimate_interval

DOTS = "Each point is a mean over seeds with its 95 % t interval."


def arms_figure(runs: Sequence[ComparedRun], arms: Sequence[str]) -> ResponseFigure:
    """Draw the score of every shared arm in each study.

    Args:
        runs: Studies.
        arms: From `shared_arms`, at least one.
    """
    rows = []
    for run, name, side in arm_sides(runs, arms):
        mean = estimate_interval(side.estimate())
        rows.append(("", run.label, name, mean.estimate, mean.low, mean.high))
    table = pd.DataFrame(rows, columns=list(POINT_COLUMNS))
    return ResponseFigure(
        id="arms",
        title="The arms in each run",
        finding=_leaders(table, "series", "x", "run"),
        how_to_read=f"{DOTS} Runs are told apart by colour and mark, the same in every figure.",
        x_name="arm",
        x_scale="category",
        y_name=f"validation {runs[0].metric}",
        table=table,
    )


def scores_figure(ranked: ScoreTable, metric: str) -> ResponseFigure:
    """Draw the score of every setting on each data set.

    Args:
        ranked: From `score_table`.
        metric: What a score is called.
    """
    cells = ranked.cells.assign(panel="", series=ranked.cells["arm"], x=ranked.cells["data"])
    return ResponseFigure(
        id="data-sets",
        title="Scores on each data set",
        finding=_leaders(cells, "x", "series", "data set"),
        how_to_read=f"{DOTS} Compare the marks within a data set, and ranks over several: their "
        "scores have no common unit.",
        x_name="data set",
        x_scale="category",
        y_name=f"validation {metric}",
        table=cells[list(POINT_COLUMNS)],
    )


def within_figure(within: Sequence[tuple[str, Contrast]], metric: str) -> ResponseFigure:
    """Draw what each study says of the contrasts that all of them planned.

    Args:
        within: From `compare_within`, with at least one.
        metric: What a score is called.
    """
    verdicts: dict[str, set[str]] = {}
    for _, contrast in within:
        verdicts.setdefault(contrast.title, set()).add(contrast.verdict)
    alike = sum(len(each) == 1 for each in verdicts.values())
    rows = [
        ("", label, each.title, each.difference.estimate, each.difference.low, each.difference.high)
        for label, each in within
    ]
    return ResponseFigure(
        id="contrasts-within",
        title="The same contrasts in each run",
        finding=f"{alike} of {plural(len(verdicts), 'contrast')} that all runs made: the same "
        "verdict in all of them.",
        how_to_read="Each point is a mean difference between two arms of one run, first minus "
        "second, over its pairs, with its 95 % t interval. Two runs whose intervals lie apart "
        "differ in that effect.",
        x_name="contrast",
        x_scale="category",
        y_name=f"difference in {metric}",
        table=pd.DataFrame(rows, columns=list(POINT_COLUMNS)),
    )


def _leaders(table: pd.DataFrame, by: str, what: str, by_name: str) -> str:
    """Say what scores highest in each group, such as ``Highest in a: x (0.91)``."""
    parts = []
    for name, rows in table.dropna(subset=["mean"]).groupby(by, sort=False):
        best = rows.iloc[int(rows["mean"].to_numpy(float).argmax())]
        parts.append(f"{name}: {best[what]} ({score(best['mean'])})")
    return f"The highest mean score by {by_name}: {'; '.join(parts) or 'none'}."
