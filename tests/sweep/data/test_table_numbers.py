import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweep.data.table_numbers import beyond_float32, read_numbers


def read(*cells):
    return read_numbers(pd.Series(cells, dtype="str"))


def test_plain_numbers_are_read():
    reading = read("1", "-2.5", "+3e2", ".5", "4.")
    assert reading.numbers.tolist() == [1, -2.5, 300, 0.5, 4]
    assert not reading.unreadable.any()
    assert not reading.integers


def test_whole_numbers_are_told_apart():
    assert read("1", "-2", None).integers
    assert not read("1.0", "2").integers


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


def test_largest_float32_is_not_beyond():
    assert not beyond_float32(np.array([3.4028234663852886e38, np.nan])).any()
    assert beyond_float32(np.array([3.41e38])).all()


@pytest.mark.parametrize("text", ["abc", "0x10", "1_000", "1e", "--1", "1 2", "٣", "12%"])
def test_other_texts_are_unreadable(text):
    assert read("1", text).unreadable.tolist() == [False, True]


@pytest.mark.parametrize(
    ("cells", "numbers", "notation"),
    [
        (["1,5", "2"], [1.5, 2], "a decimal comma"),
        (["1,234", "1,2"], [1.234, 1.2], "a decimal comma"),
        (["1,234.5", "7"], [1234.5, 7], "commas between thousands"),
        (["1,234,567"], [1234567], "commas between thousands"),
        (["1.234,5", "0,5"], [1234.5, 0.5], "points between thousands and a decimal comma"),
        (["1 234", "1'234.5"], [1234, 1234.5], "spaces or apostrophes between thousands"),
    ],
)
def test_unambiguous_notations_are_read(cells, numbers, notation):
    reading = read(*cells)
    assert reading.numbers.tolist() == numbers
    assert reading.notation == notation
    assert not reading.ambiguous


def test_comma_before_three_digits_is_ambiguous():
    assert read("1,234", "5,678").ambiguous == ("a decimal comma", "commas between thousands")


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_written_floats_are_read_exactly(numbers):
    assert read(*[repr(number) for number in numbers]).numbers.tolist() == numbers


@given(st.lists(st.text(max_size=6), max_size=20))
def test_any_texts_are_read_or_named_unreadable(texts):
    reading = read(*texts)
    assert len(reading.numbers) == len(reading.unreadable) == len(texts)
