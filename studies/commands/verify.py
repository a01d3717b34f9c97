"""Train a trial again and compare: `fitgap verify`."""

import argparse
import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sweep.data.dataset import TrainingData
from sweep.errors import ConfigurationError
from sweep.records import TrainingHistory, TrialRecord, cohort_of
from sweep.runs.folder import RunFolder, is_study
from sweep.runs.listed_run import prepare_sets, reopen_data
from sweep.runs.manifest import changed_versions
from sweep.runs.runner import Sweep
from sweep.settings.study_settings import StudySettings
from sweep.training.device import find_device

DIFFERENT: Final = 1
MOST_NAMED: Final = 10
EARLY: Final = 3  # epochs in which rounding has not grown yet
TOLERANCE: Final = 1e-5


def verify(options: argparse.Namespace) -> int:
    """Print ``equal`` if a trial's history comes out the same, else the largest difference."""
    path = Path(options.run)
    folder = RunFolder.open(path)
    records = folder.records()
    record = find_trial(records, options.trial)
    training = _training_data(folder, record)
    from sweep.training.best import history_difference  # noqa: PLC0415 - loads TensorFlow
    from sweep.training.reruns import rerun  # noqa: PLC0415

    cohort = [record] if options.alone else cohort_of(record, records)
    rungs = folder.read_manifest().get("rungs", ())
    try:
        history = rerun(training, record, cohort, rungs).history
    except Exception as err:  # noqa: BLE001 - whatever it was is the answer
        print(f"{record.trial}: differs; it failed this time: {err}")  # noqa: T201
        return DIFFERENT
    difference, epochs = history_difference(history, record.history), len(record.history)
    company = f", trained with its cohort of {len(cohort)}" if len(cohort) > 1 else ""
    if difference == 0:
        print(f"{record.trial}: equal in all {epochs} epochs{company}")  # noqa: T201
        return 0
    if record.cohort and len(cohort) == 1:
        early = history_difference(_first(history), _first(record.history))
        verdict = "agrees" if early <= TOLERANCE else "differs"
        print(  # noqa: T201
            f"{record.trial}: {verdict}; trained alone, while it was in a cohort, whose sums are"
            f" rounded in another order: largest difference {early:.1g} in the first"
            f" {min(EARLY, epochs)} epochs, {difference:.1g} in all {epochs}"
        )
        return 0 if verdict == "agrees" else DIFFERENT
    print(f"{record.trial}: differs; largest difference {difference:g}{company}")  # noqa: T201
    for change in changed_versions(folder.read_manifest(), find_device()):
        print(f"  since the run: {change}")  # noqa: T201
    return DIFFERENT


def _training_data(folder: RunFolder, record: TrialRecord) -> TrainingData:
    """Prepare what a trial was trained on, as its run did.

    Raises:
        DataError: The data cannot be loaded, or are not those of the run.
    """
    manifest = folder.read_manifest()
    if not is_study(manifest):
        return Sweep.open(folder.path).prepared.training
    settings = StudySettings.read(manifest["settings"])
    data = reopen_data(folder, settings)
    return prepare_sets(data, {record.variant}, seed=settings.seed)[record.variant]


def _first(history: TrainingHistory) -> TrainingHistory:
    return dataclasses.replace(history, array=history.array[:EARLY])


def find_trial(records: Sequence[TrialRecord], name: str) -> TrialRecord:
    """Return the record of a trial that can be trained again.

    Raises:
        ConfigurationError: There is no such trial, or it has no history.
    """
    known = {record.trial: record for record in records}
    if name not in known:
        names = sorted(known, key=lambda trial: (trial[:1] != "s", trial))
        if not names:
            raise ConfigurationError("TRIAL: no trial of the run has ended yet; `fitgap resume` it")
        shown = ", ".join(names if len(names) <= MOST_NAMED else [*names[:3], "...", names[-1]])
        raise ConfigurationError(
            f"TRIAL: the run has no {name!r}; its trials are {shown}: give one"
        )
    record = known[name]
    if record.outcome == "failed":
        raise ConfigurationError(
            f"TRIAL: {record.trial} failed ({record.reason}) and has no history; name another"
        )
    return record
