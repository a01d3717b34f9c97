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
from reports.wording import loss, plural, setting
from studies.diagnosis.arrays import dense_curves, epoch_noise
from studies.findings.edges import check_edges

HEURISTIC: Final = "heuristic, error rate not measured yet"
TOP: Final = 5  # trials that stand for "the good ones"
LOST_WARNING: Final = 0.1  # share of trials that diverged or failed
LOST_ALARM: Final = 0.5
NEXT_TO: Final = 3.0  # rates within this factor are neighbours: half a decade
TOO_SHORT: Final = 0.75  # best epochs lie beyond this share of the budget
TOO_LONG: Final = 0.1
FEWEST_EPOCHS: Final = {"too short": 4, "too long": 10}  # below, the shares mean nothing
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
        *_duplicated_rows(manifest),
        *_train_rises(finished, epochs),
        *_lost_trials(search),
        *check_edges(manifest.get("space_bounds") or {}, finished),
        *_rate_next_to_divergence(search, finished),
        *_best_epoch(finished),
        *_late_noise(trials, finished, epochs),
        # Those that a pruner let finish are no independent draws: what follows would be wrong.
        *([] if (search["outcome"] == "pruned").any() else _best_of_k(manifest, finished)),
        *_batch_size(manifest),
    ]


def expected_best(losses: np.ndarray, k: int) -> float:
    """Return the expected smallest of k losses drawn without replacement from those given.

    Dodge et al. (2019), "Show Your Work", in the unbiased form of Tang et al. (2020).

    Args:
        losses: float64 [n], finite.
        k: From 1 to n.
    """
    ordered = np.sort(losses)
    n = len(ordered)
    # P(the smallest has rank i) = C(n - i, k - 1) / C(n, k), built up as a product
    weight, total, left = k / n, 0.0, n - 1
    for value in ordered:
        total += weight * float(value)
        weight *= max(left - k + 1, 0) / left if left > 0 else 0.0
        left -= 1
    return total


def _duplicated_rows(manifest: Mapping[str, Any]) -> list[Finding]:
    warnings = (manifest.get("data") or {}).get("warnings") or []
    return [
        Finding(
            code="playbook.duplicates",
            about="data",
            subject="",
            verdict="duplicates",
            sentence=f"The data hold duplicated rows: {warning}",
            next_step="Remove the copies, or keep them in one split with --group.",
            level="warning",
            confidence="exact",
        )
        for warning in warnings
        if "duplicat" in str(warning).lower()
    ]


def _train_rises(finished: pd.DataFrame, epochs: pd.DataFrame) -> list[Finding]:
    part = epochs[epochs["trial"].isin(finished["trial"])].sort_values("epoch", kind="stable")
    ends = part.groupby("trial")["running_loss"].agg(["first", "last"])
    risen = ends.index[ends["last"] > 1.01 * ends["first"] + 0.01]
    if not len(risen):
        return []
    names = finished["trial"][finished["trial"].isin(risen)]
    return [
        Finding(
            code="playbook.train_rises",
            about="curve",
            subject=str(names.iloc[0]),
            verdict="train loss rises",
            sentence=(
                f"In {len(risen)} of {plural(len(finished), 'finished trial')} the training loss "
                f"ends above where it began, {names.iloc[0]} being the best of them."
            ),
            next_step="Lower the upper end of the learning rates; look at these curves first.",
            level="alarm" if names.iloc[0] in set(finished["trial"].head(TOP)) else "warning",
            confidence=HEURISTIC,
            numbers={"trials": len(risen), "finished": len(finished)},
        )
    ]


def _lost_trials(search: pd.DataFrame) -> list[Finding]:
    lost = int(search["outcome"].isin(["diverged", "failed"]).sum())
    share = lost / len(search) if len(search) else 0.0
    if share <= LOST_WARNING:
        return []
    diverged = int((search["outcome"] == "diverged").sum())
    return [
        Finding(
            code="playbook.lost_trials",
            about="sweep",
            subject="",
            verdict="lost trials",
            sentence=(
                f"{lost} of {plural(len(search), 'trial')} ({share:.0%}) gave no network: "
                f"{diverged} diverged, {lost - diverged} failed."
            ),
            next_step="Narrow the space to where training works, or mend what failed.",
            level="alarm" if share > LOST_ALARM else "warning",
            confidence="exact",
            numbers={"lost": lost, "diverged": diverged, "trials": len(search)},
        )
    ]


def _rate_next_to_divergence(search: pd.DataFrame, finished: pd.DataFrame) -> list[Finding]:
    if finished.empty:
        return []
    best = finished.iloc[0]
    same = search[(search["optimizer"] == best["optimizer"]) & (search["outcome"] == "diverged")]
    above = same["learning_rate"][same["learning_rate"] >= best["learning_rate"]]
    if above.empty or above.min() > NEXT_TO * best["learning_rate"]:
        return []
    factor = float(above.min() / best["learning_rate"])
    return [
        Finding(
            code="playbook.rate_near_divergence",
            about="curve",
            subject=str(best["trial"]),
            verdict="near divergence",
            sentence=(
                f"The best trial's learning rate, {setting(best['learning_rate'])} "
                f"({best['optimizer']}), lies only {factor:.1f} times below the first that "
                f"diverged, {setting(above.min())}."
            ),
            next_step="Expect other seeds to diverge; a third of the rate is safer.",
            level="warning",
            confidence=HEURISTIC,
            numbers={
                "learning_rate": float(best["learning_rate"]),
                "first_diverged": float(above.min()),
            },
        )
    ]


def _best_epoch(finished: pd.DataFrame) -> list[Finding]:
    top = finished.head(TOP)
    if len(top) < TOP:
        return []
    share = float((top["best_epoch"].astype("float64") / top["epochs"]).median())
    budget = int(top["epochs"].max())
    if share > TOO_SHORT and budget >= FEWEST_EPOCHS["too short"]:
        verdict, step = "too short", f"Train for more epochs: --epochs {2 * budget}."
    elif share <= TOO_LONG and budget >= FEWEST_EPOCHS["too long"]:
        verdict, step = "too long", f"Half the epochs suffice: --epochs {budget // 2}."
    else:
        return []
    return [
        Finding(
            code=f"playbook.budget_{verdict.replace(' ', '_')}",
            about="sweep",
            subject="epochs",
            verdict=verdict,
            sentence=(
                f"The best epoch of the {TOP} best trials lies at {share:.0%} of their "
                f"{plural(budget, 'epoch')} (median): the budget is {verdict}."
            ),
            next_step=step,
            level="warning" if verdict == "too short" else "info",
            confidence=HEURISTIC,
            numbers={"share": share, "epochs": budget},
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
        noise, what = float(np.sqrt((spreads**2).mean())), "from seed to seed"
    else:
        part = epochs[epochs["trial"].isin(top["trial"])]
        noises = [epoch_noise(c.measures["validation_loss"]).deviation for c in dense_curves(part)]
        noise, what = float(np.median(np.concatenate(noises))), "from epoch to epoch, late"
    if not noise > difference:
        return []
    return [
        Finding(
            code="playbook.noise",
            about="comparison",
            subject="",
            verdict="noise",
            sentence=(
                f"The {len(top)} best trials lie {loss(difference)} apart in validation loss, less "
                f"than one standard deviation {what} ({loss(noise)}): their order is chance."
            ),
            next_step="Choose among them by size or speed, or confirm on more seeds.",
            confidence=HEURISTIC,
            numbers={"difference": difference, "noise": noise},
        )
    ]


def _best_of_k(manifest: Mapping[str, Any], finished: pd.DataFrame) -> list[Finding]:
    sampler = str((manifest.get("settings") or {}).get("sampler", ""))
    n = len(finished)
    if sampler not in PLAIN_SAMPLERS or n < FEWEST_TRIALS:
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
            sentence=(
                f"The best-of-k curve is still falling: from {n // 2} to {n} trials the expected "
                f"best validation loss fell by {loss(gain)}, more than its standard error "
                f"({loss(error)})."
            ),
            next_step=f"Run more trials: fitgap resume RUN --trials {2 * n}.",
            confidence=f"{HEURISTIC}; valid because the {sampler} sampler does not adapt",
            numbers={"gain": gain, "trials": n},
        )
    ]


def _batch_size(manifest: Mapping[str, Any]) -> list[Finding]:
    bounds = (manifest.get("space_bounds") or {}).get("batch_size") or {}
    choices = bounds.get("choices")
    tuned = len(choices) > 1 if choices is not None else bounds.get("low") != bounds.get("high")
    if not tuned:
        return []
    return [
        Finding(
            code="playbook.batch_size_tuned",
            about="sweep",
            subject="batch_size",
            verdict="tuned",
            sentence=(
                "The batch size was tuned for the validation loss. It mostly sets the speed; what "
                "it changes in the loss is undone by retuning learning rate and regularisation."
            ),
            next_step="Fix it to the largest that is fast: --set batch_size=32.",
            level="warning",
            confidence="a rule of the playbook, not measured here",
        )
    ]
