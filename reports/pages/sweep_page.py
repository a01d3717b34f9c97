"""The report: one HTML file that needs nothing else, not even a network."""

import contextlib
from collections.abc import Callable, Sequence

from reports import theme, wording
from reports.content import SweepContent
from reports.drawing.figure import Guard, Section
from reports.judged import with_verdicts
from reports.pages import cards, conclusion, document, method, trial_curves, trial_rows
from reports.sections.best_of import best_of_section
from reports.sections.curves import chosen_section, winner_section
from reports.sections.heat_map import heat_map_section
from reports.sections.importance import importance_section
from reports.sections.parallel import parallel_section
from reports.sections.pruning import pruning_section
from reports.sections.rate_bands import rate_bands_section
from reports.sections.scores import scores_section
from reports.sections.settings import settings_section
from reports.sections.shapes import shapes_section
from reports.sections.timeline import timeline_section
from reports.sections.trials import capacity_section, fit_map_section
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


def sweep_sections(content: SweepContent, guard: Guard = contextlib.nullcontext) -> list[Section]:
    """Draw the figures of a sweep, in the order in which they are read.

    Args:
        content: The run.
        guard: What each is drawn in, given its name: it may end without it.
    """
    judged = with_verdicts(content.trials, content.verdicts)
    searched = judged[judged["stage"] == "search"]
    winner = str((content.winner or {}).get("trial", ""))
    draws: dict[str, Callable[[], Section | None]] = {
        "scores": lambda: scores_section(content, searched),
        "winner": lambda: winner_section(content),
        "capacity": lambda: capacity_section(searched, winner, content.findings),
        "fit-map": lambda: fit_map_section(searched, winner, content.score_name),
        "importance": lambda: importance_section(content),
        "settings": lambda: settings_section(content, searched, winner),
        "parallel": lambda: parallel_section(content, searched, winner),
        "rate-bands": lambda: rate_bands_section(content, searched, winner),
        "shapes": lambda: shapes_section(content, searched),
        "heat-map": lambda: heat_map_section(content, searched),
        "best-of": lambda: best_of_section(content),
        "chosen": lambda: chosen_section(content, searched),
        "pruning": lambda: pruning_section(content),
        "timeline": lambda: timeline_section(content),
    }
    drawn: list[Section | None] = []
    for name, draw in draws.items():
        with guard(f"figure.{name}"):
            drawn.append(draw())
    return [section for section in drawn if section is not None]


def sweep_title(content: SweepContent) -> str:
    """Return what a sweep is about: its data."""
    name = content.data.get("name") or content.manifest.get("name") or "sweep"
    return wording.shorten(str(name))
