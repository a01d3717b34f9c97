"""What studies of a grid of learning rates share: bands of rates, regret, how far a loss fell."""

import dataclasses
import math
from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reports.wording import between, score
from studies.answering.comparing import compare_study
from studies.answering.contrasts import Contrast
from studies.answering.figures import Axis
from studies.answering.results import StudyResults
from studies.answering.words import HOLDS, in_words
from studies.statistics.cross_fitting import cross_fitted
from studies.statistics.intervals import Interval
from sweep.optimizers import OPTIMIZERS

SAME_RATE: Final = 1.01  # rates within this factor are one
RATE_AXIS: Final = Axis("rate", "learning rate", "log")
LONE_RATE: Final = 0.5  # decades that a rate stands for if it is the only one


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RateGrid:
    """Hold the rates of one optimizer.

    Attributes:
        optimizer: Its name.
        rates: float64 [n], rising.
        arms: The arm of each rate.
    """

    optimizer: str
    rates: NDArray[np.float64]
    arms: tuple[str, ...]

    @property
    def title(self) -> str:
        """Return the optimizer's name as people write it."""
        return OPTIMIZERS[self.optimizer].title

    @property
    def default_rate(self) -> float:
        """Return the learning rate that Keras takes where none is given."""
        return OPTIMIZERS[self.optimizer].default_rate

    @property
    def widths(self) -> NDArray[np.float64]:
        """Return the decades that each rate stands for, float64 [n].

        They reach halfway to its neighbours, on a log scale; beyond the ends as far as inside.
        """
        if len(self.rates) == 1:
            return np.array([LONE_RATE])
        steps = np.diff(np.log10(self.rates))
        before, after = np.append(steps[0], steps), np.append(steps, steps[-1])
        return np.asarray((before + after) / 2)

    def decades(self, chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return how many decades some of the rates stand for, whether or not they are neighbours.

        Args:
            chosen: bool [..., n].
        """
        return np.asarray(chosen @ self.widths, dtype=np.float64)

    def arm_of(self, rate: float) -> str | None:
        """Return the arm of a rate, None if it was not tried."""
        far = np.abs(np.log(self.rates / rate))
        place = int(np.argmin(far))
        return self.arms[place] if far[place] <= math.log(SAME_RATE) else None

    def rate_of(self, arm: str) -> float:
        """Return the rate of an arm."""
        return float(self.rates[self.arms.index(arm)])


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Fall:
    """Hold how far a train loss can fall: what margins on losses are measured by.

    Attributes:
        start: The loss of knowing nothing: that of equal probabilities, or of the mean.
        floor: The lowest mean train loss that some arm ends with, at most ``start``.
    """

    start: float
    floor: float

    @property
    def size(self) -> float:
        """Return the distance, never quite nothing."""
        return max(self.start - self.floor, 1e-6)

    def share(self, loss: float) -> float:
        """Return how much of the way a loss has come: 0 at the start, 1 at the floor."""
        return (self.start - loss) / self.size


def rate_grids(results: StudyResults) -> list[RateGrid]:
    """Return the grid of each optimizer, in the order of the design."""
    found: dict[str, list[tuple[float, str]]] = {}
    for arm in results.design.arms:
        config = arm.candidates[0]
        found.setdefault(config.optimizer, []).append((config.learning_rate, arm.name))
    return [
        RateGrid(
            optimizer=optimizer,
            rates=np.array([rate for rate, _ in sorted(pairs)]),
            arms=tuple(name for _, name in sorted(pairs)),
        )
        for optimizer, pairs in found.items()
    ]


def measure_fall(results: StudyResults) -> Fall:
    """Measure how far the train loss can fall in a study."""
    start = chance_loss(results)
    ends = results.finished.groupby("arm")["last_train_loss"].mean()
    floor = float(ends.min()) if ends.notna().any() else start
    return Fall(start=start, floor=min(floor, start))


def chance_loss(results: StudyResults) -> float:
    """Return the loss of knowing nothing: nats, or the variance of the standardised target."""
    data = results.manifest["data"]
    return 1.0 if data["task"] == "regression" else math.log(max(len(data["classes"]), 2))


def chance_score(results: StudyResults) -> float:
    """Return the score of knowing nothing: of guessing a class, or of the mean."""
    data = results.manifest["data"]
    return 0.0 if data["task"] == "regression" else 1 / max(len(data["classes"]), 2)


def lost_as_chance(scores: pd.DataFrame, results: StudyResults) -> pd.DataFrame:
    """Return scores in which no network is worse than knowing nothing, nor missing.

    Args:
        scores: From `StudyResults.paired`; one that is missing diverged or failed.
        results: The study.
    """
    return scores.fillna(-np.inf).clip(lower=chance_score(results))


def compare_with_default(results: StudyResults, grid: RateGrid) -> Contrast | None:
    """Compare an optimizer at Keras' default rate with itself at its best rate.

    The best rate is chosen on half of the pairs and measured on the other half, both ways.

    Returns:
        Default minus best; None if the default was not tried.
    """
    default = grid.arm_of(grid.default_rate)
    if default is None:
        return None
    arms = {"best": grid.arms, "default": [default]}
    scores = cross_fitted(results.paired("validation_score"), arms)
    return compare_study(results, scores, [("default", "best")])[0]


def judge_default(
    contrast: Contrast | None, grid: RateGrid, results: StudyResults
) -> tuple[str, str]:
    """Return whether an optimizer's default rate will do, and what it costs.

    Args:
        contrast: From `compare_with_default`.
        grid: The rates of the optimizer.
        results: The study.
    """
    rate = f"{grid.default_rate:g}"
    if contrast is None:
        return "undecided", f"its default rate, {rate}, is not among the rates tried"
    cost = -contrast.difference
    because = (
        f"{rate} costs {in_words(cost)} in validation {results.metric} against the best rate, on "
        f"seeds that did not choose it; {score(results.design.margin)} is no matter"
    )
    if cost.estimate == cost.low == cost.high == 0:
        because = f"either half of the seeds finds the default, {rate}, to be the best rate"
    return HOLDS.get(contrast.verdict, "undecided"), because


def by_optimizer(grids: Sequence[RateGrid], arms: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the arms of each optimizer by its title, with their ``rate``.

    Args:
        grids: From `rate_grids`.
        arms: From `summarise_arms`.
    """
    rates = {arm: grid.rate_of(arm) for grid in grids for arm in grid.arms}
    arms = arms.assign(rate=arms["arm"].map(rates))
    return {grid.title: arms[arms["arm"].isin(grid.arms)] for grid in grids}


def span_words(interval: Interval) -> str:
    """Write decades with their interval, or that all seeds agree."""
    decades = f"{interval.estimate:.3g} decades"
    if interval.low == interval.high:
        return f"{decades} (the same for every seed)"
    return f"{decades} ({between(interval.low, interval.high)})"


def rate_words(rates: Sequence[float]) -> str:
    """Write a band of rates: one of them, or from the smallest to the largest."""
    low, high = min(rates), max(rates)
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"
