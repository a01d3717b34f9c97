"""What each row counts: its own weight, and that of its class.

Within a run only the ratios of weights matter. Their unit would act as a learning rate, since Keras
divides the weighted loss of a batch by the number of its rows: weights are divided by their mean
over the training rows, so that rows of equal weight train as rows without one.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.class_weight import compute_sample_weight

from sweep.data.dataset import Dataset
from sweep.data.splitting import Splits

Weights = NDArray[np.float32]


class SplitWeights(NamedTuple):
    """Hold what the rows of each split count, float32 [rows]; None where all count alike.

    Attributes:
        loss: Of the training rows, in the loss that is minimised: with class weights.
        train: Of the training rows, in what is measured: without.
        validation: Of the validation rows.
        test: Of the test rows.
    """

    loss: Weights | None
    train: Weights | None
    validation: Weights | None
    test: Weights | None


def weigh_rows(dataset: Dataset, splits: Splits) -> SplitWeights:
    """Return the weights of every split's rows, those of the training rows with the mean 1.

    Class weights are scikit-learn's ``balanced``, n / (k n_c): n training rows, n_c of them in
    this one of k classes. A row's weight in the loss is its own times that of its class.

    Args:
        dataset: The data set.
        splits: Its splits, of which the training rows have a weight above 0.
    """
    train: NDArray[np.float64] | None = None
    parts: list[Weights | None] = [None, None, None]
    if dataset.weights is not None:
        weights = dataset.weights / dataset.weights[splits.train].mean()
        rows = (splits.train, splits.validation, splits.test)
        parts = [weights[part].astype(np.float32) for part in rows]
        train = weights[splits.train]
    if dataset.class_weight is None:
        return SplitWeights(parts[0], *parts)
    loss = compute_sample_weight(dataset.class_weight, dataset.target[splits.train])
    loss = loss if train is None else loss * train
    return SplitWeights((loss / loss.mean()).astype(np.float32), *parts)


def standardisation(
    target: NDArray[Any], weights: NDArray[np.float64] | None
) -> tuple[float, float]:
    """Return the mean of values and their standard deviation, 1 for a deviation of 0.

    Args:
        target: [rows].
        weights: What the rows count, [rows], with a sum above 0; None where all count alike.
    """
    if weights is None:
        return float(target.mean()), float(target.std()) or 1.0
    mean = float(np.average(target, weights=weights))
    return mean, float(np.sqrt(np.average((target - mean) ** 2, weights=weights))) or 1.0


def effective_rows(weights: NDArray[Any]) -> float:
    """Return how many rows of equal weight tell as much as weighted ones (Kish 1965).

    Args:
        weights: [rows], not all 0.
    """
    exact = weights.astype(np.float64)
    return float(exact.sum() ** 2 / (exact**2).sum())
