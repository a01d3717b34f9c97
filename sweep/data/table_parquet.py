"""Parquet: bytes in, a table out; what it would hold once decompressed is added up beforehand.

A few hundred bytes of Parquet can be a million rows of a million characters each: a run of equal
values takes no more room than one, and so do equal texts. Texts are therefore read as places in
the list of the different ones, and written out only once they are known to be few and short.
"""

import csv
import io
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import types

from sweep.data.files import check_decompressed, decompressed_limit, name_path
from sweep.data.names import listed, printable
from sweep.data.parquet_pages import read_claims
from sweep.data.table_csv import check_width
from sweep.errors import DataError

LONGEST_CELL: Final = csv.field_size_limit()  # as in CSV
CELL: Final = 8  # bytes of a number; what is narrower becomes one


def read_columns(data: bytes, source: str) -> tuple[pa.Table, tuple[str, ...]]:
    """Read the columns of a Parquet file.

    Args:
        data: The content of the file.
        source: The path, for messages.

    Returns:
        The table as it stands, but for columns of lists, records or bytes: of these all cells are
        missing. And warnings that say so.

    Raises:
        DataError: It is damaged, holds more than its size allows, or longer texts than a cell of
            CSV.
    """
    try:
        return _read(data, source)
    except (pa.ArrowException, OSError, ValueError, TypeError, KeyError) as error:
        if isinstance(error, MemoryError):  # pa.ArrowMemoryError is both
            raise
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError(
            f"{name_path(source)}: is no readable Parquet file ({printable(reason)}); "
            "write it again"
        ) from error


def _read(data: bytes, source: str) -> tuple[pa.Table, tuple[str, ...]]:
    limit = decompressed_limit(len(data))
    with pq.ParquetFile(io.BytesIO(data)) as file:
        schema = file.schema_arrow
        check_width(len(schema), source)
        unfit = {field.name for field in schema if _is_unfit(field.type)}
        fit = [name for name in schema.names if name not in unfit]
        claims = read_claims(data)
        check_decompressed(source, max(claims.pages, claims.cells * CELL), limit)
        texts = [field.name for field in schema if _holds_texts(field.type)]
    with pq.ParquetFile(io.BytesIO(data), read_dictionary=texts) as file:
        table = file.read(columns=fit if unfit else None)
    table.validate(full=True)  # a damaged file may hold texts that are not UTF-8
    size = sum(_text_size(column, source) for column in table.columns if _is_coded(column.type))
    check_decompressed(source, size, limit)
    cells = iter(table.columns)
    columns = [
        pa.nulls(len(table)) if field.name in unfit else _written_out(next(cells), field.type)
        for field in schema
    ]
    told = (f"columns of lists, records or bytes, not read: {listed(sorted(unfit), most=10)}",)
    whole = pa.table(columns, names=schema.names, metadata=schema.metadata)
    return whole, told if unfit else ()


def _written_out(column: pa.ChunkedArray, kind: "pa.DataType") -> pa.ChunkedArray:
    return column.cast(kind) if _is_text(kind) else column


def _is_text(kind: "pa.DataType") -> bool:
    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))


def _is_coded(kind: "pa.DataType") -> bool:
    return types.is_dictionary(kind) and _is_text(kind.value_type)


def _holds_texts(kind: "pa.DataType") -> bool:
    return _is_text(kind) or _is_coded(kind)


def _text_size(column: pa.ChunkedArray, source: str) -> int:
    """Return the bytes that coded texts have once they are written out."""
    size = 0
    for chunk in column.chunks:
        lengths = pc.binary_length(chunk.dictionary)
        if (pc.max(lengths).as_py() or 0) > LONGEST_CELL:
            raise DataError(
                f"{name_path(source)}: a cell has more than {LONGEST_CELL:,} bytes; "
                "leave such columns out"
            )
        size += pc.sum(pc.take(lengths, chunk.indices)).as_py() or 0
    return size


def _is_unfit(kind: "pa.DataType") -> bool:
    return bool(
        types.is_nested(kind)
        or types.is_binary(kind)
        or types.is_large_binary(kind)
        or types.is_fixed_size_binary(kind)
    )
