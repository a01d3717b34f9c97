"""Means over the pairs of a study, with the interval that its seeds or folds allow."""

import pandas as pd

from studies.answering.results import StudyResults
from studies.statistics.intervals import Interval


def paired_interval(values: pd.Series, results: StudyResults) -> Interval:
    """Return the 95 % t interval of a mean over pairs.

    Args:
        values: One value a pair, indexed as `StudyResults.paired` is; a NaN is left out.
        results: The study; where it has folds, the mean over the seeds of each fold counts once,
            with the variance of Nadeau and Bengio (2003), made for differences of scores.
    """
    known = values.dropna()
    folds = known.index.get_level_values("fold") if results.folds else None
    return results.interval(known, pd.Series(folds, index=known.index, dtype="float64"))
