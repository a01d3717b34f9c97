"""The tables of a study's page: those it brings, and its trials arm by arm."""

import dataclasses
from typing import Final

import numpy as np
import pandas as pd

from reports import wording
from reports.sections import tables
from reports.sections.tables import Column, Table
from reports.study_content import StudyTable

DIGITS: Final = 4  # significant digits of the largest number of a column
LONGEST_TEXT: Final = 120
STAGES: Final = ("comparison", "tuning", "probe")
FACTS: Final = (
    Column(source="fold", title="Fold", write=wording.count),
    Column(source="train_rows", title="Train rows", write=wording.count),
    Column(source="label_noise", title="Label noise", write=wording.setting),
)


def shown_table(study: StudyTable) -> Table:
    """Write a table as it is, its numbers column by column.

    Args:
        study: As a study gives it.

    Returns:
        Its first 200 rows.
    """
    columns = [_column(study.table, place) for place in range(study.table.shape[1])]
    renamed = study.table.set_axis([column.source for column in columns], axis="columns")
    return tables.figure_table(renamed, study.note or f"{study.title}.", columns)


def study_trials(judged: pd.DataFrame, score_name: str) -> Table:
    """Write all trials of a study: the comparison first, arm by arm, then tuning and probes.

    Args:
        judged: Trials with verdicts, as `summary_trials.with_verdicts` returns them.
        score_name: What the score is called.
    """
    order = _ordered(judged)
    settings, same = tables.setting_columns(order)
    columns = [
        Column(source="trial", title="Trial", write=wording.shorten, numeric=False),
        Column(source="verdict", title="Verdict", write=wording.shorten, numeric=False),
        Column(source="arm", title="Arm", write=_text, numeric=False),
        Column(source="stage", title="Stage", write=_text, numeric=False),
        Column(source="replicate", title="Pair", write=wording.count),
        Column(source="validation_loss", title="Loss", write=wording.loss),
        Column(source="loss_gap", title="Gap", write=wording.loss),
        Column(source="validation_score", title=_capital(score_name), write=wording.score),
        Column(source="train_score", title=f"Train {score_name}", write=wording.score),
        Column(source="parameters", title="Parameters", write=wording.count),
        *(column for column in FACTS if column.source in order and _tells(order[column.source])),
        *settings,
        Column(source="best_epoch", title="Best epoch", write=wording.count),
        Column(source="epochs_trained", title="Epochs", write=wording.count),
        Column(source="seconds", title="Seconds", write=wording.loss),
        Column(source="reason", title="Reason", write=_reason, numeric=False),
    ]
    kept = [column for column in columns if column.source in order and _says(order[column.source])]
    caption = (
        f"{wording.plural(len(judged), 'trial')}, those of the comparison first. Values are those "
        "of each trial's best epoch; the gap is validation minus train loss."
    )
    if same:
        caption += f" The same for all: {', '.join(same)}."
    marks = tuple(str(verdict) for verdict in order["verdict"])
    return dataclasses.replace(tables.whole_table(order, caption, kept), marks=marks)


def _ordered(judged: pd.DataFrame) -> pd.DataFrame:
    places = {stage: place for place, stage in enumerate(STAGES)}
    arms = judged["arm"] if "arm" in judged else pd.Series("", index=judged.index)
    known = {name: place for place, name in enumerate(arms.unique())}
    order = judged.assign(
        arm=arms,
        _stage=judged["stage"].astype(object).map(places).fillna(len(places)),
        _arm=arms.astype(object).map(known),
    )
    return order.sort_values(["_stage", "_arm", "replicate", "trial"], kind="stable")


def _tells(values: pd.Series) -> bool:
    """Tell whether what was done to the rows was done to any."""
    return bool((values.dropna() != 0).any())


def _says(values: pd.Series) -> bool:
    return bool((values.notna() & (values.astype(object) != "")).any())


def _column(table: pd.DataFrame, place: int) -> Column:
    values = table.iloc[:, place]
    title = wording.shorten(str(table.columns[place]), 40)
    if pd.api.types.is_bool_dtype(values):
        return Column(source=f"c{place}", title=title, write=_yes, numeric=False)
    if pd.api.types.is_numeric_dtype(values):
        numbers = values.astype("Float64").to_numpy(dtype=float, na_value=np.nan)
        write = wording.aligned(numbers.tolist(), digits=DIGITS)
        return Column(source=f"c{place}", title=title, write=write)
    return Column(source=f"c{place}", title=title, write=_text, numeric=False)


def _text(value: object) -> str:
    if isinstance(value, str):
        return wording.shorten(value, LONGEST_TEXT)
    if value is None or value is pd.NA or value is pd.NaT or isinstance(value, float | int):
        return wording.setting(value) if wording.is_number(value) else wording.MISSING
    return wording.shorten(str(value), LONGEST_TEXT)


def _reason(value: object) -> str:
    return wording.shorten(value, tables.LONGEST_REASON) if isinstance(value, str) else ""


def _yes(value: object) -> str:
    return wording.MISSING if value is pd.NA else "yes" if value else "no"


def _capital(name: str) -> str:
    return f"{name[:1].upper()}{name[1:]}"
