"""The smallest adequate arm: as good as the best by one standard error, and surely close to it.

The one-standard-error rule chooses; it errs on the side of small. In simulations of ten pairs in
which one to nine smaller arms were all worse by two margins, it chose one of them in 7 to 53 % of
cases where a margin was as large as the standard error of a difference, in at most 2 % where it was
twice as large. What guards against that is ``equivalent``: true of such an arm in at most 2 %.
"""

import dataclasses
import math
from collections.abc import Mapping

import numpy as np
import pandas as pd

from studies.statistics.comparisons import FoldSizes, within_one_error
from studies.statistics.intervals import Estimate, Interval, estimate_interval, mean_estimate
from studies.statistics.p_values import below_p
from studies.statistics.power import FEWEST_PAIRS


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SmallestAdequate:
    """Hold which arm is enough.

    Attributes:
        arm: The smallest within one standard error of the best.
        best: The arm of the best mean.
        difference: Score of the arm minus that of the best, over pairs; of width zero if they are
            the same.
        as_good: Every arm within one standard error of the best, smallest first.
        equivalent: Whether surely no arm beats this one by the margin.
        equivalence_p: p of the hypothesis that one does: the largest of one-sided t tests against
            every other arm (an intersection-union test, Berger 1982). The best arm is chosen on the
            same pairs, so a test against it alone would forget that another may be the best in
            truth. NaN for fewer than ``FEWEST_PAIRS`` pairs, 0 for a single arm.
        pairs: Number of pairs that have every arm; of folds, if folds are given.
    """

    arm: str
    best: str
    difference: Interval
    as_good: tuple[str, ...]
    equivalent: bool
    equivalence_p: float
    pairs: int


def smallest_adequate(
    scores: pd.DataFrame,
    capacities: Mapping[str, float],
    *,
    margin: float,
    folds: FoldSizes | None = None,
    confidence: float = 0.95,
) -> SmallestAdequate:
    """Find the smallest arm that is enough.

    Args:
        scores: One row a pair, one column an arm; larger is better. A pair with a NaN is left out:
            leave out an arm that diverged in most.
        capacities: Trainable parameters by arm; of equal ones the better counts as the smaller.
        margin: The largest difference that does not matter, above 0, in the units of the scores.
        folds: As in `studies.statistics.several_arms.compare_arms`.
        confidence: Of the interval; one minus it is the rate of falsely ``equivalent``.

    Raises:
        ValueError: No pair has every arm, or the margin is not above 0.
    """
    if not margin > 0:
        raise ValueError(f"margin must be above 0, got {margin}")
    whole = scores.dropna().astype("float64")
    if folds is not None and "fold" in whole.index.names:
        whole = whole.groupby(level="fold").mean()
    if whole.empty:
        raise ValueError("no pair has a score of every arm")
    means = whole.mean()
    best = str(means.idxmax())
    order = sorted(whole.columns, key=lambda arm: (capacities[arm], -means[arm]))
    fit = dict(zip(whole.columns, within_one_error(whole.to_numpy().T, folds=folds), strict=True))
    as_good = tuple(str(arm) for arm in order if fit[arm])
    arm = as_good[0]
    others = [other for other in whole.columns if other != arm]
    p = max((below_p(_mean(whole[one] - whole[arm], folds), margin) for one in others), default=0.0)
    p = p if len(whole) >= FEWEST_PAIRS else math.nan
    return SmallestAdequate(
        arm=arm,
        best=best,
        difference=estimate_interval(_mean(whole[arm] - whole[best], folds), confidence=confidence),
        as_good=as_good,
        equivalent=p < 1 - confidence,
        equivalence_p=p,
        pairs=len(whole),
    )


def _mean(differences: pd.Series, folds: FoldSizes | None) -> Estimate:
    estimate = mean_estimate(differences.to_numpy(dtype=np.float64))
    return estimate if folds is None else folds.widened(estimate)
