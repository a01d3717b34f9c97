"""Tables that a spreadsheet may open: no cell of them is taken for a formula."""

import re
from typing import Final

import pandas as pd

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
NUMBER: Final = re.compile(r"[+-]([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


def formula_safe(table: pd.DataFrame) -> pd.DataFrame:
    """Quote text that a spreadsheet would run as a formula, in cells and in column names.

    Args:
        table: Any table; numbers stay numbers, also those that are text, such as a class -1.

    Returns:
        A copy in which such text begins with an apostrophe.
    """
    safe = table.rename(columns=_quote)
    for name in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[name]):
            safe[name] = safe[name].map(_quote)
    return safe


def _quote(value: object) -> object:
    if not isinstance(value, str) or not value.startswith(FORMULA_STARTS):
        return value
    return value if NUMBER.fullmatch(value) else f"'{value}"
