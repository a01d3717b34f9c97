"""Train a trial again and compare: `fitgap verify`."""

import argparse
from pathlib import Path

from sweep.errors import ConfigurationError
from sweep.runs.runner import Sweep

DIFFERENT = 1


def verify(options: argparse.Namespace) -> int:
    """Print ``equal`` if a trial's history comes out the same, else the largest difference."""
    run = Sweep.open(Path(options.run))
    records = {record.trial: record for record in run.folder.records()}
    if options.trial not in records:
        known = ", ".join(list(records)[:5]) or "none yet"
        raise ConfigurationError(
            f"TRIAL: the run has no {options.trial!r}; its trials are {known} ... see its report"
        )
    record = records[options.trial]
    if record.outcome == "failed":
        raise ConfigurationError(
            f"TRIAL: {record.trial} failed ({record.reason}), so there is no history to compare"
        )
    from sweep.training.best import history_difference  # noqa: PLC0415 - loads TensorFlow
    from sweep.training.workers import train_trial  # noqa: PLC0415

    result = train_trial(run.prepared.training, record.trial, record.config)
    difference = history_difference(result.history, record.history)
    if difference == 0:
        print(f"{record.trial}: equal in all {len(record.history)} epochs")  # noqa: T201
        return 0
    print(f"{record.trial}: differs; largest difference {difference:g}")  # noqa: T201
    for change in run.version_changes:
        print(f"  since the run: {change}")  # noqa: T201
    return DIFFERENT
