import datetime as dt

import numpy as np
import pandas as pd
import pytest

from sweep.data.names import RowPlaces
from sweep.data.table_columns import read_boolean, read_numeric, type_column
from sweep.errors import DataError


def places(rows):
    return RowPlaces(source="d.csv", word="line", numbers=np.arange(2, rows + 2))


def understand(cells, dtype="str"):
    series = pd.Series(cells, dtype=dtype)
    return type_column(series, "c", places(len(series)))


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
        ([None, None], "missing"),
        ([], "missing"),
    ],
)
def test_texts_are_given_their_kind(cells, understanding):
    assert understand(cells).understanding == understanding


def test_types_of_parquet_are_kept():
    assert understand([1, 2], "int64").understanding == "numeric"
    assert understand([True, None], "boolean").understanding == "boolean"
    assert understand(["1", "2"], "category").understanding == "categorical"
    assert understand([dt.date(2020, 1, 2)] * 2, "object").understanding == "date"
    assert understand(["2020-01-02"], "datetime64[ns]").understanding == "date"


def test_words_for_missing_count_among_numbers_only():
    column = understand(["1", "NA", "?", "nan", "2"])
    assert column.cells.isna().tolist() == [False, True, True, True, False]
    assert column.warnings == (
        "column 'c': 2 times 'NA', '?' read as missing, since all others are numbers",
    )
    assert understand(["red", "NA", "None"]).cells.tolist() == ["red", "NA", "None"]


@pytest.mark.parametrize("cells", [["NaN", "nan"], ["NA", None], ["?", "-"]])
def test_column_of_words_for_missing_only_has_no_values(cells):
    assert understand(cells).understanding == "missing"
    assert understand([np.nan, np.nan], "float64").understanding == "missing"


def test_stray_text_among_many_numbers_is_a_fault_with_its_line():
    cells = [str(number) for number in range(30)]
    cells[4] = "4 kg"
    with pytest.raises(DataError, match=r"d\.csv: column 'c': '4 kg' among numbers \(line 6\)"):
        understand(cells)


def test_mixed_codes_become_categories_with_a_warning():
    column = understand(["1", "2", "3", "3a"])
    assert column.understanding == "categorical"
    assert "numbers and other texts mixed ('3a', line 5)" in column.warnings[0]


@pytest.mark.parametrize("text", ["inf", "1e39", "-1e400"])
def test_numbers_beyond_float32_are_a_fault_with_their_lines(text):
    with pytest.raises(DataError, match=r"is infinite or beyond float32 \(lines 3, 4\)"):
        understand(["1", text, text])


def test_only_five_lines_are_named():
    with pytest.raises(DataError, match=r"\(lines 2, 3, 4, 5, 6 and 4 more\)"):
        understand(["inf"] * 9)


def test_ambiguous_thousands_are_a_fault():
    with pytest.raises(DataError, match="'1,234' may be written with a decimal comma or commas"):
        understand(["1", "1,234"])


def test_decimal_comma_is_read_with_a_warning():
    column = understand(["1,5", "2,25"])
    assert column.cells.tolist() == [1.5, 2.25]
    assert column.warnings == ("column 'c': read as numbers with a decimal comma",)


def test_new_numbers_must_be_numbers():
    new = pd.Series(["1", None, "NA", "x"], dtype="str")
    with pytest.raises(DataError, match=r"'x' among numbers \(line 5\)"):
        read_numeric(new, "c", places(4))
    np.testing.assert_array_equal(read_numeric(new[:3], "c", places(3)), [1, np.nan, np.nan])


def test_new_truth_values_must_be_true_or_false():
    new = pd.Series(["TRUE", "false", None], dtype="str")
    assert read_boolean(new, "c", places(3)).tolist() == [True, False, pd.NA]
    assert read_boolean(pd.Series([1.0, 0.0]), "c", places(2)).tolist() == [True, False]
    with pytest.raises(DataError, match=r"'maybe' is neither true nor false \(line 2\)"):
        read_boolean(pd.Series(["maybe"], dtype="str"), "c", places(1))
