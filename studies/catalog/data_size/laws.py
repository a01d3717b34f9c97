"""More data or more network: the law of the error over the rows, and what twice as many promise."""

import dataclasses
from collections.abc import Sequence
from typing import Literal

import pandas as pd

from studies.answering.contrasts import Contrast
from studies.answering.results import StudyResults
from studies.designs.arm_grid import ArmGrid
from studies.statistics.intervals import Interval
from studies.statistics.power_law import PowerLaw, fit_power_law

Advice = Literal["more data", "larger network", "neither", "either", "undecided"]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """Hold what to buy next, and why.

    Attributes:
        advice: What to buy: what promises clearly more; ``neither`` where both surely stay within
            the margin, ``either`` where they surely stay within the margin of each other.
        data: What twice the rows promise at the largest network, in score, by the power law; NaN
            where none could be fitted.
        network: What the last step of the network brought at all rows, in score.
    """

    advice: Advice
    data: Interval
    network: Interval


def fit_laws(results: StudyResults, measure: str) -> dict[int, PowerLaw]:
    """Fit the power law of the validation error to each width.

    Args:
        results: The study.
        measure: ``validation_score``, of which one minus it is the error, or ``validation_loss``.
    """
    grid = grid_of(results)
    scores = results.paired(measure)
    if results.folds is not None:  # seeds of one fold share its rows
        scores = scores.groupby(level="fold").mean()
    errors = 1 - scores if measure == "validation_score" else scores
    return {
        width: fit_power_law(errors[grid.along(width)].set_axis(grid.seconds, axis=1))
        for width in grid.firsts
    }


def grid_of(results: StudyResults) -> ArmGrid:
    """Return the arms by width and training rows."""
    return ArmGrid.of(results.design, "width", "train_rows")


def weigh(law: PowerLaw, step: Contrast, *, margin: float) -> Promise:
    """Weigh twice the rows against a larger network.

    One is advised if the lower bound of what it promises lies above the upper bound of the other's:
    two 95 % intervals that do not meet are stricter than a test at 5 %.

    Args:
        law: Of the error, of the largest network.
        step: The last step of the network.
        margin: The largest difference in score that is no matter.
    """
    unknown = float("nan")
    data = Interval(estimate=unknown, low=unknown, high=unknown)
    if law.predictions:
        data = law.predictions[0].gain
    network = step.difference
    advice: Advice = "undecided"
    tested = step.is_tested
    if tested and data.high < margin and network.high < margin:
        advice = "neither"
    elif tested and data.low > max(network.high, 0):
        advice = "more data"
    elif tested and network.low > max(data.high, 0):
        advice = "larger network"
    elif tested and max(data.high - network.low, network.high - data.low) < margin:
        advice = "either"
    return Promise(advice=advice, data=data, network=network)


def law_points(law: PowerLaw, sizes: Sequence[int]) -> pd.DataFrame:
    """Return a law as points of a response figure: ``x``, ``mean``, ``low``, ``high``.

    Args:
        law: A law with figures.
        sizes: The sizes it was fitted to; what it predicts follows them, with its interval.
    """
    exponent, floor = law.exponent.estimate, law.floor.estimate
    unknown = float("nan")
    rows = [(float(n), law.scale * n**-exponent + floor, unknown, unknown) for n in sizes]
    rows += [
        (one.rows, one.error.estimate, one.error.low, one.error.high) for one in law.predictions
    ]
    return pd.DataFrame(rows, columns=["x", "mean", "low", "high"])
