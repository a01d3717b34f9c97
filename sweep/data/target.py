"""Find out from the target what is to be learnt, and number its classes.

The task that is asked for wins. Else texts, truth values and whatever its form makes a label are
classes; whole numbers are classes if there are at most 20 different ones, each in two rows or more
on average; all other numbers are values of a regression. Rows without a target, and classes of a
single row, are left out.
"""

import dataclasses
import re
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api import types

from sweep.data.dataset import LabelType, Task
from sweep.data.names import RowPlaces, listed, printable, quoted
from sweep.data.spec import AskedTask
from sweep.data.table_cells import TRUTH, as_texts
from sweep.data.table_dates import durations_in_days
from sweep.data.table_numbers import (
    NOT_AVAILABLE,
    Decimal,
    NumberReading,
    beyond_float32,
    drop_missing_words,
    read_numbers,
    warn_thousands,
)
from sweep.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Hashable

MOST_INTEGER_CLASSES: Final = 20
SUSPECT_CLASSES: Final = 200  # so few whole numbers may be classes after all: worth a line
NEARLY_ALL: Final = 0.9
FEW_ROWS: Final = 10
ONE_IN: Final = 10  # rows at most that a word for missing has, lest it be a class
NO_LABELS: Final = frozenset({*NOT_AVAILABLE, "?", "-"})  # unless many rows have them
INTEGER: Final = re.compile(r"[+-]?[0-9]{1,4000}")
CANONICAL: Final = re.compile(r"-?[1-9][0-9]{0,17}|0")  # as int64 is written


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class EncodedTarget:
    """Hold the target in numbers.

    Attributes:
        task: What is to be learnt.
        numbers: int64 [rows] places in ``class_names``, or float64 [rows] for regression; -1 or
            NaN in rows that are left out.
        kept: bool [rows], the rows that can be learnt from.
        class_names: The classes as they are written, in numeric or else alphabetic order.
        label_type: What the labels were.
        warnings: What a user should know.
    """

    task: Task
    numbers: NDArray[np.int64] | NDArray[np.float64]
    kept: NDArray[np.bool_]
    class_names: tuple[str, ...] = ()
    label_type: LabelType = "text"
    warnings: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Labels:
    """Hold the target as read: a text a row, missing where there is none; numbers where all are."""

    where: str
    places: RowPlaces
    texts: pd.Series
    numbers: NDArray[np.float64] | None = None
    label_type: LabelType = "text"
    warnings: tuple[str, ...] = ()
    strays: str = ""  # what is no number, where most are

    @property
    def kept(self) -> NDArray[np.bool_]:
        """Return the rows that have a value."""
        return self.texts.notna().to_numpy()

    def fault(self, text: str) -> DataError:
        """Return an error about the target."""
        return DataError(self.places.fault(f"{self.where}: {text}"))


def encode_target(
    raw: pd.Series,
    *,
    name: str,
    places: RowPlaces,
    task: AskedTask | None = None,
    decimal: Decimal = ".",
    classes: bool = False,
) -> EncodedTarget:
    """Infer the task and encode the target.

    Args:
        raw: The target as read, one value a row.
        name: The column's name, or ``target``.
        places: Where the rows stand, for messages.
        task: What was asked for; None to infer it.
        decimal: The decimal mark of numbers that are texts.
        classes: Whether its form says that it is a class, whatever its values are.

    Raises:
        DataError: No value, infinite or mixed values, numbers asked for where there are none, or
            one class or one value only.
    """
    if isinstance(raw.dtype, pd.CategoricalDtype):
        classes = True
        raw = _uncoded(raw)
    labels = _read(raw, f"target {quoted(name)}", places, task, decimal)
    if not labels.kept.any():
        raise labels.fault("no row has a value; name another column as target")
    if task is None:
        task = "classification" if classes else _infer(labels)
    encoded = _encode_numbers(labels) if task == "regression" else _encode_classes(labels)
    left = int(encoded.kept.sum())
    if left < min(FEW_ROWS, len(raw)):
        raise labels.fault(
            f"{left} of {len(raw):,} rows are left, without those that have no value or a class of "
            f"their own; give at least {FEW_ROWS}"
        )
    missing = ~labels.kept
    if not missing.any():
        return encoded
    count = int(missing.sum())
    rows = "1 row without a value is" if count == 1 else f"{count:,} rows without a value are"
    warning = f"{labels.where}: {rows} left out ({places.of(missing)})"
    return dataclasses.replace(encoded, warnings=(warning, *encoded.warnings))


def leave_out_unseen(
    target: EncodedTarget, test_rows: NDArray[np.bool_], name: str, places: RowPlaces
) -> EncodedTarget:
    """Leave out the test rows of classes that no other row has.

    Args:
        target: The target of all rows.
        test_rows: bool [rows], the rows of the data set's own test split.
        name: The column's name, or ``target``.
        places: Where the rows stand, for messages.

    Raises:
        DataError: Fewer than two classes remain.
    """
    if target.task == "regression":
        return target
    seen = np.isin(np.arange(len(target.class_names)), target.numbers[target.kept & ~test_rows])
    if seen.all():
        return target
    where = f"target {quoted(name)}"
    names = target.class_names
    unseen = listed([names[place] for place in np.flatnonzero(~seen)], most=10)
    left = tuple(names[place] for place in np.flatnonzero(seen))
    if len(left) < 2:
        raise DataError(
            places.fault(
                f"{where}: only test rows have the classes {unseen}; add rows of these classes "
                "to the others"
            )
        )
    codes = _renumber(target.numbers.astype(np.int64), seen)
    lost = target.kept & (codes < 0)
    warning = (
        f"{where}: classes that only test rows have are left out: {unseen} ({places.of(lost)})"
    )
    return dataclasses.replace(
        target,
        task="binary" if len(left) == 2 else "multiclass",
        numbers=codes,
        kept=codes >= 0,
        class_names=left,
        warnings=(*target.warnings, warning),
    )


def check_log(target: EncodedTarget, name: str, places: RowPlaces) -> None:
    """Refuse a target that has no logarithm.

    Raises:
        DataError: It has classes, or values that are not positive.
    """
    where = f"target {quoted(name)}"
    if target.task != "regression":
        raise DataError(places.fault(f"{where}: classes have no logarithm; leave --log-target out"))
    wrong = target.numbers <= 0
    if wrong.any():
        raise DataError(
            places.fault(
                f"{where}: {target.numbers[wrong][0]:g} has no logarithm ({places.of(wrong)}); "
                "remove these rows, or leave --log-target out"
            )
        )


def undo_one_hot(target: NDArray[np.generic]) -> NDArray[np.generic]:
    """Return one-hot rows as integer labels; any other array as it is.

    Args:
        target: [rows], [rows, 1], or [rows, classes] with a single 1 in each row, else 0.

    Returns:
        [rows], or the array unchanged where it is nothing of these.
    """
    if target.ndim == 2 and target.shape[1] == 1:
        return target[:, 0]
    if target.ndim != 2 or target.shape[1] < 2 or target.dtype.kind not in "biuf":
        return target
    ones = target == 1
    if (ones | (target == 0)).all() and (ones.sum(axis=1) == 1).all():
        labels: NDArray[np.int64] = np.argmax(ones, axis=1)
        return labels
    return target


def as_labels(
    places: NDArray[np.int64], names: tuple[str, ...], label_type: LabelType
) -> NDArray[np.generic]:
    """Return classes as the labels that they came as.

    Args:
        places: int64 [rows], places in ``names``.
        names: The classes.
        label_type: What the labels were.

    Returns:
        [rows] of objects that are texts, or of int64, float64 or truth values.
    """
    match label_type:
        case "integer":
            labels = np.array([int(name) for name in names], dtype=np.int64)
        case "float":
            labels = np.array([float(name) for name in names])
        case "boolean":
            labels = np.array([name == "True" for name in names])
        case _:
            labels = np.array(names, dtype=object)
    chosen: NDArray[np.generic] = labels[places]
    return chosen


def _uncoded(raw: pd.Series) -> pd.Series:
    """Return a column of a dictionary with its values in place of their codes."""
    values = pd.Series(raw.cat.categories)
    with_missing: Any = {"i": "Int64", "u": "UInt64", "b": "boolean"}.get(values.dtype.kind)
    if with_missing:
        values = values.astype(with_missing)
    return values.reindex(raw.cat.codes).set_axis(raw.index)


def _renumber(codes: NDArray[np.int64], stay: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Number the classes that stay anew, -1 for all others."""
    place = np.append(np.where(stay, np.cumsum(stay) - 1, -1), -1)
    renumbered: NDArray[np.int64] = place[codes].astype(np.int64)
    return renumbered


def _read(
    raw: pd.Series, where: str, places: RowPlaces, task: AskedTask | None, decimal: Decimal
) -> _Labels:
    if types.is_timedelta64_dtype(raw.dtype):
        days = durations_in_days(raw)
        return _Labels(
            where=where, places=places, texts=as_texts(days), numbers=days.to_numpy(),
            label_type="float", warnings=(f"{where}: durations, read as days",),
        )  # fmt: skip
    if types.is_datetime64_any_dtype(raw.dtype):
        raise DataError(places.fault(f"{where}: holds dates; give a column of numbers or labels"))
    if types.is_bool_dtype(raw.dtype):
        return _Labels(where=where, places=places, texts=as_texts(raw), label_type="boolean")
    if types.is_numeric_dtype(raw.dtype):
        numbers = raw.to_numpy(dtype=np.float64, na_value=np.nan)
        kind: LabelType = "integer" if types.is_integer_dtype(raw.dtype) else "float"
        texts = as_texts(raw)
        return _Labels(where=where, places=places, texts=texts, numbers=numbers, label_type=kind)
    texts = as_texts(raw)
    cleared = drop_missing_words(texts)
    reading = read_numbers(cleared, decimal)
    if not reading.unreadable.any() and cleared.notna().any():
        notation = f"{where}: read as numbers with {reading.notation}"
        return _Labels(
            where=where, places=places, texts=cleared, numbers=reading.numbers,
            warnings=(
                *((notation,) if reading.notation else ()),
                *(warn_thousands(cleared, where, reading.unit) if decimal == "." else ()),
            ),
        )  # fmt: skip
    if task != "classification":
        _refuse_strays(reading, cleared, where, places)
    labels = _without_words(texts, where, places)
    count = int((~np.isnan(reading.numbers)).sum())
    if count < int(reading.unreadable.sum()):
        return labels
    samples = listed(dict.fromkeys(str(text) for text in cleared[reading.unreadable].head(3)))
    strays = f"{samples} ({places.of(reading.unreadable)})"
    mixed = f"{where}: numbers and other texts mixed ({strays}); read as classes"
    return dataclasses.replace(labels, strays=strays, warnings=(*labels.warnings, mixed))


def _without_words(texts: pd.Series, where: str, places: RowPlaces) -> _Labels:
    """Take words for missing out of the labels, where few rows have them."""
    words = texts.str.lower().isin(NO_LABELS)
    if (texts == "+").any():
        words &= texts != "-"
    count = int(words.sum())
    if count == 0:
        return _Labels(where=where, places=places, texts=texts)
    present = int(texts.notna().sum())
    others = texts[~words].dropna().str.lower()
    if count in (0, present) or count * ONE_IN <= present or others.isin(TRUTH).all():
        return _Labels(where=where, places=places, texts=texts.mask(words))
    shown = listed(dict.fromkeys(map(str, texts[words].head(1000))), most=3)
    warning = f"{where}: {shown} in {count:,} rows read as a class; if it is none, empty the cells"
    return _Labels(where=where, places=places, texts=texts, warnings=(warning,))


def _refuse_strays(reading: NumberReading, texts: pd.Series, where: str, places: RowPlaces) -> None:
    """Refuse a few words among many different numbers: no classes, but mistakes."""
    unreadable = reading.unreadable
    numbers = reading.numbers[~np.isnan(reading.numbers)]
    strays = int(unreadable.sum())
    if not strays or len(np.unique(numbers)) <= MOST_INTEGER_CLASSES:
        return
    if len(numbers) / (len(numbers) + strays) >= NEARLY_ALL:
        samples = listed(dict.fromkeys(str(text) for text in texts[unreadable].head(3)))
        raise DataError(
            places.fault(
                f"{where}: {samples} among numbers ({places.of(unreadable)}); "
                "write a number, empty the cells or remove these rows"
            )
        )


def _infer(labels: _Labels) -> AskedTask:
    if labels.numbers is None:
        rows, distinct = int(labels.kept.sum()), labels.texts.nunique()
        if distinct > max(MOST_INTEGER_CLASSES, rows // 2):
            strays = f", and {labels.strays} are no numbers" if labels.strays else ""
            raise labels.fault(
                f"{distinct:,} different texts in {rows:,} rows are no classes{strays}; "
                "name another column as target"
            )
        return "classification"
    present = labels.numbers[labels.kept]
    whole = bool((present == np.round(present)).all())
    few = len(np.unique(present)) <= min(MOST_INTEGER_CLASSES, len(present) // 2)
    amounts = bool(labels.warnings)  # written with a unit, or marks between thousands
    return "classification" if whole and few and not amounts else "regression"


def _encode_numbers(labels: _Labels) -> EncodedTarget:
    kept = labels.kept
    if labels.numbers is None:
        first = quoted(str(labels.texts[kept].iloc[0]))
        raise labels.fault(
            f"{first} is no number, and a regression needs numbers; use --task classification"
        )
    wrong = beyond_float32(labels.numbers)
    if wrong.any():
        first = printable(str(labels.texts[wrong].iloc[0]))
        raise labels.fault(
            f"{first} is infinite or beyond float32 ({labels.places.of(wrong)}); "
            "remove these rows, or rescale the target"
        )
    present = labels.numbers[kept]
    distinct = len(np.unique(present))
    if distinct < 2:
        raise labels.fault(
            f"every row has the value {present[0]:g}, so there is nothing to "
            "learn; name another column as target"
        )
    warnings = list(labels.warnings)
    bare = not warnings  # 60 % and $5.00 are no classes
    if bare and bool((present == np.round(present)).all()) and distinct <= SUSPECT_CLASSES:
        warnings.append(
            f"{labels.where}: {distinct:,} different whole numbers, read as a regression; if they "
            "are classes, use --task classification"
        )
    values = np.where(kept, labels.numbers, np.nan)
    return EncodedTarget(task="regression", numbers=values, kept=kept, warnings=tuple(warnings))


def _encode_classes(labels: _Labels) -> EncodedTarget:
    codes, names = _number_classes(labels)
    counts = np.bincount(codes[codes >= 0], minlength=len(names))
    if len(names) < 2:
        raise labels.fault(
            f"every row has the class {quoted(names[0])}, so there is nothing to "
            "learn; name another column as target"
        )
    single = counts == 1
    left = [name for name, alone in zip(names, single, strict=True) if not alone]
    alone = listed([name for name, one in zip(names, single, strict=True) if one], most=10)
    if len(left) < 2 or 2 * int(single.sum()) > int(counts.sum()):
        raise labels.fault(
            f"classes with one row cannot be split: {alone}; "
            "add rows, merge or remove these classes"
        )
    warnings = list(labels.warnings)
    if single.any():
        warnings.append(
            f"{labels.where}: classes with one row are left out, since they cannot be split: "
            f"{alone}"
        )
        codes = _renumber(codes, ~single)
    few = [name for name, count in zip(names, counts, strict=True) if 1 < count < FEW_ROWS]
    if few:
        warnings.append(
            f"{labels.where}: classes with fewer than {FEW_ROWS} rows: {listed(few, most=10)}; "
            "their scores mean little"
        )
    label_type = labels.label_type
    # In a text file 1 is a number; where columns have types, a text that says 1 is a text.
    untyped = label_type == "text" and labels.places.word == "line"
    if untyped and all(CANONICAL.fullmatch(name) for name in left):
        label_type = "integer"
    return EncodedTarget(
        task="binary" if len(left) == 2 else "multiclass",
        numbers=codes,
        kept=codes >= 0,
        class_names=tuple(left),
        label_type=label_type,
        warnings=tuple(warnings),
    )


def _number_classes(labels: _Labels) -> tuple[NDArray[np.int64], list[str]]:
    """Number the classes, -1 for none: numbers by value, other texts by alphabet.

    Spellings of one number, such as 1 and 01, are one class, which is called as most rows call it.
    """
    codes, unique = pd.factorize(labels.texts)
    texts = [str(text) for text in unique]
    keys: list[Hashable] = list(texts)
    if labels.numbers is not None and not beyond_float32(labels.numbers).any():
        first = np.unique(codes[codes >= 0], return_index=True)[1]
        values = labels.numbers[codes >= 0][first]
        keys = [
            int(text) if INTEGER.fullmatch(text) else float(value)  # exact beyond 2**53
            for text, value in zip(texts, values, strict=True)
        ]
    counts = np.bincount(codes[codes >= 0], minlength=len(texts))
    spelling: dict[Hashable, tuple[int, int, str]] = {}
    for key, text, count in zip(keys, texts, counts, strict=True):
        spelling[key] = max(spelling.get(key, (0, 0, "")), (int(count), -len(text), text))
    order = sorted(spelling)  # type: ignore[type-var] # all texts or all numbers
    place_of = {key: place for place, key in enumerate(order)}
    of_unique = np.array([*(place_of[key] for key in keys), -1], dtype=np.int64)
    return of_unique[codes], [spelling[key][2] for key in order]
