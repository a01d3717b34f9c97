"""What is wrong or odd about a table whose columns are understood: columns dropped, and warnings.

Nothing here stops a run; a warning says what was seen and what it may mean for the result.
"""

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sweep.data.names import RowPlaces, option, quoted
from sweep.data.spec import DataSpec
from sweep.data.table_columns import TypedColumn
from sweep.data.target import EncodedTarget

IDENTIFIER_NAME: Final = re.compile(
    r"(?i:(.*[_\W])?(id|ids|uuid|guid|index|idx|key)|unnamed.*|row[_\W]*(no|nr|number)?)"
    r"|.*[a-z](Id|ID)"
)
IDENTIFIER_ROWS: Final = 20  # with fewer rows, all values may differ by chance
FREE_TEXT_SHARE: Final = 0.9
MOST_CATEGORIES: Final = 50  # one-hot columns per category column; the rarest share the last
LEAK_CORRELATION: Final = 1 - 1e-9


def drop_useless(
    columns: Sequence[TypedColumn], places: RowPlaces, spec: DataSpec
) -> tuple[tuple[TypedColumn, ...], dict[str, str], tuple[str, ...]]:
    """Leave out the columns that cannot help to predict new rows, but for those to be kept.

    Args:
        columns: All feature columns.
        places: Where the rows stand.
        spec: Which columns stay, and whose kind the user said.

    Returns:
        The columns that stay; why each other one does not, by name; and what to tell.
    """
    kept, left_out, warnings = [], {}, []
    said = {*spec.keep, *spec.categorical, *spec.numeric}
    for column in columns:
        reason = "" if column.name in said else _useless(column, several=len(columns) > 1)
        if reason:
            left_out[column.name] = f"{reason} ({option('keep', column.name)} keeps it)"
            warnings.append(f"column {quoted(column.name)}: dropped, {left_out[column.name]}")
        else:
            kept.append(column)
            warnings.extend(column.warnings)
            warnings.extend(_warn_categories(column, len(places.numbers)))
    return tuple(kept), left_out, tuple(warnings)


def warn_leaks(
    columns: Sequence[TypedColumn], target: EncodedTarget, target_name: str
) -> tuple[str, ...]:
    """Warn of feature columns that are the target in other words.

    Args:
        columns: The feature columns that stay.
        target: The encoded target.
        target_name: Its name.
    """
    return tuple(
        f"leak: column {quoted(column.name)} gives the target {quoted(target_name)} away: "
        "it is the same in other words; remove it unless it is known before the target is"
        for column in columns
        if _is_same(column, target)
    )


def table_of(columns: Sequence[TypedColumn]) -> pd.DataFrame:
    """Return the cells of columns as a table."""
    return pd.DataFrame({column.name: column.cells for column in columns})


def warn_duplicates(columns: Sequence[TypedColumn], target: NDArray[np.generic]) -> tuple[str, ...]:
    """Warn of rows that stand more than once, target included."""
    counts = [len(np.unique(target)), *(column.column.distinct for column in columns)]
    if len(target) in counts:  # a column without a repeated value
        return ()
    features = table_of(columns).reset_index(drop=True)
    count = int(pd.concat([features, pd.Series(target, name="")], axis=1).duplicated().sum())
    if count == 0:
        return ()
    rows = "row repeats" if count == 1 else "rows repeat"
    warning = (
        f"{count:,} {rows} an earlier one exactly; copies that fall into different splits make "
        "scores look better than they are"
    )
    return (warning,)


def _useless(column: TypedColumn, *, several: bool) -> str:
    distinct, missing = column.column.distinct, column.column.missing
    if distinct == 0:
        return "no row has a value"
    if distinct == 1 and not missing:
        return f"constant: every row has the value {quoted(str(column.cells.iloc[0]))}"
    if column.column.kind == "categorical":
        return _unique_texts(distinct, len(column.cells) - missing)
    if column.column.kind == "numeric" and several:
        return _identifying_numbers(column, distinct)
    return ""


def _unique_texts(distinct: int, present: int) -> str:
    if distinct == present and present >= 10:
        return "an identifier or free text: every row has another value"
    if present >= IDENTIFIER_ROWS and distinct > FREE_TEXT_SHARE * present:
        return f"an identifier or free text: {distinct:,} different values in {present:,} rows"
    return ""


def _identifying_numbers(column: TypedColumn, distinct: int) -> str:
    numbers = column.cells.to_numpy(dtype=np.float64)
    if len(numbers) < 10 or distinct < len(numbers):
        return ""
    if not np.array_equal(numbers, np.round(numbers)):
        return ""
    if IDENTIFIER_NAME.fullmatch(column.name):
        return "an identifier by its name: every row has another whole number"
    # A year grows from row to row, too; row numbers begin with the first row.
    counts = numbers[0] in (0, 1) and bool((np.diff(numbers) == 1).all())
    if len(numbers) >= IDENTIFIER_ROWS and counts and not column.column.origin:
        return "row numbers: whole numbers that grow by one from row to row"
    return ""


def _warn_categories(column: TypedColumn, rows: int) -> tuple[str, ...]:
    if column.column.kind != "categorical":
        return ()
    distinct = column.column.distinct
    if distinct <= MOST_CATEGORIES:
        return ()
    warning = (
        f"column {quoted(column.name)}: {distinct:,} categories in {rows:,} rows; the "
        f"{MOST_CATEGORIES - 1} most frequent are told apart, the others are one"
    )
    return (warning,)


def _is_same(column: TypedColumn, target: EncodedTarget) -> bool:
    numbers = target.numbers[target.kept]
    if column.cells.isna().any():
        return False
    if target.task == "regression":
        if column.column.kind != "numeric":
            return False
        values = column.cells.to_numpy(dtype=np.float64)
        with np.errstate(all="ignore"):  # numbers near the largest float overflow when squared
            centred = values - values.mean()
            wanted = numbers - numbers.mean()
            scale = np.sqrt((centred**2).sum()) * np.sqrt((wanted**2).sum())
            return bool(abs((centred * wanted).sum()) > LEAK_CORRELATION * scale > 0)
    codes, unique = pd.factorize(column.cells)
    classes = len(target.class_names)
    if len(unique) != classes:
        return False
    pairs = np.unique(codes.astype(np.int64) * classes + numbers)
    return len(pairs) == classes
