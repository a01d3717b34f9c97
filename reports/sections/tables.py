"""Tables of the page, as text ready to be shown: the numbers behind a figure, and all trials."""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any, Final

import pandas as pd

from reports import theme, wording
from reports.run_score import ACCURACY, RunScore

LONGEST_TABLE: Final = 200  # rows of the table behind a figure; the rest is in the run folder
LONGEST_REASON: Final = 100

Format = Callable[[Any], str]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Hold a table of texts.

    Attributes:
        caption: What it holds, and what was left out.
        header: Names of the columns.
        numeric: Whether each column holds numbers.
        rows: One tuple of texts a row, in the order of the header.
        marks: One verdict a row, where the second column shows verdicts; else empty.
        winner: Index of the row to point out, or -1.
        ids: One anchor a row, ``""`` for a row without one; empty if no row has one.
    """

    caption: str
    header: tuple[str, ...]
    numeric: tuple[bool, ...]
    rows: tuple[tuple[str, ...], ...]
    marks: tuple[str, ...] = ()
    winner: int = -1
    ids: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """Hold how one column of a data frame is shown."""

    source: str
    title: str
    write: Format
    numeric: bool = True


def figure_table(data: pd.DataFrame, caption: str, columns: Sequence[Column]) -> Table:
    """Write the numbers behind a figure: the first 200 rows.

    Args:
        data: A tidy table.
        caption: What it holds.
        columns: Which of its columns are shown, and how.
    """
    shown = data.head(LONGEST_TABLE)
    if len(data) > len(shown):
        caption = f"{caption} The first {len(shown)} of {wording.count(len(data))} rows."
    return whole_table(shown, caption, columns)


def whole_table(data: pd.DataFrame, caption: str, columns: Sequence[Column]) -> Table:
    """Write every row of a table.

    Args:
        data: A tidy table.
        caption: What it holds.
        columns: Which of its columns are shown, and how.
    """
    return Table(
        caption=caption,
        header=tuple(column.title for column in columns),
        numeric=tuple(column.numeric for column in columns),
        rows=_rows(data, columns),
    )


def trial_table(
    judged: pd.DataFrame, *, winner: str, score_name: str, by: RunScore = ACCURACY
) -> Table:
    """Write the table of all trials, best first.

    Then come the pruned ones, the audits of pruned ones, and those without a result. Settings that
    the same for all trials are named in the caption instead of in a column.

    Args:
        judged: Trials with verdicts, as `summary_trials.with_verdicts` returns them.
        winner: The trial to point out.
        score_name: What the score is called that every epoch is judged by.
        by: The score that is shown first, and leads if it chose the winner.
    """
    order = by.best_first(judged.assign(_group=_groups(judged)), "_group")
    first = f"best {by.title}" if by.chooses else "smallest validation loss"
    columns, same = _trial_columns(order, score_name)
    if not by.is_by_epoch:
        order = order.assign(_score=by.of(order))
        columns.insert(2, Column(source="_score", title=by.heading, write=by.write))
    caption = (
        f"{wording.plural(len(judged), 'trial')}, {first} first{_later(order)}. "
        "Values are those of each trial's best epoch; the gap is validation minus train loss."
    )
    if same:
        caption += f" The same for all: {', '.join(same)}."
    ids = order["trial"].tolist()
    return dataclasses.replace(
        whole_table(order, caption, columns),
        marks=tuple(str(verdict) for verdict in order["verdict"]),
        winner=ids.index(winner) if winner in ids else -1,
    )


def alignment(table: Table, name: str) -> str:
    """Return the CSS that aligns a table's columns of text, cheaper than a class on every cell.

    Args:
        table: Any table.
        name: Its id on the page.
    """
    texts = [place + 1 for place, numeric in enumerate(table.numeric) if not numeric]
    cells = ",".join(f"#{name} td:nth-child({place})" for place in texts)
    return f"{cells}{{text-align:start}}" if cells else ""


def failures(judged: pd.DataFrame) -> list[tuple[str, str, str]]:
    """Group the trials that failed or diverged by their reason, the most frequent first.

    Audits are left out: they are no part of the search, and the table of all trials has them.

    Returns:
        Triples of verdict, number of trials with their names, and reason.
    """
    lost = judged[judged["verdict"].isin(theme.UNUSABLE) & (judged["stage"] != "audit")]
    groups = [
        (len(rows), str(key[0]), _names(rows["trial"].tolist()), str(key[1]))
        for key, rows in lost.groupby(["verdict", "reason"], sort=True, dropna=False)
    ]
    groups.sort(key=lambda group: (-group[0], group[1:]))
    return [
        (verdict, f"{wording.plural(number, 'trial')}: {names}", wording.shorten(reason, 300))
        for number, verdict, names, reason in groups[:50]
    ]


def _groups(judged: pd.DataFrame) -> "pd.Series[int]":
    """Return the place of each trial's group in the table, from 0."""
    place = judged["outcome"].map({"finished": 0, "pruned": 1}).fillna(3).astype(int)
    return place.mask((judged["stage"] == "audit") & (place == 0), 2)


def _later(order: pd.DataFrame) -> str:
    """Say which groups follow the first one, if any is of pruned trials."""
    counts = order["_group"].value_counts()
    pruned, audits = int(counts.get(1, 0)), int(counts.get(2, 0))
    parts = [f"{wording.count(pruned)} pruned ones at their best epoch so far"] if pruned else []
    if audits:
        parts.append(
            f"{wording.plural(audits, 'audit')} (pruned trials trained to their end, no part of "
            "the search)"
        )
    return f"; then {wording.join(parts)}" if parts else ""


def _trial_columns(table: pd.DataFrame, score_name: str) -> tuple[list[Column], list[str]]:
    settings, same = setting_columns(table)
    columns = [
        Column(source="trial", title="Trial", write=wording.shorten, numeric=False),
        Column(source="verdict", title="Verdict", write=wording.shorten, numeric=False),
        *(_STAGE if (table["stage"] == "audit").any() else ()),
        Column(source="validation_loss", title="Loss", write=wording.loss),
        Column(source="loss_gap", title="Gap", write=wording.loss),
        Column(source="gap_low", title="Gap from", write=wording.loss),
        Column(source="gap_high", title="Gap to", write=wording.loss),
        Column(source="validation_score", title=score_name.capitalize(), write=wording.score),
        Column(source="train_score", title=f"Train {score_name}", write=wording.score),
        Column(source="parameters", title="Parameters", write=wording.count),
        *settings,
        Column(source="best_epoch", title="Best epoch", write=wording.count),
        Column(source="epochs_trained", title="Epochs", write=wording.count),
        Column(source="learning_rate_verdict", title="Rate is", write=_text, numeric=False),
        Column(source="seconds", title="Seconds", write=wording.loss),
    ]
    if (table["reason"].astype(object).fillna("") != "").any():
        columns.append(Column(source="reason", title="Reason", write=_reason, numeric=False))
    kept = [column for column in columns if table[column.source].notna().any()]
    return kept, same


def setting_columns(table: pd.DataFrame) -> tuple[list[Column], list[str]]:
    """Tell the settings that differ between trials from those that do not.

    Args:
        table: Trials.

    Returns:
        Columns of those that differ, and the others in words, such as ``batch 32``.
    """
    columns, same = [], []
    for column in SETTINGS:
        values = table[column.source].dropna().unique()
        if len(values) == 1 and len(table) > 1 and column.source != "widths":
            same.append(f"{column.title.lower()} {column.write(values[0])}")
        elif len(values):
            columns.append(column)
    return columns, same


def _rows(table: pd.DataFrame, columns: Sequence[Column]) -> tuple[tuple[str, ...], ...]:
    texts = [[column.write(value) for value in table[column.source]] for column in columns]
    return tuple(zip(*texts, strict=True))


def _text(value: object) -> str:
    return wording.shorten(value) if isinstance(value, str) else wording.MISSING


def _reason(value: object) -> str:
    return wording.shorten(value, LONGEST_REASON) if isinstance(value, str) else ""


def _names(names: Sequence[object]) -> str:
    shown = ", ".join(wording.shorten(str(name), 24) for name in names[:8])
    return shown if len(names) <= 8 else f"{shown} and {wording.count(len(names) - 8)} more"


def _yes(value: object) -> str:
    return "yes" if value else "no"


_STAGE: Final = (Column(source="stage", title="Stage", write=wording.shorten, numeric=False),)
SETTINGS: Final = (
    Column(source="widths", title="Layers", write=wording.shorten, numeric=False),
    Column(source="activation", title="Activation", write=wording.shorten, numeric=False),
    Column(source="dropout", title="Dropout", write=wording.setting),
    Column(source="optimizer", title="Optimizer", write=wording.shorten, numeric=False),
    Column(source="learning_rate", title="Learning rate", write=wording.loss),
    Column(source="momentum", title="Momentum", write=wording.setting),
    Column(source="weight_decay", title="Weight decay", write=wording.loss),
    Column(source="use_bias", title="Bias", write=_yes, numeric=False),
    Column(source="batch_size", title="Batch", write=wording.count),
    Column(source="epochs", title="Epochs asked", write=wording.count),
)
