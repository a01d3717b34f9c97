"""What every study says of itself: what was lost, where its tuning ended, what it cannot tell."""

import dataclasses
from collections.abc import Iterable
from typing import Any, Final

import pandas as pd

from reports.findings import Finding
from reports.wording import join, loss, plural, setting
from studies.answering.results import StudyResults
from studies.answering.words import name_some
from studies.designs.design import Arm
from studies.designs.spec import FIXED
from studies.findings.caveats import count_failures
from studies.findings.training_checks import (
    FEWEST_EPOCHS,
    HEURISTIC,
    NEXT_TO,
    TOO_LONG,
    TOO_SHORT,
    duplicated_rows,
    late_noise,
    lost_trials,
    periodic_validation,
    rising_train_loss,
    tuned_batch_size,
)

TUNED: Final = "candidates are compared on tuning seeds that the comparison does not use"


def check_study(results: StudyResults) -> list[Finding]:
    """Run the checks that every study makes, the gravest first.

    Those of the tuning playbook read the trials of the comparison.
    """
    trials = results.comparison
    finished = trials[trials["outcome"] == "finished"].sort_values("validation_loss", kind="stable")
    of_rates = [
        *rising_train_loss(finished, results.epochs),
        *lost_trials(trials),
        *_budget(finished, results),
    ]
    if any("learning_rate" in arm.scientific for arm in results.design.arms):
        # Bad rates are there on purpose: they are what the study is about.
        of_rates = [dataclasses.replace(finding, level="info") for finding in of_rates]
    return [
        *duplicated_rows(results.manifest),
        *periodic_validation(finished, results.epochs),
        *of_rates,
        *_edges(results),
        *_near_divergence(results),
        *_late_noise(finished, results),
        *_batch_size(results),
        *count_failures(results.trials),
        *_caveats(results),
    ]


def _edges(results: StudyResults) -> list[Finding]:
    """Name the arms whose tuning chose an end of what was tried: a better one may lie beyond."""
    chosen = results.comparison.drop_duplicates("arm").set_index("arm")
    found: dict[tuple[str, str], list[str]] = {}
    for arm in results.design.arms:
        if arm.name not in chosen.index:
            continue
        for key, low, high in _ranges(arm):
            value = chosen.loc[arm.name, key]
            if value in {low, high}:
                found.setdefault((key, setting(value)), []).append(arm.name)
    return [
        Finding(
            code="playbook.nuisance_edge",
            about="sweep",
            subject=key,
            verdict="best at the edge",
            sentence=(
                f"{key.replace('_', ' ').capitalize()} {value} is the end of what was tried, and "
                f"the best for {plural(len(names), 'arm')}: {name_some(names)}."
            ),
            next_step=f"Widen it: --set {key}=LOW..HIGH with this value inside.",
            level="warning" if 2 * len(names) >= len(results.design.arms) else "info",
            confidence="exact",
            numbers={"value": value, "arms": len(names)},
        )
        for (key, value), names in found.items()
    ]


def _ranges(arm: Arm) -> list[tuple[str, Any, Any]]:
    """Return each number that tuning chose, with its smallest and largest value."""
    ranges = []
    for field in dataclasses.fields(arm.candidates[0]):
        tried = {getattr(candidate, field.name) for candidate in arm.candidates}
        if len(tried) > 2 and all(isinstance(value, int | float) for value in tried):
            ranges.append((field.name, min(tried), max(tried)))
    return ranges


def _near_divergence(results: StudyResults) -> list[Finding]:
    """Name the arms that were tuned to a learning rate next to one that diverged."""
    chosen = results.comparison.drop_duplicates("arm").set_index("arm")["learning_rate"]
    tuning = results.trials[results.trials["stage"] == "tuning"]
    diverged = tuning[tuning["outcome"] == "diverged"].groupby("arm")["learning_rate"].min()
    both = pd.concat([chosen, diverged], axis=1, keys=["chosen", "diverged"]).dropna()
    near = both[both["diverged"] <= NEXT_TO * both["chosen"]]
    if near.empty:
        return []
    return [
        Finding(
            code="playbook.rate_near_divergence",
            about="curve",
            subject=str(near.index[0]),
            verdict="near divergence",
            sentence=(
                f"{plural(len(near), 'arm')} ({name_some(list(near.index))}) chose a rate at "
                f"most {NEXT_TO:g} times below one that diverged."
            ),
            next_step="Expect other seeds to diverge; a third of the rate is safer.",
            level="warning",
            confidence="exact",
            numbers={"arms": len(near)},
        )
    ]


def _budget(finished: pd.DataFrame, results: StudyResults) -> list[Finding]:
    """Name the arms that had too few epochs, or say that most would do with far fewer."""
    shares = finished["best_epoch"].astype("float64") / finished["epochs"]
    median = shares.groupby(finished["arm"]).median()
    late = [arm for arm in results.arms if median.get(arm, 0.0) > TOO_SHORT]
    early = [arm for arm in results.arms if median.get(arm, 1.0) <= TOO_LONG]
    epochs = int(results.design.fixed["epochs"])
    if late and epochs >= FEWEST_EPOCHS["too short"]:
        names, verdict, where = late, "too short", "in the last quarter"
        step = f"Compare at more epochs too: --epochs {2 * epochs}."
    elif len(early) > len(results.arms) / 2 and epochs >= FEWEST_EPOCHS["too long"]:
        names, verdict, where = early, "too long", "in the first tenth"
        step = f"Half the epochs suffice: --epochs {epochs // 2}."
    else:
        return []
    return [
        Finding(
            code=f"playbook.budget_{verdict.replace(' ', '_')}",
            subject="epochs",
            verdict=verdict,
            sentence=(
                f"In {len(names)} of {plural(len(results.arms), 'arm')} ({name_some(names)}) the "
                f"best epoch lies {where} of {plural(epochs, 'epoch')} (median over seeds): the "
                f"budget is {verdict} for them."
            ),
            next_step=step,
            level="warning" if verdict == "too short" else "info",
            confidence=HEURISTIC,
            numbers={"arms": len(names), "epochs": epochs},
        )
    ]


def _late_noise(finished: pd.DataFrame, results: StudyResults) -> list[Finding]:
    """Say whether a curve moves more from epoch to epoch than the arms lie apart."""
    means = finished.groupby("arm")["validation_loss"].mean()
    if len(means) < 2:
        return []
    part = results.epochs[results.epochs["trial"].isin(finished["trial"])]
    noise, apart = late_noise(part), float(means.max() - means.min())
    if not noise > apart:  # too few epochs to tell noise from a trend give NaN
        return []
    return [
        Finding(
            code="playbook.noise",
            about="comparison",
            verdict="noise",
            sentence=(
                f"Late in training the validation loss of a network moves by {loss(noise)} from "
                f"epoch to epoch, more than the arms lie apart ({loss(apart)})."
            ),
            next_step="Do not choose among these arms by one network; the means over seeds count.",
            confidence=HEURISTIC,
            numbers={"difference": apart, "noise": noise},
        )
    ]


def _batch_size(results: StudyResults) -> list[Finding]:
    return [tuned_batch_size("study")] if "batch_size" in results.design.nuisance else []


def _caveats(results: StudyResults) -> list[Finding]:
    """State what the study does not cover: what it held fixed, one split, one data set."""
    design = results.design
    shown = [
        f"{key.replace('_', ' ')} {setting(value)}"
        for key, value in design.fixed.items()
        if key not in {"use_bias", "shape", "initializer", "momentum"} or value != FIXED[key]
    ]
    caveats = [f"Held fixed, so that nothing is known about other values: {', '.join(shown)}."]
    if not design.folds:
        caveats.append(
            "One split into train and validation rows: the intervals are over seeds, and say "
            "nothing about another split (--folds does)."
        )
    if design.tuning_seeds:
        names = join([key.replace("_", " ") for key in _tuned(design.nuisance)])
        caveats.append(
            f"Retuned in each arm, with equal effort: {names} ({design.candidates} settings on "
            f"{plural(design.tuning_seeds, 'seed')}); {TUNED}, but the validation rows are the "
            "same."
        )
    done, planned = len(results.trials), results.manifest["counts"]["planned"]
    if results.manifest.get("state") != "finished":
        caveats.append(f"The study is not finished: {done} of {planned} trials so far.")
    return [
        Finding(
            code="study.caveats",
            verdict="caveats",
            sentence=" ".join(caveats),
            confidence="by design of the study",
            numbers={"caveats": len(caveats)},
        )
    ]


def _tuned(nuisance: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(key.partition(".")[0] for key in nuisance))
