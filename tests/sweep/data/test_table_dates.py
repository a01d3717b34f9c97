import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sweep.data.table_dates import date_parts, days_of, read_dates


def read(*cells, order=None):
    return read_dates(pd.Series(cells, dtype="str"), order)


def days(text):
    return (np.datetime64(text) - np.datetime64("1970-01-01")) / np.timedelta64(1, "D")


@pytest.mark.parametrize(
    ("cell", "meaning"),
    [
        ("2020-01-31", "2020-01-31"),
        ("2020/1/31", "2020-01-31"),
        ("2020-03", "2020-03-01"),
        ("2020-01-31T10:00", "2020-01-31T10:00"),
        ("2020-01-31 10:00:30.5", "2020-01-31T10:00:30.5"),
        ("2020-01-31 10:00:00+02:00", "2020-01-31T08:00"),
        ("2020-01-31T10:00:00Z", "2020-01-31T10:00"),
        ("31.1.2020", "2020-01-31"),
        ("31.1.20", "2020-01-31"),
        ("31.1.99", "1999-01-31"),
        ("1/31/2020", "2020-01-31"),
        ("1/31/2020 3:15 PM", "2020-01-31T15:15"),
        ("1/31/2020 12:15 a.m.", "2020-01-31T00:15"),
        ("5 Jan 2020", "2020-01-05"),
        ("12-Mar-21", "2021-03-12"),
        ("March 12, 2021", "2021-03-12"),
        ("Dec 1st, 1865", "1865-12-01"),
        ("12:30", "1970-01-01T12:30"),
        ("23:59:59", "1970-01-01T23:59:59"),
    ],
)
def test_dates_are_read(cell, meaning):
    assert read(cell).days[0] == pytest.approx(days(meaning), abs=1e-8)


@pytest.mark.parametrize(
    "cell",
    [
        *("abc", "2020", "1.5", "192.168.1.1", "99/99/99", "3/2020", "2020-02-30", "12:61"),
        *("25:00:00", "2020-1-5 99:00", "5 Foo 2020", "1-2", "٣/٣/٢٠٢٠", "1/2/3/4"),
    ],
)
def test_other_texts_are_no_dates(cell):
    assert read("2020-01-01", cell).unreadable.tolist() == [False, True]


@pytest.mark.parametrize(
    ("cells", "order", "guessed"),
    [
        (["13/4/2020", "5/6/2021"], "dmy", False),
        (["3/14/2020", "5/6/2021"], "mdy", False),
        (["3/4/2020", "5/6/2021"], "mdy", True),
        (["3.4.2020", "5.6.2021"], "dmy", False),
        (["5/5/2020"], "ymd", False),
        (["2020-03-04"], "ymd", False),
    ],
)
def test_all_cells_together_tell_days_from_months(cells, order, guessed):
    reading = read(*cells)
    assert (reading.order, reading.guessed) == (order, guessed)


def test_new_rows_are_read_in_the_order_of_training():
    assert read("3/4/2020", order="dmy").days[0] == days("2020-04-03")
    assert read("3/4/2020", order="mdy").days[0] == days("2020-03-04")


def test_missing_cells_are_missing():
    reading = read("2020-01-31", None)
    assert np.isnan(reading.days).tolist() == [False, True]
    assert not reading.unreadable.any()
    assert len(read().days) == 0


@settings(deadline=None)  # two cores may be busy
@given(st.datetimes(min_value=pd.Timestamp("1700-01-01").to_pydatetime()))
def test_parts_are_those_of_pandas(moment):
    stamp = pd.Timestamp(moment).round("s")
    parts = date_parts(days_of(pd.Series([stamp.as_unit("us")])))
    assert parts["year"] == stamp.year
    assert parts["month"] == stamp.month
    assert parts["weekday"] == stamp.weekday()
    assert parts["hour"] == pytest.approx(
        stamp.hour + stamp.minute / 60 + stamp.second / 3600, abs=1e-3
    )


def test_zones_are_told_in_utc():
    column = pd.Series(pd.to_datetime(["2020-07-01 12:00"]).tz_localize("Europe/Berlin"))
    assert days_of(column)[0] == days("2020-07-01T10:00")
