import pytest

from studies import reporting
from studies.notebook import RunReport
from sweep.errors import ConfigurationError


@pytest.mark.slow
def test_a_notebook_shows_the_run_in_a_frame(told_run):
    shown = RunReport(told_run.path)._repr_html_()
    assert shown.startswith("<iframe ")
    assert "The best network reaches a confirmed accuracy of 0.700" in shown


@pytest.mark.slow
def test_it_shows_the_run_as_it_is_now(fresh_run, record_of):
    report = RunReport(str(fresh_run.folder.path))
    before = report._repr_html_()
    fresh_run.folder.append_record(record_of(0))
    assert report._repr_html_() != before


def test_its_name_is_the_call_that_makes_it(told_run):
    assert repr(RunReport(told_run.path)) == f"RunReport({str(told_run.path)!r})"


def test_a_folder_without_a_run_is_refused(tmp_path):
    with pytest.raises(ConfigurationError, match="no run here"):
        RunReport(tmp_path)


@pytest.mark.slow
def test_what_takes_seconds_is_measured_once(told_run, monkeypatch):
    calls = []
    measure = reporting.importance_of
    monkeypatch.setattr(
        reporting, "importance_of", lambda *given: calls.append(1) or measure(*given)
    )
    RunReport(told_run.path)._repr_html_()
    assert calls == [1]
