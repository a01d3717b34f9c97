import errno

import pytest

from reports.comparison_content import IndexContent
from studies.comparison.writing import write_index
from studies.page_file import write_page_file
from studies.reporting import write_report
from sweep.errors import StorageError


def fault_of(write, path):
    with pytest.raises(StorageError) as caught:
        write(path)
    (fault,) = caught.value.faults
    return fault.removeprefix(f"{path}: ")


def test_a_page_is_written_whole_in_the_place_of_the_old_one(tmp_path):
    path = tmp_path / "r.html"
    for page in ("old", "<p>nëw</p>"):
        write_page_file(path, page, then="then run it again")
    assert path.read_text(encoding="utf-8") == "<p>nëw</p>"


def test_a_page_that_cannot_be_written_tells_its_bytes_and_what_to_do(tmp_path):
    fault = fault_of(lambda path: write_page_file(path, "ë", then="then x"), tmp_path / "no" / "p")
    assert fault == (
        "No such file or directory; the page needs 2 bytes there: make room or give write"
        " permission, then x"
    )


def test_an_error_without_words_of_its_own_is_told_all_the_same(tmp_path, monkeypatch):
    def fail(*_):
        raise OSError("cut off")

    monkeypatch.setattr("studies.page_file.write_html", fail)
    fault = fault_of(lambda path: write_page_file(path, "", then="then x"), tmp_path / "p")
    assert fault.startswith("cut off; the page needs 0 bytes")


@pytest.mark.parametrize("number", [errno.EISDIR, errno.ENOENT])
def test_a_report_and_a_list_of_runs_tell_the_same_fault_in_the_same_words(
    fresh_run, tmp_path, number
):
    path = tmp_path / "there" if number == errno.EISDIR else tmp_path / "no" / "p.html"
    if number == errno.EISDIR:
        path.mkdir()
    report = fault_of(lambda place: write_report(fresh_run.folder, place), path)
    empty = IndexContent(name="runs", folders=[], note="")
    index = fault_of(lambda place: write_index(empty, place), path)

    def without_size(fault):
        words = fault.split(", then ")[0].split()
        return [word for word in words if not word[0].isdigit()]

    assert without_size(report) == without_size(index)
    assert ("move that away" in report) == (number == errno.EISDIR)
    assert report.endswith(", then draw it with `fitgap report`")
    assert index.endswith(", then run the command again")
