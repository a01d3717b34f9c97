"""The variance ledger of a study: what the scores scatter for."""

from typing import Final

import numpy as np
import pandas as pd

from reports.study_content import StudyTable
from reports.wording import score
from studies.answering.results import StudyResults
from studies.statistics.variance import variance_ledger

SOURCE_NAMES: Final = {
    "seed": "another seed",
    "split": "another split",
    "search": "another setting of what was tuned",
}


def ledger_table(results: StudyResults) -> StudyTable:
    """Write what the scatter of the scores is owed to: seeds, splits, the setting chosen."""
    parts = [_ledger(results, arm) for arm in results.arms]
    table = pd.concat(parts, ignore_index=True)
    measured = table[table["measured"]]
    grouped = measured.groupby("source", sort=False)["variance"]
    deviations = np.sqrt(grouped.mean())
    shown = pd.DataFrame(
        {
            "Source": [SOURCE_NAMES[source] for source in SOURCE_NAMES],
            f"Standard deviation of {results.metric}": [
                score(deviations.get(source)) if source in deviations.index else "not measured"
                for source in SOURCE_NAMES
            ],
        }
    )
    return StudyTable(
        id="ledger",
        title="What the scores scatter for",
        table=shown,
        note=(
            "Mean over the arms (Bouthillier et al. 2021). Seeds: weights, order of data and "
            "dropout. Splits are measured with --folds. Setting: between the settings tried in "
            "tuning, over and above the seeds; what not tuning would add."
        ),
    )


def _ledger(results: StudyResults, arm: str) -> pd.DataFrame:
    """Return the ledger of an arm: seeds and splits from its comparison, settings from tuning."""
    mine = results.trials[
        (results.trials["arm"] == arm) & (results.trials["outcome"] == "finished")
    ]
    frames = {
        stage: pd.DataFrame(
            {
                "score": part["validation_score"],
                "seed": part["seed"],
                "fold": part["fold"].astype("float64"),
                "candidate": part["config"],
            }
        )
        for stage, part in mine.groupby("stage")
    }
    nothing = pd.DataFrame(columns=["score", "seed", "fold", "candidate"], dtype="float64")
    compared = variance_ledger(frames.get("comparison", nothing).drop(columns="candidate"))
    tuned = variance_ledger(frames.get("tuning", nothing).drop(columns="fold"))
    return pd.concat([compared[compared["source"] != "search"], tuned[tuned["source"] == "search"]])
