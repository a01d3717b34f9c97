"""The report: one HTML file that needs nothing else, not even a network."""

from collections.abc import Sequence

from reports import theme, wording
from reports.content import SweepContent
from reports.drawing.figure import Section
from reports.figures.order import sweep_sections
from reports.judged import with_verdicts
from reports.pages import cards, conclusion, document, method, trial_curves, trial_rows
from reports.tables import trials as tables
from reports.tables.scores import all_scores


def render_sweep(content: SweepContent, sections: Sequence[Section] | None = None) -> str:
    """Write the report of a sweep.

    Args:
        content: The run. A run without any finished trial yields a page that says so.
        sections: Its figures, if they are drawn already.

    Returns:
        A whole HTML document, the same for the same content.
    """
    judged = with_verdicts(content.trials, content.verdicts)
    winner = str((content.winner or {}).get("trial", ""))
    drawn = sweep_sections(content) if sections is None else sections
    trials = trial_rows.with_anchors(
        tables.trial_table(judged, winner=winner, score_name=content.score_name, by=content.score),
        trial_rows.anchors_of(drawn),
    )
    grids = {f"{section.id}-table": section.table for section in drawn} | {"trial-table": trials}
    every_score = all_scores(content)
    grids |= {"all-scores-table": every_score} if every_score else {}
    values = {
        "kind": "sweep",
        "title": sweep_title(content),
        "created": method.day(content.manifest.get("created")),
        "source": method.source(content.data),
        "headline": conclusion.headline(content),
        "paragraph": conclusion.paragraph(content),
        "cards": cards.cards(content),
        "alerts": cards.notices(content.findings, ("alarm", "warning")),
        "remarks": cards.notices(content.findings, ("good", "info")),
        "sections": drawn,
        "all_scores": every_score,
        "trials": trials,
        "trial_data": trial_curves.trial_data(trials, content.epochs, content.verdicts),
        "failures": tables.failures(judged),
        "is_large": len(judged) > document.LARGE,
        "method": method.sentences(content),
        "facts": method.facts(content),
        "command": str(content.manifest.get("command") or ""),
    }
    return document.render("sweep_report.html", values, grids, inks=theme.SWEEP_INKS)


def sweep_title(content: SweepContent) -> str:
    """Return what a sweep is about: its data."""
    name = content.data.get("name") or content.manifest.get("name") or "sweep"
    return wording.shorten(str(name))
