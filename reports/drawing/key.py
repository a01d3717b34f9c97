"""The key to the marks as a drawing, for figures that stand without a page around them."""

import dataclasses
from collections.abc import Sequence
from typing import Final

from matplotlib.figure import Figure

from reports import theme
from reports.drawing import canvas

LINE: Final = 18.0  # points
GAP: Final = 16.0  # between two entries
GLYPH: Final = 15.0
EDGE: Final = 4.0


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Hold one mark: what it looks like, and what it stands for.

    Attributes:
        glyph: The mark as a character.
        colour: ``#rrggbb``.
        words: What it stands for.
    """

    glyph: str
    colour: str
    words: str


@canvas.in_style
def key_figure(entries: Sequence[Entry], width: float) -> Figure:
    """Draw the key in as few lines as its entries need.

    Args:
        entries: In the order in which they are read.
        width: Of the drawing, in points.
    """
    lines = _lines(entries, width)
    height = LINE * len(lines) + EDGE
    figure = Figure(figsize=(width / 72, height / 72), dpi=72, facecolor=theme.colour("surface"))
    for number, line in enumerate(lines):
        y = 1 - (LINE * number + LINE / 2 + EDGE / 2) / height
        for x, entry in line:
            figure.text(x / width, y, entry.glyph, color=entry.colour, va="center")
            left = (x + GLYPH) / width
            figure.text(left, y, entry.words, va="center", parse_math=False)
    return figure


def _lines(entries: Sequence[Entry], width: float) -> list[list[tuple[float, Entry]]]:
    """Break the entries into lines, each with its place from the left in points."""
    lines: list[list[tuple[float, Entry]]] = [[]]
    left = EDGE
    for entry in entries:
        room = GLYPH + len(entry.words) * canvas.CHARACTER
        if lines[-1] and left + room > width:
            lines.append([])
            left = EDGE
        lines[-1].append((left, entry))
        left += room + GAP
    return lines
