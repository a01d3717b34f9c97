"""The tables of a run that are short enough to pass on, and their best rows."""

import dataclasses
from typing import Final

from reports import wording
from reports.content import SweepContent
from reports.judged import with_verdicts
from reports.study_content import StudyContent
from reports.tables import trials as tables
from reports.tables.scores import all_scores
from reports.tables.study import shown_table
from reports.tables.table import Table

MOST_TABLES: Final = 8


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class BestRows:
    """Hold the first rows of a table.

    Attributes:
        id: What it is called: lower-case letters, digits and hyphens.
        title: What it holds.
        table: Its first rows, written.
        remark: What is to be known about it, and how many rows are not shown.
    """

    id: str
    title: str
    table: Table
    remark: str


def best_tables(content: SweepContent | StudyContent, most: int) -> list[BestRows]:
    """Return the best trials of a sweep that finished, or the tables of a study.

    Args:
        content: The run.
        most: Up to how many rows of each.

    Returns:
        The tables that have a row to show, in the order of the page.
    """
    if isinstance(content, StudyContent):
        written = [(one.id, one.title, shown_table(one), one.note) for one in content.tables]
        shown = [_first(*one, most=most) for one in written[:MOST_TABLES]]
    else:
        judged = with_verdicts(content.trials, content.verdicts)
        finished = judged[(judged["stage"] == "search") & (judged["outcome"] == "finished")]
        winner = str((content.winner or {}).get("trial", ""))
        trials = tables.trial_table(
            finished, winner=winner, score_name=content.score_name, by=content.score
        )
        every_score = all_scores(content)
        shown = [_first("trials", "The best trials", trials, trials.caption, most=most)]
        if every_score is not None:
            shown.insert(0, _first("scores", "Scores", every_score, every_score.caption, most=most))
    return [one for one in shown if one.table.rows]


def _first(name: str, title: str, table: Table, note: str, *, most: int) -> BestRows:
    left = len(table.rows) - most
    more = f"{wording.plural(left, 'more row')} in the report." if left > 0 else ""
    return BestRows(
        id=name,
        title=title,
        table=dataclasses.replace(table, rows=table.rows[:most], marks=table.marks[:most]),
        remark=" ".join(part for part in (note, more) if part),
    )
