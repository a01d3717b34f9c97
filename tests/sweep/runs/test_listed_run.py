"""Runs of listed trials with the real trainer, on the 90 training rows of iris."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from sweep.config import TrialConfig, count_parameters
from sweep.data.variants import vary
from sweep.errors import ConfigurationError, DataError, StorageError
from sweep.records import PlannedTrial
from sweep.runs.folder import RunFolder
from sweep.runs.listed_run import ListedRun, Listing, prepare_sets, reopen_data
from sweep.runs.preparation import prepare_data
from sweep.settings.study_settings import StudySettings
from sweep.tables import without_times
from sweep.training import tasks
from sweep.training.best import history_difference
from sweep.training.trainer import Trainer
from sweep.variant import AS_SPLIT, DataVariant

VARIANTS = (AS_SPLIT, DataVariant(train_rows=40), DataVariant(label_noise=1.0))
RATES = (0.003, 0.03)
SEEDS = 3
TRIALS = len(VARIANTS) * (len(RATES) + SEEDS)


def plan(records):
    """Each variant tunes its learning rate on one seed, and is compared on three others."""
    tuning = [
        PlannedTrial(
            trial=f"t{2 * arm + place:04d}-01",
            stage="tuning",
            slot=2 * arm + place,
            replicate=1,
            config=TrialConfig(depth=1, width=6, learning_rate=rate, epochs=3, seed=77),
            arm=f"arm {arm}",
            variant=variant,
        )
        for arm, variant in enumerate(VARIANTS)
        for place, rate in enumerate(RATES)
    ]
    loss = {
        record.trial: record.validation_loss if record.outcome == "finished" else np.inf
        for record in records
    }
    if any(item.trial not in loss for item in tuning):
        return tuning
    chosen = [
        min(tuning[2 * arm : 2 * arm + 2], key=lambda item: loss[item.trial])
        for arm in range(len(VARIANTS))
    ]
    return tuning + [
        dataclasses.replace(
            item,
            trial=f"r{arm:03d}-{seed:02d}",
            stage="comparison",
            slot=arm,
            replicate=seed,
            config=item.config.with_seed(seed),
        )
        for arm, item in enumerate(chosen)
        for seed in range(1, SEEDS + 1)
    ]


def settings_of(data="iris", **more):
    return StudySettings(**{"data": str(data), "study": "ladder", "workers": 1, **more})


def begin(path, settings=None, planned=plan, **more):
    settings = settings or settings_of(**more)
    data = prepare_data(settings)
    sets = prepare_sets(data, VARIANTS, seed=settings.seed)
    listing = Listing(study={"question": "why?"}, plan=planned, total=TRIALS, sets=sets)
    return ListedRun.create(settings, path, data=data, listing=listing, command="fitgap study")


def reopen(folder, **more):
    settings = StudySettings.read(folder.read_manifest()["settings"])
    settings = settings.replace(workers=1, **more)
    data = reopen_data(folder, settings)
    sets = prepare_sets(data, VARIANTS, seed=settings.seed)
    listing = Listing(study={"question": "why?"}, plan=plan, total=TRIALS, sets=sets)
    return ListedRun(folder, settings, listing)


def tables(folder):
    return [
        without_times(pd.read_parquet(folder.path / f"{name}.parquet"))
        for name in ("trials", "epochs")
    ]


def assert_same(folder, expected):
    """Every number of two runs is equal bit for bit, the times aside."""
    for one, other in zip(tables(folder), tables(expected), strict=True):
        pd.testing.assert_frame_equal(one, other, check_exact=True)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    run = begin(tmp_path_factory.mktemp("listed") / "run")
    assert len(list(run.run())) == TRIALS
    return run.folder


def test_every_trial_equals_the_trainer_on_the_varied_data(finished):
    dataset, prepared = prepare_data(settings_of())
    records = {record.trial: record for record in finished.records()}

    for arm, variant in enumerate(VARIANTS):
        training = vary(dataset, prepared.splits, variant, seed=0)
        cohort = [records[f"r{arm:03d}-{seed:02d}"] for seed in range(1, SEEDS + 1)]
        assert {record.cohort for record in cohort} == {cohort[0].trial}
        trained = Trainer(training).train([record.config for record in cohort])
        for record, network in zip(cohort, trained, strict=True):
            assert history_difference(record.history, network.history) == 0


def test_records_have_their_stage_arm_and_variant(finished):
    trials, epochs = finished.tables()

    assert trials["stage"].tolist() == ["tuning"] * 6 + ["comparison"] * 9
    compared = trials[trials["stage"] == "comparison"]
    assert compared["arm"].tolist() == ["arm 0"] * 3 + ["arm 1"] * 3 + ["arm 2"] * 3
    assert compared["train_rows"].fillna(0).tolist() == [0] * 3 + [40] * 3 + [0] * 3
    assert compared["label_noise"].tolist() == [0.0] * 6 + [1.0] * 3
    assert compared["replicate"].tolist() == [1, 2, 3] * 3
    assert compared["seed"].tolist() == [1, 2, 3] * 3  # the same for all arms
    assert len(epochs) == TRIALS * 3


def test_cohorts_stay_inside_a_variant(finished):
    trials, _ = finished.tables()
    variants = trials[["train_rows", "label_noise"]].fillna(0).apply(tuple, axis=1)

    assert len(set(zip(variants, trials["cohort"], strict=True))) == trials["cohort"].nunique() == 6


def test_parameters_are_those_of_the_network(finished):
    expected = count_parameters((6,), inputs=4, outputs=3, use_bias=True)
    assert {record.parameters for record in finished.records()} == {expected}


def test_the_manifest_tells_the_design_the_counts_and_that_no_test_row_was_touched(finished):
    manifest = finished.read_manifest()

    assert (manifest["kind"], manifest["state"]) == ("study", "finished")
    assert manifest["study"] == {"question": "why?"}
    assert manifest["counts"] == {
        "planned": TRIALS, "finished": TRIALS, "pruned": 0, "diverged": 0, "failed": 0,
        "running": 0,
    }  # fmt: skip
    assert (manifest["winner"], manifest["test_touches"]) == (None, [])
    seconds = manifest["seconds"]
    assert seconds["tuning"] > 0 < seconds["comparison"]
    assert seconds["probe"] == 0
    assert not finished.best_path.exists()


def test_the_manifest_of_a_run_that_has_not_begun_counts_all_its_trials(tmp_path):
    folder = begin(tmp_path / "run").folder
    assert folder.read_manifest()["state"] == "created"
    assert folder.read_manifest()["counts"]["planned"] == TRIALS
    assert folder.records() == []


@pytest.mark.slow
@pytest.mark.parametrize("stop", range(1, TRIALS))
def test_a_run_stopped_after_any_trial_goes_on_as_if_it_had_not(stop, tmp_path, finished):
    run = begin(tmp_path / "run")
    heard = run.run()
    for _ in range(stop):
        next(heard)
    heard.close()
    assert run.folder.read_manifest()["state"] == "interrupted"
    assert run.folder.read_manifest()["counts"]["planned"] == TRIALS
    done = len(run.folder.records())
    assert stop <= done <= TRIALS

    assert len(list(reopen(run.folder).run())) == TRIALS - done
    assert_same(run.folder, finished)


def test_a_log_cut_at_any_record_is_completed(tmp_path, finished):
    lines = finished.records_path.read_bytes().splitlines(keepends=True)
    run = begin(tmp_path / "run")
    run.folder.records_path.write_bytes(b"".join(lines[:8]) + lines[8][:50])  # a torn ninth

    assert len(list(run.run())) == TRIALS - 8
    assert_same(run.folder, finished)


def test_a_finished_run_that_goes_on_trains_nothing(tmp_path, finished):
    run = begin(tmp_path / "run")
    run.folder.records_path.write_bytes(finished.records_path.read_bytes())

    assert list(run.run()) == []
    assert run.folder.read_manifest()["state"] == "finished"
    assert_same(run.folder, finished)


@pytest.mark.slow
def test_two_workers_give_what_one_gives(tmp_path, finished):
    run = begin(tmp_path / "run", workers=2)
    assert len(list(run.run())) == TRIALS

    assert_same(run.folder, finished)


def test_a_trial_that_fails_is_recorded_and_the_others_go_on(tmp_path, monkeypatch):
    train = tasks.train_cohort

    def fail_on_few_rows(data, task, start=None):
        if len(data.x_train) == 40 and task.configs[0].seed == 77:
            empty = [tasks.failed_result(trial, "made to fail", 0.0) for trial in task.trials]
            return empty, None
        return train(data, task, start)

    monkeypatch.setattr(tasks, "train_cohort", fail_on_few_rows)

    run = begin(tmp_path / "run")
    list(run.run())
    counts = run.folder.read_manifest()["counts"]

    assert (counts["failed"], counts["finished"]) == (2, TRIALS - 2)
    assert run.folder.read_manifest()["state"] == "finished"

    monkeypatch.undo()
    run = reopen(run.folder)
    run.retry = True
    assert list(run.run()) == []  # the comparison rests on what failed in tuning


def test_a_failed_trial_of_a_comparison_is_trained_again(tmp_path, monkeypatch, finished):
    train = tasks.train_cohort

    def fail_on_one_seed(data, task, start=None):
        if any(config.seed == 2 for config in task.configs):
            lost = [tasks.failed_result(name, "no memory", 0.0) for name in task.trials]
            return lost, None
        return train(data, task, start)

    monkeypatch.setattr(tasks, "train_cohort", fail_on_one_seed)
    run = begin(tmp_path / "run")
    list(run.run())
    failed = {record.trial for record in run.folder.records() if record.outcome == "failed"}
    monkeypatch.undo()
    run = reopen(run.folder)
    run.retry = True

    assert {record.trial for record in run.run()} == failed != set()
    assert_same(run.folder, finished)


def test_a_run_in_which_nothing_works_is_stopped(tmp_path, monkeypatch):
    def fail(data, task, start=None):
        del data, start
        lost = [tasks.failed_result(trial, "no memory", 0.0) for trial in task.trials]
        return lost, None

    monkeypatch.setattr(tasks, "train_cohort", fail)
    run = begin(tmp_path / "run", max_failures=4)
    with pytest.raises(StorageError, match="4 trials failed in a row, this one with"):
        list(run.run())

    assert run.folder.read_manifest()["state"] == "interrupted"
    assert {record.outcome for record in run.folder.records()} == {"failed"}


def test_data_that_changed_are_refused(tmp_path):
    table = pd.DataFrame({"x": np.arange(90.0), "y": np.arange(90) % 2})
    table.to_csv(tmp_path / "t.csv", index=False)
    run = begin(tmp_path / "run", data=tmp_path / "t.csv", planned=lambda _: [])
    list(run.run())
    reopen(run.folder)  # nothing has changed
    table.iloc[:-1].to_csv(tmp_path / "t.csv", index=False)

    with pytest.raises(DataError, match="the data changed since the run began"):
        reopen(run.folder)


def test_drawn_rows_are_the_same_when_a_run_goes_on(tmp_path):
    run = begin(tmp_path / "run", data="digits", rows=100, planned=lambda _: [])
    again = reopen(run.folder)

    for variant, training in run.listing.sets.items():
        np.testing.assert_array_equal(again.listing.sets[variant].x_train, training.x_train)
        np.testing.assert_array_equal(again.listing.sets[variant].y_train, training.y_train)
    assert run.folder.read_manifest()["data"]["rows"] == 100


def test_a_folder_that_holds_a_run_is_refused(finished):
    with pytest.raises(ConfigurationError, match="there is a run already; `fitgap resume"):
        begin(finished.path)


def test_versions_that_changed_are_told(tmp_path):
    run = begin(tmp_path / "run")
    assert run.version_changes == []
    manifest = run.folder.read_manifest()
    manifest["versions"]["keras"] = "1.0"
    run.folder.write_manifest(manifest)

    (change,) = run.version_changes
    assert change.startswith("keras was 1.0 and is ")


def test_only_the_variants_asked_for_are_prepared_and_the_run_s_own_split():
    data = prepare_data(settings_of())
    few = DataVariant(train_rows=40)

    sets = prepare_sets(data, [few], seed=0)

    assert set(sets) == {AS_SPLIT, few}
    assert sets[AS_SPLIT] is data[1].training


def test_too_few_rows_for_a_variant_are_told():
    with pytest.raises(DataError, match="91 training rows were asked for; give 10 to 90"):
        prepare_sets(prepare_data(settings_of()), [DataVariant(train_rows=91)], seed=0)


def test_the_folder_of_a_study_is_that_of_a_run(finished):
    names = {path.name for path in finished.path.iterdir() if not path.name.startswith(".")}
    assert names >= {"manifest.json", "records.jsonl", "trials.parquet", "epochs.parquet"}
    assert "study.journal" not in names
    assert isinstance(RunFolder.open(finished.path), RunFolder)
