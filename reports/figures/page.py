"""The figures and tables of a study's page and of a comparison's, each with its anchor."""

import contextlib
import dataclasses
import re
from collections.abc import Sequence
from typing import Final

from reports import theme, wording
from reports.comparison_content import ComparisonContent, CurvesFigure
from reports.drawing.figure import Guard, Section, draw
from reports.figures import forest, response, run_curves
from reports.figures.forest import LONGEST_LINK, LONGEST_TITLE
from reports.study_content import ForestFigure, ResponseFigure, StudyTable
from reports.tables.study import shown_table
from reports.tables.table import Table

TAKEN: Final = frozenset(
    {"alerts", "filter", "main", "method", "remarks", "shown", "theme", "tools", "trial-table",
     "trials"}
)  # fmt: skip
DERIVED: Final = re.compile(r"-(table|finding|p\d+(-\d+)?)$")  # ids that a section makes itself


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class TableSection:
    """Hold one table of the page that belongs to no figure."""

    id: str
    title: str
    link: str
    table: Table


def figure_sections(
    figures: Sequence[ResponseFigure | ForestFigure], guard: Guard = contextlib.nullcontext
) -> list[Section]:
    """Draw the figures of a study, with the same mark for a series in all of them.

    Args:
        figures: In the order in which they are read.
        guard: What each is drawn in, given its name: it may end without it.
    """
    named = [one for one in figures if isinstance(one, ResponseFigure)]
    marks = theme.series_marks(name for one in named for name in response.series_names(one))
    anchors = make_anchors([one.id for one in figures], TAKEN)
    drawn: list[Section] = []
    for one, anchor in zip(figures, anchors, strict=True):
        with guard(f"figure.{anchor}"):
            drawn.append(
                draw(
                    response.figure(one, anchor, marks)
                    if isinstance(one, ResponseFigure)
                    else forest.figure(one, anchor)
                )
            )
    return drawn


def comparison_sections(content: ComparisonContent) -> list[Section]:
    """Draw the figures of a comparison, with the same mark for a run in all of them."""
    named = [one for one in content.figures if isinstance(one, ResponseFigure)]
    others = [name for one in named for name in response.series_names(one)]
    marks = theme.series_marks([*content.labels, *others])
    runs = {name: marks[name] for name in content.labels}
    values = []
    for one in content.figures:
        anchor = make_anchors([one.id], TAKEN)[0]
        if isinstance(one, CurvesFigure):
            values.append(run_curves.figure(one, runs))
        elif isinstance(one, ResponseFigure):
            values.append(response.figure(one, anchor, marks))
        else:
            values.append(forest.figure(one, anchor, pairs="Differences"))
    return [draw(one) for one in values]


def table_sections(tables: Sequence[StudyTable], drawn: Sequence[Section]) -> list[TableSection]:
    """Write the tables of a study.

    Args:
        tables: In the order in which they are read.
        drawn: The sections before them, whose anchors are taken.
    """
    anchors = make_anchors([one.id for one in tables], TAKEN | {section.id for section in drawn})
    return [
        TableSection(
            id=anchor,
            title=wording.shorten(one.title, LONGEST_TITLE),
            link=wording.shorten(one.title, LONGEST_LINK),
            table=shown_table(one),
        )
        for one, anchor in zip(tables, anchors, strict=True)
    ]


def make_anchors(names: Sequence[str], taken: frozenset[str] | set[str]) -> list[str]:
    """Turn names into anchors: letters, digits and hyphens, each of them once.

    Args:
        names: Any texts.
        taken: Anchors that stand elsewhere on the page.
    """
    used = set(taken)
    anchors = []
    for name in names:
        slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60] or "part"
        slug = f"{slug}-part" if DERIVED.search(slug) else slug
        anchor, number = slug, 1
        while anchor in used:
            number += 1
            anchor = f"{slug}-{number}"
        used.add(anchor)
        anchors.append(anchor)
    return anchors
