"""Make a data set of arrays: images or vectors, with labels, one-hot labels or numbers."""

import dataclasses
from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sweep.data.array_reader import Arrays
from sweep.data.dataset import Dataset
from sweep.data.files import name_path
from sweep.data.names import RowPlaces, listed
from sweep.data.spec import DataSpec
from sweep.data.target import check_log, encode_target, leave_out_unseen, undo_one_hot
from sweep.data.target_shape import warn_of_shape
from sweep.errors import DataError

FEWEST_ROWS: Final = 10
LARGEST: Final = float(np.finfo(np.float32).max)  # what the network takes
WHOLE: Final = ("x", "y")
SPLIT: Final = ("x_train", "y_train", "x_test", "y_test")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ArrayNames:
    """Name a data set made of arrays, and its classes.

    Attributes:
        name: The data set's name.
        source: The path as given, or the bundled name.
        classes: Names of the classes 0, 1 ...; empty to name them by their labels.
        target: What is learnt.
        labels: Whether the target is labels, whatever its values.
    """

    name: str
    source: str
    classes: tuple[str, ...] = ()
    target: str = "target"
    labels: bool = False


def build_from_arrays(arrays: Arrays, names: ArrayNames, spec: DataSpec) -> Dataset:
    """Check arrays and make a data set of them.

    Args:
        arrays: x and y; or x_train, y_train, x_test and y_test, whose own split is kept.
        names: What the data set and its classes are called.
        spec: What is said of them: the task, and whether its logarithm is learnt.

    Raises:
        DataError: Missing arrays, shapes that do not fit, missing or infinite values, too few
            rows, or a target that cannot be learnt; all faults together.
    """
    features, target, test_rows = _join(arrays.parts, names.source)
    numbers = np.arange(len(target), dtype=np.int64)
    places = RowPlaces(source=names.source, word="index", numbers=numbers)
    faults: list[str] = []
    if len(target) < FEWEST_ROWS:
        faults.append(places.fault(f"has {len(target)} rows; a split needs {FEWEST_ROWS}"))
    encoded = None
    prepared = None
    try:
        raw = _one_column(target, places)
        # One-hot rows and texts are classes, however many.
        labels = names.labels or raw.ndim < np.squeeze(target).ndim or raw.dtype.kind == "U"
        encoded = encode_target(
            pd.Series(raw), name="target", places=places, task=spec.task, classes=labels
        )
        if test_rows is not None:
            encoded = leave_out_unseen(encoded, test_rows, "target", places)
        if spec.log_target:
            check_log(encoded, "target", places)
    except DataError as error:
        faults.extend(error.faults)
    try:
        prepared = check_features(features, places)
    except DataError as error:
        faults.extend(error.faults)
    if faults or encoded is None or prepared is None:
        raise DataError(faults)
    class_names = encoded.class_names
    if class_names == tuple(str(place) for place in range(len(names.classes))):
        class_names = names.classes or class_names
    return Dataset(
        name=names.name,
        task=encoded.task,
        features=prepared if encoded.kept.all() else prepared[encoded.kept],
        target=encoded.numbers[encoded.kept],
        target_name=names.target,
        class_names=class_names,
        label_type=encoded.label_type if class_names is encoded.class_names else "text",
        log_target=spec.log_target,
        test_rows=None if test_rows is None else test_rows[encoded.kept],
        fingerprint=arrays.fingerprint,
        source=names.source,
        warnings=(
            *encoded.warnings, *warn_of_shape(encoded, "target", log_target=spec.log_target)
        ),
    )  # fmt: skip


def check_features(features: NDArray[np.generic], places: RowPlaces) -> NDArray[np.generic]:
    """Return features as images or vectors that can be learnt from.

    Args:
        features: [rows], [rows, columns], [rows, height, width] or [rows, height, width, channels]
            of numbers or truth values.
        places: Where the rows stand, for messages.

    Returns:
        uint8 for images of bytes; else float32, or float64 where the numbers are such or whole ones
        of 32 bits and more; vectors are [rows, columns].

    Raises:
        DataError: No numbers, another shape, or missing, infinite or too large values.
    """
    if features.dtype.kind not in "biuf":
        raise DataError(places.fault(f"x holds {features.dtype}; give an array of numbers"))
    if features.ndim == 1:
        features = features[:, np.newaxis]
    if not 2 <= features.ndim <= 4 or 0 in features.shape[1:]:
        raise DataError(
            places.fault(
                f"x has the shape {features.shape}; give [rows, columns], [rows, height, width] "
                "or [rows, height, width, channels]"
            )
        )
    if features.dtype == np.uint8 and features.ndim > 2:
        return features
    wider = np.promote_types(features.dtype, np.float32)  # of 64 bits where 32 would round
    with np.errstate(over="ignore"):  # reported below, with the rows
        numbers = features.astype(min(wider, np.dtype(np.float64)), copy=False)
    fits = (numbers >= -LARGEST) & (numbers <= LARGEST)  # a missing one does not
    wrong = np.asarray(~fits.reshape(len(fits), -1).all(axis=1))
    if wrong.any():
        value = numbers[wrong][~fits[wrong]][0]
        raise DataError(
            places.fault(
                f"x holds {value:g} at {places.of(wrong)}, which is missing, infinite or beyond "
                "float32; remove these rows, or use a table, where missing values are filled in"
            )
        )
    return numbers


def _join(
    parts: Mapping[str, NDArray[np.generic]], source: str
) -> tuple[NDArray[np.generic], NDArray[np.generic], NDArray[np.bool_] | None]:
    """Return features, target and the rows of the test split, of one or of both sets of names."""
    has_whole = all(name in parts for name in WHOLE)
    has_split = all(name in parts for name in SPLIT)
    if has_whole == has_split:
        found = f"holds {listed(parts)}" if parts else "holds no array"
        raise DataError(
            f"{name_path(source)}: {found}; give either {', '.join(WHOLE)} or {', '.join(SPLIT)}"
        )
    pairs = [("x", "y")] if has_whole else [("x_train", "y_train"), ("x_test", "y_test")]
    faults = []
    for x, y in pairs:
        shapes = f"{x} has the shape {parts[x].shape} and {y} {parts[y].shape}"
        if parts[x].ndim == 0 or parts[y].ndim == 0 or len(parts[x]) != len(parts[y]):
            faults.append(f"{name_path(source)}: {shapes}; give one row of each per example")
        elif len(parts[x]) == 0:
            faults.append(f"{name_path(source)}: {shapes}; give at least {FEWEST_ROWS} rows")
    if not faults and has_split:
        faults = [
            f"{name_path(source)}: {name}_train has rows of the shape "
            f"{parts[f'{name}_train'].shape[1:]} and {name}_test of "
            f"{parts[f'{name}_test'].shape[1:]}; give both the same shape"
            for name in "xy"
            if parts[f"{name}_train"].shape[1:] != parts[f"{name}_test"].shape[1:]
        ]
    if faults:
        raise DataError(faults)
    if has_whole:
        return parts["x"], parts["y"], None
    test_rows = np.zeros(len(parts["y_train"]) + len(parts["y_test"]), dtype=np.bool_)
    test_rows[len(parts["y_train"]) :] = True
    return _stack(parts, "x", source), _stack(parts, "y", source), test_rows


def _stack(parts: Mapping[str, NDArray[np.generic]], name: str, source: str) -> NDArray[np.generic]:
    """Return the training and the test rows below each other, if they are of one kind."""
    train, test = parts[f"{name}_train"], parts[f"{name}_test"]
    texts = [part.dtype.kind in "US" for part in (train, test)]
    images = [part.dtype == np.uint8 for part in (train, test)]
    if texts[0] != texts[1] or (name == "x" and images[0] != images[1]):
        raise DataError(
            f"{name_path(source)}: {name}_train holds {train.dtype} and {name}_test {test.dtype}; "
            "give both the same type"
        )
    return np.concatenate([train, test])


def _one_column(target: NDArray[np.generic], places: RowPlaces) -> NDArray[np.generic]:
    """Return the target as one value a row."""
    labels = undo_one_hot(target)
    if labels.ndim != 1:
        raise DataError(
            places.fault(
                f"y has the shape {target.shape} and is not one-hot (a single 1 in each row, else "
                "0); give one label or number a row"
            )
        )
    if labels.dtype.kind == "S":
        try:
            return np.char.decode(labels.astype(np.bytes_), "utf-8")
        except UnicodeDecodeError as error:
            raise DataError(places.fault("y holds bytes that are not UTF-8; use texts")) from error
    if labels.dtype.kind not in "biufU":
        raise DataError(
            places.fault(f"y holds {labels.dtype}; give numbers, texts or truth values")
        )
    return labels
