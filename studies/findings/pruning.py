"""What pruning stopped, what that saved, and what it cost by the trials that audit it."""

import math
from typing import Final

import numpy as np
import pandas as pd

from reports.findings import Finding
from reports.wording import plural
from studies.statistics.intervals import exact_share_interval

HARMLESS: Final = 0.1  # at most this share of the pruned trials may have been better than the best
# none better among so many, and the upper end of the exact 95 % interval lies below that
SETTLING: Final = math.ceil(math.log(0.025) / math.log(1 - HARMLESS))


def judge_pruning(trials: pd.DataFrame) -> list[Finding]:
    """Count the pruned trials, and judge by the audited ones what pruning cost.

    Args:
        trials: The table of docs/tables.md, with its rows of stage ``audit``.

    Returns:
        Nothing for a run in which no trial was pruned.
    """
    search, audit = (trials[trials["stage"] == stage] for stage in ("search", "audit"))
    pruned = search[search["outcome"] == "pruned"]
    if pruned.empty:
        return []
    return [_count_pruned(search, pruned, audit), *_judge_audit(search, pruned, audit)]


def _count_pruned(search: pd.DataFrame, pruned: pd.DataFrame, audit: pd.DataFrame) -> Finding:
    places = pruned["epochs_trained"].value_counts().sort_index()
    planned = int(search["epochs"].sum())
    saved = int((pruned["epochs"] - pruned["epochs_trained"]).sum())
    return Finding(
        code="sweep.pruned",
        about="sweep",
        verdict="pruned",
        confidence="exact",
        numbers={
            "pruned": len(pruned),
            "trials": len(search),
            "planned_epochs": planned,
            "saved_epochs": saved,
            "saved_share": saved / planned,
            "audit_epochs": int(audit["epochs_trained"].sum()),
        },
        details={"audited": len(audit), "stops": list(zip(places.index, places, strict=True))},
    )


def _judge_audit(search: pd.DataFrame, pruned: pd.DataFrame, audit: pd.DataFrame) -> list[Finding]:
    ended = audit[audit["outcome"].isin(["finished", "diverged"])]  # a failure tells nothing
    finished = _ranked(search[search["outcome"] == "finished"])
    if ended.empty or finished.empty:
        return []
    best, n = finished.iloc[0], len(ended)
    error = float(np.nan_to_num(best["validation_loss_se"]))
    ranked = _ranked(ended[ended["outcome"] == "finished"])
    gains = best["validation_loss"] - ranked["validation_loss"]
    better, clearly = int((gains > 0).sum()), int((gains > error).sum())
    share = exact_share_interval(better, n)
    lowest = str(ranked["trial"].iloc[0]) if len(ranked) else ""
    gain = float(gains.max()) if len(ranked) else None
    return [
        Finding(
            code="sweep.pruning_audit",
            about="sweep",
            subject=lowest if clearly else "",
            verdict="costly" if clearly else "harmless" if share.high <= HARMLESS else "undecided",
            level="warning" if clearly else "info",
            confidence=(
                f"exact 95 % interval (Clopper and Pearson) over {plural(n, 'pruned trial')} drawn "
                "at random, one seed each"
            ),
            numbers={
                "audited": n,
                "better": better,
                "clearly_better": clearly,
                "share": share.estimate,
                "share_low": share.low,
                "share_high": share.high,
                "gain": gain,
                "standard_error": error,
                "failed": len(audit) - n,
            },
            details={
                "pruned": len(pruned),
                "best": str(best["trial"]),
                "lowest": lowest,
                "distance": abs(gain or 0.0),
                "settling": SETTLING,
            },
        )
    ]


def _ranked(trials: pd.DataFrame) -> pd.DataFrame:
    known = trials[np.isfinite(trials["validation_loss"].astype("float64"))]
    return known.sort_values("validation_loss", kind="stable")
