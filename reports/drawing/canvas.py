"""An empty panel in the report's style: sizes, frames, grids, labels that keep apart.

One figure is one panel, small enough to be read on a phone and laid out in columns elsewhere.
Sizes are in points, which are the units of the drawing's view box.
"""

import functools
import itertools
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeAlias

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, MaxNLocator, NullLocator
from matplotlib.transforms import Transform

from reports import theme, wording

if TYPE_CHECKING:
    import pandas as pd

P = ParamSpec("P")
Values: TypeAlias = "Sequence[float] | pd.Series[float]"

WIDTH: Final = 360.0
HEIGHT: Final = 252.0
LEFT: Final = 46.0
RIGHT: Final = 14.0
TOP: Final = 54.0
BOTTOM: Final = 38.0
TITLE_SIZE: Final = 12.5
TEXT_SIZE: Final = 10.8
SMALL_SIZE: Final = 9.4
CHARACTER: Final = 6.6  # about the width of one, where room is reckoned with
BOLD_CHARACTER: Final = 7.4
DOT: Final = 5.5

_MACHINE = ("backend", "backend_fallback", "interactive", "toolbar", "timezone", "webagg")
STYLE: Final[dict[str, Any]] = {
    **{
        key: value
        for key, value in mpl.rcParamsDefault.items()
        if not key.startswith((*_MACHINE, "savefig.directory", "date.", "keymap.", "animation."))
    },
    "axes.edgecolor": theme.colour("muted"),
    "axes.labelcolor": theme.colour("muted"),
    "axes.linewidth": 0.8,
    "font.size": TEXT_SIZE,
    "svg.fonttype": "none",
    "svg.hashsalt": "fitgap",
    "text.color": theme.colour("ink"),
    "text.parse_math": False,
    "xtick.color": theme.colour("muted"),
    "ytick.color": theme.colour("muted"),
}


def in_style(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """Draw in the report's style, whatever the caller's settings are, and leave those alone."""

    @functools.wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> Figure:
        with mpl.rc_context(STYLE):
            return draw(*args, **kwargs)

    return drawn


def new_panel(
    title: str,
    subtitle: str = "",
    *,
    left: float = LEFT,
    right: float = RIGHT,
    top: float = TOP,
    height: float = HEIGHT,
) -> tuple[Figure, Axes]:
    """Make a figure with one titled, framed axes.

    Args:
        title: What is drawn.
        subtitle: Its unit, or a remark.
        left: Room left of the axes, in points.
        right: Room right of the axes, in points.
        top: Room above the axes, in points.
        height: Height of the whole, in points.
    """
    figure = Figure(figsize=(WIDTH / 72, height / 72), dpi=72, facecolor=theme.colour("surface"))
    box = (
        left / WIDTH,
        BOTTOM / height,
        1 - (left + right) / WIDTH,
        1 - (top + BOTTOM) / height,
    )
    axes = figure.add_axes(box, facecolor="none")
    frame(axes)
    heading: dict[str, Any] = {"fontsize": TITLE_SIZE, "fontweight": "bold", "parse_math": False}
    figure.text(4 / WIDTH, 1 - 14 / height, wording.shorten(title, 40), **heading)
    if subtitle:
        remark: dict[str, Any] = {
            "fontsize": TEXT_SIZE,
            "color": theme.colour("muted"),
            "parse_math": False,
        }
        figure.text(4 / WIDTH, 1 - 29 / height, wording.shorten(subtitle, 58), **remark)
    return figure, axes


def frame(axes: Axes) -> None:
    """Leave of the frame the line below, and rule the panel across."""
    axes.set_facecolor("none")
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0, pad=5)
    axes.tick_params(axis="x", length=3, width=0.8, pad=4)
    axes.grid(axis="y", color=theme.colour("grid"), linewidth=0.8)
    axes.set_axisbelow(True)


def finish(axes: Axes, x_name: str) -> None:
    """Name the x axis and drop the names that a drawing function may have left."""
    axes.set_ylabel("")
    axes.set_xlabel(
        wording.shorten(x_name, 60), loc="right", parse_math=False, fontsize=TEXT_SIZE, labelpad=4
    )
    legend = axes.get_legend()
    if legend is not None:
        legend.remove()


def number_axis(
    axes: Axes, which: str, *, whole: bool = False, floor: float = -math.inf, most: int = 6
) -> None:
    """Put round numbers on an axis, with thousands separated.

    Args:
        axes: The panel, its limits set.
        which: ``x`` or ``y``.
        whole: Whether only whole numbers make sense.
        floor: No number stands below it.
        most: About how many there are at most.
    """
    axis = axes.xaxis if which == "x" else axes.yaxis
    low, high = axis.get_view_interval()
    rule = MaxNLocator(nbins=most, integer=whole, steps=[1, 2, 2.5, 5, 10])
    ticks = rule.tick_values(max(low, floor), high)
    shown = [tick for tick in ticks if max(low, floor) <= tick <= high]
    axis.set_major_locator(FixedLocator([tick for tick in shown if not whole or tick == int(tick)]))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: wording.setting(round(value, 9))))


def scaled_axis(axes: Axes, which: str, scale: str, **more: Any) -> None:  # noqa: ANN401 - of `number_axis`
    """Make an axis logarithmic, or put round numbers on it.

    Args:
        axes: The panel, its limits set.
        which: ``x`` or ``y``.
        scale: ``log`` or ``linear``.
        more: What `number_axis` takes.
    """
    if scale == "log":
        log_axis(axes, which)
    else:
        number_axis(axes, which, **more)


def log_axis(axes: Axes, which: str) -> None:
    """Make an axis logarithmic, with plain numbers at one to three places of each decade."""
    (axes.set_xscale if which == "x" else axes.set_yscale)("log")
    axis = axes.xaxis if which == "x" else axes.yaxis
    low, high = axes.get_xlim() if which == "x" else axes.get_ylim()
    axis.set_major_locator(LogLocator(subs=_steps(high / low)))
    if high / low < 5:  # which may have one place of a decade inside, or none
        ticks = MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
        axis.set_major_locator(FixedLocator([tick for tick in ticks if low <= tick <= high]))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: log_label(value)))


def value_ticks(axes: Axes, values: Sequence[float]) -> None:
    """Put the ticks of the x axis at given values, if their numbers keep apart.

    Args:
        axes: The panel, its limits, scale and ticks set.
        values: In any order; none leaves the ticks as they are.
    """
    write = log_label if axes.get_xscale() == "log" else wording.setting
    at = [float(axes.transData.transform((value, 1.0))[0]) for value in sorted(values)]
    half = [len(write(value)) * CHARACTER / 2 + 3 for value in sorted(values)]
    pairs = zip(itertools.pairwise(at), itertools.pairwise(half), strict=True)
    if values and all(right - left >= one + other for (left, right), (one, other) in pairs):
        axes.xaxis.set_major_locator(FixedLocator(sorted(values)))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: write(value)))


def _steps(ratio: float) -> tuple[float, ...]:
    if ratio > 1000:
        return (1.0,)
    return (1.0, 3.0) if ratio > 20 else (1.0, 2.0, 5.0)


def category_axis(axes: Axes, names: Sequence[str]) -> None:
    """Put names on the x axis; where they are many, only some of them."""
    step = -(-len(names) // 8)
    places = range(0, len(names), max(step, 1))
    axes.xaxis.set_major_locator(FixedLocator([float(place) for place in places]))
    room = max(4, 56 // max(len(places), 1))
    axes.set_xticklabels([wording.shorten(names[place], room) for place in places])
    for label in axes.get_xticklabels():
        label.set_parse_math(False)


def log_label(value: float) -> str:
    """Write a tick of a log axis: ``0.001``, ``500``, ``20 k``, ``3 M``."""
    for size, suffix in ((1e9, " G"), (1e6, " M"), (1e4, " k")):
        if value >= size:
            divisor = 1e3 if suffix == " k" else size
            return f"{value / divisor:.4g}{suffix}"
    return f"{value:.4g}" if value >= 1e-4 else f"{value:.0e}".replace("e-0", "e-")


def spread(places: Sequence[float], distance: float, bounds: tuple[float, float]) -> list[float]:
    """Move labels apart, as little as needed, and keep them within bounds.

    Args:
        places: Where each label would stand.
        distance: The least distance between two.
        bounds: The lowest and the highest place.
    """
    order = sorted(range(len(places)), key=lambda index: places[index])
    moved = [0.0] * len(places)
    floor = bounds[0]
    for index in order:
        moved[index] = max(places[index], floor)
        floor = moved[index] + distance
    ceiling = bounds[1]
    for index in reversed(order):
        moved[index] = min(moved[index], ceiling)
        ceiling = moved[index] - distance
    return moved


def label_ends(axes: Axes, labels: Sequence[tuple[str, float, theme.Mark, bool]]) -> None:
    """Write the name of each line beside its end, its mark before it if it bears one.

    Args:
        axes: The panel, its limits set.
        labels: Name, y in data units, mark of each line, and whether that is drawn.
    """
    low, high = axes.get_ylim()
    height, width = float(axes.bbox.height), float(axes.bbox.width)
    share = axes.transScale + axes.transLimits  # of the axes, whatever the scale
    at = [
        float(share.transform((axes.get_xlim()[1], min(max(y, low), high)))[1]) * height
        for _, y, *_ in labels
    ]
    for (name, _, mark, is_marked), place in zip(
        labels, spread(at, 14.0, (0.0, height)), strict=True
    ):
        up = place / height
        if is_marked:
            dots(axes, [1 + 9 / width], [up], mark, axes.transAxes)
        axes.text(
            1 + (17 if is_marked else 6) / width, up, name, transform=axes.transAxes, va="center",
            color=theme.colour(mark.ink), fontweight="bold", parse_math=False,
        )  # fmt: skip


def dot_size(mark: theme.Mark) -> float:
    """Return the size of a mark, in points: spiky ones are larger, to look as large as others."""
    return DOT + 2.5 if mark.marker in "*PX" else DOT


def dots(
    axes: Axes, x: Values, y: Values, mark: theme.Mark,
    transform: Transform | None = None,
) -> None:  # fmt: skip
    """Draw points with their mark.

    Args:
        axes: The panel.
        x: Where they stand.
        y: Where they stand.
        mark: Of their series.
        transform: Of the coordinates, if they are not the data's.
    """
    ink, surface = theme.colour(mark.ink), theme.colour("surface")
    style: dict[str, Any] = {"transform": transform or axes.transData, "clip_on": False}
    style |= {"markerfacecolor": surface if mark.hollow else ink, "zorder": 4}
    style |= {"markeredgecolor": ink if mark.hollow else surface}
    style |= {"markeredgewidth": 1.3 if mark.hollow else 0.6, "markersize": dot_size(mark)}
    axes.plot(x, y, linestyle="", marker=mark.marker, **style)


def crosses(axes: Axes, x: Values, y: Values, look: tuple[theme.Mark, Transform]) -> None:
    """Draw what has no result, in the colour of its series.

    Args:
        axes: The panel.
        x: Where they stand.
        y: Where they stand.
        look: The mark of their series, and the transform of the coordinates.
    """
    if not len(x):
        return
    mark, transform = look
    style: dict[str, Any] = {"color": theme.colour(mark.ink), "markersize": 5.5, "zorder": 5}
    axes.plot(x, y, "x", markeredgewidth=1.5, transform=transform, clip_on=False, **style)


def say_nothing(axes: Axes) -> None:
    """Say in an empty panel that it is empty."""
    style: dict[str, Any] = {"ha": "center", "va": "center", "color": theme.colour("muted")}
    axes.text(0.5, 0.5, "no result to draw", transform=axes.transAxes, **style)
