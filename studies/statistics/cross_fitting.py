"""The best of several arms, without the winner's curse: chosen on one half, measured on the other.

The mean of the best arm on the pairs on which it was found to be the best is too good, the more so
the more arms there are. Here each half of the pairs chooses, and the other half is what counts
(cross-fitting: Chernozhukov et al. 2018, "Double/debiased machine learning", definition 3.1; as a
cure of the winner's curse see Andrews, Kitagawa and McCloskey 2024). Every pair is measured once,
by a choice in which it had no part.

The mean is then unbiased. The t interval treats the pairs as independent, which choices that depend
on each other's halves are not quite: of eleven equal arms over ten pairs, the best was called
different from one of them in 7.0 % of 2,000 simulations, at a level of 5 %.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd


def cross_fitted(scores: pd.DataFrame, groups: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Score the best arm of each group on pairs that did not choose it.

    Args:
        scores: One row a pair, one column an arm; larger is better, NaN where a network was lost.
        groups: The arms of each group, at least one, in the order that breaks ties.

    Returns:
        One row a pair, one column a group: the score of the arm that the other half of the pairs
        (every second row) chose, NaN where it was lost there or where there is no other half.
    """
    halves = np.arange(len(scores)) % 2
    columns = {}
    for name, arms in groups.items():
        column = np.full(len(scores), np.nan)
        for half in (0, 1):
            others = scores.iloc[halves != half]
            if len(others):
                best = choose_best(others, arms)
                column[halves == half] = scores[best].to_numpy(dtype=np.float64)[halves == half]
        columns[name] = column
    return pd.DataFrame(columns, index=scores.index)


def chosen_arms(scores: pd.DataFrame, arms: Sequence[str]) -> list[str]:
    """Return what the two halves choose, each arm once: two names say that the choice is unsure."""
    halves = np.arange(len(scores)) % 2
    parts = [scores.iloc[halves == half] for half in (0, 1)]
    return list(dict.fromkeys(choose_best(part, arms) for part in parts if len(part)))


def choose_best(scores: pd.DataFrame, arms: Sequence[str]) -> str:
    """Return the arm of the fewest networks lost, then of the highest mean, then the first.

    Args:
        scores: As for `cross_fitted`, at least one row.
        arms: Columns of it, at least one.
    """
    lost = scores[list(arms)].isna().sum()
    means = scores[list(arms)].astype("float64").mean().fillna(-np.inf)
    return min(arms, key=lambda arm: (int(lost[arm]), -float(means[arm])))
