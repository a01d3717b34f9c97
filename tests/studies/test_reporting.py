import json
import math

import pytest

from studies.reporting import write_findings, write_report
from sweep.errors import StorageError
from sweep.runs.folder import RunFolder


def test_findings_are_json_without_nan(fresh_run, record_of):
    for slot in range(3):
        fresh_run.folder.append_record(record_of(slot, (0.5, 0.4, math.nan)))
    findings = write_findings(fresh_run.folder)
    text = fresh_run.folder.findings_path.read_text()
    stored = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert stored["schema"] == 1
    assert [entry["code"] for entry in stored["findings"]] == [each.code for each in findings]
    assert findings


def test_a_run_without_trials_has_findings_and_a_report(fresh_run, tmp_path):
    write_findings(fresh_run.folder)
    write_report(fresh_run.folder, tmp_path / "r.html")
    assert "</html>" in (tmp_path / "r.html").read_text()


def test_a_report_that_cannot_be_written_names_path_and_size(fresh_run, tmp_path):
    with pytest.raises(StorageError, match=r"no/r.html: No such file .* needs [\d,]+ bytes"):
        write_report(fresh_run.folder, tmp_path / "no" / "r.html")


@pytest.mark.slow
def test_the_findings_of_a_run_do_not_change_when_they_are_drawn_again(run_copy):
    before = (run_copy / "findings.json").read_bytes()
    write_findings(RunFolder.open(run_copy))
    assert (run_copy / "findings.json").read_bytes() == before


@pytest.mark.slow
def test_the_report_shows_the_first_finding(run_copy, tmp_path):
    first = json.loads((run_copy / "findings.json").read_bytes())["findings"][0]
    write_report(RunFolder.open(run_copy), tmp_path / "r.html")
    assert first["subject"] in (tmp_path / "r.html").read_text()
