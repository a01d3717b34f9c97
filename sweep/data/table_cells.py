"""The cells of a column: as texts, as numbers in the notation of their file, as exact floats."""

from collections.abc import Iterable
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api import types

from sweep.data.dataset import Column
from sweep.data.names import RowPlaces, listed, printable, quoted
from sweep.data.table_numbers import (
    MOST_LIMITS,
    Decimal,
    NumberReading,
    beyond_float32,
    drop_missing_words,
    read_numbers,
)
from sweep.errors import DataError

TRUTH: Final = {"true": True, "false": False}
EXACT: Final = 2**53  # whole numbers beyond it are not all in float64


def as_texts(raw: pd.Series) -> pd.Series:
    """Return a column as texts; an empty text counts as missing, and 1.0 is written as 1.

    Args:
        raw: A column of any type.
    """
    if types.is_float_dtype(raw.dtype):  # that they are not integers is for the missing ones
        present = raw.dropna().to_numpy(dtype=np.float64)
        if (np.abs(present) < EXACT).all() and (present == np.round(present)).all():
            raw = raw.astype("Int64")
    texts = raw.astype("str")
    lost = (texts == "") | raw.isna()
    return texts.mask(lost) if lost.any() else texts


def holds_texts(raw: pd.Series) -> bool:
    """Return whether a column holds texts, or objects that may be such."""
    return bool(types.is_string_dtype(raw.dtype) or types.is_object_dtype(raw.dtype))


def drop_words(texts: pd.Series, words: Iterable[str]) -> pd.Series:
    """Return texts without words for missing: those everywhere, and some of a column's own."""
    cleared = drop_missing_words(texts)
    return cleared.mask(cleared.isin(list(words))) if words else cleared


def read_cells(
    texts: pd.Series,
    name: str,
    places: RowPlaces,
    decimal: Decimal | None,
    *,
    most_limits: float = MOST_LIMITS,
) -> NumberReading:
    """Read cells as numbers.

    Args:
        texts: The cells, without words for missing.
        name: Of the column.
        places: Where the rows stand, for messages.
        decimal: The decimal mark; None where there is no telling.
        most_limits: See `read_numbers`.

    Raises:
        DataError: There is no telling.
    """
    if decimal is not None:
        return read_numbers(texts, decimal, most_limits=most_limits)
    has_comma = texts.str.contains(",", regex=False).fillna(value=False)
    name_of = "comma" if has_comma.any() else "point"
    first = str(texts[has_comma if has_comma.any() else texts.notna()].iloc[0])
    raise DataError(
        places.fault(
            f"{naming(name)}: {quoted(first)} may be written with a decimal {name_of} or {name_of}s"
            " between thousands; say which with --decimal , or --decimal ."
        )
    )


def find_origin(values: pd.Series, raw: pd.Series) -> int:
    """Return the least of whole numbers that float64 does not hold exactly; else 0."""
    if not (np.abs(values.to_numpy(dtype=np.float64, na_value=np.nan)) > EXACT).any():
        return 0
    whole = _whole(raw)
    return 0 if whole is None else min(number for number in whole if number is not None)


def _whole(raw: pd.Series) -> list[int | None] | None:
    """Return integers, or texts of digits alone, as Python's integers, which are exact."""
    if not (types.is_integer_dtype(raw.dtype) or holds_texts(raw)):
        return None
    try:
        return [
            None if missing else int(value) for value, missing in zip(raw, raw.isna(), strict=True)
        ]
    except ValueError:
        return None


def as_floats(
    values: pd.Series, column: Column, places: RowPlaces, raw: pd.Series | None = None
) -> NDArray[np.float64]:
    """Return numbers as float64 less the column's origin.

    Raises:
        DataError: One is infinite or beyond float32; all rows are counted.
    """
    numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = beyond_float32(numbers)
    if wrong.any():
        first = printable(str((values if raw is None else raw)[wrong].iloc[0]))
        raise DataError(
            places.fault(
                f"{naming(column.name)}: {first} is infinite or beyond float32 "
                f"({places.of(wrong)}); leave the cell empty, or rescale the column"
            )
        )
    if not column.origin:
        return numbers
    whole = _whole(values if raw is None else raw)
    if whole is None:
        return numbers - column.origin
    return np.array([np.nan if one is None else float(one - column.origin) for one in whole])


def refuse_cells(
    wrong: NDArray[np.bool_],
    texts: pd.Series,
    name: str,
    places: RowPlaces,
    kind: str,
    advice: str = "",
) -> None:
    """Refuse cells of another kind.

    Raises:
        DataError: There is one.
    """
    if wrong.any():
        samples = listed(dict.fromkeys(map(str, texts[wrong].head(3))))
        raise DataError(
            places.fault(
                f"{naming(name)}: {samples} among {kind} ({places.of(wrong)}); write a {kind[:-1]},"
                f" or leave the cell empty{advice}"
            )
        )


def naming(name: str) -> str:
    """Return how messages name a column."""
    return f"column {quoted(name)}"
