import numpy as np
import pandas as pd
import pytest

from studies.diagnosis.rates import rate_facts, rates_in_run, rates_of_outcome

CURVATURES = np.logspace(-1, 0, 10)  # the largest is 1: gradient descent diverges above a rate of 2
STEPS = 10
EPOCHS = 30
TOTAL = STEPS * EPOCHS


def quadratic(rate, *, noise=0.1, floor=0.2, repeats=60, seed=0):
    """Train a quadratic bowl of known curvature by noisy gradient descent: losses [n, epochs].

    The start has the same expected loss, 1 in all, along every direction.
    """
    rng = np.random.default_rng(seed)
    place = starts(rng, repeats)
    losses = np.empty((repeats, EPOCHS))
    for epoch in range(EPOCHS):
        for _ in range(STEPS):
            gradient = CURVATURES * place + noise * np.sqrt(CURVATURES) * rng.normal(
                size=place.shape
            )
            place = place - rate * gradient
        losses[:, epoch] = floor + 0.5 * (place**2 * CURVATURES).sum(axis=1)
    return losses


def starts(rng, repeats):
    return rng.normal(size=(repeats, 10)) * np.sqrt(0.2 / CURVATURES)


def left(rate, *, repeats=60, seed=0):
    """Return what a higher rate could still gain in each run of `quadratic`, noise apart [n]."""
    place = starts(np.random.default_rng(seed), repeats)
    return 0.5 * (place**2 * CURVATURES * (1 - rate * CURVATURES) ** (2 * TOTAL)).sum(axis=1)


def shares(curve, losses):
    tables = [curve(f"t{i}", row, row) for i, row in enumerate(losses)]
    verdicts = rate_facts(pd.concat(tables))["learning_rate_verdict"]
    return verdicts.value_counts(normalize=True).to_dict()


# after TOTAL steps the slowest direction keeps (1 - 0.1 rate) ** (2 TOTAL) of its loss
@pytest.mark.parametrize("rate", [0.3 / TOTAL, 1 / TOTAL])
@pytest.mark.parametrize("floor", [0.0, 0.2])
def test_a_rate_that_keeps_four_fifths_of_the_slowest_loss_is_too_small(curve, rate, floor):
    assert (1 - 0.1 * rate) ** (2 * TOTAL) > 0.8
    assert shares(curve, quadratic(rate, floor=floor)).get("too small", 0) >= 0.95


@pytest.mark.parametrize("rate", [0.05, 0.1, 0.2])
@pytest.mark.parametrize("floor", [0.0, 0.2])
def test_a_rate_that_arrives_without_swinging_is_right(curve, rate, floor):
    assert (1 - 0.1 * rate) ** (2 * TOTAL) < 0.06
    arrived = left(rate) < 0.01
    assert arrived.sum() >= 40
    assert shares(curve, quadratic(rate, floor=floor)[arrived]).get("right", 0) >= 0.9


@pytest.mark.parametrize("rate", [1.5, 1.8])
def test_a_rate_close_to_the_edge_of_stability_is_too_large(curve, rate):
    assert shares(curve, quadratic(rate, noise=0.2)).get("too large", 0) >= 0.9


def test_a_rate_beyond_the_edge_of_stability_diverges(curve):
    assert shares(curve, quadratic(2.1)).get("diverges", 0) >= 0.95


@pytest.mark.parametrize("rate", [1 / TOTAL, 0.05, 0.1, 1.8])
def test_opposite_verdicts_are_never_confused(curve, rate):
    found = shares(curve, quadratic(rate))
    assert found.get("too large" if rate < 1 else "too small", 0) == 0


def test_swings_of_a_loss_near_zero_harm_nobody(curve):
    losses = 1e-3 * np.exp(np.random.default_rng(1).normal(0, 1, EPOCHS))
    losses[0] = 1.0
    assert shares(curve, [losses]) == {"right": 1.0}


def test_a_flat_curve_is_undecided(curve):
    assert shares(curve, [np.full(EPOCHS, 2.3)]) == {"undecided": 1.0}


def test_four_epochs_are_undecided(curve):
    assert shares(curve, [[4.0, 3.0, 2.0, 1.0]]) == {"undecided": 1.0}


def test_no_epochs_give_no_verdict(no_epochs):
    assert rate_facts(no_epochs).empty


@pytest.mark.parametrize("losses", [[1.0, 1.2], [1.0, 0.5, 0.4, 0.4, 0.8, 1.4]])
def test_a_train_loss_that_ends_above_its_start_rises(curve, losses):
    assert rate_facts(curve("a", losses, losses))["train_rises"].all()


def test_one_epoch_does_not_rise(curve):
    assert not rate_facts(curve("a", [1.0], [1.0]))["train_rises"].any()


@pytest.fixture
def run_facts():
    """A settled trial at a loss of 2, and the best of the run at 0.1, ten times slower."""
    return pd.DataFrame(
        {
            "learning_rate_verdict": ["right", "right"],
            "stage": "search",
            "outcome": "finished",
            "optimizer": "sgd",
            "learning_rate": [0.5, 0.05],
            "parameters": [1000, 900],
            "train_loss": [2.0, 0.1],
            "train_deficit": [1.9, 0.0],
            "train_behind": [True, False],
        },
        index=["high", "low"],
    )


def test_settling_far_above_a_slower_trial_of_no_more_parameters_is_too_large(run_facts):
    assert list(rates_in_run(run_facts)) == ["too large", "right"]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("learning_rate", 0.3),
        ("parameters", 5000),
        ("optimizer", "adam"),
        ("outcome", "diverged"),
        ("outcome", "pruned"),
        ("stage", "audit"),
        ("train_loss", 1.2),
    ],
)
def test_settling_far_above_anything_else_is_undecided(run_facts, column, value):
    run_facts.loc["low", column] = value
    assert rates_in_run(run_facts)["high"] == "undecided"


def test_settling_above_by_less_than_a_clear_difference_stays_right(run_facts):
    run_facts["train_behind"] = False
    assert list(rates_in_run(run_facts)) == ["right", "right"]


@pytest.mark.parametrize(
    ("verdict", "outcome", "expected"),
    [
        ("right", "pruned", "undecided"),
        ("too small", "pruned", "undecided"),
        ("too large", "pruned", "too large"),
        ("diverges", "pruned", "diverges"),
        ("right", "diverged", "diverges"),
        ("right", "finished", "right"),
    ],
)
def test_a_curve_that_ended_early_shows_swings_but_not_where_it_settles(verdict, outcome, expected):
    assert rates_of_outcome(pd.Series([verdict]), pd.Series([outcome])).tolist() == [expected]
