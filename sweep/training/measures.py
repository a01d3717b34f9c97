"""Losses and scores with their standard errors, from numbers alone."""

from typing import Any

import numpy as np
import scipy.special
from numpy.typing import NDArray

from sweep.data.dataset import Task


def evaluation_statistics(
    sums: NDArray[np.float64],
    target: NDArray[Any],
    *,
    regression: bool,
    weights: NDArray[Any] | None = None,
) -> NDArray[np.float64]:
    """Turn sums over rows into loss and score with their standard errors over rows.

    Args:
        sums: float64 [epochs, 3]: sums of loss, squared loss and score. The score of a
            row is 1 if it is classified correctly; for regression it is the loss times the squared
            distance of the target from its mean, from which the standard error of R2 follows.
            With weights float64 [epochs, 5]: sums of the weight times the loss, of the square of
            that, of the weight times the score; of the squared weight times the loss, and times
            the score.
        target: The rows' targets, [rows].
        regression: Whether the score is R2 rather than accuracy.
        weights: What the rows count, [rows], with a sum above 0; None where all count alike.

    Returns:
        float64 [epochs, 4]: loss, its standard error, score, its standard error. For R2 = 1 - A/B,
        A the mean squared error and B the target's variance, the error is the delta method's:
        the standard deviation of (e^2 - (A/B) d^2) / B over rows, divided by the root of rows.
        Weighted means are ratios of sums over rows; their errors are `_weighted_statistics`'.
    """
    if weights is not None:
        return _weighted_statistics(sums, target, weights.astype(np.float64), regression=regression)
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


def _weighted_statistics(
    sums: NDArray[np.float64],
    target: NDArray[Any],
    weights: NDArray[np.float64],
    *,
    regression: bool,
) -> NDArray[np.float64]:
    """Do what `evaluation_statistics` says for rows with weights.

    A weighted mean is the ratio of two sums over independent rows. Its error is that of the ratio
    linearised, the root of the sum of (w (v - mean))^2 over the sum of w (Cochran, Sampling
    Techniques, 3rd ed. 1977, sec. 6.8; the sandwich estimator of a weighted regression on a
    constant): the weights' scale does not matter, and equal ones give the plain standard error.
    """
    total, squares = weights.sum(), (weights**2).sum()
    with np.errstate(all="ignore"):  # a diverged epoch's sums are not finite
        loss, square, score, loss_squares, score_squares = sums.T
        loss, score = loss / total, score / total

        def error(spread: NDArray[np.float64]) -> NDArray[np.float64]:
            return np.asarray(np.sqrt(np.maximum(spread, 0)) / total)

        loss_se = error(square - 2 * loss * loss_squares + loss**2 * squares)
        if not regression:
            score_se = error(score_squares * (1 - 2 * score) + score**2 * squares)
            return np.stack([loss, loss_se, score, score_se], axis=1)
        values = target.astype(np.float64)
        distance = (values - np.average(values, weights=weights)) ** 2
        variance = np.average(distance, weights=weights)
        if variance == 0:
            return np.stack([loss, loss_se, 0 * loss, 0 * loss], axis=1)
        ratio = loss / variance
        spread = square - 2 * ratio * score_squares + ratio**2 * ((weights * distance) ** 2).sum()
        return np.stack([loss, loss_se, 1 - ratio, error(spread) / variance], axis=1)


def measure(
    logits: NDArray[np.float64],
    target: NDArray[Any],
    task: Task,
    weights: NDArray[Any] | None = None,
) -> tuple[float, float, float, float]:
    """Measure what a model puts out against the target.

    Args:
        logits: float64 [rows, outputs]: values before softmax or sigmoid, or predicted values.
        target: [rows] classes, or values.
        task: Decides loss and score.
        weights: What the rows count, [rows]; None where all count alike.

    Returns:
        Loss (cross-entropy in nats or mean squared error), its standard error over rows, score
        (accuracy or R2), its standard error.
    """
    if task == "regression":
        loss = (logits[:, 0] - target) ** 2
        mean = target.mean(dtype=np.float64)
        if weights is not None:
            mean = np.average(target.astype(np.float64), weights=weights)
        score = loss * (target - mean) ** 2
    else:
        classes = target.astype(int)
        logarithms = log_probabilities(logits, task)
        loss = -logarithms[np.arange(len(target)), classes]
        score = (logarithms.argmax(axis=1) == classes).astype(np.float64)
    parts = [loss, loss**2, score]
    if weights is not None:
        loss, score = weights * loss, weights * score
        parts = [loss, loss**2, score, weights * loss, weights * score]
    sums = np.array([[part.sum() for part in parts]])
    is_regression = task == "regression"
    (values,) = evaluation_statistics(sums, target, regression=is_regression, weights=weights)
    loss_mean, loss_se, score_mean, score_se = values.tolist()
    return loss_mean, loss_se, score_mean, score_se


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
