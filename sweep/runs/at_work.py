"""A run while it works: what its manifest says of it, and what is left behind however it ends."""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from sweep.errors import StorageError
from sweep.records import TrialRecord
from sweep.runs.folder import RunFolder
from sweep.runs.manifest import count_outcomes, now
from sweep.runs.retries import set_failed_aside


@contextlib.contextmanager
def at_work(
    folder: RunFolder, *, planned: int, settings: Mapping[str, Any], retry: bool = False
) -> Iterator[tuple[dict[str, Any], list[TrialRecord]]]:
    """Keep a run to this process; write down that it runs, and how that ends.

    Args:
        folder: The run.
        planned: Trials in all.
        settings: Those that differ from the ones it began with.
        retry: Whether what failed is to be trained again.

    Yields:
        The manifest, to be changed and saved stage by stage, and the records there are; whoever
        trains adds to them.

    Raises:
        StorageError: Another process works on the run, or the disk fails.
    """
    with folder.locked():
        records = folder.repair_records()
        manifest = folder.read_manifest()
        if retry:
            records = set_failed_aside(folder, manifest, records)
        manifest["settings"] |= settings
        manifest |= {"state": "running", "finished": None}
        save_progress(folder, manifest, records, planned=planned)
        try:
            yield manifest, records
        except BaseException:
            with contextlib.suppress(StorageError):  # the first fault is the one to tell
                manifest["state"] = "interrupted"
                # Not `records`: a signal may come between the log and that list.
                planned = manifest["counts"]["planned"]  # which a budget may have changed
                save_progress(folder, manifest, folder.records(), planned=planned)
                folder.write_tables()
            raise
        manifest |= {"state": "finished", "finished": now()}
        folder.write_tables()
        save_progress(folder, manifest, records, planned=manifest["counts"]["planned"])


def save_progress(
    folder: RunFolder, manifest: dict[str, Any], records: list[TrialRecord], *, planned: int
) -> None:
    """Write the manifest, with the trials counted."""
    manifest["counts"] = count_outcomes(records, planned)
    manifest["records"] = len(records)  # lines of the log, which from now on has no fewer
    folder.write_manifest(manifest)
