"""The report of a study: one HTML file that needs nothing else, not even a network."""

from collections.abc import Sequence
from typing import Final

from reports import theme, wording
from reports.drawing.figure import Section
from reports.figures.page import figure_sections, table_sections
from reports.judged import with_verdicts
from reports.pages import document, study_method, trial_curves, trial_rows
from reports.pages.cards import notices
from reports.pages.conclusion import nothing, unfinished
from reports.pages.method import day, source
from reports.pages.study_cards import cards, study_name
from reports.study_content import StudyContent
from reports.tables import trials as tables
from reports.tables.trials import study_trials

INKS: Final = theme.INKS | theme.SERIES_INKS
TOLD_EACH: Final = 12  # findings of one kind: the comparisons are told one by one


def render_study(content: StudyContent, sections: Sequence[Section] | None = None) -> str:
    """Write the report of a study.

    Args:
        content: What the study found. One in which nothing finished yields a page that says so.
        sections: Its figures, if they are drawn already.

    Returns:
        A whole HTML document, the same for the same content.
    """
    judged = with_verdicts(content.trials, content.verdicts)
    drawn = figure_sections(content.figures) if sections is None else sections
    shown = table_sections(content.tables, drawn)
    trials = trial_rows.with_anchors(
        study_trials(judged, content.score_name), trial_rows.anchors_of([*drawn, *shown])
    )
    values = {
        "kind": "study",
        "title": study_title(content),
        "created": day(content.manifest.get("created")),
        "source": source(content.data),
        "question": content.question,
        "headline": study_headline(content),
        "paragraph": [*content.paragraph, *unfinished(content.manifest, "study")],
        "cards": cards(content),
        "alerts": notices(content.findings, ("alarm", "warning"), each=TOLD_EACH),
        "remarks": notices(content.findings, ("good", "info"), each=TOLD_EACH),
        "sections": [*drawn, *shown],
        "figures": drawn,
        "tables": shown,
        "trials": trials,
        "trial_data": trial_curves.trial_data(trials, content.epochs, content.verdicts),
        "failures": tables.failures(judged),
        "is_large": len(judged) > document.LARGE,
        "method": study_method.sentences(content),
        "facts": study_method.facts(content),
        "command": str(content.manifest.get("command") or ""),
    }
    grids = {f"{figure.id}-table": figure.table for figure in drawn}
    grids |= {f"{section.id}-table": section.table for section in shown}
    grids["trial-table"] = trials
    return document.render("study_report.html", values, grids, inks=INKS, style="study.css")


def study_headline(content: StudyContent) -> str:
    """Return the answer in one line, or why there is none."""
    if content.answer:
        return content.answer
    counts = content.manifest.get("counts") or {}
    return "No conclusion yet." if counts.get("finished") else nothing(counts)


def study_title(content: StudyContent) -> str:
    """Return what a study is about: its name and its data."""
    name = study_name(content.design) or str(content.manifest.get("name") or "study")
    data = str(content.data.get("name") or "")
    parts = [wording.shorten(part, 60) for part in (name, data) if part]
    return " on ".join(parts)
