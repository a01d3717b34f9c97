"""Give each column of a table its kind: numbers, categories, truth values, dates or identifiers.

The rule for columns of text (CSV) is: a cell is missing if it is empty. A column is numeric if
every other cell is a number; there ``NaN``, ``NA``, ``N/A``, ``null``, ``None``, ``-`` and ``?``
are missing too, and a column of nothing else has no values. It is boolean if every cell is true or
false. All else are categories, in which ``NA`` or ``None`` is a category like any other.
"""

import dataclasses
import re
from typing import Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api import types

from sweep.data.names import RowPlaces, listed, printable, quoted
from sweep.data.table_numbers import NumberReading, beyond_float32, read_numbers
from sweep.errors import DataError

Understanding = Literal["numeric", "categorical", "boolean", "date", "missing"]

MISSING_WORDS: Final = frozenset({"nan", "na", "n/a", "null", "none", "-", "?"})
TRUTH: Final = {"true": True, "false": False}
NEARLY_ALL: Final = 0.9  # share of numbers from which a few other cells are taken for mistakes
MOSTLY: Final = 0.5
MANY_NUMBERS: Final = 20  # fewer different numbers than this may be codes

DATE: Final = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([T ].*)?|\d{1,2}[-/.]\d{1,2}[-/.](\d{2}|\d{4})( .*)?"
    r"|\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?"
)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class TypedColumn:
    """Hold a column and what it was understood to be.

    Attributes:
        name: As in the file.
        understanding: Its kind; ``date`` and ``missing`` (no cell has a value) are not learnt from.
        cells: float64 for numeric, ``boolean`` for boolean, ``str`` for all else; missing cells
            are NaN or NA.
        warnings: What a user should know.
    """

    name: str
    understanding: Understanding
    cells: pd.Series
    warnings: tuple[str, ...] = ()


def type_column(raw: pd.Series, name: str, places: RowPlaces) -> TypedColumn:
    """Find out what kind a column is and convert it.

    Args:
        raw: The column as the file has it.
        name: Its name.
        places: Where the rows stand, for messages.

    Raises:
        DataError: Numbers mixed with other things, written ambiguously, infinite or too large.
    """
    if not raw.notna().any():
        return TypedColumn(name=name, understanding="missing", cells=raw)
    if types.is_bool_dtype(raw.dtype):
        return TypedColumn(name=name, understanding="boolean", cells=raw.astype("boolean"))
    if types.is_numeric_dtype(raw.dtype):
        values = raw.to_numpy(dtype=np.float64, na_value=np.nan)
        return _numeric(name, values, raw, places)
    if types.is_datetime64_any_dtype(raw.dtype) or types.is_timedelta64_dtype(raw.dtype):
        return TypedColumn(name=name, understanding="date", cells=raw)
    return _type_texts(raw, name, places)


def as_texts(raw: pd.Series) -> pd.Series:
    """Return a column as texts; an empty text counts as missing.

    Args:
        raw: A column of texts, objects or categories.
    """
    texts = raw.astype("str")
    return texts.mask((texts == "") | raw.isna())


def read_numeric(raw: pd.Series, name: str, places: RowPlaces) -> NDArray[np.float64]:
    """Read a column that must be numeric, as it was when the network was trained.

    Args:
        raw: The column as the file has it.
        name: Its name.
        places: Where the rows stand, for messages.

    Returns:
        float64 [rows], NaN where a value is missing.

    Raises:
        DataError: A cell holds no number, or one that float32 cannot hold.
    """
    if types.is_bool_dtype(raw.dtype) or types.is_numeric_dtype(raw.dtype):
        values = raw.to_numpy(dtype=np.float64, na_value=np.nan)
    else:
        texts = drop_missing_words(as_texts(raw))
        reading = read_numbers(texts)
        refuse_ambiguous(reading, texts, name, places)
        if reading.unreadable.any():
            raise DataError(places.fault(explain_unreadable(reading, texts, name, places)))
        values = reading.numbers
    refuse_too_large(values, raw, name, places)
    return values


def read_boolean(raw: pd.Series, name: str, places: RowPlaces) -> pd.Series:
    """Read a column that must be boolean, as it was when the network was trained.

    Raises:
        DataError: A cell is neither true nor false.
    """
    if types.is_bool_dtype(raw.dtype):
        return raw.astype("boolean")
    if types.is_numeric_dtype(raw.dtype):
        raw = raw.astype("object").map({0: "false", 1: "true"}, na_action="ignore").astype("str")
    texts = drop_missing_words(as_texts(raw)).str.lower()
    wrong = (texts.notna() & ~texts.isin(TRUTH)).to_numpy()
    if wrong.any():
        raise DataError(
            places.fault(
                f"column {quoted(name)}: {quoted(str(raw[wrong].iloc[0]))} is neither true nor "
                f"false ({places.of(wrong)}); write true or false"
            )
        )
    return texts.map(TRUTH).astype("boolean")


def drop_missing_words(texts: pd.Series) -> pd.Series:
    """Return texts without the words that mean missing among numbers."""
    return texts.mask(texts.str.lower().isin(MISSING_WORDS))


def refuse_ambiguous(
    reading: NumberReading, texts: pd.Series, name: str, places: RowPlaces
) -> None:
    """Refuse numbers that two notations read differently.

    Raises:
        DataError: The reading is ambiguous.
    """
    if reading.ambiguous:
        first = str(texts[reading.unreadable & texts.str.contains("[^0-9+-]").to_numpy()].iloc[0])
        ways = " or ".join(reading.ambiguous)
        raise DataError(
            places.fault(
                f"column {quoted(name)}: {quoted(first)} may be written with {ways}; "
                "write numbers as 1234.5"
            )
        )


def refuse_too_large(
    values: NDArray[np.float64], raw: pd.Series, name: str, places: RowPlaces
) -> None:
    """Refuse numbers that are infinite or that float32 cannot hold.

    Raises:
        DataError: There is one; all rows are counted.
    """
    wrong = beyond_float32(values)
    if wrong.any():
        first = printable(str(raw[wrong].iloc[0]))
        raise DataError(
            places.fault(
                f"column {quoted(name)}: {first} is infinite or beyond float32 "
                f"({places.of(wrong)}); leave the cell empty, or rescale the column"
            )
        )


def explain_unreadable(
    reading: NumberReading, texts: pd.Series, name: str, places: RowPlaces
) -> str:
    """Say which cells are no numbers."""
    wrong = reading.unreadable
    samples = listed(dict.fromkeys(str(text) for text in texts[wrong].head(3)))
    return (
        f"column {quoted(name)}: {samples} among numbers ({places.of(wrong)}); "
        "write a number, or leave the cell empty"
    )


def _type_texts(raw: pd.Series, name: str, places: RowPlaces) -> TypedColumn:
    texts = as_texts(raw)
    present = texts.dropna()
    if present.str.lower().isin(MISSING_WORDS).all():  # none at all, or words for none
        return TypedColumn(name=name, understanding="missing", cells=texts)
    if present.str.lower().isin(TRUTH).all():
        values = texts.str.lower().map(TRUTH).astype("boolean")
        return TypedColumn(name=name, understanding="boolean", cells=values)
    if types.is_object_dtype(raw.dtype) or types.is_string_dtype(raw.dtype):
        typed = _type_numbers(texts, name, places)
        if typed is not None:
            return typed
    if all(DATE.fullmatch(text) for text in present.unique()):
        return TypedColumn(name=name, understanding="date", cells=texts)
    return TypedColumn(name=name, understanding="categorical", cells=texts)


def _type_numbers(texts: pd.Series, name: str, places: RowPlaces) -> TypedColumn | None:
    """Return the column as numbers, or None where it is one of categories."""
    cleared = drop_missing_words(texts)
    reading = read_numbers(cleared)
    refuse_ambiguous(reading, cleared, name, places)
    numbers = int(np.count_nonzero(~np.isnan(reading.numbers)))
    if numbers == 0:
        return None
    if not reading.unreadable.any():
        return _numeric(name, reading.numbers, texts, places, _warn_notation(reading, texts, name))
    share = numbers / (numbers + np.count_nonzero(reading.unreadable))
    distinct = len(np.unique(reading.numbers[~np.isnan(reading.numbers)]))
    if share >= NEARLY_ALL and distinct > MANY_NUMBERS:
        raise DataError(places.fault(explain_unreadable(reading, cleared, name, places)))
    if share < MOSTLY:
        return None
    warning = (
        f"column {quoted(name)}: numbers and other texts mixed "
        f"({listed([str(cleared[reading.unreadable].iloc[0])])}, {places.of(reading.unreadable)}); "
        "read as categories"
    )
    return TypedColumn(name=name, understanding="categorical", cells=texts, warnings=(warning,))


def _warn_notation(reading: NumberReading, texts: pd.Series, name: str) -> tuple[str, ...]:
    warnings = []
    if reading.notation:
        warnings.append(f"column {quoted(name)}: read as numbers with {reading.notation}")
    folded = texts.str.lower()
    words = texts[folded.isin(MISSING_WORDS) & (folded != "nan")]
    if not words.empty:
        warnings.append(
            f"column {quoted(name)}: {len(words):,} times {listed(words.unique())} "
            "read as missing, since all others are numbers"
        )
    return tuple(warnings)


def _numeric(
    name: str,
    values: NDArray[np.float64],
    raw: pd.Series,
    places: RowPlaces,
    warnings: tuple[str, ...] = (),
) -> TypedColumn:
    refuse_too_large(values, raw, name, places)
    understanding: Understanding = "missing" if np.isnan(values).all() else "numeric"
    series = pd.Series(values, index=raw.index)
    return TypedColumn(name=name, understanding=understanding, cells=series, warnings=warnings)
