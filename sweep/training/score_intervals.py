"""How sure a score is of other rows: its 95 % interval. docs/statistics.md says why this way."""

import dataclasses
import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from sweep.scores import Floats, Link, Predictions, Score, row_weights

CONFIDENCE: Final = 0.95
MOST_GROUPS: Final = 100  # of rows that the jackknife leaves out in turn
GROUPS_SEED: Final = 0
MOST_FREEDOM: Final = 1e9  # of Student's t, which is normal then
CHUNK: Final = 20_000_000  # weights at a time: 160 MB


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Hold a score of some rows, with its 95 % interval over rows; NaN for what is not defined.

    Attributes:
        value: The score.
        low: Lower end of the interval.
        high: Upper end.
        se: Standard error.
        reason: Why something of it is missing; empty if nothing is.
    """

    value: float
    low: float
    high: float
    se: float
    reason: str = ""

    def as_json(self) -> dict[str, float | str | None]:
        """Return it as JSON has it, with None for NaN."""
        values = {name: getattr(self, name) for name in ("value", "low", "high", "se")}
        finite = {name: value if math.isfinite(value) else None for name, value in values.items()}
        return {**finite, "reason": self.reason}


def measure_score(score: Score, rows: Predictions, weights: NDArray[Any] | None = None) -> Measured:
    """Compute one score with its 95 % interval over rows.

    The standard error of a mean over rows is that of a ratio of sums over independent rows, which
    is the usual one where all count alike; that of any other score is the jackknife's (Efron and
    Tibshirani 1993, chapter 11; for the ROC AUC this is DeLong et al. 1988), over the rows, or 100
    random groups of them. An interval is normal on the scale of the score's link. That of a share
    is Wilson's (1927) for as many rows as would give a proportion that standard error (Franco et
    al. 2019), and so reaches beyond a perfect score. Where the score needs rows of every class,
    Student's quantile has the degrees of freedom of the rarest.

    Args:
        score: Which.
        rows: Of its task.
        weights: What each row counts, [rows]; left out, all count alike.
    """
    weighted = row_weights(rows, weights)
    value = float(score.measure(rows, weighted[None])[0])
    if not math.isfinite(value):
        absent = "a class has no row here" if score.by_class else "it is not defined here"
        return Measured(value=math.nan, low=math.nan, high=math.nan, se=math.nan, reason=absent)
    counts = _counts(score, rows, weighted)
    fewest = float(counts.min())
    if fewest < 2:
        few = "a class has a single row here" if score.by_class else "there is a single row"
        return Measured(value=value, low=math.nan, high=math.nan, se=math.nan, reason=few)
    values = score.row_values(rows) if score.row_values else np.zeros(len(weighted))
    parts = weighted * values
    if score.is_mean:
        se = float(np.sqrt(((parts - weighted * value) ** 2).sum()) / weighted.sum())
    else:
        se = _jackknife(score, rows, weighted)
    if score.link == "share":
        most = score.most_rows(value, counts) if score.most_rows else math.inf
        alike = _effective(weighted) if score.is_mean else fewest
        counting = value * (1 - value) / se**2 if se > 0 else alike
        freedom = math.inf if score.is_mean else fewest - 1  # Wilson's own, or Student's
        low, high = _wilson(value, min(counting, most), _quantile(freedom))
    else:
        # Few rows that make up nearly all of it tell as little as few rows.
        freedom = min(fewest - 1, _effective(parts)) if parts.any() else fewest - 1
        low, high = _by_logarithm(value, se, _quantile(max(freedom, 1.0)), score.link)
    reason = "" if math.isfinite(low) else "its error is not known: every row agrees"
    return Measured(value=value, low=low, high=high, se=se, reason=reason)


def measure_scores(
    scores: Sequence[Score], rows: Predictions, weights: NDArray[Any] | None = None
) -> dict[str, Measured]:
    """Compute several scores by name, each as `measure_score` does."""
    return {score.name: measure_score(score, rows, weights) for score in scores}


def _counts(score: Score, rows: Predictions, weights: Floats) -> Floats:
    """Return the rows that count: of each class that has some where the score needs classes."""
    if not score.by_class:
        return np.array([(weights > 0).sum()], np.float64)
    counts = np.bincount(rows.target[weights > 0], minlength=rows.classes).astype(np.float64)
    return counts[counts > 0]


def _effective(parts: Floats) -> float:
    """Return as how many equal parts these tell as much (Kish 1965)."""
    return float(parts.sum() ** 2 / (parts**2).sum())


def _quantile(freedom: float) -> float:
    return float(stdtrit(min(freedom, MOST_FREEDOM), (1 + CONFIDENCE) / 2))


def _jackknife(score: Score, rows: Predictions, weights: Floats) -> float:
    count = len(weights)
    groups = min(count, MOST_GROUPS)
    places = np.arange(count)
    if groups < count:
        places = np.random.default_rng(GROUPS_SEED).permutation(count) % groups
    size = max(1, CHUNK // count)
    without = []
    for start in range(0, groups, size):
        left_out = np.arange(start, min(start + size, groups))
        without.append(score.measure(rows, weights * (places != left_out[:, None])))
    values = np.concatenate(without)
    return float(np.sqrt((groups - 1) / groups * ((values - values.mean()) ** 2).sum()))


def _wilson(share: float, rows: float, quantile: float) -> tuple[float, float]:
    ratio = quantile**2 / rows
    centre = (share + ratio / 2) / (1 + ratio)
    reach = math.sqrt(ratio * share * (1 - share) + ratio**2 / 4) / (1 + ratio)
    # At 0 and 1, which it reaches, it could miss its own share by a rounding.
    return min(max(centre - reach, 0.0), share), max(min(centre + reach, 1.0), share)


def _by_logarithm(value: float, se: float, quantile: float, link: Link) -> tuple[float, float]:
    positive = value if link == "positive" else 1 - value
    if not (positive > 0 and se > 0):
        return math.nan, math.nan
    factor = math.exp(min(quantile * se / positive, 700.0))
    low, high = positive / factor, positive * factor
    return (low, high) if link == "positive" else (1 - high, 1 - low)
