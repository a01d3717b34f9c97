"""Arms over several data sets: Friedman's test of their ranks, then pairwise Wilcoxon with Holm.

As recommended by Demsar (2006) and, for the pairs, Benavoli, Corani and Mangili (2016): scores of
different data sets have no common unit, their ranks do.
"""

import dataclasses
import itertools
import math
import warnings
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from studies.statistics.several_arms import holm

FEWEST_DATA_SETS: Final = 6  # two-sided signed ranks of five cannot reach 0.05
COLUMNS: Final = {
    "first": "str",
    "second": "str",
    "data_sets": "int64",
    "wins": "float64",
    "p": "float64",
    "p_holm": "float64",
    "verdict": "str",
}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RankComparison:
    """Hold how arms rank over data sets.

    Attributes:
        data_sets: Number of data sets with a score of every arm. Below ``FEWEST_DATA_SETS`` every
            p is NaN and nothing is concluded.
        ranks: Mean rank by arm, best first; 1 is the best, ties share theirs.
        p: Of the hypothesis that all arms rank alike (Friedman 1937, in the F form of Iman and
            Davenport 1980); NaN for two arms.
        pairs: One row a pair of arms, the columns ``COLUMNS``. ``wins`` is the share of data sets
            in which the first is better, ties counted half; ``p`` Wilcoxon's, ``p_holm`` adjusted
            over all pairs. The verdict on the first arm is ``better``, ``worse`` or ``undecided``;
            a pair is decided only where Friedman's test tells the arms apart too.
    """

    data_sets: int
    ranks: pd.Series
    p: float
    pairs: pd.DataFrame


def compare_over_data_sets(scores: pd.DataFrame, *, confidence: float = 0.95) -> RankComparison:
    """Compare arms over data sets.

    Args:
        scores: One row a data set, one column an arm, two or more: means over seeds, larger is
            better. A data set with a NaN is left out.
        confidence: One minus it is the rate of one or more false verdicts.

    Raises:
        ValueError: There are fewer than two arms.
    """
    if scores.shape[1] < 2:
        raise ValueError(f"a comparison needs 2 arms or more, got {scores.shape[1]}")
    whole = scores.dropna().astype("float64")
    n, arms = whole.shape
    enough = n >= FEWEST_DATA_SETS
    p = _friedman_p(whole.to_numpy()) if enough and arms > 2 else math.nan
    pairs = _pairs(whole)
    if not p >= 1 - confidence:
        clear = pairs["p_holm"] < 1 - confidence
        # Many narrow defeats and few large wins: wins and ranks then point to different arms.
        lean = _lean(whole)
        pairs.loc[clear & (pairs["wins"] > 0.5) & (lean > 0), "verdict"] = "better"
        pairs.loc[clear & (pairs["wins"] < 0.5) & (lean < 0), "verdict"] = "worse"
    return RankComparison(
        data_sets=n,
        ranks=whole.rank(axis=1, ascending=False).mean().sort_values(kind="stable"),
        p=p,
        pairs=pairs,
    )


def _friedman_p(scores: NDArray[np.float64]) -> float:
    n, arms = scores.shape
    if (np.ptp(scores, axis=1) == 0).all():
        return 1.0
    statistic = float(stats.friedmanchisquare(*scores.T).statistic)
    room = n * (arms - 1) - statistic
    if room <= 0:
        return 0.0  # every data set ranks the arms alike
    return float(stats.f.sf((n - 1) * statistic / room, arms - 1, (arms - 1) * (n - 1)))


def _pairs(scores: pd.DataFrame) -> pd.DataFrame:
    n, arms = scores.shape
    places = list(itertools.combinations(range(arms), 2))
    p = _wilcoxon(scores.to_numpy(), places) if n >= FEWEST_DATA_SETS else [math.nan] * len(places)
    signs = [np.sign(scores.iloc[:, first] - scores.iloc[:, second]) for first, second in places]
    table = pd.DataFrame(
        {
            "first": [str(scores.columns[first]) for first, _ in places],
            "second": [str(scores.columns[second]) for _, second in places],
            "data_sets": n,
            "wins": [float((sign.mean() + 1) / 2) for sign in signs],
            "p": p,
            "p_holm": holm(p),
            "verdict": "undecided",
        }
    )
    return table.astype(COLUMNS)


def _lean(scores: pd.DataFrame) -> NDArray[np.float64]:
    """Return the sum of the signed ranks of each pair of arms: above 0 for the first [pairs]."""
    columns = [scores[name].to_numpy() for name in scores.columns]
    differences = [first - second for first, second in itertools.combinations(columns, 2)]
    return np.array([float((np.sign(d) * stats.rankdata(np.abs(d))).sum()) for d in differences])


def _wilcoxon(scores: NDArray[np.float64], places: list[tuple[int, int]]) -> list[float]:
    """Return the p of each pair of arms; 1 where they are equal on every data set."""
    import scikit_posthocs  # noqa: PLC0415 - a second and a half to import, with pyplot

    with warnings.catch_warnings():
        # Arms without a difference have no rank: scipy divides by zero and returns NaN.
        warnings.simplefilter("ignore", RuntimeWarning)
        matrix = scikit_posthocs.posthoc_wilcoxon(scores.T, zero_method="pratt").to_numpy()
    return [1.0 if math.isnan(matrix[place]) else float(matrix[place]) for place in places]
