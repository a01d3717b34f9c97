"""How much of what was tried a random few of it would cover: what agreement is measured against."""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln


def expected_cover(places: NDArray[np.float64], number: int, *, names: bool = False) -> float:
    """Return how much of some values as many as ``number`` of them, drawn at random, cover.

    Without replacement: the largest of ``number`` is the i-th smallest of n with the probability
    C(i - 1, number - 1) / C(n, number) (order statistics of a finite population; Arnold,
    Balakrishnan and Nagaraja 1992, section 3.7), the smallest likewise from the other end; a name
    that k of n have is missing with the probability C(n - k, number) / C(n, number).

    Args:
        places: float64 [n].
        number: How many are drawn.
        names: Whether the values are names, and not numbers with a distance.

    Returns:
        The expected share of the range, or of the names; NaN where nothing is drawn or the values
        do not differ.
    """
    ordered = np.sort(places)
    n = len(ordered)
    if not 0 < number <= n or ordered[0] == ordered[-1]:
        return math.nan
    if names:
        counts = np.unique(ordered, return_counts=True)[1]
        return float((1 - _chance(n - counts, number, n)).mean())
    weights = np.diff(_chance(np.arange(n + 1), number, n))  # that the largest is the i-th
    spread = float(weights @ ordered - weights @ ordered[::-1])
    return spread / float(ordered[-1] - ordered[0])


def _chance(inside: NDArray[np.int64], number: int, n: int) -> NDArray[np.float64]:
    """Return the probability that ``number`` of n draws all come from ``inside`` of them."""
    possible = inside >= number
    safe = np.where(possible, inside, number)
    log = _log_choose(safe, number) - _log_choose(np.asarray(n), number)
    return np.where(possible, np.exp(log), 0.0)


def _log_choose(n: NDArray[np.int64], k: int) -> NDArray[np.float64]:
    return np.asarray(gammaln(n + 1.0) - gammaln(k + 1.0) - gammaln(n - k + 1.0))
