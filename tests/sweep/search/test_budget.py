"""A budget of time ends a search by the work that was counted, never by a clock."""

import dataclasses

import pytest

from sweep.config import TrialConfig
from sweep.search.budget import TRIAL_SECONDS, Spending, TimeBudget
from sweep.training.cohort_rule import Site
from sweep.training.cost import START_SECONDS, Work, trial_seconds

WORK = Work(site=Site(64, 10), train_rows=1000, validation_rows=300, workers=1)
BUDGET = TimeBudget(
    seconds=START_SECONDS + 110, work=WORK, top=2, seeds=3, audited=0.0, share=1.0, extra=0.1
)
SMALL = TrialConfig(depth=1, width=400, epochs=4)  # too large for a cohort
LARGE = TrialConfig(depth=4, width=300, epochs=4)


def seconds(config, together=1):
    return trial_seconds(config, WORK, train_rows=0, together=together)


def test_what_is_not_start_or_baselines_is_for_trials():
    assert BUDGET.for_trials == pytest.approx(100)


def test_more_slots_are_expected_the_longer_the_time_and_the_shorter_the_trials():
    def expected(config=SMALL, **more):
        return dataclasses.replace(BUDGET, **more).expected([config])

    later = 7 * seconds(SMALL)  # two on three seeds, and the one that is saved
    assert expected() == int((100 - later) / (TRIAL_SECONDS + seconds(SMALL)))
    assert expected(LARGE) < expected() < expected(seconds=200)
    assert expected(share=0.25) > expected()
    assert expected(seeds=10) < expected()
    assert expected(seconds=START_SECONDS) < 1


def test_what_was_told_runs_and_follows_is_subtracted(record_of):
    budget, spending = BUDGET, Spending(BUDGET)
    before = spending.bears([SMALL] * 4)
    later = 7 * seconds(SMALL)
    each = TRIAL_SECONDS + seconds(SMALL)
    assert before == int((100 - 4 * each - later) / each)
    for slot in range(4):
        spending.tell(record_of(slot, config=SMALL, losses=[0.5] * 4))

    assert spending.bears([]) == before
    assert spending.bears([SMALL]) == before - 1
    spending.tell(record_of(4, config=LARGE, losses=[0.1] * 4))  # the best: it is confirmed
    mean = (4 * seconds(SMALL) + seconds(LARGE)) / 5
    followed = 4 * seconds(LARGE) + 3 * seconds(SMALL)
    left = 100 - 5 * (TRIAL_SECONDS + mean) - followed
    assert spending.bears([]) == int(left / (TRIAL_SECONDS + mean))
    assert budget == BUDGET


def test_epochs_that_were_not_trained_are_not_spent(record_of):
    whole, pruned = Spending(BUDGET), Spending(BUDGET)
    for slot in range(40):
        whole.tell(record_of(slot, config=SMALL, losses=[0.5] * 4))
        cut = "finished" if slot < 2 else "pruned"
        pruned.tell(
            record_of(slot, config=SMALL, losses=[0.5] * (4 if slot < 2 else 1), outcome=cut)
        )

    assert pruned.bears([]) > 1.2 * whole.bears([])
    audited = Spending(dataclasses.replace(BUDGET, audited=0.1))
    for slot in range(40):
        audited.tell(record_of(slot, config=SMALL, losses=[0.5], outcome="pruned"))
    assert audited.bears([]) < pruned.bears([]) * 1.5


def test_a_budget_that_is_spent_bears_nothing(record_of):
    spending = Spending(dataclasses.replace(BUDGET, seconds=START_SECONDS + 1))
    for slot in range(40):
        spending.tell(record_of(slot, config=LARGE, losses=[0.5] * 4))
    assert spending.bears([LARGE]) == 0
