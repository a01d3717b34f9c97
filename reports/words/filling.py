"""Fill a template with the values of a finding.

A field names a value and how it is written: ``{gap:loss}``. ``{gap:loss ±}`` writes it with its
interval, ``{gap:loss interval}`` its interval alone; the ends are ``gap_low`` and ``gap_high``, or
``low`` and ``high``. A way of writing that is none of `WRITERS` is a noun: ``{seeds:fresh seed}``.
"""

import math
import string
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from reports import wording

Values: TypeAlias = Mapping[str, Any]
Words: TypeAlias = tuple[str, str]
"""The templates of a sentence and of what to do next; ``""`` for nothing to do."""
Entry: TypeAlias = Words | Callable[[Values], Words]
Write: TypeAlias = Callable[[Any], str]

MANY: Final = 100  # times as many rows: beyond, the exact number helps nobody
FORMATTER: Final = string.Formatter()


def _plain(value: object) -> str:
    return value if isinstance(value, str) else wording.count(value)  # type: ignore[arg-type]  # a number


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if wording.is_number(share) else wording.MISSING


def _times(factor: float) -> str:
    return f"{math.ceil(factor)}" if factor <= MANY else f"more than {MANY}"


WRITERS: Final[Mapping[str, Write]] = {
    "": _plain,
    "argument": str,
    "list": wording.join,
    "loss": wording.loss,
    "setting": wording.setting,
    "percent": _percent,
    "times": _times,
}


def fill(template: str, values: Values) -> tuple[str, ...]:
    """Fill a template.

    Args:
        template: See above.
        values: By name; ``score`` is the `RunScore` that writes what is written as a score.

    Returns:
        The words, and between each two of them what was filled in: an odd number of pieces.
    """
    return tuple(_pieces(template, values, None))


def _pieces(template: str, values: Values, write: Write | None) -> list[str]:
    pieces = [""]
    for words, field, how, _ in FORMATTER.parse(template):
        pieces[-1] += words
        if field is not None:
            first, *rest = _written(field, how or "", values, write)
            pieces[-1] += first
            pieces += rest
    return pieces


def _written(field: str, how: str, values: Values, write: Write | None) -> list[str]:
    if how.endswith(" ±"):
        how = how.removesuffix(" ±")
        return _pieces(f"{{{field}:{how}}} ({{{field}:{how} interval}})", values, write)
    if how.endswith(" interval"):
        ends = [values.get(f"{field}_{end}", values.get(end)) for end in ("low", "high")]
        if not all(map(wording.is_number, ends)):
            return [wording.NO_INTERVAL]
        known = dict(zip(("low", "high"), ends, strict=True))
        return _pieces(wording.INTERVAL, known, _writer(how.removesuffix(" interval"), values))
    value = FORMATTER.get_field(field, (), values)[0]
    return ["", (write or _writer(how, values))(value), ""]


def _writer(how: str, values: Values) -> Write:
    if how == "score":
        write: Write = values["score"].write
        return write
    return WRITERS[how] if how in WRITERS else lambda number: wording.plural(number, how)
