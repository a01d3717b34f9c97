"""What a data set is, once read: features, target, and what the tool understood of them."""

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from numpy.typing import NDArray

from sweep.config import ClassWeight

if TYPE_CHECKING:
    import pandas as pd  # worker processes do without

Task = Literal["binary", "multiclass", "regression"]
HIGHEST_LOG: Final = 700.0  # whose exponential float64 still holds

ColumnKind = Literal["numeric", "categorical", "boolean", "date"]
LabelType = Literal["text", "integer", "float", "boolean"]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """Describe one feature column of a table.

    Attributes:
        name: As in the file.
        kind: How it is prepared for the network.
        missing: Number of rows without a value.
        distinct: Number of different values, missing ones not counted.
        decimal: The comma, where it is the decimal mark of its numbers; else empty.
        unit: The currency, per cent sign or unit that stands beside its numbers.
        words: Words that were read as missing here, beyond those that are everywhere.
        origin: A whole number that is subtracted, where float64 would not hold what differs.
        order: In which order day, month and year stand in its dates.
        parts: What is learnt of its dates; see `sweep.data.table_dates.date_parts`.
        low: Smallest number, or first day since 1970-01-01; None where there is none.
        high: Largest number, or last day.
    """

    name: str
    kind: ColumnKind
    missing: int
    distinct: int
    decimal: str = ""
    unit: str = ""
    words: tuple[str, ...] = ()
    origin: int = 0
    order: str = ""
    parts: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """Hold one data set, checked and ready to be split.

    Attributes:
        name: A bundled name, or the file's name without its folder.
        task: What is to be learnt.
        features: A table [rows, columns], or an array float32/float64/uint8 [rows, ...]
            (images [rows, height, width], or vectors [rows, columns]).
        target: int64 [rows], places in ``class_names``; or float64 [rows] for regression.
        target_name: The target column's name, or ``target``.
        class_names: Names of the classes in order; empty for regression.
        columns: The feature columns of a table; empty for an array.
        test_rows: bool [rows], the rows of the data set's own test split; None if it has none.
        groups: int64 [rows], rows of one group stay in one split; None without groups.
        weights: float64 [rows], what each row counts in loss and scores, finite and not negative;
            None where all rows count alike.
        times: float64 [rows], by which rows are split in order; None to split them at random.
        class_weight: Whether classes count alike in the training loss, whatever their number of
            rows: ``balanced``; None where rows do.
        fingerprint: SHA-256 of the bytes that were read, hexadecimal.
        source: Where it came from: the path as given, or the bundled name.
        label_type: What labels are written as: texts, or the numbers or truth values they were.
        id_columns: Columns that are carried from new rows into their predictions.
        log_target: Whether the logarithm of the target is learnt.
        other_columns: The columns of a table that are no features, and what they are instead.
        warnings: What a user should know before training, one line each.
    """

    name: str
    task: Task
    features: "pd.DataFrame | NDArray[np.generic]"
    target: NDArray[np.int64] | NDArray[np.float64]
    target_name: str
    class_names: tuple[str, ...]
    columns: tuple[Column, ...] = ()
    test_rows: NDArray[np.bool_] | None = None
    groups: NDArray[np.int64] | None = None
    weights: NDArray[np.float64] | None = None
    times: NDArray[np.float64] | None = None
    class_weight: ClassWeight | None = None
    fingerprint: str
    source: str
    label_type: LabelType = "text"
    id_columns: tuple[str, ...] = ()
    log_target: bool = False
    other_columns: Mapping[str, str] = dataclasses.field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.target)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class TargetUnits:
    """Hold how standardised values become those of the target; by default they are.

    Attributes:
        mean: Of the training target, in its own units.
        scale: Its standard deviation.
        log: Whether both are those of its logarithm.
    """

    mean: float = 0.0
    scale: float = 1.0
    log: bool = False

    def inverse(self, values: NDArray[np.generic]) -> NDArray[np.float64]:
        """Return standardised values in the target's own units, float64, of the same shape."""
        learnt = values.astype(np.float64) * self.scale + self.mean
        return np.exp(np.minimum(learnt, HIGHEST_LOG)) if self.log else learnt


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrainingData:
    """Hold what a trial trains on: arrays ready for the network, the test rows left out.

    Two of them are equal only if they are one: comparing arrays is not what equality is for.

    Attributes:
        task: What is to be learnt; decides output, loss and score.
        input_shape: Shape of one row: (columns,) or (height, width).
        classes: Number of classes; 0 for regression.
        x_train: float32 [train rows, *input_shape].
        y_train: int32 [train rows] classes, or float32 [train rows] standardised target.
        x_validation: float32 [validation rows, *input_shape].
        y_validation: As ``y_train``.
        evaluation_rows: int64 [n], the train rows on which train metrics are measured, a fixed
            seeded sample where the split is large; None for all of them.
        loss_weights: float32 [train rows], what each row counts in the loss that is minimised: its
            weight times that of its class, with the mean 1; None where all count alike.
        w_train: float32 [train rows], the rows' own weights, by which train losses and scores are
            measured; None without.
        w_validation: As ``w_train``.
        target_units: What ``y_train`` and ``y_validation`` are in the target's own units.
    """

    task: Task
    input_shape: tuple[int, ...]
    classes: int
    x_train: NDArray[np.float32]
    y_train: NDArray[np.int32] | NDArray[np.float32]
    x_validation: NDArray[np.float32]
    y_validation: NDArray[np.int32] | NDArray[np.float32]
    evaluation_rows: NDArray[np.int64] | None = None
    loss_weights: NDArray[np.float32] | None = None
    w_train: NDArray[np.float32] | None = None
    w_validation: NDArray[np.float32] | None = None
    target_units: TargetUnits = TargetUnits()

    @property
    def w_evaluated(self) -> NDArray[np.float32] | None:
        """Return the weights of the rows on which train metrics are measured."""
        weights, chosen = self.w_train, self.evaluation_rows
        return weights if weights is None or chosen is None else weights[chosen]

    @property
    def inputs(self) -> int:
        """Return the numbers per row after flattening."""
        return int(np.prod(self.input_shape))

    @property
    def outputs(self) -> int:
        """Return the units of the output layer: one a class, or one for binary and regression."""
        return self.classes if self.task == "multiclass" else 1
