import hashlib
import json
import os
import resource
import signal
import subprocess
import sys

import pytest

from sweep.errors import StorageError
from sweep.safe_files import file_digest, remove_leftovers, write_bytes, write_file, write_json


def test_a_file_is_replaced_and_nothing_else_is_left(tmp_path):
    path = tmp_path / "a.json"
    write_bytes(path, b"old")
    write_bytes(path, b"new")

    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_json_comes_back_and_keeps_its_letters(tmp_path):
    path = tmp_path / "a.json"
    write_json(path, {"name": "größe", "values": [0.1 + 0.2, None, True]})

    assert json.loads(path.read_text()) == {"name": "größe", "values": [0.1 + 0.2, None, True]}
    assert "größe" in path.read_text()


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_not_json_is_refused_and_the_old_file_stays(tmp_path, value):
    path = tmp_path / "a.json"
    write_json(path, {"a": 1})

    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(path, {"a": value})

    assert json.loads(path.read_text()) == {"a": 1}


def test_the_writer_is_given_a_path_of_the_same_ending_in_the_same_folder(tmp_path):
    seen = []
    write_file(tmp_path / "a.b.keras", lambda path: (seen.append(path), path.touch()))

    assert seen[0].suffix == ".keras"
    assert seen[0].parent == tmp_path


@pytest.mark.parametrize("error", [OSError("no"), RuntimeError("no"), KeyboardInterrupt()])
def test_a_writer_that_fails_leaves_the_old_file_and_no_other(tmp_path, error):
    path = tmp_path / "a.json"
    write_bytes(path, b"old")

    def fail(temporary):
        temporary.write_bytes(b"half")
        raise error

    expected = StorageError if isinstance(error, OSError) else type(error)
    with pytest.raises(expected):
        write_file(path, fail)

    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_leaves_the_old_file_and_names_it(tmp_path):
    path = tmp_path / "a.json"
    write_bytes(path, b"old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        with pytest.raises(StorageError, match=r"a\.json: File too large; make room there"):
            write_bytes(path, bytes(5000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)

    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_missing_is_told(tmp_path):
    with pytest.raises(StorageError, match=r"missing/a\.json: No such file or directory; give"):
        write_bytes(tmp_path / "missing" / "a.json", b"")


def test_the_digest_is_that_of_the_bytes(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"abc" * 100_000)

    assert file_digest(path) == hashlib.sha256(b"abc" * 100_000).hexdigest()
    with pytest.raises(StorageError, match="missing: No such file or directory; `fitgap resume`"):
        file_digest(tmp_path / "missing")


KILLED_WRITER = """
import os, signal, sys
from pathlib import Path
from sweep.safe_files import write_file

def die(temporary):
    temporary.write_bytes(b"half")
    os.kill(os.getpid(), signal.SIGKILL)

write_file(Path(sys.argv[1]), die)
"""


def test_what_a_killed_writer_leaves_is_removed_and_nothing_else(tmp_path):
    path = tmp_path / "manifest.json"
    write_bytes(path, b"old")
    subprocess.run([sys.executable, "-c", KILLED_WRITER, str(path)], check=False)
    assert path.read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 2
    parent = f".manifest.{os.getppid()}.json"  # of a process that runs
    others = [".hidden", ".x.json", ".x.1.txt", "x.1.json", parent, ".x.00001.json"]
    for name in others:
        (tmp_path / name).touch()

    remove_leftovers(tmp_path)
    remove_leftovers(tmp_path / "missing")

    assert {found.name for found in tmp_path.iterdir()} == {"manifest.json", *others}
