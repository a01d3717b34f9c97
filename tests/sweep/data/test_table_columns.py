import datetime as dt

import numpy as np
import pandas as pd
import pytest

from sweep.data.names import RowPlaces
from sweep.data.new_columns import read_new
from sweep.data.table_columns import type_column
from sweep.errors import DataError


def places(rows):
    return RowPlaces(source="d.csv", word="line", numbers=np.arange(2, rows + 2))


def understand(cells, dtype="str", **told):
    series = pd.Series(cells, dtype=dtype)
    return type_column(series, "c", places(len(series)), **told)


def kind(cells, dtype="str", **told):
    return understand(cells, dtype, **told).column.kind


def again(typed, cells, dtype="str"):
    """Read new cells as those of a column that is known."""
    series = pd.Series(cells, dtype=dtype)
    return list(read_new(series, typed.column, places(len(series))))


DAYS = [f"2024-{month}-15" for month in range(1, 10)]
MANY = [str(number) for number in range(40)]


@pytest.mark.parametrize(
    ("cells", "understanding"),
    [
        (["1", "2.5", None], "numeric"),
        (["0", "1"], "numeric"),
        (["true", "False", None], "boolean"),
        (["red", "blue"], "categorical"),
        (["1", "2", "x"], "categorical"),
        (["2020-01-31", "2021-12-01T10:00"], "date"),
        (["31.1.2020", "1/2/21"], "date"),
        (["12:30", "23:59:59"], "date"),
        (["$1,080.00", "$5.50"], "numeric"),
        (["60%", "7%"], "numeric"),
        (["2020-01-31", "NaT", None], "date"),
        (["5 Jan 2020", "7 Feb 2021"], "date"),
        (["5 kg", "300 g"], "categorical"),
    ],
)
def test_texts_are_given_their_kind(cells, understanding):
    assert kind(cells) == understanding


@pytest.mark.parametrize("cells", [[None, None], [], ["NaN", "nan"], ["NA", None], ["?", "-"]])
def test_column_without_a_value_has_no_cells(cells):
    typed = understand(cells)
    assert typed.column.distinct == 0
    assert typed.cells.isna().all()


def test_types_of_parquet_are_kept():
    assert kind([1, 2], "int64") == "numeric"
    assert kind([True, None], "boolean") == "boolean"
    assert kind(["1", "2"], "category") == "categorical"
    assert kind([100, 101, 100], "category") == "categorical"
    assert kind([dt.date(2020, 1, 2)] * 2, "object") == "date"
    assert kind(["2020-01-02"], "datetime64[ns]") == "date"
    assert kind([np.nan, np.nan], "float64") == "numeric"
    durations = understand([36, 12], "timedelta64[s]")
    assert durations.cells.tolist() == [36 / 86_400, 12 / 86_400]


def test_what_the_user_says_of_a_column_holds():
    assert kind(["1", "2"], asked="categorical") == "categorical"
    assert understand([1.0, None], "float64", asked="categorical").cells.tolist()[0] == "1"
    numbers = understand(["1", "2", "many"], asked="numeric")
    assert numbers.column.kind == "numeric"
    np.testing.assert_array_equal(numbers.cells, [1, 2, np.nan])
    assert "1 times 'many' read as missing" in numbers.warnings[0]
    assert understand(["true", "1"], asked="numeric").cells.tolist()[1] == 1
    assert understand(["1", "2"], "category", asked="numeric").cells.tolist() == [1, 2]


def test_words_for_missing_count_among_numbers_only():
    column = understand(["1", "NA", "?", "nan", "2"])
    assert column.cells.isna().tolist() == [False, True, True, True, False]
    assert column.warnings == (
        "column 'c': 2 times 'NA', '?' read as missing, since all others are numbers",
    )
    assert understand(["red", "NA", "None"]).cells.tolist() == ["red", "NA", "None"]


def test_stray_text_among_many_numbers_is_a_fault_with_its_line():
    cells = [str(number) for number in range(30)]
    cells[4] = "4 kg"
    with pytest.raises(DataError, match=r"d\.csv: column 'c': '4 kg' among numbers \(line 6\)"):
        understand(cells)


def test_mixed_codes_become_categories_with_a_warning():
    column = understand(["1", "2", "3", "3a"])
    assert column.column.kind == "categorical"
    assert "numbers and other texts mixed ('3a', line 5)" in column.warnings[0]


@pytest.mark.parametrize("text", ["inf", "1e39", "-1e400"])
def test_numbers_beyond_float32_are_a_fault_with_their_lines(text):
    with pytest.raises(DataError, match=r"is infinite or beyond float32 \(lines 3, 4\)"):
        understand(["1", text, text])


def test_only_five_lines_are_named():
    with pytest.raises(DataError, match=r"\(lines 2, 3, 4, 5, 6 and 4 more\)"):
        understand(["inf"] * 9)


def test_one_word_among_many_numbers_is_one_for_missing():
    typed = understand([*MANY, "n.k.", "n.k."])
    assert typed.column.kind == "numeric"
    assert typed.column.words == ("n.k.",)
    assert "2 times 'n.k.' read as missing" in typed.warnings[0]
    assert again(typed, ["7", "n.k."])[0] == 7
    assert kind([*MANY, *["sold"] * 80]) == "categorical"


def test_marks_that_cannot_be_told_are_a_fault():
    with pytest.raises(DataError, match=r"'1,234' may be written with .*--decimal"):
        understand(["1", "1,234"], decimal=None)


def test_decimal_comma_is_read_with_a_warning():
    column = understand(["1,5", "2,25"], decimal=",")
    assert column.cells.tolist() == [1.5, 2.25]
    assert column.warnings == ("column 'c': read as numbers with a decimal comma",)


def test_new_numbers_are_read_with_the_mark_of_training():
    typed = understand(["7.463,00", "1.000,50"], decimal=",")
    assert again(typed, ["7.000", "7.000,00", "7"]) == [7000, 7000, 7]


def test_new_numbers_must_be_numbers():
    typed = understand(["1", "2"])
    with pytest.raises(DataError, match=r"'x' among numbers \(line 5\)"):
        again(typed, ["1", None, "NA", "x"])
    np.testing.assert_array_equal(again(typed, ["1", None, "NA"]), [1, np.nan, np.nan])


@pytest.mark.parametrize(
    ("cells", "dtype"),
    [(["TRUE", "false", None], "str"), (["1", "0", "NA"], "str"), ([1.0, 0.0, None], "float64"),
     ([1, 0, None], "Int64"), ([True, False, None], "boolean")],
)  # fmt: skip
def test_truth_values_are_read_from_whatever_holds_them(cells, dtype):
    assert again(understand(["true", "false"]), cells, dtype) == [True, False, pd.NA]


@pytest.mark.parametrize(("cells", "dtype"), [(["maybe"], "str"), (["2"], "str"), ([2], "int64")])
def test_new_truth_values_must_be_true_or_false(cells, dtype):
    with pytest.raises(DataError, match=r"is neither true nor false \(line 2\)"):
        again(understand(["true", "false"]), cells, dtype)


def test_dates_are_days_and_tell_what_is_learnt_of_them():
    typed = understand([*DAYS, "NaT"])
    assert typed.column.kind == "date"
    assert typed.column.parts == ("days", "month", "weekday")
    assert typed.cells[0] == 19_737
    assert (typed.column.low, typed.column.missing) == (19_737, 1)
    stamps = understand(pd.to_datetime(DAYS), "datetime64[us]")
    assert stamps.cells.tolist() == typed.cells.tolist()[:-1]
    assert again(typed, ["2024-01-16"]) == [19_738]
    assert again(typed, pd.to_datetime(["2024-01-16"]), "datetime64[ns]") == [19_738]
    with pytest.raises(DataError, match=r"'soon' among dates \(line 2\)"):
        again(typed, ["soon"])


def test_days_and_months_that_look_alike_are_warned_of():
    assert "read as month/day" in understand(["3/4/2020", "5/6/2021"]).warnings[-1]
    assert again(understand(["13/4/2020", "5/6/2021"]), ["3/4/2020"]) == [18_355]


def test_whole_numbers_beyond_float64_stay_apart():
    base = 2**60
    for cells, dtype in (
        ([str(base + n) for n in range(30)], "str"),
        (range(base, base + 30), "int64"),
    ):
        typed = understand(cells, dtype)
        assert typed.column.origin == base
        assert typed.column.distinct == 30
        assert typed.cells.tolist() == list(range(30))
        assert again(typed, [str(base + 7)]) == [7]
        assert again(typed, [base + 7], "int64") == [7]


def test_whole_numbers_with_missing_ones_are_written_as_such():
    assert understand([1.0, None, 2.0], "float64", asked="categorical").cells.dropna().tolist() == [
        "1", "2",
    ]  # fmt: skip


def test_digits_that_are_no_quantities():
    assert kind([f"202401{day:02}" for day in range(1, 20)]) == "date"
    assert kind(["20240101", "20249999"]) == "numeric"
    codes = understand(["00501", "01001", "10001", None])
    assert codes.column.kind == "categorical"
    assert "--numeric c" in codes.warnings[0]
    assert kind(["00501", "01001"], asked="numeric") == "numeric"
    assert kind(["0", "0.5", "10"]) == "numeric"


def test_codes_among_whole_numbers_are_categories():
    assert kind([*MANY, "207a"]) == "categorical"
    assert kind([*MANY, "c168", "c168"]) == "categorical"


@pytest.mark.parametrize(
    ("cells", "is_told"),
    [
        (["650", "979", "1.026", "2.483"], True),
        (["650", "979", "1.026", "2.4"], False),
        (["1.234", "5.678"], False),
        (["1000", "1.026"], False),
        (["979 €", "5.095 €"], True),
        (["979 €", "5.05 €"], False),
        (["650", "979"], False),
    ],
)
def test_points_that_may_divide_thousands_are_told(cells, is_told):
    typed = understand(cells)
    assert typed.column.kind == "numeric"
    assert any("--decimal ," in warning for warning in typed.warnings) == is_told


@pytest.mark.parametrize("word", [None, "NaN", "NA", "null", "-", "?", "unknown"])
@pytest.mark.parametrize(
    ("cells", "understanding"),
    [
        ([f"{number:05}" for number in range(501, 541)], "categorical"),
        ([f"202101{day:02}" for day in range(1, 31)], "date"),
    ],
)
def test_a_word_for_missing_makes_no_quantity_of_codes_and_dates(cells, understanding, word):
    typed = understand([*cells, word, word])
    assert typed.column.kind == understanding
    assert typed.column.missing == 2
    told = any("as missing" in warning for warning in typed.warnings)
    assert told == (word not in (None, "NaN"))
