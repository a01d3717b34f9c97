"""The arms of a study, each over its seeds: scores, gaps, verdict, cost."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from reports.study_content import StudyTable
from reports.wording import loss, score
from studies.answering.results import StudyResults, records
from studies.answering.words import Write, in_cell, measured
from studies.diagnosis.networks import ConfigVerdict, diagnose_config
from studies.diagnosis.seeds import seed_references

MEASURES: Final = (
    "validation_score",
    "train_score",
    "validation_loss",
    "train_loss",
    "score_gap",
    "loss_gap",
    "last_validation_score",
    "last_train_score",
    "last_validation_loss",
    "last_train_loss",
    "last_score_gap",
    "last_loss_gap",
)
"""Columns of the trials table that are summarised over the seeds of each arm."""


def summarise_arms(results: StudyResults) -> pd.DataFrame:
    """Summarise every arm over its comparison trials.

    Returns:
        One row an arm in the order of the design: ``arm``; its scientific values by key;
        ``learning_rate`` and ``optimizer`` as chosen; ``parameters``; ``pairs`` (finished) and
        ``lost`` (diverged or failed); the mean of each of `MEASURES`, and its ``_low`` and
        ``_high`` (95 %, see `StudyResults.interval`); the medians ``best_epoch`` and
        ``seconds_per_epoch``.
    """
    rows = []
    for arm in results.design.arms:
        trials = results.comparison[results.comparison["arm"] == arm.name]
        finished = trials[trials["outcome"] == "finished"]
        row: dict[str, Any] = {"arm": arm.name, **arm.scientific}
        chosen = trials.iloc[0] if len(trials) else None
        row["optimizer"] = None if chosen is None else chosen["optimizer"]
        row["learning_rate"] = np.nan if chosen is None else chosen["learning_rate"]
        row["parameters"] = 0 if chosen is None else int(chosen["parameters"])
        row |= {"pairs": len(finished), "lost": len(trials) - len(finished)}
        for measure in MEASURES:
            interval = results.interval(finished[measure], finished["fold"])
            row[measure] = interval.estimate
            row[f"{measure}_low"], row[f"{measure}_high"] = interval.low, interval.high
        row["best_epoch"] = float(finished["best_epoch"].astype("float64").median())
        times = finished["seconds"] / finished["epochs_trained"]
        row["seconds_per_epoch"] = float(times.median())
        rows.append(row)
    return pd.DataFrame(rows)


def judge_arms(results: StudyResults) -> Mapping[str, ConfigVerdict]:
    """Give every arm its verdict as a network, over its seeds.

    Arms that were trained on the same rows are each other's references.

    Returns:
        By arm; arms with fewer than two finished trials have none.
    """
    variants = {arm.name: arm.variant for arm in results.design.arms}
    verdicts: dict[str, ConfigVerdict] = {}
    for variant in dict.fromkeys(variants.values()):
        names = [name for name, other in variants.items() if other == variant]
        trials = results.comparison[results.comparison["arm"].isin(names)]
        # The arm is the unit: two arms may have chosen one configuration.
        trials = trials.assign(stage="confirmation", config=trials["arm"], name=trials["arm"])
        epochs = results.epochs[results.epochs["trial"].isin(trials["trial"])]
        replicated = trials[trials["outcome"] == "finished"]["arm"].value_counts()
        references = seed_references(trials, epochs) if (replicated > 1).any() else None
        for name in names:
            verdict = diagnose_config(trials, epochs, name, references=references)
            if verdict is not None:
                verdicts[name] = verdict
    return verdicts


def with_intervals(arms: pd.DataFrame, measure: str, write: Write = score) -> list[str]:
    """Write a measure of every arm with its interval, for a table.

    Args:
        arms: From `summarise_arms`, or another table with the bounds of the measure.
        measure: A column that has a ``_low`` and a ``_high``.
        write: The format of its numbers.
    """
    return [in_cell(measured(row, measure), write) for row in records(arms)]


def arms_table(
    results: StudyResults, arms: pd.DataFrame, verdicts: Mapping[str, ConfigVerdict]
) -> StudyTable:
    """Write the summary of the arms for people.

    Args:
        results: The study.
        arms: From `summarise_arms`.
        verdicts: From `judge_arms`.
    """
    metric = results.metric
    table = pd.DataFrame(
        {
            "Arm": arms["arm"],
            "Parameters": arms["parameters"].astype("int64"),
            "Optimizer": arms["optimizer"],
            "Learning rate": arms["learning_rate"].map(loss),
            f"Validation {metric}": with_intervals(arms, "validation_score"),
            f"Train {metric}": arms["train_score"].map(score),
            "Gap at the end": with_intervals(arms, "last_score_gap"),
            "Validation loss": arms["validation_loss"].map(loss),
            "Verdict": [
                verdicts[name].verdict if name in verdicts else "undecided" for name in arms["arm"]
            ],
            "Seconds an epoch": arms["seconds_per_epoch"].map(loss),
            "Networks": arms["pairs"],
            "Lost": arms["lost"],
        }
    )
    how = "means over seeds" if not results.design.folds else "means over seeds and folds"
    return StudyTable(
        id="arms",
        title="The arms",
        table=table,
        note=f"Validation, train and loss at the best epoch, {how} with 95 % t intervals; gap: "
        f"train minus validation {metric} after the last epoch.",
    )
