"""What went wrong, counted, and what the conclusions do not cover."""

import re
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from reports.findings import Finding
from reports.wording import shorten

MOST_REASONS: Final = 5
FEW_ROWS: Final = 100  # validation rows below which an accuracy is known to no better than 0.1


def count_failures(trials: pd.DataFrame) -> list[Finding]:
    """Count the trials that diverged or failed, by reason; numbers in a reason are left out.

    Args:
        trials: The table of docs/tables.md.
    """
    lost = trials[trials["outcome"].isin(["diverged", "failed"])]
    if lost.empty:
        return []
    reasons = lost["reason"].fillna("").map(_without_numbers)
    found = []
    for outcome in ("diverged", "failed"):
        counts = reasons[lost["outcome"] == outcome].value_counts()
        if counts.empty:
            continue
        first = counts.head(MOST_REASONS)
        found.append(
            Finding(
                code=f"sweep.{outcome}",
                about="sweep",
                verdict=outcome,
                level="info" if outcome == "diverged" else "warning",
                confidence="exact",
                numbers={outcome: int(counts.sum()), "trials": len(trials), "reasons": len(counts)},
                details={
                    "lost": int(counts.sum()),
                    "shown": [(int(number), str(reason)) for reason, number in first.items()],
                    "others": len(counts) - len(first),
                },
            )
        )
    return found


def state_caveats(
    manifest: Mapping[str, Any], trials: pd.DataFrame, *, confirmed: bool, compared: bool
) -> list[Finding]:
    """State what the intervals of this run do not cover.

    Args:
        manifest: The run's manifest.
        trials: The table of docs/tables.md.
        confirmed: Whether the winner was trained again on fresh seeds.
        compared: Whether there are baselines.
    """
    if trials.empty:
        return []
    bounds = manifest.get("space_bounds") or {}
    planned = (manifest.get("counts") or {}).get("planned")
    searched = int((trials["stage"] == "search").sum())
    pruned = int((trials["outcome"] == "pruned").sum())
    rows = ((manifest.get("data") or {}).get("splits") or {}).get("validation")
    warnings = list(manifest.get("warnings") or ())
    fixed = sorted(name for name, bound in bounds.items() if "value" in bound)
    holds = {
        "split": True,
        "unconfirmed": not confirmed,
        "baselines": not compared,
        "unfinished": (
            manifest.get("state") != "finished" and planned is not None and searched < planned
        ),
        "pruned": pruned > 0,
        "rows": rows is not None and rows < FEW_ROWS,
        "fixed": bool(fixed),
    }
    which = [name for name, is_so in holds.items() if is_so]
    return [
        Finding(
            code="sweep.caveats",
            about="sweep",
            verdict="caveats",
            confidence="by design of the run",
            numbers={"caveats": len(which) + len(warnings)},
            details={
                "which": which,
                "planned": planned,
                "searched": searched,
                "pruned": pruned,
                "rows": rows,
                "warnings": warnings,
                "fixed": fixed,
            },
        )
    ]


def _without_numbers(reason: str) -> str:
    text = re.sub(r"\d+(\.\d+)?(e[+-]?\d+)?", "…", shorten(reason))
    return text.rstrip(". ") or "no reason recorded"
