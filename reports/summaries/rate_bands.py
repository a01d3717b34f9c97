"""Learning rates of each optimizer: the score they reach, and the band of those that work."""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from reports import wording
from reports.drawing.limits import shared_limits
from reports.judged import is_finished
from reports.summaries.points import PointAxes, Scale, TrialPoints, place_trials

FEWEST_TRIALS: Final = 5
# The verdicts on rates take the marks of the verdicts on networks that they resemble.
MARKED_AS: Final[dict[str, str]] = {
    "right": "fits",
    "too small": "underfits",
    "too large": "overfits",
    "diverges": "overtrained",
    "undecided": "undecided",
}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RateBand:
    """Hold the learning rates of one optimizer.

    Attributes:
        optimizer: Its name.
        points: Its trials: learning rate against validation score, the verdict on the rate as the
            verdict that its mark stands for.
        counts: Number of trials by verdict on the rate; what was pruned or has no result by that.
        best: The best validation score.
        error: Its standard error over rows; NaN if not known.
        low: The smallest rate of a trial that is not told from the best: its score is within one
            standard error of it, or the standard error of either is not known.
        high: The largest.
        decades: Ratio of the two in decades.
        good: Number of trials that are not told from the best, which is among them.
        unknown: Those of them that lie lower, and count for want of a standard error alone.
        between: Number of finished trials with a rate in the band.
        trials: Number of finished trials.
    """

    optimizer: str
    points: TrialPoints
    counts: dict[str, int]
    best: float
    error: float
    low: float
    high: float
    decades: float
    good: int
    unknown: int
    between: int
    trials: int


def rate_bands(
    judged: pd.DataFrame, bounds: Mapping[str, Any], *, winner: str = ""
) -> tuple[RateBand, ...]:
    """Find the band of good learning rates of each optimizer.

    Args:
        judged: The search's trials with verdicts.
        bounds: The manifest's ``space_bounds``.
        winner: The trial to point out.

    Returns:
        One band an optimizer whose rate was searched and that has five finished trials or more,
        in the order of their names.
    """
    finished, pruned = (
        judged.loc[judged["outcome"] == outcome, "validation_score"].to_numpy(float)
        for outcome in ("finished", "pruned")
    )
    y_limits = shared_limits(finished, pruned)
    names = sorted({str(name) for name in judged["optimizer"].dropna()})
    found = [
        _band(judged[judged["optimizer"] == name], name, y_limits,
              bound=bounds.get(f"learning_rate.{name}") or {}, winner=winner)
        for name in names
    ]  # fmt: skip
    return tuple(band for band in found if band is not None)


def _band(
    own: pd.DataFrame,
    optimizer: str,
    y_limits: tuple[float, float],
    *,
    bound: Mapping[str, Any],
    winner: str,
) -> RateBand | None:
    known = own["learning_rate"] > 0
    placed = own[known].assign(
        x=own["learning_rate"].astype(float), y=own["validation_score"].astype(float)
    )
    usable = placed[is_finished(placed, "x", "y")] if len(placed) else placed
    if len(usable) < FEWEST_TRIALS or usable["x"].nunique() < 2 or "value" in bound:
        return None
    verdicts = placed["learning_rate_verdict"].astype(object)
    verdicts = verdicts.where(verdicts.isin(list(MARKED_AS)), "undecided")
    has_finished = placed["outcome"] == "finished"
    as_seen = verdicts.where(has_finished, placed["outcome"].astype(object))
    marked = placed.assign(verdict=as_seen.map(MARKED_AS).where(has_finished, as_seen))
    best = usable.sort_values(["y", "trial"], ascending=[False, True]).iloc[0]
    errors = usable["validation_score_se"].astype(float)
    error = float(best["validation_score_se"])
    error = error if math.isfinite(error) else math.nan
    near = usable["y"] >= best["y"] - (error if math.isfinite(error) else 0.0)
    # What has no error cannot be told from the best: not to know widens the band.
    is_known = np.isfinite(errors) & math.isfinite(error)
    good = usable[near | ~is_known]["x"]
    low, high = float(good.min()), float(good.max())
    ends = [float(bound[end]) for end in ("low", "high") if wording.is_number(bound.get(end))]
    edges = (ends[0], ends[1]) if len(ends) == 2 else None
    scale: Scale = "log"
    axes = PointAxes(
        x_name="learning rate", y_name="validation score", scale=scale, edges=edges,
        y_limits=y_limits,
    )  # fmt: skip
    return RateBand(
        optimizer=optimizer,
        points=place_trials(marked, axes, winner),
        counts={str(name): int(number) for name, number in as_seen.value_counts().items()},
        best=float(best["y"]),
        error=error,
        low=low,
        high=high,
        decades=float(np.log10(high / low)),
        good=len(good),
        unknown=int((~near & ~is_known).sum()),
        between=int(usable["x"].between(low, high).sum()),
        trials=len(usable),
    )
