"""Where the panels of one figure stand when they share a sheet. All lengths are in points."""

import dataclasses
from collections.abc import Sequence
from typing import Final

from reports.drawing import canvas

COLUMNS: Final = 3
BETWEEN: Final = 16.0
WIDEST: Final = COLUMNS * canvas.WIDTH + (COLUMNS - 1) * BETWEEN

Size = tuple[float, float]  # width and height
Place = tuple[float, float]  # of an upper left corner, from that of the sheet


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Hold where panels stand.

    Attributes:
        places: One a panel, in their order.
        width: Of the whole.
        height: Of the whole.
    """

    places: tuple[Place, ...]
    width: float
    height: float


def lay_out(sizes: Sequence[Size]) -> Sheet:
    """Put panels side by side, in rows as wide as three ordinary ones.

    Args:
        sizes: Of the panels, in their order; at least one.
    """
    places: list[Place] = []
    left = top = high = widest = 0.0
    for width, height in sizes:
        if left and left + width > WIDEST:
            left, top, high = 0.0, top + high + BETWEEN, 0.0
        places.append((left, top))
        widest, high = max(widest, left + width), max(high, height)
        left += width + BETWEEN
    return Sheet(places=tuple(places), width=widest, height=top + high)


def put_below(sheet: Sheet, size: Size) -> Sheet:
    """Add one more panel, in a row of its own."""
    place = (0.0, sheet.height + BETWEEN)
    return Sheet(
        places=(*sheet.places, place),
        width=max(sheet.width, size[0]),
        height=place[1] + size[1],
    )
