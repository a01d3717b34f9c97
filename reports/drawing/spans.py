"""Name stretches of an x axis above the panel: regions of sizes, stages of a run."""

from collections.abc import Sequence
from typing import Final

from matplotlib.axes import Axes

from reports import wording
from reports.drawing import canvas

Span = tuple[str, tuple[float, float], str]  # name, both ends in data units, colour

CHARACTER: Final = 5.4  # about the width of one in a name, in points
APART: Final = 68.0  # between the middles of two names, in points
LONGEST: Final = 30


def name_spans(axes: Axes, names: Sequence[Span]) -> None:
    """Write each name above the middle of its stretch, apart from the others, inside the axes.

    Args:
        axes: The panel, its limits and scales set.
        names: Name, both ends and colour of each stretch, from left to right.
    """
    share = axes.transScale + axes.transLimits
    level, length = axes.get_ylim()[1], float(axes.bbox.width)
    middles = [
        float(share.transform([(edge, level) for edge in edges])[:, 0].mean()) * length
        for _, edges, _ in names
    ]
    texts = [wording.shorten(name, LONGEST) for name, _, _ in names]
    half = max(map(len, texts), default=0) * CHARACTER / 2
    places = canvas.spread(middles, APART, (half, length - half))
    for text, place, (_, _, ink) in zip(texts, places, names, strict=True):
        axes.annotate(
            text,
            (place / length, 1),
            xycoords="axes fraction",
            xytext=(0, 3),
            textcoords="offset points",
            ha="center",
            va="bottom",
            color=ink,
            fontsize=canvas.SMALL_SIZE,
            fontweight="bold",
            parse_math=False,
        )
