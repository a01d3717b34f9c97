"""Read texts as dates and times, and dates as the numbers that are learnt from."""

import dataclasses
from typing import Final, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

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
    r"(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?(?: ?(?P<zone>Z|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2})?))?"
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
    codes, unique = pd.factorize(texts)
    cells = pd.Series(unique, dtype="str")
    days = {way: np.full(len(cells), np.nan) for way in ("dmy", "mdy")}
    for pattern in DATES:
        parts = _extract(cells, rf"{pattern}(?:[T ,]{{0,2}}{TIME})?" if pattern else TIME)
        here = parts["a" if pattern else "hour"].notna().to_numpy()
        if here.any():
            for way, values in days.items():
                values[here] = _as_days(parts[here], way) if pattern else 0.0
    alike = np.array_equal(days["dmy"], days["mdy"], equal_nan=True)
    missed = {way: int(np.isnan(values).sum()) for way, values in days.items()}
    # 3.4. is a day in April wherever points are used; of 3/4 there is no telling.
    pointed = bool(cells.str.match(r"[0-9]{1,2}\.[0-9]{1,2}\.").any())
    guessed = order is None and not alike and missed["dmy"] == missed["mdy"] and not pointed
    if order is None:
        day_first = missed["dmy"] < missed["mdy"] or (pointed and missed["dmy"] == missed["mdy"])
        order = "ymd" if alike else "dmy" if day_first else "mdy"
    values = days["dmy" if order == "dmy" else "mdy"] + _read_clock(cells)
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


def _extract(cells: pd.Series, pattern: str) -> pd.DataFrame:
    """Return the groups of a pattern that matches whole cells; missing where it does not."""
    found = pc.extract_regex(pa.array(cells, pa.string(), from_pandas=True), f"^{pattern}$")
    if isinstance(found, pa.ChunkedArray):
        found = found.combine_chunks()
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
    table = {"year": year, "month": month, "day": day}
    days = days_of(pd.to_datetime(pd.DataFrame(table), errors="coerce"))
    # 2020-03 is a month; 3/4 is no date.
    return np.where(~year_first & parts["c"].isna().to_numpy(), np.nan, days)


def _read_clock(cells: pd.Series) -> NDArray[np.float64]:
    """Return the time of day as a fraction of it, in UTC where a zone is given; 0 for none."""
    parts = _extract(cells, rf"(?:.*[T ,])?{TIME}")
    zone = _extract(parts["zone"], r"(?P<sign>[+-])(?P<hours>[0-9]{2}):?(?P<minutes>[0-9]{2})?")
    hour, minute, second, ahead, more = (
        pd.to_numeric(text.str.replace(",", "."), errors="coerce").fillna(0).to_numpy(np.float64)
        for text in (
            parts["hour"], parts["minute"], parts["second"], zone["hours"], zone["minutes"]
        )
    )  # fmt: skip
    half = parts["half"].str.lower()
    hour = np.where(half.notna(), hour % 12, hour) + np.where(half == "p", 12, 0)
    offset = (ahead * 60 + more) * np.where(zone["sign"] == "-", -1, 1)
    wrong = (hour > 24) | (minute > 59) | (second > 60)
    clock = (hour * 3600 + (minute - offset) * 60 + second) / SECONDS
    return np.where(wrong, np.nan, clock)
