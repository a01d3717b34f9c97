import shutil
import subprocess
import sys

import pytest


@pytest.fixture
def folder(finished_runs, tmp_path):
    """A folder with three runs, one of them damaged."""
    for name in ("digits", "shop"):
        shutil.copytree(finished_runs / name, tmp_path / name)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "manifest.json").write_text("{")
    return tmp_path


def test_the_list_lies_in_the_folder(folder, run_command, capsys):
    assert run_command("index", folder) == 0
    path = folder / "index.html"
    assert capsys.readouterr().out.splitlines() == [
        "2 runs listed, 1 that cannot be read", str(path)
    ]  # fmt: skip
    page = path.read_text(encoding="utf-8")
    assert 'href="./digits/report.html"' in page
    assert "is the best of" in page
    assert "broken" in page


def test_out_names_the_page_and_links_start_there(folder, run_command):
    (folder / "pages").mkdir()
    assert run_command("index", folder, "--out", folder / "pages" / "all.html") == 0
    page = (folder / "pages" / "all.html").read_text(encoding="utf-8")
    assert 'href="./../digits/report.html"' in page


def test_the_same_list_is_drawn_twice(folder, run_command):
    pages = []
    for _ in range(2):
        assert run_command("index", folder) == 0
        pages.append((folder / "index.html").read_bytes())
    assert pages[0] == pages[1]


def test_a_folder_without_runs_is_a_page_that_says_so(tmp_path, run_command, capsys):
    assert run_command("index", tmp_path) == 0
    assert capsys.readouterr().out.startswith("0 runs listed")
    assert "No folder below this one holds a run" in (tmp_path / "index.html").read_text()


def test_one_run_is_told_in_the_singular(finished_runs, tmp_path, run_command, capsys):
    out = tmp_path / "x.html"
    assert run_command("index", finished_runs / "digits", "--out", out) == 0
    assert capsys.readouterr().out.startswith("1 run listed\n")


def test_everything_wrong_is_told_at_once(tmp_path, run_command, capsys):
    assert run_command("index", tmp_path / "none", "--out", tmp_path) == 2
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(": ")[2].split(";")[0] for line in lines] == [
        "there is no such folder", f"{str(tmp_path)!r} is a folder",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["none", "x" * 300, "a\0b"])
def test_a_folder_that_is_not_there_is_wrong_usage(name, tmp_path, run_command, capsys):
    assert run_command("index", tmp_path / name) == 2
    assert "there is no such folder" in capsys.readouterr().err


@pytest.mark.slow
def test_tensorflow_is_not_imported(folder):
    code = (
        "import sys; from studies.main import main; "
        f"sys.exit(main(['index', {str(folder)!r}]) or ('tensorflow' in sys.modules) * 9)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
