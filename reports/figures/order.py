"""The figures of a sweep, in the order in which they are read."""

import contextlib
import importlib
from typing import Final

from reports.content import SweepContent
from reports.drawing.figure import FigureValue, Guard, Section, draw

FIGURES: Final = (
    "scores", "winner", "capacity", "fit-map", "importance", "settings", "parallel", "rate-bands",
    "shapes", "heat-map", "best-of", "chosen", "pruning", "timeline",
)  # fmt: skip
"""Each is a module of this folder, whose ``figure`` makes it from the content, or None."""


def sweep_sections(content: SweepContent, guard: Guard = contextlib.nullcontext) -> list[Section]:
    """Draw the figures of a sweep.

    Args:
        content: The run.
        guard: What each is drawn in, given its name: it may end without it.
    """
    drawn = []
    for name in FIGURES:
        with guard(f"figure.{name}"):
            made = make_figure(name, content)
            if made is not None:
                drawn.append(draw(made))
    return drawn


def make_figure(name: str, content: SweepContent) -> FigureValue | None:
    """Make one figure of a sweep.

    Args:
        name: One of `FIGURES`.
        content: The run.

    Returns:
        The figure, or None where the run has nothing to show in it.

    Raises:
        ValueError: There is no such figure.
    """
    if name not in FIGURES:
        msg = f"{name!r} is no figure of a sweep"
        raise ValueError(msg)
    module = importlib.import_module(f"reports.figures.{name.replace('-', '_')}")
    made: FigureValue | None = module.figure(content)
    return made
