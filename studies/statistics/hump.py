"""A hump in a curve over size: a clear rise to a peak, and a clear fall to the last arm.

Which arm is the peak, and which the lowest before it, is known only from the curve itself. Both
changes are therefore judged by intervals that hold for all pairs of arms at once.
"""

import dataclasses
from typing import Literal

import numpy as np
import pandas as pd

from studies.statistics.intervals import Interval
from studies.statistics.shape import simultaneous_changes

Seen = Literal["seen", "not seen", "undecided"]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Hump:
    """Hold the highest hump of a curve, clear or not.

    Attributes:
        verdict: ``seen`` if rise and fall are both clear and larger than the margin; ``not seen``
            if no arm can be such a peak; ``undecided`` otherwise.
        pairs: Number of pairs that have every arm.
        before: The lowest arm before the peak.
        peak: The arm whose smaller one of rise and fall is the largest.
        last: The last arm.
        descent: Mean loss of ``before`` minus that of the first arm; None if they are one.
        rise: Mean loss of the peak minus that of ``before``.
        fall: Mean loss of the last arm minus that of the peak: negative if it falls.
        most: The largest hump that the intervals allow anywhere: the smaller one of rise and fall.
    """

    verdict: Seen
    pairs: int
    before: str
    peak: str
    last: str
    descent: Interval | None
    rise: Interval
    fall: Interval
    most: float

    @property
    def is_second(self) -> bool:
        """Return whether the loss clearly falls before it rises: that of a double descent."""
        return self.descent is not None and self.descent.high < 0


def find_hump(losses: pd.DataFrame, *, margin: float, confidence: float = 0.95) -> Hump:
    """Find the highest hump of a curve over size.

    Args:
        losses: One row a pair, one column an arm, small to large, three or more; a pair with a NaN
            is left out. At least one pair is whole.
        margin: The largest difference that does not matter, above 0, in the units of the losses.
        confidence: Of all intervals at once.

    Raises:
        ValueError: There are fewer than three arms, no whole pair, or the margin is not above 0.
    """
    array = losses.dropna().to_numpy(dtype=np.float64)
    if array.shape[1] < 3 or not len(array):
        raise ValueError(f"a hump needs 3 arms and a whole pair, got {array.shape}")
    if not margin > 0:
        raise ValueError(f"margin must be above 0, got {margin}")
    low, high = simultaneous_changes(array, confidence=confidence)
    means, last = array.mean(axis=0), array.shape[1] - 1
    peaks = range(1, last)
    before = {peak: int(np.argmin(means[:peak])) for peak in peaks}
    size = {peak: min(means[peak] - means[before[peak]], means[peak] - means[last])
            for peak in peaks}  # fmt: skip
    peak = max(peaks, key=size.__getitem__)
    start = before[peak]
    most = max(min(float(high[:one, one].max()), -float(low[one, last])) for one in peaks)
    is_clear = low[start, peak] > 0 and high[peak, last] < 0 and size[peak] > margin
    arms = [str(arm) for arm in losses.columns]
    return Hump(
        verdict="seen" if is_clear else "not seen" if most < margin else "undecided",
        pairs=len(array),
        before=arms[start],
        peak=arms[peak],
        last=arms[last],
        descent=_interval(means[start] - means[0], low[0, start], high[0, start])
        if start
        else None,
        rise=_interval(means[peak] - means[start], low[start, peak], high[start, peak]),
        fall=_interval(means[last] - means[peak], low[peak, last], high[peak, last]),
        most=most,
    )


def _interval(estimate: float, low: float, high: float) -> Interval:
    return Interval(estimate=float(estimate), low=float(low), high=float(high))
