"""Train a trial again and compare: `fitgap verify`."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sweep.errors import ConfigurationError
from sweep.records import TrialRecord
from sweep.runs.folder import RunFolder
from sweep.runs.runner import Sweep

DIFFERENT: Final = 1
MOST_NAMED: Final = 10


def verify(options: argparse.Namespace) -> int:
    """Print ``equal`` if a trial's history comes out the same, else the largest difference."""
    path = Path(options.run)
    record = find_trial(RunFolder.open(path).records(), options.trial)
    run = Sweep.open(path)
    from sweep.training.best import history_difference  # noqa: PLC0415 - loads TensorFlow
    from sweep.training.workers import train_trial  # noqa: PLC0415

    result = train_trial(run.prepared.training, record.trial, record.config)
    difference = history_difference(result.history, record.history)
    if difference == 0:
        print(f"{record.trial}: equal in all {len(record.history)} epochs")  # noqa: T201
        return 0
    if result.outcome == "failed":
        print(f"{record.trial}: differs; it failed this time: {result.reason}")  # noqa: T201
    else:
        print(f"{record.trial}: differs; largest difference {difference:g}")  # noqa: T201
    for change in run.version_changes:
        print(f"  since the run: {change}")  # noqa: T201
    return DIFFERENT


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
