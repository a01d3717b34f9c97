"""Comparisons of two arms that share no seeds: Welch's test on their means.

What both owe to luck does not fall out of the difference, so the same number of seeds shows less
than pairs do.
"""

import dataclasses
import math

from studies.statistics.comparisons import Comparison, decide
from studies.statistics.intervals import Estimate, difference_estimate, estimate_interval
from studies.statistics.p_values import below_p, t_p
from studies.statistics.power import FEWEST_PAIRS, detectable_difference, seeds_to_settle


def compare_means(first: Estimate, second: Estimate, *, seeds: int, margin: float) -> Comparison:
    """Compare two independent means, in a measure where more is better, at 95 %.

    Args:
        first: Mean of the first arm with its standard error.
        second: The same of the second arm.
        seeds: Networks behind the mean of fewer; below ``FEWEST_PAIRS`` nothing is concluded.
        margin: The largest difference that does not matter, above 0, in the units of the scores.

    Returns:
        As over pairs, of which there are as many as ``seeds``: the detectable difference and the
        seeds needed take the degrees of freedom for one less than that, which is cautious. What
        needs single differences is NaN.

    Raises:
        ValueError: The margin is not above 0.
    """
    if not margin > 0:
        raise ValueError(f"margin must be above 0, got {margin}")
    estimate = difference_estimate(first, second)
    planned = dataclasses.replace(estimate, df=seeds - 1)
    enough = seeds >= FEWEST_PAIRS
    p = t_p(estimate) if enough else math.nan
    size = dataclasses.replace(estimate, value=abs(estimate.value))
    equivalence_p = below_p(size, margin) if enough else math.nan
    verdict = decide(estimate.value, p=p, equivalence_p=equivalence_p, alpha=0.05)
    return Comparison(
        verdict=verdict,
        pairs=seeds,
        difference=estimate_interval(estimate),
        p=p,
        sign_flip_p=math.nan,
        wilcoxon_p=math.nan,
        equivalence_p=equivalence_p,
        superiority=math.nan,
        detectable=detectable_difference(estimate.se * math.sqrt(seeds), seeds),
        seeds_needed=seeds_to_settle(planned, margin) if verdict == "undecided" else None,
    )
