"""Repair of a damaged run folder: the truth is mended first, then what is made from it.

Everything but the manifest and the records is made from these two, here or by `fitgap resume`.
Each step can be done again, so that a repair may be interrupted at any time.
"""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd

from sweep.errors import ConfigurationError, StorageError
from sweep.records import TrialRecord
from sweep.runs.folder import RunFolder, is_study, write_table
from sweep.runs.manifest import count_outcomes
from sweep.runs.repair_truth import (
    DAMAGED_RECORDS,
    Checked,
    repair_failed,
    repair_manifest,
    repair_records,
)
from sweep.runs.winner import MANIFEST_FILE, MODEL_FILE, PREPROCESSING_FILES, is_whole
from sweep.safe_files import remove_leftovers, set_aside, storage_error
from sweep.settings.sweep_settings import SweepSettings
from sweep.tables import epochs_table, trials_table

NEW_TRIAL: Final = 4  # the code of an entry in Optuna's journal that begins a trial


def find_damaged_run(path: Path) -> RunFolder:
    """Find a run that may lack anything, and see that it can be locked and read.

    Raises:
        ConfigurationError: There is none.
        StorageError: One of its files may not be read.
    """
    folder = RunFolder(path)
    traces = (folder.manifest_path, folder.backup_path, folder.records_path)
    try:
        if not any(os.path.lexists(trace) for trace in traces):
            raise ConfigurationError(
                f"{path}: no run here, since it has neither manifest.json nor records.jsonl; give"
                " the folder that `fitgap sweep` named"
            )
        unread = [file for file in _files(folder) if file.exists() and not os.access(file, os.R_OK)]
    except OSError as err:
        raise storage_error(path, err) from err
    if unread:
        raise StorageError(
            f"{file}: Permission denied; give permission to read it, then repair the run"
            for file in unread
        )
    # Whatever stands in the place of the lock, which is an empty file: nobody can hold it.
    for file in (folder.lock_path, folder.owner_path):
        if os.path.lexists(file) and not file.is_file():
            set_aside(file)
    return folder


def repair_run(folder: RunFolder) -> list[Checked]:
    """Check every file of a run but its conclusions, and repair what can be repaired.

    The caller holds the run's lock. A run that was finished is interrupted from now on if it lacks
    what `fitgap resume` makes again.

    Returns:
        One entry for each file, and one for each damaged record.

    Raises:
        StorageError: The disk fails, or another version of fitgap wrote the run.
    """
    checked = _clear_places(folder)
    manifest, found = repair_manifest(folder)
    checked += found
    records, found = repair_records(folder, manifest)
    checked += [*found, *repair_failed(folder)]
    checked += _repair_tables(folder, records)
    if manifest is not None:
        if not is_study(manifest):
            checked += _check_baselines(folder, manifest)
            checked += _check_network(folder, manifest)
        waits = any(one.state == "resume" for one in checked)
        _update_manifest(folder, manifest, records, waits=waits)
        if not is_study(manifest):
            checked += _repair_journal(folder, manifest, records)
    return checked


def _files(folder: RunFolder) -> list[Path]:
    """List where a run keeps files."""
    best = [folder.best_path / name for name in (MODEL_FILE, *PREPROCESSING_FILES, MANIFEST_FILE)]
    return [
        folder.manifest_path, folder.backup_path, folder.records_path, folder.failed_path,
        folder.path / DAMAGED_RECORDS, folder.path / "trials.parquet",
        folder.path / "epochs.parquet", folder.baselines_path, folder.journal_path,
        folder.findings_path, folder.report_path, *best,
    ]  # fmt: skip


def _clear_places(folder: RunFolder) -> list[Checked]:
    """Rename what is no file where a file should be, and no folder where one should be."""
    for place in (folder.path, folder.best_path):
        remove_leftovers(place)
    wrong = [path for path in _files(folder) if os.path.lexists(path) and not path.is_file()]
    if os.path.lexists(folder.best_path) and not folder.best_path.is_dir():
        wrong.append(folder.best_path)
    return [
        Checked(
            name=str(path.relative_to(folder.path)),
            state="rebuilt",
            text=f"what stood in its place is now {set_aside(path).name}",
        )
        for path in wrong
    ]


def _repair_tables(folder: RunFolder, records: Sequence[TrialRecord]) -> list[Checked]:
    """Make the tables that are not what the records say."""
    checked = []
    for name, make in (("trials", trials_table), ("epochs", epochs_table)):
        path, table = folder.path / f"{name}.parquet", make(records)
        if not records and not path.exists():
            continue
        if _holds(path, table):
            checked.append(Checked(name=path.name, state="whole"))
            continue
        write_table(path, table)
        text = f"made again from the {len(records)} records"
        checked.append(Checked(name=path.name, state="rebuilt", text=text))
    return checked


def _holds(path: Path, table: pd.DataFrame) -> bool:
    """Return whether a file holds a table, value by value."""
    try:
        found = pd.read_parquet(path)
    except Exception:  # noqa: BLE001 - a damaged file makes pandas and Arrow raise anything
        return False
    return found.equals(table)


def _check_baselines(folder: RunFolder, manifest: Mapping[str, Any]) -> list[Checked]:
    path, again = folder.baselines_path, "`fitgap resume` fits them again"
    if not path.exists():
        if manifest["state"] != "finished" or not manifest["settings"].get("baselines"):
            return []
        return [Checked(name=path.name, state="resume", text=f"they are gone; {again}")]
    try:
        folder.baselines()
    except StorageError:
        text = f"they are damaged and now {set_aside(path).name}; {again}"
        return [Checked(name=path.name, state="resume", text=text)]
    return [Checked(name=path.name, state="whole")]


def _check_network(folder: RunFolder, manifest: Mapping[str, Any]) -> list[Checked]:
    winner, name = manifest["winner"], folder.best_path.name
    if winner is None:
        return []
    if is_whole(winner, folder.best_path):
        return [Checked(name=name, state="whole")]
    text = "a file of it is damaged or gone; `fitgap resume` trains its network again and saves it"
    return [Checked(name=name, state="resume", text=text)]


def _repair_journal(
    folder: RunFolder, manifest: Mapping[str, Any], records: Sequence[TrialRecord]
) -> list[Checked]:
    """Write the journal again if it cannot be read to its end, or lacks a trial of the search."""
    path = folder.journal_path
    search = [record for record in records if record.stage == "search"]
    if not path.exists() and not search:
        return []
    if _count_trials(path) >= len(search):
        return [Checked(name=path.name, state="whole")]
    from sweep.search.study import SearchStudy  # noqa: PLC0415 - Optuna, for a damaged journal only

    data = manifest["data"]
    study = SearchStudy(
        SweepSettings.read(manifest["settings"]),
        inputs=data["features"],
        outputs=len(data["classes"]) if data["task"] == "multiclass" else 1,
        journal=path,
    )
    try:
        for record in sorted(search, key=lambda record: record.slot):
            study.restore(record, told=True)
    except StorageError as err:  # a record that is not of the run's space, which resume refuses
        path.unlink()
        text = f"removed, since it cannot be written again ({err}); nothing is read from it"
        return [Checked(name=path.name, state="rebuilt", text=text)]
    text = f"written again from the {len(search)} records of the search"
    return [Checked(name=path.name, state="rebuilt", text=text)]


def _count_trials(path: Path) -> int:
    """Count the trials of a journal; -1 if it cannot be read to its end."""
    try:
        *lines, rest = path.read_bytes().split(b"\n")
        entries = [json.loads(line)["op_code"] for line in lines]
    except (OSError, ValueError, TypeError, KeyError):
        return -1
    return entries.count(NEW_TRIAL) if rest == b"" else -1


def _update_manifest(
    folder: RunFolder,
    manifest: Mapping[str, Any],
    records: Sequence[TrialRecord],
    *,
    waits: bool,
) -> None:
    """Note how many records there are, and that a run whose parts are missing is not finished."""
    planned = manifest["counts"].get("planned", manifest["settings"].get("trials", 0))
    noted = {**manifest, "records": min(manifest.get("records", len(records)), len(records))}
    if noted["records"] != manifest.get("records") or (waits and manifest["state"] == "finished"):
        noted["counts"] = count_outcomes(records, planned)
    if waits and manifest["state"] == "finished":
        noted |= {"state": "interrupted", "finished": None}
    if noted != manifest:
        folder.write_manifest(noted)
