"""Read a table from CSV, gzipped CSV or Parquet as it stands, before any meaning is given to it."""

import dataclasses
import re
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa

from sweep.data.files import decompress, fingerprint, name_path, read_bytes
from sweep.data.names import RowPlaces, listed
from sweep.data.table_csv import read_records
from sweep.data.table_parquet import read_columns
from sweep.errors import DataError

CSV_ENDINGS: Final = (".csv", ".csv.gz", ".tsv", ".tsv.gz")
TABLE_ENDINGS: Final = (*CSV_ENDINGS, ".parquet")
INDEX_COLUMN: Final = re.compile(r"__index_level_\d+__")  # pandas' row labels, no feature


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RawTable:
    """Hold a table as the file has it.

    Attributes:
        frame: One column per column of the file. From CSV all are texts (a missing cell is NaN);
            from Parquet they keep their types.
        places: Where each row stands in the file.
        fingerprint: SHA-256 of the file's bytes.
    """

    frame: pd.DataFrame
    places: RowPlaces
    fingerprint: str


def is_table(source: str) -> bool:
    """Return whether the ending of a path is one of a table."""
    return source.lower().endswith(TABLE_ENDINGS)


def read_table(source: str) -> RawTable:
    """Read a table and check its shape and its column names.

    Args:
        source: Path of a .csv, .csv.gz, .tsv, .tsv.gz or .parquet file.

    Raises:
        DataError: It cannot be read; all faults of one kind are reported together.
    """
    data = read_bytes(source)
    if source.lower().endswith(".parquet"):
        return _read_parquet(data, source)
    content = decompress(data, source) if source.lower().endswith(".gz") else data
    records = read_records(content, source)
    _check_names(records.header, source)
    frame = pa.table(list(records.columns), names=list(records.header)).to_pandas()
    places = RowPlaces(source=source, word="line", numbers=records.lines)
    return RawTable(frame=frame, places=places, fingerprint=fingerprint(data))


def _read_parquet(data: bytes, source: str) -> RawTable:
    table = read_columns(data, source)
    # Without pandas' row labels.
    table = table.select([name for name in table.column_names if not INDEX_COLUMN.match(name)])
    _check_names(tuple(table.column_names), source)
    if table.num_rows == 0:
        raise DataError(f"{name_path(source)}: has columns and no rows; give at least 10 rows")
    numbers = np.arange(1, table.num_rows + 1, dtype=np.int64)
    places = RowPlaces(source=source, word="row", numbers=numbers)
    frame = table.to_pandas(ignore_metadata=True)
    return RawTable(frame=frame, places=places, fingerprint=fingerprint(data))


def _check_names(names: tuple[str, ...], source: str) -> None:
    """Refuse columns without a name, and names that stand twice."""
    faults = []
    empty = [place for place, name in enumerate(names, start=1) if not name.strip()]
    if empty:
        places = ", ".join(str(place) for place in empty[:10])
        hint = " (the row labels of pandas? write with index=False)" if empty == [1] else ""
        faults.append(
            f"{name_path(source)}: the header has no name for column {places}{hint}; "
            "name every column"
        )
    counts = pd.Series(names, dtype="object").value_counts()
    twice = [str(name) for name in counts.index[counts > 1] if str(name).strip()]
    if twice:
        faults.append(
            f"{name_path(source)}: column names stand more than once: {listed(twice, most=10)}; "
            "give each column its own name"
        )
    if faults:
        raise DataError(faults)
