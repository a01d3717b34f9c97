"""A table that a study brings, as it is: its numbers aligned column by column."""

from typing import Final

import numpy as np
import pandas as pd

from reports import wording
from reports.study_content import StudyTable
from reports.tables.table import Column, Table, first_rows

DIGITS: Final = 4  # significant digits of the largest number of a column
LONGEST_TEXT: Final = 120


def shown_table(study: StudyTable) -> Table:
    """Write a table as it is, its numbers column by column.

    Args:
        study: As a study gives it.

    Returns:
        Its first 200 rows.
    """
    columns = [_column(study.table, place) for place in range(study.table.shape[1])]
    renamed = study.table.set_axis([column.source for column in columns], axis="columns")
    return first_rows(renamed, study.note or f"{study.title}.", columns)


def _column(table: pd.DataFrame, place: int) -> Column:
    values = table.iloc[:, place]
    title = wording.shorten(str(table.columns[place]), 40)
    if pd.api.types.is_bool_dtype(values):
        return Column(f"c{place}", title, _yes, numeric=False)
    if pd.api.types.is_numeric_dtype(values):
        numbers = values.astype("Float64").to_numpy(dtype=float, na_value=np.nan)
        return Column(f"c{place}", title, wording.aligned(numbers.tolist(), digits=DIGITS))
    return Column(f"c{place}", title, _text, numeric=False)


def _text(value: object) -> str:
    if isinstance(value, str):
        return wording.shorten(value, LONGEST_TEXT)
    if value is None or value is pd.NA or value is pd.NaT or isinstance(value, float | int):
        return wording.setting(value) if wording.is_number(value) else wording.MISSING
    return wording.shorten(str(value), LONGEST_TEXT)


def _yes(value: object) -> str:
    return wording.MISSING if value is pd.NA else "yes" if value else "no"
