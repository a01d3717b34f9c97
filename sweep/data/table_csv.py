"""Tables as text: bytes in, columns of text out; every record that does not fit is named.

Arrow reads the records, and only those that a scan of all quotes and line ends has proven sound: by
itself it takes an unclosed quote for a cell that swallows the rows behind it. Whatever is not sound
is read again in strict mode, slowly, which says on which line the fault is.
"""

import csv
import dataclasses
import itertools
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import csv as arrow_csv

from sweep.data.files import name_path
from sweep.data.names import RowPlaces
from sweep.data.table_dialect import SAMPLE_RECORDS, SPACE, Dialect, detect_dialect
from sweep.data.table_header import Header, find_header, name_columns
from sweep.data.table_scan import scan
from sweep.data.table_strict import StrictReader
from sweep.data.table_text import decode
from sweep.errors import DataError

MOST_COLUMNS: Final = 30_000
BLOCK: Final = 2**20  # bytes that Arrow reads at once; a record has to fit into it


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """Hold the cells of a table that was written as text.

    Attributes:
        header: Column names, each of its own.
        columns: One string array a column; a missing cell (nothing, or spaces only) is null.
        lines: int64 [records], the line of the file on which each record starts.
        warnings: What was guessed or left out.
    """

    header: tuple[str, ...]
    columns: tuple[pa.ChunkedArray, ...]
    lines: NDArray[np.int64]
    warnings: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
    """Hold the text of a table in UTF-8, and what is known of it before it is read."""

    data: bytes
    dialect: Dialect
    source: str
    first_line: int
    asked: bool | None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    header: Header
    columns: Sequence[pa.ChunkedArray]
    lines: NDArray[np.int64]
    comments: Iterable[int]
    trailing: Iterable[int]


def read_records(data: bytes, source: str, *, header: bool | None = None) -> Records:
    """Read the content of a table as text.

    Blank lines, comments (# or %) and lines of separators at the end are left out. Spaces around a
    cell do not count.

    Args:
        data: The content, decompressed.
        source: The path, for messages.
        header: Whether the first record names the columns; None to tell it from the records.

    Raises:
        DataError: Of no known encoding, NUL bytes, no rows, too many columns, unclosed quotes, or
            rows of another length than the header; all rows at fault are reported together.
    """
    content, warnings = decode(data, source)
    dialect, start = detect_dialect(content, source)
    if start:
        warnings += (f"line 1 names the separator ({dialect.mark}) and nothing else",)
    text = _Text(
        data=content[start:],
        dialect=dialect,
        source=source,
        first_line=1 + bool(start),
        asked=header,
    )
    try:
        reading = _read_soundly(text)
    except (csv.Error, pa.ArrowInvalid):  # a cell too long, rows of another length: told below
        reading = None
    reading = reading or _read_strictly(text)
    if len(reading.lines) == 0:
        raise DataError(f"{name_path(source)}: has a header and no rows; add the rows")
    left_out = (
        *_tell_left_out("a comment", reading.comments, source),
        *_tell_left_out("nothing but separators at the end", reading.trailing, source),
    )
    names, columns, told = name_columns(reading.header, reading.columns, source)
    return Records(
        header=names,
        columns=columns,
        lines=reading.lines,
        warnings=(*warnings, *reading.header.warnings, *left_out, *told),
    )


def check_width(columns: int, source: str) -> None:
    """Refuse a table of more columns than can be looked at in a few minutes.

    Raises:
        DataError: It has more.
    """
    if columns > MOST_COLUMNS:
        raise DataError(
            f"{name_path(source)}: has {columns:,} columns, more than {MOST_COLUMNS:,}; "
            "leave columns out"
        )


def _read_soundly(text: _Text) -> _Reading | None:
    """Let Arrow read a text; None where it is not sound, or written in an odd way."""
    if text.dialect.separator == SPACE:
        return None
    found = scan(text.data, text.dialect, text.first_line)
    if found is None or len(found.lines) == 0:
        return None
    longest = int((found.ends - found.starts).max())
    head = [
        (int(line), text.dialect.parse_one(found.record(place)))
        for place, line in enumerate(found.lines[:SAMPLE_RECORDS])
    ]
    header = find_header(head, text.dialect, asked=text.asked)
    check_width(header.width, text.source)
    lines = found.lines[header.records :]
    if len(lines) == 0:
        return None
    names = [str(place) for place in range(header.width)]
    table = arrow_csv.read_csv(
        pa.BufferReader(pa.py_buffer(found.join(header.records))),
        arrow_csv.ReadOptions(column_names=names, block_size=max(BLOCK, 2 * longest)),
        arrow_csv.ParseOptions(
            delimiter=text.dialect.separator,
            quote_char=text.dialect.quote,
            newlines_in_values=found.has_long,
        ),
        arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            null_values=[""],
            strings_can_be_null=True,
            check_utf8=False,
        ),
    )
    if len(table) != len(lines) or (longest > csv.field_size_limit() and _has_long_cell(table)):
        return None
    return _Reading(
        header=header,
        columns=[_clean(cells) for cells in table.columns] if found.has_spaces else table.columns,
        lines=lines,
        comments=found.comments,
        trailing=found.trailing,
    )


def _read_strictly(text: _Text) -> _Reading:
    reader = StrictReader(text.data, text.dialect, text.source, text.first_line)
    records = reader.records()
    head = list(itertools.islice(records, SAMPLE_RECORDS))
    if not head:
        raise DataError(f"{name_path(text.source)}: is empty; give a header and rows")
    header = find_header(head, text.dialect, asked=text.asked)
    check_width(header.width, text.source)
    rows = itertools.chain(head[header.records :], records)
    columns, lines = reader.collect(rows, header.width)
    return _Reading(
        header=header,
        columns=[_clean(cells) for cells in columns],
        lines=lines,
        comments=reader.comments,
        trailing=reader.trailing,
    )


def _has_long_cell(table: pa.Table) -> bool:
    limit = csv.field_size_limit()
    return any((pc.max(pc.utf8_length(cells)).as_py() or 0) > limit for cells in table.columns)


def _clean(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return cells without spaces around them; nothing is missing."""
    trimmed = pc.utf8_trim_whitespace(cells)
    empty = pc.equal(trimmed, "")
    return (
        pc.if_else(empty, pa.scalar(None, pa.string()), trimmed)
        if pc.any(empty).as_py()
        else trimmed
    )


def _tell_left_out(what: str, lines: Iterable[int], source: str) -> tuple[str, ...]:
    numbers = np.array(lines, dtype=np.int64)
    if len(numbers) == 0:
        return ()
    places = RowPlaces(source=source, word="line", numbers=numbers)
    count = "1 line" if len(numbers) == 1 else f"{len(numbers):,} lines"
    shown = places.of(np.ones(len(numbers), dtype=np.bool_))
    return (f"{count} left out, {what} ({shown})",)
