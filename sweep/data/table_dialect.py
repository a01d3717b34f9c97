"""The dialect of a table as text: what divides its cells, told from its first records."""

import collections
import contextlib
import csv
import dataclasses
import io
import itertools
import re
from collections.abc import Iterator, Sequence
from typing import Final

from sweep.data.files import name_path
from sweep.data.names import quoted
from sweep.errors import DataError

SPACE: Final = " "  # as separator: a run of spaces and tabs
SEPARATORS: Final = (",", ";", "\t", "|", SPACE)
COMMENTS: Final = ("#", "%")
LONGEST_LINE: Final = 2**24  # characters
SAMPLE_BYTES: Final = 65_536
SAMPLE_RECORDS: Final = 200
NAMED: Final = re.compile(
    rb'"?sep=([\t ,;:|!~^&/$])"?[,;\t]*(\r\n|\n|\r)', re.IGNORECASE
)  # as Excel does
# No header, but a first cell in apostrophes: then they are what quotes are elsewhere.
APOSTROPHES: Final = re.compile(r"\s*'[^'\"\r\n]*'(\s*[,;\t|\r\n]|\s+'|$)")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """Say how the records of a file are written.

    Attributes:
        separator: What divides cells; a space stands for a run of spaces and tabs.
        quote: What cells stand in that hold separators or line ends.
        width: Cells of most records.
    """

    separator: str
    quote: str = '"'
    width: int = 1

    @property
    def mark(self) -> str:
        """Name the separator as messages do."""
        return {"\t": "'tab'", SPACE: "spaces"}.get(self.separator, quoted(self.separator))

    def parse(self, lines: Iterator[str], *, strict: bool) -> Iterator[tuple[int, list[str]]]:
        """Yield each record that is not blank with the number of the line on which it starts.

        Raises:
            csv.Error: With the line of the record, and what is wrong with it.
        """
        last = ""

        def watched() -> Iterator[str]:
            nonlocal last
            for last in lines:
                yield last.replace("\t", SPACE) if self.separator == SPACE else last

        reader = csv.reader(
            watched(),
            delimiter=self.separator,
            quotechar=self.quote,
            skipinitialspace=True,
            strict=strict,
        )
        line = 1
        try:
            for record in reader:
                if self.separator == SPACE and len(record) > 1 and record[-1] == "":
                    record.pop()
                if len(record) > 1 or last.strip(" \t\r\n"):
                    yield line, record
                line = reader.line_num + 1
        except csv.Error as error:
            raise csv.Error(line, str(error)) from error

    def parse_one(self, record: bytes) -> list[str]:
        """Return the cells of one record that is known to be sound."""
        lines = io.StringIO(record.decode(), newline="")
        return next((cells for _, cells in self.parse(lines, strict=False)), [])

    def is_comment(self, cells: Sequence[str]) -> bool:
        """Return whether a record begins as a comment does, and is no row of the table."""
        return cells[0].startswith(COMMENTS) and len(cells) != self.width


def detect_dialect(data: bytes, source: str) -> tuple[Dialect, bytes, tuple[str, ...]]:
    """Return the dialect that the first records agree on.

    Args:
        data: The text, in UTF-8.
        source: The path, for messages.

    Returns:
        The dialect; the text, its first line empty if it did nothing but name the separator; and
        what a user should know of that.

    Raises:
        DataError: Two separators divide all records equally well.
    """
    separators: tuple[str, ...] = SEPARATORS
    told: tuple[str, ...] = ()
    if named := NAMED.match(data):
        separators = (named[1].decode(),)
        told = (f"line 1 names the separator ({quoted(separators[0])}) and nothing else",)
        data = b"\n" + data[named.end() :]
    sample = data[:SAMPLE_BYTES]
    if len(data) > len(sample):
        sample = sample[: max(sample.rfind(b"\n"), sample.rfind(b"\r")) + 1] or sample
    text = sample.decode(errors="ignore")  # of a last letter there may be a part
    quote = "'" if '"' not in text and APOSTROPHES.match(text) else '"'
    rated = [_rate(text, Dialect(separator=mark, quote=quote)) for mark in separators]
    best, dialect = max(rated, key=lambda pair: pair[0])
    equal = [other.mark for rate, other in rated if rate[:4] == best[:4] == PERFECT]
    if len(equal) > 1:
        raise DataError(
            f"{name_path(source)}: {' and '.join(equal)} divide every record into as many cells; "
            f"say which one it is in a first line, such as sep={dialect.separator}"
        )
    return dialect, data, told


ALIGNED: Final = re.compile(r"\S  +\S")
PERFECT: Final = (True, 2, 1.0, True)


def _rate(text: str, dialect: Dialect) -> tuple[tuple[bool, int, float, bool, int], Dialect]:
    """Rate how well a separator divides: is there a width, does the header have it, do all."""
    parsed = dialect.parse(io.StringIO(text, newline=""), strict=False)
    records: list[list[str]] = []
    with contextlib.suppress(csv.Error):  # of a cell too long, which the reading that follows tells
        records.extend(record for _, record in itertools.islice(parsed, SAMPLE_RECORDS))
    records = [row for row in records if not row[0].startswith(COMMENTS)] or records
    if not records:
        return (False, 0, 0.0, False, 0), dialect
    header, rows = len(records[0]), records[1:] or records
    counts = collections.Counter(map(len, rows))
    width = max(counts, key=lambda count: (counts[count], count == header))
    share = round(sum(len(row) == width for row in records) / len(records), 1)
    grade = 2 if fits(records[0], rows, width) else int(header in (1, width - 1))
    bare = re.sub(f"{dialect.quote}[^{dialect.quote}]*{dialect.quote}", "", text)
    parts = [line.split(dialect.separator) for line in bare.splitlines() if line.strip()]
    if all(any(ALIGNED.search(part) for part in line) for line in parts):
        grade = 0  # then spaces divide, and this is what stands between two of the cells
    is_space = dialect.separator == SPACE
    if is_space and (
        counts[width] < len(rows)
        or not grade
        or (header < 2 and not text.startswith(dialect.quote))
    ):
        width = 1
    if width < 2:
        return (False, 0, 0.0, not is_space, header), dialect
    return (True, grade, share, not is_space, width), dataclasses.replace(dialect, width=width)


def fits(header: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> bool:
    """Return whether a header names every column of a width, but for those without cells."""
    over = [header, *(row for row in rows if len(row) == width)]
    named = min(len(header), width)
    return not any(cell.strip() for row in over for cell in row[named:])
