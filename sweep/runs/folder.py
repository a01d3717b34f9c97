"""The run folder: where everything about one run is kept, and who may write to it."""

import contextlib
import hashlib
import io
import json
import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import filelock
import pandas as pd

from sweep.errors import ConfigurationError, StorageError
from sweep.records import TrialRecord
from sweep.runs import manifest_file
from sweep.runs.entries import LOCK, OWNER, check_entries, is_free
from sweep.runs.manifest_file import BACKUP, MANIFEST, repair_command
from sweep.runs.record_log import append_record, cut_torn_tail, read_records
from sweep.safe_files import (
    CHECKSUM,
    parse_sealed_json,
    remove_leftovers,
    seal,
    storage_error,
    write_file,
    write_json,
)
from sweep.tables import BASELINE_TYPES, epochs_table, trials_table

FINDINGS_SCHEMA: Final = 1


class RunFolder:
    """Hold the paths of a run folder, and read and write what is in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.manifest_path = path / MANIFEST
        self.backup_path = path / BACKUP
        self.records_path = path / "records.jsonl"
        self.failed_path = path / "records.failed.jsonl"
        self.journal_path = path / "study.journal"
        self.baselines_path = path / "baselines.parquet"
        self.findings_path = path / "findings.json"
        self.report_path = path / "report.html"
        self.best_path = path / "best"
        self.lock_path = path / LOCK
        self.owner_path = path / OWNER

    @classmethod
    def create(cls, path: Path) -> "RunFolder":
        """Make the folder of a new run.

        Raises:
            ConfigurationError: There is a run, or something else, already.
            StorageError: It cannot be made.
        """
        folder = cls(path)
        try:
            folder._refuse_a_run()
            if path.exists() and (not path.is_dir() or not is_free(path)):
                raise ConfigurationError(f"{path}: exists and is not empty; give another --out")
            path.mkdir(parents=True, exist_ok=True)
        except OSError as err:
            raise storage_error(path, err) from err
        return folder

    @classmethod
    def open(cls, path: Path) -> "RunFolder":
        """Open the folder of a run.

        Raises:
            ConfigurationError: There is no run.
            StorageError: There is one, without its manifest or with a link in it.
        """
        folder = cls(path)
        check_entries(path)
        try:
            if folder.manifest_path.is_file():
                return folder
            # Without the manifest, one of these tells that there was a run.
            rest = (folder.backup_path, folder.records_path)
            left = next((one.name for one in rest if one.exists()), "")
            is_there = folder.manifest_path.exists()
        except OSError as err:
            raise storage_error(path, err) from err
        if is_there or left:
            fault = "it is no file" if is_there else f"it is gone, though {left} is there"
            raise StorageError(
                f"{folder.manifest_path}: {fault}; {repair_command(path)} puts back its copy, or"
                " says what is left"
            )
        raise ConfigurationError(
            f"{path}: no run here, since it has no manifest.json; give the folder that"
            " `fitgap sweep` named"
        )

    def begin(self, manifest: Mapping[str, Any]) -> None:
        """Write the first manifest of a run.

        Raises:
            ConfigurationError: Another process began a run here since the folder was made.
            StorageError: It is about to, or the manifest cannot be written.
        """
        with self.locked():
            self._refuse_a_run()
            try:
                self.write_manifest(manifest)
            except StorageError:
                # Nothing has begun: without the copy the same command can be given again.
                self.backup_path.unlink(missing_ok=True)
                raise

    def _refuse_a_run(self) -> None:
        if self.manifest_path.exists():
            raise ConfigurationError(
                f"{self.path}: there is a run already; `fitgap resume {self.path}` continues it,"
                " or give another --out"
            )

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep every other process from writing to the run; the lock ends with the process.

        Raises:
            StorageError: Another process has it, the folder is read-only, or there is a link in it.
        """
        check_entries(self.path)
        lock = filelock.FileLock(self.lock_path, timeout=0)
        owner = self.owner_path
        try:
            lock.acquire()
        except filelock.Timeout as err:
            raise StorageError(
                f"{self.path}: {_holder(owner)} is working on this run; wait for it, or stop it"
                " first"
            ) from err
        except OSError as err:
            raise storage_error(self.lock_path, err) from err
        try:
            note = f"process {os.getpid()} on {socket.gethostname()}\n"
            try:
                owner.write_text(note)
            except OSError as err:
                raise storage_error(owner, err) from err
            yield
        except OSError as err:
            where = err.filename if isinstance(err.filename, str) else self.path
            raise storage_error(Path(where), err) from err
        finally:
            with contextlib.suppress(OSError):
                owner.unlink(missing_ok=True)
            lock.release()

    @property
    def in_use(self) -> bool:
        """Return whether a process works on the run now."""
        if not self.lock_path.is_file() or not os.access(self.lock_path, os.W_OK):
            return False
        lock = filelock.FileLock(self.lock_path, timeout=0)
        try:
            lock.acquire()
        except filelock.Timeout:
            return True
        lock.release()
        return False

    def read_manifest(self) -> dict[str, Any]:
        """Read manifest.json.

        Raises:
            StorageError: It cannot be read, is damaged, or was written by a later version, or
                there is a link in the folder.
        """
        check_entries(self.path)
        return manifest_file.read_manifest(self.manifest_path)

    def current_manifest(self) -> dict[str, Any]:
        """Read manifest.json, with the state that the run is in now.

        A process that is killed leaves no word of it: the manifest goes on to say "running". With
        nobody at work on it, such a run is interrupted.

        Raises:
            StorageError: As `read_manifest`.
        """
        manifest = self.read_manifest()
        if manifest["state"] == "running" and not self.in_use:
            manifest = self.read_manifest()  # it may have ended since the first look
            if manifest["state"] == "running":
                manifest["state"] = "interrupted"
        return manifest

    def write_manifest(self, manifest: Mapping[str, Any]) -> None:
        """Replace manifest.json, and the copy that is kept of it.

        Raises:
            StorageError: They cannot be written.
        """
        manifest_file.write_manifest(self.path, manifest)

    def records(self) -> list[TrialRecord]:
        """Read every record, in the order in which the trials finished.

        Raises:
            StorageError: They cannot be read, one before the last is damaged, or there are fewer
                than the manifest counts.
        """
        # Read first: a run at work may add records, but never takes one away.
        counted = self.read_manifest().get("records", 0) if self.manifest_path.exists() else 0
        records = read_records(self.records_path)
        if len(records) < counted:
            raise StorageError(
                f"{self.records_path}: line {len(records) + 1} is damaged or gone, and {counted}"
                f" lines were written; put back a copy of the file, or let"
                f" {repair_command(self.path)} note that, then `fitgap resume` trains the missing"
                " trials again"
            )
        return records

    def repair_records(self) -> list[TrialRecord]:
        """Clear away what a crash leaves, a torn last record first of all, and read the others.

        Raises:
            StorageError: As `records`; nothing is cut off then.
        """
        for folder in (self.path, self.best_path):
            remove_leftovers(folder)
        records = self.records()
        self.baselines()  # a damaged file is refused now, and not after hours of work
        cut_torn_tail(self.records_path)
        return records

    def append_record(self, record: TrialRecord) -> None:
        """Add a record and sync it."""
        append_record(self.records_path, record)

    def tables(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Make the trials and the epochs table from the records."""
        records = self.records()
        return trials_table(records), epochs_table(records)

    def baselines(self) -> pd.DataFrame:
        """Read the baselines table; empty if there is none."""
        path = self.baselines_path
        if not path.exists():
            return pd.DataFrame(columns=list(BASELINE_TYPES)).astype(BASELINE_TYPES)
        try:
            table = pd.read_parquet(io.BytesIO(path.read_bytes()))
            sealed = table.attrs.pop(CHECKSUM, None)  # which earlier versions did without
            whole = sealed is None or sealed == _table_checksum(table)
        except OSError as err:
            raise self._damaged_baselines(err.strerror or str(err)) from err
        except Exception as err:  # a damaged file makes pandas and Arrow raise anything
            raise self._damaged_baselines(str(err)) from err
        if not whole:
            raise self._damaged_baselines("its content is not what its checksum was made of")
        return table

    def write_baselines(self, table: pd.DataFrame) -> None:
        """Write baselines.parquet, with a checksum of its content."""
        sealed = table.copy()
        sealed.attrs[CHECKSUM] = _table_checksum(table)
        write_table(self.baselines_path, sealed)

    def findings(self) -> list[Any]:
        """Read what findings.json holds; nothing if it is not written yet.

        Raises:
            StorageError: It cannot be read, or is damaged.
        """
        if not self.findings_path.exists():
            return []
        try:
            return list(parse_sealed_json(self.findings_path.read_bytes())["findings"])
        except OSError as err:
            reason = err.strerror or str(err)
            raise self._damaged_findings(reason) from err
        except (ValueError, KeyError, TypeError) as err:
            raise self._damaged_findings(str(err)) from err

    def write_findings(self, findings: Sequence[Mapping[str, Any]]) -> None:
        """Replace findings.json."""
        content = {"schema": FINDINGS_SCHEMA, "findings": list(findings)}
        write_json(self.findings_path, seal(content))

    def _damaged_baselines(self, reason: str) -> StorageError:
        told = " ".join(reason.split())  # Arrow's reasons are of several lines
        return StorageError(
            f"{self.baselines_path}: it cannot be read ({told}); delete it, or let"
            f" {repair_command(self.path)} do so, then `fitgap resume` makes it again"
        )

    def _damaged_findings(self, reason: str) -> StorageError:
        return StorageError(
            f"{self.findings_path}: it cannot be read ({reason}); {repair_command(self.path)}"
            " writes it anew"
        )

    def write_tables(self) -> None:
        """Write trials.parquet and epochs.parquet, made from the records."""
        for name, table in zip(("trials", "epochs"), self.tables(), strict=True):
            write_table(self.path / f"{name}.parquet", table)


def is_study(manifest: Mapping[str, Any]) -> bool:
    """Return whether a run is a study's, not a sweep's, by its manifest."""
    return manifest.get("kind") == "study"


def _holder(owner: Path) -> str:
    """Return who has the lock; its note may be gone by now, or not yet there."""
    try:
        return owner.read_text().strip() or "another process"
    except OSError:
        return "another process"


def _table_checksum(table: pd.DataFrame) -> str:
    text = json.dumps([list(table.columns), table.to_numpy(dtype=object).tolist()])
    return hashlib.sha256(text.encode()).hexdigest()


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Replace a Parquet file in one step."""
    write_file(path, lambda temporary: table.to_parquet(temporary, index=False))
