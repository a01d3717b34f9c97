import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sweep.data.table_numbers import beyond_float32, drop_missing_words, find_decimals, read_numbers


def series(*cells):
    return pd.Series(cells, dtype="str")


def read(*cells):
    """Read a column that is the only one of its file."""
    column = series(*cells)
    return read_numbers(column, find_decimals({"c": column})["c"] or ".")


def test_plain_numbers_are_read():
    reading = read("1", "-2.5", "+3e2", ".5", "4.")
    assert reading.numbers.tolist() == [1, -2.5, 300, 0.5, 4]
    assert not reading.unreadable.any()
    assert reading.notation == reading.unit == ""


def test_missing_cells_and_nan_are_missing():
    reading = read("1", None, "NaN", "nan")
    assert np.isnan(reading.numbers).tolist() == [False, True, True, True]
    assert not reading.unreadable.any()


def test_empty_column_has_no_numbers():
    assert len(read().numbers) == 0
    assert np.isnan(read(None).numbers).all()


@pytest.mark.parametrize("text", ["inf", "-Infinity", "1e400"])
def test_infinite_and_huge_numbers_are_beyond_float32(text):
    assert beyond_float32(read(text, "1").numbers).tolist() == [True, False]
    assert beyond_float32(read(text, "1,5").numbers).tolist() == [True, False]


def test_largest_float32_is_not_beyond():
    assert not beyond_float32(np.array([3.4028234663852886e38, np.nan])).any()
    assert beyond_float32(np.array([3.41e38])).all()


@pytest.mark.parametrize(
    "text",
    [
        *("abc", "0x10", "1_000", "1e", "--1", "1 2", "٣", "12%", "1.2.3", "12,3,4", "0,123,456"),
        *("2020-01-31", "12:30", "1/2", "A5", "5A6", "+", ",", "1,,2", "1 2345", "e5", ".e5"),
    ],
)
def test_other_texts_are_unreadable(text):
    assert read("1", "2", text).unreadable.tolist() == [False, False, True]


@pytest.mark.parametrize(
    ("cells", "numbers", "notation"),
    [
        (["1,5", "2"], [1.5, 2], "a decimal comma"),
        (["1,234", "1,2"], [1.234, 1.2], "a decimal comma"),
        (["0,123", "5,678"], [0.123, 5.678], "a decimal comma"),
        (["5,118E-06", "2,5e3"], [5.118e-6, 2500], "a decimal comma"),
        (["5,118E-06"], [5.118e-6], "a decimal comma"),
        (["1,234.5", "7"], [1234.5, 7], "commas between thousands"),
        (["1,234,567"], [1234567], "commas between thousands"),
        (["1,50,000", "2,00,000"], [150_000, 200_000], "commas between thousands"),
        (["12,34,567.5", "1"], [1234567.5, 1], "commas between thousands"),
        (["1.234,5", "0,5"], [1234.5, 0.5], "points between thousands and a decimal comma"),
        (["7.463,00", "7.000,00"], [7463, 7000], "points between thousands and a decimal comma"),
        (["1.234.567", "7"], [1234567, 7], "points between thousands"),
        (["1 234", "1'234.5"], [1234, 1234.5], "spaces or apostrophes between thousands"),
        (
            ["1\N{NO-BREAK SPACE}234,5", "2"],
            [1234.5, 2],
            "spaces or apostrophes between thousands and a decimal comma",
        ),
        (["\N{MINUS SIGN}5", "3"], [-5, 3], ""),
        (
            ["(1,234.50)", "5"],
            [-1234.5, 5],
            "commas between thousands and brackets around negative ones",
        ),
    ],
)
def test_notations_are_read(cells, numbers, notation):
    reading = read(*cells)
    assert reading.numbers.tolist() == numbers
    assert reading.notation == notation


@pytest.mark.parametrize(
    ("cells", "numbers", "unit"),
    [
        (["$1,080.00", "$5", "0"], [1080, 5, 0], "$"),
        (["-$5.00", "$3"], [-5, 3], "$"),
        (["US$5", "US$6.50"], [5, 6.5], "US$"),
        (["EUR 1.234,56", "EUR 0,5"], [1234.56, 0.5], "EUR"),
        (["1.234,56 €", "0,5 €"], [1234.56, 0.5], "€"),
        (["60%", "5.5%"], [60, 5.5], "%"),
        (["12 kg", "5 kg"], [12, 5], "kg"),
        (["64GB", "128GB"], [64, 128], "GB"),
        (["20 °C", "-5 °C"], [20, -5], "°C"),
        (["5 m²", "6.5 m²"], [5, 6.5], "m²"),
        (["5 kg (net)", "6 kg (net)"], [5, 6], "kg (net)"),
    ],
)
def test_what_all_numbers_have_around_them_is_their_unit(cells, numbers, unit):
    reading = read(*cells)
    assert reading.numbers.tolist() == numbers
    assert reading.unit == unit
    assert unit in reading.notation


@pytest.mark.parametrize(
    "cells", [["5 kg", "300 g"], ["5%", "0.05"], ["$5", "€5"], ["1a", "2b"], ["5 kg", "7"]]
)
def test_different_units_are_no_numbers(cells):
    assert read(*cells).unreadable.any()


@pytest.mark.parametrize("first", ["<0.5", "< 0.5", "≥0.5", ">=0.5"])
def test_limits_among_numbers_are_their_numbers(first):
    reading = read(first, "0.7", "12", "13")
    assert reading.numbers.tolist() == [0.5, 0.7, 12, 13]
    assert "limits" in reading.notation


def test_limits_alone_are_classes():
    assert read("<=50", ">50").unreadable.all()
    assert not read_numbers(pd.Series(["<=50"]), most_limits=1).unreadable.any()


def test_comma_or_point_alone_cannot_be_told():
    assert find_decimals({"c": series("1,234", "5,678")}) == {"c": None}
    assert find_decimals({"c": series("1,234", "5,678")}, separator=";") == {"c": None}
    assert find_decimals({"c": series("1,234", "5,678")}, separator=",") == {"c": "."}
    assert find_decimals({"c": series("1.234", "5.678")}) == {"c": "."}


@pytest.mark.parametrize(
    ("other", "mark"),
    [
        (["1,5", "2,25"], ","),
        (["0,123"], ","),
        (["1.234,5"], ","),
        (["3,5", "NA", "?", None], ","),
        (["1.5", "2.25"], "."),
        (["1,234.5"], "."),
    ],
)
def test_other_columns_of_the_file_tell(other, mark):
    cells = {
        "comma": series("1,234", "650"),
        "point": series("1.026", "979"),
        "other": series(*other),
    }
    assert find_decimals(cells) == dict.fromkeys(cells, mark)


def test_what_stands_late_in_a_column_counts():
    late = series(*["1"] * 5000, "0,5")
    assert find_decimals({"a": late, "b": series("1.026")})["b"] == ","
    late = series(*["1.234"] * 5000, "0.5")
    assert find_decimals({"a": late})["a"] == "."


def test_columns_of_words_tell_nothing():
    cells = {"words": series("red, or blue", "3,5 and more"), "c": series("1,234")}
    assert find_decimals(cells)["c"] is None


def test_columns_that_disagree_keep_their_own_mark():
    cells = {"comma": series("1,5"), "point": series("52.12345"), "either": series("1.026")}
    assert find_decimals(cells) == {"comma": ",", "point": ".", "either": None}
    assert find_decimals(cells, ",") == {"comma": ",", "point": ".", "either": ","}


def test_words_for_missing_are_dropped_in_any_case():
    cells = series("NA", "n/a", "#N/A", "NULL", "None", "-", "?", "<NA>", "#DIV/0!", "", "no", "0")
    assert drop_missing_words(cells).dropna().tolist() == ["", "no", "0"]


@settings(deadline=None)  # two cores may be busy
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_written_floats_are_read_exactly(numbers):
    column = series(*[repr(number) for number in numbers])
    assert read_numbers(column).numbers.tolist() == numbers


@settings(deadline=None)  # two cores may be busy
@given(
    st.lists(st.integers(-(10**9), 10**9).map(lambda cents: cents / 100), min_size=1),
    st.sampled_from([(",", "."), (".", ","), ("\N{NO-BREAK SPACE}", ",")]),
)
def test_amounts_are_read_as_they_were_written(amounts, marks):
    table = str.maketrans(dict(zip(",.", marks, strict=True)))
    column = series(*[f"{amount:,.2f}".translate(table) for amount in amounts])
    decimal = marks[1]
    assert find_decimals({"c": column})["c"] == decimal
    assert read_numbers(column, decimal).numbers.tolist() == amounts


@settings(deadline=None)  # two cores may be busy
@given(st.lists(st.text(max_size=6), max_size=20), st.sampled_from([".", ","]))
def test_any_texts_are_read_or_named_unreadable(texts, decimal):
    reading = read_numbers(series(*texts), decimal)
    assert len(reading.numbers) == len(reading.unreadable) == len(texts)
    assert set(find_decimals({"c": series(*texts)})) == {"c"}
