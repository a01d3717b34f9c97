"""The winner of a sweep: chosen, trained once more, saved, and tested."""

import dataclasses
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sweep.data.preprocessing import PreparedData
from sweep.errors import StorageError
from sweep.records import TrialRecord
from sweep.runs.confirmation import best_slots, choose, typical
from sweep.runs.manifest import now, versions
from sweep.safe_files import file_digest, storage_error, write_json
from sweep.training.workers import Workers

MODEL_FILE = "model.keras"
MANIFEST_FILE = "manifest.json"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Hold the configuration that won, and the trial whose network stands for it.

    Attributes:
        searched: The trial of the search.
        saved: The replicate whose network is saved: of the median validation loss, so that the
            confirmed score describes it; the searched trial itself without a confirmation.
        entry: What the confirmation says of it, as in the manifest; None without one.
    """

    searched: TrialRecord
    saved: TrialRecord
    entry: dict[str, Any] | None


def choose_winner(
    records: Sequence[TrialRecord], confirmation: Sequence[dict[str, Any]]
) -> Choice | None:
    """Choose the winner on the confirmation's seeds, or on the search without one.

    Returns:
        None if no trial of the search finished.
    """
    search = [record for record in records if record.stage == "search"]
    entry = choose(confirmation)
    if entry is None:
        best = best_slots(search, 1)
        return Choice(searched=best[0], saved=best[0], entry=None) if best else None
    searched = next(record for record in search if record.slot == entry["slot"])
    replicates = [record for record in records if record.trial in entry["trials"]]
    return Choice(searched=searched, saved=typical(replicates), entry=entry)


def save_winner(
    choice: Choice, prepared: PreparedData, workers: Workers, folder: Path
) -> dict[str, Any]:
    """Save the winner's network with its preprocessing, and measure it on the test split.

    Args:
        choice: The winner.
        prepared: The data.
        workers: Who trains it once more.
        folder: Where model, preprocessing and a small manifest go.

    Returns:
        The manifest's ``winner``.

    Raises:
        StorageError: A file cannot be written.
    """
    from sweep.training.best import save_network  # noqa: PLC0415 - TensorFlow loads where training is done

    path = folder / MODEL_FILE
    try:
        folder.mkdir(exist_ok=True)
        prepared.preprocessor.save(folder)
    except OSError as err:
        raise storage_error(folder, err) from err
    network = workers.call(save_network, choice.saved, path, prepared.x_test, prepared.y_test)
    loss, loss_se, score, score_se = network.test
    searched, config = choice.searched, choice.searched.config
    winner = {
        "trial": searched.trial,
        "rank": 1 if choice.entry is None else choice.entry["rank"],
        "saved_from": choice.saved.trial,
        "sha256": network.sha256,
        # JSON has no infinity: a rerun that differs in its length differs by null.
        "rerun_difference": network.difference if math.isfinite(network.difference) else None,
        "parameters": searched.parameters,
        "config": dataclasses.asdict(config) | {"widths": list(config.widths)},
        "validation": {"score": searched.validation_score, "loss": searched.validation_loss},
        "confirmed": None if choice.entry is None else choice.entry["confirmed"],
        "test": {
            "score": score,
            "score_se": score_se,
            "loss": loss,
            "loss_se": loss_se,
            "rows": len(prepared.y_test),
        },
    }
    write_json(
        folder / MANIFEST_FILE,
        {
            "schema": 1,
            "saved": now(),
            "model": MODEL_FILE,
            "versions": versions(),
            "winner": winner,
        },
    )
    return winner


def is_saved(winner: dict[str, Any] | None, choice: Choice, folder: Path) -> bool:
    """Return whether a choice has been saved and tested already, and the file is whole."""
    if winner is None or winner["saved_from"] != choice.saved.trial:
        return False
    try:
        return file_digest(folder / MODEL_FILE) == str(winner["sha256"])
    except StorageError:
        return False
