import contextlib
import json
import shutil
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from sweep.data.sources import load_dataset
from sweep.errors import ConfigurationError, DataError, StorageError
from sweep.records import HISTORY_COLUMNS, TrainingHistory, search_trial_id
from sweep.runs import runner
from sweep.runs.confirmation import best_replicate
from sweep.runs.folder import RunFolder
from sweep.runs.runner import Sweep
from sweep.space.parsing import parse_space
from sweep.tables import without_times
from sweep.training.tasks import TrialResult


def trials_of(folder):
    return without_times(pd.read_parquet(folder.path / "trials.parquet"))


def assert_same_run(folder, expected):
    """The tables of two runs are equal bit for bit, the times aside."""
    pd.testing.assert_frame_equal(trials_of(folder), trials_of(expected), check_exact=True)
    one, other = (
        without_times(pd.read_parquet(run.path / "epochs.parquet")) for run in (folder, expected)
    )
    pd.testing.assert_frame_equal(one, other, check_exact=True)


def resume(folder, **more):
    sweep = Sweep.open(folder.path, workers=1, **more)
    return list(sweep.run())


class FailingWorkers:
    """Every trial fails."""

    def __init__(self):
        self.waiting = []

    def submit(self, task):
        self.waiting.append(task)

    def next_results(self):
        task = self.waiting.pop(0)
        return [
            TrialResult(
                trial=trial, outcome="failed", reason="no memory", seconds=0.1,
                history=TrainingHistory.empty(),
            )
            for trial in task.trials
        ]  # fmt: skip

    def forget(self, task):
        raise NotImplementedError


@pytest.fixture
def _failing(monkeypatch):
    monkeypatch.setattr(
        runner, "start_workers", lambda *_, **__: contextlib.nullcontext(FailingWorkers())
    )


def test_a_new_run_says_what_it_will_do(tmp_path, small_settings):
    sweep = Sweep.create(small_settings(), tmp_path / "run", command="fitgap sweep digits")
    manifest = sweep.folder.read_manifest()

    assert (manifest["state"], manifest["name"]) == ("created", "run")
    assert manifest["command"] == "fitgap sweep digits"
    assert manifest["counts"] == {
        "planned": 6, "finished": 0, "pruned": 0, "diverged": 0, "failed": 0, "running": 0
    }  # fmt: skip
    assert manifest["data"]["splits"] == {"train": 1078, "validation": 360, "test": 359}
    assert (manifest["lag"], manifest["threads_per_worker"]) == (3, 1)
    assert (manifest["settings"]["pruner"], manifest["rungs"]) == ("none", [])
    assert manifest["winner"] is None
    assert manifest["finished"] is None
    assert sweep.folder.records() == []


@pytest.mark.parametrize("lag", [None, 1])
def test_workers_and_lag_that_are_left_out_fit_each_other(tmp_path, small_settings, lag):
    settings = small_settings(workers=None, lag=lag)
    created = Sweep.create(settings, tmp_path / "run")
    opened = Sweep.open(tmp_path / "run")

    assert 1 <= created.settings.workers <= created.settings.lag
    assert 1 <= opened.settings.workers <= opened.settings.lag == created.settings.lag
    assert Sweep.open(tmp_path / "run", workers=500).settings.workers == opened.settings.lag


def test_the_lag_of_the_most_workers_is_within_its_limits(tmp_path, small_settings):
    settings = small_settings(workers=1024, lag=None)
    created = Sweep.create(settings, tmp_path / "run")

    assert Sweep.open(tmp_path / "run").settings.lag == created.settings.lag == 4096


def test_a_grid_ends_where_its_points_do(tmp_path, small_settings):
    space = parse_space(
        {"depth": 1, "width": [8, 16], "optimizer": "adam", "activation": ["relu", "tanh"],
         "dropout": 0.0, "learning_rate": 0.01}
    )  # fmt: skip

    assert Sweep.create(small_settings(sampler="grid", space=space), tmp_path / "a").planned == 4
    few = small_settings(sampler="grid", space=space, trials=3)
    assert Sweep.create(few, tmp_path / "b").planned == 3


def test_a_sweep_ends_where_its_space_does_and_says_so(tmp_path, small_settings, run_sweep):
    space = parse_space(
        {"depth": 1, "width": [8, 16], "optimizer": "adam", "activation": ["relu", "tanh"],
         "dropout": 0.0, "learning_rate": 0.01}
    )  # fmt: skip
    folder, records = run_sweep(tmp_path / "run", small_settings(trials=20, space=space))
    manifest = folder.read_manifest()
    searched = [record for record in records if record.stage == "search"]

    assert len({record.config.effective for record in searched}) == len(searched) == 4
    assert manifest["counts"]["planned"] == 4
    assert manifest["settings"]["pruner"] == "none"  # four are too few for one
    (warning,) = manifest["warnings"]
    assert "20 trials" in warning
    assert "4 configurations" in warning
    assert Sweep.open(tmp_path / "run", trials=50).planned == 4


def test_what_a_run_begins_with_is_in_its_settings_and_resume_needs_no_more(
    tmp_path, small_settings, run_sweep, same_trials
):
    starts = [{"depth": 1, "width": 9}, {"depth": 1, "width": 30, "optimizer": "sgd"}]
    settings = small_settings(start=starts, confirm=0)
    folder, records = run_sweep(tmp_path / "run", settings)

    kept = folder.read_manifest()["settings"]["start"]
    assert [one["width"] for one in kept] == [9, 30]
    assert kept[0]["learning_rate"] == 0.001
    searched = {record.slot: record.config for record in records}
    assert [searched[slot].width for slot in (0, 1)] == [9, 30]
    shutil.copytree(folder.path, tmp_path / "cut")
    log = tmp_path / "cut" / "records.jsonl"
    log.write_bytes(log.read_bytes().splitlines(keepends=True)[0])
    manifest = RunFolder.open(tmp_path / "cut").read_manifest()
    RunFolder.open(tmp_path / "cut").write_manifest(manifest | {"records": 1})
    list(Sweep.open(tmp_path / "cut").run())
    same_trials(RunFolder.open(tmp_path / "cut").records(), records)


def test_a_start_above_the_cap_leaves_no_folder_behind(tmp_path, small_settings):
    space = parse_space({"depth": 1, "max_parameters": 2_000})
    settings = small_settings(space=space, start=[{"width": 8}, {"width": 100}])
    with pytest.raises(ConfigurationError, match=r"start.2: it has 7510 parameters, more than"):
        Sweep.create(settings, tmp_path / "run")

    assert not (tmp_path / "run").exists()


def test_more_starts_than_trials_are_told(tmp_path, small_settings):
    starts = [{"width": 8}, {"width": 9}, {"width": 10}]
    sweep = Sweep.create(small_settings(trials=2, start=starts), tmp_path / "run", notes=["told"])

    assert len(sweep.warnings) == 1
    assert "3" in sweep.warnings[0]
    assert "2" in sweep.warnings[0]
    assert sweep.folder.read_manifest()["warnings"] == [*sweep.warnings, "told"]


def test_a_run_with_a_budget_ends_by_its_work_and_goes_on_with_a_larger_one(
    tmp_path, small_settings, run_sweep, same_trials
):
    settings = small_settings(budget="12.6s", trials=500)
    folder, records = run_sweep(tmp_path / "run", settings)
    searched = [record for record in records if record.stage == "search"]
    planned = folder.read_manifest()["counts"]["planned"]
    assert 3 < planned == len(searched) < 60
    assert list(Sweep.open(folder.path).run()) == []
    assert folder.read_manifest()["counts"]["planned"] == planned

    shutil.copytree(folder.path, tmp_path / "cut")
    log = tmp_path / "cut" / "records.jsonl"
    log.write_bytes(b"".join(log.read_bytes().splitlines(keepends=True)[:2]))
    manifest = folder.read_manifest()
    RunFolder.open(tmp_path / "cut").write_manifest(manifest | {"records": 2})
    list(Sweep.open(tmp_path / "cut").run())
    same_trials(RunFolder.open(tmp_path / "cut").records(), records)

    more = Sweep.open(folder.path, changes={"budget": "12.9s"})
    list(more.run())
    assert more.planned > planned
    assert folder.read_manifest()["settings"]["budget"] == "12.9s"


def test_a_budget_that_shrinks_or_was_none_is_refused(tmp_path, small_settings):
    Sweep.create(small_settings(), tmp_path / "none")
    Sweep.create(small_settings(budget="1m"), tmp_path / "some")

    with pytest.raises(ConfigurationError, match="--budget: the run began without one of time"):
        Sweep.open(tmp_path / "none", changes={"budget": "2m"})
    for less in ("59s", "200"):
        with pytest.raises(ConfigurationError, match="is less than the 1m of the run"):
            Sweep.open(tmp_path / "some", changes={"budget": less})
    assert Sweep.open(tmp_path / "some", changes={"budget": "1h"}).settings.budget == "1h"


def test_a_budget_below_one_trial_leaves_no_folder_behind(tmp_path, small_settings):
    with pytest.raises(ConfigurationError, match=r"^budget: 12s is less than one trial"):
        Sweep.create(small_settings(budget="12s"), tmp_path / "run")

    assert not (tmp_path / "run").exists()


@pytest.mark.slow
def test_a_budget_gives_two_workers_the_trials_of_one(
    tmp_path, small_settings, run_sweep, same_trials
):
    settings = {"budget": "12.6s", "trials": 500, "lag": 8}
    one = run_sweep(tmp_path / "one", small_settings(**settings, workers=1))[1]
    two = run_sweep(tmp_path / "two", small_settings(**settings, workers=2))[1]

    same_trials(one, two)


def test_a_grid_that_is_too_large_leaves_no_folder_behind(tmp_path, small_settings):
    values = [place / 1000 for place in range(1, 150)]
    space = parse_space(
        {"dropout": values, "weight_decay": values, "learning_rate": values, "width": [8, 16]}
    )
    with pytest.raises(ConfigurationError, match="sampler: the grid has"):
        Sweep.create(small_settings(sampler="grid", space=space), tmp_path / "run")

    assert not (tmp_path / "run").exists()


def test_data_that_cannot_be_used_leave_no_folder_behind(tmp_path, small_settings):
    with pytest.raises(DataError):
        Sweep.create(small_settings(tmp_path / "missing.csv"), tmp_path / "run")

    assert not (tmp_path / "run").exists()


def test_fewer_trials_than_planned_are_refused(tmp_path, small_settings):
    Sweep.create(small_settings(), tmp_path / "run")

    with pytest.raises(ConfigurationError, match="--trials: 5 is fewer than the 6 of the run"):
        Sweep.open(tmp_path / "run", trials=5)
    assert Sweep.open(tmp_path / "run", trials=6).planned == 6


@pytest.fixture
def csv(tmp_path):
    rng = np.random.default_rng(0)
    path = tmp_path / "data.csv"
    table = pd.DataFrame({"a": rng.normal(size=90), "b": rng.normal(size=90)})
    table["y"] = np.where(table["a"] + table["b"] > 0, "yes", "no")
    table.to_csv(path, index=False)
    return path


def test_data_that_changed_are_refused_with_both_hashes(tmp_path, csv, small_settings):
    before = load_dataset(str(csv)).fingerprint
    Sweep.create(small_settings(csv), tmp_path / "run")
    csv.write_text(csv.read_text() + "0.5,0.5,yes\n")
    with pytest.raises(DataError) as caught:
        Sweep.open(tmp_path / "run")

    message = str(caught.value)
    assert before in message
    assert load_dataset(str(csv)).fingerprint in message
    assert "the data changed since the run began" in message


def test_a_run_is_resumed_from_another_folder(tmp_path, csv, small_settings, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Sweep.create(small_settings(csv.name), tmp_path / "run")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")

    assert Sweep.open(tmp_path / "run").planned == 6


def test_a_folder_called_as_a_bundled_data_set_is_not_taken_for_it(
    tmp_path, small_settings, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "digits").mkdir()
    sweep = Sweep.create(small_settings(), tmp_path / "run")

    assert sweep.folder.read_manifest()["data"]["path"] is None
    assert Sweep.open(tmp_path / "run").planned == 6


def test_versions_that_changed_are_told(tmp_path, small_settings):
    sweep = Sweep.create(small_settings(), tmp_path / "run")
    assert sweep.version_changes == []
    manifest = sweep.folder.read_manifest()
    manifest["versions"]["keras"] = "2.0"
    sweep.folder.write_manifest(manifest)

    (line,) = sweep.version_changes
    assert line.startswith("keras was 2.0 and is 3.")


@pytest.mark.usefixtures("_failing")
def test_a_sweep_in_which_nothing_works_has_no_winner(tmp_path, small_settings):
    sweep = Sweep.create(small_settings(), tmp_path / "run")
    assert len(list(sweep.run())) == 6

    manifest = sweep.folder.read_manifest()
    assert manifest["state"] == "finished"
    assert manifest["counts"]["failed"] == 6
    assert (manifest["winner"], manifest["confirmation"]) == (None, [])
    assert manifest["test_touches"] == []
    assert set(trials_of(sweep.folder)["reason"]) == {"no memory"}


@pytest.mark.usefixtures("_failing")
def test_failures_in_a_row_stop_the_sweep_and_keep_what_there_is(tmp_path, small_settings):
    sweep = Sweep.create(small_settings(max_failures=2), tmp_path / "run")
    with pytest.raises(StorageError, match="s0000 to s0001: 2 trials failed in a row"):
        list(sweep.run())

    assert sweep.folder.read_manifest()["state"] == "interrupted"
    assert len(trials_of(sweep.folder)) == len(sweep.folder.records()) >= 2
    assert not sweep.folder.in_use


@pytest.mark.usefixtures("_failing")
def test_a_sweep_that_is_left_alone_is_interrupted(tmp_path, small_settings):
    sweep = Sweep.create(small_settings(), tmp_path / "run")
    with contextlib.closing(sweep.run()) as records:
        next(records)
        assert sweep.folder.in_use
        assert sweep.folder.read_manifest()["state"] == "running"
        with pytest.raises(StorageError, match="is working on this run"):
            next(Sweep.open(tmp_path / "run").run())

    manifest = sweep.folder.read_manifest()
    assert (manifest["state"], manifest["counts"]["failed"]) == ("interrupted", 1)
    assert manifest["finished"] is None
    assert not sweep.folder.in_use
    assert len(trials_of(sweep.folder)) == 1


@pytest.mark.usefixtures("_failing")
def test_a_record_whose_writing_was_the_last_thing_done_is_counted(
    tmp_path, small_settings, monkeypatch
):
    sweep = Sweep.create(small_settings(), tmp_path / "run")
    append = RunFolder.append_record

    def interrupted(folder, record):
        append(folder, record)
        raise KeyboardInterrupt  # as a signal does, before anybody else learns of the record

    monkeypatch.setattr(RunFolder, "append_record", interrupted)
    with pytest.raises(KeyboardInterrupt):
        list(sweep.run())

    assert sweep.folder.read_manifest()["counts"]["failed"] == len(sweep.folder.records()) == 1


@pytest.mark.usefixtures("_failing")
def test_the_first_fault_is_the_one_that_is_told(tmp_path, small_settings, monkeypatch):
    sweep = Sweep.create(small_settings(), tmp_path / "run")

    def full(_, path):
        raise StorageError(f"{path}: no room")

    monkeypatch.setattr(RunFolder, "append_record", lambda folder, _: full(_, folder.records_path))
    monkeypatch.setattr(RunFolder, "write_tables", lambda folder: full(folder, "tables"))
    with pytest.raises(StorageError, match=r"records\.jsonl: no room"):
        list(sweep.run())


@pytest.mark.slow
def test_a_finished_run_says_what_it_did(finished_run):
    manifest = finished_run.read_manifest()
    records = finished_run.records()

    assert manifest["state"] == "finished"
    assert manifest["finished"] >= manifest["created"]
    assert manifest["counts"]["finished"] == 6
    assert [len(entry["trials"]) for entry in manifest["confirmation"]] == [2, 2]
    assert len(manifest["test_touches"]) == 1
    seconds = manifest["seconds"]
    assert seconds["total"] == pytest.approx(sum(seconds.values()) - seconds["total"])
    assert len(finished_run.baselines()) == 3
    assert {record.stage for record in records} == {"search", "confirmation"}
    trials = trials_of(finished_run)
    assert trials["trial"].tolist()[:6] == [f"s{slot:04d}" for slot in range(6)]
    assert len(trials) == 10
    seeds = trials[trials["stage"] == "confirmation"].groupby("slot")["seed"].apply(list)
    assert seeds.iloc[0] == seeds.iloc[1]


@pytest.mark.slow
def test_the_winner_has_the_smallest_confirmed_loss_and_the_best_replicate_is_saved(finished_run):
    manifest, records = finished_run.read_manifest(), finished_run.records()
    winner, entries = manifest["winner"], manifest["confirmation"]

    entry = min(entries, key=lambda entry: entry["confirmed"]["loss"])
    assert (winner["trial"], winner["rank"]) == (entry["trial"], entry["rank"])
    assert winner["confirmed"] == entry["confirmed"]
    replicates = [record for record in records if record.trial in entry["trials"]]
    assert winner["saved_from"] == best_replicate(replicates).trial
    assert manifest["test_touches"][0]["trial"] == winner["saved_from"]
    assert winner["rerun_difference"] == 0
    assert winner["test"]["rows"] == 359


@pytest.mark.slow
@pytest.mark.parametrize("sampler", ["tpe", "random", "qmc"])
def test_a_run_cut_after_any_record_goes_on_as_if_it_had_not_been(
    sampler, tmp_path, small_settings, run_sweep, finished_run, copied_run
):
    expected = finished_run
    if sampler != "tpe":
        expected = run_sweep(tmp_path / "whole", small_settings(sampler=sampler))[0]
    lines = expected.records_path.read_bytes().splitlines(keepends=True)
    manifest = expected.read_manifest()
    before = manifest | {
        "state": "running", "winner": None, "confirmation": [], "test_touches": [], "records": 0
    }  # fmt: skip
    for kept in range(len(lines)) if sampler == "tpe" else (0, 4, 8):
        folder = RunFolder(copied_run.path)
        for name in ("study.journal", "trials.parquet", "epochs.parquet", "best/model.keras"):
            (folder.path / name).unlink(missing_ok=True)
        folder.records_path.write_bytes(b"".join(lines[:kept]) + lines[kept][:-1])
        folder.write_manifest(before)

        assert len(resume(folder)) == len(lines) - kept

        assert_same_run(folder, expected)
        after = folder.read_manifest()
        for name in ("confirmation", "counts", "settings", "data"):
            assert after[name] == manifest[name]
        assert after["winner"] | {"sha256": 0} == manifest["winner"] | {"sha256": 0}
        assert len(after["test_touches"]) == 1


@pytest.mark.slow
def test_resuming_a_finished_run_changes_nothing(copied_run, finished_run):
    model = copied_run.best_path / "model.keras"
    before = model.read_bytes()

    assert resume(copied_run) == []

    assert_same_run(copied_run, finished_run)
    assert copied_run.read_manifest()["winner"] == finished_run.read_manifest()["winner"]
    assert (
        copied_run.read_manifest()["test_touches"] == finished_run.read_manifest()["test_touches"]
    )
    assert model.read_bytes() == before
    pd.testing.assert_frame_equal(copied_run.baselines(), finished_run.baselines())


@pytest.mark.slow
def test_an_extended_run_equals_one_that_was_planned_longer(
    copied_run, tmp_path, small_settings, run_sweep
):
    longer, _ = run_sweep(tmp_path / "longer", small_settings(trials=9, baselines=True))
    touches = copied_run.read_manifest()["test_touches"]
    before = copied_run.read_manifest()["winner"]["saved_from"]
    resume(copied_run, trials=9)

    found, expected = trials_of(copied_run), trials_of(longer)
    # What was confirmed before the extension is kept; it takes no part in the choice.
    old = found[~found["trial"].isin(expected["trial"])]
    assert set(old["stage"]) <= {"confirmation"}
    found = found[found["trial"].isin(expected["trial"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(found, expected, check_exact=True)
    one, other = copied_run.read_manifest(), longer.read_manifest()
    assert one["confirmation"] == other["confirmation"]
    assert one["settings"] == other["settings"]
    assert one["winner"] | {"sha256": 0} == other["winner"] | {"sha256": 0}
    baselines = [run.baselines().drop(columns="seconds") for run in (copied_run, longer)]
    pd.testing.assert_frame_equal(*baselines)
    changed = one["winner"]["saved_from"] != before
    assert len(one["test_touches"]) == len(touches) + changed
    assert (
        json.loads((copied_run.best_path / "manifest.json").read_text())["winner"] == one["winner"]
    )


@pytest.mark.slow
def test_without_a_confirmation_the_best_of_the_search_wins(tmp_path, small_settings, run_sweep):
    folder, records = run_sweep(tmp_path / "run", small_settings(confirm=0, trials=3))
    winner = folder.read_manifest()["winner"]

    best = min(records, key=lambda record: record.validation_loss)
    assert len(records) == 3
    assert winner["trial"] == winner["saved_from"] == best.trial
    assert winner["confirmed"] is None
    assert winner["validation"]["loss"] == best.validation_loss
    assert not folder.baselines_path.exists()


DRIVER = """
import sys
from pathlib import Path

from sweep.runs.runner import Sweep
from sweep.settings.sweep_settings import SweepSettings

if __name__ == "__main__":
    settings = SweepSettings(data="iris", trials=2, epochs=1, workers=2, confirm=1)
    sweep = Sweep.create(settings, Path(sys.argv[1]))
    records = list(sweep.run())
    assert sweep.folder.read_manifest()["winner"] is not None
    print(len(records), sorted({"tensorflow", "keras"} & set(sys.modules)))
"""


@pytest.mark.slow
def test_with_several_workers_the_driver_does_not_load_tensorflow(tmp_path):
    script = tmp_path / "driver.py"
    script.write_text(DRIVER)
    done = subprocess.run(
        [sys.executable, script, tmp_path / "run"], capture_output=True, text=True, check=True
    )

    assert done.stdout == "4 []\n"


@pytest.fixture(scope="module")
def pruned_run(tmp_path_factory, small_settings, run_sweep):
    """A finished run with pruned trials, an audit and cohorts; only to be read."""
    settings = small_settings(
        trials=12, epochs=4, pruner="halving", audit=True, lag=8, confirm_top=1,
        space=parse_space({"depth": 1, "width": [8, 16], "optimizer": "adam", "batch_size": 128}),
    )  # fmt: skip
    return run_sweep(tmp_path_factory.mktemp("pruned") / "run", settings)[0]


def test_pruned_trials_are_neither_confirmed_nor_chosen(pruned_run):
    manifest, records = pruned_run.read_manifest(), pruned_run.records()
    pruned = {record.trial for record in records if record.outcome == "pruned"}

    assert manifest["rungs"] == [1]
    assert manifest["counts"]["pruned"] == len(pruned) > 0
    assert manifest["winner"]["trial"] not in pruned
    assert {record.stage for record in records if record.outcome == "pruned"} == {"search"}
    for record in records:
        if record.outcome == "pruned":
            assert len(record.history) == 1
            assert record.reason.startswith("loss ")


def test_an_audited_trial_is_the_pruned_one_trained_to_its_end(pruned_run):
    records = {record.trial: record for record in pruned_run.records()}
    audited = [record for record in records.values() if record.stage == "audit"]

    assert len(audited) == 1  # a tenth of at most 12, rounded up
    for record in audited:
        pruned = records[search_trial_id(record.slot)]
        assert pruned.outcome == "pruned"
        assert (record.outcome, record.config) == ("finished", pruned.config)
        assert len(record.history) == 4
        columns = [name for name in HISTORY_COLUMNS if name != "seconds"]
        for name in columns:  # one of them may have been in a cohort
            np.testing.assert_allclose(
                record.history.column(name)[:1], pruned.history.column(name), rtol=1e-5
            )


@pytest.mark.slow
def test_a_finished_run_is_audited_later_as_if_it_had_been_at_once(
    pruned_run, tmp_path, same_trials
):
    shutil.copytree(pruned_run.path, tmp_path / "run")
    lines = pruned_run.records_path.read_bytes().splitlines(keepends=True)
    kept = [line for line in lines if b'"stage": "audit"' not in line]
    assert len(kept) == len(lines) - 1
    (tmp_path / "run" / "records.jsonl").write_bytes(b"".join(kept))
    folder = RunFolder(tmp_path / "run")
    manifest = folder.read_manifest()
    manifest["settings"]["audit"] = False
    folder.write_manifest(manifest | {"records": len(kept)})

    assert [record.stage for record in Sweep.open(folder.path, workers=1).run()] == []
    records = list(Sweep.open(folder.path, workers=1, audit=True).run())

    assert [record.stage for record in records] == ["audit"]
    same_trials(folder.records(), pruned_run.records())
    assert folder.read_manifest()["settings"]["audit"] is True


def test_replicates_of_a_small_network_are_confirmed_as_a_cohort(pruned_run):
    confirmed = [record for record in pruned_run.records() if record.stage == "confirmation"]

    assert len(confirmed) == 2
    assert {record.cohort for record in confirmed} == {confirmed[0].trial}


@pytest.mark.slow
def test_a_pruned_run_cut_after_any_record_goes_on_as_if_it_had_not_been(
    pruned_run, tmp_path, same_trials
):
    lines = pruned_run.records_path.read_bytes().splitlines(keepends=True)
    for kept in range(0, len(lines), 2):
        path = tmp_path / str(kept)
        shutil.copytree(pruned_run.path, path)
        (path / "records.jsonl").write_bytes(b"".join(lines[:kept]))
        RunFolder(path).write_manifest(pruned_run.read_manifest() | {"records": kept})
        resumed = Sweep.open(path, workers=1)
        list(resumed.run())
        same_trials(resumed.folder.records(), pruned_run.records())
        assert (
            resumed.folder.read_manifest()["winner"]["trial"]
            == (pruned_run.read_manifest()["winner"]["trial"])
        )
