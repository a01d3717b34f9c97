"""The run folder: where everything about one run is kept, and who may write to it."""

import contextlib
import json
import os
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import filelock
import pandas as pd

from sweep.errors import ConfigurationError, StorageError
from sweep.records import TrialRecord
from sweep.runs.record_log import append_record, cut_torn_tail, read_records
from sweep.safe_files import remove_leftovers, storage_error, write_file, write_json
from sweep.tables import BASELINE_TYPES, epochs_table, trials_table

SCHEMA: Final = 1
KEYS: Final = (  # of the manifest, without which nothing can be said of a run
    "state", "settings", "data", "counts", "seconds", "confirmation", "winner", "versions",
    "test_touches",
)  # fmt: skip


class RunFolder:
    """Hold the paths of a run folder, and read and write what is in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.manifest_path = path / "manifest.json"
        self.records_path = path / "records.jsonl"
        self.journal_path = path / "study.journal"
        self.baselines_path = path / "baselines.parquet"
        self.findings_path = path / "findings.json"
        self.report_path = path / "report.html"
        self.best_path = path / "best"
        self._lock_path = path / "run.lock"

    @classmethod
    def create(cls, path: Path) -> "RunFolder":
        """Make the folder of a new run.

        Raises:
            ConfigurationError: There is a run, or something else, already.
            StorageError: It cannot be made.
        """
        folder = cls(path)
        try:
            if folder.manifest_path.exists():
                raise ConfigurationError(
                    f"{path}: there is a run already; `fitgap resume {path}` continues it, or give"
                    " another --out"
                )
            if path.exists() and (not path.is_dir() or any(path.iterdir())):
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
        """
        folder = cls(path)
        try:
            found = folder.manifest_path.is_file()
        except OSError as err:
            raise storage_error(path, err) from err
        if not found:
            raise ConfigurationError(
                f"{path}: no run here, since it has no manifest.json; give the folder that"
                " `fitgap sweep` named"
            )
        return folder

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep every other process from writing to the run; the lock ends with the process.

        Raises:
            StorageError: Another process has it, or the folder is read-only.
        """
        lock = filelock.FileLock(self._lock_path, timeout=0, mode=0o644)
        owner = self._lock_path.with_suffix(".owner")
        try:
            lock.acquire()
        except filelock.Timeout as err:
            raise StorageError(
                f"{self.path}: {_holder(owner)} is working on this run; wait for it, or stop it"
                " first"
            ) from err
        except OSError as err:
            raise storage_error(self._lock_path, err) from err
        try:
            owner.write_text(f"process {os.getpid()} on {socket.gethostname()}\n")
            yield
        except OSError as err:
            raise storage_error(self.path, err) from err
        finally:
            with contextlib.suppress(OSError):
                owner.unlink(missing_ok=True)
            lock.release()

    @property
    def in_use(self) -> bool:
        """Return whether a process works on the run now."""
        if not self._lock_path.exists() or not os.access(self._lock_path, os.W_OK):
            return False
        lock = filelock.FileLock(self._lock_path, timeout=0)
        try:
            lock.acquire()
        except filelock.Timeout:
            return True
        lock.release()
        return False

    def read_manifest(self) -> dict[str, Any]:
        """Read manifest.json.

        Raises:
            StorageError: It cannot be read, is damaged, or was written by a later version.
        """
        try:
            manifest = json.loads(self.manifest_path.read_bytes())
        except OSError as err:
            raise storage_error(self.manifest_path, err) from err
        except (ValueError, RecursionError) as err:
            raise self._damaged(str(err)) from err
        if not isinstance(manifest, dict) or manifest.get("schema") != SCHEMA:
            found = manifest.get("schema") if isinstance(manifest, dict) else None
            raise StorageError(
                f"{self.manifest_path}: its schema is {found!r}, this version reads {SCHEMA};"
                " use the version of fitgap that wrote it"
            )
        if missing := [key for key in KEYS if key not in manifest]:
            raise self._damaged(f"no {', '.join(missing)}")
        return manifest

    def _damaged(self, reason: str) -> StorageError:
        return StorageError(
            f"{self.manifest_path}: it is damaged ({reason}); put back a copy of it, since it holds"
            " the settings of the run"
        )

    def write_manifest(self, manifest: Mapping[str, Any]) -> None:
        """Replace manifest.json."""
        write_json(self.manifest_path, manifest)

    def records(self) -> list[TrialRecord]:
        """Read every record, in the order in which the trials finished."""
        return read_records(self.records_path)

    def repair_records(self) -> list[TrialRecord]:
        """Clear away what a crash leaves, a torn last record first of all, and read the others."""
        for folder in (self.path, self.best_path):
            remove_leftovers(folder)
        cut_torn_tail(self.records_path)
        return self.records()

    def append_record(self, record: TrialRecord) -> None:
        """Add a record and sync it."""
        append_record(self.records_path, record)

    def tables(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Make the trials and the epochs table from the records."""
        records = self.records()
        return trials_table(records), epochs_table(records)

    def baselines(self) -> pd.DataFrame:
        """Read the baselines table; empty if there is none."""
        if not self.baselines_path.exists():
            return pd.DataFrame(columns=list(BASELINE_TYPES)).astype(BASELINE_TYPES)
        try:
            return pd.read_parquet(self.baselines_path)
        except (OSError, ValueError) as err:
            raise StorageError(
                f"{self.baselines_path}: it cannot be read ({err}); delete it, then"
                " `fitgap resume` makes it again"
            ) from err

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


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Replace a Parquet file in one step."""
    write_file(path, lambda temporary: table.to_parquet(temporary, index=False))
