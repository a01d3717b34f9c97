"""What every output says of a run first: its answer, its numbers and what needs attention."""

import dataclasses
from typing import Literal

from reports import wording
from reports.content import SweepContent
from reports.pages import cards, conclusion, method, study_cards
from reports.pages.cards import Card, Notice
from reports.pages.study_page import TOLD_EACH, study_headline, study_title
from reports.pages.sweep_page import sweep_title
from reports.study_content import StudyContent


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Hold the head of a report, as its page says it.

    Attributes:
        kind: ``sweep`` or ``study``.
        title: What it is about.
        question: What a study asked; ``""`` of a sweep.
        headline: The answer in one line.
        paragraph: The same as sentences, each with its numbers.
        source: The data in a few words.
        created: The day and minute at which it began; ``""`` if that is not known.
        version: The version of fitgap that made it.
        cards: Its most important numbers.
        alerts: The findings that need attention, as notices.
        remarks: The other findings.
        command: What does it again; ``""`` if that is not known.
    """

    kind: Literal["sweep", "study"]
    title: str
    question: str
    headline: str
    paragraph: tuple[str, ...]
    source: str
    created: str
    version: str
    cards: tuple[Card, ...]
    alerts: tuple[Notice, ...]
    remarks: tuple[Notice, ...]
    command: str


def summarise(content: SweepContent | StudyContent) -> Summary:
    """Say of a run what the head of its page says.

    Args:
        content: A sweep or a study, finished or not.
    """
    is_study = isinstance(content, StudyContent)
    each = TOLD_EACH if is_study else cards.TOLD_EACH
    manifest = content.manifest
    return Summary(
        kind="study" if is_study else "sweep",
        title=study_title(content) if isinstance(content, StudyContent) else sweep_title(content),
        question=content.question if isinstance(content, StudyContent) else "",
        headline=_headline(content),
        paragraph=tuple(_paragraph(content)),
        source=method.source(content.data),
        created=method.day(manifest.get("created")),
        version=wording.shorten(str(manifest.get("fitgap") or ""), 40),
        cards=tuple(_cards(content)),
        alerts=tuple(cards.notices(content.findings, ("alarm", "warning"), each=each)),
        remarks=tuple(cards.notices(content.findings, ("good", "info"), each=each)),
        command=str(manifest.get("command") or ""),
    )


def _headline(content: SweepContent | StudyContent) -> str:
    if isinstance(content, StudyContent):
        return study_headline(content)
    return conclusion.headline(content)


def _paragraph(content: SweepContent | StudyContent) -> list[str]:
    if isinstance(content, StudyContent):
        return [*content.paragraph, *conclusion.unfinished(content.manifest, "study")]
    return conclusion.paragraph(content)


def _cards(content: SweepContent | StudyContent) -> list[Card]:
    if isinstance(content, StudyContent):
        return study_cards.cards(content)
    return cards.cards(content)
