import math
import random

import numpy as np
import pytest

from sweep.search.rungs import (
    Race,
    Rungs,
    choose_pruner,
    expected_share,
    losses_at_rungs,
    make_rungs,
)

HALF = Rungs(epochs=(1, 3), share=0.5)


@pytest.mark.parametrize(
    ("pruner", "epochs", "expected"),
    [
        ("none", 30, ()),
        ("halving", 27, (3, 9)),
        ("halving", 30, (3, 10)),
        ("halving", 5, (1, 2)),
        ("halving", 2, (1,)),
        ("halving", 1, ()),
        ("one-epoch", 30, (1,)),
        ("one-epoch", 1, ()),
    ],
)
def test_rungs_lie_at_a_ninth_and_a_third_or_at_the_first_epoch(pruner, epochs, expected):
    assert make_rungs(pruner, epochs).epochs == expected


def test_short_searches_are_not_pruned_unless_told_so():
    assert choose_pruner(19) == "none"
    assert choose_pruner(20) != "none"


def test_a_trial_is_trained_to_the_next_rung_and_then_to_its_end():
    rungs = Rungs(epochs=(3, 10), share=0.5)

    assert [rungs.next_stop(done, 30) for done in (0, 3, 10)] == [3, 10, 30]
    assert Rungs().next_stop(0, 30) == 30


def race(losses, rungs=HALF, order=None):
    """Who goes on at the first rung, by slot, when the trials arrive in some order."""
    run, fates = Race(rungs), {}
    for slot in order or range(len(losses)):
        run.arrive(slot, rungs.epochs[0], losses[slot])
        fates |= {decision.slot: decision.goes_on for decision in run.decide()}
    return fates


def test_the_first_trial_always_goes_on():
    assert race([math.pi]) == {0: True}


def test_a_trial_goes_on_if_it_is_among_the_share_of_those_before_it_and_itself():
    losses = [5.0, 6.0, 4.0, 4.5, 7.0, 1.0]

    # Best 1 of 1, 1 of 2, 2 of 3, 2 of 4, 3 of 5, 3 of 6.
    assert race(losses) == {0: True, 1: False, 2: True, 3: True, 4: False, 5: True}


def test_of_a_third_exactly_a_third_goes_on():
    assert race([1.0, 2.0, 0.5, 3.0, 4.0, 0.7], Rungs(epochs=(1,), share=1 / 3)) == {
        0: True, 1: False, 2: True, 3: False, 4: False, 5: True
    }  # fmt: skip


def test_of_equal_trials_the_first_goes_on():
    assert race([1.0] * 4) == {0: True, 1: False, 2: False, 3: False}


def test_a_diverged_trial_counts_as_the_worst_and_one_that_never_came_not_at_all():
    assert race([math.inf, 2.0]) == {1: True}  # best 1 of 2
    assert race([1.0, math.inf, math.inf, 2.0]) == {0: True, 3: True}  # 2 of 4
    assert race([1.0, None, None, 2.0]) == {0: True, 3: False}  # 1 of 2


def test_the_order_of_arrival_changes_no_decision():
    rng = random.Random(4)
    losses = [rng.choice([rng.random(), math.inf, None]) for _ in range(30)]
    expected = race(losses)
    for _ in range(20):
        order = rng.sample(range(30), 30)
        assert race(losses, order=order) == expected


def test_a_decision_waits_for_every_slot_before():
    run = Race(HALF)
    run.arrive(1, 1, 0.5)
    assert list(run.decide()) == []
    run.arrive(0, 1, 0.4)
    assert [decision.slot for decision in run.decide()] == [0, 1]


def test_rungs_are_decided_each_for_itself():
    run = Race(HALF)
    run.arrive(0, 1, 0.4)
    run.arrive(1, 1, None)
    run.arrive(1, 3, None)
    run.arrive(2, 1, 0.6)
    assert [decision.goes_on for decision in run.decide()] == [True, False]
    run.arrive(2, 3, None)
    run.arrive(0, 3, 0.3)
    decision = next(run.decide())
    assert (decision.slot, decision.rung, decision.reached, decision.best) == (0, 3, 1, 1)


def test_the_reason_names_loss_rung_and_rank():
    run = Race(Rungs(epochs=(2,), share=0.5))
    run.arrive(0, 2, 0.4)
    run.arrive(1, 2, 0.61234)
    reasons = [decision.reason for decision in run.decide()]

    assert reasons[1] == "loss 0.6123 after epoch 2 was not the best of 2"


def test_losses_at_rungs_are_the_smallest_until_then(history_of):
    assert losses_at_rungs(history_of([3.0, 2.0, 2.5, 1.0]), HALF) == {1: 3.0, 3: 2.0}


def test_a_history_that_ends_at_a_rung_never_came_to_the_next(history_of):
    assert losses_at_rungs(history_of([3.0]), HALF) == {1: 3.0, 3: None}
    assert losses_at_rungs(history_of([]), HALF) == {1: None, 3: None}


@pytest.mark.parametrize(
    ("epoch", "expected"), [(1, {1: math.inf, 3: None}), (2, {1: 3.0, 3: math.inf})]
)
def test_a_trial_that_diverged_is_infinitely_bad_at_the_next_rung(history_of, epoch, expected):
    losses = [*[3.0, 2.0, 1.0][: epoch - 1], np.nan]

    assert losses_at_rungs(history_of(losses, diverged_epoch=epoch), HALF) == expected


@pytest.mark.parametrize(
    ("pruner", "epochs", "share"),
    [("none", 30, 1), ("one-epoch", 1, 1), ("one-epoch", 21, (1 + 20 / 4) / 21),
     ("halving", 27, (3 + 6 / 3 + 18 / 9) / 27)],
)  # fmt: skip
def test_the_share_of_its_epochs_that_a_trial_is_expected_to_train(pruner, epochs, share):
    assert expected_share(make_rungs(pruner, epochs), epochs) == pytest.approx(share)
