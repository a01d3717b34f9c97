import math

import numpy as np
import pytest
import statsmodels.api as sm
from sklearn.metrics import accuracy_score, log_loss, mean_squared_error, r2_score

from sweep.training.measures import evaluation_statistics, log_probabilities, measure

RNG = np.random.default_rng(3)


def test_multiclass_equals_scikit_learn():
    logits, target = RNG.normal(size=(200, 4)), RNG.integers(4, size=200).astype(np.int32)
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    losses = -np.log(probabilities[np.arange(200), target])
    hits = probabilities.argmax(axis=1) == target

    loss, loss_se, score, score_se = measure(logits, target, "multiclass")

    assert loss == pytest.approx(log_loss(target, probabilities), rel=1e-12)
    assert score == accuracy_score(target, probabilities.argmax(axis=1))
    assert loss_se == pytest.approx(losses.std() / math.sqrt(200), rel=1e-9)
    assert score_se == pytest.approx(hits.std() / math.sqrt(200), rel=1e-9)


def test_binary_equals_scikit_learn():
    logits, target = 3 * RNG.normal(size=(150, 1)), RNG.integers(2, size=150).astype(np.int32)
    probability = 1 / (1 + np.exp(-logits[:, 0]))

    loss, _, score, _ = measure(logits, target, "binary")

    assert loss == pytest.approx(log_loss(target, probability), rel=1e-12)
    assert score == accuracy_score(target, probability > 0.5)


def test_regression_equals_scikit_learn():
    predicted, target = RNG.normal(size=(120, 1)), RNG.normal(size=120).astype(np.float32)

    loss, loss_se, score, _ = measure(predicted, target, "regression")

    errors = (predicted[:, 0] - target) ** 2
    assert loss == pytest.approx(mean_squared_error(target, predicted[:, 0]), rel=1e-6)
    assert score == pytest.approx(r2_score(target, predicted[:, 0]), rel=1e-6)
    assert loss_se == pytest.approx(errors.std() / math.sqrt(120), rel=1e-9)


def test_the_standard_error_of_r2_covers_its_truth():
    rng = np.random.default_rng(0)
    inside = 0
    for _ in range(400):
        target = rng.normal(size=300)
        predicted = (target + 0.5 * rng.normal(size=300))[:, None]
        score, error = measure(predicted, target, "regression")[2:]
        inside += abs(score - 0.75) < 1.96 * error  # 1 - 0.25 / 1
    assert 0.92 < inside / 400 < 0.98


def test_very_certain_logits_cost_what_they_should():
    loss, _, score, _ = measure(np.array([[1000.0, 0.0]]), np.array([1]), "multiclass")
    assert (loss, score) == (1000, 0)
    loss, _, score, _ = measure(np.array([[-1000.0]]), np.array([0]), "binary")
    assert (loss, score) == (0, 1)


def test_a_logit_of_zero_is_the_first_class():
    assert measure(np.zeros((2, 1)), np.array([0, 1]), "binary")[2] == 0.5


def test_one_row_has_no_spread():
    loss, loss_se, score, score_se = measure(np.array([[0.0, 1.0]]), np.array([1]), "multiclass")
    assert loss == pytest.approx(math.log(1 + math.exp(-1)))
    assert (loss_se, score, score_se) == (0, 1, 0)


def test_a_constant_target_has_a_score_of_zero_as_in_a_network():
    values = measure(np.array([[1.0], [2.0]]), np.array([1.0, 1.0]), "regression")
    assert values == (0.5, pytest.approx(0.5 / math.sqrt(2)), 0, 0)


def test_sums_that_are_not_finite_give_nothing_finite_and_no_warning():
    sums = np.array([[math.nan, math.nan, math.nan], [math.inf, math.inf, 1.0]])
    for regression in (False, True):
        values = evaluation_statistics(sums, np.array([1.0, 2.0, 3.0]), regression=regression)
        assert not np.isfinite(values[:, :2]).any()


def test_no_epochs_give_no_rows():
    empty = np.empty((0, 3))
    assert evaluation_statistics(empty, np.arange(3.0), regression=False).shape == (0, 4)


@pytest.mark.parametrize(("task", "outputs"), [("binary", 1), ("multiclass", 3)])
def test_probabilities_sum_to_one(task, outputs):
    logarithms = log_probabilities(RNG.normal(size=(50, outputs)) * 50, task)

    assert logarithms.shape == (50, max(outputs, 2))
    np.testing.assert_allclose(np.exp(logarithms).sum(axis=1), 1)


def test_the_binary_logit_is_that_of_the_second_class():
    assert np.exp(log_probabilities(np.array([[math.log(3)]]), "binary"))[0].tolist() == (
        pytest.approx([0.25, 0.75])
    )


def robust(values, weights):
    """A weighted mean and its sandwich error, by a regression on a constant."""
    fitted = sm.WLS(values, np.ones(len(values)), weights=weights).fit(cov_type="HC0")
    return float(fitted.params[0]), float(fitted.bse[0])


def test_weighted_loss_and_accuracy_are_statsmodels_weighted_means_with_robust_errors():
    logits, target = RNG.normal(size=(200, 4)), RNG.integers(4, size=200).astype(np.int32)
    weights = RNG.exponential(size=200)
    losses = -log_probabilities(logits, "multiclass")[np.arange(200), target]
    hits = (logits.argmax(axis=1) == target).astype(float)

    values = measure(logits, target, "multiclass", weights)

    expected = (*robust(losses, weights), *robust(hits, weights))
    assert values == pytest.approx(expected, rel=1e-9)
    assert measure(logits, target, "multiclass", 1000 * weights) == pytest.approx(values, rel=1e-9)


def test_weighted_r2_is_scikit_learns_and_its_error_the_jackknifes():
    target = RNG.gamma(2.0, size=300)
    predicted, weights = target + 0.5 * RNG.normal(size=300), RNG.exponential(size=300)

    loss, loss_se, score, score_se = measure(predicted[:, None], target, "regression", weights)

    assert (loss, loss_se) == pytest.approx(robust((predicted - target) ** 2, weights), rel=1e-9)
    assert score == pytest.approx(r2_score(target, predicted, sample_weight=weights), rel=1e-12)
    left_out = [
        r2_score(*(np.delete(values, row) for values in (target, predicted)),
                 sample_weight=np.delete(weights, row))
        for row in range(300)
    ]  # fmt: skip
    jackknife = math.sqrt(299 * np.var(left_out))
    assert score_se == pytest.approx(jackknife, rel=0.1)


@pytest.mark.parametrize("task", ["multiclass", "regression"])
def test_equal_weights_are_none(task):
    logits, target = RNG.normal(size=(90, 3)), RNG.integers(3, size=90).astype(np.int32)
    plain = measure(logits, target, task)
    assert measure(logits, target, task, np.full(90, 0.25)) == pytest.approx(plain, rel=1e-9)


def test_rows_of_weight_zero_are_absent():
    logits, target = RNG.normal(size=(90, 3)), RNG.integers(3, size=90).astype(np.int32)
    weights = np.repeat([2.0, 0.0], [60, 30])
    plain = measure(logits[:60], target[:60], "multiclass")
    assert measure(logits, target, "multiclass", weights) == pytest.approx(plain, rel=1e-9)


def test_weighted_errors_cover_the_truth_of_whom_the_rows_stand_for():
    """Rows are drawn unevenly, and weighted by how many they stand for, as in a survey."""
    rng = np.random.default_rng(0)
    everyone = rng.normal(size=20_000)
    right = rng.random(20_000) < 1 / (1 + np.exp(-everyone))  # what is hard is drawn less often
    chance = np.where(everyone > 0, 4.0, 1.0)
    chance /= chance.sum()
    inside = 0
    for _ in range(400):
        rows = rng.choice(20_000, 400, p=chance)
        logits = np.where(right[rows], 1.0, -1.0)[:, None]
        _, _, score, error = measure(logits, np.ones(400, np.int32), "binary", 1 / chance[rows])
        inside += abs(score - right.mean()) < 1.96 * error
    assert 0.92 < inside / 400 < 0.98


def test_a_constant_target_with_weights_has_a_score_of_zero():
    values = measure(
        np.array([[1.0], [2.0]]), np.array([1.0, 1.0]), "regression", np.array([1.0, 3.0])
    )
    assert values[2:] == (0, 0)


def test_weighted_sums_that_are_not_finite_give_nothing_finite_and_no_warning():
    sums = np.full((1, 5), math.nan)
    for regression in (False, True):
        values = evaluation_statistics(
            sums, np.arange(3.0), regression=regression, weights=np.ones(3)
        )
        assert not np.isfinite(values[:, :2]).any()
