"""Run folders and temporary places that somebody else prepared: nothing outside is touched."""

import os
import re
import shutil
from pathlib import Path

import pytest

from reports.pages.writing import write_html
from sweep.errors import StorageError
from sweep.runs.folder import RunFolder
from sweep.runs.runner import Sweep
from sweep.safe_files import write_bytes
from sweep.settings.sweep_settings import SweepSettings

OUTSIDE = "not of the run\n"
NAMES = (
    "manifest.json", "records.jsonl", "study.journal", "baselines.parquet", "findings.json",
    "trials.parquet", "report.html", "run.lock", "run.owner", "best", "best/model.keras",
    "best/preprocessing.json", "best/preprocessing.skops",
)  # fmt: skip


@pytest.fixture
def made(tmp_path):
    """The folder of a run of iris that was made and not begun."""
    settings = SweepSettings(data="iris", trials=2, epochs=1, confirm=0, workers=1)
    path = tmp_path / "run"
    Sweep.create(settings, path, command="fitgap sweep iris")
    (path / "best").mkdir(exist_ok=True)
    return path


def put_link(path, name, outside):
    """Put a link that leads out of a run at the place of one of its files."""
    place = path / name
    if place.is_dir():
        shutil.copytree(place, outside)
        shutil.rmtree(place)
    elif place.exists():
        shutil.move(place, outside)
    else:
        outside.write_text(OUTSIDE)
    place.symlink_to(outside)


def content(path):
    files = [path] if path.is_file() else sorted(path.rglob("*"))
    return [(file, file.read_bytes()) for file in files if file.is_file()]


@pytest.mark.parametrize("name", NAMES)
def test_a_link_in_a_run_folder_is_refused_by_name_and_not_followed(made, tmp_path, run, name):
    outside = tmp_path / "outside"
    put_link(made, name, outside)
    before = content(outside)
    for command, *options in (["status"], ["resume"], ["report"], ["export", "--format", "csv"]):
        said = run(command, made, *options)

        assert said.code == 5, command
        assert f"error: {made}: '{name}' in it is a symbolic link" in said.err
    assert content(outside) == before


def test_a_pipe_in_a_run_folder_is_refused_and_not_waited_for(made, run, stuck):
    os.mkfifo(made / "records.jsonl")
    with stuck(30):
        said = run("status", made)

    assert said.code == 5
    assert "'records.jsonl' in it is a pipe or a device, no file" in said.err


def test_everything_that_is_wrong_with_a_run_folder_is_told_at_once(made, run):
    (made / "best" / "model.keras").symlink_to("/etc/passwd")
    (made / "findings.json").symlink_to("/etc/passwd")

    assert len(run("status", made).err.splitlines()) == 2


def test_a_run_begun_anew_is_not_locked_through_a_link(made, tmp_path):
    put_link(made, "run.owner", tmp_path / "outside")

    match = r"'run\.owner' in it is a symbolic link"
    with pytest.raises(StorageError, match=match), RunFolder(made).locked():
        pass
    assert (tmp_path / "outside").read_text() == OUTSIDE


def test_a_run_folder_may_be_named_by_a_link_and_its_journal_locked_by_one(made, tmp_path, run):
    (tmp_path / "latest").symlink_to(made)
    (made / "study.journal.lock").symlink_to(made / "study.journal")

    assert run("status", tmp_path / "latest").code == 0


def test_the_list_of_runs_names_a_link_without_the_whole_path(made, tmp_path, run):
    (made / "best" / "model.keras").symlink_to("/etc/passwd")
    assert run("index", tmp_path, "--out", tmp_path / "index.html").code == 0
    page = (tmp_path / "index.html").read_text(encoding="utf-8")

    assert "is a symbolic link" in page
    assert str(made) not in page


@pytest.mark.parametrize(
    "data", ["../../etc/<script>.csv", "..", "/", "$(id)`x`\x1b\n.npz", "%2e%2e/"]
)
def test_a_run_without_a_name_of_its_own_lies_in_runs(data, tmp_path, monkeypatch):
    from studies.commands.sweep import new_run_path  # noqa: PLC0415 - as the command does

    monkeypatch.chdir(tmp_path)
    path = new_run_path(data)

    assert path.resolve().parent == tmp_path / "runs"
    assert re.fullmatch(r"[a-z0-9-]+", path.name)


def test_a_link_that_waits_for_a_temporary_file_is_not_written_through(tmp_path):
    outside = tmp_path / "outside"
    outside.write_text(OUTSIDE)
    (tmp_path / f".a.{os.getpid()}.csv").symlink_to(outside)
    write_bytes(tmp_path / "a.csv", b"new")

    assert outside.read_text() == OUTSIDE
    assert (tmp_path / "a.csv").read_bytes() == b"new"


@pytest.mark.parametrize("write", [write_html, lambda path, text: write_bytes(path, text.encode())])
def test_a_file_in_place_of_a_link_leaves_what_it_led_to(tmp_path, write):
    outside, path = tmp_path / "outside", tmp_path / "page.html"
    outside.write_text(OUTSIDE)
    path.symlink_to(outside)
    write(path, "new")

    assert outside.read_text() == OUTSIDE
    assert (path.is_symlink(), path.read_text()) == (False, "new")


@pytest.fixture(params=[0o077, 0o027, 0o022], ids=oct)
def mask(request):
    """The user's mask of permissions."""
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def modes(folder):
    return {path.name: path.stat().st_mode & 0o777 for path in folder.rglob("*") if path.is_file()}


def test_what_is_written_is_open_to_nobody_whom_the_mask_shuts_out(mask, tmp_path):
    settings = SweepSettings(data="iris", trials=2, epochs=1, confirm=0, workers=1)
    made = Sweep.create(settings, tmp_path / "run", command="fitgap sweep iris").folder
    write_html(made.report_path, "a page")
    made.write_tables()
    found = modes(Path(tmp_path))

    assert {"report.html", "manifest.json", "trials.parquet"} <= set(found)
    assert {name: oct(mode) for name, mode in found.items() if mode & mask} == {}
    assert found["report.html"] == 0o666 & ~mask
