"""Tests of one mean difference, also where scipy's fail: without spread, with ties and zeros."""

import functools
import math
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from studies.statistics.intervals import Estimate, Values

EXACT_UP_TO: Final = 12  # all sign flips are tried; beyond, a seeded sample is drawn
FLIPS: Final = 10_000


def t_p(estimate: Estimate) -> float:
    """Return the two-sided p of the t test against 0; differences without spread are certain."""
    if estimate.se == 0:
        return 1.0 if estimate.value == 0 else 0.0
    return float(2 * stats.t.sf(abs(estimate.value / estimate.se), estimate.df))


def below_p(estimate: Estimate, margin: float) -> float:
    """Return the p of the hypothesis that a mean reaches a margin, or exceeds it."""
    room = margin - estimate.value
    if estimate.se == 0:
        return 0.0 if room > 0 else 1.0
    return float(stats.t.sf(room / estimate.se, estimate.df))


def wilcoxon_p(differences: Values) -> float:
    """Return the two-sided p of Wilcoxon's signed-rank test (1945).

    Exact for distinct differences, up to 50 of them. Scores that are counts over few rows have ties
    and zeros: then the signs of the ranks are flipped, which is exact for up to ``EXACT_UP_TO``
    differences. Zeros are ranked with the others and then dropped (Pratt 1959).

    Args:
        differences: Numbers [n].

    Returns:
        A probability, 1 where all differences are zero; NaN for fewer than two.
    """
    array = np.asarray(differences, dtype=np.float64)
    sizes = np.abs(array)
    if len(array) >= 2 and sizes.all() and len(np.unique(sizes)) == len(array):
        return float(stats.wilcoxon(array).pvalue)
    return sign_flip_p(np.sign(array) * stats.rankdata(sizes))


def sign_flip_p(differences: Values, *, seed: int = 0) -> float:
    """Return the two-sided p of the hypothesis that the differences are symmetric about zero.

    Exact for up to ``EXACT_UP_TO`` differences, else from ``FLIPS`` assignments of signs, the
    observed one among them (Phipson and Smyth 2010).

    Args:
        differences: Numbers [n].
        seed: Of the random assignments.

    Returns:
        A probability; NaN for fewer than two differences.
    """
    array = np.asarray(differences, dtype=np.float64)
    if len(array) < 2:
        return math.nan
    sums = np.abs(sign_assignments(len(array), seed=seed) @ array)
    # Sums that are equal but for rounding are equal.
    return float(np.mean(sums >= sums[0] * (1 - 1e-12)))


@functools.lru_cache(maxsize=4)
def sign_assignments(n: int, *, seed: int = 0) -> NDArray[np.float64]:
    """Return assignments of signs to n values for a test without direction.

    Args:
        n: At least 1.
        seed: Of the sample, where not all are returned.

    Returns:
        1 or -1, float64 [assignments, n]: all of them for n up to ``EXACT_UP_TO``, else ``FLIPS``
        at random. The first is all plus. The first value keeps its sign, since a flip of all of
        them changes nothing.
    """
    if n <= EXACT_UP_TO:
        flipped = np.arange(2 ** (n - 1))[:, None] >> np.arange(n - 1) & 1
    else:
        flipped = np.random.default_rng(seed).integers(0, 2, (FLIPS, n - 1))
        flipped[0] = 0
    signs = np.column_stack([np.ones(len(flipped)), 1.0 - 2.0 * flipped])
    signs.flags.writeable = False  # it is shared by all who ask
    return signs
