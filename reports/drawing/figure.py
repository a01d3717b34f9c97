"""A figure of a page: its words, its numbers and its panels, which a kind of drawing each draws."""

import dataclasses
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Protocol, TypeAlias

import pandas as pd
from markupsafe import Markup
from matplotlib.figure import Figure

from reports import theme, wording
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


class Drawable(Protocol):
    """Be the value of a panel, of a kind that can draw it."""

    @property
    def name(self) -> str:
        """Return the accessible name: what the panel shows, in a sentence."""

    def draw(self) -> Figure:
        """Draw the panel."""


class Panel(Markup):
    """Inline SVG that still has the drawing it was made from, for files of other formats."""

    figure: Figure


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Caption:
    """Hold what stands round the panels of a figure.

    Attributes:
        id: Its anchor.
        title: What it is about.
        link: The same in a word, for the table of contents.
        finding: The caption: what it shows, with numbers.
        how_to_read: What is drawn and how it is meant.
        table: The numbers behind it.
        key: The key to its marks; empty if there are none.
        note: What is not shown at its true place; ``""`` if all is.
    """

    id: str
    title: str
    link: str
    finding: str
    how_to_read: str
    table: Table
    key: tuple[Key, ...] = ()
    note: str = ""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class FigureValue(Caption):
    """Hold a figure before it is drawn: its words, and a value a panel, or none."""

    panels: tuple[Drawable, ...]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Section(Caption):
    """Hold a figure as it stands in a page: its words, and what was drawn."""

    panels: tuple[Panel, ...]


def draw(figure: FigureValue) -> Section:
    """Draw every panel of a figure."""
    caption = {one.name: getattr(figure, one.name) for one in dataclasses.fields(Caption)}
    panels = [
        panel(one.draw(), one.name, f"{figure.id}-p{place}")
        for place, one in enumerate(figure.panels)
    ]
    return Section(**caption, panels=tuple(panels))


def panel(figure: Figure, name: str, prefix: str) -> Panel:
    """Render one panel.

    Args:
        figure: What was drawn.
        name: Its accessible name: what it shows.
        prefix: Makes its ids unique on the page.
    """
    drawn = Panel(inline_svg(figure, name=name, prefix=prefix))
    drawn.figure = figure
    return drawn


def verdict_key(verdicts: pd.Series, *, without: tuple[str, ...] = ()) -> tuple[Key, ...]:
    """Count the trials of each verdict.

    Args:
        verdicts: One verdict a trial.
        without: Verdicts that the figure does not draw.
    """
    counts = verdicts.value_counts().to_dict()
    known = {one: counts.get(one, 0) for one in theme.MARKS if one not in without}
    return counted_key(known, {one: mark.glyph for one, mark in theme.MARKS.items()})


def counted_key(counts: Mapping[str, int], glyphs: Mapping[str, str]) -> tuple[Key, ...]:
    """Name what there is any of, by its count and its mark as a character."""
    return tuple(
        Key(name=name, glyph=glyphs[name], style=f"mark-{name}", trials=number)
        for name, number in counts.items()
        if number
    )


def series_key(marks: Mapping[str, theme.Mark]) -> tuple[Key, ...]:
    """Name series in full, where the drawing has no room for that."""
    return tuple(
        Key(name=wording.shorten(name), glyph=theme.glyph(mark), style=f"ink-{mark.ink}")
        for name, mark in marks.items()
    )


def words(*parts: str) -> str:
    """Join the sentences of a caption or a note, without those that are empty."""
    return " ".join(part for part in parts if part)
