import json
import math
import os

import pytest

from studies.comparison.listing import list_runs
from sweep.errors import ConfigurationError
from sweep.runs.folder import RunFolder


def listed(folder):
    return {one.path: one for one in list_runs(folder, folder / "index.html").folders}


def test_runs_are_listed_newest_first(make_sweep, tmp_path):
    for name, day in (("old", "2026-01-01"), ("new", "2026-03-01"), ("middle", "2026-02-01")):
        make_sweep(name, [0.8], created=f"{day}T00:00:00+00:00")
    assert list(listed(tmp_path)) == ["new", "middle", "old"]


def test_a_run_is_told_by_its_manifest_and_findings(make_sweep, tmp_path):
    confirmed = {"score": 0.9, "score_low": 0.88, "score_high": 0.92}
    path = make_sweep("a", [0.8], winner={"trial": "s0000", "confirmed": confirmed})
    findings = [
        {"about": "sweep", "verdict": "chosen", "sentence": "s0000 was chosen."},
        {"about": "network", "verdict": "overfits", "sentence": "It overfits."},
    ]
    (path / "findings.json").write_text(json.dumps({"schema": 1, "findings": findings}))
    (path / "report.html").write_text("x")
    one = listed(tmp_path)["a"]
    assert (one.kind, one.data, one.state) == ("sweep", "digits", "finished")
    assert one.score == (0.9, 0.88, 0.92)
    assert (one.verdict, one.conclusion) == ("overfits", "s0000 was chosen.")
    assert one.report == "a/report.html"
    assert one.counts["planned"] == 1


def test_a_claimed_score_has_no_interval(make_sweep, tmp_path):
    make_sweep("a", [0.8], winner={"trial": "s0000", "confirmed": None, "validation": {"score": 1}})
    score, low, high = listed(tmp_path)["a"].score
    assert score == 1
    assert math.isnan(low)
    assert math.isnan(high)


def test_links_are_relative_to_the_page(make_sweep, tmp_path):
    path = make_sweep("runs/a", [0.8])
    (path / "report.html").write_text("x")
    elsewhere = tmp_path / "pages"
    elsewhere.mkdir()
    (one,) = list_runs(tmp_path / "runs", elsewhere / "index.html").folders
    assert one.path == "a"
    assert one.report == "../runs/a/report.html"


def test_what_lies_in_a_run_is_no_run(make_sweep, tmp_path):
    path = make_sweep("a", [0.8])
    (path / "best").mkdir()
    (path / "best" / "manifest.json").write_text("{}")
    assert list(listed(tmp_path)) == ["a"]


def test_runs_in_folders_of_folders_are_found(make_sweep, tmp_path):
    make_sweep("x/y/a", [0.8])
    assert list(listed(tmp_path)) == ["x/y/a"]


def test_symbolic_links_are_not_followed(make_sweep, tmp_path):
    path = make_sweep("outside/a", [0.8])
    inside = tmp_path / "inside"
    (inside / "run").mkdir(parents=True)
    (inside / "link").symlink_to(path)
    (inside / "loop").symlink_to(inside)
    (inside / "run" / "manifest.json").symlink_to(path / "manifest.json")
    found = listed(inside)
    assert list(found) == ["run"]
    assert found["run"].fault == "its manifest.json is a symbolic link"


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "it is damaged"),
        (b"\xff\xfe", "it is damaged"),
        (b"[]", "its schema is None"),
        (b'{"schema": 9}', "its schema is 9, this version reads 1"),
        (b'{"schema": 1}', "it is damaged (no state"),
    ],
)
def test_a_manifest_that_cannot_be_read_is_listed_with_the_reason(tmp_path, content, fault):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "manifest.json").write_bytes(content)
    found = listed(tmp_path)["a"].fault
    assert found.startswith(fault)
    assert str(tmp_path) not in found


@pytest.mark.parametrize(
    "changed", [{"data": None}, {"winner": 3}, {"counts": []}, {"data": {"name": 1}, "seeds": 1}]
)
def test_a_manifest_of_wrong_types_breaks_nothing(make_sweep, tmp_path, changed):
    make_sweep("good", [0.8])
    path = make_sweep("bad", [0.8])
    manifest = json.loads((path / "manifest.json").read_text())
    RunFolder(path).write_manifest(manifest | changed)
    assert set(listed(tmp_path)) == {"good", "bad"}


@pytest.mark.parametrize("findings", ["", "[]", '{"findings": [1]}', '{"findings": 3}'])
def test_findings_that_cannot_be_read_leave_no_conclusion(make_sweep, tmp_path, findings):
    path = make_sweep("a", [0.8])
    (path / "findings.json").write_text(findings)
    one = listed(tmp_path)["a"]
    assert (one.fault, one.conclusion, one.verdict) == ("", "", "")


def test_a_run_that_is_not_done_has_no_conclusion(make_sweep, tmp_path):
    path = make_sweep("a", [0.8], state="interrupted")
    findings = [{"about": "sweep", "verdict": "x", "sentence": "So far."}]
    (path / "findings.json").write_text(json.dumps({"findings": findings}))
    assert listed(tmp_path)["a"].conclusion == ""


def test_a_folder_without_runs_lists_none(tmp_path):
    assert list_runs(tmp_path, tmp_path / "index.html").folders == []


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ConfigurationError, match="none: there is no such folder"):
        list_runs(tmp_path / "none", tmp_path / "index.html")


def test_a_folder_that_cannot_be_looked_into_is_listed_with_the_reason(
    make_sweep, tmp_path, monkeypatch
):
    make_sweep("a", [0.8])
    (tmp_path / "closed").mkdir()
    look = os.scandir

    def scandir(path):
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return look(path)

    monkeypatch.setattr(os, "scandir", scandir)  # to root no folder is closed
    assert listed(tmp_path)["closed"].fault == "it cannot be looked into (Permission denied)"


def test_a_run_by_itself_is_listed_by_its_name(make_sweep):
    assert list(listed(make_sweep("a", [0.8]))) == ["a"]


def test_a_link_to_itself_is_told(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "manifest.json").symlink_to("manifest.json")
    assert listed(tmp_path)["a"].fault == "its manifest.json is a symbolic link"


def test_a_manifest_that_never_ends_is_told(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "manifest.json").write_text("[" * 100_000)
    assert "it is damaged" in listed(tmp_path)["a"].fault


def test_findings_that_never_end_are_left_out(make_sweep, tmp_path):
    (make_sweep("a", [0.8]) / "findings.json").write_text("[" * 100_000)
    assert listed(tmp_path)["a"].conclusion == ""


def test_pipes_are_not_waited_for(make_sweep, tmp_path):
    os.mkfifo(make_sweep("a", [0.8]) / "findings.json")
    (tmp_path / "b").mkdir()
    os.mkfifo(tmp_path / "b" / "manifest.json")
    assert list(listed(tmp_path)) == ["a"]
