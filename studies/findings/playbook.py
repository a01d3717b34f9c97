"""The checks of the deep-learning tuning playbook that a sweep can make on itself.

Source: Godbole, Dahl, Gilmer, Shallue, Nado, "Deep Learning Tuning Playbook" (2023). Each check
returns no finding, or findings that say what to change. They are heuristics: how often they are
wrong has not been measured.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from reports.findings import Finding
from studies.findings.edges import check_edges
from studies.findings.training_checks import (
    HEURISTIC,
    NEXT_TO,
    duplicated_rows,
    epoch_budget,
    late_noise,
    lost_trials,
    periodic_validation,
    rising_train_loss,
    tuned_batch_size,
)
from studies.statistics.best_of import expected_best

FEWEST_TRIALS: Final = 10  # for the best-of-k curve
PLAIN_SAMPLERS: Final = ("random", "qmc")  # draws that do not depend on earlier results


def check_playbook(
    manifest: Mapping[str, Any], trials: pd.DataFrame, epochs: pd.DataFrame
) -> list[Finding]:
    """Run every check.

    Pruned trials are neither lost nor finished: what is said of good trials, of their epochs and of
    their noise rests on those that finished. Audits take no part.

    Args:
        manifest: The run's manifest; missing keys only silence the checks that need them.
        trials: The table of docs/tables.md.
        epochs: The table of docs/tables.md.

    Returns:
        One finding for each thing that should be changed, the gravest kind first.
    """
    search = trials[trials["stage"] == "search"]
    finished = search[
        (search["outcome"] == "finished") & np.isfinite(search["validation_loss"].astype("float64"))
    ].sort_values("validation_loss", kind="stable")
    return [
        *duplicated_rows(manifest),
        *rising_train_loss(finished, epochs),
        *periodic_validation(finished, epochs),
        *lost_trials(search),
        *check_edges(manifest.get("space_bounds") or {}, finished, confirmed=_confirmed(manifest)),
        *_rate_next_to_divergence(search, finished),
        *epoch_budget(finished),
        *_late_noise(trials, finished, epochs),
        # Those that a pruner let finish are no independent draws: what follows would be wrong.
        *([] if (search["outcome"] == "pruned").any() else _best_of_k(manifest, finished)),
        *_batch_size(manifest),
    ]


def _confirmed(manifest: Mapping[str, Any]) -> str:
    """Return the trial whose configuration won on fresh seeds; ``""`` if none was confirmed."""
    winner = manifest.get("winner") or {}
    return str(winner["trial"]) if winner.get("confirmed") else ""


def _rate_next_to_divergence(search: pd.DataFrame, finished: pd.DataFrame) -> list[Finding]:
    if finished.empty:
        return []
    best = finished.iloc[0]
    same = search[(search["optimizer"] == best["optimizer"]) & (search["outcome"] == "diverged")]
    above = same["learning_rate"][same["learning_rate"] >= best["learning_rate"]]
    if above.empty or above.min() > NEXT_TO * best["learning_rate"]:
        return []
    return [
        Finding(
            code="playbook.rate_near_divergence",
            about="curve",
            subject=str(best["trial"]),
            verdict="near divergence",
            level="warning",
            confidence=HEURISTIC,
            numbers={
                "learning_rate": float(best["learning_rate"]),
                "first_diverged": float(above.min()),
            },
            details={
                "optimizer": str(best["optimizer"]),
                "factor": float(above.min() / best["learning_rate"]),
            },
        )
    ]


def _late_noise(
    trials: pd.DataFrame, finished: pd.DataFrame, epochs: pd.DataFrame
) -> list[Finding]:
    top = finished.head(3)
    if len(top) < 2:
        return []
    difference = float(top["validation_loss"].iloc[-1] - top["validation_loss"].iloc[0])
    fresh = trials[(trials["stage"] == "confirmation") & (trials["outcome"] == "finished")]
    spreads = fresh.groupby("config")["validation_loss"].std()
    if spreads.notna().any():
        noise = float(np.sqrt((spreads**2).mean()))
    else:
        noise = late_noise(epochs[epochs["trial"].isin(top["trial"])])
    if not noise > difference:
        return []
    return [
        Finding(
            code="playbook.noise",
            about="comparison",
            verdict="noise",
            confidence=HEURISTIC,
            numbers={"difference": difference, "noise": noise},
            details={"trials": len(top), "over_seeds": bool(spreads.notna().any())},
        )
    ]


def _best_of_k(manifest: Mapping[str, Any], finished: pd.DataFrame) -> list[Finding]:
    settings = manifest.get("settings") or {}
    sampler = str(settings.get("sampler", ""))
    n = len(finished)
    planned = (manifest.get("counts") or {}).get("planned", 0)
    is_exhausted = planned < settings.get("trials", 0)
    if sampler not in PLAIN_SAMPLERS or n < FEWEST_TRIALS or is_exhausted:
        return []
    losses = finished["validation_loss"].to_numpy(dtype=np.float64)
    gain = expected_best(losses, n // 2) - float(losses.min())
    error = float(finished["validation_loss_se"].iloc[0])
    if not gain > error:
        return []
    return [
        Finding(
            code="playbook.more_trials",
            about="sweep",
            subject="trials",
            verdict="still rising",
            confidence=f"{HEURISTIC}; valid because the {sampler} sampler does not adapt",
            numbers={"gain": gain, "trials": n},
            details={"half": n // 2, "error": error, "advised": 2 * n},
        )
    ]


def _batch_size(manifest: Mapping[str, Any]) -> list[Finding]:
    bounds = (manifest.get("space_bounds") or {}).get("batch_size") or {}
    choices = bounds.get("choices")
    tuned = len(choices) > 1 if choices is not None else bounds.get("low") != bounds.get("high")
    if not tuned:
        return []
    return [tuned_batch_size("sweep")]
