"""The journal of a search: the Optuna study as a file that optuna-dashboard can watch live.

It is a by-product. The records of the run folder are the truth, the journal is written anew
whenever a run is opened, and only the process that holds the run's lock writes to it. So it needs
no lock of its own, and the search need not wait until it is on the disk: a trial is written twice,
when it begins and when it ends, where Optuna's `ask` and `tell` would sync about ten entries.
"""

import json
from collections.abc import Container
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import FrozenTrial, TrialState

from sweep.errors import StorageError
from sweep.safe_files import storage_error

if TYPE_CHECKING:
    from sweep.search.mirror import Mirror  # SQLAlchemy, which most runs do without

STUDY_NAME: Final = "fitgap"


class Journal:
    """Hold the Optuna study that lies at a path.

    Args:
        path: Where; a journal that is there already is replaced. The caller holds the lock of
            the run folder.
        mirror: Hears of everything that is written, if there is one.
    """

    def __init__(self, path: Path, mirror: "Mirror | None" = None) -> None:
        self._mirror = mirror
        # Who opens a run holds its lock: a journal lock found here is a crashed process's.
        for stale in (path, path.with_name(f"{path.name}.lock")):
            stale.unlink(missing_ok=True)
        self._storage = _ListedStorage(_UnsyncedFile(path))
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
        self._storage.listed.append(self._storage.get_trial(identifier))
        self.next_number += 1
        if self._mirror is not None:
            self._mirror.add(trial)

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
        self._storage.listed[number] = self._storage.get_trial(identifier)
        if self._mirror is not None:
            self._mirror.end(number, state, value, step)


class _ListedStorage(JournalStorage):
    """Keep the list of the trials, which Optuna makes anew whenever a sampler asks for it.

    Attributes:
        listed: The trials as they stand, by number; the journal, the only writer, keeps it.
    """

    def __init__(self, backend: JournalFileBackend) -> None:
        super().__init__(backend)
        self.listed: list[FrozenTrial] = []

    def get_all_trials(
        self,
        study_id: int,
        deepcopy: bool = True,  # noqa: FBT001, FBT002 - Optuna's signature
        states: Container[TrialState] | None = None,
    ) -> list[FrozenTrial]:
        if deepcopy or states is not None:
            return super().get_all_trials(study_id, deepcopy, states)
        return self.listed


class _UnsyncedFile(JournalFileBackend):
    """Append without a lock, and without waiting for the disk."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self._path = path

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        """Write entries in one go, so that no reader sees half of one."""
        lines = [json.dumps(log, separators=(",", ":")) + "\n" for log in logs]
        content = "".join(lines).encode()
        try:
            with self._path.open("ab", buffering=0) as file:
                while content:  # a disk that is nearly full takes a part
                    content = content[file.write(content) :]
        except OSError as err:
            raise storage_error(self._path, err) from err
