"""Turn rows into the numbers a network takes; fitted to the training rows and to nothing else."""

import dataclasses
import json
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.preprocessing import StandardScaler

from sweep.data.dataset import (
    Column,
    Dataset,
    LabelType,
    TargetUnits,
    Task,
    TrainingData,
)
from sweep.data.splitting import Splits
from sweep.data.table_checks import MOST_CATEGORIES
from sweep.data.transformer import (
    as_arrays,
    bounded,
    column_transformer,
    read_transformer,
    write_transformer,
)
from sweep.data.weights import standardisation, weigh_rows
from sweep.errors import StorageError
from sweep.seeds import derive_seed

TRANSFORMER_FILE: Final = "preprocessing.skops"
DESCRIPTION_FILE: Final = "preprocessing.json"
SCHEMA: Final = 2
READABLE: Final = (1, SCHEMA)  # the first knew less of each column
LARGE_SPLIT: Final = 20_000  # from here train metrics are measured on a sample
EVALUATION_SAMPLE: Final = 10_000
LARGEST_BYTE: Final = 255

Features = pd.DataFrame | NDArray[np.generic]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Preprocessor:
    """Hold everything that was learnt about the data on the training rows.

    Attributes:
        task: What is learnt.
        target_name: Name of the target.
        class_names: Names of the classes in order; empty for regression.
        columns: The feature columns of a table; empty for arrays.
        input_shape: Shape of one row for the network.
        array_type: ``uint8`` or ``float32`` where the features are an array; empty for a table.
        transformer: The fitted ColumnTransformer (table) or StandardScaler (vectors); None for
            images, which are ``(pixel - offset) / scale``.
        offset: What is subtracted from pixels.
        scale: What pixels are divided by.
        target_mean: Mean of the training target; 0 for classification.
        target_scale: Standard deviation of the training target; 1 for classification.
        log_target: Whether both are those of its logarithm.
        label_type: What labels are written as; see `Dataset`.
        id_columns: Columns that are carried from new rows into their predictions.
    """

    task: Task
    target_name: str
    class_names: tuple[str, ...]
    columns: tuple[Column, ...]
    input_shape: tuple[int, ...]
    array_type: str
    transformer: Any  # scikit-learn has no types
    offset: float = 0.0
    scale: float = 1.0
    target_mean: float = 0.0
    target_scale: float = 1.0
    log_target: bool = False
    label_type: LabelType = "text"
    id_columns: tuple[str, ...] = ()

    def transform(self, features: Features) -> NDArray[np.float32]:
        """Return the network's input, float32 [rows, *input_shape].

        Missing values are filled in as in training, unseen categories are none of those seen.

        Args:
            features: A table with at least the columns of the training table, or an array.
        """
        if len(features) == 0:
            return np.empty((0, *self.input_shape), dtype=np.float32)
        if isinstance(features, pd.DataFrame):
            return bounded(self.transformer.transform(as_arrays(features, self.columns)))
        if self.transformer is not None:
            return bounded(self.transformer.transform(in_floats(features)))
        if features.dtype == np.uint8:
            return features.astype(np.float32) / np.float32(self.scale)
        return bounded((in_floats(features) - self.offset) / self.scale)

    def transform_target(self, target: NDArray[Any]) -> NDArray[np.int32] | NDArray[np.float32]:
        """Return what the network learns: int32 classes, or float32 standardised values.

        Args:
            target: [rows], as in Dataset.
        """
        if self.task != "regression":
            return target.astype(np.int32)
        values = np.log(target) if self.log_target else target
        standardised: NDArray[np.float64] = (values - self.target_mean) / self.target_scale
        return standardised.astype(np.float32)

    def inverse_target(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Return standardised values in the target's own units, float64, of the same shape."""
        return self.target_units.inverse(values)

    @property
    def target_units(self) -> TargetUnits:
        """Return how standardised values become those of the target."""
        return TargetUnits(mean=self.target_mean, scale=self.target_scale, log=self.log_target)

    def save(self, folder: Path) -> None:
        """Write preprocessing.json and, but for images, preprocessing.skops into a folder.

        Args:
            folder: An existing folder.
        """
        description = {
            "schema": SCHEMA,
            **{name: getattr(self, name) for name in _DESCRIBED},
            "columns": [dataclasses.asdict(column) for column in self.columns],
        }
        text = json.dumps(description, indent=1, ensure_ascii=False)
        (folder / DESCRIPTION_FILE).write_text(text + "\n", encoding="utf-8")
        if self.transformer is not None:
            write_transformer(self.transformer, folder / TRANSFORMER_FILE)

    @classmethod
    def load(cls, folder: Path) -> "Preprocessor":
        """Read what save has written; nothing but scikit-learn's own types is ever built.

        Args:
            folder: The folder that was given to save.

        Raises:
            StorageError: A file is missing, damaged, or holds a type that is not trusted.
        """
        description = _read_description(folder / DESCRIPTION_FILE)
        try:
            columns = tuple(Column(**_tuples(column)) for column in description["columns"])
            fields = _tuples(
                {name: description[name] for name in _DESCRIBED if name in description}
            )
        except (KeyError, TypeError) as error:
            raise StorageError(
                f"{folder / DESCRIPTION_FILE}: has no readable entry {error}; "
                "restore the file, or train again"
            ) from error
        is_image = not columns and len(fields["input_shape"]) > 1
        transformer = None if is_image else read_transformer(folder / TRANSFORMER_FILE)
        return cls(columns=columns, transformer=transformer, **fields)


_DESCRIBED: Final = (
    "task",
    "target_name",
    "class_names",
    "input_shape",
    "array_type",
    "offset",
    "scale",
    "target_mean",
    "target_scale",
    "log_target",
    "label_type",
    "id_columns",
)


def _tuples(values: dict[str, Any]) -> dict[str, Any]:
    """Turn the lists of JSON back into tuples."""
    return {
        key: tuple(value) if isinstance(value, list) else value for key, value in values.items()
    }


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class PreparedData:
    """Hold the data set as trials, confirmation and prediction need it.

    Attributes:
        training: What every trial trains on.
        x_test: float32 [test rows, *input_shape].
        y_test: As ``training.y_train``.
        w_test: As ``training.w_train``.
        splits: The rows of each split.
        preprocessor: Fitted to the training rows.
    """

    training: TrainingData
    x_test: NDArray[np.float32]
    y_test: NDArray[np.int32] | NDArray[np.float32]
    splits: Splits
    preprocessor: Preprocessor
    w_test: NDArray[np.float32] | None = None


def prepare(dataset: Dataset, splits: Splits, *, seed: int) -> PreparedData:
    """Fit the preprocessing to the training rows and apply it to every split.

    Args:
        dataset: The data set.
        splits: Its splits.
        seed: Seed of the sample of training rows on which train metrics are measured.
    """
    preprocessor = fit_preprocessor(dataset, splits.train)
    rows = len(splits.train)
    weights = weigh_rows(dataset, splits)
    evaluation_rows = None
    if rows > LARGE_SPLIT:
        generator = np.random.default_rng(derive_seed(seed, "sample"))
        pool = np.arange(rows) if weights.train is None else np.flatnonzero(weights.train)
        size = min(EVALUATION_SAMPLE, len(pool))
        evaluation_rows = np.sort(generator.choice(pool, size, replace=False))
    x_train, x_validation, x_test = (
        preprocessor.transform(_take(dataset.features, part))
        for part in (splits.train, splits.validation, splits.test)
    )
    y_train, y_validation, y_test = (
        preprocessor.transform_target(dataset.target[part])
        for part in (splits.train, splits.validation, splits.test)
    )
    training = TrainingData(
        task=dataset.task,
        input_shape=preprocessor.input_shape,
        classes=len(dataset.class_names),
        x_train=x_train,
        y_train=y_train,
        x_validation=x_validation,
        y_validation=y_validation,
        evaluation_rows=evaluation_rows,
        loss_weights=weights.loss,
        w_train=weights.train,
        w_validation=weights.validation,
        target_units=preprocessor.target_units,
    )
    return PreparedData(
        training=training,
        x_test=x_test,
        y_test=y_test,
        splits=splits,
        preprocessor=preprocessor,
        w_test=weights.test,
    )


def fit_preprocessor(
    dataset: Dataset, rows: NDArray[np.int64], *, max_categories: int = MOST_CATEGORIES
) -> Preprocessor:
    """Fit the preprocessing.

    Args:
        dataset: The data set.
        rows: The training rows.
        max_categories: One-hot columns per category column; the rarest categories share the last.
    """
    features = _take(dataset.features, rows)
    transformer, offset, scale = None, 0.0, 1.0
    input_shape: tuple[int, ...] = features.shape[1:]
    if isinstance(features, pd.DataFrame):
        transformer = column_transformer(dataset.columns, max_categories)
        fitted = transformer.fit_transform(as_arrays(features, dataset.columns))
        input_shape = (fitted.shape[1],)
    elif features.ndim == 2:
        transformer = StandardScaler().fit(in_floats(features))
    elif features.dtype == np.uint8:
        # Bytes that hold 0 and 1, or 0 to 16, are no dark images.
        highest = int(features.max())
        scale = float(LARGEST_BYTE if highest > LARGEST_BYTE // 2 else max(highest, 1))
    else:
        low, high = float(features.min()), float(features.max())
        offset, scale = low, (high - low) or 1.0
    mean, deviation = 0.0, 1.0
    if dataset.task == "regression":
        target = np.log(dataset.target[rows]) if dataset.log_target else dataset.target[rows]
        weights = None if dataset.weights is None else dataset.weights[rows]
        mean, deviation = standardisation(target, weights)
    return Preprocessor(
        task=dataset.task,
        target_name=dataset.target_name,
        class_names=dataset.class_names,
        columns=dataset.columns,
        input_shape=input_shape,
        array_type="" if isinstance(features, pd.DataFrame) else str(features.dtype),
        transformer=transformer,
        offset=offset,
        scale=scale,
        target_mean=mean,
        target_scale=deviation,
        log_target=dataset.log_target,
        label_type=dataset.label_type,
        id_columns=dataset.id_columns,
    )


def in_floats(features: NDArray[np.generic]) -> NDArray[np.floating[Any]]:
    """Return float32 as it is, and all else as float64: precision is lost once it is scaled."""
    return features.astype(np.float32 if features.dtype == np.float32 else np.float64, copy=False)


def _take(features: Features, rows: NDArray[np.int64]) -> Features:
    return features.iloc[rows] if isinstance(features, pd.DataFrame) else features[rows]


def _read_description(path: Path) -> dict[str, Any]:
    try:
        description = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StorageError(
            f"{path}: cannot be read ({error}); restore the file, or train again"
        ) from error
    if not isinstance(description, dict) or description.get("schema") not in READABLE:
        raise StorageError(f"{path}: is not of schema {SCHEMA}; use the version that wrote it")
    return cast("dict[str, Any]", description)
