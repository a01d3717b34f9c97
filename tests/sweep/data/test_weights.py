import dataclasses

import numpy as np
import pytest
from sklearn.utils.class_weight import compute_class_weight
from statsmodels.stats.weightstats import DescrStatsW

from sweep.data import preprocessing
from sweep.data.dataset import Dataset
from sweep.data.preprocessing import prepare
from sweep.data.splitting import Splits, split_rows
from sweep.data.variants import draw_rows, vary
from sweep.data.weights import effective_rows, standardisation, weigh_rows
from sweep.errors import DataError
from sweep.seeds import derive_seed
from sweep.variant import DataVariant

ROWS = 400


def weighted(rows=ROWS, classes=3, **fields):
    """A data set whose feature and whose weight are both the number of the row."""
    rng = np.random.default_rng(0)
    target = rng.choice(classes, rows, p=np.arange(1, classes + 1) / (classes * (classes + 1) / 2))
    values = {
        "name": "d",
        "task": "multiclass",
        "features": np.arange(rows, dtype=np.float32).reshape(-1, 1),
        "target": target.astype(np.int64),
        "target_name": "y",
        "class_names": tuple("abcdefgh"[:classes]),
        "weights": np.arange(rows, dtype=np.float64),
        "fingerprint": "",
        "source": "d.npz",
    }
    return Dataset(**{**values, **fields})


def regression(**fields):
    target = np.random.default_rng(1).gamma(2.0, size=ROWS)
    return weighted(task="regression", class_names=(), target=target, **fields)


def split(dataset):
    return split_rows(dataset, seed=0)


def parts(splits):
    return splits.train, splits.validation, splits.test


def test_without_weights_there_are_none():
    dataset = weighted(weights=None)
    assert weigh_rows(dataset, split(dataset)) == (None, None, None, None)


def test_every_split_has_the_weights_of_its_rows_and_the_training_rows_have_the_mean_one():
    dataset = weighted()
    splits = split(dataset)
    loss, *found = weigh_rows(dataset, splits)

    mean = splits.train.mean()
    for rows, weights in zip(parts(splits), found, strict=True):
        assert weights.dtype == np.float32
        np.testing.assert_allclose(weights, rows / mean, rtol=1e-6)
    np.testing.assert_array_equal(loss, found[0])


@pytest.mark.parametrize("unit", [1e-9, 1000.0, 1e30])
def test_the_unit_of_weights_does_not_matter(unit):
    dataset = weighted()
    other = dataclasses.replace(dataset, weights=dataset.weights * unit)
    one, two = (weigh_rows(some, split(some)) for some in (dataset, other))
    for left, right in zip(one, two, strict=True):
        np.testing.assert_allclose(left, right, rtol=1e-6)


def test_balanced_classes_are_those_of_scikit_learn_and_touch_the_loss_alone():
    dataset = weighted(weights=None, class_weight="balanced")
    splits = split(dataset)
    loss, *others = weigh_rows(dataset, splits)

    labels = dataset.target[splits.train]
    by_class = compute_class_weight("balanced", classes=np.arange(3), y=labels)
    np.testing.assert_allclose(loss, by_class[labels], rtol=1e-6)
    assert others == [None, None, None]


def test_a_rows_weight_in_the_loss_is_its_own_times_that_of_its_class():
    dataset = weighted(class_weight="balanced")
    splits = split(dataset)
    loss, train, *_ = weigh_rows(dataset, splits)

    labels = dataset.target[splits.train]
    expected = (
        splits.train * compute_class_weight("balanced", classes=np.arange(3), y=labels)[labels]
    )
    np.testing.assert_allclose(loss, expected / expected.mean(), rtol=1e-6)
    np.testing.assert_allclose(train, splits.train / splits.train.mean(), rtol=1e-6)


def test_a_class_without_a_training_row_of_a_subset_gets_none():
    dataset = weighted(weights=None, class_weight="balanced")
    rows = np.flatnonzero(dataset.target != 0)
    splits = Splits(train=rows[:100], validation=rows[100:110], test=rows[110:120])
    loss = weigh_rows(dataset, splits).loss

    labels = dataset.target[splits.train]
    totals = np.bincount(labels, weights=loss)
    assert totals.tolist() == pytest.approx([0, 50, 50], rel=1e-6)


def test_prepared_data_carry_the_weights():
    dataset = weighted()
    splits = split(dataset)
    data = prepare(dataset, splits, seed=0)
    loss, *found = weigh_rows(dataset, splits)

    np.testing.assert_array_equal(data.training.loss_weights, loss)
    for left, right in zip(
        (data.training.w_train, data.training.w_validation, data.w_test), found, strict=True
    ):
        np.testing.assert_array_equal(left, right)


def test_a_weighted_target_is_standardised_by_its_weighted_mean_and_deviation():
    dataset = regression()
    splits = split(dataset)
    data = prepare(dataset, splits, seed=0)
    known = DescrStatsW(dataset.target[splits.train], weights=splits.train)

    assert data.preprocessor.target_mean == pytest.approx(known.mean, rel=1e-12)
    assert data.preprocessor.target_scale == pytest.approx(known.std, rel=1e-12)
    learnt = DescrStatsW(data.training.y_train.astype(float), weights=data.training.w_train)
    assert (learnt.mean, learnt.std) == (pytest.approx(0, abs=1e-6), pytest.approx(1, rel=1e-6))


def test_values_that_are_all_alike_where_they_count_have_a_deviation_of_one():
    assert standardisation(np.array([3.0, 3.0, 7.0]), np.array([1.0, 1.0, 0.0])) == (3.0, 1.0)
    assert standardisation(np.array([3.0, 3.0]), None) == (3.0, 1.0)


def test_rows_drawn_keep_their_weights():
    drawn = draw_rows(weighted(), 100, seed=0)
    np.testing.assert_array_equal(drawn.weights, drawn.features[:, 0])


@pytest.mark.parametrize(
    "variant",
    [DataVariant(fold=1, folds=4), DataVariant(train_rows=50), DataVariant(label_noise=0.5)],
)
def test_a_variant_of_the_data_weighs_its_own_rows(variant):
    dataset = weighted(class_weight="balanced", weights=1.0 + np.arange(ROWS))
    base = prepare(dataset, split(dataset), seed=0)
    data = vary(dataset, base.splits, variant, seed=0)

    raw = data.x_train[:, 0].astype(np.float64)  # the number of the row, standardised
    order = np.argsort(raw)
    weights = data.w_train.astype(np.float64)
    assert weights.mean() == pytest.approx(1, rel=1e-6)
    assert len(weights) == len(raw) == len(data.loss_weights)
    steps = np.diff(weights[order]) / np.diff(raw[order])
    np.testing.assert_allclose(steps, steps.mean(), rtol=1e-3)  # a straight line: row by row
    by_class = np.bincount(data.y_train, weights=data.loss_weights / data.w_train)
    np.testing.assert_allclose(by_class, by_class.mean(), rtol=1e-4)


def test_train_metrics_are_not_measured_on_a_sample_of_rows_without_weight(monkeypatch):
    monkeypatch.setattr(preprocessing, "LARGE_SPLIT", 100)
    monkeypatch.setattr(preprocessing, "EVALUATION_SAMPLE", 40)
    counted = np.arange(ROWS) % 9 == 0
    dataset = weighted(weights=counted.astype(float))
    data = prepare(dataset, split(dataset), seed=derive_seed(0, "sample")).training

    assert 15 < len(data.evaluation_rows) <= 40
    assert (data.w_evaluated > 0).all()


@pytest.mark.parametrize("name", ["train", "validation", "test"])
def test_a_split_whose_rows_have_no_weight_is_refused(name):
    dataset = regression()
    dataset.weights[getattr(split(dataset), name)] = 0
    with pytest.raises(DataError, match=f"rows of the {name} split have the weight 0"):
        split(dataset)


def test_a_class_whose_training_rows_have_no_weight_is_refused():
    dataset = weighted()
    dataset.weights[dataset.target == 1] = 0
    with pytest.raises(DataError, match="that has a weight above 0: 'b'"):
        split(dataset)


def test_a_subset_whose_rows_have_no_weight_is_refused():
    dataset = regression()
    splits = split(dataset)
    dataset.weights[splits.train[:-1]] = 0  # one row counts, and it is not among the ten
    with pytest.raises(DataError, match="all 10 rows of the train split have the weight 0"):
        vary(dataset, splits, DataVariant(train_rows=10), seed=0)


def test_effective_rows_are_kishs():
    assert effective_rows(np.ones(7, np.float32)) == 7
    assert effective_rows(np.array([1.0, 0.0, 0.0])) == 1
    assert effective_rows(np.array([3.0, 1.0])) == pytest.approx(1.6)
