"""The variance ledger: what share of the scatter of scores is owed to what.

The idea is that of Bouthillier et al. (2021), "Accounting for Variance in Machine Learning
Benchmarks": the seed of a network is one source among several, and mostly not the largest. The
estimates are those of the analysis of variance with random effects, by the method of moments
(Searle, Casella and McCulloch 1992, chapter 4).
"""

import dataclasses
import math
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

SOURCES: Final = {"seed": "", "split": "fold", "search": "candidate"}
COLUMNS: Final = {
    "source": "str",
    "levels": "int64",
    "measured": "bool",
    "variance": "float64",
    "deviation": "float64",
    "low": "float64",
    "high": "float64",
    "share": "float64",
}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Component:
    levels: int
    variance: float = math.nan
    low: float = math.nan
    high: float = math.nan


def variance_ledger(scores: pd.DataFrame, *, confidence: float = 0.95) -> pd.DataFrame:
    """Split the variance of scores of one arm by what they are owed to.

    Args:
        scores: One row a network: ``score``, ``seed``, and where the design has them ``fold`` and
            ``candidate`` (of the tuning). Rows without a score are left out. What seeds share
            across folds and candidates, as paired seeds do, is no fault.
        confidence: Of the intervals of the deviations.

    Returns:
        One row a source, the columns ``COLUMNS``:

        * ``seed``: between seeds of one candidate on one split.
        * ``split``: between splits, over and above what the seeds explain.
        * ``search``: between the candidates of the tuning, over and above the seeds: what a pick
          among them without tuning would add.

        ``deviation`` is the square root of the variance, in the units of the score, with its
        interval; an estimate below zero is given as zero. ``share`` is that of the sum of what was
        measured. Where the design cannot tell, because a factor has a single level or is not
        crossed with two seeds or more, ``measured`` is False and the figures are NaN.
    """
    known = scores.dropna(subset=["score"])
    components = {
        "seed": _seed_component(known, confidence),
        **{
            source: _factor_component(known, factor, confidence)
            for source, factor in SOURCES.items()
            if factor
        },
    }
    table = pd.DataFrame(
        {
            "source": list(components),
            "levels": [one.levels for one in components.values()],
            "variance": [one.variance for one in components.values()],
            "low": [one.low for one in components.values()],
            "high": [one.high for one in components.values()],
        }
    )
    table["measured"] = table["variance"].notna()
    table["deviation"] = np.sqrt(table["variance"])
    total = table["variance"].sum()
    table["share"] = table["variance"] / total if total > 0 else math.nan
    return table[list(COLUMNS)].astype(COLUMNS)


def _seed_component(scores: pd.DataFrame, confidence: float) -> _Component:
    """Return the mean variance between the seeds of one cell, with the chi-square interval."""
    cells = [factor for factor in SOURCES.values() if factor in scores]
    groups = scores.groupby(cells, dropna=False)["score"] if cells else None
    variances = groups.var() if groups is not None else pd.Series([scores["score"].var()])
    counts = groups.count() if groups is not None else pd.Series([len(scores)])
    df = float((counts - 1).clip(lower=0).sum())
    levels = int(scores["seed"].nunique())
    if df < 1:
        return _Component(levels=levels)
    squares = float((variances * (counts - 1)).sum())
    tail = (1 - confidence) / 2
    return _Component(
        levels=levels,
        variance=squares / df,
        low=math.sqrt(squares / stats.chi2.isf(tail, df)),
        high=math.sqrt(squares / stats.chi2.ppf(tail, df)),
    )


def _factor_component(scores: pd.DataFrame, factor: str, confidence: float) -> _Component:
    """Return the variance between the levels of a factor that is crossed with the seeds.

    Two-way analysis of variance with one value a cell: the mean square of the factor exceeds that
    of the residual by the number of seeds times the component.
    """
    if factor not in scores or scores[factor].isna().all():
        return _Component(levels=0)
    cells = scores.pivot_table(index="seed", columns=factor, values="score", aggfunc="mean")
    levels = cells.shape[1]
    array = cells.dropna().to_numpy(dtype=np.float64)
    seeds = len(array)
    if levels < 2 or seeds < 2:
        return _Component(levels=levels)
    between, residual = _mean_squares(array)
    variance = max((between - residual) / seeds, 0.0)
    low, high = _williams(array, between, residual, confidence)
    return _Component(levels=levels, variance=variance, low=math.sqrt(low), high=math.sqrt(high))


def _mean_squares(array: NDArray[np.float64]) -> tuple[float, float]:
    """Return the mean squares of the columns and of the residual of [seeds, levels]."""
    seeds, levels = array.shape
    columns, rows = array.mean(axis=0), array.mean(axis=1, keepdims=True)
    between = seeds * float(((columns - array.mean()) ** 2).sum()) / (levels - 1)
    residuals = array - columns - rows + array.mean()
    return between, float((residuals**2).sum()) / ((seeds - 1) * (levels - 1))


def _williams(
    array: NDArray[np.float64], between: float, residual: float, confidence: float
) -> tuple[float, float]:
    """Return the interval of a variance component by Williams (1962) and Tukey (1951)."""
    seeds, levels = array.shape
    df, df_residual = levels - 1, (seeds - 1) * (levels - 1)
    tail = (1 - confidence) / 2
    bounds = []
    for f, chi2 in (
        (stats.f.isf(tail, df, df_residual), stats.chi2.isf(tail, df)),
        (stats.f.ppf(tail, df, df_residual), stats.chi2.ppf(tail, df)),
    ):
        bounds.append(max(df * (between - f * residual) / (seeds * chi2), 0.0))
    return bounds[0], bounds[1]
