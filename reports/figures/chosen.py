"""The loss curves of three telling trials: the best, the median and the most overfitted."""

from collections.abc import Sequence
from typing import Final

import pandas as pd

from reports import wording
from reports.content import SweepContent
from reports.drawing.figure import FigureValue
from reports.figures.curves import Curves, learning_curves, share_limits, side_by_side
from reports.judged import is_finished, searched
from reports.tables.table import figure_table

READ: Final = (
    "Losses of single trials of the search, on one scale: best and median by validation loss at "
    "the best epoch, most overfitted by the gap after the last. A curve that leaves the top "
    "begins worse than the scale shows."
)


def figure(content: SweepContent) -> FigureValue | None:
    """Show the loss curves of the best, the median and the most overfitted trial, if any."""
    judged = searched(content)
    chosen = pick_trials(judged)
    if not chosen:
        return None
    verdicts = judged.set_index("trial")["verdict"]
    curves = share_limits([learning_curves(content.epochs, (n,), "loss") for _, n in chosen])
    drawn = list(zip(chosen, curves, strict=True))
    parts = [side_by_side([one]).assign(trial=name) for (_, name), one in drawn]
    table = pd.concat(parts)
    return FigureValue(
        id="curves",
        title="The best, the median and the most overfitted",
        link="Curves",
        finding=told([(what, one) for (what, _), one in drawn]),
        how_to_read=READ,
        panels=tuple(
            one.panel(
                f"{what[:1].upper()}{what[1:]}", f"{name}: {verdicts[name]}",
                name=f"Loss curves of the {what} trial, {name}.",
            )
            for (what, name), one in drawn
        ),
        table=figure_table(
            table[["trial", *table.columns.drop("trial")]], "Losses by trial and epoch."
        ),
    )  # fmt: skip


def pick_trials(judged: pd.DataFrame) -> Sequence[tuple[str, str]]:
    """Choose the best, the median and the most overfitted of the finished trials.

    Args:
        judged: Trials with verdicts.

    Returns:
        Pairs of what it is and the trial; a trial that is two of them stands once.
    """
    ranked = judged[is_finished(judged, "validation_loss")].sort_values(
        ["validation_loss", "trial"]
    )
    if ranked.empty:
        return []
    gaps = ranked.dropna(subset="last_loss_gap").sort_values(
        ["last_loss_gap", "trial"], ascending=[False, True]
    )
    chosen = [("best", str(ranked["trial"].iloc[0]))]
    chosen.append(("median", str(ranked["trial"].iloc[(len(ranked) - 1) // 2])))
    if len(gaps) and gaps["last_loss_gap"].iloc[0] > 0:
        chosen.append(("most overfitted", str(gaps["trial"].iloc[0])))
    names: dict[str, str] = {}
    for what, trial in chosen:
        names[trial] = f"{names[trial]} and {what}" if trial in names else what
    return [(what, trial) for trial, what in names.items()]


def told(chosen: Sequence[tuple[str, Curves]]) -> str:
    """Compare the gaps at the end of curves that are shown side by side.

    Args:
        chosen: What each trial is, and its curves.
    """
    parts = []
    for name, one in chosen:
        rows = one.table.pivot_table(index="epoch", columns="series", values="mean")
        if {"train", "validation"} <= set(rows.columns):
            last = rows.dropna(subset=["train", "validation"]).tail(1)
            parts += [f"{wording.loss(gap)} ({name})" for gap in last["validation"] - last["train"]]
    if not parts:
        return "No trial has a finite loss to show."
    return f"Loss gap after the last epoch: {wording.join(parts)}."
