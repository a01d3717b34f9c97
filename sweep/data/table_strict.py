"""Tables as text that are not sound, or of an odd dialect: Python's csv module in strict mode.

It reads a tenth as fast as Arrow does, and knows on which line a fault is.
"""

import array
import csv
import io
import itertools
from collections.abc import Iterator
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sweep.data.files import name_path
from sweep.data.table_dialect import LONGEST_LINE, Dialect
from sweep.errors import DataError

CHUNK_CELLS: Final = 500_000  # held as Python's own strings
CHUNK_RECORDS: Final = 40  # at least, or a wide table becomes many small arrays
FAULTS_SHOWN: Final = 5

Record = tuple[int, list[str]]  # the line on which it starts, and its cells


class StrictReader:
    """Read the records of a text one after the other.

    Attributes:
        comments: The lines of comments so far.
        trailing: The lines of separators only since the last row.
    """

    def __init__(self, data: bytes, dialect: Dialect, source: str, first_line: int) -> None:
        self.comments = array.array("q")
        self.trailing = array.array("q")
        self._data = data
        self._dialect = dialect
        self._source = name_path(source)
        self._first_line = first_line

    def records(self) -> Iterator[Record]:
        """Yield each record that is a row, or may be a header.

        Raises:
            DataError: Its quotes leave no reading, or a line or cell of it is too long.
        """
        held: list[Record] = []
        try:
            for line, cells in self._dialect.parse(self._lines(), strict=True):
                record = (line + self._first_line - 1, cells)
                if self._dialect.is_comment(cells):
                    self.comments.append(record[0])
                elif len(cells) > 1 and not any(map(str.strip, cells)):
                    held.append(record)
                else:
                    yield from (*held, record)
                    held.clear()
        except csv.Error as error:
            line, reason = error.args
            raise DataError(
                f"{self._source}: line {line + self._first_line - 1}: {_explain(reason)}"
            ) from error
        self.trailing.extend(line for line, _ in held)

    def collect(
        self, records: Iterator[Record], width: int
    ) -> tuple[list[pa.ChunkedArray], NDArray[np.int64]]:
        """Gather records by column, in chunks: Python's own strings take ten times the memory.

        Args:
            records: The rows.
            width: How many cells each has to have.

        Returns:
            The cells of each column, and the lines of the rows.

        Raises:
            DataError: Rows are of another length; the first are named.
        """
        lines = array.array("q")
        chunks: list[list[pa.Array]] = [[] for _ in range(width)]
        ragged: list[str] = []
        others = 0
        most = max(CHUNK_CELLS // max(width, 1), CHUNK_RECORDS)
        while part := list(itertools.islice(records, most)):
            rows = [(line, cells) for line, cells in part if len(cells) == width]
            for line, cells in part:
                if len(cells) != width:
                    others += 1
                    if others <= FAULTS_SHOWN:
                        ragged.append(
                            f"{self._source}: line {line}: {_count_cells(len(cells))} where the "
                            f"header has {width:,}; mend the line (separator {self._dialect.mark})"
                        )
            lines.extend(line for line, _ in rows)
            for chunk, column in zip(chunks, zip(*(c for _, c in rows), strict=True), strict=False):
                chunk.append(pa.array(column, pa.string()))
        if others > FAULTS_SHOWN:
            rest = others - FAULTS_SHOWN
            ragged.append(f"{self._source}: {rest:,} more lines of the wrong length; mend them")
        if ragged:
            raise DataError(ragged)
        columns = [pa.chunked_array(chunk, pa.string()) for chunk in chunks]
        return columns, np.array(lines, dtype=np.int64)

    def _lines(self) -> Iterator[str]:
        """Yield the lines as they are; io.StringIO would hold all at four bytes a letter."""
        with io.TextIOWrapper(io.BytesIO(self._data), encoding="utf-8", newline="") as stream:
            for number in itertools.count(self._first_line):
                line = stream.readline(LONGEST_LINE + 1)
                if len(line) > LONGEST_LINE:
                    raise DataError(
                        f"{self._source}: line {number:,} has more than {LONGEST_LINE:,} "
                        "characters; is it a table?"
                    )
                if not line:
                    return
                yield line


def _explain(reason: str) -> str:
    if "unexpected end of data" in reason:
        return 'a quote (") is opened and never closed; close it, or write "" for a quote'
    if "expected after" in reason:
        return 'text follows a closing quote ("); write "" for a quote inside quotes'
    if "field limit" in reason:
        return f'a cell has more than {csv.field_size_limit():,} characters; is a quote (") open?'
    return f"{reason}; write the file again"


def _count_cells(count: int) -> str:
    return "1 cell" if count == 1 else f"{count:,} cells"
