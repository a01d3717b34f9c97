"""Effects of a factor: averages of contrasts, and trends over its values, pair by pair."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd

from studies.answering.comparing import compare_study
from studies.answering.contrasts import Contrast, read_contrasts
from studies.answering.results import StudyResults
from studies.statistics.comparisons import FoldSizes
from studies.statistics.several_arms import ArmPair, all_against, compare_arms

NONE: Final = "no effect"
ZERO: Final = "zero"
FEWEST: Final = 0.5  # of the pairs that an arm must have finished to have a part in an average


def usable(scores: pd.DataFrame, contrasts: Sequence[ArmPair]) -> list[ArmPair]:
    """Return the contrasts of which both arms finished in half of the pairs or more.

    Args:
        scores: As `studies.answering.results.StudyResults.paired` returns them.
        contrasts: As (first, second).
    """
    finished = scores.notna().mean() >= FEWEST
    return [(first, second) for first, second in contrasts if finished[first] and finished[second]]


def compare_effects(
    scores: pd.DataFrame,
    effects: Mapping[str, Sequence[ArmPair]],
    *,
    margin: float,
    against: Sequence[ArmPair] = (),
    folds: FoldSizes | None = None,
) -> list[Contrast]:
    """Compare averages of contrasts with nothing, and with each other.

    Averaged in each pair first, an effect has one value a pair, and what the arms of a pair share
    falls out of it. An arm that was lost in most pairs has no part in it.

    Args:
        scores: One row a pair, one column an arm; larger is better, NaN where a network was lost.
        effects: By name, the contrasts whose mean each of them is.
        margin: As for `compare_arms`.
        against: Pairs of effects to compare besides; an effect without contrasts is left out.
        folds: As for `compare_arms`.

    Returns:
        ``first`` is an effect, ``second`` is `NONE` or another effect.
    """
    values = {}
    for name, contrasts in effects.items():
        parts = [scores[first] - scores[second] for first, second in usable(scores, contrasts)]
        if parts:
            values[name] = pd.concat(parts, axis=1).mean(axis=1, skipna=False)
    table = pd.DataFrame(values, index=scores.index).assign(**{NONE: 0.0})
    planned = [(name, NONE) for name in values]
    planned += [(one, other) for one, other in against if one in values and other in values]
    compared = compare_arms(table, planned, margin=margin, folds=folds)
    return read_contrasts(compared, basis="folds" if folds else "pairs")


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
) -> list[Contrast]:
    """Test whether the mean of each column over the pairs is zero, with Holm over the columns.

    Args:
        values: One row a pair, as `StudyResults.paired` has them, one column a question.
        results: The study.
        margin: The largest mean that is no matter; the design's, in score, if left out.

    Returns:
        ``first`` is the column, ``better`` means above zero.
    """
    questions = all_against(ZERO, list(values.columns))
    return compare_study(results, values.assign(**{ZERO: 0.0}), questions, margin)
