"""Read texts as numbers, in whatever way people write them, with one decimal mark for a file.

``1.026`` is a little more than one, or a little more than a thousand: a cell cannot tell, nor can
a column of such cells. The other columns of its file can, and for new rows the file that the
network was trained on. So the mark is decided once (`find_decimals`) and then goes everywhere.
"""

import dataclasses
from collections.abc import Mapping
from typing import Final, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sweep.data.names import quoted
from sweep.data.table_arrow import as_arrow, encode, matches

Decimal = Literal[".", ","]

MARKS: Final[tuple[Decimal, Decimal]] = (".", ",")
LARGEST: Final = float(np.finfo(np.float32).max)
NEARLY_ALL: Final = 0.9  # share of numbers from which a few other cells are taken for mistakes
MOST_LIMITS: Final = 0.3  # groups such as <18, 18-65, >65 have more
THOUSAND: Final = 3  # digits below it
SAMPLE: Final = 1_000  # cells after which most columns of words are told from numbers

# Words for a missing value among numbers and dates, in small letters; as a class or a category
# only the first are missing: the others may mean something there.
NOT_AVAILABLE: Final = ("na", "n/a", "nan", "null", "nil", "nat", "<na>", "#na", "#n/a")
MISSING_WORDS: Final = frozenset(
    {
        *NOT_AVAILABLE,
        *("none", "n.a.", "n.d.", "\\n", "-", "--", "?", ".", "*", "missing", "unknown"),
        *("not available", "not applicable", "#n/a n/a", "#null!", "#div/0!", "#value!", "#ref!"),
        *("#name?", "#num!", "-nan", "1.#ind", "-1.#ind", "1.#qnan", "-1.#qnan"),
    }
)

GAPS: Final = " '’\N{NO-BREAK SPACE}\N{THIN SPACE}\N{NARROW NO-BREAK SPACE}"  # noqa: RUF001 - in use
CURRENCY: Final = r"(?:\p{Sc}|US\$|USD|EUR|GBP|CHF|JPY|CNY|INR|CAD|AUD|NZD|SEK|NOK|DKK|PLN|Rs\.?)"
NUMBERS: Final[Mapping[Decimal, str]] = {  # the groups of India have two digits
    mark: rf"(?:\d+(?:\{mark}\d*)?|\{mark}\d+)(?:[eE][+-]?\d+)?"
    rf"|(?:[1-9]\d{{0,2}}(?:[{GAPS}{other}]\d{{3}})+|[1-9]\d?(?:\{other}\d{{2}})+\{other}\d{{3}})(?:\{mark}\d*)?"
    for mark, other in (MARKS, MARKS[::-1])
}
# A currency before the number; behind it a currency, per cent, or a unit such as kg or m².
SHAPES: Final[Mapping[Decimal, str]] = {
    mark: rf"^(?P<before>{CURRENCY}?)[{GAPS}]?(?P<inner>[+-]?(?:{number}))"
    rf"[{GAPS}]?(?P<after>{CURRENCY}|[%‰]|[°\p{{L}}µ]\D{{0,15}}[23]?)?$"
    for mark, number in NUMBERS.items()
}
LIMIT: Final = r"^[<>≤≥]=? ?"  # of what a device measures, as in <0.5
SIGN_FIRST: Final = rf"^([+-])({CURRENCY})"
ACCOUNTING: Final = r"^\(([^()]*\d[^()]*)\)$"  # a negative amount
POINTED: Final = r"[+-]?[1-9]\d{0,2}(\.\d{3})+$"  # what points between thousands look like
INFINITE: Final = r"^[+-]?(?i:inf|infinity)$"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class NumberReading:
    """Hold what a column of texts is as numbers.

    Attributes:
        numbers: float64 [rows]; NaN where the cell is missing or no number; infinite where the
            cell says so or is too large for float64.
        unreadable: bool [rows], cells that hold something else than a number.
        notation: How the numbers are written, for messages; empty for ``1234.5``.
        unit: The currency, per cent sign or unit that stands beside them; empty for none.
    """

    numbers: NDArray[np.float64]
    unreadable: NDArray[np.bool_]
    notation: str = ""
    unit: str = ""


def drop_missing_words(texts: pd.Series) -> pd.Series:
    """Return texts without the words that mean missing among numbers and dates."""
    different = pd.Series(texts.unique(), dtype="str")
    words = different[different.str.lower().isin(MISSING_WORDS)]
    return texts.mask(texts.isin(words)) if len(words) else texts


def read_plain(texts: pd.Series) -> NDArray[np.float64] | None:
    """Return texts as numbers, float64 [rows], if all of them are written as ``1234.5``."""
    column = as_arrow(texts)
    try:
        pc.cast(column[:SAMPLE], pa.float64())  # Arrow goes through all cells before it fails
        numbers = pc.cast(column, pa.float64())
    except pa.ArrowInvalid:
        return None
    values: NDArray[np.float64] = numbers.to_numpy(zero_copy_only=False)
    return values


def read_numbers(
    texts: pd.Series, decimal: Decimal = ".", *, most_limits: float = MOST_LIMITS
) -> NumberReading:
    """Read texts as numbers.

    A currency, a per cent sign or a unit is read over where all cells have the same one.

    Args:
        texts: Texts without spaces around them; missing where a cell is.
        decimal: The decimal mark; the other mark, gaps and apostrophes may group digits.
        most_limits: Share of different texts up to which <0.5 is 0.5; of more they are classes.
    """
    if decimal == "." and (plain_numbers := read_plain(texts)) is not None:
        wrong = np.zeros(len(texts), dtype=np.bool_)
        return NumberReading(numbers=plain_numbers, unreadable=wrong)
    distinct, places = encode(texts)
    different = _read_different(distinct, decimal, most_limits)
    return NumberReading(
        numbers=np.append(different.numbers, np.nan)[places],
        unreadable=np.append(different.unreadable, np.False_)[places],
        notation=different.notation,
        unit=different.unit,
    )


def _read_different(column: pa.Array, decimal: Decimal, most_limits: float) -> NumberReading:
    """Read texts of which none is missing."""
    bare = pc.replace_substring(column, "\N{MINUS SIGN}", "-")
    bare = pc.replace_substring_regex(bare, ACCOUNTING, r"-\1")
    bare = pc.replace_substring_regex(bare, SIGN_FIRST, r"\2\1")
    limits = matches(bare, LIMIT)
    limited = bool(limits.any()) and limits.mean() <= most_limits
    if limited:
        bare = pc.replace_substring_regex(bare, LIMIT, "")
    readable = matches(bare, SHAPES[decimal])  # far faster than to extract, and mostly in vain
    inner, with_unit, unit = _strip(bare.filter(pa.array(readable)), decimal)
    readable[readable] = with_unit
    infinite = matches(column, INFINITE)
    other = "," if decimal == "." else "."
    plain = pc.replace_substring_regex(inner, rf"[{GAPS}{other}]", "")
    values = np.full(len(column), np.nan)
    values[readable] = pc.cast(pc.replace_substring(plain, ",", "."), pa.float64()).to_numpy()
    values[infinite] = pc.cast(column.filter(pa.array(infinite)), pa.float64()).to_numpy()
    bracketed = bool((matches(column, ACCOUNTING) & readable).any())
    return NumberReading(
        numbers=values,
        unreadable=~(readable | infinite),
        notation=_name_notation(inner, decimal, unit, bracketed=bracketed, limited=limited),
        unit=unit,
    )


def find_decimals(
    columns: Mapping[str, pd.Series], given: Decimal | None = None, separator: str = ""
) -> dict[str, Decimal | None]:
    """Find the decimal mark of each column of a file; columns that can tell tell for the others.

    Args:
        columns: Columns of texts.
        given: The mark of all that cannot tell, if the user gave it.
        separator: What divides the cells of the file; where it is the comma, a decimal mark is not.

    Returns:
        The mark of each column; None where a comma may be either, and no other column tells.
    """
    possible = {name: _possible_decimals(texts) for name, texts in columns.items()}
    sure = {mark for marks in possible.values() if len(marks) == 1 for mark in marks}
    [of_file] = [given] if given or len(sure) != 1 else sure
    found: dict[str, Decimal | None] = {}
    for name, marks in possible.items():
        if len(marks) == 1:
            [found[name]] = marks
        elif len(marks) == 2 and of_file is None:
            # The point is the mark of the languages of programs, unless the file has both.
            has_comma = bool(columns[name].str.contains(",", regex=False).any())
            is_open = (has_comma and separator != ",") or bool(sure)
            found[name] = None if is_open else "."
        else:
            found[name] = of_file or "."
    return found


def warn_thousands(texts: pd.Series, where: str, unit: str = "") -> tuple[str, ...]:
    """Ask about points that would divide thousands as well: beside 979, 1.026 may be 1,026.

    Args:
        texts: Numbers that were read with a decimal point.
        where: The column, as messages name it.
        unit: What stands beside the numbers.
    """
    if unit:
        texts = texts.str.replace(r"[^0-9.]", "", regex=True)
    if not all(_may_group(some.dropna()) for some in (texts.iloc[:SAMPLE], texts)):
        return ()
    present = texts.dropna()
    pointed = present.str.contains(".", regex=False)
    whole, others = present[~pointed], present[pointed]
    if whole.empty or others.empty or whole.str.len().max() > THOUSAND:
        return ()
    advice = "if points divide thousands, give --decimal ,"
    first = quoted(str(others.iloc[0]))
    return (f"{where}: {first} is read with a decimal point; {advice}",)


def beyond_float32(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which numbers are infinite or too large for float32; missing ones are not."""
    return ~np.isnan(values) & ~(np.abs(values) <= LARGEST)


def _possible_decimals(texts: pd.Series) -> tuple[Decimal, ...]:
    """Return the marks with which a column is one of numbers; none where all are the same."""
    for some in (texts.iloc[:SAMPLE], texts):  # the first of them tell in most files
        present = some.dropna()
        if read_plain(present) is None:
            break
        if not _may_group(present):
            return (".",)
    else:
        return MARKS if present.str.contains(".", regex=False).any() else ()
    present = drop_missing_words(texts.dropna().iloc[:SAMPLE]).dropna()
    if read_numbers(present).unreadable.all() and read_numbers(present, ",").unreadable.all():
        return ()  # words
    present = drop_missing_words(texts).dropna()
    readings = {mark: read_numbers(present, mark) for mark in MARKS}
    failed = {mark: reading.unreadable.mean() for mark, reading in readings.items()}
    fewest = min(failed.values(), default=1.0)
    best = tuple(mark for mark in MARKS if failed[mark] == fewest <= 1 - NEARLY_ALL)
    if len(best) == 2 and np.array_equal(readings["."].numbers, readings[","].numbers):
        return ()
    return best


def _may_group(present: pd.Series) -> bool:
    """Return whether every point in a column of numbers may stand between thousands."""
    return bool(present[present.str.contains(".", regex=False)].str.match(POINTED).all())


def _strip(column: pa.Array, decimal: Decimal) -> tuple[pa.Array, NDArray[np.bool_], str]:
    """Return numbers without what stands around them, which cells these are, and what it was."""
    parts = pc.extract_regex(column, SHAPES[decimal])
    before, inner, after = (pc.struct_field(parts, name) for name in ("before", "inner", "after"))
    around = pc.binary_join_element_wise(before, after, "")
    units = pc.unique(around).to_pylist()
    named = [unit for unit in units if unit]
    # Amounts may stand beside a bare 0, but 5 and 5 % are not alike.
    if len(named) == 1 and (len(units) == 1 or matches(pa.array(named), f"^{CURRENCY}$").all()):
        return inner, np.ones(len(column), dtype=np.bool_), named[0]
    bare = pc.equal(around, "")
    return inner.filter(bare), bare.to_numpy(zero_copy_only=False), ""


def _name_notation(
    numbers: pa.Array, decimal: Decimal, unit: str, *, bracketed: bool, limited: bool
) -> str:
    other, name = (",", "commas") if decimal == "." else (".", "points")
    groups = [name] if matches(numbers, rf"\{other}").any() else []
    if matches(numbers, f"[{GAPS}]").any():
        groups.append("spaces or apostrophes")
    ways = [f"{' and '.join(groups)} between thousands"] if groups else []
    if decimal == "," and matches(numbers, ",").any():
        ways.append("a decimal comma")
    if bracketed:
        ways.append("brackets around negative ones")
    if limited:
        ways.append("limits such as <5, taken for the number itself")
    if unit:
        ways.append(f"the unit '{unit}'")
    return " and ".join(ways)
