"""Effects of a factor: differences between arms, averaged over the other factors, pair by pair."""

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd

from studies.statistics.comparisons import FoldSizes
from studies.statistics.several_arms import Contrast, compare_arms

NONE: Final = "no effect"
FEWEST: Final = 0.5  # of the pairs that an arm must have finished to have a part in an average


def usable(scores: pd.DataFrame, contrasts: Sequence[Contrast]) -> list[Contrast]:
    """Return the contrasts of which both arms finished in half of the pairs or more.

    Args:
        scores: As `studies.answering.results.StudyResults.paired` returns them.
        contrasts: As (first, second).
    """
    finished = scores.notna().mean() >= FEWEST
    return [(first, second) for first, second in contrasts if finished[first] and finished[second]]


def compare_effects(
    scores: pd.DataFrame,
    effects: Mapping[str, Sequence[Contrast]],
    *,
    margin: float,
    against: Sequence[Contrast] = (),
    folds: FoldSizes | None = None,
) -> pd.DataFrame:
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
        The table of `compare_arms`; ``first`` is an effect, ``second`` is `NONE` or another effect.
    """
    values = {}
    for name, contrasts in effects.items():
        parts = [scores[first] - scores[second] for first, second in usable(scores, contrasts)]
        if parts:
            values[name] = pd.concat(parts, axis=1).mean(axis=1, skipna=False)
    table = pd.DataFrame(values, index=scores.index).assign(**{NONE: 0.0})
    planned = [(name, NONE) for name in values]
    planned += [(one, other) for one, other in against if one in values and other in values]
    return compare_arms(table, planned, margin=margin, folds=folds)
