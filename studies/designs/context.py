"""What a design may depend on besides the user's settings: the size and kind of the data."""

import dataclasses
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # NumPy, which a list of studies does without
    from sweep.data.dataset import Task, TrainingData


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class StudyContext:
    """Hold what is known of the data before a study is designed.

    Attributes:
        task: What is to be learnt.
        inputs: Numbers per row after flattening.
        outputs: Units of the output layer.
        train_rows: Rows of the training split.
        validation_rows: Rows of the validation split.
        label_noise: Share of the training rows whose targets the user has permuted.
        majority: Share of the commonest class among the training rows, by weight where they have
            one; 0 for regression.
    """

    task: "Task"
    inputs: int
    outputs: int
    train_rows: int
    validation_rows: int
    label_noise: float = 0.0
    majority: float = 0.0

    @classmethod
    def of(cls, data: "TrainingData", *, label_noise: float) -> "StudyContext":
        """Describe training data."""
        return cls(
            task=data.task,
            inputs=data.inputs,
            outputs=data.outputs,
            train_rows=len(data.x_train),
            validation_rows=len(data.x_validation),
            label_noise=label_noise,
            majority=_majority(data),
        )


def _majority(data: "TrainingData") -> float:
    if data.task == "regression":
        return 0.0
    import numpy as np  # noqa: PLC0415 - as above

    counts = np.bincount(data.y_train, weights=data.w_train)
    return float(counts.max() / counts.sum())
