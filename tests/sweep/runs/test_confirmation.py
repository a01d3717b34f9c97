import dataclasses
import math

import numpy as np
import pytest
import scipy.stats

from sweep.config import TrialConfig
from sweep.runs.confirmation import best_replicate, choose, replicates, summarise
from sweep.runs.ranking import best_slots
from sweep.scores import SCORES

ACCURACY = SCORES["accuracy"]


def confirmed(record_of, slot, losses, **more):
    """The replicates of a slot: a finished one a loss, a diverged one for None."""
    records = []
    for replicate, loss in enumerate(losses, start=1):
        outcome = "diverged" if loss is None else "finished"
        record = record_of(
            slot, losses=[9.0 if loss is None else loss], outcome=outcome, stage="confirmation",
            replicate=replicate, trial=f"c{slot:04d}-{replicate:02d}", **more,
        )  # fmt: skip
        records.append(record)
    return records


def test_the_best_come_first_and_ties_by_slot(record_of):
    records = [record_of(slot, losses=[loss]) for slot, loss in enumerate([0.5, 0.2, 0.9, 0.2])]
    records = [
        dataclasses.replace(record, config=TrialConfig(depth=1, width=8 + record.slot))
        for record in records
    ]

    assert [record.slot for record in best_slots(reversed(records), 3)] == [1, 3, 0]
    assert [record.slot for record in best_slots(records, 9)] == [1, 3, 0, 2]


def test_only_finished_trials_with_a_loss_are_among_the_best(record_of, history_of):
    records = [
        record_of(0, losses=[0.1], outcome="diverged"),
        record_of(1, history=history_of([]), outcome="failed"),
        record_of(2, losses=[math.nan]),
        record_of(3, losses=[0.9]),
    ]

    assert [record.slot for record in best_slots(records, 3)] == [3]
    assert best_slots(records[:3], 3) == []
    assert best_slots([], 3) == []


def test_a_configuration_drawn_twice_is_confirmed_once(record_of):
    config = TrialConfig(depth=2, width=16)
    records = [
        record_of(0, losses=[0.3], config=config.with_seed(1)),
        record_of(1, losses=[0.2], config=config.with_seed(2)),
        record_of(2, losses=[0.4], config=TrialConfig(depth=1, width=16)),
    ]

    assert [record.slot for record in best_slots(records, 2)] == [1, 2]


def test_every_configuration_gets_the_same_fresh_seeds(record_of):
    best = [record_of(slot, config=TrialConfig(depth=1, width=8 + slot)) for slot in (4, 2)]
    wanted = replicates(best, seed=7, seeds=3)

    assert [item.trial for item in wanted] == [
        "c0004-01", "c0004-02", "c0004-03", "c0002-01", "c0002-02", "c0002-03",
    ]  # fmt: skip
    seeds = [item.config.seed for item in wanted]
    assert seeds[:3] == seeds[3:]
    assert len(set(seeds)) == 3
    assert not set(seeds) & {record.config.seed for record in best}
    assert [item.config.config_id for item in wanted[::3]] == [
        record.config.config_id for record in best
    ]
    assert [item.config.seed for item in replicates(best, seed=8, seeds=3)] != seeds
    assert replicates(best, seed=7, seeds=4)[:3] == wanted[:3]


def test_searched_stands_beside_confirmed_with_a_t_interval(record_of):
    best = [record_of(4, losses=[0.2])]
    sample = np.array([0.3, 0.25, 0.5])
    (entry,) = summarise(best, confirmed(record_of, 4, sample)[::-1], ACCURACY)

    assert entry["searched"] == {"loss": 0.2, "score": 1 / 1.2}
    assert entry["trials"] == ["c0004-01", "c0004-02", "c0004-03"]
    assert (entry["rank"], entry["slot"], entry["trial"]) == (1, 4, "s0004")
    assert (entry["confirmed"]["seeds"], entry["confirmed"]["of"]) == (3, 3)
    assert entry["confirmed"]["loss"] == sample.mean()
    interval = scipy.stats.t.interval(0.95, 2, sample.mean(), sample.std(ddof=1) / math.sqrt(3))
    assert (entry["confirmed"]["loss_low"], entry["confirmed"]["loss_high"]) == pytest.approx(
        interval
    )
    assert entry["confirmed"]["score"] == pytest.approx((1 / (1 + sample)).mean())


def test_equal_replicates_have_an_interval_of_no_width(record_of):
    (entry,) = summarise([record_of(0)], confirmed(record_of, 0, [0.3, 0.3]), ACCURACY)

    assert entry["confirmed"]["loss_low"] == entry["confirmed"]["loss_high"] == 0.3


def test_one_seed_has_a_mean_and_no_interval(record_of):
    (entry,) = summarise([record_of(0)], confirmed(record_of, 0, [0.3]), ACCURACY)

    assert entry["confirmed"]["loss"] == 0.3
    assert entry["confirmed"]["loss_low"] is entry["confirmed"]["score_high"] is None


def test_a_configuration_whose_seeds_are_all_lost_has_no_mean(record_of):
    (entry,) = summarise([record_of(0)], confirmed(record_of, 0, [None, None]), ACCURACY)

    assert entry["confirmed"]["loss"] is None
    assert (entry["confirmed"]["seeds"], entry["confirmed"]["of"]) == (0, 2)
    assert choose([entry]) is None


def test_nothing_is_chosen_from_nothing():
    assert summarise([], [], ACCURACY) == []
    assert choose([]) is None


def test_the_smallest_mean_loss_wins_whatever_the_search_said(record_of):
    best = [record_of(0, losses=[0.1]), record_of(1, losses=[0.2])]
    entries = summarise(
        best,
        [*confirmed(record_of, 0, [0.5, 0.3]), *confirmed(record_of, 1, [0.35, 0.35])],
        ACCURACY,
    )

    assert choose(entries)["slot"] == 1


def test_the_fewest_lost_seeds_come_before_the_loss(record_of):
    entries = summarise(
        [record_of(0), record_of(1)],
        [*confirmed(record_of, 0, [0.1, None]), *confirmed(record_of, 1, [0.9, 0.9])],
        ACCURACY,
    )

    assert choose(entries)["slot"] == 1


def test_the_means_leave_out_lost_seeds(record_of):
    (entry,) = summarise([record_of(0)], confirmed(record_of, 0, [0.2, None, 0.4]), ACCURACY)

    assert entry["confirmed"]["loss"] == pytest.approx(0.3)
    assert (entry["confirmed"]["seeds"], entry["confirmed"]["of"]) == (2, 3)


@pytest.mark.parametrize(
    ("losses", "replicate"),
    [([0.3], 1), ([0.3, 0.1, 0.2], 2), ([0.4, None, 0.2], 3), ([0.2, 0.2, 0.2], 1)],
)
def test_the_best_replicate_has_the_smallest_loss_the_first_of_equals(record_of, losses, replicate):
    assert best_replicate(confirmed(record_of, 0, losses)[::-1]).replicate == replicate
