"""The power law of a learning curve: how the error falls with the number of training rows.

error(n) = scale * n**-exponent + floor, floor >= 0 (Hestness et al. 2017; Rosenfeld et al. 2020).
For a given exponent the rest is linear, so the exponent is searched on a grid and no fit can fail
to converge. The floor and the exponent are hard to tell apart from few sizes: their intervals show
it, and the prediction is given at twice the largest size at most.
"""

import dataclasses
import math
from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from studies.statistics.intervals import Interval
from studies.statistics.shape import FEWEST_PAIRS, simultaneous_changes

FEWEST_SIZES: Final = 4  # one more than parameters
FARTHEST: Final = 2.0  # times the largest size
EXPONENTS: Final = (0.01, 5.0)
COARSE: Final = 120
FINE: Final = 41
RESAMPLES: Final = 2_000
SMALLEST: Final = 1e-3  # of the largest mean error: nothing weighs more than this allows

NOTHING: Final = Interval(estimate=math.nan, low=math.nan, high=math.nan)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """Hold what the law says of one size.

    Attributes:
        rows: Training rows.
        error: The mean error, with the interval of the mean over seeds.
        gain: By how much it lies below the law's error at the largest size that was measured.
    """

    rows: float
    error: Interval
    gain: Interval


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class PowerLaw:
    """Hold a fitted power law, or why there is none.

    Attributes:
        unsupported: Why the data support no power law; empty if they do. The figures are then
            missing.
        exponent: How fast the error falls: each tenfold of rows divides what lies above the floor
            by 10**exponent.
        floor: The error that no number of rows removes.
        scale: The error above the floor at one row, which no network was trained on.
        misfit: The largest distance of a mean error from the law, as a share of the error.
        predictions: One for each size asked for.
    """

    unsupported: str
    exponent: Interval
    floor: Interval
    scale: float
    misfit: float
    predictions: tuple[Prediction, ...]


def fit_power_law(
    errors: pd.DataFrame,
    *,
    predict_at: Sequence[float] | None = None,
    confidence: float = 0.95,
    seed: int = 0,
) -> PowerLaw:
    """Fit a power law to the mean errors over paired seeds.

    Least squares weighted by one over the squared mean error, as fits errors whose spread over
    seeds is a share of their size. The intervals resample whole seeds, since the sizes of one seed
    share its rows and weights. They are percentile intervals widened for few seeds (Hesterberg
    2015, section 5.3): with ten seeds the prediction's covers in 91 to 96 % of simulations, the
    plain one in 84 to 91 %.

    Args:
        errors: One row a seed, one column a size, named by its number of training rows, ascending;
            positive, smaller is better. A seed with a NaN is left out.
        predict_at: Numbers of rows to predict, up to twice the largest size; that one by default.
        confidence: Of the intervals.
        seed: Of the resampling.

    Returns:
        A law without figures where fewer than ``FEWEST_SIZES`` sizes or six seeds are given, where
        the error rises with the rows somewhere beyond noise, or does not fall beyond noise.

    Raises:
        ValueError: The sizes do not ascend, or a prediction lies beyond ``FARTHEST`` times the
            largest.
    """
    sizes = np.array(errors.columns, dtype=np.float64)
    if not (np.diff(sizes) > 0).all():
        raise ValueError(f"sizes must ascend, got {list(errors.columns)}")
    farthest = FARTHEST * sizes[-1]
    wanted = np.array([farthest] if predict_at is None else predict_at, dtype=np.float64)
    if (wanted > farthest).any():
        raise ValueError(
            f"no prediction beyond {farthest:g} rows, twice the largest size; got {wanted.max():g}"
        )
    array = errors.dropna().to_numpy(dtype=np.float64)
    reason = _unsupported(array, confidence)
    if reason:
        return PowerLaw(
            unsupported=reason,
            exponent=NOTHING,
            floor=NOTHING,
            scale=math.nan,
            misfit=math.nan,
            predictions=(),
        )
    return _fitted(array, sizes, wanted, _Resampling(confidence=confidence, seed=seed))


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Resampling:
    """Hold how intervals over seeds are made."""

    confidence: float
    seed: int

    def means(self, array: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the mean of the rows, and below it those of resampled rows [1 + RESAMPLES, m]."""
        n = len(array)
        places = np.random.default_rng(self.seed).integers(0, n, (RESAMPLES, n))
        return np.concatenate([array.mean(axis=0)[None], array[places].mean(axis=1)])

    def interval(self, values: NDArray[np.float64], n: int) -> Interval:
        """Return the widened percentile interval of an estimate followed by its resamples."""
        t = stats.t.isf((1 - self.confidence) / 2, n - 1)
        tail = stats.norm.sf(math.sqrt(n / (n - 1)) * t)
        low, high = np.quantile(values[1:], [tail, 1 - tail])
        return Interval(estimate=float(values[0]), low=float(low), high=float(high))


def _fitted(
    array: NDArray[np.float64],
    sizes: NDArray[np.float64],
    wanted: NDArray[np.float64],
    resampling: _Resampling,
) -> PowerLaw:
    n, means = len(array), resampling.means(array)
    ratios = sizes / sizes[-1]
    weights = np.maximum(means[0], SMALLEST * means[0].max()) ** -2.0
    exponent, height, floor = _least_squares(means, ratios, weights)
    law = height[0] * ratios ** -exponent[0] + floor[0]
    predictions = []
    for rows in wanted:
        left = height * (rows / sizes[-1]) ** -exponent
        error, gain = (resampling.interval(part, n) for part in (left + floor, height - left))
        predictions.append(Prediction(rows=float(rows), error=error, gain=gain))
    return PowerLaw(
        unsupported="",
        exponent=resampling.interval(exponent, n),
        floor=resampling.interval(floor, n),
        scale=float(height[0] * sizes[-1] ** exponent[0]),
        misfit=float(np.abs(means[0] / law - 1).max()),
        predictions=tuple(predictions),
    )


def _unsupported(array: NDArray[np.float64], confidence: float) -> str:
    seeds, sizes = array.shape
    if sizes < FEWEST_SIZES:
        return f"{sizes} sizes; a power law needs {FEWEST_SIZES} or more"
    if seeds < FEWEST_PAIRS:
        return f"{seeds} seeds that have every size; {FEWEST_PAIRS} or more are needed"
    low, high = simultaneous_changes(array, confidence=confidence)
    larger = np.triu_indices(sizes, 1)
    if (low[larger] > 0).any():
        return "the error rises with more rows somewhere, beyond noise"
    if not high[0, -1] < 0:
        return "from the fewest to the most rows the error does not fall beyond noise"
    return ""


def _least_squares(
    means: NDArray[np.float64], ratios: NDArray[np.float64], weights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Fit each row of means [B, m]; return exponents, heights at the last size, floors [B]."""
    coarse = np.geomspace(*EXPONENTS, COARSE)
    first = _on_grid(means, ratios, weights, np.broadcast_to(coarse, (len(means), COARSE)))[0]
    step = coarse[1] / coarse[0]
    fine = first[:, None] * np.geomspace(1 / step, step, FINE)
    return _on_grid(means, ratios, weights, fine)


def _on_grid(
    means: NDArray[np.float64],
    ratios: NDArray[np.float64],
    weights: NDArray[np.float64],
    exponents: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the best of a grid of exponents [B, g] for each row of means [B, m]."""
    powers = ratios ** -exponents[..., None]  # [B, g, m]
    y = means[:, None, :]
    total = weights.sum()
    x_mean, y_mean = powers @ weights / total, (y * weights).sum(axis=-1) / total
    xx = (powers**2) @ weights
    xy = (powers * y) @ weights
    slope = (xy - total * x_mean * y_mean) / (xx - total * x_mean**2)
    floor = y_mean - slope * x_mean
    through_zero = floor < 0
    height = np.where(through_zero, xy / xx, slope)
    floor = np.where(through_zero, 0.0, floor)
    residual = ((y - height[..., None] * powers - floor[..., None]) ** 2) @ weights
    best = np.arange(len(means)), residual.argmin(axis=1)
    return exponents[best], height[best], floor[best]
