"""Curves as dense arrays: trials of equal length together, so that thousands cost a few calls.

The noise of a curve is the scatter of its epochs about a parabola through its second half: late
enough to be past the steep start, curved enough not to count a trend as noise. Neighbouring
epochs are alike, and a scatter that ignores this is too small; the factor for an
autocorrelated series (n / (1 + 2 rho ...), Bayley and Hammersley 1946) mends it.
"""

import dataclasses
import math
from collections.abc import Iterator
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

FEWEST_EPOCHS: Final = 4  # fewer points leave nothing over once a parabola is drawn through them
FEWEST_FOR_CORRELATION: Final = 8  # below, it cannot be estimated
ASSUMED_CORRELATION: Final = 0.3  # and is taken to be this: what keeps false rises under 5 %
LARGEST_CORRELATION: Final = 0.8  # more cannot be told from a trend in so few epochs

Matrix = NDArray[np.float64]

MEASURES: Final = (
    "train_loss",
    "train_loss_se",
    "train_score",
    "train_score_se",
    "validation_loss",
    "validation_loss_se",
    "validation_score",
    "validation_score_se",
    "running_loss",
)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class DenseCurves:
    """Hold the curves of trials that were trained for equally many epochs.

    Attributes:
        trials: Identifiers [n].
        epoch: int64 [n, epochs].
        measures: For each of ``MEASURES``, float64 [n, epochs]; the two losses are finite.
    """

    trials: NDArray[np.object_]
    epoch: NDArray[np.int64]
    measures: dict[str, Matrix]

    @property
    def length(self) -> int:
        """Return the number of epochs."""
        return int(self.epoch.shape[1])


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """Hold how much each curve scatters from epoch to epoch.

    Attributes:
        deviation: Standard deviation of one epoch, widened for autocorrelation [n]; NaN where the
            curve is too short.
        critical: Two-sided 5 % point of Student's t with the degrees of freedom behind it.
    """

    deviation: Matrix
    critical: float


def dense_curves(epochs: pd.DataFrame) -> Iterator[DenseCurves]:
    """Yield the trials of a table of epochs, grouped by length.

    A curve ends before its first epoch without a finite train and validation loss. Trials without
    such an epoch are left out.

    Args:
        epochs: The table of docs/tables.md, in any order.
    """
    table = epochs[["trial", "epoch", *MEASURES]].sort_values(["trial", "epoch"], kind="stable")
    losses = table[["train_loss", "validation_loss"]].to_numpy(dtype=np.float64)
    broken = pd.Series(~np.isfinite(losses).all(axis=1), index=table.index)
    table = table[broken.groupby(table["trial"]).cumsum() == 0]
    lengths = table.groupby("trial")["epoch"].transform("size")
    for length, part in table.groupby(lengths):
        shape = (-1, int(str(length)))
        yield DenseCurves(
            trials=part["trial"].to_numpy(dtype=object).reshape(shape)[:, 0],
            epoch=part["epoch"].to_numpy(dtype=np.int64).reshape(shape),
            measures={
                name: part[name].to_numpy(dtype=np.float64).reshape(shape) for name in MEASURES
            },
        )


def epoch_noise(curves: Matrix) -> Noise:
    """Estimate the scatter of each curve about the parabola through its second half.

    Args:
        curves: float64 [n, epochs].
    """
    n, length = curves.shape
    window = max(math.ceil(length / 2), min(length, 6))
    degrees = window - 3
    if degrees < 1:
        return Noise(deviation=np.full(n, np.nan), critical=math.inf)
    basis = np.linalg.qr(np.vander(np.linspace(-1, 1, window), 3))[0]
    late = curves[:, -window:]
    residuals = late - late @ basis @ basis.T
    deviation = np.sqrt((residuals**2).sum(axis=1) / degrees)
    return Noise(
        deviation=deviation * _correlation_factor(residuals),
        critical=float(stats.t.isf(0.025, degrees)),
    )


def smooth(curves: Matrix) -> Matrix:
    """Return the centred mean of three epochs (of two at the ends) of each curve [n, epochs]."""
    total, weight = curves.copy(), np.ones(curves.shape[1])
    total[:, 1:] += curves[:, :-1]
    total[:, :-1] += curves[:, 1:]
    weight[1:] += 1
    weight[:-1] += 1
    return np.asarray(total / weight)


def trend_drop(curves: Matrix) -> tuple[Matrix, float]:
    """Return how far each curve falls along its least-squares line.

    Args:
        curves: float64 [n, epochs], two epochs at least.

    Returns:
        The fall from the first epoch to the last [n], negative if it rises; and its standard error
        in units of the scatter of one epoch.
    """
    length = curves.shape[1]
    time = np.arange(length) - (length - 1) / 2
    square = float(time @ time)
    span = length - 1
    return -(curves @ time) / square * span, span / math.sqrt(square)


def _correlation_factor(residuals: Matrix) -> Matrix:
    """Return by how much autocorrelation widens the error of a mean, at least 1 [n]."""
    window = residuals.shape[1]
    square = (residuals**2).sum(axis=1)
    product = (residuals[:, 1:] * residuals[:, :-1]).sum(axis=1)
    raw = np.divide(product, square, out=np.zeros_like(square), where=square > 0)
    # a fitted parabola pulls the estimate down by about 3 / window
    short = window < FEWEST_FOR_CORRELATION
    estimate = np.full_like(raw, ASSUMED_CORRELATION) if short else raw + 3 / window
    correlation = np.clip(estimate, 0, LARGEST_CORRELATION)
    return np.asarray(np.sqrt((1 + correlation) / (1 - correlation)))
