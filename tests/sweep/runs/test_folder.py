import json
import os
import re
import socket
import subprocess
import sys

import pandas as pd
import pytest

from sweep.errors import ConfigurationError, StorageError
from sweep.runs.folder import RunFolder, write_table
from sweep.runs.manifest_file import KEYS
from sweep.tables import BASELINE_TYPES, trials_table

HOLD = """
import sys, time
from pathlib import Path
from sweep.runs.folder import RunFolder

with RunFolder(Path(sys.argv[1])).locked():
    print("locked", flush=True)
    time.sleep(60)
"""


MANIFEST = {"schema": 1, "name": "run"} | dict.fromkeys(KEYS)


@pytest.fixture
def folder(tmp_path):
    made = RunFolder.create(tmp_path / "run")
    made.write_manifest(MANIFEST)
    return made


@pytest.fixture
def holder(folder):
    """Another process that has the lock of the run."""
    command = [sys.executable, "-c", HOLD, str(folder.path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "locked\n"
        yield process
        process.kill()


def test_a_new_folder_is_made_with_its_parents(tmp_path):
    path = tmp_path / "a" / "b"

    assert RunFolder.create(path).path == path
    assert path.is_dir()


def test_an_empty_folder_is_taken(tmp_path):
    RunFolder.create(tmp_path)


def test_a_run_is_not_overwritten(folder):
    with pytest.raises(ConfigurationError, match=r"there is a run already; `fitgap resume .*run`"):
        RunFolder.create(folder.path)


def test_a_folder_with_something_else_in_it_is_refused(tmp_path):
    (tmp_path / "thesis.tex").touch()

    with pytest.raises(ConfigurationError, match="exists and is not empty; give another --out"):
        RunFolder.create(tmp_path)
    with pytest.raises(ConfigurationError, match="exists and is not empty"):
        RunFolder.create(tmp_path / "thesis.tex")
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(StorageError, match="file/run: Not a directory"):
        RunFolder.create(tmp_path / "file" / "run")
    with pytest.raises(StorageError, match="File name too long"):
        RunFolder.create(tmp_path / ("x" * 300))
    with pytest.raises(StorageError, match="File name too long"):
        RunFolder.open(tmp_path / ("x" * 300))


@pytest.mark.parametrize("name", ["missing", "."])
def test_where_there_is_no_run_none_is_opened(tmp_path, name):
    with pytest.raises(ConfigurationError, match=r"no run here, since it has no manifest\.json"):
        RunFolder.open(tmp_path / name)


def test_a_manifest_comes_back(folder):
    assert RunFolder.open(folder.path).read_manifest() == MANIFEST


@pytest.mark.parametrize("size", [0, 1, 10, 20])
def test_a_manifest_that_was_cut_is_refused_by_name(folder, size):
    folder.manifest_path.write_bytes(folder.manifest_path.read_bytes()[:size])

    with pytest.raises(
        StorageError, match=r"manifest\.json: it is damaged \(.*\); put back a copy"
    ):
        folder.read_manifest()


def test_a_manifest_of_nul_bytes_or_wrong_letters_is_refused(folder):
    for content in (bytes(100), b'{"name": "\xff"}'):
        folder.manifest_path.write_bytes(content)
        with pytest.raises(StorageError, match="it is damaged"):
            folder.read_manifest()


@pytest.mark.parametrize("manifest", [{"schema": 2}, {}, [], 1, None])
def test_a_manifest_of_another_schema_is_refused(folder, manifest):
    folder.manifest_path.write_text(json.dumps(manifest))

    with pytest.raises(StorageError, match=r"its schema is .*, this version reads 1; use the"):
        folder.read_manifest()


def test_a_manifest_that_vanished_is_told(folder):
    folder.manifest_path.unlink()

    with pytest.raises(StorageError, match=r"manifest\.json: No such file"):
        folder.read_manifest()


def test_a_second_process_is_refused_and_told_who_works(folder, holder):
    host = re.escape(socket.gethostname())
    with (
        pytest.raises(
            StorageError, match=f"run: process {holder.pid} on {host} is working on this"
        ),
        folder.locked(),
    ):
        pytest.fail("the lock was given twice")
    assert folder.in_use


def test_the_lock_ends_with_its_process(folder, holder):
    holder.kill()
    holder.wait()

    with folder.locked():
        assert folder.in_use
    assert not folder.in_use


def test_a_holder_without_a_note_is_still_refused(folder, holder):
    assert holder.poll() is None
    for content in (None, ""):
        note = folder.path / "run.owner"
        note.unlink() if content is None else note.write_text(content)
        with pytest.raises(StorageError, match="run: another process is working"), folder.locked():
            pytest.fail("the lock was given twice")


def test_the_same_process_cannot_lock_a_run_twice(folder):
    with (
        folder.locked(),
        pytest.raises(StorageError, match=f"process {os.getpid()} on"),
        RunFolder(folder.path).locked(),
    ):
        pytest.fail("the lock was given twice")


def test_the_lock_is_given_back_after_an_error(folder):
    with pytest.raises(RuntimeError), folder.locked():
        raise RuntimeError
    assert not folder.in_use
    assert not (folder.path / "run.owner").exists()


@pytest.mark.parametrize("state", ["created", "interrupted", "finished"])
def test_only_a_run_that_is_said_to_run_may_be_in_another_state(folder, state):
    folder.write_manifest(MANIFEST | {"state": state})
    assert folder.current_manifest() == folder.read_manifest()


def test_a_run_is_interrupted_once_its_process_is_killed(folder, holder):
    folder.write_manifest(MANIFEST | {"state": "running"})
    assert folder.current_manifest()["state"] == "running"

    holder.kill()
    holder.wait()

    assert folder.current_manifest()["state"] == "interrupted"
    assert folder.read_manifest()["state"] == "running"


def test_a_run_that_ends_while_it_is_looked_at_is_finished(folder, monkeypatch):
    folder.write_manifest(MANIFEST | {"state": "running"})

    def ended(self):
        self.write_manifest(MANIFEST | {"state": "finished"})
        return False

    monkeypatch.setattr(RunFolder, "in_use", property(ended))
    assert folder.current_manifest()["state"] == "finished"


def test_a_run_that_was_never_locked_is_not_in_use(folder):
    assert not folder.in_use


def test_an_error_of_the_disk_while_locked_is_a_storage_error(folder):
    with (
        pytest.raises(StorageError, match="run: No space left on device; make room"),
        folder.locked(),
    ):
        raise OSError(28, "No space left on device")


def test_a_read_only_folder_is_told_before_any_work(folder, read_only):
    read_only(folder.path)

    problem = "(Read-only file system|Permission denied)"
    with pytest.raises(StorageError, match=f"{problem}; give another place"), folder.locked():
        pytest.fail("a read-only folder was locked")
    with pytest.raises(StorageError, match=rf"manifest\.backup\.json: {problem}"):
        folder.write_manifest({"schema": 1})
    assert not folder.in_use
    assert folder.read_manifest() == MANIFEST


def test_locking_leaks_no_file_descriptor(folder):
    def descriptors():
        return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - only a count

    with folder.locked():
        pass
    before = descriptors()
    for _ in range(30):
        with folder.locked():
            assert folder.in_use
            with pytest.raises(StorageError), RunFolder(folder.path).locked():
                pass
        folder.read_manifest()
    assert descriptors() == before


def test_a_torn_record_and_half_written_files_are_cleared_away(folder, record_of):
    folder.append_record(record_of(0))
    with folder.records_path.open("ab") as log:
        log.write(b"0123")
    (folder.path / ".manifest.2000000000.json").write_bytes(b"half")
    folder.best_path.mkdir()
    (folder.best_path / ".model.2000000000.keras").write_bytes(b"half")

    assert [record.slot for record in folder.repair_records()] == [0]
    assert not list(folder.path.rglob(".*"))
    folder.append_record(record_of(1))
    assert [record.slot for record in folder.records()] == [0, 1]


def test_tables_are_made_from_the_records(folder, record_of):
    for slot in (1, 0):
        folder.append_record(record_of(slot))
    folder.write_tables()

    trials, epochs = folder.tables()
    pd.testing.assert_frame_equal(trials, trials_table([record_of(0), record_of(1)]))
    pd.testing.assert_frame_equal(pd.read_parquet(folder.path / "trials.parquet"), trials)
    pd.testing.assert_frame_equal(pd.read_parquet(folder.path / "epochs.parquet"), epochs)


def test_a_run_without_records_has_empty_tables(folder):
    folder.write_tables()

    assert len(pd.read_parquet(folder.path / "trials.parquet")) == 0


def test_baselines_are_empty_where_there_are_none(folder):
    table = folder.baselines()

    assert len(table) == 0
    assert {name: str(kind) for name, kind in table.dtypes.items()} == BASELINE_TYPES


@pytest.mark.parametrize("size", [0, 4, 500])
def test_damaged_baselines_are_refused_by_name(folder, size):
    row = dict.fromkeys(BASELINE_TYPES, 0) | {"baseline": "dummy"}
    write_table(folder.baselines_path, pd.DataFrame([row]).astype(BASELINE_TYPES))
    assert folder.baselines()["baseline"].tolist() == ["dummy"]
    folder.baselines_path.write_bytes(folder.baselines_path.read_bytes()[:size])

    with pytest.raises(StorageError, match=r"baselines\.parquet: it cannot be read .*; delete it"):
        folder.baselines()


def test_ten_thousand_records_are_read(folder, record_of):
    folder.append_record(record_of(0, losses=[0.5] * 30))
    line = folder.records_path.read_bytes()
    folder.records_path.write_bytes(line * 10_000)

    assert len(folder.records()) == 10_000


def test_manifest_without_what_every_run_has_is_damaged(tmp_path):
    folder = RunFolder(tmp_path)
    folder.manifest_path.write_text('{"schema": 1, "settings": {}}')
    with pytest.raises(StorageError, match=r"it is damaged \(no state, data, counts"):
        folder.read_manifest()
