"""Trends over an ordered setting, and how effects differ: tests of paired values against zero."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from studies.answering.results import StudyResults
from studies.statistics.several_arms import all_against, compare_arms

ZERO = "zero"


def fitted_changes(doses: Mapping[str, float], table: pd.DataFrame) -> pd.Series:
    """Fit a straight line to each pair and return how much it changes over the doses.

    Args:
        doses: The setting of each arm.
        table: One row a pair, one column an arm, as `StudyResults.paired` returns it.

    Returns:
        Float64, by pair: the slope of least squares times the distance between the smallest and
        the largest dose. NaN for a pair that lacks an arm. An arm that no pair has is left out, and
        with it what it would have spanned.
    """
    known = [arm for arm in doses if arm in table.columns and table[arm].notna().any()]
    values = table[known].to_numpy(dtype=np.float64)
    centred = np.array([doses[arm] for arm in known], dtype=np.float64)
    spread = np.ptp(centred) if len(centred) else 0.0
    if not spread > 0:
        return pd.Series(np.nan, index=table.index, dtype="float64")
    centred -= centred.mean()
    slopes = values @ centred / (centred @ centred)
    return pd.Series(slopes * spread, index=table.index, dtype="float64")


def against_zero(
    values: pd.DataFrame, results: StudyResults, *, margin: float | None = None
) -> pd.DataFrame:
    """Test whether the mean of each column over the pairs is zero, with Holm over the columns.

    Args:
        values: One row a pair, as `StudyResults.paired` has them, one column a question.
        results: The study.
        margin: The largest mean that is no matter; the design's, in score, if left out.

    Returns:
        The table of `compare_arms`; ``first`` is the column, ``better`` means above zero.
    """
    return compare_arms(
        values.assign(**{ZERO: 0.0}),
        all_against(ZERO, list(values.columns)),
        margin=results.design.margin if margin is None else margin,
        folds=results.folds,
    )
