"""What manifest.json says of a run: made once, then brought up to date stage by stage."""

import contextlib
import datetime as dt
import platform
import time
import uuid
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from sweep.config import Device
from sweep.data.dataset import Dataset
from sweep.data.preprocessing import PreparedData
from sweep.data.sources import BUNDLED
from sweep.data.weights import effective_rows
from sweep.errors import DataError
from sweep.records import OUTCOMES, STUDY_STAGES, SWEEP_STAGES, TrialRecord
from sweep.runs.manifest_file import SCHEMA
from sweep.scores import scores_of
from sweep.search.rungs import make_rungs
from sweep.seeds import derive_seed
from sweep.settings.run_settings import RunSettings
from sweep.settings.sweep_settings import SweepSettings
from sweep.training.device import available_cores, find_device
from sweep.training.versions import versions


def new_manifest(
    settings: SweepSettings, dataset: Dataset, prepared: PreparedData, *, name: str, command: str
) -> dict[str, Any]:
    """Make the manifest of a sweep that has not begun."""
    return describe_run(settings, dataset, prepared, name=name, command=command) | {
        "kind": "sweep",
        "scores": describe_scores(settings.score, dataset.task),
        "space": settings.space.describe(),
        "space_bounds": settings.space.bounds(),
        "warnings": [],
        "lag": settings.lag,
        "rungs": list(make_rungs(settings.pruner or "none", settings.epochs).epochs),
        "seconds": dict.fromkeys((*SWEEP_STAGES, "baselines", "total"), 0.0),
        "counts": {},
        "confirmation": [],
        "winner": None,
        "test_touches": [],
    }


def describe_scores(chosen: str | None, task: str) -> list[dict[str, Any]]:
    """Describe the scores of a run, the one that is shown first first."""
    known = sorted(scores_of(task), key=lambda score: score.name != chosen)
    names = ("name", "key", "title", "higher", "unit", "bounds")
    values = [{name: getattr(score, name) for name in names} for score in known]
    return [value | {"bounds": list(value["bounds"])} for value in values]


def describe_run(
    settings: RunSettings, dataset: Dataset, prepared: PreparedData, *, name: str, command: str
) -> dict[str, Any]:
    """Describe what every run has: its beginning, its settings, its data and its machine."""
    return {
        "schema": SCHEMA,
        "name": name,
        "id": uuid.uuid4().hex,
        "fitgap": metadata.version("fitgap"),
        "command": command,
        "created": now(),
        "finished": None,
        "state": "created",
        "settings": settings.as_json(),
        "data": describe_data(dataset, prepared),
        "seeds": {"run": settings.seed, "split": derive_seed(settings.seed, "split")},
        "threads_per_worker": 1,
        "device": find_device(),
        "left_out": [],
        "machine": f"{platform.machine()}, {available_cores()} cores",
        "versions": versions(),
    }


def describe_data(dataset: Dataset, prepared: PreparedData) -> dict[str, Any]:
    """Describe the data set, its fingerprint and its splits."""
    training = prepared.training
    evaluated = training.evaluation_rows
    # A folder that is called as a bundled data set is none of its files.
    source = None if dataset.source in BUNDLED else Path(dataset.source)
    return {
        "name": dataset.name,
        "source": dataset.source,
        "path": str(source.resolve()) if source is not None and source.exists() else None,
        "fingerprint": dataset.fingerprint,
        "task": dataset.task,
        "target": dataset.target_name,
        "rows": len(dataset),
        "features": training.inputs,
        "input_shape": list(training.input_shape),
        "classes": list(dataset.class_names),
        "splits": {
            "train": len(training.x_train),
            "validation": len(training.x_validation),
            "test": len(prepared.x_test),
        },
        "effective_rows": None if dataset.weights is None else _effective_rows(prepared),
        "evaluation_rows": len(training.x_train) if evaluated is None else len(evaluated),
        "columns": [
            {
                "name": column.name,
                "kind": column.kind,
                "missing": column.missing,
                "distinct": column.distinct,
            }
            for column in dataset.columns
        ],
        "warnings": list(dataset.warnings),
    }


def _effective_rows(prepared: PreparedData) -> dict[str, float]:
    """Return how many rows of equal weight tell as much as each split's, to a tenth."""
    training = prepared.training
    weights = {"train": training.w_train, "validation": training.w_validation}
    return {
        split: round(effective_rows(values), 1)
        for split, values in {**weights, "test": prepared.w_test}.items()
        if values is not None
    }


def check_same_data(manifest: dict[str, Any], dataset: Dataset) -> None:
    """Refuse to go on with data other than those the run began with.

    Raises:
        DataError: The fingerprints differ.
    """
    then, current = manifest["data"]["fingerprint"], dataset.fingerprint
    if then != current:
        raise DataError(
            f"{dataset.source}: the data changed since the run began: its SHA-256 was {then} and"
            f" is {current}; put the old file back, or begin a new run"
        )


def changed_versions(manifest: dict[str, Any], device: Device) -> list[str]:
    """Return a line for each library, and the device, that is not that of the run's beginning."""
    then = {**manifest["versions"], "device": manifest.get("device", "CPU")}
    current = {**versions(), "device": device}
    return [
        f"{name} was {before} and is {current.get(name, 'missing')}"
        for name, before in then.items()
        if current.get(name) != before
    ]


def count_outcomes(records: Iterable[TrialRecord], planned: int) -> dict[str, int]:
    """Count the trials of the search, or all of a study's, by outcome."""
    stages = ("search", *STUDY_STAGES)
    outcomes = [record.outcome for record in records if record.stage in stages]
    return {"planned": planned, **{name: outcomes.count(name) for name in OUTCOMES}, "running": 0}


@contextlib.contextmanager
def timed(manifest: dict[str, Any], stage: str) -> Iterator[None]:
    """Add the time that a stage takes to those in the manifest."""
    started = time.monotonic()
    try:
        yield
    finally:
        seconds = manifest["seconds"]
        seconds[stage] += time.monotonic() - started
        seconds["total"] = sum(value for name, value in seconds.items() if name != "total")


def now() -> str:
    """Return the time as ISO 8601 in UTC, to the second."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
