"""Tables of the page, as text ready to be shown: columns named for people, one format each."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import pandas as pd

from reports import wording

LONGEST_TABLE: Final = 200  # rows of the table behind a figure; the rest is in the run folder

Format = Callable[[Any], str]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Hold a table of texts.

    Attributes:
        caption: What it holds, and what was left out.
        header: Names of the columns.
        numeric: Whether each column holds numbers.
        rows: One tuple of texts a row, in the order of the header.
        marks: One verdict a row, where the second column shows verdicts; else empty.
        winner: Index of the row to point out, or -1.
        ids: One anchor a row, ``""`` for a row without one; empty if no row has one.
    """

    caption: str
    header: tuple[str, ...]
    numeric: tuple[bool, ...]
    rows: tuple[tuple[str, ...], ...]
    marks: tuple[str, ...] = ()
    winner: int = -1
    ids: tuple[str, ...] = ()


class Column(NamedTuple):
    """Say how one column of a data frame is shown: its source, its title and its format."""

    source: str
    title: str
    write: Format
    numeric: bool = True


def figure_table(
    data: pd.DataFrame,
    caption: str,
    formats: Mapping[str, Format] | Sequence[Format] = (),
    *,
    most: int | None = LONGEST_TABLE,
) -> Table:
    """Write the numbers behind a figure: the first 200 rows, every column under its own name.

    Args:
        data: A tidy table, its columns named for people.
        caption: What it holds.
        formats: Of some columns by name, or of all in their order; of the others texts are cut,
            whole numbers are counts, and the rest is written to three significant digits.
        most: How many rows are written; None for all.
    """
    columns = []
    for place, (name, values) in enumerate(data.items()):
        is_number = pd.api.types.is_numeric_dtype(values)
        is_whole = pd.api.types.is_integer_dtype(values)
        write: Format = (
            wording.count if is_whole else wording.loss if is_number else wording.shorten
        )
        if isinstance(formats, Mapping):
            write = formats.get(str(name), write)
        elif formats:
            write = formats[place]
        columns.append(Column(f"c{place}", str(name), write, is_number))
    named = data.set_axis([one.source for one in columns], axis=1)
    return first_rows(named, caption, columns, most=most)


def first_rows(
    data: pd.DataFrame, caption: str, columns: Sequence[Column], *, most: int | None = LONGEST_TABLE
) -> Table:
    """Write the first rows of a table, and say so; else as `whole_table` does."""
    shown = data if most is None else data.head(most)
    if len(data) > len(shown):
        caption = f"{caption} The first {len(shown)} of {wording.count(len(data))} rows."
    return whole_table(shown, caption, columns)


def whole_table(data: pd.DataFrame, caption: str, columns: Sequence[Column]) -> Table:
    """Write every row of a table.

    Args:
        data: A tidy table.
        caption: What it holds.
        columns: Which of its columns are shown, and how.
    """
    texts = [[column.write(value) for value in data[column.source]] for column in columns]
    return Table(
        caption=caption,
        header=tuple(column.title for column in columns),
        numeric=tuple(column.numeric for column in columns),
        rows=tuple(zip(*texts, strict=True)),
    )


def alignment(table: Table, name: str) -> str:
    """Return the CSS that aligns a table's columns of text, cheaper than a class on every cell.

    Args:
        table: Any table.
        name: Its id on the page.
    """
    texts = [place + 1 for place, numeric in enumerate(table.numeric) if not numeric]
    cells = ",".join(f"#{name} td:nth-child({place})" for place in texts)
    return f"{cells}{{text-align:start}}" if cells else ""
