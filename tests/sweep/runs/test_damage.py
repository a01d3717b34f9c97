"""Every file of a run damaged in every way: the run reads as before, or is refused by name."""

import contextlib
import os
import re
import shutil

import pytest

from sweep.errors import ConfigurationError, StorageError
from sweep.runs.folder import RunFolder
from sweep.safe_files import parse_sealed_json

WAY_OUT = re.compile(r"`fitgap (repair|resume)")
READ = ("manifest.json", "manifest.backup.json", "records.jsonl", "baselines.parquet",
        "findings.json")  # fmt: skip
NEVER_READ = ("trials.parquet", "epochs.parquet", "study.journal", "report.html", "run.lock")


def read_all(folder):
    """All that a run says, as values that can be compared."""
    opened = RunFolder.open(folder.path)
    manifest = opened.read_manifest()
    records = [(one.trial, one.config, one.history.array.tobytes()) for one in opened.records()]
    baselines = opened.baselines()
    return manifest, records, baselines.to_dict("records"), opened.findings(), opened.in_use


def assert_equal_or_refused(folder, expected, path):
    """Return whether it was refused; an entry of the manifest that nobody asks for is no matter."""
    try:
        manifest, *others = read_all(folder)
        assert ({name: manifest[name] for name in expected[0]}, *others) == expected
    except (StorageError, ConfigurationError) as err:
        (fault,) = err.faults
        assert str(path) in fault
        assert WAY_OUT.search(fault), fault
        assert "\n" not in fault
        return True
    return False


def bytes_from(lines, count):
    """The places from the begin of the last lines on, but for the last byte of all."""
    content = b"".join(lines)
    return range(len(content) - sum(map(len, lines[-count:])), len(content))


@pytest.mark.slow
def test_a_log_cut_at_any_byte_of_its_last_two_records_is_refused_by_its_line(made_up_run):
    path, expected = made_up_run.records_path, read_all(made_up_run)
    lines = path.read_bytes().splitlines(keepends=True)
    content, last = b"".join(lines), len(b"".join(lines[:-1]))
    for size in bytes_from(lines, 2):
        path.write_bytes(content[:size])
        assert assert_equal_or_refused(made_up_run, expected, path), size
        with pytest.raises(StorageError, match=f"line {4 + (size >= last)} is damaged or gone"):
            made_up_run.records()
        with pytest.raises(StorageError, match="damaged or gone"):
            made_up_run.repair_records()  # a record that was counted is not cut off
        assert path.stat().st_size == size


@pytest.mark.slow
def test_a_flipped_bit_anywhere_in_the_log_is_refused_by_its_line(made_up_run, flip):
    path, expected = made_up_run.records_path, read_all(made_up_run)
    content = path.read_bytes()
    lines = content.splitlines(keepends=True)
    for place in [*range(0, len(content), 29), *bytes_from(lines, 2)]:
        path.write_bytes(flip(content, place))
        assert assert_equal_or_refused(made_up_run, expected, path), place
        line = content[:place].count(b"\n") + 1
        with pytest.raises(StorageError, match=f"line {line} is damaged"):
            made_up_run.records()


@pytest.mark.slow
def test_a_log_that_a_killed_process_tore_loses_nothing_but_the_torn_record(made_up_run):
    manifest = made_up_run.read_manifest()
    made_up_run.write_manifest(manifest | {"state": "running", "records": 4})
    path = made_up_run.records_path
    before = [record.trial for record in made_up_run.records()]
    lines = path.read_bytes().splitlines(keepends=True)
    content = b"".join(lines)
    for size in bytes_from(lines, 1):
        path.write_bytes(content[:size] + bytes(size % 3))
        assert [record.trial for record in made_up_run.records()] == before[:4]
        assert len(made_up_run.repair_records()) == 4
        assert path.read_bytes() == b"".join(lines[:-1])


@pytest.mark.parametrize("name", ["manifest.json", "manifest.backup.json", "findings.json"])
def test_a_flipped_bit_or_a_cut_anywhere_in_a_json_file_changes_nothing_unseen(
    name, made_up_run, flip
):
    path, expected = made_up_run.path / name, read_all(made_up_run)
    content = path.read_bytes()
    refused = 0
    step = {"manifest.backup.json": 41, "findings.json": 3}.get(name, 1)
    for place in range(0, len(content), step):
        path.write_bytes(flip(content, place))
        refused += assert_equal_or_refused(made_up_run, expected, path)
    if name == "manifest.backup.json":
        assert refused == 0  # it is read by the repair only
        return
    spaces = content.count(b" ") + content.count(b"\n")
    assert refused > (len(content) - spaces) / step * 0.9
    for size in range(len(content) - 1):  # the last byte is but the newline
        path.write_bytes(content[:size])
        assert assert_equal_or_refused(made_up_run, expected, path), size


def test_another_value_in_the_manifest_is_noticed(made_up_run):
    text = made_up_run.manifest_path.read_text()
    changed = text.replace('"seed": 0', '"seed": 1')
    assert changed != text
    made_up_run.manifest_path.write_text(changed)

    with pytest.raises(StorageError, match=r"manifest\.json: it is damaged \(its content is not"):
        made_up_run.read_manifest()


def test_a_manifest_of_an_earlier_version_has_no_checksum_and_is_read(made_up_run):
    manifest = made_up_run.read_manifest()
    made_up_run.backup_path.unlink()
    text = made_up_run.manifest_path.read_text()
    start = text.rindex(',\n "checksum"')
    made_up_run.manifest_path.write_text(text[:start] + "\n}\n")

    assert made_up_run.read_manifest() == manifest


def test_the_copy_is_written_first_and_equals_the_manifest(made_up_run):
    paths = (made_up_run.manifest_path, made_up_run.backup_path)
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert "checksum" not in made_up_run.read_manifest()
    shutil.rmtree(made_up_run.path / "best", ignore_errors=True)
    made_up_run.manifest_path.unlink()
    made_up_run.manifest_path.mkdir()  # so that writing fails at the manifest
    with pytest.raises(StorageError, match=r"manifest\.json: Is a directory; move that away"):
        made_up_run.write_manifest({"schema": 1})
    assert parse_sealed_json(paths[1].read_bytes()) == {"schema": 1}


def test_flipped_bits_in_the_baselines_change_nothing_unseen(made_up_run, flip):
    path, expected = made_up_run.baselines_path, read_all(made_up_run)
    content = path.read_bytes()
    refused = 0
    for place in range(0, len(content), 29):
        path.write_bytes(flip(content, place))
        refused += assert_equal_or_refused(made_up_run, expected, path)
    assert refused
    path.write_bytes(content[:-50])
    with pytest.raises(StorageError, match="baselines"):
        made_up_run.repair_records()  # before any work


@contextlib.contextmanager
def unreadable(path):
    """Nobody may read a file; root may read all, and becomes somebody else."""
    path.chmod(0o000)
    root = os.geteuid() == 0
    if root:
        for entry in (path.parent.parent, path.parent, *path.parent.iterdir()):
            os.chown(entry, 65534, -1)
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


def replaced_by_a_folder(path):
    path.unlink()
    path.mkdir()


DAMAGES = {
    "zeros": lambda path: path.write_bytes(bytes(path.stat().st_size)),
    "empty": lambda path: path.write_bytes(b""),
    "half": lambda path: os.truncate(path, path.stat().st_size // 2),
    "NUL tail": lambda path: path.write_bytes(path.read_bytes()[:-40] + bytes(300)),
    "deleted": lambda path: path.unlink(),
    "folder": replaced_by_a_folder,
}


@pytest.mark.parametrize("name", READ)
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_refused_by_name(name, damage, made_up_run):
    path, expected = made_up_run.path / name, read_all(made_up_run)
    DAMAGES[damage](path)
    if damage == "deleted" and name in {"baselines.parquet", "findings.json"}:
        read_all(made_up_run)  # as before they are made
        return
    refused = assert_equal_or_refused(made_up_run, expected, path)
    assert refused == (name != "manifest.backup.json")


@pytest.mark.parametrize("name", NEVER_READ)
@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_never_read_may_be_damaged(name, damage, made_up_run):
    path, expected = made_up_run.path / name, read_all(made_up_run)
    path.touch()
    if damage == "NUL tail":
        path.write_bytes(bytes(100))
    DAMAGES[damage](path)

    assert read_all(made_up_run) == expected


@pytest.mark.parametrize("name", READ)
def test_a_file_that_may_not_be_read_is_named(name, made_up_run):
    path, expected = made_up_run.path / name, read_all(made_up_run)
    with unreadable(path):
        refused = assert_equal_or_refused(made_up_run, expected, path)
        assert refused == (name != "manifest.backup.json")


def test_a_manifest_that_is_gone_is_told_from_a_folder_without_a_run(made_up_run, tmp_path):
    made_up_run.manifest_path.unlink()
    with pytest.raises(StorageError, match=r"manifest\.json: it is gone, though manifest\.backup"):
        RunFolder.open(made_up_run.path)
    made_up_run.backup_path.unlink()
    with pytest.raises(StorageError, match=r"though records\.jsonl is there; `fitgap repair"):
        RunFolder.open(made_up_run.path)
    with pytest.raises(ConfigurationError, match="no run here"):
        RunFolder.open(tmp_path)


def test_a_folder_in_the_place_of_the_lock_is_told(made_up_run):
    for name in ("run.lock", "run.owner"):
        (made_up_run.path / name).unlink(missing_ok=True)
        (made_up_run.path / name).mkdir()
        told = pytest.raises(StorageError, match=f"{name}: Is a directory; .*`fitgap repair`")
        with told, made_up_run.locked():
            pytest.fail("it was locked")
        (made_up_run.path / name).rmdir()
