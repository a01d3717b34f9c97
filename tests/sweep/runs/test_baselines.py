import dataclasses

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import log_loss

from sweep.data.dataset import TrainingData
from sweep.runs import baselines
from sweep.runs.baselines import fit_baselines, training_seconds
from sweep.scores import SCORES
from sweep.seeds import derive_seed
from sweep.tables import BASELINE_TYPES

LOADERS = {"binary": load_breast_cancer, "multiclass": load_digits, "regression": load_diabetes}


def prepared(task, *, rows=250, validation=150):
    x, y = LOADERS[task](return_X_y=True)
    order = np.random.default_rng(0).permutation(len(y))[: rows + validation]
    x, y = x[order], y[order].astype(np.float64)
    x = ((x - x.mean(0)) / (x.std(0) + 1e-9)).astype(np.float32)
    if task == "multiclass":
        x = x.reshape(-1, 8, 8)
    if task == "regression":
        y = (y - y.mean()) / y.std()
    y = y.astype(np.float32 if task == "regression" else np.int32)
    return TrainingData(
        task=task, input_shape=x.shape[1:],
        classes={"binary": 2, "multiclass": 10, "regression": 0}[task],
        x_train=x[:rows], y_train=y[:rows], x_validation=x[rows:], y_validation=y[rows:],
    )  # fmt: skip


def with_weights(data):
    """Weights of which a tenth is 0; those of the loss are others, as with class weights."""
    rng = np.random.default_rng(1)
    train, validation, loss = (
        (rng.exponential(size=len(rows)) * (rng.random(len(rows)) > 0.1)).astype(np.float32)
        for rows in (data.y_train, data.y_validation, data.y_train)
    )
    return dataclasses.replace(
        data, w_train=train, w_validation=validation, loss_weights=np.where(train > 0, loss, 0)
    )


def directly(task, rounds, state):
    """The same three models, made by hand."""
    if task == "regression":
        trees = HistGradientBoostingRegressor(max_iter=rounds, random_state=state)
        return [DummyRegressor(), Ridge(), trees]
    trees = HistGradientBoostingClassifier(max_iter=rounds, random_state=state)
    return [DummyClassifier(), LogisticRegression(max_iter=200), trees]


@pytest.mark.parametrize("task", LOADERS)
def test_numbers_are_those_of_scikit_learn(task, record_of):
    data = prepared(task)
    table = fit_baselines(data, [record_of()], seed=3)
    x, x_validation = (a.reshape(len(a), -1) for a in (data.x_train, data.x_validation))

    assert table["baseline"].tolist() == ["dummy", "linear", "boosted trees"]
    assert {name: str(kind) for name, kind in table.dtypes.items()} == BASELINE_TYPES
    assert (table["rows"] == 250).all()
    rounds, state = baselines.BOOSTING_ROUNDS[0], derive_seed(3, "baseline")
    for row, model in zip(table.itertuples(), directly(task, rounds, state), strict=True):
        model.fit(x, data.y_train)
        assert row.train_score == pytest.approx(model.score(x, data.y_train), abs=1e-6)
        score = model.score(x_validation, data.y_validation)
        assert row.validation_score == pytest.approx(score, abs=1e-6)
        if task == "regression":
            loss = ((model.predict(x_validation) - data.y_validation) ** 2).mean()
        else:
            probabilities = model.predict_proba(x_validation)
            loss = log_loss(data.y_validation, probabilities, labels=model.classes_)
        assert row.validation_loss == pytest.approx(loss, rel=1e-5)
        assert 0 <= row.validation_score_se < 0.2
        assert row.seconds > 0
    for score in SCORES.values():
        value, low, high = (table[f"validation_{score.key}{end}"] for end in ("", "_low", "_high"))
        if (score.task == "regression") == (task == "regression"):
            assert ((low <= value) & (value <= high)).all()
        else:
            assert value.isna().all()


@pytest.mark.parametrize("task", LOADERS)
def test_rows_with_weights_are_fitted_and_scored_by_them(task, record_of):
    data = with_weights(prepared(task))
    table = fit_baselines(data, [record_of()], seed=3)
    counted = np.flatnonzero(data.loss_weights)
    x, x_validation = (a.reshape(len(a), -1) for a in (data.x_train[counted], data.x_validation))
    y, loss_weights = data.y_train[counted], data.loss_weights[counted]

    assert (table["rows"] == len(counted)).all()
    rounds, state = baselines.BOOSTING_ROUNDS[0], derive_seed(3, "baseline")
    for row, model in zip(table.itertuples(), directly(task, rounds, state), strict=True):
        model.fit(x, y, sample_weight=loss_weights)
        train_score = model.score(x, y, sample_weight=data.w_train[counted])
        assert row.train_score == pytest.approx(train_score, abs=1e-6)
        score = model.score(x_validation, data.y_validation, sample_weight=data.w_validation)
        assert row.validation_score == pytest.approx(score, abs=1e-6)


@pytest.mark.parametrize("most", [60, 100, 180])
def test_a_sample_of_weighted_rows_has_every_class_and_no_row_of_weight_zero(monkeypatch, most):
    monkeypatch.setattr(baselines, "FEWEST_ROWS", 40)
    data = with_weights(prepared("multiclass"))
    chosen = baselines._subsample(data, most, 0)

    assert len(chosen) == len(set(chosen)) == most
    assert (data.loss_weights[chosen] > 0).all()
    assert set(data.y_train[chosen]) == set(range(10))


@pytest.mark.parametrize("task", LOADERS)
@pytest.mark.parametrize("rows", [299, 300, 301, 302, 310, 311])
def test_a_subsample_as_large_as_the_split_is_the_split(task, rows, record_of):
    data = prepared(task, rows=rows, validation=100)
    table = fit_baselines(data, [record_of()], seed=0)
    linear = int(table["rows"][1])  # the one that a short sweep leaves few rows
    assert linear == rows or 300 <= linear < rows
    assert np.isfinite(table["validation_loss"]).all()


def test_models_that_learn_beat_the_dummy(record_of):
    for task in LOADERS:
        scores = fit_baselines(prepared(task), [record_of()], seed=0)["validation_score"]
        assert (scores[1:] > scores[0] + 0.2).all()


def test_a_rerun_gives_the_same_numbers_in_any_order_of_records(record_of, monkeypatch):
    monkeypatch.setattr(baselines, "FEWEST_ROWS", 50)
    records = [record_of(slot, parameters=1000 + 7 * slot) for slot in range(20)]
    data = prepared("binary")
    one, other = (
        fit_baselines(data, some, seed=0).drop(columns="seconds")
        for some in (records, records[::-1])
    )

    assert one.equals(other)
    assert training_seconds(data, records) == training_seconds(data, records[::-1])


def test_more_training_allows_more_rows_and_rounds(record_of, history_of, monkeypatch):
    monkeypatch.setattr(baselines, "FEWEST_ROWS", 50)
    data = prepared("binary")
    short = fit_baselines(data, [record_of(losses=[0.5])], seed=0)
    long = [record_of(slot, history=history_of([0.5] * 500)) for slot in range(100)]

    assert short["rows"].tolist() == [250, 50, 250]
    assert fit_baselines(data, long, seed=0)["rows"].tolist() == [250, 250, 250]


def test_the_time_of_a_sweep_follows_from_its_work(record_of, history_of):
    data = prepared("multiclass", rows=320, validation=80)
    record = record_of(parameters=10**6, history=history_of([0.5] * 3))

    flops = 6 * 320 + 2 * (320 + 80)
    expected = 3 * (10 * baselines.UPDATE_SECONDS + flops * 10**6 / baselines.FLOPS_PER_SECOND)
    assert training_seconds(data, [record]) == pytest.approx(expected)
    assert training_seconds(data, []) == 0


def test_few_rows_are_all_taken():
    data = prepared("binary")

    assert len(baselines._subsample(data, 0, 0)) == len(data.x_train) < baselines.FEWEST_ROWS


def test_a_large_split_is_sampled_by_class_and_by_seed(monkeypatch):
    monkeypatch.setattr(baselines, "FEWEST_ROWS", 40)
    data = prepared("multiclass")
    chosen = baselines._subsample(data, 100, 0)

    assert len(chosen) == len(set(chosen)) == 100
    assert (np.diff(chosen) > 0).all()
    share = np.bincount(data.y_train[chosen]) / 100
    np.testing.assert_allclose(share, np.bincount(data.y_train) / 250, atol=0.02)
    assert (baselines._subsample(data, 100, 0) == chosen).all()
    assert (baselines._subsample(data, 100, 1) != chosen).any()


@pytest.mark.parametrize("most", range(235, 252))
def test_a_sample_of_nearly_all_rows_can_be_taken(monkeypatch, most):
    monkeypatch.setattr(baselines, "FEWEST_ROWS", 40)
    # Ten classes cannot be shared out over fewer than ten rows that are left over.
    assert len(baselines._subsample(prepared("multiclass"), most, 0)) in {most, 250}


@pytest.mark.parametrize("members", [1, 2])
def test_a_rare_class_is_in_every_sample(monkeypatch, members, record_of):
    monkeypatch.setattr(baselines, "FEWEST_ROWS", 40)
    data = prepared("binary")
    data.y_train[:] = 0
    data.y_train[[100, 200][:members]] = 1
    for state in range(20):
        chosen = baselines._subsample(data, 60, state)
        assert set(data.y_train[chosen]) == {0, 1}
        assert len(chosen) in {60, 61}
    fit_baselines(data, [record_of()], seed=0)


def test_a_class_that_no_training_row_has_costs_much_and_not_everything(record_of):
    data = prepared("multiclass")
    data.y_train[data.y_train == 9] = 8
    table = fit_baselines(data, [record_of()], seed=0)

    assert np.isfinite(table["validation_loss"]).all()
    missed = (data.y_validation == 9).mean()
    assert (table["validation_loss"] > 80 * missed).all()  # 87.3 nats each
    assert (table["validation_score"] <= 1 - missed).all()


def test_a_regression_is_sampled_without_classes(monkeypatch):
    monkeypatch.setattr(baselines, "FEWEST_ROWS", 40)

    assert len(baselines._subsample(prepared("regression"), 60.7, 0)) == 60
