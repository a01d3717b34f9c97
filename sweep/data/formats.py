"""The formats of data: what a file may end in. Messages, help and docs follow from this table."""

import dataclasses
from typing import Final, Literal

Reader = Literal["text", "parquet", "feather", "arrays"]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """Describe a format of data.

    Attributes:
        endings: What its files end in, in small letters.
        reader: Who reads it.
        title: What such a file is, as the documentation says it.
        packed: Whether it may be compressed as a whole, which a further ending says.
    """

    endings: tuple[str, ...]
    reader: Reader
    title: str
    packed: bool = False


FORMATS: Final = (
    Format(
        endings=(".csv", ".tsv", ".txt", ".data"),
        reader="text",
        title="a table as text",
        packed=True,
    ),
    Format(endings=(".parquet",), reader="parquet", title="a table"),
    Format(
        endings=(".npz",),
        reader="arrays",
        title="arrays `x`, `y`; or `x_train`, `y_train`, `x_test`, `y_test`; never pickled objects",
    ),
)
PACKINGS: Final = ("", ".gz", ".bz2", ".xz", ".zip")
PLAIN_ENDINGS: Final = tuple(ending for row in FORMATS for ending in row.endings)
TABLE_ENDINGS: Final = tuple(
    ending for row in FORMATS if row.reader != "arrays" for ending in row.endings
)


def find_format(source: str) -> Format | None:
    """Return the format that the ending of a path is of; None where it is of none."""
    name = source.lower()
    for row in FORMATS:
        packings = PACKINGS if row.packed else ("",)
        if name.endswith(tuple(ending + packing for ending in row.endings for packing in packings)):
            return row
    return None


def describe_endings() -> str:
    """List the endings of all formats as messages and help say them."""
    packed = [ending for row in FORMATS if row.packed for ending in row.endings]
    others = [ending for row in FORMATS if not row.packed for ending in row.endings]
    also = f"{', '.join(PACKINGS[1:-1])} or {PACKINGS[-1]}"
    return f"{', '.join(packed)} (also with {also}), {', '.join(others)}"
