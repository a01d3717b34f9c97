"""Figures of the robustness of optimizers: score against the rate, and the best of a few rates."""

import dataclasses
from collections.abc import Sequence

import pandas as pd

from reports.study_content import ForestFigure, ResponseFigure
from studies.answering.comparing import forest
from studies.answering.figures import POINT_COLUMNS, marks, points
from studies.answering.rate_grids import KERAS_RATES, RateGrid
from studies.answering.results import StudyResults
from studies.catalog.optimizer.robustness import Robustness


def rates_figure(
    results: StudyResults, grids: Sequence[RateGrid], arms: pd.DataFrame, *, finding: str
) -> ResponseFigure:
    """Draw train and validation score against the rate, with the default and the best marked."""
    rates = {arm: grid.rate_of(arm) for grid in grids for arm in grid.arms}
    arms = arms.assign(rate=arms["arm"].map(rates))
    parts, places = [], []
    for grid in grids:
        mine = arms[arms["arm"].isin(grid.arms)]
        parts += [
            points(mine, f"{series}_score", x="rate", series=series, panel=grid.title)
            for series in ("train", "validation")
        ]
        default = KERAS_RATES[grid.optimizer]
        if grid.arm_of(default) is not None:
            places.append((grid.title, default, "default"))
    return ResponseFigure(
        id="rates",
        title=f"{_name(results)} against the learning rate",
        finding=finding,
        how_to_read=(
            f"Mean train and validation {results.metric} at the best epoch over seeds, with 95 % t "
            "intervals; the shaded distance is the gap. The broader the plateau, the more robust "
            "the optimizer. The mark is the rate that Keras takes where none is given. A cross: no "
            "network of that rate came to its end."
        ),
        x_name="learning rate",
        x_scale="log",
        y_name=results.metric,
        table=pd.concat(parts, ignore_index=True),
        marks=marks(places),
        shade_gap=True,
    )


def draws_figure(robustness: Robustness, results: StudyResults, *, finding: str) -> ResponseFigure:
    """Draw the expected best of m random rates."""
    rows = [
        ("", name, float(number), best.estimate, best.low, best.high)
        for name, card in robustness.cards.items()
        for number, best in card.best_of.items()
    ]
    return ResponseFigure(
        id="draws",
        title="The best of a few random rates",
        finding=finding,
        how_to_read=(
            f"The validation {results.metric} to be expected of the best of so many learning rates "
            "drawn from the grid, mean over seeds with 95 % t intervals. An optimizer that needs "
            "no tuning is high at the left already."
        ),
        x_name="rates tried",
        x_scale="linear",
        y_name=f"validation {results.metric}",
        table=pd.DataFrame(rows, columns=list(POINT_COLUMNS)),
        marks=marks(),
    )


def best_forest(robustness: Robustness, results: StudyResults, *, finding: str) -> ForestFigure:
    """Draw the contrasts of the optimizers, each at its best rate."""
    return dataclasses.replace(
        forest(robustness.best, results, finding=finding),
        title=f"Differences in {results.metric} at each one's best rate",
    )


def _name(results: StudyResults) -> str:
    return f"{results.metric[:1].upper()}{results.metric[1:]}"
