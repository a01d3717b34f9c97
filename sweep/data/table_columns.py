"""Give each column of a table its kind: numbers, categories, truth values or dates.

What a user says of a column holds. Else a column of text (CSV) is numeric if every cell is a
number or a word for missing, boolean if every cell is true or false, and one of dates if every
cell is a date. All else are categories, in which ``NA`` or ``None`` is one like any other.
"""

import dataclasses
import re
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api import types

from sweep.data.dataset import Column, ColumnKind
from sweep.data.names import RowPlaces, listed, option, quoted
from sweep.data.spec import DataSpec
from sweep.data.table_cells import (
    TRUTH,
    as_floats,
    as_texts,
    find_origin,
    holds_texts,
    naming,
    read_cells,
    refuse_cells,
)
from sweep.data.table_dates import date_parts, days_of, durations_in_days, read_dates
from sweep.data.table_numbers import (
    SAMPLE,
    Decimal,
    NumberReading,
    drop_missing_words,
    find_decimals,
    read_plain,
    warn_thousands,
)

NEARLY_ALL: Final = 0.9  # share of numbers from which a few other cells are taken for mistakes
MOSTLY: Final = 0.5
MANY_NUMBERS: Final = 20  # fewer different numbers than this may be codes
DAY: Final = r"(1[89]|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])"
LEADING_ZERO: Final = r"0[0-9]+$"
CODE: Final = re.compile(r"[A-Za-z]{1,3}[0-9]+|[0-9]+[A-Za-z]")  # as of a house: 207a

Asked = Literal["numeric", "categorical"]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class TypedColumn:
    """Hold a column and what it was understood to be.

    Attributes:
        column: What is known of it.
        cells: float64 for numeric and for dates (days since 1970-01-01), ``boolean`` for boolean,
            ``str`` for categorical; missing cells are NaN or NA.
        warnings: What a user should know.
    """

    column: Column
    cells: pd.Series
    warnings: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Return the name in the file."""
        return self.column.name


def find_file_decimals(
    frame: pd.DataFrame, spec: DataSpec, separator: str
) -> dict[str, Decimal | None]:
    """Find the decimal mark of every column of texts; see `find_decimals`.

    Args:
        frame: The table as read.
        spec: Which of its columns are no numbers, and the mark if the user gave it.
        separator: What divides its cells.
    """
    ruled_out = {*spec.categorical, *spec.drop, *spec.id, spec.group}
    texts = {
        name: as_texts(frame[name])
        for name in frame.columns
        if holds_texts(frame[name]) and name not in ruled_out
    }
    return find_decimals(texts, spec.decimal, separator)


def type_column(
    raw: pd.Series,
    name: str,
    places: RowPlaces,
    *,
    decimal: Decimal | None = ".",
    asked: Asked | None = None,
) -> TypedColumn:
    """Find out what kind a column is and convert it.

    Args:
        raw: The column as the file has it.
        name: Its name.
        places: Where the rows stand, for messages.
        decimal: The decimal mark; None where there is no telling.
        asked: The kind that the user gave it.

    Raises:
        DataError: Numbers mixed with other things, written ambiguously, infinite or too large.
    """
    return _described(_type(raw, name, places, decimal, asked))


def _type(
    raw: pd.Series, name: str, places: RowPlaces, decimal: Decimal | None, asked: Asked | None
) -> TypedColumn:
    if asked == "categorical" or (asked is None and isinstance(raw.dtype, pd.CategoricalDtype)):
        return _typed(name, "categorical", as_texts(raw))
    if types.is_bool_dtype(raw.dtype) and asked is None:
        return _typed(name, "boolean", raw.astype("boolean"))
    if types.is_bool_dtype(raw.dtype) or types.is_numeric_dtype(raw.dtype):
        return _numeric(_column(name, "numeric"), raw, raw, places)
    if types.is_timedelta64_dtype(raw.dtype):
        days = durations_in_days(raw)
        column = _column(name, "numeric")
        return _numeric(column, days, raw, places, (f"{naming(name)}: durations, read as days",))
    if types.is_datetime64_any_dtype(raw.dtype):
        return _dates(name, days_of(raw), raw)
    return _type_texts(as_texts(raw), name, places, decimal, asked)


def _described(typed: TypedColumn) -> TypedColumn:
    """Add the counts of a column and its range."""
    cells = typed.cells
    low = high = None
    if typed.column.kind in ("numeric", "date") and cells.notna().any():
        low, high = float(cells.min()), float(cells.max())
    missing = int(cells.isna().sum())
    column = dataclasses.replace(
        typed.column, missing=missing, distinct=cells.nunique(), low=low, high=high
    )
    return dataclasses.replace(typed, column=column)


def _column(name: str, kind: ColumnKind, **known: Any) -> Column:  # noqa: ANN401 - fields of Column
    """Describe a column whose cells are still to be counted."""
    return Column(name=name, kind=kind, missing=0, distinct=0, **known)


def _typed(name: str, kind: ColumnKind, cells: pd.Series, *warnings: str) -> TypedColumn:
    column = _column(name, kind)
    return TypedColumn(column=column, cells=cells, warnings=warnings)


def _type_texts(
    texts: pd.Series, name: str, places: RowPlaces, decimal: Decimal | None, asked: Asked | None
) -> TypedColumn:
    if decimal != "," and (plain := read_plain(texts)) is not None:
        written = None if asked else _type_digits(texts, name)
        numbers = pd.Series(plain, index=texts.index)
        told = warn_thousands(texts, naming(name))
        return written or _numeric(_column(name, "numeric"), numbers, texts, places, told)
    cleared = drop_missing_words(texts)
    is_plain = asked is None and decimal != "," and read_plain(cleared) is not None
    if is_plain and (typed := _type_digits(cleared, name)) is not None:
        kind = "dates" if typed.column.kind == "date" else "codes"
        return _with_words(typed, texts, cleared.isna(), kind)
    different = cleared.dropna().unique()
    if asked is None and len(different) and all(text.lower() in TRUTH for text in different):
        lowered = cleared.str.lower()
        return _typed(name, "boolean", lowered.map(TRUTH).astype("boolean"))
    if (typed := _type_numbers(texts, cleared, name, places, decimal, asked)) is not None:
        return typed
    if (typed := _type_dates(texts, cleared, name)) is not None:
        return typed
    return _typed(name, "categorical", texts if cleared.notna().any() else cleared)


def _type_digits(texts: pd.Series, name: str) -> TypedColumn | None:
    """Return digits that are no quantities: dates such as 20240331, and codes such as 00501."""
    if texts.iloc[:SAMPLE].str.contains(".", regex=False).any():
        return None
    texts = drop_missing_words(texts)  # NaN is one that is read as a number
    present = texts.dropna()
    if present.empty:
        return None
    if all(some.str.fullmatch(DAY).all() for some in (present.iloc[:MANY_NUMBERS], present)):
        reading = read_dates(texts)
        if not reading.unreadable.any():
            return _dates(name, reading.days, texts, order=reading.order)
    if not present.str.match(LEADING_ZERO).any():
        return None
    warning = (
        f"{naming(name)}: with leading zeros, so read as categories; {option('numeric', name)}"
        " reads numbers"
    )
    return _typed(name, "categorical", texts, warning)


def _type_numbers(
    texts: pd.Series,
    cleared: pd.Series,
    name: str,
    places: RowPlaces,
    decimal: Decimal | None,
    asked: Asked | None,
) -> TypedColumn | None:
    """Return the column as numbers, or None where it is one of something else."""
    reading = read_cells(cleared, name, places, decimal)
    strays = pd.unique(cleared[reading.unreadable])
    present = np.unique(reading.numbers[~np.isnan(reading.numbers)])
    count = int((~np.isnan(reading.numbers)).sum())
    share = count / max(count + int(reading.unreadable.sum()), 1)
    if count == 0 and asked is None:
        return None
    words: tuple[str, ...] = ()
    if len(strays) and asked is None:
        times = int(reading.unreadable.sum())
        is_word = len(strays) == 1 and times > 1 and not any(map(str.isdigit, strays[0]))
        are_codes = all(map(CODE.fullmatch, strays)) and bool((present % 1 == 0).all())
        few = share < MOSTLY or len(present) <= MANY_NUMBERS
        if few or are_codes or not (is_word or share >= NEARLY_ALL):
            return _mixed(texts, reading, name, places, share)
        if not is_word:
            ways = f"{option('numeric', name)} or {option('categorical', name)}"
            refuse_cells(reading.unreadable, cleared, name, places, "numbers", f", or give {ways}")
        words = (str(strays[0]),)
    column = _column(
        name, "numeric", decimal="," if decimal == "," else "", unit=reading.unit, words=words
    )
    told: tuple[str, ...] = ()
    if reading.notation:
        told = (f"{naming(name)}: read as numbers with {reading.notation}",)
    if decimal == "." and reading.unit:
        told += warn_thousands(cleared, naming(name), reading.unit)
    numbers = pd.Series(reading.numbers, index=texts.index)
    typed = _numeric(column, numbers, cleared, places, told)
    return _with_words(typed, texts, cleared.isna() | reading.unreadable, "numbers")


def _mixed(
    texts: pd.Series, reading: NumberReading, name: str, places: RowPlaces, share: float
) -> TypedColumn | None:
    """Return numbers among other texts as categories, with a word if they are many."""
    if share < MOSTLY:
        return None
    first = str(texts[reading.unreadable].iloc[0])
    warning = (
        f"{naming(name)}: numbers and other texts mixed ({listed([first])}, "
        f"{places.of(reading.unreadable)}); read as categories;"
        f" {option('numeric', name)} reads the others as missing"
    )
    return _typed(name, "categorical", texts, warning)


def _type_dates(texts: pd.Series, cleared: pd.Series, name: str) -> TypedColumn | None:
    """Return the column as dates, or None where it is none of them."""
    present = cleared.dropna()
    if present.empty or read_dates(present.iloc[:MANY_NUMBERS]).unreadable.mean() > 1 - MOSTLY:
        return None
    reading = read_dates(cleared)
    if reading.unreadable.sum() > (1 - NEARLY_ALL) * len(present):
        return None
    typed = _dates(name, reading.days, texts, order=reading.order)
    warnings = list(typed.warnings)
    if reading.guessed:
        warnings.append(
            f"{naming(name)}: {quoted(str(present.iloc[0]))} is read as month/day; if it is"
            " day/month, write dates as 2024-03-31"
        )
    typed = dataclasses.replace(typed, warnings=tuple(warnings))
    return _with_words(typed, texts, cleared.isna() | reading.unreadable, "dates")


def _dates(name: str, days: NDArray[np.float64], raw: pd.Series, order: str = "") -> TypedColumn:
    parts = tuple(
        part
        for part, values in date_parts(days).items()
        if np.fmin.reduce(values) < np.fmax.reduce(values)  # no number, no warning
    )
    column = _column(name, "date", order=order, parts=parts)
    warning = f"{naming(name)}: dates, learnt from as {', '.join(parts)}"
    cells = pd.Series(days, index=raw.index)
    return TypedColumn(column=column, cells=cells, warnings=(warning,) if parts else ())


def _with_words(typed: TypedColumn, texts: pd.Series, missing: pd.Series, kind: str) -> TypedColumn:
    """Say which texts were read as missing; of empty cells and NaN nothing is said."""
    said = texts[(missing & texts.notna()).to_numpy()]
    said = said[said.str.lower() != "nan"]
    if said.empty:
        return typed
    shown = listed(dict.fromkeys(map(str, said.head(1000))), most=3)
    warning = (
        f"{naming(typed.name)}: {len(said):,} times {shown} read as missing, since all others are"
        f" {kind}"
    )
    return dataclasses.replace(typed, warnings=(*typed.warnings, warning))


def _numeric(
    column: Column,
    values: pd.Series,
    raw: pd.Series,
    places: RowPlaces,
    warnings: tuple[str, ...] = (),
) -> TypedColumn:
    origin = find_origin(values, raw)
    column = dataclasses.replace(column, origin=origin)
    cells = pd.Series(as_floats(values, column, places, raw), index=raw.index)
    return TypedColumn(column=column, cells=cells, warnings=warnings)
