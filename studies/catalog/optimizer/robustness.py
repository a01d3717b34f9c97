"""The robustness card of an optimizer: what is left of its score where the rate is chosen badly.

The expected best of m random rates is the measure of Sivaprasad et al. (2020), "Optimizer
Benchmarking Needs to Account for Hyperparameter Tuning"; the rates of the grid are the draws.
Everything is measured seed by seed first, so that optimizers are compared in pairs.
"""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd

from studies.answering.comparing import compare_study
from studies.answering.contrasts import Contrast, Contrasts, verdicts_on
from studies.answering.rate_grids import (
    RateGrid,
    chance_score,
    compare_with_default,
    lost_as_chance,
)
from studies.answering.results import StudyResults
from studies.statistics.best_of import expected_best
from studies.statistics.comparisons import within_one_error
from studies.statistics.cross_fitting import chosen_arms, cross_fitted
from studies.statistics.intervals import Interval, exact_share_interval
from studies.statistics.several_arms import all_pairs
from studies.statistics.variance import variance_ledger

LEARNT: Final = 0.5  # of the way from knowing nothing to the best: with less, nothing was learnt
DECADES_ALIKE: Final = 0.25  # bands that differ by less, half a step of the usual grid, are alike
FEW_DRAWS: Final = 3  # tries of somebody who does not search: what the card shows of best-of-m


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """Hold what one optimizer is good for.

    Attributes:
        grid: Its rates.
        one_error: Decades of rates within one standard error of the best, over pairs.
        close: Decades of rates within the margin of the best, seed by seed.
        diverged: Share of its networks whose loss or weights were not finite, or that failed.
        unlearnt: Share of its networks that came less than half of the way from knowing nothing to
            the best score of the study.
        best_rates: What the two halves of the seeds choose as the best rate.
        best: Score at the best rate, on seeds that did not choose it.
        spread: Standard deviation over seeds at the best rate.
        best_of: Expected best score of m random rates, by m.
        regret: From `compare_with_default`; None if the default was not tried.
    """

    grid: RateGrid
    one_error: float
    close: Interval
    diverged: Interval
    unlearnt: Interval
    best_rates: tuple[float, ...]
    best: Interval
    spread: Interval
    best_of: Mapping[int, Interval]
    regret: Contrast | None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Robustness:
    """Hold the cards of all optimizers, and how they compare.

    Attributes:
        cards: By title, in the order of the design.
        bands: Contrasts of the decades close to the best.
        best: Contrasts of the score at each one's best rate, on seeds that did not choose it.
        draws: How many random rates somebody tries who does not search: `FEW_DRAWS`, or as many as
            there are.
        few: Contrasts of the expected best of so many random rates.
    """

    cards: Mapping[str, Card]
    bands: Contrasts
    best: Contrasts
    draws: int
    few: Contrasts


def measure_robustness(results: StudyResults, grids: Sequence[RateGrid]) -> Robustness:
    """Measure the robustness of each optimizer, and compare them.

    Args:
        results: A study in which every arm is an optimizer at a rate.
        grids: From `rate_grids`.
    """
    scores = results.paired("validation_score")
    contrasts = all_pairs([grid.title for grid in grids])
    decades = pd.DataFrame({grid.title: close_decades(results, grid) for grid in grids})
    best = cross_fitted(scores, {grid.title: grid.arms for grid in grids})
    fewest = min(len(grid.rates) for grid in grids)
    draws = {
        number: pd.DataFrame({grid.title: best_of_rates(results, grid, number) for grid in grids})
        for number in range(1, fewest + 1)
    }
    few = min(FEW_DRAWS, fewest)
    return Robustness(
        cards={grid.title: _card(results, grid, decades, best, draws=draws) for grid in grids},
        bands=compare_study(results, decades, contrasts, DECADES_ALIKE),
        best=compare_study(results, best, contrasts),
        draws=few,
        few=compare_study(results, draws[few], contrasts),
    )


def clear_winner(compared: Contrasts, names: Sequence[str]) -> str:
    """Return who is clearly better than every other one, or nothing."""
    for name in names:
        if set(verdicts_on(name, compared).values()) == {"better"}:
            return name
    return ""


def close_decades(results: StudyResults, grid: RateGrid) -> pd.Series:
    """Return over how many decades the score is within the margin of the best, pair by pair."""
    scores = lost_as_chance(results.paired("validation_score")[list(grid.arms)], results)
    behind = scores.rsub(scores.max(axis=1), axis=0)
    # A rounding error of a score that is a count over rows must not decide.
    chosen = (behind <= results.design.margin + 1e-9).to_numpy()
    return pd.Series(grid.decades(chosen), index=scores.index)


def best_of_rates(results: StudyResults, grid: RateGrid, number: int) -> pd.Series:
    """Return the expected best score of so many random rates of the grid, pair by pair.

    Rates are drawn without replacement; a network that was lost has the score of knowing nothing.
    """
    scores = lost_as_chance(results.paired("validation_score")[list(grid.arms)], results)
    values = [-expected_best(-row, number) for row in scores.to_numpy(dtype=np.float64)]
    return pd.Series(values, index=scores.index, dtype="float64")


def _card(
    results: StudyResults,
    grid: RateGrid,
    decades: pd.DataFrame,
    best: pd.DataFrame,
    *,
    draws: Mapping[int, pd.DataFrame],
) -> Card:
    trials = results.comparison[results.comparison["arm"].isin(grid.arms)]
    scores = results.paired("validation_score")[list(grid.arms)]
    rates = sorted(grid.rate_of(arm) for arm in chosen_arms(scores, grid.arms))
    return Card(
        grid=grid,
        one_error=_one_error_decades(results, grid),
        close=results.mean(decades[grid.title]),
        diverged=exact_share_interval(int((trials["outcome"] != "finished").sum()), len(trials)),
        unlearnt=exact_share_interval(_unlearnt(results, trials), len(trials)),
        best_rates=tuple(rates),
        best=results.mean(best[grid.title]),
        spread=_spread(trials[trials["arm"].isin([grid.arm_of(rates[0])])]),
        best_of={number: results.mean(table[grid.title]) for number, table in draws.items()},
        regret=compare_with_default(results, grid),
    )


def _one_error_decades(results: StudyResults, grid: RateGrid) -> float:
    """Return the decades of rates within one standard error of the best; lost ones are not."""
    scores = results.paired("validation_score")[list(grid.arms)].astype("float64")
    whole = scores.loc[:, scores.notna().all()]
    if whole.empty:
        return math.nan
    folds = results.folds
    if folds is not None:
        whole = whole.groupby(level="fold").mean()
    fit = dict(zip(whole.columns, within_one_error(whole.to_numpy().T, folds=folds), strict=True))
    return float(grid.decades(np.array([bool(fit.get(arm)) for arm in grid.arms])))


def _unlearnt(results: StudyResults, trials: pd.DataFrame) -> int:
    """Count the networks that came less than half of the way to the best, lost ones among them."""
    start = chance_score(results)
    top = float(results.paired("validation_score").mean().max())
    scores = trials["validation_score"].where(trials["outcome"] == "finished")
    learnt = scores.to_numpy(dtype=np.float64) >= start + LEARNT * max(top - start, 0.0)
    return int((~learnt).sum())


def _spread(trials: pd.DataFrame) -> Interval:
    finished = trials[trials["outcome"] == "finished"]
    ledger = variance_ledger(
        finished[["seed"]].assign(
            score=finished["validation_score"].to_numpy(dtype=np.float64),
            fold=finished["fold"].fillna(0).astype("int64"),
        )
    )
    row = ledger[ledger["source"] == "seed"].iloc[0]
    return Interval(
        estimate=float(row["deviation"]), low=float(row["low"]), high=float(row["high"])
    )
