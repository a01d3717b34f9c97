"""What pruning stopped: the loss curve of every trial, and how far each rung let them come."""

import dataclasses
from collections.abc import Sequence
from typing import Final, Literal

import numpy as np
import pandas as pd

from reports.drawing import limits
from reports.summaries.points import Scale, log_limits

Kind = Literal["finished", "pruned", "audit"]

MOST_LINES: Final = 60  # curves of one kind in a panel: beyond, one hides the other
WIDE: Final = 4.0  # times the smallest loss that the largest must be for a log scale

MARGIN: Final = 0.025  # of the axis of epochs, before the first: a mark there stays whole


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class PruningSummary:
    """Hold the panel of loss curves and the table of rungs.

    Attributes:
        lines: One row a trial that is drawn and epoch: ``trial``, ``kind``, ``epoch``, ``loss``;
            the finished trials first, then the pruned ones, then the audits.
        ends: The last epoch of each pruned trial that is drawn, in the same form.
        rungs: One row an epoch after which trials were, or might have been, pruned: ``epoch``,
            ``reached`` (trials that came as far), ``pruned`` there, ``saved`` (epochs of their
            budget that these were not trained for).
        counts: Number of trials of each kind, drawn or not, that have a finite loss.
        trials: Number of trials of the search.
        pruned: Number of them that were pruned.
        planned: Sum of their budgets in epochs.
        saved: Epochs of it that were not trained because of pruning.
        scale: Scale of the loss: ``linear`` or ``log``.
        x_limits: Where the axis of epochs starts and ends.
        y_limits: Where the axis of losses starts and ends.
    """

    lines: pd.DataFrame
    ends: pd.DataFrame
    rungs: pd.DataFrame
    counts: dict[str, int]
    trials: int
    pruned: int
    planned: int
    saved: int
    scale: Scale
    x_limits: tuple[float, float]
    y_limits: tuple[float, float]


def pruning(
    trials: pd.DataFrame, epochs: pd.DataFrame, rungs: Sequence[int]
) -> PruningSummary | None:
    """Summarise what pruning did.

    Args:
        trials: The trials table, with its audits.
        epochs: The epochs table.
        rungs: Epochs at which trials may be pruned, as the manifest has them; may be empty.

    Returns:
        The summary, or None for a run in which nothing was pruned.
    """
    search = trials[trials["stage"] == "search"]
    pruned = search[search["outcome"] == "pruned"]
    if pruned.empty:
        return None
    audit = trials[trials["stage"] == "audit"]
    groups: dict[Kind, pd.DataFrame] = {
        "finished": search[search["outcome"] == "finished"],
        "pruned": pruned,
        "audit": audit[audit["outcome"] == "finished"],
    }
    known = epochs[np.isfinite(epochs["validation_loss"].to_numpy(float))]
    seen = {kind: group[group["trial"].isin(known["trial"])] for kind, group in groups.items()}
    parts = [_curves(known, _spread(group), kind) for kind, group in seen.items()]
    lines = pd.concat(parts, ignore_index=True)
    ends = lines[lines["kind"] == "pruned"].drop_duplicates("trial", keep="last")
    last = max(int(trials["epochs"].max()), 2)
    scale, y_limits = _loss_axis(lines["loss"])
    return PruningSummary(
        lines=lines,
        ends=ends.reset_index(drop=True),
        rungs=_rungs(search, pruned, rungs),
        counts={str(kind): len(group) for kind, group in seen.items()},
        trials=len(search),
        pruned=len(pruned),
        planned=int(search["epochs"].sum()),
        saved=int((pruned["epochs"] - pruned["epochs_trained"]).sum()),
        scale=scale,
        x_limits=(1 - MARGIN * (last - 1), float(last)),
        y_limits=y_limits,
    )


def _spread(group: pd.DataFrame) -> pd.DataFrame:
    """Choose up to 60 trials, from the best to the worst in even steps."""
    ranked = group.sort_values(["validation_loss", "trial"])
    if len(ranked) <= MOST_LINES:
        return ranked
    places = np.linspace(0, len(ranked) - 1, MOST_LINES).round().astype(int)
    return ranked.iloc[places]


def _curves(epochs: pd.DataFrame, group: pd.DataFrame, kind: Kind) -> pd.DataFrame:
    rows = epochs[epochs["trial"].isin(group["trial"])].sort_values(["trial", "epoch"])
    parts = [rows.iloc[:0]]
    for _, curve in rows.groupby("trial", sort=True):
        keep = limits.thin_epochs(curve["epoch"].to_numpy(), (None,))
        parts.append(curve[keep])
    drawn = pd.concat(parts)
    table: pd.DataFrame = drawn[["trial", "epoch"]].assign(
        kind=kind, loss=drawn["validation_loss"].astype(float)
    )
    return table


def _loss_axis(losses: pd.Series) -> tuple[Scale, tuple[float, float]]:
    values = losses.to_numpy(float)
    if len(values) and values.min() > 0 and values.max() > WIDE * values.min():
        return "log", log_limits(values)
    return "linear", limits.robust_limits(values)


def _rungs(search: pd.DataFrame, pruned: pd.DataFrame, rungs: Sequence[int]) -> pd.DataFrame:
    places = sorted({*map(int, rungs), *map(int, pruned["epochs_trained"])})
    rows = [
        {
            "epoch": place,
            "reached": int((search["epochs_trained"] >= place).sum()),
            "pruned": int((pruned["epochs_trained"] == place).sum()),
            "saved": int((pruned["epochs"] - place)[pruned["epochs_trained"] == place].sum()),
        }
        for place in places
    ]
    return pd.DataFrame(rows, columns=["epoch", "reached", "pruned", "saved"])
