"""Read a table of any format as it stands, before any meaning is given to it."""

import dataclasses
import re
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sweep.data.files import decompress, fingerprint, name_path, read_bytes
from sweep.data.formats import TABLE_ENDINGS, find_format
from sweep.data.names import RowPlaces
from sweep.data.table_csv import read_records
from sweep.data.table_header import Header, name_columns
from sweep.data.table_parquet import read_columns
from sweep.errors import DataError

__all__ = ["TABLE_ENDINGS", "RawTable", "is_table", "read_table"]

INDEX_COLUMN: Final = re.compile(r"__index_level_\d+__")  # pandas' row labels, no feature


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RawTable:
    """Hold a table as the file has it.

    Attributes:
        frame: One column per column of the file. From text all are texts (a missing cell is NaN);
            from Parquet they keep their types.
        places: Where each row stands in the file.
        fingerprint: SHA-256 of the file's bytes.
        warnings: What was guessed or left out in reading.
        separator: What divides the cells of a text; empty for other formats.
    """

    frame: pd.DataFrame
    places: RowPlaces
    fingerprint: str
    warnings: tuple[str, ...] = ()
    separator: str = ""


def is_table(source: str) -> bool:
    """Return whether the ending of a path is one of a table."""
    found = find_format(source)
    return found is not None and found.reader != "arrays"


def read_table(source: str, *, header: bool | None = None) -> RawTable:
    """Read a table.

    Args:
        source: Path of a file that ends as a table does (``formats.FORMATS``).
        header: Whether the first line of a text names the columns; None to tell it from the lines.

    Raises:
        DataError: It cannot be read; all faults of one kind are reported together.
    """
    data = read_bytes(source)
    found = find_format(source)
    if found is not None and found.reader == "parquet":
        return _read_parquet(data, source)
    records = read_records(decompress(data, source), source, header=header)
    frame = pa.table(list(records.columns), names=list(records.header)).to_pandas()
    places = RowPlaces(source=source, word="line", numbers=records.lines)
    warnings = records.warnings
    again = np.ones(len(frame), dtype=np.bool_)
    for name in frame.columns:  # the first rules it out in most files
        again[again] = (frame[name][again] == name).to_numpy(dtype=np.bool_)
        if not again.any():
            break
    else:
        warnings += (f"{places.of(again)}: the header again; left out",)
        frame = frame[~again].reset_index(drop=True)
        places = dataclasses.replace(places, numbers=places.numbers[~again])
    return RawTable(
        frame=frame,
        places=places,
        fingerprint=fingerprint(data),
        warnings=warnings,
        separator=records.separator,
    )


def _categories(schema: pa.Schema) -> set[str]:
    """Return the columns that pandas wrote as categories; the file may hold mere numbers there."""
    try:
        described = (schema.pandas_metadata or {}).get("columns", ())
        return {str(one["name"]) for one in described if one["pandas_type"] == "categorical"}
    except (ValueError, TypeError, KeyError, AttributeError):  # metadata of anybody's making
        return set()


def _read_parquet(data: bytes, source: str) -> RawTable:
    table, told = read_columns(data, source)
    kept = [place for place, name in enumerate(table.column_names) if not INDEX_COLUMN.match(name)]
    header = Header(
        names=tuple(table.column_names[place] for place in kept), records=0, width=len(kept)
    )
    cells = [table.column(place) for place in kept]
    trimmed = [  # as text is
        pc.utf8_trim_whitespace(column) if pa.types.is_string(column.type) else column
        for column in cells
    ]
    names, columns, warnings = name_columns(header, trimmed, source)
    if table.num_rows == 0:
        raise DataError(f"{name_path(source)}: has columns and no rows; add the rows")
    numbers = np.arange(1, table.num_rows + 1, dtype=np.int64)
    places = RowPlaces(source=source, word="row", numbers=numbers)
    frame = pa.table(list(columns), names=list(names)).to_pandas(ignore_metadata=True)
    for name in _categories(table.schema) & set(frame.columns):
        frame[name] = frame[name].astype("category")
    return RawTable(
        frame=frame,
        places=places,
        fingerprint=fingerprint(data),
        warnings=(*told, *warnings),
    )
