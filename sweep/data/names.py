"""Names from a user's file, as a message may show them: harmless, short, and with suggestions."""

import dataclasses
import os
import shlex
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sweep.spelling import closest

LONGEST_SHOWN: Final = 60
ROWS_SHOWN: Final = 5
REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"
UNSAFE_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def printable(text: str, *, longest: int = LONGEST_SHOWN) -> str:
    """Return a text that cannot move the cursor, fake a line or turn the writing direction.

    Args:
        text: A name or a cell from a user's file.
        longest: Characters that are kept; longer texts end in an ellipsis.
    """
    shown = "".join(
        REPLACEMENT if unicodedata.category(letter) in UNSAFE_CATEGORIES else letter
        for letter in text[: longest + 1]
    )
    return shown if len(text) <= longest else shown[: longest - 1] + "…"


def quoted(text: str) -> str:
    """Return a name in quotation marks, safe to print."""
    return f"'{printable(text)}'"


def option(name: str, column: str) -> str:
    """Return an option with a column as a shell takes it, such as ``--keep 'Unnamed: 0'``."""
    return f"--{name} {shlex.quote(printable(column))}"


def listed(names: Iterable[str], *, most: int = 40) -> str:
    """Return names in quotation marks, separated by commas, cut after ``most`` of them."""
    every = list(names)
    shown = ", ".join(quoted(name) for name in every[:most])
    rest = len(every) - most
    return f"{shown} and {rest:,} more" if rest > 0 else shown


def without_value(missing: NDArray[np.bool_]) -> str:
    """Count the rows that have no value, such as ``3 rows have no value``."""
    count = int(missing.sum())
    return "1 row has no value" if count == 1 else f"{count:,} rows have no value"


def did_you_mean(name: str, options: Sequence[str]) -> str:
    """Return ``did you mean 'x'?``, or an empty text where nothing resembles the name.

    Args:
        name: What was written.
        options: What could have been meant.
    """
    guess = closest(name, options)
    return "" if guess is None else f"did you mean {quoted(guess)}?"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RowPlaces:
    """Say where the rows of a data set stand in their file.

    Attributes:
        source: The path as given.
        word: What a row is called: ``line`` of a CSV file (as a text editor counts, the header
            being line 1), ``row`` of a Parquet file (from 1), ``index`` of an array (from 0).
        numbers: int64 [rows], the number of each row in the file; negative in the other file.
        other: Path of a second file, whose rows follow; empty for none.
    """

    source: str
    word: str
    numbers: NDArray[np.int64]
    other: str = ""

    def fault(self, text: str) -> str:
        """Return one fault line that names the file first."""
        return f"{printable(self.source, longest=200)}: {text}"

    def of(self, mask: NDArray[np.bool_]) -> str:
        """Name the rows where the mask is true, such as ``lines 3, 8 and 12 more``."""
        numbers = self.numbers[mask]
        plural = {"index": "indices"}.get(self.word, f"{self.word}s")
        word = self.word if len(numbers) == 1 else plural
        other = f" of {printable(os.path.basename(self.other))}"  # noqa: PTH119 - of any text
        shown = ", ".join(
            str(number) if number >= 0 else f"{-number}{other}" for number in numbers[:ROWS_SHOWN]
        )
        rest = len(numbers) - ROWS_SHOWN
        return f"{word} {shown} and {rest:,} more" if rest > 0 else f"{word} {shown}"
