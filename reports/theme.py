"""Colours and marks: one of each for every idea, the same on the whole page.

Figures are drawn in the light colours. On the page a style sheet replaces each of them by a
variable, so that one drawing serves light and dark; a figure saved alone keeps the light ones.
Ideas are told apart by mark or line as well, never by colour alone. Colours start from Okabe and
Ito's palette (2008) and are moved until each has a contrast of 3:1 on its background.
"""

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Final


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Ink:
    """Hold the colour of one idea, as ``#rrggbb``, on a light and on a dark page."""

    light: str
    dark: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Hold how trials of one verdict are drawn.

    Attributes:
        ink: The idea in ``INKS`` that gives the colour.
        marker: Matplotlib's marker.
        glyph: The same mark as a character, for text.
        hollow: Whether only its outline is drawn.
    """

    ink: str
    marker: str
    glyph: str
    hollow: bool = False


INKS: Final[dict[str, Ink]] = {
    "surface": Ink(light="#ffffff", dark="#161a20"),
    "ink": Ink(light="#1d2530", dark="#e8ebf0"),
    "muted": Ink(light="#5b6675", dark="#9aa5b5"),
    "grid": Ink(light="#e3e7ed", dark="#2b323c"),
    "train": Ink(light="#0a6ebd", dark="#58b0f0"),
    "validation": Ink(light="#c65102", dark="#ff9a4d"),
    "test": Ink(light="#7a3fb0", dark="#c297f2"),
    "baseline": Ink(light="#66707e", dark="#8e99a8"),
    "fits": Ink(light="#00805f", dark="#35c79b"),
    "overfits": Ink(light="#c4206f", dark="#ff78b4"),
    "underfits": Ink(light="#8a6a00", dark="#dcb83c"),
    "undecided": Ink(light="#7c8694", dark="#818c9b"),
    "failed": Ink(light="#b3261e", dark="#ff8a80"),
}

# Arms, optimizers, widths: hues apart from those of train and validation, in an order in which the
# first four are also far apart for the colour-blind.
SERIES_INKS: Final[dict[str, Ink]] = {
    "series-1": Ink(light="#308070", dark="#289858"),
    "series-2": Ink(light="#8058e8", dark="#a080e8"),
    "series-3": Ink(light="#581020", dark="#f8b8d0"),
    "series-4": Ink(light="#787830", dark="#f0f078"),
    "series-5": Ink(light="#182078", dark="#c8b8f8"),
    "series-6": Ink(light="#682000", dark="#c07820"),
    "series-7": Ink(light="#406840", dark="#c0f8b0"),
    "series-8": Ink(light="#0078a0", dark="#1890a8"),
}

# One hue from faint to strong, in even steps of lightness (CIE L*: 15 on a light page, 12 on a dark
# one), for cells with their number in them: text in the ink is legible on the first three steps,
# text in the colour of the page on the others.
RAMP_INKS: Final[dict[str, Ink]] = {
    "ramp-1": Ink(light="#cfedfa", dark="#113441"),
    "ramp-2": Ink(light="#81c8e5", dark="#085267"),
    "ramp-3": Ink(light="#3aa1c3", dark="#06718d"),
    "ramp-4": Ink(light="#007998", dark="#2191b3"),
    "ramp-5": Ink(light="#00536a", dark="#4fb1d4"),
    "ramp-6": Ink(light="#002e3c", dark="#89d0ed"),
}
RAMP: Final = tuple(RAMP_INKS)
RAMP_TEXTS: Final = ("ink", "ink", "ink", "surface", "surface", "surface")
SWEEP_INKS: Final = INKS | SERIES_INKS | RAMP_INKS

MARKS: Final[dict[str, Mark]] = {
    "fits": Mark(ink="fits", marker="o", glyph="●"),
    "overfits": Mark(ink="overfits", marker="^", glyph="▲"),
    "overtrained": Mark(ink="overfits", marker=">", glyph="▶"),
    "underfits": Mark(ink="underfits", marker="v", glyph="▼"),
    "undertrained": Mark(ink="underfits", marker="<", glyph="◀"),
    "undecided": Mark(ink="undecided", marker="s", glyph="■"),
    "pruned": Mark(ink="muted", marker="D", glyph="◇", hollow=True),
    "diverged": Mark(ink="failed", marker="x", glyph="✕"),
    "failed": Mark(ink="failed", marker="+", glyph="✚"),
}

MEASURED_MARKS: Final[dict[str, Mark]] = {
    "train": Mark(ink="train", marker="s", glyph="■"),
    "validation": Mark(ink="validation", marker="o", glyph="●"),
    "gap": Mark(ink="ink", marker="D", glyph="◆"),
}

SERIES_MARKS: Final = tuple(
    Mark(ink=ink, marker=marker, glyph=glyph)
    for ink, (marker, glyph) in zip(
        SERIES_INKS,
        (("o", "●"), ("s", "■"), ("^", "▲"), ("D", "◆"), ("v", "▼"), ("P", "✚"), ("X", "✖"),
         ("*", "★")),
        strict=True,
    )
)  # fmt: skip

OUTLINES: Final = str.maketrans("●■▲◆▼✚✖★", "○□△◇▽✛✕☆")

COMPARISON_MARKS: Final[dict[str, Mark]] = {
    "better": Mark(ink="fits", marker="o", glyph="●"),
    "worse": Mark(ink="overfits", marker="D", glyph="◆"),
    "equivalent": Mark(ink="ink", marker="s", glyph="■"),
    "undecided": Mark(ink="muted", marker="o", glyph="●", hollow=True),
}

UNUSABLE: Final = ("diverged", "failed")
UNJUDGED: Final = ("pruned", *UNUSABLE)  # outcomes that stand in the place of a verdict


def colour(idea: str) -> str:
    """Return the light colour of an idea, as ``#rrggbb``."""
    return SWEEP_INKS[idea].light


def series_marks(names: Iterable[str]) -> dict[str, Mark]:
    """Give each series its mark: train, validation and gap their own, the others one in turn.

    Args:
        names: Names of series; those that come first get the marks that differ most. From the
            ninth on marks come again, hollow.
    """
    others = [name for name in dict.fromkeys(names) if name not in MEASURED_MARKS]
    given = dict(MEASURED_MARKS)
    for place, name in enumerate(others):
        mark = SERIES_MARKS[place % len(SERIES_MARKS)]
        given[name] = dataclasses.replace(mark, hollow=place // len(SERIES_MARKS) % 2 == 1)
    return given


def value_marks(parameters: Mapping[str, Iterable[object]]) -> dict[tuple[str, str], Mark]:
    """Give each value of each hyperparameter its mark, the same in every figure of a page.

    Args:
        parameters: The values of each hyperparameter. Marks go round: the first eight values of all
            are told apart by colour and shape, the next eight are those hollow.

    Returns:
        By hyperparameter and value, as text.
    """
    pairs = [(name, str(value)) for name, values in parameters.items() for value in values]
    return {
        pair: dataclasses.replace(
            SERIES_MARKS[place % len(SERIES_MARKS)], hollow=place // len(SERIES_MARKS) % 2 == 1
        )
        for place, pair in enumerate(dict.fromkeys(pairs))
    }


def mark_of(verdict: str) -> Mark:
    """Return the mark of a verdict; a verdict that is not known is drawn as undecided."""
    return MARKS.get(verdict, MARKS["undecided"])


def glyph(mark: Mark) -> str:
    """Return a mark as a character, its outline if it is hollow."""
    return mark.glyph.translate(OUTLINES) if mark.hollow else mark.glyph


def style_sheet(inks: Mapping[str, Ink] = INKS) -> str:
    """Return the CSS that defines the colours and recolours the figures through them.

    Args:
        inks: The ideas of the page; those of the verdicts are always among them.
    """
    light = _variables({name: ink.light for name, ink in inks.items()})
    dark = _variables({name: ink.dark for name, ink in inks.items()})
    by_system = f':root:not([data-theme="light"]){{color-scheme:dark;{dark}}}'
    by_button = f':root[data-theme="dark"]{{color-scheme:dark;{dark}}}'
    rules = [
        f":root{{color-scheme:light;{light}}}",
        f"@media screen and (prefers-color-scheme:dark){{{by_system}}}",
        f"@media screen{{{by_button}}}",
    ]
    for name, ink in inks.items():
        rules.append(f'svg [fill="{ink.light}"]{{fill:var(--{name})}}')
        rules.append(f'svg [stroke="{ink.light}"]{{stroke:var(--{name})}}')
    rules.extend(f".mark-{verdict}{{color:var(--{mark.ink})}}" for verdict, mark in MARKS.items())
    if inks is not INKS:
        rules.extend(f".ink-{name}{{color:var(--{name})}}" for name in inks)
    return "\n".join(rules)


def _variables(colours: dict[str, str]) -> str:
    return ";".join(f"--{name}:{value}" for name, value in colours.items())
