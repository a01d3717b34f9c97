"""CSV: bytes in, columns of text out; every record that does not fit its header is named.

The records are read by Python's csv module in strict mode, not by pandas: pandas pads rows that
are too short, drops the cells of a comma too many, and stops at the first fault without a line.
"""

import codecs
import csv
import dataclasses
import io
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
SAMPLE_CHARACTERS: Final = 65_536
SAMPLE_RECORDS: Final = 50
CHUNK_RECORDS: Final = 20_000
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
        DataError: Not UTF-8, NUL bytes, no rows, unclosed quotes, or rows of another length than
            the header; all rows at fault are reported together.
    """
    text = _decode(data, source)
    separator = _detect_separator(text)
    records = _number_records(text, separator, source)
    first = next(records, None)
    if first is None:
        raise DataError(f"{name_path(source)}: is empty; give a header and at least 10 rows")
    header = tuple(name.strip() for name in first[1])
    lines, columns = _collect(records, len(header), source, separator)
    if len(lines) == 0:
        raise DataError(f"{name_path(source)}: has a header and no rows; give at least 10 rows")
    return Records(header=header, columns=columns, lines=lines)


def _decode(data: bytes, source: str) -> str:
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
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DataError(
            f"{name_path(source)}: line {line} is not UTF-8 (byte 0x{data[error.start]:02x}; "
            "perhaps Latin-1 or Windows-1252); save it as UTF-8, for example with "
            "iconv -f WINDOWS-1252 -t UTF-8"
        ) from error


def _detect_separator(text: str) -> str:
    """Return the separator under which most records have as many cells as the header."""
    sample = text[:SAMPLE_CHARACTERS]
    if len(text) > len(sample):
        sample = sample[: max(sample.rfind("\n"), sample.rfind("\r")) + 1] or sample

    def rate(separator: str) -> tuple[bool, float, int]:
        reader = csv.reader(io.StringIO(sample, newline=""), delimiter=separator)
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


def _number_records(text: str, separator: str, source: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each record that is not blank with the line on which it starts."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
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
    lines: list[int] = []
    pending: list[list[str]] = []
    chunks: list[list[pa.Array]] = [[] for _ in range(width)]
    ragged: list[tuple[int, int]] = []
    trailing = 0
    for line, record in records:
        if len(record) != width:
            ragged.append((line, len(record)))
            trailing += len(record) == width + 1 and not record[-1].strip()
            continue
        lines.append(line)
        pending.append(record)
        if len(pending) == CHUNK_RECORDS:
            _flush(pending, chunks)
    if ragged:
        everywhere = trailing == len(ragged) and not lines
        raise DataError(_explain_ragged(ragged, width, source, separator, everywhere=everywhere))
    _flush(pending, chunks)
    columns = tuple(pa.chunked_array(chunk, pa.string()) for chunk in chunks)
    return np.asarray(lines, dtype=np.int64), columns


def _flush(pending: list[list[str]], chunks: list[list[pa.Array]]) -> None:
    for chunk, cells in zip(chunks, zip(*pending, strict=True), strict=False):
        trimmed = pc.utf8_trim_whitespace(pa.array(cells, pa.string()))
        chunk.append(pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed))
    pending.clear()


def _explain_ragged(
    ragged: list[tuple[int, int]], width: int, source: str, separator: str, *, everywhere: bool
) -> list[str]:
    mark = "tab" if separator == "\t" else separator
    if everywhere:
        advice = "remove it, or give the last column a name"
        text = f"every row ends with a separator ({quoted(mark)}) too many; {advice}"
        return [f"{name_path(source)}: {text}"]
    faults = [
        f"{name_path(source)}: line {line}: {found:,} cells where the header has {width:,}; "
        f"mend the line (separator {quoted(mark)})"
        for line, found in ragged[:FAULTS_SHOWN]
    ]
    if (rest := len(ragged) - FAULTS_SHOWN) > 0:
        faults.append(f"{name_path(source)}: {rest:,} more lines of the wrong length; mend them")
    return faults
