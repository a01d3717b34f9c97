"""More data or more network: what the last step of each brought, what twice the rows promise."""

import dataclasses
from collections.abc import Mapping
from typing import Any, Final, Literal

import pandas as pd

from studies.answers.comparing import records
from studies.answers.effects import compare_effects
from studies.answers.results import StudyResults
from studies.designs.design import StudyDesign
from studies.statistics.intervals import Interval
from studies.statistics.power_law import PowerLaw, fit_power_law
from studies.statistics.several_arms import Contrast

TWICE: Final = 2.0
FULL: Final = "with all rows"
FEW: Final = "with the fewest rows"

Advice = Literal["more data", "larger network", "neither", "either", "undecided"]
Row = Mapping[str, Any]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Hold the arms of the study by width and training rows.

    Attributes:
        widths: Ascending, two or more.
        sizes: Training rows, ascending, two or more.
        names: The arm of each width and size.
    """

    widths: tuple[int, ...]
    sizes: tuple[int, ...]
    names: Mapping[tuple[int, int], str]

    @classmethod
    def of(cls, design: StudyDesign) -> "Plan":
        """Read the arms of a design."""
        names = {
            (int(arm.scientific["width"]), int(arm.scientific["train_rows"])): arm.name
            for arm in design.arms
        }
        return cls(
            widths=tuple(sorted({width for width, _ in names})),
            sizes=tuple(sorted({rows for _, rows in names})),
            names=names,
        )

    def name(self, width: int, size: int) -> str:
        """Return an arm's name by its places among the widths and sizes, from 0 or from -1."""
        return self.names[self.widths[width], self.sizes[size]]

    @property
    def data_step(self) -> Contrast:
        """Return the last step of the data at the largest network."""
        return self.name(-1, -1), self.name(-1, -2)

    @property
    def network_step(self) -> Contrast:
        """Return the last step of the network at all rows."""
        return self.name(-1, -1), self.name(-2, -1)

    @property
    def steps_apart(self) -> Contrast:
        """Return the contrast that is the data's last step minus the network's.

        Both steps end at the largest network with all rows, so that it falls out of the difference.
        """
        return self.name(-2, -1), self.name(-1, -2)

    @property
    def contrasts(self) -> tuple[Contrast, ...]:
        """Return what is compared: the steps apart, those of the data, those of the network."""
        places = range(len(self.widths))
        data = [(self.name(place, -1), self.name(place, -2)) for place in reversed(places)]
        network = [(self.name(place, -1), self.name(place - 1, -1)) for place in places[:0:-1]]
        return (self.steps_apart, *data, *network)


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
    plan = Plan.of(results.design)
    scores = results.paired(measure)
    if results.folds is not None:  # seeds of one fold share its rows
        scores = scores.groupby(level="fold").mean()
    errors = 1 - scores if measure == "validation_score" else scores
    return {
        width: fit_power_law(
            errors[[plan.names[width, rows] for rows in plan.sizes]].set_axis(
                list(plan.sizes), axis=1
            )
        )
        for width in plan.widths
    }


def weigh(law: PowerLaw, step: Row, *, margin: float) -> Promise:
    """Weigh twice the rows against a larger network.

    One is advised if the lower bound of what it promises lies above the upper bound of the other's:
    two 95 % intervals that do not meet are stricter than a test at 5 %.

    Args:
        law: Of the error, of the largest network.
        step: A row of `compare_arms`: the last step of the network.
        margin: The largest difference in score that is no matter.
    """
    unknown = float("nan")
    data = Interval(estimate=unknown, low=unknown, high=unknown)
    if law.predictions:
        data = law.predictions[0].gain
    network = Interval(estimate=step["difference"], low=step["low"], high=step["high"])
    advice: Advice = "undecided"
    tested = step["p"] == step["p"]  # NaN with too few pairs
    if tested and data.high < margin and network.high < margin:
        advice = "neither"
    elif tested and data.low > max(network.high, 0):
        advice = "more data"
    elif tested and network.low > max(data.high, 0):
        advice = "larger network"
    elif tested and max(data.high - network.low, network.high - data.low) < margin:
        advice = "either"
    return Promise(advice=advice, data=data, network=network)


def interaction(results: StudyResults) -> list[Row]:
    """Compare what the largest network gains over the smallest, with all and with the fewest rows.

    Returns:
        Rows of `compare_arms`: the gain with all rows, that with the fewest, and their difference;
        fewer where arms were lost.
    """
    plan = Plan.of(results.design)
    effects = {
        FULL: [(plan.name(-1, -1), plan.name(0, -1))],
        FEW: [(plan.name(-1, 0), plan.name(0, 0))],
    }
    table = compare_effects(
        results.paired("validation_score"),
        effects,
        margin=results.design.margin,
        against=[(FULL, FEW)],
        folds=results.folds,
    )
    return list(records(table))


def law_points(law: PowerLaw, sizes: tuple[int, ...]) -> pd.DataFrame:
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
