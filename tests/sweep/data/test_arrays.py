import dataclasses

import numpy as np
import pytest

from sweep.data.arrays import check_features
from sweep.data.names import RowPlaces
from sweep.data.sources import load_dataset
from sweep.data.spec import DataSpec
from sweep.errors import DataError

RNG = np.random.default_rng(0)
X = RNG.normal(size=(30, 4)).astype(np.float32)
LABELS = np.arange(30) % 3


@pytest.fixture
def npz(tmp_path):
    def write(name="a.npz", **arrays):
        path = tmp_path / name
        np.savez(path, **arrays)
        return str(path)

    return write


def test_one_hot_and_integer_labels_are_the_same_data_set(npz):
    integers = load_dataset(npz("i.npz", x=X, y=LABELS))
    one_hot = load_dataset(npz("h.npz", x=X, y=np.eye(3, dtype=np.float32)[LABELS]))
    for field in dataclasses.fields(integers):
        if field.name not in {"name", "source", "fingerprint"}:
            values = getattr(integers, field.name), getattr(one_hot, field.name)
            np.testing.assert_array_equal(*values)
    assert integers.task == "multiclass"
    assert integers.target.dtype == one_hot.target.dtype == np.int64


def test_empty_one_hot_column_is_no_class(npz):
    hot = np.eye(4)[LABELS]
    assert load_dataset(npz(x=X, y=hot)).class_names == ("0", "1", "2")


def test_own_test_split_is_kept(npz):
    path = npz(x_train=X[:20], y_train=LABELS[:20], x_test=X[20:], y_test=LABELS[20:])
    dataset = load_dataset(path)
    assert dataset.test_rows.tolist() == [False] * 20 + [True] * 10
    np.testing.assert_array_equal(dataset.features, X)


def test_images_of_bytes_stay_bytes_and_vectors_become_floats(npz):
    images = RNG.integers(0, 256, (30, 4, 5), dtype=np.uint8)
    assert load_dataset(npz(x=images, y=LABELS)).features.dtype == np.uint8
    vectors = load_dataset(npz(x=images[:, 0], y=LABELS)).features
    assert (vectors.dtype, vectors.shape) == (np.float32, (30, 5))
    assert load_dataset(npz(x=X[:, 0].astype(np.float64), y=LABELS)).features.shape == (30, 1)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (np.float16, np.float32),
        (np.float32, np.float32),
        (np.float64, np.float64),
        (np.longdouble, np.float64),
        (np.bool_, np.float32),
        (np.int16, np.float32),
        (np.int32, np.float64),
        (np.uint64, np.float64),
    ],
)
def test_numbers_are_kept_as_exactly_as_they_came(given, kept):
    numbers = np.array([[1, 0], [0, 1]], dtype=given)
    places = RowPlaces(source="x.npz", word="index", numbers=np.arange(2))
    assert check_features(numbers, places).dtype == kept


def test_what_only_64_bits_tell_apart_stays_apart(npz):
    seconds = 1_600_000_000 + np.arange(30)[:, None]
    for x in (seconds, seconds.astype(np.float64)):
        np.testing.assert_array_equal(load_dataset(npz(x=x, y=LABELS)).features, seconds)


def test_large_arrays_are_not_copied():
    places = RowPlaces(source="x.npz", word="index", numbers=np.arange(30))
    assert np.shares_memory(check_features(X, places), X)


def test_floats_are_a_regression_and_texts_are_classes(npz):
    assert load_dataset(npz(x=X, y=X[:, 0])).task == "regression"
    assert load_dataset(npz(x=X, y=np.array(["a", "b", "c"])[LABELS])).class_names == (
        "a",
        "b",
        "c",
    )
    assert load_dataset(npz(x=X, y=np.array([b"a", b"b", b"c"])[LABELS])).class_names[0] == "a"
    assert load_dataset(npz(x=X, y=LABELS > 0)).class_names == ("False", "True")
    assert load_dataset(npz(x=X, y=LABELS), DataSpec(task="regression")).task == "regression"


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({}, "holds no array; give either x, y or x_train"),
        ({"a": X}, "holds 'a'; give either x, y or x_train"),
        ({"x_train": X, "y_train": LABELS}, "holds 'x_train', 'y_train'; give either"),
        ({"x": X, "y": LABELS[:9]}, r"x has the shape \(30, 4\) and y \(9,\)"),
        ({"x": X[:0], "y": LABELS[:0]}, "give at least 10 rows"),
        ({"x": X[:6], "y": LABELS[:6]}, "has 6 rows; a split needs 10"),
        ({"x": np.float32(1), "y": LABELS}, "give one row of each per example"),
        ({"x": X[:, :0], "y": LABELS}, r"x has the shape \(30, 0\)"),
        ({"x": np.zeros((30, 1, 1, 1, 1)), "y": LABELS}, r"x has the shape \(30, 1, 1, 1, 1\)"),
        ({"x": X.astype(str), "y": LABELS}, "x holds <U32; give an array of numbers"),
        ({"x": X + 1j, "y": LABELS}, "x holds complex64"),
        ({"x": X, "y": np.zeros((30, 3))}, r"y has the shape \(30, 3\) and is not one-hot"),
        ({"x": X, "y": X + 1j}, r"y has the shape \(30, 4\) and is not one-hot"),
        ({"x": X, "y": LABELS + 1j}, "y holds complex128"),
        ({"x": X, "y": LABELS * 0}, "every row has the class '0'"),
        ({"x": X, "y": np.array([b"\xff", b"b"] * 15)}, "y holds bytes that are not UTF-8"),
    ],
)
def test_bad_arrays_are_explained(npz, arrays, message):
    with pytest.raises(DataError, match=message):
        load_dataset(npz(**arrays))


@pytest.mark.parametrize(("value", "shown"), [(np.nan, "nan"), (-np.inf, "-inf"), (1e300, "1e")])
def test_missing_and_infinite_values_are_refused_with_their_rows(npz, value, shown):
    x = X.astype(np.float64)
    x[[4, 7], 1] = value
    with pytest.raises(DataError, match=rf"x holds {shown}.* at indices 4, 7, which"):
        load_dataset(npz(x=x, y=LABELS))


def test_numbers_of_more_than_64_bits_are_refused_where_they_are_too_large(npz):
    with pytest.raises(DataError, match=r"x holds inf at indices 0, 1, 2, 3, 4 and"):
        load_dataset(npz(x=np.full((30, 1), np.longdouble("1e4000")), y=LABELS))


def test_faults_of_features_and_target_are_reported_together(npz):
    with pytest.raises(DataError) as caught:
        load_dataset(npz(x=X * np.nan, y=LABELS * 0))
    assert len(caught.value.faults) == 2


def test_splits_of_different_kind_are_refused(npz):
    with pytest.raises(DataError, match="x_train has rows of the shape"):
        load_dataset(npz(x_train=X, y_train=LABELS, x_test=X[:, :2], y_test=LABELS))
    with pytest.raises(DataError, match="x_train holds float32 and x_test uint8"):
        load_dataset(npz(x_train=X, y_train=LABELS, x_test=X.astype(np.uint8), y_test=LABELS))
    with pytest.raises(DataError, match="y_train holds int64 and y_test <U21"):
        load_dataset(npz(x_train=X, y_train=LABELS, x_test=X, y_test=LABELS.astype(str)))


def test_arrays_have_neither_target_column_nor_groups(npz):
    with pytest.raises(DataError, match=r"--target: .* has no columns with names") as caught:
        load_dataset(npz(x=X, y=LABELS), DataSpec(target="y", group="g"))
    assert len(caught.value.faults) == 2


def test_text_labels_stay_texts_and_are_classes(npz):
    labels = np.array([str(n % 25) for n in range(75)])
    dataset = load_dataset(npz(x=np.zeros((75, 2)) + np.arange(75)[:, np.newaxis], y=labels))
    assert (dataset.task, dataset.label_type) == ("multiclass", "text")
    assert dataset.class_names == tuple(str(n) for n in range(25))


def test_one_hot_rows_of_many_columns_are_classes(npz):
    hot = np.eye(25)[np.arange(75) % 25]
    assert load_dataset(npz(x=np.arange(75.0), y=hot)).task == "multiclass"


def test_a_class_that_only_the_own_test_split_has_is_left_out(npz):
    late = np.array([0, 1, 2, 3, 3] * 2)
    path = npz(x_train=X[:20], y_train=LABELS[:20], x_test=X[20:], y_test=late)
    dataset = load_dataset(path)
    assert dataset.class_names == ("0", "1", "2")
    assert dataset.test_rows.tolist() == [False] * 20 + [True] * 6
    np.testing.assert_array_equal(dataset.features[20:], X[20:][late < 3])
    assert "'3' (indices 23, 24, 28, 29)" in dataset.warnings[-1]


def test_rows_without_a_target_are_left_out(npz):
    target = RNG.normal(size=30)
    target[3] = np.nan
    dataset = load_dataset(npz(x=X, y=target))
    np.testing.assert_array_equal(dataset.features, np.delete(X, 3, axis=0))
    assert "1 row without a value is left out (index 3)" in dataset.warnings[0]


def test_a_logarithm_of_what_is_not_positive_is_refused(npz):
    with pytest.raises(DataError, match="has no logarithm"):
        load_dataset(npz(x=X, y=RNG.normal(size=30)), DataSpec(log_target=True))


def test_amounts_are_warned_of_unless_their_logarithm_is_learnt(npz):
    path = npz(x=np.arange(200.0), y=np.exp(np.random.default_rng(0).normal(size=200)))
    assert "--log-target" in load_dataset(path).warnings[0]
    assert load_dataset(path, DataSpec(log_target=True)).warnings == ()
