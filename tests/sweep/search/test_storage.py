"""Who may write to a study, and what is wrong with a database that is refused."""

import os
import sys
import threading
import time

import optuna
import pytest

from sweep.errors import ConfigurationError, StorageError
from sweep.search import mirror as mirror_module
from sweep.search.mirror import check_storage, open_mirror
from sweep.search.storage import StudyAddress, StudyDatabase
from tests.postgres import PASSWORD


def test_a_second_driver_is_refused_and_told_who_is_the_first(address, monkeypatch):
    monkeypatch.setattr(mirror_module, "START_PATIENCE", 0.3)
    with open_mirror(address):
        name = f"fitgap on {os.uname().nodename[:40]}, process {os.getpid()}"
        with pytest.raises(StorageError) as caught, open_mirror(address):
            pass
    fault = str(caught.value)
    assert fault.startswith(f"storage: {name} is writing to the study '{address.study}' (backend ")
    with open_mirror(address) as mirror:  # the first is gone
        assert mirror.finish() is None


@pytest.mark.slow
def test_a_driver_that_lost_its_lock_to_another_writes_nothing_more(
    address, search, postgres, monkeypatch
):
    monkeypatch.setattr(mirror_module, "PATIENCE", 0.5)
    with open_mirror(address) as mirror:
        time.sleep(0.3)  # until it has nothing to do
        postgres.stop()
        postgres.start()
        other = StudyDatabase(address)
        other.connect()
        search.run(mirror)
        fault = mirror.finish()
        other.close()

    assert "is writing to the study" in fault
    assert search.in_database() == []


def test_runs_of_one_database_do_not_wait_for_each_other(address, postgres):
    other = StudyAddress(url=postgres.url(), study="beside it", run="another")
    with open_mirror(address) as one, open_mirror(other) as two:
        assert (one.finish(), two.finish()) == (None, None)


def test_a_study_of_another_run_is_refused(address, search):
    with open_mirror(address) as mirror:
        search.run(mirror)
        mirror.finish()
    before = search.in_database()
    other = StudyAddress(url=address.url, study=address.study, run="another run")

    refused = rf"^storage: postgresql\S+ has a study '{address.study}' that is not of this run; "
    with pytest.raises(ConfigurationError, match=refused), open_mirror(other):
        pass
    with pytest.raises(ConfigurationError, match=refused):
        check_storage(address.url, address.study)
    assert search.in_database() == before


def test_a_study_that_somebody_filled_is_refused_and_an_empty_one_is_taken(address, storage_at):
    with storage_at(address.url) as storage:
        study = storage.create_new_study([optuna.study.StudyDirection.MINIMIZE], address.study)
        with open_mirror(address) as mirror:
            assert mirror.finish() is None
        storage.delete_study(study)
        study = storage.create_new_study([optuna.study.StudyDirection.MINIMIZE], address.study)
        storage.create_new_trial(study)
        with (
            pytest.raises(ConfigurationError, match="that is not of this run"),
            open_mirror(address),
        ):
            pass


def test_a_check_leaves_no_study_behind(address, storage_at):
    check_storage(address.url, address.study)

    with storage_at(address.url) as storage, pytest.raises(KeyError):
        storage.get_study_id_from_name(address.study)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"user": "nobody-of-that-name"}, "password authentication failed for user"),
        ({"database": "none-of-that-name"}, 'database "none-of-that-name" does not exist'),
        ({"database": "postgres"}, "permission denied for schema public"),
    ],
)
def test_what_is_wrong_with_the_address_is_told_at_once(change, reason, postgres):
    started = time.monotonic()
    with pytest.raises(StorageError) as caught:
        check_storage(postgres.url(**change), "study")

    (fault,) = caught.value.faults
    assert fault.startswith("storage: ")
    assert reason in fault
    assert len(fault.splitlines()) == 1
    assert PASSWORD not in fault
    assert time.monotonic() - started < 4


def test_a_wrong_password_is_not_told(postgres, monkeypatch):
    monkeypatch.setenv("PGPASSWORD", "swordfish-77")
    with pytest.raises(StorageError, match=r"^storage: .*password authentication failed") as caught:
        check_storage(postgres.url(), "study")

    assert "swordfish" not in str(caught.value)


def test_a_password_from_a_file_is_found(postgres, monkeypatch, tmp_path):
    monkeypatch.delenv("PGPASSWORD")
    passfile = tmp_path / "pgpass"
    passfile.write_text(f"127.0.0.1:{postgres.port}:*:sweeper:{PASSWORD}\n")
    passfile.chmod(0o600)
    with pytest.raises(StorageError, match="no password supplied"):
        check_storage(postgres.url(), "study")
    monkeypatch.setenv("PGPASSFILE", str(passfile))

    check_storage(postgres.url(), "study")


@pytest.mark.slow
def test_a_server_that_is_starting_is_waited_for(address, postgres):
    postgres.stop()
    timer = threading.Timer(0.5, postgres.start)
    timer.start()
    check_storage(address.url, address.study)
    timer.join()


def test_tables_are_made_where_there_are_none(postgres, search_at):
    postgres.sql("create database fresh owner sweeper")
    address = StudyAddress(url=postgres.url("fresh"), study="study", run="this run")
    with open_mirror(address) as mirror:
        assert mirror.finish() is None

    assert search_at(address).in_database() == []


def test_a_file_in_no_folder_is_refused(tmp_path):
    with pytest.raises(StorageError, match=r"^storage: unable to open database file; see that"):
        check_storage(f"sqlite:///{tmp_path}/missing/study.db", "study")


def test_a_missing_driver_is_named_with_what_installs_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(
        ConfigurationError, match=r"^storage: .*`pip install 'fitgap\[postgresql\]'`"
    ):
        check_storage("postgresql+psycopg://u@h/d", "study")
