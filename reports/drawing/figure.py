"""A section of a page: one figure with its finding, its explanation and its numbers."""

import dataclasses
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TypeAlias

import pandas as pd
from markupsafe import Markup
from matplotlib.figure import Figure

from reports import theme
from reports.drawing.svg import inline_svg
from reports.tables.table import Table

Guard: TypeAlias = Callable[[str], AbstractContextManager[object]]
"""What a figure is drawn in, given its name: it may end without it."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """Hold one line of the key to the marks.

    Attributes:
        name: What the mark stands for: a verdict, a series.
        glyph: The mark as a character.
        style: The class of the style sheet that colours it.
        trials: How many trials bear it; 0 if that is not counted.
    """

    name: str
    glyph: str
    style: str
    trials: int = 0


class Panel(Markup):
    """Inline SVG that still has the figure it was drawn from, for files of other formats."""

    figure: Figure


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Hold one figure of the page.

    Attributes:
        id: Its anchor.
        title: What it is about.
        link: The same in a word, for the table of contents.
        finding: The caption: what it shows, with numbers.
        how_to_read: What is drawn and how it is meant.
        panels: Inline SVG, one a panel; empty if there is nothing to draw.
        table: The numbers behind it.
        key: The key to its marks; empty if there are none.
        note: What is not shown at its true place; ``""`` if all is.
    """

    id: str
    title: str
    link: str
    finding: str
    how_to_read: str
    panels: tuple[Panel, ...]
    table: Table
    key: tuple[Key, ...] = ()
    note: str = ""


def panel(figure: Figure, name: str, prefix: str) -> Panel:
    """Render one panel.

    Args:
        figure: Drawn by `reports.figures.panels`.
        name: Its accessible name: what it shows.
        prefix: Makes its ids unique on the page.
    """
    drawn = Panel(inline_svg(figure, name=name, prefix=prefix))
    drawn.figure = figure
    return drawn


def key(verdicts: pd.Series, *, without: tuple[str, ...] = ()) -> tuple[Key, ...]:
    """Count the trials of each verdict.

    Args:
        verdicts: One verdict a trial.
        without: Verdicts that the figure does not draw.
    """
    counts = verdicts.value_counts()
    return tuple(
        Key(name=verdict, glyph=mark.glyph, style=f"mark-{verdict}", trials=int(counts[verdict]))
        for verdict, mark in theme.MARKS.items()
        if verdict in counts.index and verdict not in without
    )
