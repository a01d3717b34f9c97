"""Read texts as dates and times, and dates as the numbers that are learnt from."""

import dataclasses
from typing import Final, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sweep.data.table_arrow import encode, matches

Order = Literal["ymd", "dmy", "mdy"]

MONTHS: Final = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
LATEST_SHORT_YEAR: Final = 68  # 68 is 2068 and 69 is 1969, as in POSIX
SECONDS: Final = 86_400  # of a day
TIME: Final = (
    r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}(?:[.,][0-9]+)?))?"
    r"(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?"
    r"(?: ?(?:Z|UTC|GMT|(?P<ahead>[+-])(?P<hours>[0-9]{2})(?::?(?P<minutes>[0-9]{2}))?))?"
)
DATES: Final = (
    r"(?P<a>[0-9]{4})(?P<b>[0-9]{2})(?P<c>[0-9]{2})",
    r"(?P<a>[0-9]{1,4})[-/.](?P<b>[0-9]{1,2})(?:[-/.](?P<c>[0-9]{1,4}))?",
    r"(?P<a>[0-9]{1,2})[. -]? ?(?P<b>[A-Za-z]{3,9})\.?[ ,-]{1,2}(?P<c>[0-9]{2,4})",
    r"(?P<b>[A-Za-z]{3,9})\.? ?(?P<a>[0-9]{1,2})(?:st|nd|rd|th)?,? (?P<c>[0-9]{4})",
    "",  # a time alone
)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class DateReading:
    """Hold what a column of texts is as dates.

    Attributes:
        days: float64 [rows], days since 1970-01-01, with the time of day as a fraction; NaN where
            the cell is missing or no date.
        unreadable: bool [rows], cells that hold something else.
        order: In which order day, month and year stand.
        guessed: Whether days and months could as well be the other way round.
    """

    days: NDArray[np.float64]
    unreadable: NDArray[np.bool_]
    order: Order
    guessed: bool = False


def read_dates(texts: pd.Series, order: Order | None = None) -> DateReading:
    """Read texts as dates, times, or both.

    Args:
        texts: Texts without spaces around them; missing where a cell is.
        order: The order of day and month where they are numbers; None to find out.
    """
    cells, codes = encode(texts)
    days = {way: np.full(len(cells), np.nan) for way in ("dmy", "mdy")}
    clock, unread = np.zeros(len(cells)), np.arange(len(cells))
    for pattern in DATES:
        whole = rf"^{pattern}(?:[T ,]{{0,2}}{TIME})?$" if pattern else rf"^{TIME}$"
        here = matches(cells.take(pa.array(unread)), whole)
        places, unread = unread[here], unread[~here]
        if here.any():
            parts = _extract(cells.take(pa.array(places)), whole)
            clock[places] = _read_clock(parts)
            for way, values in days.items():
                values[places] = _as_days(parts, way) if pattern else 0.0
    alike = np.array_equal(days["dmy"], days["mdy"], equal_nan=True)
    missed = {way: int(np.isnan(values).sum()) for way, values in days.items()}
    # 3.4. is a day in April wherever points are used; of 3/4 there is no telling.
    pointed = bool(matches(cells, r"^[0-9]{1,2}\.[0-9]{1,2}\.").any())
    guessed = order is None and not alike and missed["dmy"] == missed["mdy"] and not pointed
    if order is None:
        day_first = missed["dmy"] < missed["mdy"] or (pointed and missed["dmy"] == missed["mdy"])
        order = "ymd" if alike else "dmy" if day_first else "mdy"
    values = days["dmy" if order == "dmy" else "mdy"] + clock
    values = np.append(values, np.nan)[codes]  # the code of a missing cell is -1
    return DateReading(
        days=values, unreadable=np.isnan(values) & (codes >= 0), order=order, guessed=guessed
    )


def days_of(dates: pd.Series) -> NDArray[np.float64]:
    """Return dates as days since 1970-01-01, float64 [rows]; those with a zone in UTC.

    Args:
        dates: A column of a type of dates.
    """
    if dates.dt.tz is not None:
        dates = dates.dt.tz_convert("UTC").dt.tz_localize(None)
    moments = dates.to_numpy(dtype="datetime64[us]")
    return np.where(np.isnat(moments), np.nan, moments.astype(np.int64) / (SECONDS * 1e6))


def durations_in_days(durations: pd.Series) -> pd.Series:
    """Return durations in days, float64 [rows]; NaN where there is none.

    Args:
        durations: A column of a type of durations.
    """
    days: pd.Series = durations.dt.total_seconds() / SECONDS
    return days


def date_parts(days: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """Return what is learnt from dates: days, year, month, day of the week, and hour.

    Args:
        days: Days since 1970-01-01, float64 [rows]; NaN where there is none.
    """
    present = ~np.isnan(days)
    whole = np.floor(days[present])
    dates = whole.astype("datetime64[D]")
    months = dates.astype("datetime64[M]").astype(np.int64)
    values = {
        "days": days[present],
        "year": months // 12 + 1970,
        "month": months % 12 + 1,
        "weekday": (whole + 3) % 7,  # 1970-01-01 was a Thursday; Monday is 0
        "hour": np.round((days[present] - whole) * 24, 6),
    }
    parts = {}
    for name, some in values.items():
        parts[name] = np.full(len(days), np.nan)
        parts[name][present] = some
    return parts


def _extract(cells: pa.Array, pattern: str) -> pd.DataFrame:
    """Return the groups of a pattern that matches all cells; missing where empty."""
    found = pc.extract_regex(cells, pattern)
    parts = pa.table(found.flatten(), names=[field.name for field in found.type]).to_pandas()
    present: pd.DataFrame = parts.mask(parts == "")
    return present


def _as_days(parts: pd.DataFrame, way: str) -> NDArray[np.float64]:
    """Return the days that a, b and c name, in the order of year, or else of day and month."""
    first, second, last = parts["a"], parts["b"], parts["c"].fillna("1")
    named = second.str[:3].str.lower().map(MONTHS)
    year_first = (first.str.len() == 4).to_numpy()
    a, c = (pd.to_numeric(part).to_numpy() for part in (first, last))
    b = named.where(named.notna(), pd.to_numeric(second, errors="coerce")).to_numpy(np.float64)
    short = ~year_first & (last.str.len() <= 2).to_numpy()
    late = np.where(c > LATEST_SHORT_YEAR, 1900, 2000)
    is_named = named.notna().to_numpy()
    swapped = (way == "mdy") & ~is_named
    year = np.where(year_first, a, np.where(short, c + late, c))
    month = np.where(year_first | ~swapped, b, a)
    day = np.where(year_first, c, np.where(swapped, b, a))
    # 2020-03 is a month; 3/4 is no date.
    known = ~np.isnan(month) & (year >= 1) & (year_first | parts["c"].notna().to_numpy())
    months = np.where(known, (year - 1970) * 12 + month - 1, 0).astype(np.int64)
    start, end = (
        (months + more).astype("datetime64[M]").astype("datetime64[D]") for more in (0, 1)
    )
    last_day = (end - start).astype(np.int64)
    right = known & (month >= 1) & (month <= 12) & (day >= 1) & (day <= last_day)
    return np.where(right, start.astype(np.int64) + day - 1, np.nan)


def _read_clock(parts: pd.DataFrame) -> NDArray[np.float64]:
    """Return the time of day as a fraction of it, in UTC where a zone is given; 0 for none."""
    if parts["hour"].isna().all():
        return np.zeros(len(parts))
    hour, minute, second, hours, minutes = (
        pd.to_numeric(parts[name].str.replace(",", ".")).fillna(0).to_numpy(np.float64)
        for name in ("hour", "minute", "second", "hours", "minutes")
    )
    half = parts["half"].str.lower()
    hour = np.where(half.notna(), hour % 12, hour) + np.where(half == "p", 12, 0)
    offset = (hours * 60 + minutes) * np.where(parts["ahead"] == "-", -1, 1)
    wrong = (hour > 24) | (minute > 59) | (second > 60)
    return np.where(wrong, np.nan, (hour * 3600 + (minute - offset) * 60 + second) / SECONDS)
