"""The rules that turn evidence into one word for a network. docs/verdicts.md gives the reasons."""

from typing import Final

import numpy as np
import pandas as pd

from studies.diagnosis.arrays import FEWEST_EPOCHS
from studies.statistics.intervals import critical_value

GAP_SHARE: Final = 0.1  # a gap that matters, in shares of the validation loss
GAP_FLOOR: Final = 0.01  # and never less than this: nats, or variances of the target

VERDICTS: Final = (
    "underfits",
    "fits",
    "overfits",
    "undertrained",
    "overtrained",
    "diverged",
    "undecided",
    "failed",
    "pruned",
)
DOUBTS: Final = ("", "unseen", "rise", "worse", "short", "rows", "capacity")

GAPS: Final = ("gap", "score_gap", "last_gap", "last_score_gap")


def gap_bounds(facts: pd.DataFrame) -> pd.DataFrame:
    """Return the facts with the 95 % bounds of every gap, from its standard error over rows."""
    z = critical_value()
    bounds = {}
    for name in GAPS:
        bounds[f"{name}_low"] = facts[name] - z * facts[f"{name}_se"]
        bounds[f"{name}_high"] = facts[name] + z * facts[f"{name}_se"]
    return facts.assign(**bounds)


def decide(evidence: pd.DataFrame) -> pd.DataFrame:
    """Give each network its verdict.

    Args:
        evidence: One row a network: ``outcome``, the columns of ``curves.curve_facts``, those of
            ``gap_bounds`` and those of ``reference.compare_with_run``.

    Returns:
        The evidence with the columns ``verdict``, ``doubt`` (what leaves it undecided, else empty)
        and ``calibration`` (bool: the validation loss rises while the validation score still rises
        too; never of a pruned network); ``rows_needed`` is kept where more rows would settle it,
        and is then the number that settles the doubt.
    """
    seen = evidence["epochs_seen"].fillna(0)
    rises, score_rises = evidence["rises"], evidence["score_rises"]
    cut_short = evidence["outcome"] == "pruned"
    hurt = rises & ~score_rises
    early = evidence["best_epoch"] <= seen / 2
    memorises = hurt & evidence["train_falls"]
    margin = np.maximum(GAP_SHARE * evidence["validation_loss"], GAP_FLOOR)
    gap_clear = evidence["gap_low"] > margin
    rules: list[tuple[pd.Series, str, str]] = [
        (evidence["outcome"] == "failed", "failed", ""),
        (evidence["outcome"] == "diverged", "diverged", ""),
        (cut_short, "pruned", ""),  # how it would have gone on is not known
        (seen == 0, "undecided", "unseen"),
        (memorises & gap_clear, "overfits", ""),
        (hurt & early & ~evidence["train_worsens"], "overtrained", ""),
        (memorises & (evidence["last_gap_low"] > margin), "overfits", ""),
        (evidence["improving"], "undertrained", ""),
        (gap_clear & evidence["smaller_better"], "overfits", ""),
        (evidence["underfits"], "underfits", ""),
        (hurt, "undecided", "rise"),
        (evidence["clearly_worse"], "undecided", "worse"),
        (seen < FEWEST_EPOCHS, "undecided", "short"),
        (~evidence["as_good"], "undecided", "rows"),
        (~evidence["capacity_shown"], "undecided", "capacity"),
    ]
    doubtful_gap = (evidence["last_gap"] - evidence["last_gap_low"]) / (
        evidence["last_gap"] - margin
    ).where(evidence["last_gap"] > margin)
    conditions = [condition.to_numpy(dtype=bool) for condition, _, _ in rules]
    decided = pd.DataFrame(
        {
            "verdict": np.select(conditions, [verdict for _, verdict, _ in rules], default="fits"),
            "doubt": np.select(conditions, [doubt for _, _, doubt in rules], default=""),
            "calibration": (rises & score_rises & ~cut_short).to_numpy(dtype=bool),
        },
        index=evidence.index,
    )
    rows = evidence["rows_needed"].mask(decided["doubt"] == "rise", doubtful_gap**2)
    known = decided["doubt"].isin(["rise", "rows"]) & (rows > 1)
    return evidence.drop(columns="rows_needed").join(decided).assign(rows_needed=rows.where(known))
