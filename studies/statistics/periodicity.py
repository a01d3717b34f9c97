"""Hidden periodicities in a curve: Fisher's exact test on its periodogram."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Periodicity(NamedTuple):
    """Hold the strongest oscillation of a curve.

    Attributes:
        period: Its length, in epochs.
        p: Probability of one as strong, or stronger, in independent normal noise.
    """

    period: float
    p: float


def find_period(values: NDArray[np.float64], *, longest: float) -> Periodicity | None:
    """Return the strongest oscillation about a parabola through a curve.

    Args:
        values: float64 [n], evenly spaced.
        longest: Only periods up to this count: slower swings are a curve's shape.

    Returns:
        The oscillation with Fisher's p (Tests of significance in harmonic analysis, 1929): the
        largest ordinate of the periodogram over their sum, g, has
        P(g > x) = sum_j (-1)^(j-1) C(m, j) (1 - j x)^(m-1) over j with j x < 1. None if fewer than
        four frequencies are left, or the curve is its parabola.
    """
    n = len(values)
    places = np.linspace(-1, 1, n)
    residuals = values - np.polynomial.Polynomial.fit(places, values, 2)(places)
    power = np.abs(np.fft.rfft(residuals)[1:]) ** 2
    periods = n / np.arange(1, len(power) + 1)
    if n % 2 == 0:  # the last frequency has one degree of freedom, the others two
        power, periods = power[:-1], periods[:-1]
    kept = periods <= longest
    power, periods = power[kept], periods[kept]
    total, m = float(power.sum()), len(power)
    if m < 4 or not total > 1e-20 * max(float(np.square(values).sum()), 1e-300):
        return None
    place = int(power.argmax())
    share = float(power[place]) / total
    terms = (
        (-1) ** (j - 1) * math.comb(m, j) * (1 - j * share) ** (m - 1)
        for j in range(1, min(m, int(1 / share)) + 1)
    )
    return Periodicity(period=float(periods[place]), p=min(max(math.fsum(terms), 0.0), 1.0))
