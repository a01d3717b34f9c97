"""Read a column of new rows as it was read when the network was trained."""

from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api import types

from sweep.data.dataset import Column
from sweep.data.names import RowPlaces, quoted
from sweep.data.table_cells import (
    TRUTH,
    as_floats,
    as_texts,
    drop_words,
    holds_texts,
    naming,
    read_cells,
    refuse_cells,
)
from sweep.data.table_dates import Order, days_of, durations_in_days, read_dates
from sweep.data.table_numbers import Decimal, drop_missing_words, read_numbers
from sweep.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping


def read_new(
    raw: pd.Series, column: Column, places: RowPlaces, *, decimal: Decimal | None = "."
) -> pd.Series | NDArray[np.float64]:
    """Read a column of new rows as it was read when the network was trained.

    Args:
        raw: The column as the file has it.
        column: What was understood of it then.
        places: Where the rows stand, for messages.
        decimal: The decimal mark of the new file, where training left it open.

    Returns:
        The cells; see `TypedColumn`.

    Raises:
        DataError: A cell holds something else than the column did.
    """
    if column.kind == "categorical":
        return as_texts(raw)
    if column.kind == "boolean":
        return _read_truth(raw, column.name, places)
    if types.is_datetime64_any_dtype(raw.dtype):
        raw = pd.Series(days_of(raw), index=raw.index)
    if types.is_timedelta64_dtype(raw.dtype):
        raw = durations_in_days(raw)
    if types.is_bool_dtype(raw.dtype) or types.is_numeric_dtype(raw.dtype):
        return as_floats(raw, column, places)
    texts = drop_words(as_texts(raw), column.words)
    if column.kind == "date":
        dates = read_dates(texts, cast("Order", column.order))
        refuse_cells(dates.unreadable, texts, column.name, places, "dates")
        return dates.days
    mark = cast("Decimal | None", column.decimal or decimal)
    reading = read_cells(texts, column.name, places, mark, most_limits=1)
    refuse_cells(reading.unreadable, texts, column.name, places, "numbers")
    return as_floats(pd.Series(reading.numbers, index=raw.index), column, places, texts)


def read_unit(raw: pd.Series) -> str:
    """Return the unit that stands beside the numbers of a column; empty for none."""
    return read_numbers(drop_missing_words(as_texts(raw))).unit if holds_texts(raw) else ""


def _read_truth(raw: pd.Series, name: str, places: RowPlaces) -> pd.Series:
    if types.is_bool_dtype(raw.dtype):
        return raw.astype("boolean")
    words: Mapping[str, bool] = {**TRUTH, "1": True, "0": False, "1.0": True, "0.0": False}
    texts = drop_missing_words(as_texts(raw)).str.lower()
    wrong = (texts.notna() & ~texts.isin(list(words))).to_numpy()
    if wrong.any():
        raise DataError(
            places.fault(
                f"{naming(name)}: {quoted(str(texts[wrong].iloc[0]))} is neither true nor "
                f"false ({places.of(wrong)}); write true or false"
            )
        )
    return texts.map(words).astype("boolean")
