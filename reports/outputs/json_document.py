"""The conclusion of a run as one JSON document, for programs. docs/outputs.md describes it."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from reports.content import SweepContent
from reports.findings import Finding
from reports.outputs.facts import run_facts
from reports.outputs.summary import Summary, summarise
from reports.study_content import StudyContent
from reports.tables.scores import score_table
from reports.words.saying import finding_json, say, say_trial

SCHEMA: Final = 1
MOST_ROWS: Final = 10  # of the trials
MOST_TABLE_ROWS: Final = 200  # of a study's table, as on its page
RUN_KEYS: Final = (
    "name", "state", "created", "finished", "command", "fitgap", "seeds", "threads_per_worker",
    "device", "machine", "versions", "warnings",
)  # fmt: skip
DATA_KEYS: Final = (
    "name", "source", "fingerprint", "task", "target", "rows", "features", "input_shape", "classes",
    "splits", "effective_rows", "warnings",
)  # fmt: skip

VERDICT_COLUMNS: Final = (  # those that have no namesake in the trials table
    "trial", "verdict", "gap", "gap_low", "gap_high", "onset_epoch", "learning_rate_verdict",
)  # fmt: skip
WINNER_NUMBERS: Final = ("gap", "gap_low", "gap_high", "onset_epoch")


def json_document(content: SweepContent | StudyContent) -> dict[str, Any]:
    """Gather what a program may want to know of a run.

    Args:
        content: A sweep or a study, finished or not.

    Returns:
        Only what JSON holds: NaN and infinity are None. The same for the same content.
    """
    summary, manifest = summarise(content), content.manifest
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "kind": summary.kind,
        "headline": summary.headline,
        "paragraph": list(summary.paragraph),
        "facts": run_facts(content),
        "findings": [finding_json(finding) for finding in content.findings],
        "run": {key: manifest.get(key) for key in RUN_KEYS},
        "data": {key: content.data.get(key) for key in DATA_KEYS},
        "settings": manifest.get("settings") or {},
        "counts": manifest.get("counts") or {},
        "seconds": manifest.get("seconds") or {},
        "test_touches": manifest.get("test_touches") or [],
        **(_study(content, summary) if isinstance(content, StudyContent) else _sweep(content)),
    }
    plain: dict[str, Any] = _plain(document)
    return plain


def _sweep(content: SweepContent) -> dict[str, Any]:
    trials = content.trials
    finished = trials[(trials["stage"] == "search") & (trials["outcome"] == "finished")]
    best = content.score.best_first(finished).head(MOST_ROWS)
    said = {row["trial"]: say_trial(row).sentence for row in _rows(content.verdicts)}
    best = best.merge(content.verdicts[list(VERDICT_COLUMNS)], on="trial", how="left")
    best["sentence"] = best["trial"].map(said)
    return {
        "space": content.manifest.get("space") or {},
        "winner": content.winner,
        "winner_verdict": _winner_verdict(content.network_finding),
        "confirmation": content.manifest.get("confirmation") or [],
        "scores": _rows(score_table(content)),
        "baselines": _rows(content.baselines),
        "best_trials": _rows(best),
    }


def _winner_verdict(finding: Finding | None) -> dict[str, Any] | None:
    if finding is None:
        return None
    numbers = {name: finding.numbers.get(name) for name in WINNER_NUMBERS}
    return {"verdict": finding.verdict, "sentence": say(finding).sentence, **numbers}


def _study(content: StudyContent, summary: Summary) -> dict[str, Any]:
    return {
        "question": summary.question,
        "answer": content.answer,
        "design": content.design,
        "tables": [
            {
                "id": one.id,
                "title": one.title,
                "note": one.note,
                "columns": [str(name) for name in one.table.columns],
                "rows": one.table.head(MOST_TABLE_ROWS).to_numpy(dtype=object).tolist(),
                "all_rows": len(one.table),
            }
            for one in content.tables
        ],
    }


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever a manifest or a table holds
    """Return a value as JSON has it, all the way down."""
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Sequence):
        return [_plain(one) for one in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, bool | int | float) else str(value)
