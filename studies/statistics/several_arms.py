"""Several arms over the same pairs: every contrast that was planned, with Holm's correction.

Two questions are asked of each contrast, and each question is a family of its own: is there a
difference, and is there none that matters. In each family the rate of one or more false answers is
at most one minus the confidence, whatever the other arms do (Holm 1979). Of the two hypotheses of
one contrast at most one can be true, and equivalence goes first, so the two rates hardly add up:
docs/statistics.md has the simulation.

The intervals are the plain ones, to be read one by one.
"""

import itertools
from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from studies.statistics.comparisons import (
    Comparison,
    FoldSizes,
    Verdict,
    compare_differences,
    decide,
)
from studies.statistics.intervals import mean_estimate
from studies.statistics.power import seeds_to_settle

COLUMNS: Final = {
    "first": "str",
    "second": "str",
    "pairs": "int64",
    "difference": "float64",
    "low": "float64",
    "high": "float64",
    "p": "float64",
    "p_holm": "float64",
    "sign_flip_p": "float64",
    "wilcoxon_p": "float64",
    "equivalence_p": "float64",
    "equivalence_p_holm": "float64",
    "superiority": "float64",
    "detectable": "float64",
    "seeds_needed": "Int64",
    "verdict": "str",
}
ArmPair = tuple[str, str]


def all_against(reference: str, arms: Sequence[str]) -> list[ArmPair]:
    """Return the contrasts of every other arm with one of them, as (arm, reference)."""
    return [(arm, reference) for arm in arms if arm != reference]


def all_pairs(arms: Sequence[str]) -> list[ArmPair]:
    """Return the contrasts of every arm with every one before it, as (later, earlier)."""
    return [(second, first) for first, second in itertools.combinations(arms, 2)]


def compare_arms(
    scores: pd.DataFrame,
    contrasts: Sequence[ArmPair],
    *,
    margin: float,
    folds: FoldSizes | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Compare arms over the pairs that they share.

    Args:
        scores: One row a pair, one column an arm; larger is better. NaN where a network diverged:
            that pair is left out of the contrasts of this arm, and ``pairs`` says so.
        contrasts: The first and the second arm of each, chosen before the scores were seen.
        margin: The largest difference that does not matter, above 0, in the units of the scores.
        folds: If the rows are folds, or seeds of folds: the rows of one value of the index level
            ``fold`` are averaged first, and the variance is that of Nadeau and Bengio (2003).
            ``pairs`` then counts folds.
        confidence: Of each interval; one minus it is the rate of one or more false verdicts.

    Returns:
        One row a contrast in the order given, the columns ``COLUMNS``. ``difference`` is the mean
        of first minus second, ``low`` and ``high`` its plain t interval; ``p`` that of the paired
        t test, ``equivalence_p`` that of the two one-sided ones, ``_holm`` the same adjusted over
        the contrasts that have one. The verdict follows from the adjusted ones; ``seeds_needed``
        counts every contrast as well (Bonferroni). The rest is as in
        `studies.statistics.comparisons.Comparison`.

    Raises:
        ValueError: A contrast names an arm without a column, or one arm twice; or the margin is not
            above 0.
    """
    alpha = 1 - confidence
    _check(scores, contrasts)
    differences = [_differences(scores, contrast, folds) for contrast in contrasts]
    compared = [
        compare_differences(values, margin=margin, folds=folds, confidence=confidence)
        for values in differences
    ]
    rows = [_row(contrast, one) for contrast, one in zip(contrasts, compared, strict=True)]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    decided = decide_together(compared, alpha=alpha)
    for place, name in enumerate(("p_holm", "equivalence_p_holm", "verdict")):
        table[name] = [each[place] for each in decided]
    table["seeds_needed"] = [
        seeds_to_settle(mean_estimate(values), margin, confidence=1 - alpha / len(contrasts))
        if verdict == "undecided" and folds is None
        else None
        for values, verdict in zip(differences, table["verdict"], strict=True)
    ]
    return table.astype(COLUMNS)


def decide_together(
    compared: Sequence[Comparison], *, alpha: float = 0.05
) -> list[tuple[float, float, Verdict]]:
    """Decide comparisons of one family.

    Returns:
        Of each the p of no difference and that of one as large as the margin, both adjusted by
        Holm, and the verdict that follows.
    """
    p_holm = holm([one.p for one in compared])
    equivalence_p_holm = holm([one.equivalence_p for one in compared])
    return [
        (p, q, decide(one.difference.estimate, p=p, equivalence_p=q, alpha=alpha))
        for one, p, q in zip(compared, p_holm.tolist(), equivalence_p_holm.tolist(), strict=True)
    ]


def holm(p: Sequence[float]) -> NDArray[np.float64]:
    """Return p values adjusted by Holm (1979) over those that are not NaN."""
    adjusted = np.array(p, dtype=np.float64)
    given = ~np.isnan(adjusted)
    if given.sum() > 1:
        from statsmodels.stats.multitest import (  # noqa: PLC0415 - most of a second to import
            multipletests,
        )

        adjusted[given] = multipletests(adjusted[given], method="holm")[1]
    return adjusted


def _check(scores: pd.DataFrame, contrasts: Sequence[ArmPair]) -> None:
    for first, second in contrasts:
        missing = [arm for arm in (first, second) if arm not in scores.columns]
        if missing:
            raise ValueError(f"no scores of {missing[0]!r}; the arms are {list(scores.columns)}")
        if first == second:
            raise ValueError(f"{first!r} cannot be compared with itself")


def _differences(
    scores: pd.DataFrame, contrast: ArmPair, folds: FoldSizes | None
) -> NDArray[np.float64]:
    first, second = (scores[arm].astype("float64") for arm in contrast)
    differences = (first - second).dropna()
    if folds is not None and "fold" in differences.index.names:
        differences = differences.groupby(level="fold").mean()
    return np.asarray(differences, dtype=np.float64)


def _row(contrast: ArmPair, one: Comparison) -> dict[str, object]:
    shared = ("pairs", "p", "sign_flip_p", "wilcoxon_p", "equivalence_p", "superiority")
    return {
        "first": contrast[0],
        "second": contrast[1],
        "difference": one.difference.estimate,
        "low": one.difference.low,
        "high": one.difference.high,
        "detectable": one.detectable,
        **{name: getattr(one, name) for name in shared},
    }
