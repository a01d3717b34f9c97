"""The conclusion of a run as Markdown, for a pull request or the summary of a CI job."""

import dataclasses
from collections.abc import Sequence
from typing import Final

from reports import wording
from reports.content import SweepContent
from reports.outputs import markdown_text
from reports.outputs.best_rows import best_tables
from reports.outputs.summary import Summary, summarise
from reports.pages.cards import Card, Notice
from reports.study_content import StudyContent

LARGEST: Final = 60_000  # bytes: GitHub takes 65,536 characters in a comment
MOST_ROWS: Final = 10
LEVELS: Final = {"alarm": "Alarm", "warning": "Warning", "good": "Good", "info": "Note"}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Hold how much is told: of findings that need attention, and of others; of each table."""

    findings: int
    rows: int
    sentences: int


BUDGETS: Final = (  # the next one where names or sentences are so long that the last was too much
    Budget(findings=40, rows=MOST_ROWS, sentences=12),
    Budget(findings=20, rows=MOST_ROWS, sentences=12),
    Budget(findings=10, rows=5, sentences=6),
    Budget(findings=5, rows=2, sentences=3),
    Budget(findings=0, rows=0, sentences=1),
)


def render_markdown(content: SweepContent | StudyContent) -> str:
    """Write the conclusion of a run: headline, numbers, findings, the best rows, the command.

    Args:
        content: A sweep or a study, finished or not.

    Returns:
        GitHub-flavoured Markdown of less than 60 kB in UTF-8, the same for the same content. No
        name in it can mention, link or break anything.
    """
    summary = summarise(content)
    shown = ""
    for budget in BUDGETS:
        shown = _document(summary, content, budget)
        if len(shown.encode()) < LARGEST:
            break
    return shown


def _document(summary: Summary, content: SweepContent | StudyContent, budget: Budget) -> str:
    blocks = [
        f"## fitgap {summary.kind}: {markdown_text.text(summary.title, 120)}",
        f"*{markdown_text.text(summary.question)}*" if summary.question else "",
        f"**{markdown_text.text(summary.headline)}**",
        " ".join(markdown_text.text(one) for one in summary.paragraph[: budget.sentences]),
        _facts_line(summary),
        _cards(summary.cards),
        *_notices("What needs attention", summary.alerts, budget.findings),
        *_notices("Findings", summary.remarks, budget.findings),
    ]
    for one in best_tables(content, budget.rows):
        blocks += [f"### {markdown_text.text(one.title, 120)}",
                   markdown_text.table(one.table.header, one.table.rows, one.table.numeric),
                   markdown_text.text(one.remark) if one.remark else ""]  # fmt: skip
    if summary.command:
        blocks += ["### Do it again", markdown_text.code(summary.command)]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _facts_line(summary: Summary) -> str:
    parts = [f"Data: {markdown_text.text(summary.source)}"]
    if summary.created:
        parts.append(f"begun {markdown_text.text(summary.created)}")
    if summary.version:
        parts.append(f"fitgap {markdown_text.text(summary.version)}")
    return " · ".join(parts)


def _cards(cards: Sequence[Card]) -> str:
    rows = [(card.name, card.value, card.remark) for card in cards]
    return markdown_text.table(("", "", ""), rows, (False, False, False))


def _notices(title: str, notices: Sequence[Notice], most: int) -> list[str]:
    if not notices:
        return []
    lines = [_notice(one) for one in notices[:most]]
    if len(notices) > most:
        lines.append(f"- and {wording.count(len(notices) - most)} more, in the report")
    return [f"### {title}", "\n".join(lines)]


def _notice(notice: Notice) -> str:
    parts = [f"- **{LEVELS[notice.level]}:** {markdown_text.text(notice.sentence)}"]
    if notice.others:
        parts.append(markdown_text.text(notice.others))
    if notice.next_step:
        parts.append(f"*What to do:* {markdown_text.text(notice.next_step)}")
    return " ".join(parts)
