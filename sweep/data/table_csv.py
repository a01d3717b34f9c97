"""Tables as text: bytes in, columns of text out; every record that does not fit is named.

Arrow reads the records, and only those that a scan of all quotes and line ends has proven sound: by
itself it takes an unclosed quote for a cell that swallows the rows behind it. Whatever is not sound
is read again in strict mode, slowly, which says on which line the fault is.
"""

import csv
import dataclasses
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import csv as arrow_csv

from sweep.data.files import name_path
from sweep.data.names import RowPlaces, printable
from sweep.data.table_dialect import SAMPLE_RECORDS, detect_dialect
from sweep.data.table_header import Header, find_header, name_columns
from sweep.data.table_scan import Scan, scan
from sweep.data.table_strict import explain_rows, scan_strictly
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
        separator: What divides the cells.
    """

    header: tuple[str, ...]
    columns: tuple[pa.ChunkedArray, ...]
    lines: NDArray[np.int64]
    warnings: tuple[str, ...] = ()
    separator: str = ","


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
    text, warnings = decode(data, source)
    dialect, text, told = detect_dialect(text, source)
    found = scan(text, dialect) or scan_strictly(text, dialect, source)
    if len(found.lines) == 0:
        raise DataError(f"{name_path(source)}: is empty; give a header and rows")
    above = Header(names=(), records=0, width=dialect.width)
    try:
        above = find_header(found.head(SAMPLE_RECORDS), dialect, asked=header)
        check_width(above.width, source)
        if len(found.lines) == above.records:
            raise DataError(f"{name_path(source)}: has a header and no rows; add the rows")
        cells = _read_cells(found, above)
    except (csv.Error, pa.ArrowInvalid) as error:
        faults = explain_rows(found, above.records, above.width, dialect.mark, source)
        reason = f"{name_path(source)}: cannot be read ({printable(str(error))}); write it again"
        raise DataError(faults or reason) from error
    names, columns, named = name_columns(above, cells, source)
    left_out = (
        *_tell_stray(found.lines_like_rows(), source),
        *_tell_left_out("a comment", found.comments, source),
        *_tell_left_out("nothing but separators at the end", found.trailing, source),
    )
    return Records(
        header=names,
        columns=columns,
        lines=found.lines[above.records :],
        warnings=(*warnings, *told, *above.warnings, *left_out, *named),
        separator=dialect.separator,
    )


def _tell_stray(lines: list[int], source: str) -> tuple[str, ...]:
    """Ask about cells that go over lines which look like rows."""
    if not lines:
        return ()
    places = RowPlaces(source=source, word="line", numbers=np.array(lines, dtype=np.int64))
    where = places.of(np.ones(len(lines), dtype=np.bool_))
    return (f"{where}: a cell goes over lines that look like rows; is a quote open?",)


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


def _read_cells(found: Scan, header: Header) -> list[pa.ChunkedArray]:
    """Let Arrow read the rows; missing cells are null.

    Raises:
        pyarrow.ArrowInvalid: A row has another length than the first, or a cell is too long.
    """
    longest = int((found.ends - found.starts).max())
    names = [str(place) for place in range(header.width)]
    table = arrow_csv.read_csv(
        pa.BufferReader(pa.py_buffer(found.join(header.records))),
        arrow_csv.ReadOptions(column_names=names, block_size=max(BLOCK, 2 * longest)),
        arrow_csv.ParseOptions(
            delimiter=found.dialect.separator,
            quote_char=found.dialect.quote,
            newlines_in_values=found.has_long,
        ),
        arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.large_string()),
            null_values=[""],
            strings_can_be_null=True,
            check_utf8=False,
        ),
    )
    if len(table) != len(found.lines) - header.records:
        raise pa.ArrowInvalid("rows were lost")
    if longest > csv.field_size_limit() and any(map(_has_long_cell, table.columns)):
        raise pa.ArrowInvalid("a cell is too long")
    return [_clean(cells) for cells in table.columns] if found.has_spaces else table.columns


def _has_long_cell(cells: pa.ChunkedArray) -> bool:
    return (pc.max(pc.utf8_length(cells)).as_py() or 0) > csv.field_size_limit()


def _clean(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return cells without spaces around them; nothing is missing."""
    trimmed = pc.utf8_trim_whitespace(cells)
    empty = pc.equal(trimmed, "")
    return (
        pc.if_else(empty, pa.scalar(None, trimmed.type), trimmed)
        if pc.any(empty).as_py()
        else trimmed
    )


def _tell_left_out(what: str, lines: NDArray[np.int64], source: str) -> tuple[str, ...]:
    if len(lines) == 0:
        return ()
    places = RowPlaces(source=source, word="line", numbers=lines)
    count = "1 line" if len(lines) == 1 else f"{len(lines):,} lines"
    return (f"{count} left out, {what} ({places.of(np.ones(len(lines), dtype=np.bool_))})",)
