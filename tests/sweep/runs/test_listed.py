"""Lists of trials with workers whose results are known; the real trainer is in test_listed_run."""

import dataclasses

import pytest

from sweep.config import TrialConfig, count_parameters
from sweep.records import PlannedTrial
from sweep.runs.folder import RunFolder
from sweep.runs.listed import train_listed
from sweep.training.cohort_rule import Site
from sweep.variant import AS_SPLIT, DataVariant

FEW = DataVariant(train_rows=20)
SITES = {AS_SPLIT: Site(4, 3), FEW: Site(6, 3)}
LARGE = 8000  # units: too many for a cohort to pay


def planned_trials(arms=((AS_SPLIT, 8), (FEW, 8), (FEW, LARGE)), seeds=3):
    return [
        PlannedTrial(
            trial=f"r{place:03d}-{seed:02d}",
            stage="comparison",
            slot=place,
            replicate=seed,
            config=TrialConfig(depth=1, width=width, epochs=3, seed=seed),
            arm=f"arm {place}",
            variant=variant,
        )
        for place, (variant, width) in enumerate(arms)
        for seed in range(1, seeds + 1)
    ]


@pytest.fixture
def folder(memory_path):
    return RunFolder.create(memory_path / "run")


def train(workers, planned, records, folder):
    return list(train_listed(workers, planned, records, folder=folder, sites=SITES))


def test_every_trial_of_the_list_gets_its_record(workers_of, folder):
    planned = planned_trials()
    records = []
    new = train(workers_of(), planned, records, folder)

    assert sorted(record.trial for record in new) == [item.trial for item in planned]
    assert records == new
    by_name = {record.trial: record for record in new}
    for item in planned:
        record = by_name[item.trial]
        for name in ("stage", "slot", "replicate", "config", "arm", "variant"):
            assert getattr(record, name) == getattr(item, name)


def test_cohorts_are_formed_inside_a_variant_only(workers_of, folder):
    workers = workers_of()
    new = train(workers, planned_trials(), [], folder)

    assert [(task.trials, task.variant) for task in workers.tasks] == [
        (("r000-01", "r000-02", "r000-03"), AS_SPLIT),
        (("r001-01", "r001-02", "r001-03"), FEW),
        (("r002-01",), FEW),
        (("r002-02",), FEW),
        (("r002-03",), FEW),
    ]
    assert {record.cohort for record in new} == {"r000-01", "r001-01", ""}


def test_parameters_are_those_of_a_network_for_the_variant(workers_of, folder):
    for record in train(workers_of(), planned_trials(seeds=1), [], folder):
        site = SITES[record.variant]
        assert record.parameters == count_parameters(
            record.config.widths, inputs=site.inputs, outputs=site.outputs, use_bias=True
        )


@pytest.mark.parametrize("order", [1, 2, 3])
def test_the_order_of_completion_changes_no_record(order, workers_of, folder, memory_path):
    other = RunFolder.create(memory_path / "other")
    in_order = train(workers_of(), planned_trials(), [], folder)
    shuffled = train(workers_of(order), planned_trials(), [], other)

    assert [record.trial for record in shuffled] != [record.trial for record in in_order]
    assert _plain(shuffled) == _plain(in_order)


def test_what_has_a_record_is_not_trained_again(workers_of, folder):
    planned = planned_trials()
    records = train(workers_of(), planned[:3], [], folder)
    workers = workers_of()
    new = train(workers, planned, records, folder)

    assert [record.trial for record in new] == [item.trial for item in planned[3:]]
    assert "r000-01" not in workers.submitted
    assert len(records) == len(planned)


def test_a_trial_that_is_missing_is_trained_with_its_whole_cohort(workers_of, folder):
    planned = planned_trials()
    whole = train(workers_of(), planned, [], folder)
    records = [record for record in whole if record.trial != "r001-02"]
    workers = workers_of()
    new = train(workers, planned, records, folder)

    assert workers.submitted == ["r001-01", "r001-02", "r001-03"]
    assert _plain(new) == _plain([record for record in whole if record.trial == "r001-02"])


def test_a_record_is_safe_before_anybody_hears_of_it(workers_of, folder):
    listed = train_listed(workers_of(), planned_trials(), [], folder=folder, sites=SITES)
    for heard, record in enumerate(listed, start=1):
        written = [safe.trial for safe in folder.records()]
        assert record.trial in written
        assert len(written) >= heard


def test_failed_and_diverged_trials_are_recorded_and_stop_nothing(workers_of, folder, result_of):
    def result(trial, config):
        outcome = {1: "failed", 2: "diverged"}.get(config.seed, "finished")
        known = result_of(trial, config)
        return dataclasses.replace(known, outcome=outcome, reason="made to")

    new = train(workers_of(result=result), planned_trials(), [], folder)

    assert [record.outcome for record in new] == ["failed", "diverged", "finished"] * 3


def test_an_empty_list_trains_nothing(workers_of, folder):
    assert train(workers_of(), [], [], folder) == []


def _plain(records):
    """Records by name with comparable histories."""
    return {
        record.trial: (dataclasses.replace(record, history=None), record.history.array.tobytes())
        for record in records
    }
