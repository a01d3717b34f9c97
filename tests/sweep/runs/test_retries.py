"""Failed trials are trained again; until then, and whatever crashes, no record is lost."""

import contextlib

import pytest

from sweep.errors import StorageError
from sweep.runs import retries, runner
from sweep.runs.folder import RunFolder
from sweep.runs.repair import find_damaged_run, repair_run
from sweep.runs.retries import can_be_retried, failed_before, set_failed_aside
from sweep.runs.runner import Sweep
from sweep.training.tasks import failed_result

FAILED = ("s0001", "s0003")


class FailingWorkers:
    """Every trial fails."""

    def __init__(self):
        self.waiting = []

    def submit(self, task):
        self.waiting.append(task)

    def next_results(self):
        return [failed_result(trial, "no memory", 0.1) for trial in self.waiting.pop(0).trials]


def nothing_works(*_, **__):
    return contextlib.nullcontext(FailingWorkers())


@pytest.fixture
def failed_run(made_up_run, record_of):
    """A finished run of five trials, of which two failed."""
    records = made_up_run.records()
    made_up_run.records_path.unlink()
    for record in records:
        failed = record_of(record.slot, outcome="failed", reason="no memory", losses=[])
        made_up_run.append_record(failed if record.trial in FAILED else record)
    return made_up_run


def set_aside(folder):
    with folder.locked():
        return set_failed_aside(folder, folder.read_manifest(), folder.records())


def test_what_failed_leaves_the_log_and_is_kept(failed_run):
    before = {record.trial: record for record in failed_run.records()}
    left = set_aside(failed_run)

    assert {record.trial for record in left} == before.keys() - {*FAILED}
    assert [one.trial for one in failed_run.records()] == [one.trial for one in left]
    assert failed_run.read_manifest()["records"] == 3
    kept = failed_before(failed_run)
    assert kept.keys() == {*FAILED}
    for trial, record in kept.items():
        assert (record.config, record.reason) == (before[trial].config, "no memory")
        assert record.number == before[trial].number


def test_where_nothing_failed_nothing_is_written(made_up_run):
    stamp = made_up_run.manifest_path.stat().st_mtime_ns

    assert len(set_aside(made_up_run)) == 5
    assert not made_up_run.failed_path.exists()
    assert made_up_run.manifest_path.stat().st_mtime_ns == stamp


@pytest.mark.parametrize("before", [0, 1, 2])
def test_a_crash_at_any_write_loses_no_record(before, failed_run, monkeypatch):
    writes = []

    def crashing(write):
        def write_or_crash(*arguments):
            if len(writes) == before:
                raise KeyboardInterrupt
            writes.append(arguments)
            write(*arguments)

        return write_or_crash

    trials = {record.trial for record in failed_run.records()}
    monkeypatch.setattr(retries, "write_bytes", crashing(retries.write_bytes))
    monkeypatch.setattr(RunFolder, "write_manifest", crashing(RunFolder.write_manifest))
    with pytest.raises(KeyboardInterrupt):
        set_aside(failed_run)
    monkeypatch.undo()

    assert {one.trial for one in failed_run.records()} | failed_before(failed_run).keys() == trials
    assert len(set_aside(failed_run)) == 3
    assert failed_run.failed_path.read_bytes().count(b"\n") == 2


def test_the_latest_failure_of_a_trial_counts(failed_run, record_of):
    set_aside(failed_run)
    again = record_of(1, outcome="failed", reason="again", losses=[])
    failed_run.append_record(again)
    set_aside(failed_run)

    assert failed_before(failed_run)["s0001"].reason == "again"
    assert failed_run.failed_path.read_bytes().count(b"\n") == 3


def test_tuning_on_which_a_comparison_rests_is_not_trained_again(record_of):
    tuning = record_of(0, trial="t0000-01", stage="tuning", outcome="failed", losses=[])
    compared = record_of(0, trial="r000-01", stage="comparison", outcome="failed", losses=[])

    assert can_be_retried([tuning]) == {"t0000-01"}
    assert can_be_retried([tuning, compared]) == {"r000-01"}


def test_a_damaged_line_of_what_was_set_aside_is_moved_out_by_repair(failed_run):
    set_aside(failed_run)
    first, second = failed_run.failed_path.read_bytes().splitlines(keepends=True)
    failed_run.failed_path.write_bytes(first[:-9] + b"\n" + second)
    checked = {one.name: one for one in repair_run(find_damaged_run(failed_run.path))}

    assert checked["records.failed.jsonl"].state == "rebuilt"
    assert failed_before(failed_run).keys() == {"s0003"}
    assert failed_run.path.joinpath("records.damaged.jsonl").read_bytes() == first[:-9] + b"\n"
    again = {one.name: one.state for one in repair_run(find_damaged_run(failed_run.path))}
    assert again["records.failed.jsonl"] == "whole"


@pytest.mark.slow
def test_a_run_whose_trials_failed_ends_as_one_in_which_they_did_not(
    tmp_path, small_settings, run_sweep, same_trials, monkeypatch
):
    undisturbed = run_sweep(tmp_path / "undisturbed", small_settings())[0]
    monkeypatch.setattr(runner, "start_workers", nothing_works)
    run_sweep(tmp_path / "run", small_settings())
    plain = Sweep.open(tmp_path / "run")
    assert list(plain.run()) == []  # without --failed they are left as they are
    monkeypatch.undo()

    sweep = Sweep.open(tmp_path / "run")
    sweep.retry = True
    with contextlib.closing(sweep.run()) as records:
        next(records)  # and the rest without being told again
    list(Sweep.open(tmp_path / "run").run())

    same_trials(sweep.folder.records(), undisturbed.records())
    manifest = sweep.folder.read_manifest()
    assert (manifest["state"], manifest["counts"]["failed"]) == ("finished", 0)
    assert manifest["winner"]["trial"] == undisturbed.read_manifest()["winner"]["trial"]
    assert len(failed_before(sweep.folder)) == 6


@pytest.mark.slow
def test_what_fails_again_stops_the_run_after_so_many_in_a_row(
    tmp_path, small_settings, run_sweep, monkeypatch
):
    monkeypatch.setattr(runner, "start_workers", nothing_works)
    settings = small_settings(max_failures=3)
    with pytest.raises(StorageError, match="3 trials failed in a row"):
        run_sweep(tmp_path / "run", settings)
    sweep = Sweep.open(tmp_path / "run")
    sweep.retry = True

    with pytest.raises(StorageError, match="s0000 to s0002: 3 trials failed in a row"):
        list(sweep.run())
    assert {record.outcome for record in sweep.folder.records()} == {"failed"}
