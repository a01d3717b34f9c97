import json
import math

import pytest

from reports.outputs.facts import run_facts
from reports.outputs.json_document import json_document
from studies.commands.conditions import ConditionHeldError, judge_run, read_conditions
from studies.reporting import conclude_run, render_page, write_findings, write_report
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


def test_a_folder_in_the_place_of_a_report_is_a_matter_for_repair_only_inside_the_run(
    fresh_run, tmp_path
):
    inside, outside = fresh_run.folder.report_path, tmp_path / "report.html"
    for path, is_told in ((inside, True), (outside, False)):
        path.mkdir()
        with pytest.raises(StorageError, match="move that away") as caught:
            write_report(fresh_run.folder, path)
        assert ("let `fitgap repair` do it" in str(caught.value)) is is_told


@pytest.fixture
def killed_run(fresh_run):
    """A run whose process was killed: its manifest still says that it runs."""
    folder = fresh_run.folder
    folder.write_manifest(folder.read_manifest() | {"state": "running"})
    return folder


def test_a_run_whose_process_was_killed_is_interrupted_in_its_report_and_facts(killed_run):
    content = conclude_run(killed_run)
    assert content.manifest["state"] == run_facts(content)["state"] == "interrupted"
    assert json_document(content)["facts"]["state"] == "interrupted"
    assert "interrupted" in render_page(content)


def test_a_gate_on_the_state_holds_for_a_run_whose_process_was_killed(killed_run):
    conditions = read_conditions(["state == interrupted"], "sweep")
    with pytest.raises(ConditionHeldError, match="state"):
        judge_run(killed_run.path, conditions)
    with killed_run.locked():
        judge_run(killed_run.path, conditions)


def test_a_run_at_work_is_said_to_run(killed_run):
    with killed_run.locked():
        assert conclude_run(killed_run).manifest["state"] == "running"


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
