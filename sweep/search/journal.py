"""The journal of a search: the Optuna study as a file that optuna-dashboard can watch live.

It is a by-product. The records of the run folder are the truth, the journal is written anew
whenever a run is opened, and only the process that holds the run's lock writes to it. So it needs
no lock of its own, and the search need not wait until it is on the disk: a trial is written twice,
when it begins and when it ends, where Optuna's `ask` and `tell` would sync about ten entries.
"""

import json
from pathlib import Path
from typing import Any, Final

import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import FrozenTrial, TrialState

from sweep.errors import StorageError

STUDY_NAME: Final = "fitgap"


class Journal:
    """Hold the Optuna study that lies at a path.

    Args:
        path: Where; a journal that is there already is replaced. The caller holds the lock of
            the run folder.
    """

    def __init__(self, path: Path) -> None:
        # Who opens a run holds its lock: a journal lock found here is a crashed process's.
        for stale in (path, path.with_name(f"{path.name}.lock")):
            stale.unlink(missing_ok=True)
        self._storage = JournalStorage(_UnsyncedFile(path))
        self.study = optuna.create_study(
            storage=self._storage, study_name=STUDY_NAME, direction="minimize"
        )
        self._study_id = self._storage.get_study_id_from_name(STUDY_NAME)
        self._identifiers: dict[int, int] = {}
        self.next_number = 0

    def add(self, trial: FrozenTrial) -> None:
        """Add a trial, which gets the next number.

        Raises:
            StorageError: Somebody else added a trial.
        """
        identifier = self._storage.create_new_trial(self._study_id, trial)
        number = self._storage.get_trial_number_from_id(identifier)
        if number != self.next_number:
            raise StorageError(
                f"study: trial {self.next_number} has number {number};"
                " something else writes to the Optuna study of this run"
            )
        self._identifiers[number] = identifier
        self.next_number += 1

    def end(
        self, number: int, state: TrialState, value: float | None = None, *, step: int | None = None
    ) -> None:
        """Note how a running trial ended.

        Args:
            number: The trial.
            state: How it ended.
            value: What it reached, if anything.
            step: The step of the value, if it is an intermediate one.
        """
        identifier = self._identifiers.pop(number)
        if value is not None and step is not None:
            self._storage.set_trial_intermediate_value(identifier, step, value)
        values = None if value is None else [value]
        self._storage.set_trial_state_values(identifier, state, values)


class _UnsyncedFile(JournalFileBackend):
    """Append without a lock, and without waiting for the disk."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self._path = path

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        """Write entries in one go, so that no reader sees half of one."""
        lines = [json.dumps(log, separators=(",", ":")) + "\n" for log in logs]
        with self._path.open("ab", buffering=0) as file:
            file.write("".join(lines).encode())
