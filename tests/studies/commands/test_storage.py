"""A sweep whose study is kept in PostgreSQL, from its command line to its last trial."""

import contextlib
import json
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request

import optuna
import pytest
from optuna.storages import JournalStorage, RDBStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import TrialState

from studies.main import main
from sweep.runs.folder import RunFolder
from sweep.search import mirror
from tests.postgres import PASSWORD

FITGAP = [sys.executable, "-m", "studies.main"]
OPTIONS = [
    "--epochs", "2", "--set", "depth=1", "--set", "width=8..32", "--confirm", "0", "--workers", "1",
    "--no-baselines",
]  # fmt: skip
SECRET = "swordfish-77"


def facts(storage, name):
    return [
        (trial.number, trial.state, trial.values, trial.params, trial.user_attrs,
         trial.intermediate_values)
        for trial in optuna.load_study(study_name=name, storage=storage).trials
    ]  # fmt: skip


def assert_mirrored(path, url):
    """The database has the trials of the journal, none of them running."""
    journal = JournalStorage(JournalFileBackend(str(path / "study.journal")))
    database = RDBStorage(url)
    try:
        kept = facts(database, path.name)
    finally:
        database.remove_session()
        database.engine.dispose()
    assert kept == facts(journal, "fitgap")
    assert TrialState.RUNNING not in {trial[1] for trial in kept}
    searched = {record.slot for record in RunFolder.open(path).records()}
    assert searched <= {trial[4].get("slot") for trial in kept}


def wait_until(condition, process=None):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        assert process is None or process.poll() is None, process.communicate()
        time.sleep(0.02)


def count_records(path):
    log = path / "records.jsonl"
    return log.read_bytes().count(b"\n") if log.exists() else 0


def read_json(port, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
        return json.load(answer)


@pytest.fixture
def run_main(monkeypatch, capsys):
    """Run a command with a password; return its exit code and what it told."""

    def run(password, words):
        monkeypatch.setenv("PGPASSWORD", password)
        return main(words), capsys.readouterr()

    return run


@contextlib.contextmanager
def dashboard(storage):
    """Start optuna-dashboard; yield the port at which it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable, "-m", "optuna_dashboard._cli", "--host", "127.0.0.1", "--port", str(port),
        "--server", "wsgiref", "--quiet", storage,
    ]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def answers():
        with contextlib.suppress(OSError):
            return read_json(port, "/api/studies") is not None

    try:
        wait_until(answers, process)
        yield port
    finally:
        process.terminate()
        process.communicate()


def listed_by_dashboard(storage):
    """Return the trials that optuna-dashboard lists of the studies of a storage, by their name."""
    with dashboard(storage) as port:
        studies = read_json(port, "/api/studies")["study_summaries"]
        return {
            study["study_name"]: [
                (trial["number"], trial["state"])
                for trial in read_json(port, f"/api/studies/{study['study_id']}")["trials"]
            ]
            for study in studies
        }


@pytest.mark.slow
def test_a_driver_that_is_killed_leaves_a_study_that_a_resume_completes(postgres, tmp_path):
    path = tmp_path / "killed"
    told = []
    for command in (
        [*FITGAP, "sweep", "digits", *OPTIONS, "--trials", "16", "--out", str(path), "--storage",
         postgres.url()],
        [*FITGAP, "resume", str(path), "--workers", "1"],
    ):  # fmt: skip
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        if not told:
            wait_until(lambda: count_records(path) >= 5, process)
            process.kill()
        told.append(process.communicate()[0])

    assert process.returncode == 0, told
    assert_mirrored(path, postgres.url())

    states = ["Running", "Complete", "Pruned", "Fail", "Waiting"]
    expected = [
        (number, states[state])
        for number, state, *_ in facts(
            JournalStorage(JournalFileBackend(str(path / "study.journal"))), "fitgap"
        )
    ]
    assert len(expected) >= 16
    assert listed_by_dashboard(str(path / "study.journal"))["fitgap"] == expected
    assert listed_by_dashboard(postgres.url())["killed"] == expected

    files = [file for file in path.rglob("*") if file.is_file()]
    assert {"manifest.json", "report.html", "records.jsonl"} <= {file.name for file in files}
    assert not [file for file in files if PASSWORD.encode() in file.read_bytes()]
    assert PASSWORD not in "".join(told)
    assert RunFolder.open(path).read_manifest()["settings"]["storage"] == postgres.url()


@pytest.mark.slow
def test_a_database_that_is_lost_is_a_warning_and_the_run_has_all_its_results(
    postgres, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(mirror, "PATIENCE", 0.5)
    path = tmp_path / "lost"
    stopping = threading.Thread(
        target=lambda: (wait_until(lambda: count_records(path) >= 2), postgres.stop())
    )
    stopping.start()
    code = main(["sweep", "digits", *OPTIONS, "--trials", "9", "--out", str(path),
                 "--storage", postgres.url()])  # fmt: skip
    stopping.join()

    assert code == 0
    told = [line for line in capsys.readouterr().err.splitlines() if "warning: " in line]
    assert len(told) == 1
    assert re.match(r"warning: storage: connection .*; .*`fitgap resume` writes the", told[0])
    (lost,) = RunFolder.open(path).read_manifest()["left_out"]
    assert lost["stage"] == "storage"
    assert (path / "report.html").exists()
    assert RunFolder.open(path).read_manifest()["state"] == "finished"
    assert main(["resume", str(path), "--workers", "1"]) == 5  # there is still no server
    assert RunFolder.open(path).read_manifest()["state"] == "finished"
    assert main(["resume", str(path), "--workers", "1", "--storage", "none"]) == 0
    assert RunFolder.open(path).read_manifest()["left_out"] == []

    postgres.start()
    assert main(["resume", str(path), "--workers", "1", "--storage", postgres.url()]) == 0
    assert_mirrored(path, postgres.url())


@pytest.mark.slow
def test_a_run_that_is_interrupted_does_not_wait_for_its_database(postgres, tmp_path):
    path = tmp_path / "stopped"
    command = [*FITGAP, "sweep", "digits", *OPTIONS, "--trials", "2000", "--out", str(path)]
    process = subprocess.Popen(
        [*command, "--storage", postgres.url()], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    wait_until(lambda: count_records(path) >= 3, process)
    postgres.stop()
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)  # not ten minutes

    assert process.returncode == 128 + signal.SIGTERM
    assert RunFolder.open(path).read_manifest()["state"] == "interrupted"


@pytest.mark.parametrize(
    ("password", "database", "reason"),
    [
        (SECRET, "first", 'password authentication failed for user "sweeper"'),
        (PASSWORD, "second", 'database "second" does not exist'),
    ],
)
def test_what_is_wrong_with_the_database_is_told_before_there_is_a_run(
    password, database, reason, postgres, tmp_path, run_main
):
    path = tmp_path / "run"
    code, told = run_main(password, ["sweep", "digits", "--workers", "1", "--out", str(path),
                                     "--storage", postgres.url(database), "--debug"])  # fmt: skip

    line = told.err.splitlines()[-1]
    assert code == 5
    assert line.startswith("error: storage: ")
    assert reason in line
    assert password not in told.out + told.err
    assert not path.exists()


@pytest.mark.parametrize("debug", [[], ["--debug"]])
@pytest.mark.parametrize(
    "words",
    [
        ["--storage", f"postgresql://anna:{SECRET}@h/d"],
        ["--storage", f"postgresql://anna@h/d?password={SECRET}"],
        ["--storage", f"mysql://anna:{SECRET}@h/d"],
        ["--storrage", f"postgresql://anna:{SECRET}@h/d"],
        [f"postgresql://anna:{SECRET}@h/d"],
        [f"--storage=postgresql://anna:{SECRET}"],
    ],
)
def test_no_fault_of_the_command_line_shows_a_password(words, debug, tmp_path, capsys):
    path = tmp_path / "run"
    try:
        code = main(["sweep", "digits", *words, *debug, "--out", str(path)])
    except SystemExit as err:
        code = err.code

    assert code == 2
    told = capsys.readouterr()
    assert "error: " in told.err
    assert SECRET not in told.out + told.err
    assert not path.exists()


def test_a_resume_refuses_a_wrong_address_with_all_other_faults(tmp_path, capsys):
    code = main(["resume", str(tmp_path), "--trials", "no", "--storage", "mysql://anna@h/d"])

    assert code == 2
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(": ")[1] for line in lines] == ["--trials", "--storage", str(tmp_path)]


def test_a_dry_run_tells_where_the_study_would_be_kept(capsys):
    assert main(["sweep", "digits", "--dry-run", "--storage", "postgresql://anna@h/d"]) == 0
    assert "postgresql+psycopg://anna@h/d" in capsys.readouterr().out
