"""Intervals of means and shares: what scipy has, in the forms that fitgap needs.

Everything here is scalar and small: replicates over seeds are few. Percentile bootstraps are left
out on purpose, since they under-cover at such numbers (84 % instead of 95 % with five values).
"""

import dataclasses
import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import stats

MOST_REPLICATES: Final = 10_000

Values = Sequence[float] | NDArray[np.float64]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """Hold a value with its uncertainty.

    Attributes:
        value: The estimate.
        se: Its standard error.
        df: Degrees of freedom behind ``se``; infinite where rows are many.
    """

    value: float
    se: float
    df: float = math.inf


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Hold an estimate between two bounds; NaN bounds mean that no interval can be given.

    Attributes:
        estimate: The middle value.
        low: Lower bound.
        high: Upper bound.
    """

    estimate: float
    low: float
    high: float

    def __neg__(self) -> "Interval":
        return Interval(estimate=-self.estimate, low=-self.high, high=-self.low)

    def excludes(self, value: float) -> bool:
        """Return whether the value lies outside; False where there are no bounds."""
        return self.low > value or self.high < value


def critical_value(
    *, df: float = math.inf, confidence: float = 0.95, comparisons: int = 1
) -> float:
    """Return the two-sided critical value of Student's t.

    Args:
        df: Degrees of freedom; infinite gives the normal distribution's value.
        confidence: Coverage wanted, in (0, 1).
        comparisons: Number of comparisons made at once (Bonferroni), at least 1.

    Returns:
        The critical value; infinite where ``df`` is not positive, so that nothing is ever clear.
    """
    if not df > 0:
        return math.inf
    tail = (1 - confidence) / 2 / max(comparisons, 1)
    return float(stats.norm.isf(tail) if math.isinf(df) else stats.t.isf(tail, df))


def mean_estimate(values: Values) -> Estimate:
    """Return mean, standard error and degrees of freedom of independent values.

    Args:
        values: Finite numbers [n]; NaN is left out.

    Returns:
        NaN for what cannot be had: the error of one value, the mean of none.
    """
    array = np.asarray(values, dtype=np.float64)
    array = array[~np.isnan(array)]
    n = len(array)
    if n == 0:
        return Estimate(value=math.nan, se=math.nan, df=0)
    if n == 1:
        return Estimate(value=float(array[0]), se=math.nan, df=0)
    return Estimate(value=float(array.mean()), se=float(array.std(ddof=1)) / math.sqrt(n), df=n - 1)


def estimate_interval(estimate: Estimate, *, confidence: float = 0.95) -> Interval:
    """Return the t interval of an estimate (NaN bounds without a standard error)."""
    value, se = estimate.value, estimate.se
    half = se * critical_value(df=estimate.df, confidence=confidence)
    if math.isinf(half):
        half = math.nan
    return Interval(estimate=value, low=value - half, high=value + half)


def mean_interval(values: Values, *, confidence: float = 0.95) -> Interval:
    """Return the t interval of the mean of independent values [n]."""
    return estimate_interval(mean_estimate(values), confidence=confidence)


def difference_estimate(first: Estimate, second: Estimate) -> Estimate:
    """Return first minus second, two independent estimates.

    The degrees of freedom are those of Welch (1947) and Satterthwaite (1946). A missing standard
    error makes that of the difference missing.
    """
    variances = (first.se**2, second.se**2)
    total = sum(variances)
    spread = sum(
        variance**2 / df
        for variance, df in zip(variances, (first.df, second.df), strict=True)
        if df > 0 and not math.isinf(df)
    )
    df = total**2 / spread if spread > 0 else math.inf
    return Estimate(value=first.value - second.value, se=math.sqrt(total), df=df)


def difference_interval(first: Estimate, second: Estimate, *, confidence: float = 0.95) -> Interval:
    """Return the interval of first minus second, two independent estimates."""
    return estimate_interval(difference_estimate(first, second), confidence=confidence)


def paired_interval(first: Values, second: Values, *, confidence: float = 0.95) -> Interval:
    """Return the t interval of the mean of first minus second.

    Args:
        first: Numbers [n].
        second: Numbers [n], each measured together with the one at its place in ``first``.
        confidence: Coverage wanted, in (0, 1).

    Raises:
        ValueError: If the two differ in length.
    """
    return mean_interval(paired_differences(first, second), confidence=confidence)


def paired_differences(first: Values, second: Values) -> NDArray[np.float64]:
    """Return first minus second, float64 [pairs without a NaN].

    Raises:
        ValueError: If the two differ in length.
    """
    a, b = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if a.shape != b.shape:
        raise ValueError(f"pairs need equal lengths, got {len(a)} and {len(b)}")
    differences = a - b
    return differences[~np.isnan(differences)]


def exact_share_interval(successes: int, trials: int, *, confidence: float = 0.95) -> Interval:
    """Return the exact interval of a share by Clopper and Pearson (1934).

    It covers at least as often as it says, however few the trials: right for counts of ten.

    Args:
        successes: From 0 to ``trials``.
        trials: Independent draws; none give no bounds.
        confidence: Coverage wanted, in (0, 1).
    """
    if trials < 1:
        return Interval(estimate=math.nan, low=math.nan, high=math.nan)
    bounds = stats.binomtest(successes, trials).proportion_ci(confidence, method="exact")
    return Interval(estimate=successes / trials, low=float(bounds.low), high=float(bounds.high))


def proportion_interval(share: float, rows: float, *, confidence: float = 0.95) -> Interval:
    """Return Wilson's score interval (1927) of a share such as an accuracy.

    Unlike the share plus and minus its standard error, it stays sensible at 0 and 1.

    Args:
        share: Between 0 and 1.
        rows: Rows it was counted over; of rows with weights, how many of equal weight would give
            the share its standard error.
        confidence: Coverage wanted, in (0, 1).
    """
    if rows < 1 or math.isnan(share):
        return Interval(estimate=share, low=math.nan, high=math.nan)
    z = critical_value(confidence=confidence)
    centre = (share + z**2 / (2 * rows)) / (1 + z**2 / rows)
    half = z / (1 + z**2 / rows) * math.sqrt(share * (1 - share) / rows + z**2 / (4 * rows**2))
    return Interval(estimate=share, low=max(centre - half, 0.0), high=min(centre + half, 1.0))


def replicates_needed(deviation: float, effect: float, *, confidence: float = 0.95) -> int | None:
    """Return how many replicates make the t interval of a mean narrower than an effect.

    Args:
        deviation: Standard deviation of one replicate.
        effect: Distance that the interval's half width must stay below; its sign is ignored.
        confidence: Coverage wanted, in (0, 1).

    Returns:
        At least 2; None where more than ``MOST_REPLICATES`` would be needed or an input is missing.
    """
    effect = abs(effect)
    if not (math.isfinite(deviation) and math.isfinite(effect)) or effect == 0:
        return None
    n = 2
    while n <= MOST_REPLICATES:
        if critical_value(df=n - 1, confidence=confidence) * deviation / math.sqrt(n) < effect:
            return n
        n += 1 if n < 100 else n // 20
    return None
