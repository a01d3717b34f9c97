"""An Optuna study in a database: who may write to it, and what can go wrong with the server.

Every connection takes the study's advisory lock before it is used, so that whoever writes is the
only one who does, also after a server that was restarted has forgotten all locks. A connection
that is lost is not replaced behind our back: whether the last transaction was committed is then
unknown, and has to be looked up before anything is written again.
"""

import dataclasses
import hashlib
import logging
import os
import re
import socket
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import optuna
import sqlalchemy
from optuna.exceptions import OptunaError
from optuna.storages import RDBStorage
from optuna.storages._rdb import models
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from sweep.errors import ConfigurationError
from sweep.settings.storage_address import POSTGRESQL, mask_passwords

if TYPE_CHECKING:
    import psycopg  # an extra

RUN: Final = "fitgap:run"  # the attribute of a study that names its run
CHUNK: Final = 500  # trials deleted by one statement
LONGEST: Final = 300  # characters of a reason
LIMITS: Final = {  # seconds, and milliseconds for the last, after which a silent server is given up
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
STATEMENT_TIMEOUT: Final = "-c statement_timeout=60s"
HOLDER: Final = """
    select a.pid, a.application_name from pg_locks l join pg_stat_activity a using (pid)
    where l.locktype = 'advisory' and l.granted and l.objsubid = 1
      and l.database = (select oid from pg_database where datname = current_database())
      and (l.classid::bigint << 32 | l.objid::bigint) = %s
"""


class ConnectionLostError(Exception):
    """The connection to the database broke; what it did last may have been committed or not."""


class StudyInUseError(Exception):
    """Another process writes to the study."""


class StudyChangedError(Exception):
    """Somebody else wrote to the study."""


class ForeignStudyError(Exception):
    """The study belongs to another run."""


FAULTS: Final = (  # that may pass; another process may end, and what was changed can be mended
    OptunaError,
    SQLAlchemyError,
    ConnectionLostError,
    StudyInUseError,
    StudyChangedError,
    KeyError,  # Optuna's, of a study that somebody deleted
    ValueError,  # Optuna's, of a trial that somebody added
)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class StudyAddress:
    """Hold where the study of a run is kept.

    Attributes:
        url: The database, as `sweep.settings.storage_address.read_address` returns it.
        study: Name of the study.
        run: What tells the run from every other one.
    """

    url: str
    study: str
    run: str


class StudyDatabase:
    """Hold the connection to a study in a database; to be used by one thread at a time.

    Every method raises one of `FAULTS`, and some `ForeignStudyError`.
    """

    def __init__(self, address: StudyAddress) -> None:
        """Connect to nothing yet.

        Raises:
            ConfigurationError: The driver is not installed.
        """
        self._address = address
        self._storage: RDBStorage | None = None
        self._study: int | None = None
        self._may_connect = True
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        for name in ("sqlalchemy.pool", "psycopg", "psycopg.pool"):
            logging.getLogger(name).setLevel(logging.CRITICAL)  # what they say is an error here
        try:
            make_url(address.url).get_dialect().import_dbapi()
        except ImportError as err:
            raise ConfigurationError(
                "storage: PostgreSQL needs the package psycopg, which is not installed; install it"
                " with `pip install 'fitgap[postgresql]'`"
            ) from err

    def connect(self) -> None:
        """Connect, anew if need be, and take the study's lock; make the tables that are missing."""
        self._may_connect = True
        try:
            if self._storage is None:
                self._storage = self._make_storage()
            self._storage.engine.dispose()
            with self._storage.engine.connect():
                pass
        finally:
            self._may_connect = False

    def claim(self, *, make: bool) -> None:
        """Make sure that the study is this run's.

        Args:
            make: Whether to make it if it is not there.

        Raises:
            ForeignStudyError: It belongs to another run.
        """
        storage, name = self._connected, self._address.study
        try:
            study = storage.get_study_id_from_name(name)
        except KeyError:
            if not make:
                return
            study = storage.create_new_study([StudyDirection.MINIMIZE], name)
        attributes = storage.get_study_user_attrs(study)
        # One without anything is ours if we died between making and signing it, or nobody's.
        if RUN not in attributes and storage.get_all_trials(study, deepcopy=False):
            raise ForeignStudyError
        if attributes.get(RUN, self._address.run) != self._address.run:
            raise ForeignStudyError
        if make:
            if RUN not in attributes:
                storage.set_study_user_attr(study, RUN, self._address.run)
            self._study = study

    def read(self) -> list[FrozenTrial]:
        """Return the trials in the order in which they were made."""
        trials = self._connected.get_all_trials(self._claimed, deepcopy=False)
        return sorted(trials, key=lambda trial: trial._trial_id)  # noqa: SLF001 - no public way

    def add(self, trial: FrozenTrial, number: int) -> FrozenTrial:
        """Add a trial as it stands, and return it as it would be read.

        Raises:
            StudyChangedError: It did not get this number.
        """
        storage, study = self._connected, self._claimed
        identifier = storage.create_new_trial(study, trial)
        if storage.get_trial_id_from_study_id_trial_number(study, number) != identifier:
            raise StudyChangedError(f"somebody else added a trial to {self._address.study!r}")
        return as_stored(trial, identifier)

    def end(self, stored: FrozenTrial, trial: FrozenTrial) -> FrozenTrial:
        """End a trial that is running there, and return it as it would be read."""
        identifier = stored._trial_id  # noqa: SLF001 - no public way
        for step, value in trial.intermediate_values.items():
            self._connected.set_trial_intermediate_value(identifier, step, value)
        if not self._connected.set_trial_state_values(identifier, trial.state, trial.values):
            raise StudyChangedError(f"somebody else ended a trial of {self._address.study!r}")
        return as_stored(trial, identifier)

    def delete(self, trials: Sequence[FrozenTrial]) -> None:
        """Delete trials, for which Optuna has no way of its own."""
        identifiers = [trial._trial_id for trial in trials]  # noqa: SLF001 - no public way
        tables = [
            table
            for table in reversed(models.BaseModel.metadata.sorted_tables)  # what refers first
            if "trial_id" in table.columns
        ]
        with self._connected.engine.begin() as connection:
            for start in range(0, len(identifiers), CHUNK):
                chunk = identifiers[start : start + CHUNK]
                for table in tables:
                    connection.execute(table.delete().where(table.c.trial_id.in_(chunk)))

    def close(self) -> None:
        """Let go of the connection, and with it of the lock."""
        if self._storage is not None:
            self._storage.remove_session()
            self._storage.engine.dispose()

    @property
    def place(self) -> str:
        """Return the address as it may be shown."""
        return make_url(self._address.url).render_as_string(hide_password=True)

    @property
    def _connected(self) -> RDBStorage:
        if self._storage is None:
            raise ConnectionLostError("not connected")
        return self._storage

    @property
    def _claimed(self) -> int:
        if self._study is None:
            raise KeyError(self._address.study)
        return self._study

    def _make_storage(self) -> RDBStorage:
        url = self._address.url
        engine = sqlalchemy.create_engine(
            url,
            pool_size=1,
            max_overflow=1,  # Optuna uses a second connection while it looks at the tables
            pool_pre_ping=True,
            connect_args=_connect_arguments(url),
        )
        # Optuna fills in what stands in braces.
        escaped = url.replace("{", "{{").replace("}", "}}")
        try:
            storage = RDBStorage(escaped, engine_kwargs={"pool": engine.pool})
        except BaseException:
            engine.dispose()
            raise
        sqlalchemy.event.listen(storage.engine, "connect", self._prepare)
        return storage

    def _prepare(self, connection: Any, _: object) -> None:  # noqa: ANN401 - of either driver
        """Take the lock with a connection that is new, or close it; called by SQLAlchemy."""
        if not self._may_connect:
            connection.close()
            raise ConnectionLostError("the connection to the database was lost")
        if self._address.url.startswith(POSTGRESQL):
            try:
                _take_lock(connection, self._address.study)
            except BaseException:
                connection.close()
                raise


def as_stored(trial: FrozenTrial, identifier: int) -> FrozenTrial:
    """Return a trial as it is read from a database where it has this identifier."""
    return FrozenTrial(
        number=trial.number,
        state=trial.state,
        value=None,
        values=trial.values,
        datetime_start=trial.datetime_start,
        datetime_complete=trial.datetime_complete,
        params=trial.params,
        distributions=trial.distributions,
        user_attrs=trial.user_attrs,
        system_attrs=trial.system_attrs,
        intermediate_values=trial.intermediate_values,
        trial_id=identifier,
    )


def reason_of(err: BaseException) -> str:
    """Return what a database said, in one line without passwords."""
    if isinstance(err, OptunaError) and err.__cause__ is not None:
        err = err.__cause__  # Optuna's own words say nothing
    if isinstance(err, DBAPIError) and err.orig is not None:
        err = err.orig  # without SQLAlchemy's statement and advice
    if isinstance(err, KeyError):
        return "somebody deleted the study or one of its trials"
    lines = str(err).splitlines() or [type(err).__name__]
    return mask_passwords(" ".join(lines[0].split()))[:LONGEST]


def _connect_arguments(url: str) -> dict[str, Any]:
    """Return what is told to the driver beside the address, which has the last word."""
    address = make_url(url)
    if not url.startswith(POSTGRESQL):
        return {}
    given = {name: value for name, value in address.query.items() if name in LIMITS}
    options = address.query.get("options", "")
    host = re.sub(r"[^\w.-]", "?", socket.gethostname(), flags=re.ASCII)[:40]
    return {
        **LIMITS,
        **given,
        "options": f"{STATEMENT_TIMEOUT} {options if isinstance(options, str) else ''}".strip(),
        "application_name": f"fitgap on {host}, process {os.getpid()}",  # 63 bytes are kept
    }


def _take_lock(connection: "psycopg.Connection[Any]", study: str) -> None:
    """Take the advisory lock of a study, which the session keeps until it ends.

    Raises:
        StudyInUseError: Another session has it.
    """
    digest = hashlib.sha256(f"fitgap study {study}".encode(errors="surrogateescape")).digest()
    key = int.from_bytes(digest[:8], signed=True)
    with connection.cursor() as cursor:
        held = cursor.execute("select pg_try_advisory_lock(%s)", (key,)).fetchone()
        holder = None if held == (True,) else cursor.execute(HOLDER, (key,)).fetchone()
    connection.commit()
    if held == (True,):
        return
    # What the server tells of other users' sessions depends on their rights.
    name = (holder and holder[1]) or "another process"
    backend = f" (backend {holder[0]})" if holder else ""
    raise StudyInUseError(f"{name} is writing to the study {study!r}{backend}")
