import numpy as np
import pandas as pd
import pytest

from sweep.data.names import RowPlaces
from sweep.data.target import (
    as_labels,
    check_log,
    encode_target,
    leave_out_unseen,
    undo_one_hot,
)
from sweep.errors import DataError


def places_of(cells, word="line"):
    return RowPlaces(source="d.csv", word=word, numbers=np.arange(2, len(cells) + 2))


def encode(cells, dtype="str", task=None, word="line", **form):
    series = pd.Series(cells, dtype=dtype)
    return encode_target(series, name="y", places=places_of(series, word), task=task, **form)


@pytest.mark.parametrize(
    ("cells", "dtype", "task"),
    [
        (["a", "b"] * 5, "str", "binary"),
        (["a", "b", "c"] * 5, "str", "multiclass"),
        (["1", "0"] * 5, "str", "binary"),
        ([1, 2, 3] * 5, "int64", "multiclass"),
        ([True, False] * 5, "bool", "binary"),
        (["1.0", "2.0"] * 5, "str", "binary"),
        ([0.0, 1.0, None] * 5, "float64", "binary"),
        (["$5.50", "$7", "$8"] * 5, "str", "regression"),
        (["60%", "61%"] * 5, "str", "regression"),
        ([str(n) for n in range(12)], "str", "regression"),
        (["10", "11"] * 5, "category", "binary"),
        (["1", "2", "NA"] * 5, "str", "binary"),
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
    encoded = encode(["NA", "None", "null"] * 5)
    assert encoded.class_names == ("NA", "None", "null")
    assert "read as a class" in encoded.warnings[0]
    assert encode(["None", "brick"] * 5).class_names == ("None", "brick")


@pytest.mark.parametrize("word", [None, "", "NA", "n/a", "#N/A", "NaN", "?", "-"])
@pytest.mark.parametrize("values", [["a", "b"], ["1", "2"], [f"{n}.5" for n in range(40)]])
def test_rows_without_a_target_are_left_out(values, word):
    cells = values * (40 // len(values))
    cells[3] = word
    encoded = encode(cells)
    assert encoded.kept.tolist() == [place != 3 for place in range(40)]
    assert encoded.warnings[0].endswith("1 row without a value is left out (line 5)")
    if encoded.class_names:
        assert encoded.class_names == tuple(values)
        assert encoded.numbers[3] == -1
    else:
        assert np.isnan(encoded.numbers[3])


def test_truth_values_are_missing_where_they_are_not_available():
    encoded = encode(["TRUE", "FALSE", "NA"] * 10)
    assert encoded.class_names == ("FALSE", "TRUE")
    assert encoded.kept.sum() == 20


def test_classes_of_one_row_are_left_out():
    encoded = encode(["a", "b", "c", "b", "a", "d"] + ["b"] * 20)
    assert encoded.class_names == ("a", "b")
    assert encoded.numbers[:6].tolist() == [0, 1, -1, 1, 0, -1]
    assert encoded.kept.sum() == 24
    assert (
        "classes with one row are left out, since they cannot be split: 'c', 'd'"
        in (encoded.warnings[0])
    )


@pytest.mark.parametrize(
    ("cells", "dtype", "names", "label_type"),
    [
        (["007", "01001"] * 5, "str", ("007", "01001"), "text"),
        (["10", "9"] * 5, "str", ("9", "10"), "integer"),
        (["1.0", "0.0"] * 5, "str", ("0.0", "1.0"), "text"),
        (["+", "-"] * 5, "str", ("+", "-"), "text"),
        ([-1, 1] * 5, "int8", ("-1", "1"), "integer"),
        ([1.0, 0.0] * 5, "float32", ("0", "1"), "float"),
        ([2.5, 0.5] * 5, "float64", ("0.5", "2.5"), "float"),
        ([True, False] * 5, "bool", ("False", "True"), "boolean"),
        ([7, 3] * 5, "category", ("3", "7"), "integer"),
        (["1", "02"] * 5, "str", ("1", "02"), "text"),
        ([10, 9] * 5, "category", ("9", "10"), "integer"),
        ([2**60 + 1, 2**60] * 5, "int64", (str(2**60), str(2**60 + 1)), "integer"),
        ([2.5, 10.5] * 5, "category", ("2.5", "10.5"), "float"),
        ([True, False] * 5, "category", ("False", "True"), "boolean"),
    ],
)
def test_labels_come_back_as_they_came(cells, dtype, names, label_type):
    encoded = encode(cells, dtype, task="classification")
    assert encoded.class_names == names
    assert encoded.label_type == label_type
    back = as_labels(encoded.numbers, encoded.class_names, encoded.label_type)
    numbers_of_csv = dtype == "str" and label_type == "integer"
    assert back.tolist() == [int(cell) if numbers_of_csv else cell for cell in cells]


def test_only_in_a_file_of_texts_are_digits_numbers():
    assert encode(["10", "9"] * 5, word="line").label_type == "integer"
    assert encode(["10", "9"] * 5, word="row").label_type == "text"


def test_codes_keep_their_values_where_some_are_missing():
    encoded = encode([2**60 + 1, None, 2**60] * 10, pd.CategoricalDtype([2**60, 2**60 + 1]))
    assert encoded.class_names == (str(2**60), str(2**60 + 1))
    assert encoded.label_type == "integer"
    assert encoded.numbers[:3].tolist() == [1, -1, 0]


def test_many_categories_are_classes_unless_numbers_are_asked_for():
    cells = [n % 25 for n in range(75)]
    assert encode(cells, "category").task == "multiclass"
    assert encode(cells, "category", task="regression").numbers.tolist() == cells


def test_a_word_in_at_most_a_tenth_of_the_rows_is_missing():
    assert encode(["NA", "NA", *["a", "b"] * 9]).class_names == ("a", "b")
    assert encode(["NA", "NA", "NA", *["a", "b"] * 9]).class_names == ("NA", "a", "b")


def test_minus_is_a_class_beside_plus():
    assert encode(["+"] * 30 + ["-"] * 2).class_names == ("+", "-")


@pytest.mark.parametrize("lost", [[None] * 11, ["c", "d", "e", "f"] + [None] * 5])
def test_fewer_than_ten_rows_that_remain_are_refused(lost):
    with pytest.raises(DataError, match=r"9 of (20|18) rows"):
        encode(["a"] * 5 + ["b"] * 4 + lost)


def test_classes_that_only_test_rows_have_are_left_out():
    cells = ["a", "b", "c"] * 5 + ["d", "a", "d"]
    test_rows = np.arange(18) >= 15
    target = leave_out_unseen(encode(cells), test_rows, "y", places_of(cells))
    assert target.class_names == ("a", "b", "c")
    assert target.kept.tolist() == [True] * 15 + [False, True, False]
    assert target.numbers[15:].tolist() == [-1, 0, -1]
    assert target.warnings[-1].endswith("are left out: 'd' (lines 17, 19)")
    sorted_before = ["b", "c"] * 5 + ["a", "c", "a"]
    target = leave_out_unseen(
        encode(sorted_before), np.arange(13) >= 10, "y", places_of(sorted_before)
    )
    assert (target.task, target.class_names) == ("binary", ("b", "c"))
    assert target.numbers.tolist() == [0, 1] * 5 + [-1, 1, -1]


def test_nothing_is_left_out_of_test_rows_without_need():
    numbers = encode([0.5, 1.5] * 5, "float64")
    classes = encode(["a", "b"] * 5)
    for target in (numbers, classes):
        assert leave_out_unseen(target, np.arange(10) >= 8, "y", places_of(range(10))) is target


def test_one_class_in_the_other_rows_is_refused():
    cells = ["a"] * 10 + ["b"] * 2
    with pytest.raises(DataError, match="only test rows have the classes 'b'"):
        leave_out_unseen(encode(cells), np.arange(12) >= 10, "y", places_of(cells))


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (["a", "b"] * 5, "classes have no logarithm"),
        ([0.5, 2.5, 0.0, -1.5] * 5, r"0 has no logarithm \(lines 4, 5, 8, 9, 12 and 5 more\)"),
    ],
)
def test_a_target_without_logarithm_is_refused(cells, message):
    encoded = encode(cells, dtype=None)
    with pytest.raises(DataError, match=message):
        check_log(encoded, "y", places_of(cells))


def test_a_missing_target_does_not_forbid_the_logarithm():
    cells = [0.5, None, 2.5] * 10
    check_log(encode(cells, "float64"), "y", places_of(cells))


def test_a_form_that_says_classes_wins():
    assert encode([str(n % 25) for n in range(75)], classes=True).task == "multiclass"
    assert encode([str(n % 25) for n in range(75)]).task == "regression"


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
        ([None, "NA", "", None], None, "no row has a value"),
        (["a"] * 9, None, "every row has the class 'a'"),
        (["2.5"] * 9, None, "every row has the value 2.5"),
        (["a", "a", "b", "c"], None, "classes with one row cannot be split: 'b', 'c'"),
        (["a"] * 5 + [f"c{n}" for n in range(8)] + ["b"] * 2, "classification", "cannot be split"),
        (["a", "b"] * 5, "regression", "'a' is no number, and a regression needs numbers"),
        (["1.5", "inf", "2.5"], None, r"inf is infinite or beyond float32 \(line 3\)"),
        (["1.5", "1e39", "2.5"], None, r"1e39 is infinite or beyond float32 \(line 3\)"),
        ([f"name {n}" for n in range(50)], None, "50 different texts in 50 rows are no classes"),
        ([f"{n}.5" for n in range(50)] + ["no"], None, r"'no' among numbers \(line 52\)"),
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
    amounts = encode([f"${number}.00" for number in range(30)] * 2)
    assert amounts.warnings == ("target 'y': read as numbers with the unit '$'",)


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


def test_durations_are_learnt_in_days():
    encoded = encode([n * 3600 for n in range(30)], "timedelta64[s]")
    assert encoded.task == "regression"
    assert encoded.numbers[24] == 1.0


def test_what_is_no_number_among_many_is_named():
    mixed = encode(["1e3", "1_000", "12.5"] * 10)
    assert mixed.task == "multiclass"
    assert "numbers and other texts mixed ('1_000'" in mixed.warnings[0]
    cells = [f"{n}.5" for n in range(60)] + [f"{n} kg or so" for n in range(30)]
    with pytest.raises(DataError, match=r"'0 kg or so'.*are no numbers"):
        encode(cells)


def test_points_that_may_divide_thousands_are_told():
    encoded = encode(["650", "697", "979", "1.026", "2.483"] * 6)
    assert encoded.task == "regression"
    assert "--decimal ," in encoded.warnings[0]
    assert encode(["650", "697", "979", "1.026", "2.4"] * 6).warnings == ()
