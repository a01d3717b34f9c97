"""The tuning playbook's checks that any set of trained networks can make on itself.

Source: Godbole, Dahl, Gilmer, Shallue, Nado, "Deep Learning Tuning Playbook" (2023). A sweep reads
them from its search, a study from its comparison.
"""

import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from reports.findings import About, Finding
from studies.diagnosis.arrays import dense_curves, epoch_noise
from studies.statistics.periodicity import find_period

HEURISTIC: Final = "heuristic, error rate not measured yet"
TOP: Final = 5  # trials that stand for "the good ones"
LOST_WARNING: Final = 0.1  # share of trials that diverged or failed
LOST_ALARM: Final = 0.5
TOO_SHORT: Final = 0.75  # best epochs lie beyond this share of the budget
TOO_LONG: Final = 0.1
FEWEST_EPOCHS: Final = {"too short": 4, "too long": 10}  # below, the shares mean nothing
NEXT_TO: Final = 3.4  # rates within this factor are neighbours: a grid's step is 3 or 3.3
PERIODIC_EPOCHS: Final = 24  # of the second half of a curve, for a period to be told from noise
PERIODIC_P: Final = 0.001
SAME_PERIOD: Final = 0.1  # periods that differ by less, relatively, are one


def duplicated_rows(manifest: Mapping[str, Any]) -> list[Finding]:
    """Repeat what was found of rows that stand in more than one split."""
    warnings = (manifest.get("data") or {}).get("warnings") or []
    return [
        Finding(
            code="playbook.duplicates",
            about="data",
            verdict="duplicates",
            level="warning",
            confidence="exact",
            details={"warning": str(warning)},
        )
        for warning in warnings
        if "duplicat" in str(warning).lower()
    ]


def rising_train_loss(finished: pd.DataFrame, epochs: pd.DataFrame) -> list[Finding]:
    """Find the trials whose training loss ends above where it began.

    Args:
        finished: Finished trials, the best first.
        epochs: The table of docs/tables.md.
    """
    part = epochs[epochs["trial"].isin(finished["trial"])].sort_values("epoch", kind="stable")
    ends = part.groupby("trial")["running_loss"].agg(["first", "last"])
    risen = ends.index[ends["last"] > 1.01 * ends["first"] + 0.01]
    if not len(risen):
        return []
    theirs = finished[finished["trial"].isin(risen)]
    best = theirs.iloc[0]
    return [
        Finding(
            code="playbook.train_rises",
            about="curve",
            subject=str(best["trial"]),
            verdict="train loss rises",
            level="alarm" if best["trial"] in set(finished["trial"].head(TOP)) else "warning",
            confidence=HEURISTIC,
            numbers={"trials": len(risen), "finished": len(finished)},
            details={
                "optimizer": str(best["optimizer"]),
                "learning_rate": float(best["learning_rate"]),
                "optimizers": sorted({*theirs["optimizer"]}),
                "momentum": bool(theirs["momentum"].gt(0).any()),
            },
        )
    ]


def periodic_validation(finished: pd.DataFrame, epochs: pd.DataFrame) -> list[Finding]:
    """Find a period that the validation losses of good trials share: a fault in shuffling.

    One curve in a thousand has such a period by chance; that two of the best have the same one is
    asked for.

    Args:
        finished: Finished trials, the best first.
        epochs: The table of docs/tables.md.
    """
    part = epochs[epochs["trial"].isin(finished["trial"].head(TOP))]
    periods = []
    for curves in dense_curves(part):
        late = curves.measures["validation_loss"]
        late = late[:, late.shape[1] // 2 :]
        if late.shape[1] < PERIODIC_EPOCHS:
            continue
        found = [find_period(values, longest=late.shape[1] / 3) for values in late]
        periods += [one.period for one in found if one is not None and one.p < PERIODIC_P]
    same = max((_near(period, periods) for period in periods), key=len, default=[])
    if len(same) < 2:
        return []
    return [
        Finding(
            code="playbook.periodic_validation",
            about="curve",
            verdict="periodic",
            level="warning",
            confidence=(
                f"Fisher's test, p below {PERIODIC_P:g} in each curve, if its noise is independent"
            ),
            numbers={"period": float(np.median(same)), "trials": len(same)},
            details={"among": min(TOP, len(finished))},
        )
    ]


def _near(period: float, periods: list[float]) -> list[float]:
    return [other for other in periods if abs(other / period - 1) <= SAME_PERIOD]


def late_noise(epochs: pd.DataFrame) -> float:
    """Return by how much the validation loss moves from epoch to epoch, late in training.

    Args:
        epochs: The table of docs/tables.md, of the trials in question.

    Returns:
        The median over the trials of one standard deviation, in units of the loss; NaN where the
        epochs are too few to tell noise from a trend.
    """
    noises = [epoch_noise(c.measures["validation_loss"]).deviation for c in dense_curves(epochs)]
    known = np.concatenate([np.empty(0), *noises])
    known = known[np.isfinite(known)]
    return float(np.median(known)) if len(known) else math.nan


def lost_trials(search: pd.DataFrame) -> list[Finding]:
    """Say which share of the trials gave no network, if it is large.

    Args:
        search: Trials of one stage, whatever became of them.
    """
    lost = int(search["outcome"].isin(["diverged", "failed"]).sum())
    share = lost / len(search) if len(search) else 0.0
    if share <= LOST_WARNING:
        return []
    diverged = int((search["outcome"] == "diverged").sum())
    return [
        Finding(
            code="playbook.lost_trials",
            about="sweep",
            verdict="lost trials",
            level="alarm" if share > LOST_ALARM else "warning",
            confidence="exact",
            numbers={"lost": lost, "diverged": diverged, "trials": len(search)},
            details={"share": share, "failed": lost - diverged},
        )
    ]


def epoch_budget(finished: pd.DataFrame) -> list[Finding]:
    """Say whether the best epochs of the best trials crowd at the end, or at the beginning.

    Args:
        finished: Finished trials, the best first.
    """
    top = finished.head(TOP)
    if len(top) < TOP:
        return []
    share = float((top["best_epoch"].astype("float64") / top["epochs"]).median())
    budget = int(top["epochs"].max())
    if share > TOO_SHORT and budget >= FEWEST_EPOCHS["too short"]:
        verdict, advised = "too short", 2 * budget
    elif share <= TOO_LONG and budget >= FEWEST_EPOCHS["too long"]:
        verdict, advised = "too long", budget // 2
    else:
        return []
    return [
        Finding(
            code=f"playbook.budget_{verdict.replace(' ', '_')}",
            about="sweep",
            subject="epochs",
            verdict=verdict,
            level="warning" if verdict == "too short" else "info",
            confidence=HEURISTIC,
            numbers={"share": share, "epochs": budget},
            details={"top": TOP, "advised": advised},
        )
    ]


def tuned_batch_size(about: About) -> Finding:
    """Say that the batch size is nothing to tune for the validation loss.

    Args:
        about: Who tuned it: a sweep or a study.
    """
    return Finding(
        code="playbook.batch_size_tuned",
        about=about,
        subject="batch_size",
        verdict="tuned",
        level="warning",
        confidence="a rule of the playbook, not measured here",
    )
