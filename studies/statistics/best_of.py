"""The best of k draws: what a search of k trials can be expected to find.

Valid for draws that do not depend on each other: random and quasi-random search, the points of a
grid, tuning candidates. Not for samplers that adapt, nor where a pruner chose what was finished.
"""

import dataclasses
import math
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from studies.statistics.intervals import Interval, Values

FEWEST_FOR_BOOTSTRAP: Final = 20
DRAWS_PER_BEST: Final = 10  # the bootstrap under-covers where the best of k hangs on few values
RESAMPLES: Final = 2_000
MOST_AT_ONCE: Final = 1_000_000  # numbers: the bootstrap makes n * (n + RESAMPLES) of them

Goal = Literal["min", "max"]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class BestOf:
    """Hold what the best of k draws is.

    Attributes:
        k: Number of draws.
        values: Number of values that it was estimated from.
        expected: The mean of the best of k. Its interval is the BCa bootstrap's (Efron 1987), for
            ``FEWEST_FOR_BOOTSTRAP`` values or more, ``DRAWS_PER_BEST`` of them for each draw.
        median: What half of all searches reach: a quantile of one draw (Lourie et al. 2024). Its
            interval is exact whatever the distribution; a bound is NaN where the values are too few
            to give one.
    """

    k: int
    values: int
    expected: Interval
    median: Interval


def expected_best(losses: NDArray[np.float64], k: int) -> float:
    """Return the expected smallest of k losses drawn without replacement from those given.

    Dodge et al. (2019), "Show Your Work", in the unbiased form of Tang et al. (2020).

    Args:
        losses: float64 [n], finite.
        k: From 1 to n.
    """
    return float(_expected_smallest(losses, k))


def best_of(
    values: Values, k: int, *, goal: Goal = "min", confidence: float = 0.95, seed: int = 0
) -> BestOf:
    """Estimate the best of k draws.

    Args:
        values: Finite results of independent draws [n]. A draw that diverged counts: give it the
            result of knowing nothing.
        k: From 1 to n.
        goal: Whether the smallest (a loss) or the largest (a score) is the best.
        confidence: Of the intervals.
        seed: Of the bootstrap.

    Raises:
        ValueError: k is not from 1 to n, or a value is not finite.
    """
    losses = _losses(values, goal)
    if not 1 <= k <= len(losses):
        raise ValueError(f"k must be from 1 to {len(losses)}, the number of values, got {k}")
    expected = _expected_interval(losses, k, confidence=confidence, seed=seed)
    median = _median_interval(losses, k, confidence=confidence)
    return BestOf(
        k=k,
        values=len(losses),
        expected=expected if goal == "min" else _mirrored(expected),
        median=median if goal == "min" else _mirrored(median),
    )


def draws_needed(values: Values, margin: float, *, goal: Goal = "min") -> int:
    """Return the fewest draws whose expected best lies within a margin of the best value seen.

    Args:
        values: Finite results of independent draws [n], at least one.
        margin: In the units of the values, 0 or above.
        goal: Whether the smallest or the largest is the best.

    Returns:
        From 1 to n. A number near n says only that n draws were not too many: the best value seen
        may itself be far from the best there is.

    Raises:
        ValueError: There is no value, or one that is not finite.
    """
    losses = _losses(values, goal)
    behind = [expected_best(losses, k) - losses.min() for k in range(1, len(losses) + 1)]
    # The best of all of them is the best value, but for rounding.
    return next((k for k, by in enumerate(behind, 1) if by <= margin), len(losses))


def _losses(values: Values, goal: Goal) -> NDArray[np.float64]:
    array = np.asarray(values, dtype=np.float64)
    if len(array) == 0 or not np.isfinite(array).all():
        raise ValueError("values must be finite and not empty; give a lost draw that of a baseline")
    return array if goal == "min" else -array


def _expected_smallest(losses: NDArray[np.float64], k: int) -> NDArray[np.float64]:
    """Return the expected smallest of k over the last axis, [...] of [..., n]."""
    smallest: NDArray[np.float64] = np.sort(losses, axis=-1) @ rank_weights(losses.shape[-1], k)
    return smallest


def rank_weights(n: int, k: int) -> NDArray[np.float64]:
    """Return how likely the best of k, drawn without replacement from n, has each rank.

    Args:
        n: Number of values.
        k: From 1 to n.

    Returns:
        float64 [n], of the best rank first, adding up to 1: C(n - i, k - 1) / C(n, k) for rank i,
        each from the one before.
    """
    ranks = np.arange(1, n)
    ratios = np.maximum(n - ranks - k + 1, 0) / (n - ranks)
    return np.asarray(k / n * np.concatenate([[1.0], np.cumprod(ratios)]))


def _expected_interval(
    losses: NDArray[np.float64], k: int, *, confidence: float, seed: int
) -> Interval:
    estimate, n = expected_best(losses, k), len(losses)
    if n < max(FEWEST_FOR_BOOTSTRAP, DRAWS_PER_BEST * k):
        return Interval(estimate=estimate, low=math.nan, high=math.nan)
    if np.ptp(losses) == 0:
        return Interval(estimate=estimate, low=estimate, high=estimate)
    bounds = stats.bootstrap(
        (losses,),
        lambda sample, axis: _expected_smallest(np.moveaxis(sample, axis, -1), k),
        vectorized=True,
        batch=max(MOST_AT_ONCE // n, 1),
        n_resamples=RESAMPLES,
        confidence_level=confidence,
        method="BCa",
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return Interval(estimate=estimate, low=float(bounds.low), high=float(bounds.high))


def _median_interval(losses: NDArray[np.float64], k: int, *, confidence: float) -> Interval:
    """Return the quantile that the best of k falls below half the time, and its exact interval.

    The number of values below a quantile is binomial, so order statistics bound it (David and
    Nagaraja 2003, section 7.1).
    """
    ordered, n = np.sort(losses), len(losses)
    share = 1 - 0.5 ** (1 / k)
    tail = (1 - confidence) / 2
    below = stats.binom(n, share)
    # Ranks from 1: the largest with P(value of that rank <= quantile) >= 1 - tail, and so on.
    low_rank, high_rank = int(below.ppf(tail)), int(below.isf(tail)) + 1
    return Interval(
        estimate=float(np.quantile(ordered, share, method="median_unbiased")),
        low=float(ordered[low_rank - 1]) if low_rank >= 1 else math.nan,
        high=float(ordered[high_rank - 1]) if high_rank <= n else math.nan,
    )


def _mirrored(interval: Interval) -> Interval:
    return Interval(estimate=-interval.estimate, low=-interval.high, high=-interval.low)
