"""What pruning stopped: the loss curve of every trial, and how far each rung let them come."""

import dataclasses
from collections.abc import Sequence
from typing import Final, Literal

import numpy as np
import pandas as pd

from reports import theme, wording
from reports.content import SweepContent
from reports.drawing import limits
from reports.drawing.figure import FigureValue, counted_key
from reports.drawing.lines import Axis, Lines, Look
from reports.tables.table import figure_table

Kind = Literal["finished", "pruned", "audit"]

MOST_LINES: Final = 60  # curves of one kind in a panel: beyond, one hides the other
MARGIN: Final = 0.025  # of the axis of epochs, before the first: a mark there stays whole
READ: Final = (
    "One line a trial: its validation loss after each epoch. A dashed line ends at a hollow "
    "diamond, where the trial was pruned. Dotted verticals, their epoch above, are where trials "
    "may be pruned. How a pruned line would have gone on is not known{}."
)
READ_AUDIT: Final = (
    ", but for the audits, the dotted lines: pruned trials, drawn at random, that were trained to "
    "the end. One that ends below all solid lines is a good network that pruning missed"
)
SIGNS: Final[dict[str, str]] = {"finished": "━", "pruned": "◇", "audit": "┅"}
LOOKS: Final = {
    "finished": Look(mark=theme.Mark(ink="validation", marker="o", glyph="━"), width=1.1),
    "pruned": Look(mark=theme.MARKS["pruned"], width=0.9, dashes=(3, 2)),
    "audit": Look(mark=theme.Mark(ink="ink", marker="o", glyph="┅"), width=1.2, dashes=(1, 1.2)),
}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Pruning:
    """Hold what pruning did.

    Attributes:
        lines: One row a trial that is drawn and epoch: ``trial``, ``kind``, ``epoch``, ``loss``;
            the finished trials first, then the pruned ones, then the audits.
        rungs: One row an epoch after which trials were, or might have been, pruned: ``epoch``,
            ``reached`` (trials that came as far), ``pruned`` there, ``saved`` (epochs of their
            budget that these were not trained for).
        counts: Number of trials of each kind, drawn or not, that have a finite loss.
        trials: Number of trials of the search.
        pruned: Number of them that were pruned.
        planned: Sum of their budgets in epochs.
        saved: Epochs of it that were not trained because of pruning.
        last: The last epoch of all budgets.
    """

    lines: pd.DataFrame
    rungs: pd.DataFrame
    counts: dict[str, int]
    trials: int
    pruned: int
    planned: int
    saved: int
    last: int

    def panel(self) -> Lines:
        """Lay out the validation loss of each trial over the epochs, and where it was pruned."""
        values = self.lines["loss"].to_numpy(float)
        is_log = limits.is_wide(values, limits.WIDE_WITH_PRUNED)
        bounds = limits.log_limits(values) if is_log else limits.robust_limits(values)
        names = {"trial": "line", "kind": "series", "epoch": "x", "loss": "y"}
        is_end = ~self.lines.duplicated("trial", keep="last") & (self.lines["kind"] == "pruned")
        start = 1 - MARGIN * (self.last - 1)
        return Lines(
            name=told(self),
            title="Validation loss",
            remark="one line a trial; ◇ where it was pruned",
            table=self.lines.rename(columns=names).assign(dot=is_end),
            looks=LOOKS,
            x=Axis(name="epoch", limits=(start, float(self.last)), is_whole=True),
            y=Axis(limits=bounds, scale="log" if is_log else "linear"),
            marks=[(float(epoch), wording.count(epoch)) for epoch in self.rungs["epoch"]],
        )


def figure(content: SweepContent) -> FigureValue | None:
    """Show the loss curves with those that were cut short; None where nothing was pruned."""
    rungs = [int(rung) for rung in content.manifest.get("rungs") or () if wording.is_number(rung)]
    found = pruning(content.trials, content.epochs, rungs)
    if found is None:
        return None
    return FigureValue(
        id="pruning",
        title="What pruning stopped",
        link="Pruning",
        finding=told(found),
        how_to_read=READ.format(READ_AUDIT if found.counts["audit"] else ""),
        panels=(found.panel(),),
        table=figure_table(
            found.rungs.set_axis(
                ["after epoch", "came as far", "pruned", "epochs not trained"], axis=1
            ),
            "Trials of the search at each epoch at which they may be pruned.",
        ),
        key=counted_key(found.counts, SIGNS),
        note=left_out(found),
    )


def pruning(trials: pd.DataFrame, epochs: pd.DataFrame, rungs: Sequence[int]) -> Pruning | None:
    """Find what pruning did.

    Args:
        trials: The trials table, with its audits.
        epochs: The epochs table.
        rungs: Epochs at which trials may be pruned, as the manifest has them; may be empty.

    Returns:
        None for a run in which nothing was pruned.
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
    return Pruning(
        lines=pd.concat(parts, ignore_index=True),
        rungs=_rungs(search, pruned, rungs),
        counts={str(kind): len(group) for kind, group in seen.items()},
        trials=len(search),
        pruned=len(pruned),
        planned=int(search["epochs"].sum()),
        saved=int((pruned["epochs"] - pruned["epochs_trained"]).sum()),
        last=max(int(trials["epochs"].max()), 2),
    )


def told(found: Pruning) -> str:
    """Say how many trials were pruned, where, and what that saved."""
    at = found.rungs[found.rungs["pruned"] > 0]
    stops = [
        f"{wording.count(number)} after epoch {wording.count(epoch)}"
        for epoch, number in zip(at["epoch"], at["pruned"], strict=True)
    ]
    where = wording.join(stops) if len(at) > 1 else stops[0].partition(" ")[2]
    text = (
        f"{wording.count(found.pruned)} of {wording.plural(found.trials, 'trial')} "
        f"{'was' if found.pruned == 1 else 'were'} stopped early, {where}: "
        f"{wording.count(found.saved)} of {wording.plural(found.planned, 'planned epoch')} "
        f"({100 * found.saved / found.planned:.0f} %) were not trained."
    )
    last = found.lines.groupby("kind")["loss"].min()
    if not {"finished", "audit"} <= set(last.index):
        return text
    below = "below" if last["audit"] < last["finished"] else "above"
    best = "its smallest loss" if found.counts["audit"] == 1 else "their smallest loss"
    return (
        f"{text} Of the pruned, {wording.plural(found.counts['audit'], 'audited trial')} went on "
        f"to the end: {best}, {wording.loss(last['audit'])}, lies {below} that of the best "
        f"finished trial, {wording.loss(last['finished'])}."
    )


def left_out(found: Pruning) -> str:
    """Say how many curves are not drawn; ``""`` if all are."""
    drawn = found.lines.groupby("kind")["trial"].nunique()
    parts = [
        f"{wording.count(drawn[kind])} of {wording.count(number)} {kind}"
        for kind, number in found.counts.items()
        if number > drawn.get(kind, 0)
    ]
    return f"Drawn are {wording.join(parts)} trials, from the best to the worst." if parts else ""


def _spread(group: pd.DataFrame) -> pd.DataFrame:
    """Choose up to 60 trials, from the best to the worst in even steps."""
    ranked = group.sort_values(["validation_loss", "trial"])
    if len(ranked) <= MOST_LINES:
        return ranked
    return ranked.iloc[np.linspace(0, len(ranked) - 1, MOST_LINES).round().astype(int)]


def _curves(epochs: pd.DataFrame, group: pd.DataFrame, kind: Kind) -> pd.DataFrame:
    rows = epochs[epochs["trial"].isin(group["trial"])].sort_values(["trial", "epoch"])
    parts = [rows.iloc[:0]]
    for _, curve in rows.groupby("trial", sort=True):
        parts.append(curve[limits.thin_epochs(curve["epoch"].to_numpy(), (None,))])
    drawn = pd.concat(parts)
    table: pd.DataFrame = drawn[["trial", "epoch"]].assign(
        kind=kind, loss=drawn["validation_loss"].astype(float)
    )
    return table


def _rungs(search: pd.DataFrame, pruned: pd.DataFrame, rungs: Sequence[int]) -> pd.DataFrame:
    rows = []
    for place in sorted({*map(int, rungs), *map(int, pruned["epochs_trained"])}):
        here = pruned[pruned["epochs_trained"] == place]
        reached = int((search["epochs_trained"] >= place).sum())
        rows.append((place, reached, len(here), int((here["epochs"] - place).sum())))
    return pd.DataFrame(rows, columns=["epoch", "reached", "pruned", "saved"])
