"""What went wrong, counted, and what the conclusions do not cover."""

import re
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from reports.findings import Finding
from reports.wording import plural, shorten

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
        shown = "; ".join(f"{number} times {reason}" for reason, number in first.items())
        rest = len(counts) - MOST_REASONS
        more = f"; and {plural(rest, 'other reason')}" if rest > 0 else ""
        total = int(counts.sum())
        found.append(
            Finding(
                code=f"sweep.{outcome}",
                about="sweep",
                subject="",
                verdict=outcome,
                sentence=f"{plural(total, 'trial')} of {len(trials)} {outcome}: {shown}{more}.",
                next_step=(
                    "Expected at the upper end of the learning rates; narrow it if there are many."
                    if outcome == "diverged"
                    else "The reason says what to mend; run the sweep again afterwards."
                ),
                level="info" if outcome == "diverged" else "warning",
                confidence="exact",
                numbers={outcome: total, "trials": len(trials), "reasons": len(counts)},
            )
        )
    return found


def state_caveats(
    manifest: Mapping[str, Any], trials: pd.DataFrame, *, confirmed: bool
) -> list[Finding]:
    """State what the intervals of this run do not cover.

    Args:
        manifest: The run's manifest.
        trials: The table of docs/tables.md.
        confirmed: Whether the winner was trained again on fresh seeds.
    """
    if trials.empty:
        return []
    caveats = [
        "One split into train and validation rows: no interval says how another split would end."
    ]
    if not confirmed:
        caveats.append("No confirmation: the winner was chosen for its score on one seed.")
    planned = (manifest.get("counts") or {}).get("planned")
    searched = int((trials["stage"] == "search").sum())
    if manifest.get("state") != "finished" and planned is not None and searched < planned:
        caveats.append(f"The run is not finished: {searched} of {planned} trials.")
    pruned = int((trials["outcome"] == "pruned").sum())
    if pruned:
        caveats.append(
            f"{plural(pruned, 'trial')} {'was' if pruned == 1 else 'were'} pruned: what is said of "
            "several configurations rests on those trained to their end."
        )
    data = manifest.get("data") or {}
    rows = (data.get("splits") or {}).get("validation")
    if rows is not None and rows < FEW_ROWS:
        caveats.append(f"Only {plural(rows, 'validation row')}: most differences stay undecided.")
    caveats += [f"{warning}." for warning in manifest.get("warnings") or ()]
    fixed = sorted(
        name for name, bound in (manifest.get("space_bounds") or {}).items() if "value" in bound
    )
    if fixed:
        caveats.append(f"Held fixed, so nothing is known about: {', '.join(fixed)}.")
    return [
        Finding(
            code="sweep.caveats",
            about="sweep",
            subject="",
            verdict="caveats",
            sentence=" ".join(caveats),
            confidence="by design of the run",
            numbers={"caveats": len(caveats)},
        )
    ]


def _without_numbers(reason: str) -> str:
    text = re.sub(r"\d+(\.\d+)?(e[+-]?\d+)?", "…", shorten(reason))
    return text.rstrip(". ") or "no reason recorded"
