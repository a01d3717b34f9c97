import dataclasses
import json

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.preprocessing import FunctionTransformer

from sweep.data.dataset import Column, Dataset
from sweep.data.preprocessing import Preprocessor, fit_preprocessor, prepare
from sweep.data.sources import load_dataset
from sweep.data.splitting import Splits, split_rows
from sweep.data.transformer import as_arrays, read_transformer
from sweep.errors import StorageError

TABLE = pd.DataFrame(
    {
        "size": [1.0, 2.0, 3.0, np.nan, 100.0],
        "city": pd.array(["Rome", "Bern", None, "Rome", "Oslo"], dtype="str"),
        "owner": pd.array([True, False, None, True, False], dtype="boolean"),
    }
)
COLUMNS = (
    Column(name="size", kind="numeric", missing=1, distinct=4),
    Column(name="city", kind="categorical", missing=1, distinct=3),
    Column(name="owner", kind="boolean", missing=1, distinct=2),
)


def make(features, target, columns=()):
    regression = np.asarray(target).dtype.kind == "f"
    return Dataset(
        name="d",
        task="regression" if regression else "binary",
        features=features,
        target=np.asarray(target),
        target_name="y",
        class_names=() if regression else ("no", "yes"),
        columns=columns,
        fingerprint="",
        source="d.csv",
    )


def table_dataset():
    return make(TABLE, np.array([0, 1, 0, 1, 0]), COLUMNS)


def rows(*numbers):
    return np.array(numbers, dtype=np.int64)


def test_numbers_are_standardised_and_filled_with_the_training_median():
    fitted = fit_preprocessor(table_dataset(), rows(0, 1, 2, 3))
    numbers = fitted.transform(TABLE)
    assert numbers.dtype == np.float32
    assert fitted.input_shape == (numbers.shape[1],) == (2 + 2 + 3,)
    filled = np.array([1.0, 2.0, 3.0, 2.0])
    expected = (filled - filled.mean()) / filled.std()
    np.testing.assert_allclose(numbers[:4, 0], expected, rtol=1e-6)
    assert numbers[4, 0] == pytest.approx((100 - filled.mean()) / filled.std())


def test_missing_values_have_an_indicator():
    numbers = fit_preprocessor(table_dataset(), rows(0, 1, 2, 3)).transform(TABLE)
    assert numbers[3, 1] > 0 > numbers[0, 1]


def test_truth_values_are_zero_and_one_with_an_indicator():
    numbers = fit_preprocessor(table_dataset(), rows(0, 1, 2, 3)).transform(TABLE)
    assert numbers[:, 2].tolist() == [1, 0, 1, 1, 0]
    assert numbers[:, 3].tolist() == [0, 0, 1, 0, 0]


def test_unseen_category_is_none_of_those_seen_and_missing_is_one_of_its_own():
    numbers = fit_preprocessor(table_dataset(), rows(0, 1, 2, 3)).transform(TABLE)
    assert numbers[:, 4:].tolist() == [[0, 0, 1], [0, 1, 0], [1, 0, 0], [0, 0, 1], [0, 0, 0]]


def test_values_missing_for_the_first_time_are_filled():
    complete = fit_preprocessor(table_dataset(), rows(0, 1))
    assert complete.input_shape == (1 + 1 + 2,)
    assert np.isfinite(complete.transform(TABLE)).all()


def test_column_missing_in_all_training_rows_is_kept_and_finite():
    fitted = fit_preprocessor(table_dataset(), rows(3, 3, 3))
    assert np.isfinite(fitted.transform(TABLE)).all()


def test_held_out_rows_change_nothing_that_is_fitted():
    other = TABLE.assign(size=[1.0, 2.0, 3.0, np.nan, -5.0])
    changed = make(other, np.array([0, 1, 0, 1, 1]), COLUMNS)
    first = fit_preprocessor(table_dataset(), rows(0, 1, 2, 3)).transform(TABLE)
    second = fit_preprocessor(changed, rows(0, 1, 2, 3)).transform(TABLE)
    np.testing.assert_array_equal(first, second)


def test_categories_are_capped():
    cities = pd.DataFrame({"city": pd.array([f"k{n % 40}" for n in range(400)], dtype="str")})
    columns = (Column(name="city", kind="categorical", missing=0, distinct=40),)
    dataset = make(cities, np.arange(400) % 2, columns)
    assert fit_preprocessor(dataset, np.arange(400), max_categories=7).input_shape == (7,)
    assert fit_preprocessor(dataset, np.arange(400)).input_shape == (40,)


def test_extreme_numbers_stay_finite():
    fitted = fit_preprocessor(table_dataset(), rows(0, 1, 2, 3))
    assert np.isfinite(fitted.transform(TABLE.assign(size=3.4e38))).all()


def test_no_rows_and_one_row_are_transformed():
    fitted = fit_preprocessor(table_dataset(), rows(0, 1, 2, 3))
    assert fitted.transform(TABLE.iloc[:0]).shape == (0, 7)
    assert fitted.transform(TABLE.iloc[:1]).shape == (1, 7)


def test_images_of_bytes_are_divided_by_255():
    images = np.array([[[0, 51]], [[255, 102]]], dtype=np.uint8)
    fitted = fit_preprocessor(make(images, np.array([0, 1])), rows(1))
    np.testing.assert_allclose(fitted.transform(images), [[[0, 0.2]], [[1, 0.4]]])
    assert fitted.input_shape == (1, 2)


@pytest.mark.parametrize(("highest", "scale"), [(0, 1), (1, 1), (16, 16), (127, 127), (128, 255)])
def test_images_of_few_grey_levels_use_the_whole_scale(highest, scale):
    images = np.array([[[0, highest]], [[0, 0]]], dtype=np.uint8)
    fitted = fit_preprocessor(make(images, np.array([0, 1])), rows(0))
    assert fitted.transform(images).max() == np.float32(highest / scale)


def test_vectors_are_standardised_before_they_lose_digits():
    wanted = np.random.default_rng(0).normal(size=(50, 1))
    for features in (wanted + 1.6e9, np.round(wanted * 1e6).astype(np.int64) + 10**15):
        fitted = fit_preprocessor(make(features, np.arange(50) % 2), np.arange(50))
        numbers = fitted.transform(features)
        assert numbers.dtype == np.float32
        expected = (features - features.mean()) / features.std()
        np.testing.assert_allclose(numbers, expected, atol=1e-5)
        assert np.corrcoef(numbers[:, 0], wanted[:, 0])[0, 1] > 1 - 1e-9


def test_dates_are_learnt_from_by_their_parts():
    column = Column(
        name="d", kind="date", missing=0, distinct=3, parts=("days", "month"), low=19_737
    )
    frame = pd.DataFrame({"d": [19_737.0, 19_768.0, np.nan]})
    arrays = as_arrays(frame, (column,))
    assert list(arrays) == ["x0 days", "x0 month"]
    np.testing.assert_array_equal(arrays["x0 days"], [0, 31, np.nan])
    np.testing.assert_array_equal(arrays["x0 month"], [1, 2, np.nan])


def test_other_images_are_scaled_by_the_training_range():
    images = np.array([[[2, 4]], [[8, 2]]], dtype=np.float32)
    fitted = fit_preprocessor(make(images, np.array([0, 1])), rows(0))
    np.testing.assert_allclose(fitted.transform(images), [[[0, 1]], [[3, 0]]])
    constant = fit_preprocessor(make(images * 0 + 5, np.array([0, 1])), rows(0, 1))
    assert (constant.transform(images * 0 + 5) == 0).all()


def test_vectors_are_standardised():
    vectors = np.random.default_rng(0).normal(3, 2, (50, 4)).astype(np.float32)
    fitted = fit_preprocessor(make(vectors, np.arange(50) % 2), np.arange(50))
    numbers = fitted.transform(vectors)
    np.testing.assert_allclose(numbers.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(numbers.std(axis=0), 1, rtol=1e-5)


def test_regression_target_is_standardised_on_the_training_rows_and_back():
    target = np.array([10.0, 20.0, 30.0, 1e6])
    fitted = fit_preprocessor(make(np.zeros((4, 2), np.float32), target), rows(0, 1, 2))
    scaled = fitted.transform_target(target)
    assert scaled.dtype == np.float32
    np.testing.assert_allclose(scaled[:3], np.array([-1, 0, 1]) * np.sqrt(1.5), rtol=1e-6)
    np.testing.assert_allclose(fitted.inverse_target(scaled), target, rtol=1e-6)


def test_classes_stay_whole_numbers():
    fitted = fit_preprocessor(table_dataset(), rows(0, 1))
    assert fitted.transform_target(np.array([0, 1])).dtype == np.int32


@pytest.mark.parametrize("name", ["digits", "wine", "diabetes"])
def test_what_was_saved_is_loaded(name, tmp_path):
    dataset = load_dataset(name)
    prepared = prepare(dataset, split_rows(dataset, seed=0), seed=0)
    prepared.preprocessor.save(tmp_path)
    loaded = Preprocessor.load(tmp_path)
    features = dataset.features
    test = prepared.splits.test
    held_out = features.iloc[test] if isinstance(features, pd.DataFrame) else features[test]
    np.testing.assert_array_equal(loaded.transform(held_out), prepared.x_test)
    assert dataclasses.replace(loaded, transformer=None) == dataclasses.replace(
        prepared.preprocessor, transformer=None
    )


def test_mixed_table_is_saved_and_loaded(tmp_path):
    fitted = fit_preprocessor(table_dataset(), rows(0, 1, 2, 3))
    fitted.save(tmp_path)
    loaded = Preprocessor.load(tmp_path)
    np.testing.assert_array_equal(loaded.transform(TABLE), fitted.transform(TABLE))
    assert json.loads((tmp_path / "preprocessing.json").read_text())["class_names"] == ["no", "yes"]


def test_types_that_are_not_trusted_are_refused(tmp_path):
    path = tmp_path / "preprocessing.skops"
    skops.io.dump(FunctionTransformer(json.dumps), path)
    with pytest.raises(StorageError, match=r"holds types that are not trusted \(json\.dumps\)"):
        read_transformer(path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x80\x04."])
def test_damaged_transformer_is_refused(tmp_path, content):
    fit_preprocessor(table_dataset(), rows(0, 1)).save(tmp_path)
    (tmp_path / "preprocessing.skops").write_bytes(content)
    with pytest.raises(StorageError, match=r"preprocessing\.skops: cannot be read"):
        Preprocessor.load(tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "cannot be read"),
        ("[]", "is not of schema 2"),
        ('{"schema": 3}', "is not of schema 2"),
        ('{"schema": 1}', "has no readable entry 'columns'"),
        ('{"schema": 1, "columns": [{"x": 1}]}', "has no readable entry"),
    ],
)
def test_damaged_description_is_refused(tmp_path, text, message):
    (tmp_path / "preprocessing.json").write_text(text)
    with pytest.raises(StorageError, match=message):
        Preprocessor.load(tmp_path)


def test_missing_folder_is_refused(tmp_path):
    with pytest.raises(StorageError, match=r"preprocessing\.json: cannot be read"):
        Preprocessor.load(tmp_path / "none")


def test_prepared_data_fit_together():
    dataset = load_dataset("breast-cancer")
    splits = split_rows(dataset, seed=0)
    prepared = prepare(dataset, splits, seed=0)
    training = prepared.training
    assert training.x_train.shape == (len(splits.train), *training.input_shape)
    assert training.x_validation.dtype == prepared.x_test.dtype == np.float32
    assert (training.classes, training.outputs) == (2, 1)
    assert training.evaluation_rows is None
    np.testing.assert_array_equal(prepared.y_test, dataset.target[splits.test])


def test_large_training_splits_are_measured_on_a_seeded_sample():
    count = 20_010
    dataset = make(np.arange(count, dtype=np.float32).reshape(-1, 1), np.arange(count) % 2)
    splits = Splits(train=np.arange(count - 2), validation=rows(count - 2), test=rows(count - 1))
    sample = prepare(dataset, splits, seed=1).training.evaluation_rows
    assert len(np.unique(sample)) == 10_000
    assert (np.diff(sample) > 0).all()
    assert sample.dtype == np.int64
    np.testing.assert_array_equal(sample, prepare(dataset, splits, seed=1).training.evaluation_rows)
    assert not np.array_equal(sample, prepare(dataset, splits, seed=2).training.evaluation_rows)
