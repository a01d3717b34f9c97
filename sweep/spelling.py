"""Guess which of the known names a misspelt one stands for."""

import difflib
from collections.abc import Iterable


def closest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that is most like a wrong one, whatever its case; None if none is.

    Args:
        name: What was written.
        known: What could have been meant.
    """
    by_folded = {option.casefold(): option for option in known}
    matches = difflib.get_close_matches(name.casefold(), by_folded, n=1)
    return by_folded[matches[0]] if matches else None
