"""Numbers and names as text: one format for each kind of number, on the whole page.

Names come from the user's files. Characters that change what stands beside them (control
characters, direction overrides, half a surrogate pair) are replaced; nothing is escaped here,
since the template does that.
"""

import math
import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Final, TypeGuard

MISSING: Final = "\u2013"
MINUS: Final = "\u2212"
REPLACEMENT: Final = "\ufffd"
JOINERS: Final = "\u200c\u200d"  # format characters that spell words and emoji
LONGEST_NAME: Final = 80
ENDS: Final = "{low} to {high}"
INTERVAL: Final = f"95 % interval {ENDS}"
NO_INTERVAL: Final = "no interval"
# Hebrew, Arabic and their neighbours, with what joins the words of a name.
_RIGHT_TO_LEFT: Final = "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff]+"
_RUN: Final = re.compile(f"{_RIGHT_TO_LEFT}(?:[ _-]+{_RIGHT_TO_LEFT})*")


def clean(text: str) -> str:
    """Replace the characters that would break a page or the text around them.

    Args:
        text: Anything from the user: a column's name, a label, the reason of a failure.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_clean_character(character) for character in text)


def isolate(text: str) -> str:
    """Keep the words of a sentence in their order around names that run from right to left.

    Without that, a number after such a name moves to its other side: "name 0.93" reads "0.93 name".

    Args:
        text: Cleaned; each such name in it is put between Unicode's isolates, which show nothing.
    """
    return text if text.isascii() else _RUN.sub("\u2068\\g<0>\u2069", text)


def shorten(text: str, limit: int = LONGEST_NAME) -> str:
    """Clean a text and cut it to ``limit`` characters, the last being an ellipsis if it was cut."""
    cleaned = clean(text)
    return cleaned if len(cleaned) <= limit else cleaned[: limit - 1].rstrip() + "…"


def score(value: float | None) -> str:
    """Write a score: three decimals, fewer where R² is far from its usual range."""
    if not is_number(value):
        return MISSING
    size = abs(value)
    decimals = 3 if size < 10 else 1 if size < 1000 else 0
    return _signed(f"{value:,.{decimals}f}")


def loss(value: float | None) -> str:
    """Write a loss or another positive quantity to three significant digits."""
    if not is_number(value):
        return MISSING
    if value == 0:
        return "0"
    size = abs(value)
    if size >= 1e6 or size < 1e-4:
        return _signed(f"{value:.2e}")
    decimals = max(0, 2 - math.floor(math.log10(size)))
    return _signed(f"{value:,.{decimals}f}")


def between(low: object, high: object, write: Callable[[float | None], str] = loss) -> str:
    """Write an interval, or that there is none."""
    if not (is_number(low) and is_number(high)):
        return NO_INTERVAL
    return INTERVAL.format(low=write(low), high=write(high))


def ends(low: float, high: float, write: Callable[[float | None], str] = score) -> str:
    """Write an interval as a table does, which says elsewhere what it is."""
    return ENDS.format(low=write(low), high=write(high))


def aligned(values: Sequence[float], *, digits: int = 3) -> Callable[[float | None], str]:
    """Choose one format for numbers that stand below each other, so that they line up.

    Args:
        values: All of them; those that are not finite do not count.
        digits: Significant digits of the largest.

    Returns:
        A function that writes one of them: with the same decimals for all, no more than they need;
        or each to three significant digits, where the smallest would lose all but one.
    """
    sizes = [abs(float(value)) for value in values if is_number(value) and value]
    if all(size.is_integer() for size in sizes):
        return lambda value: setting(float(value)) if is_number(value) else MISSING
    decimals = max(0, digits - 1 - math.floor(math.log10(max(sizes))))
    if min(sizes) < 10.0 ** (1 - decimals):
        return lambda value: setting(float(value)) if is_number(value) else MISSING
    while decimals and all(_is_exact(size, decimals - 1) for size in sizes):
        decimals -= 1
    return lambda value: _signed(f"{value:,.{decimals}f}") if is_number(value) else MISSING


def p_value(value: object) -> str:
    """Write a p value; ``none`` where nothing was tested."""
    if not is_number(value):
        return "none"
    return "below 0.001" if value < 0.001 else loss(value)


def setting(value: object) -> str:
    """Write a hyperparameter's value: numbers to three significant digits, the rest as it is."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return shorten(str(value))
    if not is_number(value):
        return MISSING
    if float(value).is_integer() and abs(value) < 1e9:
        return count(int(value))
    return _signed(f"{value:.3g}")


def choice(value: object) -> str:
    """Name a value that was chosen from a list, the same for ``64`` and ``64.0``."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def count(value: float | None) -> str:
    """Write a whole number with thousands separated."""
    return f"{round(value):,}" if is_number(value) else MISSING


def plural(number: int, noun: str) -> str:
    """Write a count with its noun, such as ``1 trial`` or ``3 trials``."""
    return f"{count(number)} {noun}" if number == 1 else f"{count(number)} {noun}s"


def seconds(value: float | None) -> str:
    """Write a duration in the two largest units that matter."""
    if not is_number(value):
        return MISSING
    if value < 10:
        return f"{value:.1f} s"
    whole = round(value)
    if whole < 100:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600:,} h {whole % 3600 // 60} min"


def join(words: Sequence[str]) -> str:
    """Join words as a sentence does: ``a``, ``a and b``, ``a, b and c``."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def is_number(value: object) -> TypeGuard[float]:
    """Tell whether a value is a finite number."""
    try:
        return value is not None and math.isfinite(value)  # type: ignore[arg-type]  # tried here
    except (TypeError, ValueError):
        return False


def _is_exact(value: float, decimals: int) -> bool:
    return math.isclose(round(value, decimals), value, rel_tol=1e-9)


def _signed(text: str) -> str:
    """Write a true minus sign, and none before a number that was rounded to zero."""
    if not text.strip("-0.,"):
        return text.removeprefix("-")
    return text.replace("-", MINUS)


def _clean_character(character: str) -> str:
    if character in "\n\t":
        return " "
    if character in JOINERS or unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Cn"}:
        return character
    return REPLACEMENT
