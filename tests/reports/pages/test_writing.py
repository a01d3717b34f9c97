import pytest

from reports.pages.writing import write_html


def test_a_file_is_written_whole(tmp_path):
    text = "<p>ü</p>\n" * 1000
    path = tmp_path / "report.html"
    write_html(path, text)
    assert path.read_text(encoding="utf-8") == text
    assert [entry.name for entry in tmp_path.iterdir()] == ["report.html"]


def test_an_old_report_stays_if_the_new_one_cannot_be_written(tmp_path, monkeypatch):
    path = tmp_path / "report.html"
    write_html(path, "old")

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("reports.pages.writing.os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_html(path, "new")
    assert path.read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_missing_folder_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        write_html(tmp_path / "none" / "report.html", "x")
