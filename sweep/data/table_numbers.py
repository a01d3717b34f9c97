"""Read a column of texts as numbers, and tell when that cannot be done without guessing."""

import dataclasses
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

LARGEST: Final = float(np.finfo(np.float32).max)

POINT: Final = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
INTEGER: Final = r"^[+-]?\d+$"
INFINITE: Final = r"^(?i:[+-]?inf(inity)?)$"
NOT_A_NUMBER: Final = r"^(?i:[+-]?nan)$"
GAP: Final = " '’\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"  # noqa: RUF001 - used in numbers


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Notation:
    """Describe a way to write numbers other than ``1234.5``.

    Attributes:
        name: For messages.
        pattern: What every cell looks like.
        thousands: Characters that only group digits.
        decimal: The decimal separator.
    """

    name: str
    pattern: str
    thousands: str
    decimal: str


NOTATIONS: Final = (
    Notation(
        name="a decimal comma",
        pattern=r"^[+-]?\d+(,\d+)?([eE][+-]?\d+)?$",
        thousands="",
        decimal=",",
    ),
    Notation(
        name="commas between thousands",
        pattern=r"^[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?$",
        thousands=",",
        decimal=".",
    ),
    Notation(
        name="points between thousands and a decimal comma",
        pattern=r"^[+-]?(\d{1,3}(\.\d{3})+|\d+)(,\d+)?$",
        thousands=".",
        decimal=",",
    ),
    Notation(
        name="spaces or apostrophes between thousands",
        pattern=rf"^[+-]?(\d{{1,3}}([{GAP}]\d{{3}})+|\d+)(\.\d+)?$",
        thousands=GAP,
        decimal=".",
    ),
    Notation(
        name="spaces or apostrophes between thousands and a decimal comma",
        pattern=rf"^[+-]?(\d{{1,3}}([{GAP}]\d{{3}})+|\d+)(,\d+)?$",
        thousands=GAP,
        decimal=",",
    ),
)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class NumberReading:
    """Hold what a column of texts is as numbers.

    Attributes:
        numbers: float64 [rows]; NaN where the cell is missing or no number; infinite where the
            cell says so or is too large for float64.
        unreadable: bool [rows], cells that hold something else than a number.
        integers: Whether every number is written without decimals.
        notation: The notation's name if it is not ``1234.5``; empty otherwise.
        ambiguous: Two notations that read the column differently; empty if there is one reading.
    """

    numbers: NDArray[np.float64]
    unreadable: NDArray[np.bool_]
    integers: bool
    notation: str = ""
    ambiguous: tuple[str, ...] = ()


def read_numbers(texts: pd.Series) -> NumberReading:
    """Read texts as numbers.

    ``NaN`` is a missing value. A notation other than ``1234.5`` is read only if every cell agrees
    with it and with no other that would give other numbers.

    Args:
        texts: Texts without spaces around them; NaN where a cell is missing.
    """
    column = pa.array(texts.to_numpy(dtype=object), pa.string(), from_pandas=True)
    plain = _matches(column, POINT)
    infinite = _matches(column, INFINITE)
    missing = np.asarray(pc.is_null(column)) | _matches(column, NOT_A_NUMBER)
    unreadable = ~(plain | infinite | missing)
    if unreadable.any():
        other = _read_other_notation(column, missing)
        if other is not None:
            return other
    values = _cast(column, plain | infinite)
    written = column.filter(pa.array(plain | infinite))
    integers = bool(pc.all(pc.match_substring_regex(written, INTEGER), min_count=0).as_py())
    return NumberReading(numbers=values, unreadable=unreadable, integers=integers)


def beyond_float32(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which numbers are infinite or too large for float32; missing ones are not."""
    return ~np.isnan(values) & ~(np.abs(values) <= LARGEST)


def _matches(column: pa.Array, pattern: str) -> NDArray[np.bool_]:
    found = pc.fill_null(pc.match_substring_regex(column, pattern), fill_value=False)
    return np.asarray(found).astype(np.bool_)


def _cast(column: pa.Array, where: NDArray[np.bool_]) -> NDArray[np.float64]:
    values = np.full(len(column), np.nan)
    values[where] = np.asarray(pc.cast(column.filter(pa.array(where)), pa.float64()))
    return values


def _read_other_notation(column: pa.Array, missing: NDArray[np.bool_]) -> NumberReading | None:
    present = ~missing
    readings: list[tuple[str, NDArray[np.float64]]] = []
    for notation in NOTATIONS:
        if not (_matches(column, notation.pattern) | missing).all():
            continue
        written = column
        if notation.thousands:
            written = pc.replace_substring_regex(written, f"[{notation.thousands}]", "")
        written = pc.replace_substring(written, notation.decimal, ".")
        readings.append((notation.name, _cast(written, present)))
    if not readings:
        return None
    name, values = readings[0]
    for other, others in readings[1:]:
        if not np.array_equal(values, others, equal_nan=True):
            return NumberReading(
                numbers=values,
                unreadable=present,
                integers=False,
                notation=name,
                ambiguous=(name, other),
            )
    return NumberReading(
        numbers=values, unreadable=np.zeros_like(present), integers=False, notation=name
    )
