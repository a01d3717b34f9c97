import optuna
import pytest
from optuna.distributions import FloatDistribution
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import TrialState, create_trial

from sweep.errors import StorageError
from sweep.search.journal import Journal


@pytest.fixture(autouse=True, scope="module")
def _quiet():
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    yield
    optuna.logging.set_verbosity(before)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "study.journal"


def running(value=0.5):
    return create_trial(
        state=TrialState.RUNNING, params={"x": value}, distributions={"x": FloatDistribution(0, 1)}
    )


def load(path):
    """Open the journal as optuna-dashboard does."""
    storage = JournalStorage(JournalFileBackend(str(path)))
    return optuna.load_study(study_name="fitgap", storage=storage)


def test_any_reader_sees_every_trial_and_the_best(path):
    journal = Journal(path)
    for place in range(4):
        journal.add(running(place / 10))
    journal.end(0, TrialState.COMPLETE, 0.3)
    journal.end(1, TrialState.PRUNED, 0.7, step=2)
    journal.end(2, TrialState.FAIL)

    study = load(path)

    assert [trial.state for trial in study.trials] == [
        TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL, TrialState.RUNNING,
    ]  # fmt: skip
    assert [trial.params["x"] for trial in study.trials] == [0.0, 0.1, 0.2, 0.3]
    assert study.trials[1].intermediate_values == {2: 0.7}
    assert (study.best_value, study.best_params) == (0.3, {"x": 0.0})
    assert study.trials[0].datetime_complete >= study.trials[0].datetime_start


def test_the_study_of_the_journal_is_what_a_reader_sees(path):
    journal = Journal(path)
    journal.add(running())
    journal.end(0, TrialState.COMPLETE, 0.3)
    journal.add(running())

    assert journal.study.trials == load(path).trials


def test_a_reader_that_is_there_from_the_start_follows(path):
    journal = Journal(path)
    reader = load(path)
    assert reader.trials == []
    journal.add(running())
    assert [trial.state for trial in reader.trials] == [TrialState.RUNNING]
    journal.end(0, TrialState.COMPLETE, 0.3)
    assert [trial.value for trial in reader.trials] == [0.3]


def test_a_trial_is_two_entries_and_nothing_waits_for_the_disk(path, monkeypatch):
    def synced(_):
        pytest.fail("the journal was synced")

    journal = Journal(path)
    before = len(path.read_bytes().splitlines())
    monkeypatch.setattr("os.fsync", synced)
    journal.add(running())
    journal.end(0, TrialState.COMPLETE, 0.3)

    assert len(path.read_bytes().splitlines()) == before + 2


def test_a_journal_that_is_there_is_replaced(path):
    Journal(path).add(running())
    path.with_name("study.journal.lock").symlink_to(path)

    assert Journal(path).study.trials == []
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_who_else_writes_is_found_out(path):
    journal = Journal(path)
    journal.add(running())
    load(path).ask()

    with pytest.raises(StorageError, match=r"^study: trial 1 has number 2; something else writes"):
        journal.add(running())


def test_a_trial_ends_once(path):
    journal = Journal(path)
    journal.add(running())
    journal.end(0, TrialState.FAIL)

    with pytest.raises(KeyError):
        journal.end(0, TrialState.COMPLETE, 0.1)
