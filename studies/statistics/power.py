"""What paired comparisons can find: the smallest detectable difference, and the seeds to settle.

Power analysis is done with the spread that was seen; it plans the next run and explains this one.
It is no evidence about the difference itself: that is the interval's business.
"""

import functools
import math
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special, stats

from studies.statistics.intervals import Estimate

FEWEST_PAIRS: Final = 5  # below, the numbers are described and nothing is concluded
MOST_PAIRS: Final = 1_000  # nobody trains so many seeds to settle one comparison
POWER: Final = 0.8


def detectable_difference(
    deviation: float, pairs: int, *, power: float = POWER, confidence: float = 0.95
) -> float:
    """Return the smallest mean difference that a paired t test finds with a given power.

    Args:
        deviation: Standard deviation of the differences.
        pairs: Number of pairs.
        power: Probability to find it, above one minus the confidence.
        confidence: Of the test, two-sided.

    Returns:
        A difference in the units of the deviation, by the noncentral t distribution (Cohen 1988,
        chapter 2); NaN for fewer than two pairs or without a deviation.
    """
    if pairs < 2 or not math.isfinite(deviation):
        return math.nan
    return _noncentrality(pairs, power, confidence) * deviation / math.sqrt(pairs)


def seeds_to_settle(estimate: Estimate, margin: float, *, confidence: float = 0.95) -> int | None:
    """Return how many more pairs would settle a comparison, if its mean and spread stay.

    Settled means that one of the two tests, of no difference (t) or of a difference as large as the
    margin (two one-sided t), is significant with a probability of ``POWER``.

    Args:
        estimate: Of the mean difference, over independent pairs.
        margin: The largest difference that does not matter.
        confidence: Of the tests.

    Returns:
        At least 1; None where there are fewer than two pairs or no spread, or where more than
        ``MOST_PAIRS`` would be needed.
    """
    pairs = int(estimate.df) + 1
    if not (2 <= pairs < MOST_PAIRS and estimate.se > 0):
        return None
    totals = np.arange(max(pairs + 1, FEWEST_PAIRS), MOST_PAIRS + 1, dtype=np.float64)
    deviation = estimate.se * math.sqrt(pairs)
    alpha = 1 - confidence
    found = _power(abs(estimate.value) / deviation, totals, alpha / 2)
    # Of an equivalence, both sides' powers minus one: a bound that is close wherever it is near
    # 0.8 (Chow, Shao and Wang 2008, section 3.1).
    low, high = (
        _power((margin + sign * estimate.value) / deviation, totals, alpha) for sign in (-1, 1)
    )
    settled = np.maximum(found, low + high - 1) >= POWER
    return int(totals[settled.argmax()]) - pairs if settled.any() else None


def _power(effect: float, totals: NDArray[np.float64], tail: float) -> NDArray[np.float64]:
    """Return the power of a one-sided t test, by the normal one of z**2/2 fewer (Guenther 1981)."""
    z = special.ndtri(1 - tail)
    fewer = np.sqrt(np.maximum(totals - z**2 / 2, 0))
    power: NDArray[np.float64] = special.ndtr(effect * fewer - z)
    return power


@functools.cache
def _noncentrality(pairs: int, power: float, confidence: float) -> float:
    df = pairs - 1
    critical = float(stats.t.ppf((1 + confidence) / 2, df))

    def missing(noncentrality: float) -> float:
        # What the other tail would add, a difference of the wrong sign, is nothing at such power.
        return float(stats.nct.sf(critical, df, noncentrality)) - power

    high = 1.0
    while missing(high) < 0:
        high *= 2
    return float(optimize.brentq(missing, 0.0, high))
