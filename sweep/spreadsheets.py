"""Tables that a spreadsheet may open: no cell of them is taken for a formula."""

import re
from typing import Final

import pandas as pd

FORMULA_STARTS: Final = (
    "=", "+", "-", "@", "\t", "\r", "\n",
    "\uff1d", "\uff0b", "\uff0d", "\uff20",  # the same in full width, which some take for them
)  # fmt: skip
NUMBER: Final = re.compile(r"[+-]([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")


def formula_safe(table: pd.DataFrame) -> pd.DataFrame:
    """Quote text that a spreadsheet would run as a formula, in cells and in column names.

    Args:
        table: Any table; numbers stay numbers, also those that are text, such as a class -1.

    Returns:
        A copy in which such text begins with an apostrophe, and lines within a text end with a
        line feed: a carriage return is not quoted in CSV, so what follows it would be a row.
    """
    safe = table.rename(columns=_quote)
    for name in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[name]):
            safe[name] = safe[name].map(_quote)
    return safe


def _quote(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    is_formula = text.startswith(FORMULA_STARTS) and not NUMBER.fullmatch(text)
    return f"'{text}" if is_formula else text
