"""The tables of all trials, of a sweep and of a study, and the trials that gave no result."""

import dataclasses
from collections.abc import Sequence
from typing import Final

import pandas as pd

from reports import theme, wording
from reports.run_score import ACCURACY, RunScore
from reports.tables.table import Column, Table, whole_table

LONGEST_TEXT: Final = 120
LONGEST_REASON: Final = 100
STAGES: Final = ("comparison", "tuning", "probe")  # of a study, in the order of its table


def trial_table(
    judged: pd.DataFrame, *, winner: str, score_name: str, by: RunScore = ACCURACY
) -> Table:
    """Write the table of all trials of a sweep, best first.

    Then come the pruned ones, the audits of pruned ones, and those without a result. Settings that
    the same for all trials are named in the caption instead of in a column.

    Args:
        judged: Trials with verdicts, as `reports.judged.with_verdicts` returns them.
        winner: The trial to point out.
        score_name: What the score is called that every epoch is judged by.
        by: The score that is shown first, and leads if it chose the winner.
    """
    order = by.best_first(judged.assign(_group=_groups(judged)), "_group")
    first = f"best {by.title}" if by.chooses else "smallest validation loss"
    settings, same = _setting_columns(order)
    columns = [
        Column("trial", "Trial", wording.shorten, numeric=False),
        Column("verdict", "Verdict", wording.shorten, numeric=False),
        *(_STAGE if (order["stage"] == "audit").any() else ()),
        Column("validation_loss", "Loss", wording.loss),
        Column("loss_gap", "Gap", wording.loss),
        Column("gap_low", "Gap from", wording.loss),
        Column("gap_high", "Gap to", wording.loss),
        *_scores(score_name),
        *settings,
        *_ends(Column("learning_rate_verdict", "Rate is", _text, numeric=False)),
    ]
    kept = [column for column in columns if _says(order[column.source])]
    if not by.is_by_epoch:
        order = order.assign(_score=by.of(order))
        kept.insert(2, Column("_score", by.heading, by.write))
    caption = f"{wording.plural(len(judged), 'trial')}, {first} first{_later(order)}."
    ids = order["trial"].tolist()
    return dataclasses.replace(
        whole_table(order, _caption(caption, same), kept),
        marks=tuple(str(verdict) for verdict in order["verdict"]),
        winner=ids.index(winner) if winner in ids else -1,
    )


def study_trials(judged: pd.DataFrame, score_name: str) -> Table:
    """Write all trials of a study: the comparison first, arm by arm, then tuning and probes.

    Args:
        judged: Trials with verdicts, as `reports.judged.with_verdicts` returns them.
        score_name: What the score is called.
    """
    order = _by_arm(judged)
    settings, same = _setting_columns(order)
    columns = [
        Column("trial", "Trial", wording.shorten, numeric=False),
        Column("verdict", "Verdict", wording.shorten, numeric=False),
        Column("arm", "Arm", _text, numeric=False),
        Column("stage", "Stage", _text, numeric=False),
        Column("replicate", "Pair", wording.count),
        Column("validation_loss", "Loss", wording.loss),
        Column("loss_gap", "Gap", wording.loss),
        *_scores(score_name),
        *(column for column in FACTS if column.source in order and _tells(order[column.source])),
        *settings,
        *_ends(),
    ]
    caption = f"{wording.plural(len(judged), 'trial')}, those of the comparison first."
    kept = [column for column in columns if column.source in order and _says(order[column.source])]
    marks = tuple(str(verdict) for verdict in order["verdict"])
    return dataclasses.replace(whole_table(order, _caption(caption, same), kept), marks=marks)


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


def _by_arm(judged: pd.DataFrame) -> pd.DataFrame:
    places = {stage: place for place, stage in enumerate(STAGES)}
    arms = judged["arm"] if "arm" in judged else pd.Series("", index=judged.index)
    known = {name: place for place, name in enumerate(arms.unique())}
    order = judged.assign(
        arm=arms,
        _stage=judged["stage"].astype(object).map(places).fillna(len(places)),
        _arm=arms.astype(object).map(known),
    )
    return order.sort_values(["_stage", "_arm", "replicate", "trial"], kind="stable")


def _caption(text: str, same: Sequence[str]) -> str:
    text += " Values are those of each trial's best epoch; the gap is validation minus train loss."
    return f"{text} The same for all: {', '.join(same)}." if same else text


def _scores(name: str) -> tuple[Column, ...]:
    return (
        Column("validation_score", f"{name[:1].upper()}{name[1:]}", wording.score),
        Column("train_score", f"Train {name}", wording.score),
        Column("parameters", "Parameters", wording.count),
    )


def _ends(*between: Column) -> tuple[Column, ...]:
    return (
        Column("best_epoch", "Best epoch", wording.count),
        Column("epochs_trained", "Epochs", wording.count),
        *between,
        Column("seconds", "Seconds", wording.loss),
        Column("reason", "Reason", _reason, numeric=False),
    )


def _setting_columns(table: pd.DataFrame) -> tuple[list[Column], list[str]]:
    """Return columns of the settings that differ, and the others in words, such as ``batch 32``."""
    columns, same = [], []
    for column in SETTINGS:
        values = table[column.source].dropna().unique()
        if len(values) == 1 and len(table) > 1 and column.source != "widths":
            same.append(f"{column.title.lower()} {column.write(values[0])}")
        elif len(values):
            columns.append(column)
    return columns, same


def _tells(values: pd.Series) -> bool:
    """Tell whether what was done to the rows was done to any."""
    return bool((values.dropna() != 0).any())


def _says(values: pd.Series) -> bool:
    return bool((values.notna() & (values.astype(object) != "")).any())


def _text(value: object) -> str:
    return wording.shorten(value, LONGEST_TEXT) if isinstance(value, str) else wording.MISSING


def _reason(value: object) -> str:
    return wording.shorten(value, LONGEST_REASON) if isinstance(value, str) else ""


def _names(names: Sequence[object]) -> str:
    shown = ", ".join(wording.shorten(str(name), 24) for name in names[:8])
    return shown if len(names) <= 8 else f"{shown} and {wording.count(len(names) - 8)} more"


def _yes(value: object) -> str:
    return "yes" if value else "no"


_STAGE: Final = (Column("stage", "Stage", wording.shorten, numeric=False),)
SETTINGS: Final = (
    Column("widths", "Layers", wording.shorten, numeric=False),
    Column("activation", "Activation", wording.shorten, numeric=False),
    Column("dropout", "Dropout", wording.setting),
    Column("optimizer", "Optimizer", wording.shorten, numeric=False),
    Column("learning_rate", "Learning rate", wording.loss),
    Column("momentum", "Momentum", wording.setting),
    Column("weight_decay", "Weight decay", wording.loss),
    Column("use_bias", "Bias", _yes, numeric=False),
    Column("batch_size", "Batch", wording.count),
    Column("epochs", "Epochs asked", wording.count),
)
FACTS: Final = (
    Column("fold", "Fold", wording.count),
    Column("train_rows", "Train rows", wording.count),
    Column("label_noise", "Label noise", wording.setting),
)
