"""What layers are worth at equal parameters, and parameters at equal depth: the arithmetic.

Three measures are kept apart: the validation score, the train loss after the last epoch (could it
be optimised?) and the loss gap after the last epoch (does it overfit?).
"""

import dataclasses
import math
from typing import Final

import numpy as np
import pandas as pd

from studies.answering.comparing import compare_study, gap_margin
from studies.answering.contrasts import Contrast, Contrasts, by_names
from studies.answering.effects import NONE, compare_effects
from studies.answering.results import StudyResults
from studies.catalog.depth_vs_width.design import deeper, larger
from studies.designs.arm_grid import ArmGrid
from studies.statistics.intervals import Interval, difference_interval, mean_estimate
from studies.statistics.power import FEWEST_PAIRS

LAYERS: Final = "more layers"
NEURONS: Final = "more neurons"
MOSTLY: Final = 0.5

NOT_TRAINED: Final = "could not be trained"
OPTIMISED_WORSE: Final = "optimised worse"
GENERALISES_WORSE: Final = "generalises worse"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """Hold the effects in one measure, of which more is better.

    Attributes:
        layers: The mean over budgets and deeper arms of their difference
            to the shallowest arm of the same budget. None if nothing deeper could be trained.
        neurons: The mean over depths of the difference of the largest budget to the smallest; None
            with one budget.
        between: The former minus the latter.
        margin: The largest difference that is no matter.
    """

    layers: Contrast | None
    neurons: Contrast | None
    between: Contrast | None
    margin: float

    @property
    def claim(self) -> str:
        """Say whether layers help a lot, and neurons less: holds, does not hold or undecided."""
        if self.layers is None or self.neurons is None or self.between is None:
            return "undecided"
        layers, between = self.layers.verdict, self.between.verdict
        if layers == between == "better":
            return "holds"
        if layers in {"worse", "equivalent"} or between in {"worse", "equivalent"}:
            return "does not hold"
        return "undecided"


def worth_in(results: StudyResults, measure: str) -> Worth:
    """Measure what layers and neurons are worth.

    Args:
        results: The study.
        measure: ``validation_score``, or a loss or loss gap, which is then turned round.
    """
    grid, is_loss = grid_of(results), measure != "validation_score"
    scores = results.paired(measure)
    margin = all_losses_margin(results) if is_loss else results.design.margin
    effects = compare_effects(
        -scores if is_loss else scores,
        {LAYERS: deeper(grid), NEURONS: larger(grid)},
        margin=margin,
        against=[(LAYERS, NEURONS)],
        folds=results.folds,
    )
    rows = by_names(effects)
    return Worth(
        layers=rows.get((LAYERS, NONE)),
        neurons=rows.get((NEURONS, NONE)),
        between=rows.get((LAYERS, NEURONS)),
        margin=margin,
    )


def grid_of(results: StudyResults) -> ArmGrid:
    """Return the arms by budget of parameters and depth."""
    return ArmGrid.of(results.design, "parameters", "depth")


def all_losses_margin(results: StudyResults) -> float:
    """Return how much a loss must differ to matter, by the mean of all networks."""
    losses = results.comparison["validation_loss"].astype("float64")
    return gap_margin(float(losses[np.isfinite(losses)].mean()))


def explain_depths(results: StudyResults, compared: Contrasts) -> pd.DataFrame:
    """Say of each deeper arm how it stands to the shallowest one of its size, and why.

    Args:
        results: The study.
        compared: The contrasts in validation score, those of `deeper` among them.

    Returns:
        One row a deeper arm: ``budget``, ``arm``, ``against``; ``score`` and ``fit``
        (contrasts; ``fit`` of the train loss at the end, turned round); ``lost``
        (share of its networks) and ``reading``.
    """
    contrasts = deeper(grid_of(results))
    losses = -results.paired("last_train_loss")
    fits = compare_study(results, losses, contrasts, all_losses_margin(results))
    by_score = by_names(compared)
    lost = 1 - results.paired("validation_score").notna().mean()
    rows = []
    for (arm, against), fit in zip(contrasts, fits, strict=True):
        score, share = by_score[arm, against], float(lost[arm])
        rows.append(
            {
                "budget": results.design.arm(arm).scientific["parameters"],
                "arm": arm,
                "against": against,
                "score": score,
                "fit": fit,
                "lost": share,
                "reading": _reading(score.verdict, fit.verdict, share),
            }
        )
    return pd.DataFrame(rows)


def _reading(score: str, fit: str, lost: float) -> str:
    if lost > MOSTLY:
        return NOT_TRAINED
    if score == "worse":
        return {
            "worse": OPTIMISED_WORSE,
            "better": GENERALISES_WORSE,
            "equivalent": GENERALISES_WORSE,
        }.get(fit, "worse, for a reason that is undecided")
    if score == "equivalent" and fit == "worse":
        return "equivalent, though fitted worse"
    return score


def time_ratio(results: StudyResults, deep: str, shallow: str) -> Interval:
    """Return how many times as long an epoch of one arm takes.

    The ratio of geometric means with Welch's interval of the logarithms. Networks that were trained
    together were timed together: that is one time.

    Args:
        results: The study.
        deep: The arm.
        shallow: The arm that it is compared with.

    Returns:
        NaN bounds where one of the two was timed fewer than five times.
    """
    trials = results.comparison[results.comparison["epochs_trained"] > 0]
    trials = trials.assign(time=np.log(trials["seconds"] / trials["epochs_trained"]))
    deep_times, shallow_times = (
        trials[trials["arm"] == arm].groupby("cohort")["time"].mean().to_numpy(dtype=np.float64)
        for arm in (deep, shallow)
    )
    difference = difference_interval(mean_estimate(deep_times), mean_estimate(shallow_times))
    ratio = math.exp(difference.estimate)
    if min(len(deep_times), len(shallow_times)) < FEWEST_PAIRS:
        return Interval(estimate=ratio, low=math.nan, high=math.nan)
    return Interval(estimate=ratio, low=math.exp(difference.low), high=math.exp(difference.high))
