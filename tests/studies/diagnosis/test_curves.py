import numpy as np
import pandas as pd
import pytest

from studies.diagnosis.arrays import dense_curves, epoch_noise, smooth, trend_drop
from studies.diagnosis.curves import FACTS, curve_facts

TIME = np.arange(1, 31)
FALLING = 0.2 + np.exp(-TIME / 4)


def wander(n, length, correlation, deviation, seed=0):
    """Stationary curves whose neighbouring epochs are alike."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=(n, length + 50))
    for t in range(1, length + 50):
        noise[:, t] = correlation * noise[:, t - 1] + np.sqrt(1 - correlation**2) * noise[:, t]
    return deviation * noise[:, 50:]


def many(curve, train, validation):
    tables = [
        curve(f"t{i:04d}", t, v) for i, (t, v) in enumerate(zip(train, validation, strict=True))
    ]
    return pd.concat(tables, ignore_index=True)


def test_no_epochs_give_no_facts(no_epochs):
    facts = curve_facts(no_epochs)
    assert facts.empty
    assert tuple(facts.columns) == FACTS


def test_best_epoch_is_the_first_of_the_smallest_validation_losses(curve):
    facts = curve_facts(curve("a", [1, 1, 1, 1], [0.5, 0.3, 0.4, 0.3]))
    assert facts.loc["a", "best_epoch"] == 2


def test_gap_is_validation_minus_train_at_the_best_epoch(curve):
    facts = curve_facts(curve("a", [0.9, 0.2, 0.1], [1.0, 0.5, 0.8]))
    assert facts.loc["a", "gap"] == pytest.approx(0.3)
    assert facts.loc["a", "last_gap"] == pytest.approx(0.7)
    assert facts.loc["a", "gap_se"] == pytest.approx(np.hypot(0.004, 0.01))


def test_score_gap_is_train_minus_validation(curve):
    facts = curve_facts(curve("a", [1.0], [1.0], train_score=0.9, validation_score=0.7))
    assert facts.loc["a", "score_gap"] == pytest.approx(0.2)


def test_a_curve_ends_before_its_first_epoch_that_is_not_finite(curve):
    validation = [1.0, 0.8, np.nan, 0.1]
    facts = curve_facts(curve("a", [1.0, 0.9, 0.8, 0.7], validation))
    assert facts.loc["a", "epochs_seen"] == 2
    assert facts.loc["a", "validation_loss"] == 0.8


def test_a_trial_without_a_finite_epoch_is_left_out(curve):
    assert curve_facts(curve("a", [np.inf], [1.0])).empty


def test_the_order_of_the_rows_does_not_matter(curve):
    table = many(curve, [FALLING, FALLING], [FALLING + 0.1, FALLING[::-1]])
    shuffled = table.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(curve_facts(shuffled).sort_index(), curve_facts(table))


def test_trials_of_different_length_stand_in_one_table(curve):
    table = pd.concat([curve("a", [1.0], [1.0]), curve("b", FALLING, FALLING)])
    assert list(curve_facts(table).sort_index()["epochs_seen"]) == [1, 30]


def test_three_epochs_show_no_trend(curve):
    facts = curve_facts(curve("a", [3.0, 2.0, 1.0], [1.0, 2.0, 3.0]))
    assert np.isnan(facts.loc["a", "rise"])
    assert not facts.loc["a", ["rises", "improving", "train_falls", "score_rises"]].any()


def test_a_rise_with_a_known_start_is_found_where_it_starts(curve):
    validation = FALLING + np.where(TIME > 12, 0.03 * (TIME - 12), 0.0)
    validation += np.random.default_rng(1).normal(0, 0.002, 30)
    facts = curve_facts(curve("a", np.exp(-TIME / 4), validation)).loc["a"]
    assert facts["rises"]
    assert facts["train_falls"]
    assert 12 <= facts["onset_epoch"] <= 18
    assert facts["rise"] == pytest.approx(0.03 * (27.5 - 12), rel=0.2)
    assert not facts["improving"]


def test_a_rise_without_a_falling_train_loss_has_no_onset(curve):
    validation = 0.3 + 0.02 * np.abs(TIME - 10)
    facts = curve_facts(curve("a", np.full(30, 0.2), validation)).loc["a"]
    assert facts["rises"]
    assert np.isnan(facts["onset_epoch"])


def test_a_steady_fall_is_still_improving(curve):
    noise = np.random.default_rng(2).normal(0, 0.003, 30)
    facts = curve_facts(curve("a", FALLING, 2 - 0.04 * TIME + noise)).loc["a"]
    assert facts["improving"]
    assert facts["drop"] == pytest.approx(0.04 * 9, rel=0.1)


def test_a_settled_curve_is_neither_improving_nor_rising(curve):
    noise = np.random.default_rng(2).normal(0, 0.003, 30)
    facts = curve_facts(curve("a", FALLING, 0.3 + np.exp(-TIME / 2) + noise)).loc["a"]
    assert not facts["improving"]
    assert not facts["rises"]


def test_a_score_that_rises_while_the_loss_rises_is_seen(curve):
    validation = FALLING + np.where(TIME > 8, 0.02 * (TIME - 8), 0.0)
    table = curve("a", np.exp(-TIME / 4), validation, validation_score=0.8 + 0.005 * TIME)
    facts = curve_facts(table).loc["a"]
    assert facts["rises"]
    assert facts["score_rises"]


@pytest.mark.slow
@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.5])
@pytest.mark.parametrize("length", [10, 30, 100])
def test_noise_alone_seldom_rises_or_improves(curve, correlation, length):
    validation = 1 + wander(400, length, correlation, 0.2)  # far beyond the practical margins
    facts = curve_facts(many(curve, validation, validation))
    assert facts["rises"].mean() <= (0.05 if correlation < 0.5 else 0.12)
    assert facts["improving"].mean() <= (0.05 if correlation < 0.5 else 0.08)


def test_the_noise_of_a_curve_on_a_parabola_is_that_of_its_residuals():
    time = np.linspace(0, 1, 40)
    curves = 3 - 2 * time + time**2 + np.random.default_rng(0).normal(0, 0.1, (2000, 40))
    deviation = epoch_noise(curves).deviation
    assert np.median(deviation) == pytest.approx(0.1, rel=0.15)


def test_a_curve_of_three_epochs_has_no_noise_estimate():
    assert np.isnan(epoch_noise(np.ones((2, 3))).deviation).all()


def test_smoothing_takes_the_mean_of_three_and_of_two_at_the_ends():
    assert smooth(np.array([[1.0, 2.0, 6.0, 4.0]]))[0] == pytest.approx([1.5, 3.0, 4.0, 5.0])


def test_the_fall_along_a_line_is_its_length():
    drop, leverage = trend_drop(np.array([[4.0, 3.0, 2.0, 1.0]]))
    assert drop[0] == pytest.approx(3.0)
    assert leverage == pytest.approx(3 / np.sqrt(5))


def test_curves_are_grouped_by_length(curve):
    table = pd.concat([curve(n, np.ones(k), np.ones(k)) for n, k in [("a", 4), ("b", 2), ("c", 4)]])
    groups = {group.length: list(group.trials) for group in dense_curves(table)}
    assert groups == {2: ["b"], 4: ["a", "c"]}
