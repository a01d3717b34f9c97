import pytest

from sweep.runs.audit import audited_trials


def test_nothing_pruned_leaves_nothing_to_audit(record_of):
    assert audited_trials([], seed=0) == []
    assert audited_trials([record_of(0), record_of(1, outcome="diverged")], seed=0) == []


@pytest.mark.parametrize(("pruned", "audited"), [(1, 1), (10, 1), (11, 2), (40, 4)])
def test_a_tenth_is_audited_rounded_up(record_of, pruned, audited):
    records = [record_of(slot, outcome="pruned") for slot in range(pruned)]

    found = audited_trials(records, seed=0)

    assert len(found) == len({trial.slot for trial in found}) == audited


def test_an_audited_trial_has_the_configuration_and_seed_of_the_pruned_one(record_of):
    record = record_of(7, outcome="pruned")
    trial = audited_trials([record, record_of(8)], seed=0)[0]

    assert (trial.trial, trial.stage, trial.slot) == ("a0007", "audit", 7)
    assert trial.config == record.config


def test_the_seed_of_the_run_chooses_and_the_order_of_records_does_not(record_of):
    records = [record_of(slot, outcome="pruned") for slot in range(50)]
    chosen = audited_trials(records, seed=0)

    assert audited_trials(records[::-1], seed=0) == chosen
    assert audited_trials(records, seed=1) != chosen
    every = {trial.slot for seed in range(60) for trial in audited_trials(records, seed=seed)}
    assert len(every) > 45  # 300 draws from 50: each is missed with a chance of 0.2 %
