"""Comparisons of two arms over paired seeds: the difference, its tests, and the verdict.

Pairs share split, seed and order of data, so that what both arms owe to luck falls out of their
difference. Effects come first, in the units of the measure; a p value never stands alone, and a
difference that was not found comes with the smallest one that could have been.
"""

import dataclasses
import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from studies.statistics.intervals import (
    Estimate,
    Interval,
    Values,
    estimate_interval,
    mean_estimate,
    paired_differences,
)
from studies.statistics.p_values import below_p, sign_flip_p, t_p, wilcoxon_p
from studies.statistics.power import FEWEST_PAIRS, detectable_difference, seeds_to_settle

Verdict = Literal["better", "worse", "equivalent", "undecided"]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class FoldSizes:
    """Hold on how many rows each fold was trained and tested.

    Attributes:
        trained_on: Rows that each network was trained on.
        tested_on: Rows that each was measured on, none of them among the former.
    """

    trained_on: int
    tested_on: int

    def widened(self, estimate: Estimate) -> Estimate:
        """Return the mean over folds with the error that they have, sharing most of their rows.

        The variance of Nadeau and Bengio (2003), section 3: that of one difference times
        (1/n + tested on / trained on).
        """
        inflation = 1 + (estimate.df + 1) * self.tested_on / self.trained_on
        return dataclasses.replace(estimate, se=estimate.se * math.sqrt(inflation))


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Hold how the first of two arms differs from the second, in a measure where more is better.

    Attributes:
        verdict: What follows for the first arm.
        pairs: Number of pairs. Below ``FEWEST_PAIRS`` every p is NaN and nothing is concluded.
        difference: Mean of first minus second with its t interval.
        p: Two-sided p of the t test of no difference.
        sign_flip_p: The same by flipping signs, which assumes no normal distribution; NaN for
            folds, whose differences are not independent.
        wilcoxon_p: The same by signed ranks, on which one outlier has little hold; NaN for folds.
        equivalence_p: p of the hypothesis that the difference is as large as the margin, or larger
            (two one-sided t tests, Schuirmann 1987).
        superiority: Share of pairs in which the first arm is better, ties counted half.
        detectable: The smallest difference that as many pairs with this spread show in four cases
            of five.
        seeds_needed: If undecided: how many more pairs would settle it in four cases of five, if
            mean and spread stay. None if decided, if nobody would train so many, or for folds,
            since more seeds do not make more rows.
    """

    verdict: Verdict
    pairs: int
    difference: Interval
    p: float
    sign_flip_p: float
    wilcoxon_p: float
    equivalence_p: float
    superiority: float
    detectable: float
    seeds_needed: int | None


def compare(
    first: Values,
    second: Values,
    *,
    margin: float,
    folds: FoldSizes | None = None,
    confidence: float = 0.95,
) -> Comparison:
    """Compare two arms over pairs.

    Equivalent goes before better and worse: a difference that is there, but surely inside the
    margin, is none that matters.

    Args:
        first: Scores [n] of the first arm, larger is better; a pair with a NaN is left out.
        second: Scores [n] of the second arm, paired by place.
        margin: The largest difference that does not matter, above 0, in the units of the scores.
        folds: If the pairs are folds: one score a fold, the mean over its seeds. Every variance is
            then that of Nadeau and Bengio (2003).
        confidence: Of the interval; one minus it is the rate of false verdicts that is allowed.

    Raises:
        ValueError: The arms differ in length, or the margin is not above 0.
    """
    differences = paired_differences(first, second)
    return compare_differences(differences, margin=margin, folds=folds, confidence=confidence)


def compare_differences(
    differences: NDArray[np.float64],
    *,
    margin: float,
    folds: FoldSizes | None = None,
    confidence: float = 0.95,
) -> Comparison:
    """Compare two arms by their differences.

    Args:
        differences: First minus second [n], without a NaN.
        margin: As in `compare`.
        folds: As in `compare`.
        confidence: As in `compare`.

    Raises:
        ValueError: The margin is not above 0.
    """
    if not margin > 0:
        raise ValueError(f"margin must be above 0, got {margin}")
    estimate, pairs = mean_estimate(differences), len(differences)
    if folds is not None:
        estimate = folds.widened(estimate)
    enough, independent = pairs >= FEWEST_PAIRS, pairs >= FEWEST_PAIRS and folds is None
    p = t_p(estimate) if enough else math.nan
    size = dataclasses.replace(estimate, value=abs(estimate.value))
    equivalence_p = below_p(size, margin) if enough else math.nan
    verdict = decide(estimate.value, p=p, equivalence_p=equivalence_p, alpha=1 - confidence)
    open_question = verdict == "undecided" and folds is None
    return Comparison(
        verdict=verdict,
        pairs=pairs,
        difference=estimate_interval(estimate, confidence=confidence),
        p=p,
        sign_flip_p=sign_flip_p(differences) if independent else math.nan,
        wilcoxon_p=wilcoxon_p(differences) if independent else math.nan,
        equivalence_p=equivalence_p,
        superiority=float(np.mean((np.sign(differences) + 1) / 2)) if pairs else math.nan,
        detectable=detectable_difference(
            estimate.se * math.sqrt(pairs), pairs, confidence=confidence
        ),
        seeds_needed=(
            seeds_to_settle(estimate, margin, confidence=confidence) if open_question else None
        ),
    )


def decide(difference: float, *, p: float, equivalence_p: float, alpha: float) -> Verdict:
    """Return what follows from the two tests; a NaN is never significant."""
    if equivalence_p < alpha:
        return "equivalent"
    if p < alpha:
        return "better" if difference > 0 else "worse"
    return "undecided"


def within_one_error(
    scores: NDArray[np.float64], *, folds: FoldSizes | None = None
) -> NDArray[np.bool_]:
    """Say which arms are as good as the best by the one-standard-error rule, on pairs.

    The rule of Breiman et al. (1984, section 3.4.3), with the standard error of the *difference*
    to the best arm over the pairs: that of the best alone counts what all arms share.

    Args:
        scores: float64 [arms, pairs], larger is better, no NaN.
        folds: As in `compare`.

    Returns:
        bool [arms]; the best arm is always among them, and alone if there is but one pair.
    """
    best = int(np.argmax(scores.mean(axis=1)))
    behind = [mean_estimate(scores[best] - arm) for arm in scores]
    if folds is not None:
        behind = [folds.widened(one) for one in behind]
    chosen = np.array([one.value <= one.se for one in behind])
    chosen[best] = True
    return chosen
