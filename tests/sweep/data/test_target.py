import numpy as np
import pandas as pd
import pytest

from sweep.data.names import RowPlaces
from sweep.data.target import encode_target, undo_one_hot
from sweep.errors import DataError


def encode(cells, dtype="str", task=None):
    series = pd.Series(cells, dtype=dtype)
    places = RowPlaces(source="d.csv", word="line", numbers=np.arange(2, len(series) + 2))
    return encode_target(series, name="y", places=places, task=task)


@pytest.mark.parametrize(
    ("cells", "dtype", "task"),
    [
        (["a", "b"] * 5, "str", "binary"),
        (["a", "b", "c"] * 5, "str", "multiclass"),
        (["1", "0"] * 5, "str", "binary"),
        ([1, 2, 3] * 5, "int64", "multiclass"),
        ([True, False] * 5, "bool", "binary"),
        (["1.0", "2.0"] * 5, "str", "regression"),
        ([0.5, 1.5] * 5, "float64", "regression"),
        ([str(number) for number in range(20)] * 2, "str", "multiclass"),
        ([str(number) for number in range(21)] * 2, "str", "regression"),
    ],
)
def test_task_is_inferred(cells, dtype, task):
    assert encode(cells, dtype).task == task


def test_asked_task_wins():
    assert encode(["1", "0"] * 5, task="regression").task == "regression"
    assert encode(["1.5", "0.5"] * 5, task="classification").class_names == ("0.5", "1.5")


def test_classes_are_ordered_by_value_or_alphabet():
    encoded = encode(["10", "9", "9", "10"])
    assert encoded.class_names == ("9", "10")
    assert encoded.numbers.tolist() == [1, 0, 0, 1]
    assert encode(["b", "a", "a", "b"]).class_names == ("a", "b")
    assert encode([True, False] * 2, "bool").class_names == ("False", "True")


def test_integers_written_differently_are_one_class():
    assert encode(["01", "1", "2", "+2"]).class_names == ("1", "2")


def test_words_for_missing_stay_labels():
    assert encode(["NA", "None", "null"] * 5).class_names == ("NA", "None", "null")
    assert encode(["1", "2", "NA"] * 5).class_names == ("1", "2", "NA")


def test_long_identifiers_are_not_merged():
    names = ("12345678901234567890", "12345678901234567891")
    assert encode(names * 5).class_names == names


def test_digits_without_end_are_labels_like_any_other():
    assert len(encode(["9" * 5000, "1"] * 5, task="classification").class_names) == 2


def test_infinite_labels_do_not_stop_a_classification():
    assert encode(["inf", "0.5"] * 5, task="classification").class_names == ("0.5", "inf")


def test_a_thousand_classes_are_fine():
    assert len(encode([f"k{number}" for number in range(1000)] * 3).class_names) == 1000


@pytest.mark.parametrize(
    ("cells", "task", "message"),
    [
        (["a", None, "b", None], None, r"2 rows have no value \(lines 3, 5\)"),
        (["1", "nan", "2", "1"], None, r"1 row has no value \(line 3\)"),
        (["a"] * 9, None, "every row has the class 'a'"),
        (["2.5"] * 9, None, "every row has the value 2.5"),
        (["a", "a", "b", "c", "c"], None, "classes with one row cannot be split: 'b'"),
        (["a", "b"] * 5, "regression", "'a' is no number, and a regression needs numbers"),
        (["1.5", "inf", "2.5"], None, r"inf is infinite or beyond float32 \(line 3\)"),
        (["1.5", "1e39", "2.5"], None, r"1e39 is infinite or beyond float32 \(line 3\)"),
        ([f"name {n}" for n in range(50)], None, "50 different texts in 50 rows are no classes"),
        ([f"{n}.5" for n in range(50)] + ["NA"], None, r"'NA' among numbers \(line 52\)"),
        (["1,234", "5,678"], None, "may be written with a decimal comma or commas"),
    ],
)
def test_bad_targets_are_explained(cells, task, message):
    with pytest.raises(DataError, match=message):
        encode(cells, task=task)


def test_dates_are_no_target():
    with pytest.raises(DataError, match="holds dates"):
        encode(["2020-01-01"] * 3, "datetime64[ns]")


def test_small_classes_are_warned_of():
    encoded = encode(["a"] * 20 + ["b"] * 3)
    assert encoded.warnings == (
        "target 'y': classes with fewer than 10 rows: 'b'; their scores mean little",
    )


def test_whole_numbers_in_a_regression_are_warned_of():
    encoded = encode([str(number) for number in range(30)] * 2)
    assert "30 different whole numbers, read as a regression" in encoded.warnings[0]


def test_one_hot_rows_are_labels():
    labels = np.array([2, 0, 1, 2])
    for dtype in (np.uint8, np.float32, np.bool_):
        assert undo_one_hot(np.eye(3)[labels].astype(dtype)).tolist() == [2, 0, 1, 2]
    assert undo_one_hot(labels[:, np.newaxis]).tolist() == [2, 0, 1, 2]


@pytest.mark.parametrize(
    "rows", [[[1, 1], [0, 1]], [[0, 0], [0, 1]], [[0.5, 0.5]], [[2, 0]], [[np.nan, 1]]]
)
def test_other_rows_are_left_alone(rows):
    target = np.array(rows)
    assert undo_one_hot(target) is target
