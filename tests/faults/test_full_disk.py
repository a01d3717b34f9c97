"""A disk that is full at a chosen moment: what is told, what is kept, and how it goes on."""

import pytest

from studies.main import main
from sweep.runs.folder import RunFolder

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("opened", "count", "named"),
    [
        (r"records\.jsonl$", 1, r"records.jsonl"),
        (r"records\.jsonl$", 4, r"records.jsonl"),
        (r"study\.journal$", 3, r"study.journal"),
        (r"\.manifest\.\d+\.json$", 3, "manifest"),  # when the run begins to work
        (r"\.manifest\.\d+\.json$", 5, "manifest"),  # when the search has ended
        (r"\.model\.\d+\.keras$", 1, "best"),
        (r"\.trials\.\d+\.parquet$", 1, "trials.parquet"),
        (r"\.findings\.\d+\.json$", 1, "findings.json"),
    ],
)
def test_a_disk_that_fills_ends_a_sweep_with_5_and_loses_nothing(
    *, opened, count, named, disk, at_opening, faults_of, sweep_words, undisturbed, assert_same_run
):
    path = disk.path / "run"
    at_opening(opened, count, disk.fill)

    code, faults = faults_of(sweep_words(path, "--no-report"))

    assert code == 5
    assert len(faults) == 1
    place, _, rest = faults[0].removeprefix("error: ").partition(": ")
    assert place.startswith(str(path))
    assert named in place
    assert rest.startswith("No space left on device; make room there")
    assert "`fitgap resume` goes on" in rest
    assert faults_of(["status", path]) == (0, [])  # what there is can be looked at meanwhile
    kept = [record.trial for record in RunFolder.open(path).records()]

    disk.fill()  # what was cleared away has left some room
    assert faults_of(["resume", path])[0] == 5
    assert [record.trial for record in RunFolder.open(path).records()] == kept
    disk.free()
    assert main(["resume", str(path)]) == 0

    assert_same_run(path, undisturbed)
    assert [record.trial for record in RunFolder.open(path).records()][: len(kept)] == kept


@pytest.mark.parametrize("opened", [r"run\.lock$", r"\.manifest\.backup\.", r"\.manifest\.\d+\."])
def test_a_disk_that_is_full_from_the_start_leaves_room_for_the_same_command(
    *, opened, disk, at_opening, faults_of, sweep_words, undisturbed, assert_same_run
):
    path = disk.path / "run"
    at_opening(opened, 1, disk.fill)

    code, faults = faults_of(sweep_words(path, "--no-report"))

    assert code == 5
    assert "No space left on device; make room there" in faults[0]
    disk.free()
    assert main(sweep_words(path, "--no-report")) == 0
    assert_same_run(path, undisturbed)


def test_the_old_report_stays_whole_until_the_new_one_is(
    disk, at_opening, faults_of, sweep_words, undisturbed, assert_same_run
):
    path = disk.path / "run"
    at_opening(r"\.report\.html\.\w+$", 1, disk.fill)
    code, faults = faults_of(sweep_words(path))
    assert (code, (path / "report.html").exists()) == (5, False)
    assert f"{path}/report.html: No space left on device; the page needs" in faults[0]
    disk.free()
    assert main(["resume", str(path)]) == 0
    assert_same_run(path, undisturbed)
    before = (path / "report.html").read_bytes()

    disk.fill()
    code, faults = faults_of(["report", path])

    assert code == 5
    assert "No space left on device; " in faults[0]
    assert (path / "report.html").read_bytes() == before
