"""CSV: bytes in, columns of text out; every record that does not fit its header is named.

The records are read by Python's csv module in strict mode, not by pandas: pandas pads rows that
are too short, drops the cells of a comma too many, and stops at the first fault without a line.
"""

import array
import codecs
import csv
import dataclasses
import io
import itertools
from collections.abc import Iterator
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sweep.data.files import name_content, name_path
from sweep.data.names import quoted
from sweep.errors import DataError

SEPARATORS: Final = (",", ";", "\t", "|")
SAMPLE_BYTES: Final = 65_536
SAMPLE_RECORDS: Final = 50
LONGEST_LINE: Final = 2**24  # characters
MOST_COLUMNS: Final = 30_000
CHUNK_CELLS: Final = 500_000  # held as Python's own strings
CHUNK_RECORDS: Final = 40  # at least, or a wide table becomes many small arrays
FAULTS_SHOWN: Final = 5


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """Hold the cells of a CSV file.

    Attributes:
        header: Column names as written, spaces around them removed.
        columns: One string array a column; a missing cell (nothing, or spaces only) is null.
        lines: int64 [records], the line of the file on which each record starts.
    """

    header: tuple[str, ...]
    columns: tuple[pa.ChunkedArray, ...]
    lines: NDArray[np.int64]


def read_records(data: bytes, source: str) -> Records:
    """Read the content of a CSV file.

    The separator is the comma, semicolon, tab or bar that divides the header and the first records
    alike. Blank lines are skipped. Spaces around a cell do not count.

    Args:
        data: The content, decompressed.
        source: The path, for messages.

    Raises:
        DataError: Not UTF-8, NUL bytes, no rows, too many columns, unclosed quotes, or rows of
            another length than the header; all rows at fault are reported together.
    """
    _check_text(data, source)
    separator = _detect_separator(data)
    records = _number_records(data, separator, source)
    first = next(records, None)
    if first is None:
        raise DataError(f"{name_path(source)}: is empty; give a header and at least 10 rows")
    header = tuple(name.strip() for name in first[1])
    check_width(len(header), source)
    lines, columns = _collect(records, len(header), source, separator)
    if len(lines) == 0:
        raise DataError(f"{name_path(source)}: has a header and no rows; give at least 10 rows")
    return Records(header=header, columns=columns, lines=lines)


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


def _check_text(data: bytes, source: str) -> None:
    if kind := name_content(data):
        raise DataError(
            f"{name_path(source)}: its content is {kind}, not CSV text; give it the name that "
            "belongs to its format (.csv.gz, .parquet, .npz), or export it as CSV"
        )
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise DataError(f"{name_path(source)}: is UTF-16, not UTF-8; save it as UTF-8")
    if (place := data.find(b"\0")) >= 0:
        line = data.count(b"\n", 0, place) + 1
        hint = "; it may be UTF-16: save it as UTF-8" if data.count(b"\0") > len(data) // 4 else ""
        advice = hint or "; remove it, or write the file again"
        raise DataError(f"{name_path(source)}: line {line} holds a NUL byte{advice}")
    try:
        data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DataError(
            f"{name_path(source)}: line {line} is not UTF-8 (byte 0x{data[error.start]:02x}; "
            "perhaps Latin-1 or Windows-1252); save it as UTF-8, for example with "
            "iconv -f WINDOWS-1252 -t UTF-8"
        ) from error


def _lines(data: bytes, source: str) -> Iterator[str]:
    """Yield the lines as they are; io.StringIO would hold all of them at four bytes a letter."""
    with io.TextIOWrapper(io.BytesIO(data), encoding="utf-8-sig", newline="") as stream:
        for number in itertools.count(1):
            line = stream.readline(LONGEST_LINE + 1)
            if len(line) > LONGEST_LINE:
                raise DataError(
                    f"{name_path(source)}: line {number:,} has more than {LONGEST_LINE:,} "
                    "characters; is it a table?"
                )
            if not line:
                return
            yield line


def _detect_separator(data: bytes) -> str:
    """Return the separator under which most records have as many cells as the header."""
    sample = data[:SAMPLE_BYTES]
    if len(data) > len(sample):
        sample = sample[: max(sample.rfind(b"\n"), sample.rfind(b"\r")) + 1] or sample
    text = sample.decode("utf-8-sig", errors="ignore")  # of a last letter there may be a part

    def rate(separator: str) -> tuple[bool, float, int]:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        widths: list[int] = []
        try:
            for record in reader:
                if not _is_blank(record):
                    widths.append(len(record))
                if len(widths) > SAMPLE_RECORDS:
                    break
        except csv.Error:
            pass  # the strict reading that follows reports it
        if not widths or widths[0] < 2:
            return (False, 0.0, 0)
        alike = sum(width == widths[0] for width in widths[1:])
        return (True, round(alike / max(len(widths) - 1, 1), 1), widths[0])

    return max(SEPARATORS, key=rate)


def _is_blank(record: list[str]) -> bool:
    return not record or (len(record) == 1 and record[0] != "" and not record[0].strip(" \t"))


def _number_records(data: bytes, separator: str, source: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each record that is not blank with the line on which it starts."""
    reader = csv.reader(_lines(data, source), delimiter=separator, strict=True)
    line = 1
    while True:
        try:
            record = next(reader, None)
        except csv.Error as error:
            raise DataError(f"{name_path(source)}: line {line}: {_explain(error)}") from error
        if record is None:
            return
        if not _is_blank(record):
            yield line, record
        line = reader.line_num + 1


def _explain(error: csv.Error) -> str:
    text = str(error)
    if "unexpected end of data" in text:
        return 'a quote (") is opened and never closed; close it, or write "" for a quote'
    if "expected after" in text:
        return 'text follows a closing quote ("); write "" for a quote inside quotes'
    if "field limit" in text:
        return f'a cell has more than {csv.field_size_limit():,} characters; is a quote (") open?'
    return f"{text}; write the file again"


def _collect(
    records: Iterator[tuple[int, list[str]]], width: int, source: str, separator: str
) -> tuple[NDArray[np.int64], tuple[pa.ChunkedArray, ...]]:
    """Gather the records by column, in chunks: Python's own strings take ten times the memory."""
    lines = array.array("q")
    pending: list[list[str]] = []
    chunks: list[list[pa.Array]] = [[] for _ in range(width)]
    ragged = _Ragged()
    most = max(CHUNK_CELLS // max(width, 1), CHUNK_RECORDS)
    for line, record in records:
        if len(record) != width:
            ragged.add(line, record, width)
            continue
        lines.append(line)
        pending.append(record)
        if len(pending) == most:
            _flush(pending, chunks)
    if ragged.count:
        raise DataError(ragged.explain(width, source, separator, everywhere=not lines))
    _flush(pending, chunks)
    columns = tuple(pa.chunked_array(chunk, pa.string()) for chunk in chunks)
    return np.array(lines, dtype=np.int64), columns


def _flush(pending: list[list[str]], chunks: list[list[pa.Array]]) -> None:
    for chunk, cells in zip(chunks, zip(*pending, strict=True), strict=False):
        trimmed = pc.utf8_trim_whitespace(pa.array(cells, pa.string()))
        chunk.append(pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed))
    pending.clear()


class _Ragged:
    """Count the records that are longer or shorter than the header, and keep the first."""

    def __init__(self) -> None:
        self.count = 0
        self._trailing = 0
        self._first: list[tuple[int, int]] = []

    def add(self, line: int, record: list[str], width: int) -> None:
        """Count a record that starts on a line."""
        self.count += 1
        self._trailing += len(record) == width + 1 and not record[-1].strip()
        if len(self._first) < FAULTS_SHOWN:
            self._first.append((line, len(record)))

    def explain(self, width: int, source: str, separator: str, *, everywhere: bool) -> list[str]:
        """Return the faults; ``everywhere`` says that every record is at fault."""
        mark = quoted("tab" if separator == "\t" else separator)
        if everywhere and self._trailing == self.count:
            advice = "remove it, or give the last column a name"
            return [
                f"{name_path(source)}: every row ends with a separator ({mark}) too many; {advice}"
            ]
        faults = [
            f"{name_path(source)}: line {line}: {_count_cells(found)} where the header has "
            f"{width:,}; mend the line (separator {mark})"
            for line, found in self._first
        ]
        if (rest := self.count - len(self._first)) > 0:
            faults.append(
                f"{name_path(source)}: {rest:,} more lines of the wrong length; mend them"
            )
        return faults


def _count_cells(count: int) -> str:
    return "1 cell" if count == 1 else f"{count:,} cells"
