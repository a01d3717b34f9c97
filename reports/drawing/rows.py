"""What figures with one row a name share: the names on the left, and short texts on the right.

Names stand in full, where there is room for thirty of them; a phone shows them too.
"""

import re
import textwrap
from collections.abc import Sequence
from typing import Any, Final

from matplotlib.axes import Axes

from reports import theme, wording
from reports.drawing import canvas

Style = dict[str, Any]

NAME_LINE: Final = 22  # characters
NAME_LINES: Final = 2
NAME_PITCH: Final = 12.4
BESIDE: Final = 82.0  # room for the texts on the right, in points
TICK_ROOM: Final = 34.0
TIMES: Final = "\N{NO-BREAK SPACE}\N{MULTIPLICATION SIGN}\N{NO-BREAK SPACE}"
COMPARES: Final = re.compile(f" (against|minus|versus|{wording.MINUS}) ")
INK: Final = theme.colour("ink")
MUTED: Final = theme.colour("muted")
GRID: Final = theme.colour("grid")
SMALL: Final[Style] = {"color": MUTED, "fontsize": canvas.SMALL_SIZE}

Lines = Sequence[str]


def wrap(name: str) -> list[str]:
    """Break a name into two lines, if it is too long for one.

    Args:
        name: Any text; a comparison is broken before its second side.
    """
    text = wording.shorten(name, NAME_LINE * NAME_LINES)
    text = text.replace(" \N{MULTIPLICATION SIGN} ", TIMES)  # which belongs to both its numbers
    parts = COMPARES.split(text, maxsplit=1)
    if len(text) > NAME_LINE and len(parts) == 3:  # both sides and the word between them
        lines = [f"{parts[0]} {parts[1]}", parts[2]]
        if max(map(len, lines)) <= NAME_LINE:
            return lines
    widths = range(max(len(text) // NAME_LINES, 4), NAME_LINE) if len(text) > NAME_LINE else ()
    for width in widths:
        lines = textwrap.wrap(text, width, break_long_words=False)
        if len(lines) <= NAME_LINES and max(map(len, lines)) <= width:
            return lines
    lines = textwrap.wrap(text, NAME_LINE, max_lines=NAME_LINES, placeholder="…")
    return lines or [wording.MISSING]


def height_of(names: Sequence[Lines], least: float) -> float:
    """Return the height of a row that holds the longest name, in points.

    Args:
        names: As `wrap` returns each.
        least: The height at least.
    """
    return max([least, *(NAME_PITCH * len(lines) + 6 for lines in names)])


def room_for(names: Sequence[Lines]) -> float:
    """Return the room that names need on the left, in points.

    Args:
        names: As `wrap` returns each.
    """
    longest = max((len(line) for name in names for line in name), default=0)
    return 12 + canvas.CHARACTER * max(longest, 4)


def lay_rows(axes: Axes, names: Sequence[Lines], bounds: tuple[float, float]) -> None:
    """Turn axes into rows from the top down, with their names.

    Args:
        axes: The panel.
        names: As `wrap` returns each.
        bounds: Limits of what is measured.
    """
    axes.grid(visible=False, axis="y")
    axes.grid(axis="x", color=GRID, linewidth=0.8)
    axes.set_xlim(*bounds)
    axes.set_ylim(max(len(names), 1) - 0.5, -0.5)
    axes.set_yticks([])
    for place, lines in enumerate(names):
        for number, line in enumerate(lines):  # one by one, so that any font aligns them right
            axes.annotate(
                line,
                (0, place),
                xycoords=axes.get_yaxis_transform(),
                xytext=(-8, ((len(lines) - 1) / 2 - number) * NAME_PITCH),
                textcoords="offset points",
                ha="right",
                va="center",
                color=INK,
                parse_math=False,
            )


def write_beside(axes: Axes, place: float, *lines: tuple[str, Style]) -> None:
    """Write up to two short lines right of a row, each a text and its style."""
    for number, (text, style) in enumerate(lines):
        axes.annotate(
            text,
            (1, place),
            xycoords=axes.get_yaxis_transform(),
            xytext=(10, 0 if len(lines) == 1 else 6 - 12 * number),
            textcoords="offset points",
            va="center",
            parse_math=False,
            **style,
        )


def most_ticks(axes: Axes) -> int:
    """Return how many numbers have room on the x axis."""
    return max(2, int(axes.bbox.width // TICK_ROOM))
