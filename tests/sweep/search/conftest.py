"""Searches whose study is mirrored in a database, trained by workers with known results."""

import contextlib
import itertools

import optuna
import pytest
from optuna.storages import JournalStorage, RDBStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import TrialState

from sweep.runs.record_log import append_record, read_records
from sweep.search.loop import SearchLoop, SearchPlan
from sweep.search.rungs import Rungs
from sweep.search.storage import StudyAddress
from sweep.search.study import SearchStudy
from sweep.settings.sweep_settings import SweepSettings
from sweep.space.parsing import parse_space
from sweep.training.cohort_rule import Site

INPUTS, OUTPUTS = 64, 10
SPACE = {"depth": [1], "width": [8, 16], "optimizer": ["adam", "sgd"], "activation": ["relu"]}


class MirroredSearch:
    """Hold a folder and a study in a database, which have to end with the same trials."""

    def __init__(self, folder, address, workers_of):
        self.folder = folder
        self.address = address
        self.workers_of = workers_of

    def run(self, mirror, *, trials=20, save=lambda _: None, again=()):
        """Run, or go on with, the search whose records lie in the folder; return all its records.

        Args:
            mirror: What hears of it.
            trials: How many it has.
            save: Called with each record once it is safe.
            again: Records of trials that failed and are trained again.
        """
        settings = SweepSettings(data="digits", trials=trials, epochs=3, space=parse_space(SPACE))
        log = self.folder / "records.jsonl"
        journal = self.folder / "study.journal"
        study = SearchStudy(
            settings, inputs=INPUTS, outputs=OUTPUTS, journal=journal, mirror=mirror
        )
        rungs = Rungs(epochs=(1, 2), share=0.5)
        plan = SearchPlan(lag=5, max_failures=10, rungs=rungs, site=Site(INPUTS, OUTPUTS))
        known = {record.slot: record for record in read_records(log)}

        def append(record):
            append_record(log, record)
            save(record)

        failed = {record.slot: record for record in again}
        list(SearchLoop(study, self.workers_of(), plan, failed).run(trials, known, append))
        return read_records(log)

    def in_journal(self):
        storage = JournalStorage(JournalFileBackend(str(self.folder / "study.journal")))
        return facts(optuna.load_study(study_name="fitgap", storage=storage).trials)

    def in_database(self):
        with storage_at(self.address.url) as storage:
            return facts(optuna.load_study(study_name=self.address.study, storage=storage).trials)

    def assert_mirrored(self):
        kept = self.in_database()
        assert kept == self.in_journal()
        assert TrialState.RUNNING not in {trial[1] for trial in kept}


NAMES = (f"study-{number}" for number in itertools.count())


def facts(trials):
    """What has to be equal of trials, wherever they are kept."""
    return [
        (trial.number, trial.state, trial.values, trial.params, trial.distributions,
         trial.intermediate_values, trial.user_attrs)
        for trial in trials
    ]  # fmt: skip


@contextlib.contextmanager
def storage_at(url):
    """Use a database as any other client of Optuna does."""
    storage = RDBStorage(url.replace("{", "{{").replace("}", "}}"))
    try:
        yield storage
    finally:
        storage.remove_session()
        storage.engine.dispose()


@pytest.fixture(name="storage_at", scope="session")
def _storage_at():
    return storage_at


@pytest.fixture
def search_at(memory_path, workers_of):
    """Make a search whose study is kept at an address."""
    return lambda address: MirroredSearch(memory_path, address, workers_of)


@pytest.fixture
def address(postgres):
    """A study that is not there yet, in the database of a server that runs."""
    return StudyAddress(url=postgres.url(), study=next(NAMES), run="this run")


@pytest.fixture
def search(search_at, address):
    return search_at(address)
