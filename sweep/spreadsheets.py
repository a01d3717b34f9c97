"""Tables that a spreadsheet may open: no cell of them is taken for a formula."""

from typing import Final

import pandas as pd

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


def formula_safe(table: pd.DataFrame) -> pd.DataFrame:
    """Quote text that a spreadsheet would run as a formula, in cells and in column names.

    Args:
        table: Any table; numbers stay numbers.

    Returns:
        A copy in which such text begins with an apostrophe.
    """
    safe = table.rename(columns=_quote)
    for name in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[name]):
            safe[name] = safe[name].map(_quote)
    return safe


def _quote(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value
