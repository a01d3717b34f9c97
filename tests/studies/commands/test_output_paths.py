import os

import pytest

from studies.commands.output_paths import output_file, run_folder_faults
from sweep.errors import ConfigurationError


def test_a_new_or_empty_folder_is_fine(tmp_path):
    assert run_folder_faults(None) == []
    assert run_folder_faults(str(tmp_path / "new" / "run")) == []
    assert run_folder_faults(str(tmp_path)) == []


@pytest.mark.parametrize("text", ["", "  ", "a\0b"])
def test_no_name_is_refused(text):
    assert run_folder_faults(text) == [
        "--out: it is empty or holds NUL; give a folder, or leave it out"
    ]
    with pytest.raises(ConfigurationError, match="--out: it is empty or holds NUL; give a file"):
        output_file(text, ())


def test_a_run_is_never_overwritten(tmp_path):
    (tmp_path / "manifest.json").touch()
    (fault,) = run_folder_faults(str(tmp_path))
    assert "holds a run already, which `fitgap resume" in fault
    assert fault.endswith("; give another folder")


def test_a_folder_with_other_files_is_refused(tmp_path):
    (tmp_path / "thesis.doc").touch()
    assert "holds other files; give another folder" in run_folder_faults(str(tmp_path))[0]


@pytest.mark.parametrize("below", ["", "/run", "/deep/run"])
def test_a_file_is_no_folder(below, tmp_path):
    path = tmp_path / "file"
    path.touch()
    (fault,) = run_folder_faults(f"{path}{below}")
    assert fault == f"--out: {str(path)!r} is a file; give another folder"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_place_is_refused(tmp_path):
    tmp_path.chmod(0o500)
    assert "nothing may be written" in run_folder_faults(str(tmp_path / "run"))[0]
    with pytest.raises(ConfigurationError, match="nothing may be written"):
        output_file(str(tmp_path / "x.csv"), ())


def test_a_name_too_long_is_refused():
    (fault,) = run_folder_faults("x" * 5000)
    assert "cannot be used (File name too long); give another folder" in fault
    with pytest.raises(ConfigurationError, match=r"cannot be used|there is no folder"):
        output_file("x" * 5000 + ".csv", (".csv",))


def test_an_output_file_may_be_left_out():
    assert output_file(None, (".csv",)) is None


def test_the_ending_of_an_output_file_chooses_its_format(tmp_path):
    assert output_file(str(tmp_path / "a.CSV"), (".csv", ".parquet")) == tmp_path / "a.CSV"
    with pytest.raises(ConfigurationError, match=r"x\.txt' does not end in \.csv or"):
        output_file(str(tmp_path / "x.txt"), (".csv", ".parquet"))


def test_an_output_file_needs_its_folder(tmp_path):
    with pytest.raises(ConfigurationError, match=r"there is no folder '.*/no'; make it"):
        output_file(str(tmp_path / "no" / "x.csv"), (".csv",))
    (tmp_path / "d.csv").mkdir()
    with pytest.raises(ConfigurationError, match=r"d\.csv' is a folder; give a file in it"):
        output_file(str(tmp_path / "d.csv"), (".csv",))


def test_no_file_of_a_run_is_overwritten_but_its_report(finished_runs):
    run = finished_runs / "digits"
    own = [path for path in run.rglob("*") if path.is_file() and path.name != "report.html"]
    assert len(own) > 6
    for path in own:
        with pytest.raises(ConfigurationError, match=r"is a file of the run itself; give another"):
            output_file(str(path), ())
    assert output_file(str(run / "report.html"), ()) == run / "report.html"
    assert output_file(str(run / "report.md"), ()) == run / "report.md"


def test_a_link_to_a_file_of_a_run_is_that_file(finished_runs, tmp_path):
    (tmp_path / "link.html").symlink_to(finished_runs / "digits" / "manifest.json")
    with pytest.raises(ConfigurationError, match="is a file of the run itself"):
        output_file(str(tmp_path / "link.html"), ())


def test_a_name_that_runs_use_is_free_elsewhere(tmp_path):
    assert output_file(str(tmp_path / "findings.json"), ()) == tmp_path / "findings.json"
