"""A mirror of the search's study, in a database that others can watch.

The search itself works on the journal of the run folder, whatever becomes of the database. One
thread writes to the database what the journal was told, and tries again as long as that may help.
So no fault of the database changes what is asked, delays a trial or loses one: at worst the run
ends without its mirror, says so, and `fitgap resume` writes the study again.
"""

import collections
import contextlib
import copy
import datetime as dt
import random
import threading
import time
from collections.abc import Iterator
from typing import Final

from optuna.trial import FrozenTrial, TrialState

from sweep.errors import ConfigurationError, FitgapError, StorageError
from sweep.search.storage import (
    FAULTS,
    ForeignStudyError,
    StudyAddress,
    StudyDatabase,
    StudyInUseError,
    reason_of,
)
from sweep.search.study_copy import StudyCopy

PATIENCE: Final = 600.0  # seconds without any success after which a run goes on without it
START_PATIENCE: Final = 5.0  # the same before anything has begun
FIRST_DELAY: Final = 0.1
LONGEST_DELAY: Final = 15.0
GOODBYE: Final = 2.0  # seconds that an interrupted run waits for the statement under way
FATAL: Final = (  # parts of what libpq and the server say, in vain to try again
    "password authentication failed",
    "no password supplied",
    "does not exist",
    "no pg_hba.conf entry",
    "permission denied",
    "failed to resolve host",
    "invalid ",
    "unable to open database file",
)


class Mirror:
    """Keep a copy of the study in a database, in a thread of its own."""

    def __init__(self, database: StudyDatabase, *, patience: float = PATIENCE) -> None:
        """Begin to write.

        Args:
            database: The study, connected and claimed.
            patience: Seconds without any success after which it gives up.
        """
        self._copy = StudyCopy(database)
        self._database = database
        self._patience = patience
        self._wanted: list[FrozenTrial] = []
        self._pending = collections.deque[int]()
        self._changed = threading.Condition()
        self._closing = self._stopped = False
        self._progress = time.monotonic()
        self._failures = 0
        self._fault: str | None = None
        self._thread = threading.Thread(target=self._work, name="mirror", daemon=True)
        self._thread.start()

    def add(self, trial: FrozenTrial) -> None:
        """Note a trial, which has the next number."""
        with self._changed:
            self._wanted.append(trial)
            self._pending.append(len(self._wanted) - 1)
            self._changed.notify_all()

    def end(self, number: int, state: TrialState, value: float | None, step: int | None) -> None:
        """Note how a trial ended; the arguments are those of `sweep.search.journal.Journal.end`."""
        ended = copy.copy(self._wanted[number])
        ended.state, ended.datetime_complete = state, dt.datetime.now()  # noqa: DTZ005 - as Optuna
        if value is not None:
            ended.values = [value]
            ended.intermediate_values = {} if step is None else {step: value}
        with self._changed:
            self._wanted[number] = ended
            self._pending.append(number)
            self._changed.notify_all()

    def finish(self) -> str | None:
        """Wait until everything is in the database, as long as there is hope.

        Returns:
            What is wrong, in one line; None if the database has the whole study.
        """
        with self._changed:
            self._closing, self._progress = True, time.monotonic()
            self._changed.notify_all()
        while self._thread.is_alive():
            self._thread.join(1.0)
            # The thread cannot say so itself while the server does not answer at all.
            if time.monotonic() - self._progress > self._patience + LONGEST_DELAY:
                return self._lost("the server does not answer")
        return self._fault

    def close(self) -> None:
        """Stop writing, whether or not everything is written."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        self._thread.join(GOODBYE)
        if not self._thread.is_alive():
            self._database.close()

    def _work(self) -> None:
        found = False
        while not self._stopped:
            try:
                if not found:
                    self._find()
                    found = True
                self._follow()
            except FAULTS as err:
                found = False
                if time.monotonic() - self._progress > self._patience:
                    self._fault = self._lost(reason_of(err))
                    return
                self._wait()
            except ForeignStudyError:
                self._fault = self._lost("the study is another run's by now")
                return
            except Exception as err:  # noqa: BLE001 - whatever it is, the run has to go on
                self._fault = self._lost(f"unexpected {type(err).__name__}: {reason_of(err)}")
                return
            else:
                return

    def _find(self) -> None:
        """Connect anew if that broke, and look what there is."""
        if self._failures:
            self._database.connect()
            self._database.claim(make=True)
        self._copy.read()
        self._look_again()

    def _follow(self) -> None:
        """Write until all is written and nothing more can come."""
        looked_again = False
        while True:
            number, before = self._next(), self._copy.changes
            if self._stopped:
                return
            if number is not None:
                if self._copy.settle(number, self._wanted[number]):
                    self._look_again()
            elif looked_again:
                self._copy.cut(len(self._wanted))  # what an interrupted run had asked for beyond
                return
            else:
                self._copy.read()  # the proof that the whole study is there
                self._look_again()
                looked_again = True
            if self._copy.changes > before:  # to read is no success: a full disk allows it
                self._failures, self._progress = 0, time.monotonic()

    def _next(self) -> int | None:
        """Wait for the next trial to settle; return None when there will be no more."""
        with self._changed:
            if not self._pending and not self._closing:
                self._changed.wait_for(lambda: self._pending or self._closing or self._stopped)
                self._progress = time.monotonic()  # there was nothing to do before
            return self._pending.popleft() if self._pending else None

    def _look_again(self) -> None:
        """Settle every trial again: most only have to be compared."""
        with self._changed:
            self._pending = collections.deque(range(len(self._wanted)))

    def _wait(self) -> None:
        """Wait before the next attempt: twice as long each time, and never in step with others."""
        with self._changed:
            self._changed.wait_for(lambda: self._stopped, timeout=_delay(self._failures))
        self._failures += 1

    def _lost(self, reason: str) -> str:
        return (
            f"storage: {reason}; {self._database.place} may lack trials: what the run has finished"
            " is safe, `fitgap resume` writes the study again"
        )


@contextlib.contextmanager
def open_mirror(address: StudyAddress) -> Iterator[Mirror]:
    """Connect to the study's database, and keep the study there as long as the context lasts.

    Raises:
        ConfigurationError: The driver is not installed, or the study is another run's.
        StorageError: The database cannot be used, or another process writes to the study.
    """
    database = _open(address, make=True)
    mirror = Mirror(database, patience=PATIENCE)
    try:
        yield mirror
    finally:
        mirror.close()


def check_storage(url: str, study: str) -> None:
    """Find out whether a study could be kept, before there is a run, and make nothing but tables.

    Args:
        url: The database.
        study: The study, of which there must be none yet.

    Raises:
        ConfigurationError: The driver is not installed, or there is such a study.
        StorageError: The database cannot be used, or another process writes to the study.
    """
    _open(StudyAddress(url=url, study=study, run=""), make=False).close()


def _open(address: StudyAddress, *, make: bool) -> StudyDatabase:
    """Connect and claim the study; what passes within seconds is waited for."""
    database = StudyDatabase(address)
    try:
        _insist(database, make=make)
    except (*FAULTS, ForeignStudyError, RuntimeError) as err:  # the last is Optuna's, of old tables
        database.close()
        raise _told(err, database, address.study) from err
    return database


def _insist(database: StudyDatabase, *, make: bool) -> None:
    """Try until it works, patience ends, or there is no hope."""
    started, failures = time.monotonic(), 0
    while True:
        try:
            database.connect()
            database.claim(make=make)
        except FAULTS as err:
            reason = reason_of(err)
            if time.monotonic() - started > START_PATIENCE or any(part in reason for part in FATAL):
                raise
            time.sleep(_delay(failures))
            failures += 1
        else:
            return


def _told(err: Exception, database: StudyDatabase, study: str) -> FitgapError:
    """Say what keeps a run from beginning, and what can be done."""
    if isinstance(err, ForeignStudyError):
        return ConfigurationError(
            f"storage: {database.place} has a study {study!r} that is not of this run; give"
            " another --out, whose name the study takes, or delete that one with"
            " `optuna delete-study`"
        )
    if isinstance(err, StudyInUseError):
        return StorageError(
            f"storage: {reason_of(err)}; wait for it, stop it first, or go on without the database"
            " by --storage none"
        )
    return StorageError(
        f"storage: {reason_of(err)}; see that {database.place} can be reached and its password is"
        " in PGPASSWORD or ~/.pgpass, or go on without it by --storage none"
    )


def _delay(failures: int) -> float:
    """Return the seconds to wait after some failures in a row."""
    longest: float = min(LONGEST_DELAY, FIRST_DELAY * 2 ** min(failures, 10))
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
