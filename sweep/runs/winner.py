"""The winner of a sweep: chosen, trained once more, saved, and tested."""

import dataclasses
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sweep.data.preprocessing import (
    DESCRIPTION_FILE,
    TRANSFORMER_FILE,
    PreparedData,
    Preprocessor,
)
from sweep.errors import StorageError
from sweep.records import TrialRecord, cohort_of
from sweep.runs.confirmation import best_replicate, choose, searched
from sweep.runs.manifest import now
from sweep.runs.ranking import best_slots
from sweep.safe_files import file_digest, parse_sealed_json, seal, storage_error, write_json
from sweep.scores import Score
from sweep.training.calls import measure_test, save_network, score_network
from sweep.training.versions import versions
from sweep.training.workers import Workers

MODEL_FILE = "model.keras"
MANIFEST_FILE = "manifest.json"
PREPROCESSING_FILES = (DESCRIPTION_FILE, TRANSFORMER_FILE)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Hold the configuration that won, and the trial whose network stands for it.

    Attributes:
        searched: The trial of the search.
        saved: The replicate whose network is saved: the best by what chose the winner; the
            searched trial itself without a confirmation.
        cohort: The trials that ``saved`` was trained with, itself among them.
        entry: What the confirmation says of it, as in the manifest; None without one.
    """

    searched: TrialRecord
    saved: TrialRecord
    cohort: tuple[TrialRecord, ...]
    entry: dict[str, Any] | None


def choose_winner(
    records: Sequence[TrialRecord],
    confirmation: Sequence[dict[str, Any]],
    chosen: Score | None = None,
) -> Choice | None:
    """Choose the winner on the confirmation's seeds, or on the search without one.

    Args:
        records: Of the run.
        confirmation: As in the manifest.
        chosen: The score that chooses; None for the validation loss.

    Returns:
        None if no trial of the search finished.
    """
    search = [record for record in records if record.stage == "search"]
    entry = choose(confirmation, chosen)
    if entry is None:
        best = best_slots(search, 1, chosen)
        if not best:
            return None
        first = saved = best[0]
    else:
        first = next(record for record in search if record.slot == entry["slot"])
        fresh = (record for record in records if record.trial in entry["trials"])
        saved = best_replicate(fresh, chosen)
    return Choice(searched=first, saved=saved, cohort=tuple(cohort_of(saved, records)), entry=entry)


def save_winner(
    choice: Choice,
    prepared: PreparedData,
    workers: Workers,
    rungs: Sequence[int],
    folder: Path,
) -> dict[str, Any]:
    """Train the winner once more, and save its network with its preprocessing.

    Args:
        choice: The winner.
        prepared: The data.
        workers: Who trains it.
        rungs: The epochs at which trials of the search could be pruned.
        folder: Where model and preprocessing go.

    Returns:
        What the manifest's ``winner`` says of the files.

    Raises:
        StorageError: A file cannot be written.
    """
    try:
        folder.mkdir(exist_ok=True)
        prepared.preprocessor.save(folder)
    except OSError as err:
        raise storage_error(folder, err) from err
    path = (folder / MODEL_FILE).resolve()
    digest, difference = workers.call(save_network, choice.saved, choice.cohort, rungs, path)
    return {
        "sha256": digest,
        # JSON has no infinity: a rerun that differs in its length differs by null.
        "rerun_difference": difference if math.isfinite(difference) else None,
    }


def measure_winner(
    saved: dict[str, Any], prepared: PreparedData, workers: Workers, folder: Path, shown: Score
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Touch the test split: measure the saved network on it.

    Returns:
        The ``test`` and the ``scores`` of the manifest's ``winner``; what is not finite is None.
    """
    path = (folder / MODEL_FILE).resolve()
    test_rows = (prepared.x_test, prepared.y_test, prepared.w_test)
    values = workers.call(measure_test, path, saved["sha256"], *test_rows)
    names = ("loss", "loss_se", "score", "score_se")
    test = {
        name: value if math.isfinite(value) else None
        for name, value in zip(names, values, strict=True)
    }
    scores = workers.call(score_network, path, saved["sha256"], *test_rows)
    first = scores[shown.name]["test"]
    test |= {"score": first["value"]} | {
        f"score_{end}": first[end] for end in ("se", "low", "high")
    }
    return {**test, "rows": len(prepared.y_test)}, scores


def describe_winner(
    choice: Choice,
    saved: dict[str, Any],
    measured: tuple[dict[str, Any], dict[str, Any]],
    shown: Score,
) -> dict[str, Any]:
    """Make the manifest's ``winner``.

    Args:
        choice: The winner.
        saved: What `save_winner` returned.
        measured: What `measure_winner` returned.
        shown: The score that is shown first.
    """
    test, scores = measured
    trial, config = choice.searched, choice.searched.config
    return {
        "trial": trial.trial,
        "rank": 1 if choice.entry is None else choice.entry["rank"],
        "saved_from": choice.saved.trial,
        **saved,
        "parameters": trial.parameters,
        "config": dataclasses.asdict(config) | {"widths": list(config.widths)},
        "validation": searched(trial, shown),
        "confirmed": None if choice.entry is None else choice.entry["confirmed"],
        "test": test,
        "scores": scores,
    }


def write_winner(winner: dict[str, Any], folder: Path) -> None:
    """Write the small manifest that travels with the saved network."""
    values = {
        "schema": 1,
        "saved": now(),
        "model": MODEL_FILE,
        "versions": versions(),
        "preprocessing": {
            name: file_digest(folder / name)
            for name in PREPROCESSING_FILES
            if (folder / name).exists()
        },
        "winner": winner,
    }
    write_json(folder / MANIFEST_FILE, seal(values))


def check_preprocessing(folder: Path) -> None:
    """Check the preprocessing of a saved network against the small manifest beside it.

    Raises:
        StorageError: One of them is damaged or missing.
    """
    path = folder / MANIFEST_FILE
    try:
        small = parse_sealed_json(path.read_bytes())
        digests = dict(small.get("preprocessing", {}))  # which earlier versions did without
    except OSError as err:
        raise StorageError(f"{path}: {err.strerror}; `fitgap resume` saves it again") from err
    except (ValueError, TypeError, AttributeError) as err:
        raise StorageError(
            f"{path}: it is damaged ({err}); `fitgap resume` saves it again"
        ) from err
    for name in PREPROCESSING_FILES:
        if name in digests and file_digest(folder / name) != digests[name]:
            raise StorageError(
                f"{folder / name}: cannot be read, since it is not what the sweep saved;"
                " `fitgap resume` saves it again"
            )


def is_whole(winner: dict[str, Any], folder: Path) -> bool:
    """Return whether the files of a saved winner are there and undamaged."""
    try:
        check_preprocessing(folder)
        Preprocessor.load(folder)
        return file_digest(folder / MODEL_FILE) == str(winner["sha256"])
    except StorageError:
        return False
