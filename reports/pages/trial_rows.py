"""The table of all trials as the page has it: a row to link to, and links that lead there."""

import dataclasses
import re
from collections.abc import Collection, Mapping
from typing import Final

from markupsafe import Markup, escape

from reports.drawing.figure import Section
from reports.drawing.marks import trial_anchor
from reports.figures.page import TAKEN, TableSection
from reports.tables.table import Table

OWN: Final = TAKEN | {"again", "chosen", "add", "hover", "trial-data"}  # ids of page.html
_NAME: Final = re.compile(r"(?<![\w-])[A-Za-z]+\d[\w-]*(?![\w-])")


def with_anchors(table: Table, taken: Collection[str]) -> Table:
    """Give each row of the table of trials an anchor: the trial's name, as far as an id may be one.

    Args:
        table: With the names of the trials in its first column.
        taken: Anchors of the page; a trial of that name has none.
    """
    used = set(OWN) | set(taken)
    ids = []
    for row in table.rows:
        anchor = trial_anchor(row[0])
        ids.append("" if anchor in used else anchor)
        used.add(anchor)
    return dataclasses.replace(table, ids=tuple(ids))


def anchors_of(sections: Collection[Section | TableSection]) -> set[str]:
    """Return the anchors that sections take."""
    return {f"{section.id}{end}" for section in sections for end in ("", "-finding", "-table")}


def row_links(table: Table) -> dict[str, str]:
    """Return the anchor of each trial by its name.

    Args:
        table: As `with_anchors` returns it.
    """
    named = zip(table.rows, table.ids, strict=True) if table.ids else ()
    return {row[0]: anchor for row, anchor in named if anchor}


def linked(text: str, links: Mapping[str, str]) -> Markup:
    """Escape a text, and turn the names of trials in it into links to their rows.

    Args:
        text: A sentence, cleaned.
        links: The anchor of each trial by its name.
    """
    parts, end = [], 0
    for found in _NAME.finditer(text):
        anchor = links.get(found[0])
        if anchor:
            parts += [escape(text[end : found.start()]), _link(found[0], anchor)]
            end = found.end()
    return Markup("").join([*parts, escape(text[end:])])


def _link(name: str, anchor: str) -> Markup:
    return Markup('<a href="#{}">{}</a>').format(anchor, name)
