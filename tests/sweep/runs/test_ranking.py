import dataclasses
import math

import pytest

from sweep.config import TrialConfig
from sweep.runs.confirmation import best_replicate, choose, summarise
from sweep.runs.ranking import best_slots, shown_score
from sweep.runs.winner import choose_winner
from sweep.scores import SCORES

AUC, RMSE, R2 = SCORES["roc-auc"], SCORES["rmse"], SCORES["r2"]


def made(record_of, slot, loss, stage="search", replicate=0, **scores):
    name = f"c{slot:04d}-{replicate:02d}" if replicate else f"s{slot:04d}"
    return record_of(
        slot, losses=[loss], stage=stage, replicate=replicate, trial=name,
        config=TrialConfig(depth=1, width=8 + slot, seed=replicate),
        scores={key.replace("_", "-"): value for key, value in scores.items()},
    )  # fmt: skip


def test_the_score_ranks_the_search_then_the_loss_among_equals(record_of):
    records = [
        made(record_of, 0, 0.1, roc_auc=0.8),
        made(record_of, 1, 0.9, roc_auc=0.95),
        made(record_of, 2, 0.3, roc_auc=0.95),
        made(record_of, 3, 0.05),  # not defined: the last
    ]

    assert [record.slot for record in best_slots(records, 4, AUC)] == [2, 1, 0, 3]
    assert [record.slot for record in best_slots(records, 4)] == [3, 0, 2, 1]


def test_of_an_error_the_smallest_is_the_best(record_of):
    records = [made(record_of, slot, 0.2, rmse=value) for slot, value in enumerate([30, 20, 25])]

    assert [record.slot for record in best_slots(records, 3, RMSE)] == [1, 2, 0]
    assert best_replicate(records, RMSE).slot == 1


@pytest.mark.parametrize(("score", "values", "winner"), [(AUC, (0.7, 0.9), 1), (RMSE, (7, 9), 0)])
def test_the_mean_of_the_score_over_fresh_seeds_chooses_whatever_the_loss(
    record_of, score, values, winner
):
    best = [made(record_of, slot, 0.2) for slot in (0, 1)]
    key = score.key
    fresh = [
        made(record_of, slot, 0.9 - slot / 2, "confirmation", replicate, **{key: value + shift})
        for slot, value in enumerate(values)
        for replicate, shift in ((1, -0.01), (2, 0.01))
    ]
    entries = summarise(best, fresh, score)
    choice = choose_winner([*best, *fresh], entries, score)

    assert choose(entries, score)["slot"] == winner == choice.searched.slot
    assert entries[0]["confirmed"]["score"] == pytest.approx(values[0])
    # The replicate that is saved is the best by the same score.
    assert choice.saved.replicate == (2 if score.higher else 1)


def test_an_interval_over_seeds_stays_within_what_the_score_can_be(record_of):
    fresh = [
        made(record_of, 0, 0.2, "confirmation", number, roc_auc=value)
        for number, value in ((1, 0.9), (2, 1.0))
    ]
    (entry,) = summarise([made(record_of, 0, 0.2)], fresh, AUC)

    assert entry["confirmed"]["score_high"] == entry["confirmed"]["scores"]["roc-auc"]["high"] == 1
    assert entry["confirmed"]["scores"]["roc-auc"]["low"] < 0.9


def test_a_score_that_a_seed_has_not_has_no_mean(record_of):
    fresh = [
        made(record_of, 0, 0.2, "confirmation", 1, roc_auc=0.9),
        made(record_of, 0, 0.2, "confirmation", 2, f1=0.9),
    ]
    (entry,) = summarise([made(record_of, 0, 0.2)], fresh, AUC)

    assert entry["searched"]["score"] is entry["confirmed"]["score"] is None
    assert choose([entry], AUC) is entry


def test_a_trial_from_before_all_scores_has_what_epochs_are_judged_by(record_of):
    record = record_of(0, losses=[0.5])

    assert shown_score(record, R2) == record.validation_score
    assert math.isnan(shown_score(record, AUC))
    known = dataclasses.replace(record, scores={"r2": 0.5})
    assert shown_score(known, R2) == 0.5
