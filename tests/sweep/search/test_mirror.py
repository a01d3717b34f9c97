"""A real server that is restarted, stopped, frozen, full or changed by others, under a search."""

import contextlib
import dataclasses
import itertools
import select
import signal
import socket
import threading
import time

import psycopg
import pytest
from optuna.trial import TrialState, create_trial

from sweep.errors import StorageError
from sweep.runs.record_log import append_record
from sweep.search import mirror as mirror_module
from sweep.search.mirror import check_storage, open_mirror
from sweep.search.storage import StudyAddress
from sweep.training.tasks import TrialResult
from tests.postgres import CONNECTIONS, PASSWORD


def test_the_database_has_the_trials_of_the_journal(address, search):
    with open_mirror(address) as mirror:
        search.run(mirror)
        assert mirror.finish() is None

    search.assert_mirrored()
    states = {trial[1] for trial in search.in_database()}
    assert states == {TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL}


def test_a_mirror_changes_no_trial(address, search_at, search, same_trials, tmp_path):
    alone = search_at(address)
    alone.folder = tmp_path
    with open_mirror(address) as mirror:
        same_trials(search.run(mirror), alone.run(None))
        mirror.finish()


class StoppedError(Exception):
    """Ends a search as a crash would."""


def stop_after(count):
    """Return what ends a search when so many records are saved."""
    saved = itertools.count(1)

    def save(_):
        if next(saved) == count:
            raise StoppedError

    return save


@pytest.mark.parametrize("count", [1, 13])
def test_a_search_that_was_interrupted_leaves_no_zombie_and_no_double(count, address, search):
    with pytest.raises(StoppedError), open_mirror(address) as mirror:
        search.run(mirror, save=stop_after(count))
    with open_mirror(address) as mirror:
        search.run(mirror)
        assert mirror.finish() is None

    search.assert_mirrored()


def test_trials_that_are_there_are_not_written_again(address, search, postgres):
    for _ in range(2):
        with open_mirror(address) as mirror:
            search.run(mirror)
            mirror.finish()
        newest = postgres.sql("select max(trial_id), count(*) from trials", "first")

    with open_mirror(address) as mirror:
        search.run(mirror)
        mirror.finish()

    assert postgres.sql("select max(trial_id), count(*) from trials", "first") == newest


@pytest.mark.parametrize("trials", [22, 27])
def test_a_search_that_is_extended_ends_as_one_that_was_planned_longer(trials, address, search):
    for count in (19, trials):  # the last batch asks for slots that are not yet planned
        with open_mirror(address) as mirror:
            search.run(mirror, trials=count)
            assert mirror.finish() is None

        search.assert_mirrored()


@pytest.mark.slow
def test_a_restarted_server_loses_nothing_and_doubles_nothing(address, search, postgres):
    restarts = []

    def restart(_):
        if len(restarts) < 4:
            restarts.append(time.monotonic())
            postgres.stop((signal.SIGINT, signal.SIGQUIT)[len(restarts) % 2])
            postgres.start()
            time.sleep(0.3)  # so that some is written before the next one

    with open_mirror(address) as mirror:
        search.run(mirror, trials=25, save=restart)
        assert mirror.finish() is None

    assert len(restarts) == 4
    search.assert_mirrored()


@pytest.mark.slow
def test_a_server_that_is_restarted_all_the_time_loses_nothing(address, search, postgres):
    finished, restarts = threading.Event(), []

    def keep_restarting():
        while not finished.wait(1.0):
            postgres.stop((signal.SIGINT, signal.SIGQUIT)[len(restarts) % 2])
            postgres.start()
            restarts.append(time.monotonic())

    with open_mirror(address) as mirror:
        thread = threading.Thread(target=keep_restarting)
        thread.start()
        try:
            search.run(mirror, trials=120)
            assert mirror.finish() is None
        finally:
            finished.set()
            thread.join()

    assert len(restarts) >= 3
    search.assert_mirrored()


class Proxy(threading.Thread):
    """Stand between driver and server; swallow the answer to every eighth new trial's commit."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.server = ("127.0.0.1", port)
        self.new_trials = self.swallowed = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]

    def run(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                server = socket.create_connection(self.server)
                threading.Thread(target=self.forward, args=(client, server)).start()

    def forward(self, client, server):
        is_new = False
        with client, server, contextlib.suppress(OSError):
            while True:
                for source in select.select([client, server], [], [])[0]:
                    data = source.recv(65_536)
                    if not data:
                        return
                    (server if source is client else client).sendall(data)
                    if source is server:
                        continue
                    is_new = is_new or b"Distribution" in data  # of a hyperparameter
                    if b"COMMIT" in data:
                        self.new_trials += is_new
                        if is_new and self.new_trials % 8 == 0:
                            assert server.recv(100).startswith(b"C")  # it is done
                            self.swallowed += 1
                            return
                        is_new = False

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.join(5)


@pytest.mark.slow
def test_a_commit_whose_answer_is_lost_doubles_no_trial(postgres, search_at):
    proxy = Proxy(postgres.port)
    proxy.start()
    with contextlib.closing(proxy):
        url = postgres.url().replace(str(postgres.port), str(proxy.port))
        search = search_at(StudyAddress(url=url, study="through a proxy", run="this run"))
        with open_mirror(search.address) as mirror:
            search.run(mirror)
            assert mirror.finish() is None
    assert proxy.swallowed >= 2

    search.address = dataclasses.replace(search.address, url=postgres.url())
    search.assert_mirrored()
    ((span, count),) = postgres.sql(
        "select max(trial_id) - min(trial_id) + 1, count(*) from trials join studies"
        f" using (study_id) where study_name = '{search.address.study}'", "first",
    )  # fmt: skip
    assert span == count  # none was written twice and deleted again


@pytest.mark.slow
def test_a_server_that_is_down_for_a_while_delays_no_trial(address, search, postgres):
    with open_mirror(address) as mirror:
        postgres.stop()
        search.run(mirror)
        assert len(search.in_journal()) >= 20  # while there is no server
        timer = threading.Timer(1.0, postgres.start)
        timer.start()
        assert mirror.finish() is None
        timer.join()

    search.assert_mirrored()


@pytest.mark.slow
def test_a_server_that_stays_down_is_given_up_and_made_good_by_a_resume(
    address, search, postgres, monkeypatch
):
    monkeypatch.setattr(mirror_module, "PATIENCE", 0.5)
    with open_mirror(address) as mirror:
        postgres.stop()
        search.run(mirror)
        fault = mirror.finish()

    assert fault.startswith("storage: connection failed: ")
    assert fault.endswith(
        "what the run has finished is safe, `fitgap resume` writes the study again"
    )
    assert len(fault.splitlines()) == 1
    assert PASSWORD not in fault
    postgres.start()
    monkeypatch.setattr(mirror_module, "PATIENCE", 60.0)
    with open_mirror(address) as mirror:
        search.run(mirror)
        assert mirror.finish() is None
    search.assert_mirrored()


@pytest.fixture
def read_only(postgres):
    """A database that can be read and not written, as with a full disk."""
    setting = "alter database first set default_transaction_read_only ="
    yield lambda: postgres.sql(f"{setting} on")
    postgres.sql(f"{setting} off")


@pytest.mark.slow
def test_a_database_that_can_only_be_read_is_given_up(
    address, search, postgres, monkeypatch, read_only
):
    monkeypatch.setattr(mirror_module, "PATIENCE", 1.0)
    with open_mirror(address) as mirror:
        search.run(mirror, trials=10)
        mirror.add(create_trial(state=TrialState.RUNNING))
        while mirror._pending:
            time.sleep(0.01)
        time.sleep(0.3)
        read_only()
        postgres.sql("select pg_terminate_backend(pid) from pg_stat_activity"
                     " where usename = 'sweeper'")  # fmt: skip
        mirror.end(len(mirror._wanted) - 1, TrialState.COMPLETE, 0.5, None)
        waiting = threading.Thread(target=mirror.finish)
        waiting.start()
        waiting.join(20)
        assert not waiting.is_alive()

    assert "in a read-only transaction; " in mirror.finish()


@pytest.mark.slow
def test_a_server_that_does_not_answer_ends_the_waiting(address, search, postgres, monkeypatch):
    monkeypatch.setattr(mirror_module, "PATIENCE", 0.5)
    monkeypatch.setattr(mirror_module, "LONGEST_DELAY", 0.5)
    monkeypatch.setattr(mirror_module, "GOODBYE", 0.1)
    with open_mirror(address) as mirror:
        postgres.freeze(frozen=True)
        try:
            search.run(mirror)
            assert mirror.finish().startswith("storage: the server does not answer; ")
        finally:
            postgres.freeze(frozen=False)
    mirror._thread.join(10)
    assert not mirror._thread.is_alive()
    mirror.close()


@pytest.mark.slow
def test_a_connection_that_is_cut_while_nothing_is_written_is_made_again(address, search, postgres):
    with open_mirror(address) as mirror:
        search.run(mirror)
        time.sleep(0.2)
        ended = postgres.sql(
            "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'sweeper'"
        )
        assert ended == [(True,)]
        assert mirror.finish() is None

    search.assert_mirrored()


def take_all_connections(postgres, others):
    where = f"host=127.0.0.1 port={postgres.port} user=sweeper dbname=first"
    with contextlib.suppress(psycopg.OperationalError):
        for _ in range(CONNECTIONS):
            others.enter_context(psycopg.connect(where))


@pytest.mark.slow
def test_others_that_take_all_connections_are_waited_for(address, search, postgres):
    with contextlib.ExitStack() as others, open_mirror(address) as mirror:
        time.sleep(0.3)  # until it has nothing to do
        postgres.stop()
        postgres.start()
        take_all_connections(postgres, others)
        search.run(mirror)
        timer = threading.Timer(1.0, others.close)
        timer.start()
        assert mirror.finish() is None
        timer.join()

    search.assert_mirrored()


def test_without_a_free_connection_nothing_begins(address, postgres, monkeypatch):
    monkeypatch.setattr(mirror_module, "START_PATIENCE", 0.3)
    with contextlib.ExitStack() as others:
        take_all_connections(postgres, others)

        with pytest.raises(StorageError, match=r"^storage: .*remaining connection slots are"):
            check_storage(address.url, address.study)


@pytest.mark.slow
def test_what_others_do_to_the_study_is_mended(address, search, storage_at):
    def meddle(record):
        if record.slot not in {8, 14}:
            return
        while mirror._pending:  # who deletes what is being written may fail
            time.sleep(0.01)
        time.sleep(0.3)
        with storage_at(address.url) as storage:
            study = storage.get_study_id_from_name(address.study)
            if record.slot == 8:
                storage.create_new_trial(study)
            else:
                storage.delete_study(study)

    with open_mirror(address) as mirror:
        search.run(mirror, save=meddle)
        assert mirror.finish() is None

    search.assert_mirrored()


def test_a_trial_that_somebody_changed_or_took_away_is_written_again(address, search, postgres):
    with open_mirror(address) as mirror:
        search.run(mirror)
        mirror.finish()
    numbered = (
        "trial_id = (select trial_id from trials join studies using (study_id)"
        f" where study_name = '{address.study}' and number = {{}})"
    )
    postgres.sql(f"update trial_values set value = 0.123 where {numbered.format(17)}", "first")
    for table in ("trial_params", "trial_values", "trial_intermediate_values",
                  "trial_user_attributes", "trials"):  # fmt: skip
        postgres.sql(f"delete from {table} where {numbered.format(11)}", "first")
    assert search.in_database() != search.in_journal()

    with open_mirror(address) as mirror:
        search.run(mirror)
        assert mirror.finish() is None

    search.assert_mirrored()


def test_a_file_of_sqlite_is_a_database_too(search_at, tmp_path):
    address = StudyAddress(url=f"sqlite:///{tmp_path}/all {{}}.db", study="a", run="this run")
    search = search_at(address)
    with pytest.raises(StoppedError), open_mirror(address) as mirror:
        search.run(mirror, save=stop_after(9))
    with open_mirror(address) as mirror:
        search.run(mirror)
        assert mirror.finish() is None

    search.assert_mirrored()


def test_what_failed_and_is_trained_again_is_written_again(search_at, tmp_path, workers_of):
    address = StudyAddress(url=f"sqlite:///{tmp_path}/study.db", study="a", run="this run")
    search = search_at(address)
    with open_mirror(address) as mirror:
        records = search.run(mirror)
        assert mirror.finish() is None
    failed = [record for record in records if record.outcome == "failed"]
    (search.folder / "records.jsonl").unlink()
    for record in records:
        if record.outcome != "failed":
            append_record(search.folder / "records.jsonl", record)
    finished = next(record for record in records if record.outcome == "finished")
    search.workers_of = lambda: workers_of(None, lambda trial, _: as_result(trial, finished))
    with open_mirror(address) as mirror:
        search.run(mirror, again=failed)
        assert mirror.finish() is None

    search.assert_mirrored()
    slots = {record.slot for record in failed}
    states = {trial[1] for trial in search.in_database() if trial[-1].get("slot") in slots}
    assert slots
    assert TrialState.FAIL not in states


def as_result(trial, record):
    return TrialResult(
        trial=trial, outcome="finished", reason="", seconds=0.1, history=record.history
    )
