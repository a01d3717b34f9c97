"""The header of a table as text: where it stands, if there is one, and how columns are called."""

import dataclasses
import itertools
import re
from collections.abc import Sequence
from typing import Final, Literal

import pyarrow as pa
import pyarrow.compute as pc

from sweep.data.files import name_path
from sweep.data.names import listed, quoted
from sweep.data.table_dialect import COMMENTS, SAMPLE_RECORDS, Dialect, fits
from sweep.errors import DataError

QUANTITY: Final = re.compile(r"[\W\d_]*\d(e[-+]?\d+)?[\W\d_]*", re.IGNORECASE)  # also dates, money
LONGEST_QUANTITY: Final = 40  # characters
MISSING: Final = frozenset({"", "na", "nan", "n/a", "null", "none", "-", "?", "."})
MOSTLY: Final = 0.9  # of a column's cells are quantities where it is one of them
HALF: Final = 0.5
YEARS: Final = (1800, 2200)
MOST_TITLES: Final = 10

Reading = Literal["surely", "names", "row", "both"]  # of a record above others; both: names, or not


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """Say what the columns are called, as far as the first records tell.

    Attributes:
        names: As written; none where there is no header. One fewer than ``width`` where the first
            column holds row labels, or rows end with a separator.
        records: How many records stand above the rows: titles, and the header itself.
        width: Cells of each row.
        warnings: What was guessed.
    """

    names: tuple[str, ...]
    records: int
    width: int
    warnings: tuple[str, ...] = ()


def find_header(
    head: Sequence[tuple[int, list[str]]], dialect: Dialect, *, asked: bool | None
) -> Header:
    """Find the header among the first records, or that there is none.

    Args:
        head: The first records, at least one: the line on which each starts, and its cells.
        dialect: How they are written.
        asked: Whether there is a header; None to tell it from the records.
    """
    records = [[cell.strip() for cell in cells] for _, cells in head]
    width = dialect.width
    if asked is False:
        return Header(names=(), records=0, width=width)
    place = _count_titles(records, width)
    warnings = tuple(
        f"line {line} is no row of the table and was left out ({quoted(' '.join(cells).strip())})"
        for line, cells in head[:place]
    )
    names, rows, line = records[place], records[place + 1 :], head[place][0]
    told = _tell(names, rows) if asked is None and len(names) == width else "names"
    if told == "row":
        guess = (
            f"line {line} was read as a row, since it holds {listed(names, most=3)}: the columns "
            f"are called 'column 1' to 'column {width}', as --no-header says"
        )
        return Header(names=(), records=place, width=width, warnings=(*warnings, guess))
    if told == "both":
        guess = f"line {line} was read as names ({listed(names, most=3)})"
        warnings += (f"{guess}; say --no-header if it is a row",)
    if names[0].startswith(COMMENTS):
        names = [names[0].lstrip("".join(COMMENTS)).strip(), *names[1:]]
        warnings += (f"line {line} begins as a comment does; read as the header",)
    is_full = fits(names, rows, width)
    if len(names) > width and is_full:
        names = names[:width]
        warnings += ("only the header ends with a separator; it was left out",)
    may_be_labelled = len(names) == width - 1 and rows and _tell(rows[0], rows[1:]) != "surely"
    if not is_full and not may_be_labelled:
        width = len(names)  # the reading that follows names every row that does not fit
    return Header(names=tuple(names), records=place + 1, width=width, warnings=warnings)


def name_columns(
    header: Header, columns: Sequence[pa.ChunkedArray], source: str
) -> tuple[tuple[str, ...], tuple[pa.ChunkedArray, ...], tuple[str, ...]]:
    """Give every column a name of its own; what has none is called as pandas does.

    Args:
        header: The header.
        columns: The cells of each column.
        source: The path, for messages.

    Returns:
        The names, the columns that are kept, and what a user should know of them.

    Raises:
        DataError: Rows have a cell more than the header, and the first are no row labels.
    """
    names = list(header.names) or [f"column {place + 1}" for place in range(header.width)]
    kept, further = list(columns), columns[len(names) :]
    warnings: list[str] = []
    if further and all(cells.null_count == len(cells) for cells in further):
        kept = kept[: len(names)]
        warnings.append("every row ends with a separator too many; it was left out")
    elif further:
        if len(further) > 1 or not _are_labels(kept[0]):
            raise DataError(
                f"{name_path(source)}: every row has {header.width} cells where the header has "
                f"{len(names)}, and the first of them are no row labels; name every column"
            )
        names.insert(0, "")
        warnings.append(
            "the header has a name fewer than rows have cells: the first are row labels"
        )
    named: dict[str, pa.ChunkedArray] = {}
    told: dict[str, list[str]] = {}
    for place, (name, cells) in enumerate(zip(names, kept, strict=True)):
        if not name and cells.null_count == len(cells):
            told.setdefault("no name and no value, left out", []).append(f"column {place + 1}")
            continue
        free = wanted = name or f"Unnamed: {place}"
        copies = itertools.count(1)
        while free in named or (free != wanted and free in names):
            free = f"{wanted}.{next(copies)}"
        if free != name:
            why = "a name that another column has" if name else "no name"
            told.setdefault(f"{why}, called apart", []).append(free)
        named[free] = cells
    warnings += [f"{what}: {listed(columns, most=5)}" for what, columns in told.items()]
    return tuple(named), tuple(named.values()), tuple(warnings)


def _count_titles(records: Sequence[Sequence[str]], width: int) -> int:
    """Count the lines above the header, where only one reading of them is left."""
    place = 0
    while width > 1 and place < len(records) and sum(map(bool, records[place])) <= 1:
        place += 1
    if place + 1 >= len(records) or not 0 <= place <= MOST_TITLES:
        return 0
    names, rows = records[place], records[place + 1 :]
    if place == 0 and names[0].startswith(COMMENTS):  # a comment that has as many cells as rows
        return int(len(rows[0]) == width and _tell(rows[0], rows[1:]) == "surely")
    is_header = fits(names, rows, width) and not any(map(_is_quantity, names))
    if width == 2 and len(records[0]) == 1:  # the first may be the header of R's row labels
        is_header = is_header and _tell(names, rows) == "surely"
    return place if is_header and all(names[1:width]) else 0


def _tell(names: Sequence[str], rows: Sequence[Sequence[str]]) -> Reading:
    """Tell whether a record holds names, a row, or perhaps either, by the rows below it."""
    if not any(map(_is_quantity, names)) and list(names) in map(list, rows):
        return "names"  # which stand again where files were put together
    columns = [
        {row[place] for row in rows if place < len(row) and row[place].lower() not in MISSING}
        for place in range(len(names))
    ]
    counted = [sum(map(_is_quantity, cells)) >= MOSTLY * len(cells) > 0 for cells in columns]
    above = [name for name, is_counted in zip(names, counted, strict=True) if is_counted]
    above = [name for name in above if name.lower() not in MISSING]
    numbers = sum(map(_is_quantity, above))
    if numbers < len(above):
        return "both" if numbers else "surely"
    if not names[0] and all(names[1:]) and len(columns[0]) == len(rows):  # above row labels
        return "both" if above else "names"
    if above:
        return "both" if _are_counted_up(above) else "row"
    occurring = [name in cells for name, cells in zip(names, columns, strict=True) if name]
    needed = HALF if len(set(names)) < len(names) else MOSTLY
    return "row" if occurring and sum(occurring) >= needed * len(occurring) else "names"


def _is_quantity(cell: str) -> bool:
    return QUANTITY.fullmatch(cell[:LONGEST_QUANTITY]) is not None


def _are_counted_up(names: Sequence[str]) -> bool:
    """Return whether numbers are such as columns are called by: 0, 1, 2 ..., or years."""
    if len(names) < 2 or not all(name.isdecimal() for name in names):
        return False
    numbers = [int(name[:LONGEST_QUANTITY]) for name in names]
    are_years = all(YEARS[0] <= number <= YEARS[1] for number in numbers)
    return numbers == list(range(len(numbers))) or (are_years and numbers == sorted(set(numbers)))


def _are_labels(cells: pa.ChunkedArray) -> bool:
    """Return whether cells can be row labels: all different, and whole numbers or texts."""
    if cells.null_count or pc.count_distinct(cells).as_py() < len(cells):
        return False
    first = cells.slice(0, SAMPLE_RECORDS).to_pylist()
    return all(cell.isdecimal() for cell in first) or not all(map(_is_quantity, first))
