"""Find out from the target what is to be learnt, and number its classes.

The task that is asked for wins. Else texts and truth values are classes; whole numbers are classes
if there are at most 20 different ones; all other numbers are values of a regression. One-hot rows
are the class whose column is 1: the same data set as with integer labels.
"""

import dataclasses
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api import types

from sweep.data.dataset import Task
from sweep.data.names import RowPlaces, listed, printable, quoted, without_value
from sweep.data.spec import AskedTask
from sweep.data.table_numbers import NumberReading, beyond_float32, read_numbers
from sweep.errors import DataError

MOST_INTEGER_CLASSES: Final = 20
SUSPECT_CLASSES: Final = 200  # so few whole numbers may be classes after all: worth a line
NEARLY_ALL: Final = 0.9
FEW_ROWS: Final = 10


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class EncodedTarget:
    """Hold the target in numbers.

    Attributes:
        task: What is to be learnt.
        numbers: int64 [rows] places in ``class_names``, or float64 [rows] for regression.
        class_names: Names of the classes, in numeric or else alphabetic order.
        warnings: What a user should know.
    """

    task: Task
    numbers: NDArray[np.int64] | NDArray[np.float64]
    class_names: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Labels:
    """Hold the target as read: texts of every row, and numbers where all are numbers."""

    name: str
    texts: pd.Series
    numbers: NDArray[np.float64] | None
    whole: bool  # written without decimals


def encode_target(
    raw: pd.Series, *, name: str, places: RowPlaces, task: AskedTask | None = None
) -> EncodedTarget:
    """Infer the task and encode the target.

    Args:
        raw: The target as read, one value a row.
        name: The column's name, or ``target``.
        places: Where the rows stand, for messages.
        task: What was asked for; None to infer it.

    Raises:
        DataError: Missing, infinite or mixed values, numbers asked for where there are none, one
            class or one value only, or a class with one row; all faults together.
    """
    labels = _read(raw, name, places, task)
    if task is None:
        task = _infer(labels, places)
    if task == "regression":
        return _encode_numbers(labels, places)
    return _encode_classes(labels, places)


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


def _read(raw: pd.Series, name: str, places: RowPlaces, task: AskedTask | None) -> _Labels:
    missing = raw.isna().to_numpy()
    if types.is_bool_dtype(raw.dtype):
        labels = _Labels(name=name, texts=raw.astype("str"), numbers=None, whole=False)
    elif types.is_numeric_dtype(raw.dtype):
        numbers = raw.to_numpy(dtype=np.float64, na_value=np.nan)
        whole = types.is_integer_dtype(raw.dtype)
        labels = _Labels(name=name, texts=raw.astype("str"), numbers=numbers, whole=whole)
    elif types.is_datetime64_any_dtype(raw.dtype) or types.is_timedelta64_dtype(raw.dtype):
        raise DataError(
            places.fault(f"target {quoted(name)}: holds dates; give a column of numbers or labels")
        )
    else:
        texts = raw.astype("str")
        missing = missing | (texts == "").to_numpy()
        reading = read_numbers(texts.mask(missing))
        if reading.ambiguous:
            ways = " or ".join(reading.ambiguous)
            raise DataError(
                places.fault(
                    f"target {quoted(name)}: its numbers may be written with {ways}; "
                    "write numbers as 1234.5"
                )
            )
        if task != "classification":
            _refuse_strays(reading, texts, name, places)
        plain = not reading.unreadable.any()
        if plain:
            missing = missing | np.isnan(reading.numbers)
        labels = _Labels(
            name=name,
            texts=texts,
            numbers=reading.numbers if plain else None,
            whole=reading.integers,
        )
    if missing.any():
        raise DataError(
            places.fault(
                f"target {quoted(name)}: {without_value(missing)} "
                f"({places.of(missing)}); fill them in or remove these rows"
            )
        )
    return labels


def _refuse_strays(reading: NumberReading, texts: pd.Series, name: str, places: RowPlaces) -> None:
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
                f"target {quoted(name)}: {samples} among numbers ({places.of(unreadable)}); "
                "write a number or remove these rows"
            )
        )


def _infer(labels: _Labels, places: RowPlaces) -> AskedTask:
    if labels.numbers is None:
        distinct = labels.texts.nunique()
        if distinct > max(MOST_INTEGER_CLASSES, len(labels.texts) // 2):
            raise DataError(
                places.fault(
                    f"target {quoted(labels.name)}: {distinct:,} different texts in "
                    f"{len(labels.texts):,} rows are no classes; name another column as target"
                )
            )
        return "classification"
    if labels.whole and len(np.unique(labels.numbers)) <= MOST_INTEGER_CLASSES:
        return "classification"
    return "regression"


def _encode_numbers(labels: _Labels, places: RowPlaces) -> EncodedTarget:
    where = f"target {quoted(labels.name)}"
    if labels.numbers is None:
        first = quoted(str(labels.texts.iloc[0]))
        raise DataError(
            places.fault(
                f"{where}: {first} is no number, and a regression needs numbers; "
                "use --task classification"
            )
        )
    wrong = beyond_float32(labels.numbers)
    if wrong.any():
        first = printable(str(labels.texts[wrong].iloc[0]))
        raise DataError(
            places.fault(
                f"{where}: {first} is infinite or beyond float32 ({places.of(wrong)}); "
                "remove these rows, or rescale the target"
            )
        )
    distinct = len(np.unique(labels.numbers))
    if distinct < 2:
        raise DataError(
            places.fault(
                f"{where}: every row has the value {labels.numbers[0]:g}, so there is nothing to "
                "learn; name another column as target"
            )
        )
    integral = bool((labels.numbers == np.round(labels.numbers)).all())
    warnings = []
    if integral and distinct <= SUSPECT_CLASSES:
        warnings.append(
            f"{where}: {distinct:,} different whole numbers, read as a regression; if they are "
            "classes, use --task classification"
        )
    values = labels.numbers.astype(np.float64)
    return EncodedTarget(task="regression", numbers=values, warnings=tuple(warnings))


def _encode_classes(labels: _Labels, places: RowPlaces) -> EncodedTarget:
    codes, names = _number_classes(labels)
    counts = np.bincount(codes, minlength=len(names))
    where = f"target {quoted(labels.name)}"
    if len(names) < 2:
        raise DataError(
            places.fault(
                f"{where}: every row has the class {quoted(names[0])}, so there is nothing to "
                "learn; name another column as target"
            )
        )
    single = [name for name, count in zip(names, counts, strict=True) if count == 1]
    if single:
        raise DataError(
            places.fault(
                f"{where}: classes with one row cannot be split: {listed(single, most=10)}; "
                "add rows, merge or remove these classes"
            )
        )
    few = [name for name, count in zip(names, counts, strict=True) if count < FEW_ROWS]
    warnings = []
    if few:
        warnings.append(
            f"{where}: classes with fewer than {FEW_ROWS} rows: {listed(few, most=10)}; "
            "their scores mean little"
        )
    task: Task = "binary" if len(names) == 2 else "multiclass"
    return EncodedTarget(task=task, numbers=codes, class_names=names, warnings=tuple(warnings))


def _number_classes(labels: _Labels) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Number the classes: whole numbers by value, other texts by alphabet."""
    places, unique = pd.factorize(labels.texts)
    texts = [str(text) for text in unique]
    if labels.numbers is None or beyond_float32(labels.numbers).any():
        keys: list[int | float | str] = list(texts)
    elif labels.whole:
        keys = [int(text) for text in texts]  # float64 would merge identifiers beyond 2**53
    else:
        values = labels.numbers[np.unique(places, return_index=True)[1]]
        keys = [int(value) if value == np.round(value) else float(value) for value in values]
    order = sorted(set(keys))
    place_of = {key: place for place, key in enumerate(order)}
    of_unique = np.array([place_of[key] for key in keys], dtype=np.int64)
    return of_unique[places], tuple(str(key) for key in order)
