"""Failed trials that are trained again: their records leave the log, and are kept beside it.

The log holds one line a trial, as ever, so that nobody who reads it has to know of this. What it
lacks is trained by whoever opens the run, with the configuration and the seed of the record kept.
"""

from collections.abc import Sequence
from typing import Any

from sweep.records import TrialRecord
from sweep.runs.folder import RunFolder
from sweep.runs.record_log import read_lines
from sweep.safe_files import write_bytes


def failed_before(folder: RunFolder) -> dict[str, TrialRecord]:
    """Return the latest record that was set aside of each trial, by the trial."""
    lines = read_lines(folder.failed_path)
    return {line.record.trial: line.record for line in lines if line.record is not None}


def can_be_retried(records: Sequence[TrialRecord]) -> set[str]:
    """Return the trials that failed, but for those on whose results others of a study rest."""
    rests = any(record.stage in {"comparison", "probe"} for record in records)
    return {
        record.trial
        for record in records
        if record.outcome == "failed" and not (rests and record.stage == "tuning")
    }


def kept_records(records: Sequence[TrialRecord], *, retry: bool) -> list[TrialRecord]:
    """Return the records that count, once what failed is trained again or not."""
    again = can_be_retried(records) if retry else set()
    return [record for record in records if record.trial not in again]


def set_failed_aside(
    folder: RunFolder, manifest: dict[str, Any], records: Sequence[TrialRecord]
) -> list[TrialRecord]:
    """Take what failed out of the log; a crash at any time leaves it there or here.

    The caller holds the lock of the run, whose log is whole.

    Args:
        folder: The run.
        manifest: Of the run, which counts the records.
        records: Those of the log.

    Returns:
        The records that are left.

    Raises:
        StorageError: The disk fails.
    """
    again = can_be_retried(records)
    if not again:
        return list(records)
    lines = read_lines(folder.records_path)
    failed = [line.content for line in lines if line.record and line.record.trial in again]
    left = [line for line in lines if line.record and line.record.trial not in again]
    before = [line.content for line in read_lines(folder.failed_path)]
    write_bytes(folder.failed_path, b"".join(one + b"\n" for one in dict.fromkeys(before + failed)))
    manifest["records"] = len(left)  # first, since the log may have more lines, but never fewer
    folder.write_manifest(manifest)
    write_bytes(folder.records_path, b"".join(line.content + b"\n" for line in left))
    return kept_records(records, retry=True)
