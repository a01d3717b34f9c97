"""Losses and scores with their standard errors, from numbers alone."""

from typing import Any

import numpy as np
import scipy.special
from numpy.typing import NDArray

from sweep.data.dataset import Task


def evaluation_statistics(
    sums: NDArray[np.float64], target: NDArray[Any], *, regression: bool
) -> NDArray[np.float64]:
    """Turn sums over rows into loss and score with their standard errors over rows.

    Args:
        sums: float64 [epochs, 3]: sums of loss, squared loss and score. The score of a
            row is 1 if it is classified correctly; for regression it is the loss times the squared
            distance of the target from its mean, from which the standard error of R2 follows.
        target: The rows' targets, [rows].
        regression: Whether the score is R2 rather than accuracy.

    Returns:
        float64 [epochs, 4]: loss, its standard error, score, its standard error. For R2 = 1 - A/B,
        A the mean squared error and B the target's variance, the error is the delta method's:
        the standard deviation of (e^2 - (A/B) d^2) / B over rows, divided by the root of rows.
    """
    rows = len(target)
    with np.errstate(all="ignore"):  # a diverged epoch's sums are not finite
        loss, square, score = (sums / rows).T
        loss_se = np.sqrt(np.maximum(square - loss**2, 0) / rows)
        if not regression:
            score_se = np.sqrt(np.maximum(score * (1 - score), 0) / rows)
            return np.stack([loss, loss_se, score, score_se], axis=1)
        distance = (target.astype(np.float64) - target.mean(dtype=np.float64)) ** 2
        variance = distance.mean()
        if variance == 0:  # as scikit-learn's r2_score: a constant target explains nothing
            return np.stack([loss, loss_se, 0 * loss, 0 * loss], axis=1)
        ratio = loss / variance
        spread = square - 2 * ratio * score + ratio**2 * (distance**2).mean()
        score_se = np.sqrt(np.maximum(spread, 0) / rows) / variance
        return np.stack([loss, loss_se, 1 - ratio, score_se], axis=1)


def measure(
    logits: NDArray[np.float64], target: NDArray[Any], task: Task
) -> tuple[float, float, float, float]:
    """Measure what a model puts out against the target.

    Args:
        logits: float64 [rows, outputs]: values before softmax or sigmoid, or predicted values.
        target: [rows] classes, or values.
        task: Decides loss and score.

    Returns:
        Loss (cross-entropy in nats or mean squared error), its standard error over rows, score
        (accuracy or R2), its standard error.
    """
    if task == "regression":
        loss = (logits[:, 0] - target) ** 2
        score = loss * (target - target.mean(dtype=np.float64)) ** 2
    else:
        classes = target.astype(int)
        logarithms = log_probabilities(logits, task)
        loss = -logarithms[np.arange(len(target)), classes]
        score = (logarithms.argmax(axis=1) == classes).astype(np.float64)
    sums = np.array([[loss.sum(), (loss**2).sum(), score.sum()]])
    values = evaluation_statistics(sums, target, regression=task == "regression")[0]
    mean, mean_se, score_mean, score_se = values.tolist()
    return mean, mean_se, score_mean, score_se


def log_probabilities(logits: NDArray[np.float64], task: Task) -> NDArray[np.float64]:
    """Return the logarithm of each class' probability, float64 [rows, classes].

    Args:
        logits: float64 [rows, outputs].
        task: ``binary`` (one output, that of the second class) or ``multiclass``.
    """
    if task == "binary":
        logits = np.concatenate([np.zeros_like(logits), logits], axis=1)
    normalised: NDArray[np.float64] = scipy.special.log_softmax(logits, axis=1)
    return normalised
