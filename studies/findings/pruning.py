"""What pruning stopped, what that saved, and what it cost by the trials that audit it."""

import math
from typing import Any, Final

import numpy as np
import pandas as pd

from reports.findings import Finding, Level
from reports.wording import count, join, loss, plural
from studies.diagnosis.words import between
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
    stops = [f"{count(number)} after epoch {epoch}" for epoch, number in places.items()]
    where = f": {join(stops)}" if len(stops) > 1 else f" after epoch {places.index[0]}"
    planned = int(search["epochs"].sum())
    saved = int((pruned["epochs"] - pruned["epochs_trained"]).sum())
    repeated = int(audit["epochs_trained"].sum())
    sentence = (
        f"{count(len(pruned))} of {plural(len(search), 'trial')} {_was(len(pruned))} "
        f"pruned{where}. So {count(saved)} of the {plural(planned, 'epoch')} planned "
        f"({100 * saved / planned:.0f} %) were not trained"
    )
    if repeated:
        sentence += f"; the audit took {plural(repeated, 'epoch')} of its own"
    elif audit.empty:
        sentence += (
            ". No pruned trial was trained to its end, so what pruning cost is not known here"
        )
    return Finding(
        code="sweep.pruned",
        about="sweep",
        subject="",
        verdict="pruned",
        sentence=f"{sentence}.",
        next_step="Train a random tenth of them to the end: fitgap resume RUN --audit."
        if audit.empty
        else "",
        confidence="exact",
        numbers={
            "pruned": len(pruned),
            "trials": len(search),
            "planned_epochs": planned,
            "saved_epochs": saved,
            "saved_share": saved / planned,
            "audit_epochs": repeated,
        },
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
    level: Level = "warning" if clearly else "info"
    verdict = "costly" if clearly else "harmless" if share.high <= HARMLESS else "undecided"
    failed = len(audit) - n
    outcome = (
        f"{n} of the {plural(len(pruned), 'pruned trial')} {_was(n)} trained to the end as an "
        f"audit: {better or 'none'} would have beaten the best finished trial of the search, "
        f"{best['trial']}. The share of all pruned trials that would have: "
        f"{100 * share.estimate:.0f} % "
        f"({between(100 * share.low, 100 * share.high, '{:.0f} %'.format)})."
    )
    parts = [
        outcome,
        _best_audited(ranked, best, error),
        f"{plural(failed, 'audit')} failed and {_was(failed)} left out." if failed else "",
        f"Undecided: {n} {'is' if n == 1 else 'are'} too few." if verdict == "undecided" else "",
    ]
    return [
        Finding(
            code="sweep.pruning_audit",
            about="sweep",
            subject=str(ranked["trial"].iloc[0]) if clearly else "",
            verdict=verdict,
            sentence=" ".join(part for part in parts if part),
            next_step=_next_step(verdict, ranked),
            level=level,
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
                "gain": _largest(gains),
                "standard_error": error,
                "failed": failed,
            },
        )
    ]


def _ranked(trials: pd.DataFrame) -> pd.DataFrame:
    known = trials[np.isfinite(trials["validation_loss"].astype("float64"))]
    return known.sort_values("validation_loss", kind="stable")


def _best_audited(ranked: pd.DataFrame, best: "pd.Series[Any]", error: float) -> str:
    if ranked.empty:
        return "None of them ended with a finite loss."
    first = ranked.iloc[0]
    gain = float(best["validation_loss"] - first["validation_loss"])
    where = f"{loss(abs(gain))} {'below' if gain > 0 else 'above'}"
    than = f"the best, with a standard error of {loss(error)}"
    if gain > 0:
        than += ": a clear difference" if gain > error else ": no clear difference"
    return f"The lowest loss among them, that of {first['trial']}, lies {where} {than}."


def _next_step(verdict: str, ranked: pd.DataFrame) -> str:
    if verdict == "costly":
        trial = ranked["trial"].iloc[0]
        return f"Sweep again with --pruner none, or narrowed to where {trial} lies."
    if verdict == "undecided":
        return f"{SETTLING} audits, none of them better, would settle it; so would --pruner none."
    return ""


def _largest(gains: "pd.Series[float]") -> float | None:
    return float(gains.max()) if len(gains) and math.isfinite(gains.max()) else None


def _was(number: int) -> str:
    return "was" if number == 1 else "were"
