"""Comparisons of two arms over paired seeds: the difference, its tests, and the verdict.

Pairs share split, seed and order of data, so that what both arms owe to luck falls out of their
difference. Effects come first, in the units of the measure; a p value never stands alone, and a
difference that was not found comes with the smallest one that could have been.
"""

import dataclasses
import math
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

from studies.statistics.intervals import (
    Estimate,
    Interval,
    Values,
    estimate_interval,
    mean_estimate,
    paired_differences,
    sign_flip_p,
)

FEWEST_PAIRS: Final = 5  # below, the numbers are described and nothing is concluded
POWER: Final = 0.8

Verdict = Literal["better", "worse", "equivalent", "undecided"]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Hold how the first of two arms differs from the second, in a measure where more is better.

    Attributes:
        verdict: What follows for the first arm.
        pairs: Number of pairs.
        difference: Mean of first minus second with its t interval.
        p: Two-sided p of the t test of no difference.
        sign_flip_p: The same by flipping signs, which assumes no normal distribution.
        equivalence_p: p of the hypothesis that the difference is as large as the margin, or larger
            (two one-sided t tests, Schuirmann 1987).
        superiority: Share of pairs in which the first arm is better, ties counted half.
        detectable: The smallest difference that as many pairs with this spread show in four cases
            of five.
    """

    verdict: Verdict
    pairs: int
    difference: Interval
    p: float
    sign_flip_p: float
    equivalence_p: float
    superiority: float
    detectable: float


def compare(
    first: Values, second: Values, *, margin: float, confidence: float = 0.95
) -> Comparison:
    """Compare two arms over pairs.

    Equivalent goes before better and worse: a difference that is there, but surely inside the
    margin, is none that matters.

    Args:
        first: Scores [n] of the first arm, larger is better; a pair with a NaN is left out.
        second: Scores [n] of the second arm, paired by place.
        margin: The largest difference that does not matter, above 0, in the units of the scores.
        confidence: Of the interval; one minus it is the rate of false verdicts that is allowed.

    Raises:
        ValueError: The arms differ in length, or the margin is not above 0.
    """
    if not margin > 0:
        raise ValueError(f"margin must be above 0, got {margin}")
    differences = paired_differences(first, second)
    estimate, pairs = mean_estimate(differences), len(differences)
    interval = estimate_interval(estimate, confidence=confidence)
    p, equivalence_p = _t_p(estimate), _equivalence_p(estimate, margin)
    alpha = 1 - confidence
    verdict: Verdict = "undecided"
    if pairs >= FEWEST_PAIRS:
        if equivalence_p < alpha:
            verdict = "equivalent"
        elif p < alpha:
            verdict = "better" if estimate.value > 0 else "worse"
    return Comparison(
        verdict=verdict,
        pairs=pairs,
        difference=interval,
        p=p,
        sign_flip_p=sign_flip_p(differences),
        equivalence_p=equivalence_p,
        superiority=float(np.mean((np.sign(differences) + 1) / 2)) if pairs else math.nan,
        detectable=detectable_difference(
            estimate.se * math.sqrt(pairs), pairs, confidence=confidence
        ),
    )


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
    df = pairs - 1
    critical = float(stats.t.ppf((1 + confidence) / 2, df))

    def missing(noncentrality: float) -> float:
        # What the other tail would add, a difference of the wrong sign, is nothing at such power.
        return float(stats.nct.sf(critical, df, noncentrality)) - power

    high = 1.0
    while missing(high) < 0:
        high *= 2
    noncentrality = optimize.brentq(missing, 0.0, high)
    return float(noncentrality) * deviation / math.sqrt(pairs)


def fold_interval(
    differences: Values, *, trained_on: int, tested_on: int, confidence: float = 0.95
) -> Interval:
    """Return the interval of a mean difference over folds, which share most of their rows.

    Args:
        differences: First minus second arm, one a fold or repetition [n].
        trained_on: Rows that each was trained on.
        tested_on: Rows that each was measured on.
        confidence: Coverage wanted, in (0, 1).

    Returns:
        The t interval with the variance of Nadeau and Bengio (2003), section 3: that of one
        difference times (1/n + tested on / trained on).
    """
    estimate = mean_estimate(differences)
    n = estimate.df + 1
    inflated = estimate.se * math.sqrt(1 + n * tested_on / trained_on)
    corrected = Estimate(value=estimate.value, se=inflated, df=estimate.df)
    return estimate_interval(corrected, confidence=confidence)


def within_one_error(scores: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Say which arms are as good as the best by the one-standard-error rule, on pairs.

    The rule of Breiman et al. (1984, section 3.4.3), with the standard error of the *difference*
    to the best arm over the pairs: that of the best alone counts what all arms share.

    Args:
        scores: float64 [arms, pairs], larger is better, no NaN.

    Returns:
        bool [arms]; the best arm is always among them.
    """
    best = int(np.argmax(scores.mean(axis=1)))
    behind = scores[best] - scores
    errors = behind.std(axis=1, ddof=1) / math.sqrt(scores.shape[1])
    chosen: NDArray[np.bool_] = behind.mean(axis=1) <= errors
    chosen[best] = True
    return chosen


def _t_p(estimate: Estimate) -> float:
    """Return the two-sided p of the t test against 0; differences without spread are certain."""
    if estimate.se == 0:
        return 1.0 if estimate.value == 0 else 0.0
    return float(2 * stats.t.sf(abs(estimate.value / estimate.se), estimate.df))


def _equivalence_p(estimate: Estimate, margin: float) -> float:
    room = margin - abs(estimate.value)
    if estimate.se == 0:
        return 0.0 if room > 0 else 1.0
    return float(stats.t.sf(room / estimate.se, estimate.df))
