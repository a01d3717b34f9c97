"""The section that compares what was claimed, confirmed and tested."""

import math
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from reports import wording
from reports.content import SweepContent, normal_interval
from reports.drawing.figure import Section, panel
from reports.figures import panels
from reports.sections import captions
from reports.summaries.scores import WinnerScores, scores
from reports.tables.table import Column, first_rows

HOW_TO_READ: Final = (
    "Searched is the best single trial: chosen among many, it looks better than it is. "
    "Confirmed is the mean of the same configuration over fresh seeds, its interval over "
    "those seeds. Test uses rows that took no part in any choice. Intervals of searched, test "
    "and baselines are over rows. Baselines are measured on the validation rows. A triangle "
    "at the edge lies further out."
)


def scores_section(content: SweepContent, judged: pd.DataFrame) -> Section | None:
    """Compare the winner's scores with each other and with the baselines.

    Args:
        content: The run.
        judged: The search's trials with verdicts.

    Returns:
        The section, or None if there is neither a winner nor a baseline.
    """
    winner = content.winner
    known = None if winner is None else _winner_scores(content, winner, judged)
    score = content.score
    summary = scores(known, content.baselines, score)
    if summary.table.empty:
        return None
    finding = captions.scores(summary)
    return Section(
        id="scores",
        title="Claimed, confirmed, tested",
        link="Scores",
        finding=finding,
        how_to_read=HOW_TO_READ,
        panels=(panel(panels.scores(summary), finding, "scores"),),
        table=first_rows(
            summary.table,
            f"{score.heading} with 95 % intervals.",
            [
                Column(source="what", title="of", write=wording.shorten, numeric=False),
                Column(source="score", title=score.title, write=score.write),
                Column(source="low", title="from", write=score.write),
                Column(source="high", title="to", write=score.write),
                Column(source="basis", title="interval over", write=wording.shorten, numeric=False),
            ],
        ),
    )


def _winner_scores(
    content: SweepContent, winner: Mapping[str, Any], judged: pd.DataFrame
) -> WinnerScores:
    row = judged[judged["trial"] == winner.get("trial")]
    by_epoch = content.score.is_by_epoch and len(row)
    error = row["validation_score_se"].iloc[0] if by_epoch else math.nan
    claimed = (winner.get("validation") or {}).get("score")
    confirmed, test = winner.get("confirmed") or {}, winner.get("test") or {}
    return WinnerScores(
        searched=(_number(claimed), *normal_interval(claimed, error)),
        confirmed=(
            _number(confirmed.get("score")),
            _number(confirmed.get("score_low")),
            _number(confirmed.get("score_high")),
        ),
        test=(_number(test.get("score")), *content.test_interval),
        seeds=int(confirmed.get("seeds") or 0),
    )


def _number(value: object) -> float:
    return float(value) if wording.is_number(value) else math.nan
