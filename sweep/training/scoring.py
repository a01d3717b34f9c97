"""The scores of a trained network on validation rows, whatever the engine that trained it.

Double precision, rounded to single: rows that are equal get equal outputs, and neither the number
of threads nor the size of a block can tell in the order of two rows.
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from sweep.config import TrialConfig
from sweep.data.dataset import TargetUnits, Task, TrainingData
from sweep.scores import Predictions, compute, predictions, scores_of
from sweep.training.units import hidden_layers

if TYPE_CHECKING:
    from sweep.training.trainer import TrainedNetwork  # loads TensorFlow

BLOCK: Final = 4096  # rows


def validation_scores(
    network: "TrainedNetwork", data: TrainingData, config: TrialConfig
) -> dict[str, float]:
    """Compute every score of a trained network at its best epoch, on the validation rows.

    Args:
        network: Finite up to its best epoch.
        data: What it was trained on.
        config: Its configuration.

    Returns:
        The scores by name, without those that are not defined.
    """
    logits = outputs(network.best_weights, data.x_validation, config.activation)
    rows = predictions_of(logits, data.y_validation, data.task, data.target_units)
    values = {score.name: compute(score, rows, data.w_validation) for score in scores_of(data.task)}
    best = network.history.best_epoch
    if "accuracy" in values and best is not None:  # one number, also where two classes nearly tie
        values["accuracy"] = float(network.history.column("validation_score")[best - 1])
    return {name: value for name, value in values.items() if math.isfinite(value)}


def outputs(
    weights: Sequence[NDArray[np.float32]], rows: NDArray[Any], activation: str
) -> NDArray[np.float64]:
    """Return what a network puts out before its last activation, float64 [rows, outputs].

    Args:
        weights: As for `sweep.training.units.count_units`.
        rows: [rows, ...].
        activation: Of the hidden layers.
    """
    exact = [matrix.astype(np.float64) for matrix in weights]
    blocks = []
    for start in range(0, max(len(rows), 1), BLOCK):
        block = rows[start : start + BLOCK]
        hidden = hidden_layers(exact, block, activation)
        last = hidden[-1][1] if hidden else block.reshape(len(block), -1).astype(np.float64)
        blocks.append((last @ exact[-1][:-1] + exact[-1][-1]).astype(np.float32))
    return np.concatenate(blocks).astype(np.float64)


def predictions_of(
    logits: NDArray[np.float64], target: NDArray[Any], task: Task, units: TargetUnits
) -> Predictions:
    """Turn outputs and targets, as a network has them, into those that scores are of.

    Args:
        logits: float64 [rows, outputs].
        target: [rows], classes or standardised values.
        task: What was learnt.
        units: Of the target.
    """
    if task == "regression":
        return Predictions(target=units.inverse(target), predicted=units.inverse(logits))
    return predictions(logits, target, task)
