import math

import numpy as np
import pytest

from sweep.records import (
    HISTORY_COLUMNS,
    TrainingHistory,
    audit_trial_id,
    confirmation_trial_id,
    search_trial_id,
)


def test_the_best_epoch_is_the_first_of_the_smallest(history_of):
    assert history_of([0.5, 0.3, 0.4, 0.3]).best_epoch == 2


def test_an_empty_history_has_no_best_epoch(record_of):
    record = record_of(history=TrainingHistory(array=np.empty((0, len(HISTORY_COLUMNS)))))

    assert len(record.history) == 0
    assert record.history.best_epoch is None
    assert math.isnan(record.validation_loss)
    assert math.isnan(record.validation_score)


def test_one_epoch_is_the_best(history_of):
    assert history_of([0.7]).best_epoch == 1


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_epochs_that_are_not_finite_are_never_the_best(history_of, bad):
    assert history_of([bad, 0.5, bad]).best_epoch == 2
    assert history_of([bad]).best_epoch is None


def test_the_epoch_that_diverged_is_never_the_best(history_of):
    # Its weights may be NaN while its loss is finite: relu hides NaN.
    assert history_of([0.5, 0.4, 0.1], diverged_epoch=3).best_epoch == 2
    assert history_of([0.1], diverged_epoch=1).best_epoch is None


def test_columns_are_found_by_name(history_of):
    np.testing.assert_array_equal(history_of([0.5, 0.4]).column("validation_loss"), [0.5, 0.4])
    with pytest.raises(ValueError, match="not in tuple"):
        history_of([0.5]).column("accuracy")


def test_loss_and_score_are_those_of_the_best_epoch(record_of):
    record = record_of(losses=(0.5, 0.25, 0.4))

    assert record.validation_loss == 0.25
    assert record.validation_score == 0.8


def test_identifiers_sort_as_their_slots():
    names = [search_trial_id(slot) for slot in (0, 9, 10, 999)]
    assert names == sorted(names) == ["s0000", "s0009", "s0010", "s0999"]
    assert search_trial_id(123456) == "s123456"
    assert confirmation_trial_id(7, 3) == "c0007-03"
    assert audit_trial_id(7) == "a0007"


def test_a_pruned_trial_has_the_best_epoch_so_far(record_of):
    record = record_of(losses=(0.5, 0.3, 0.4), outcome="pruned", reason="not among the best")

    assert record.history.best_epoch == 2
    assert record.validation_loss == 0.3


def test_a_trial_trained_alone_has_no_cohort(record_of):
    assert record_of().cohort == ""
