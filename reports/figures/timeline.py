"""Where the time of a run went: what each worker trained when, and when it had nothing to do."""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reports import theme, wording
from reports.content import SweepContent
from reports.drawing.figure import FigureValue, counted_key, words
from reports.drawing.lanes import Lanes
from reports.figures.workers import STAGES, Work, lay_work
from reports.tables.table import Table, figure_table

OUTCOMES: Final = ("finished", "pruned", "diverged", "failed")
MOST_ROWS: Final = 32
CROWDED: Final = 150  # bars of a row from which on they are merged
MOST_CELLS: Final = 1200  # of all rows together, where they are merged
FEWEST_CELLS: Final = 40  # of a row
MOST_LOST: Final = 120  # marks of trials without a result
UNITS: Final = (("h", 3600.0), ("min", 60.0), ("s", 1.0))
LONG: Final = 0.22  # of the axis, from which on a stage has room for its name
FEW: Final = 2.0  # of a unit, below which the next smaller one is better
SIGNS: Final = {"finished": "▬", "pruned": "▭", "diverged": "✕", "failed": "✚"}
MARKS: Final = "Full bars finished, low hollow ones were pruned, crosses gave no result. "
RECORDED: Final = (
    "A row is a worker, a bar a trial, or a part of it that ended at a rung; members of a cohort "
    "stand side by side. " + MARKS + "On the thin line a worker had nothing to train that counted: "
    "it loaded, waited for a configuration or for the others, or did what was lost. On the right: "
    "the share of the time with bars. Time stands still while a run is interrupted."
)
LAID_OUT: Final = (
    "How long each trial and each stage took is measured; which worker trained what, and when, is "
    "not recorded. Rows are laid out: in the order of the slots, each trial goes to the worker "
    "that would be free first. " + MARKS + "On the thin line a worker had nothing to train. On "
    "the right: the share of the time of the stages that the bars cover."
)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Hold what the workers did.

    Attributes:
        bars: One row a bar: ``row`` (from 0), ``start``, ``end`` (in ``unit``) and ``outcome``: a
            trial's, or that of most of the time where bars are merged.
        lost: One row a mark on a trial that diverged or failed: ``row``, ``at``, ``outcome``.
        stages: One row a stretch of a stage, as `Work` has them, in ``unit``; ``took`` and
            ``trained`` in seconds; and ``is_long`` (whether there is room for its name).
        workers: One row a worker, all of them: ``worker`` (its name), ``trials``, ``trained``
            (seconds), ``share`` (of the time of the stages), ``idle`` (the longest time, in
            seconds, that it had nothing to train) and ``since`` (when that began, in seconds).
        is_recorded: Whether bars stand where and when trials were trained; otherwise they are laid
            out, and ``idle`` and ``since`` mean nothing.
        unit: Unit of the axis: ``s``, ``min`` or ``h``.
        end: Where the axis ends, in ``unit``; it begins at zero.
        counts: Number of trials of each outcome.
        took: Seconds that all stages took.
        busy: The share of the workers' time, baselines apart, in which they trained; or NaN.
        slowest: The trial that trained longest.
        slowest_seconds: How long that was.
        slowest_share: Its share of all time trained.
        is_merged: Whether some bars stand for several trials.
    """

    bars: pd.DataFrame
    lost: pd.DataFrame
    stages: pd.DataFrame
    workers: pd.DataFrame
    is_recorded: bool
    unit: str
    end: float
    counts: dict[str, int]
    took: float
    busy: float
    slowest: str
    slowest_seconds: float
    slowest_share: float
    is_merged: bool

    @property
    def drawn(self) -> pd.DataFrame:
        """Return the rows of ``workers`` that are drawn."""
        return self.workers.head(MOST_ROWS)


def figure(content: SweepContent) -> FigureValue | None:
    """Show when each worker trained what, and how busy they were.

    Args:
        content: The run.

    Returns:
        The figure, or None where nothing was trained or the number of workers is not known.
    """
    found = timeline(content.trials, content.manifest)
    if found is None:
        return None
    return FigureValue(
        id="timeline",
        title="Where the time went",
        link="Time",
        finding=told(found),
        how_to_read=RECORDED if found.is_recorded else LAID_OUT,
        panels=(panel(found),),
        table=_worker_table(found) if found.is_recorded else _stage_table(found),
        key=counted_key(found.counts, SIGNS),
        note=_note(found),
    )


def panel(found: Timeline) -> Lanes:
    """Lay out the bars of each worker, the stages, and what share of the time the bars cover."""
    is_recorded = found.is_recorded
    each = "or a part of it" if is_recorded else "in the order of the slots"
    return Lanes(
        name=told(found),
        title="Workers over time" if is_recorded else "Training time, laid out",
        remark=f"one bar a trial, {each}; right: busy",
        workers=found.drawn["worker"].tolist(),
        shares=[_percent(share) for share in found.drawn["share"]],
        bars=found.bars,
        lost=found.lost,
        stages=found.stages,
        end=found.end,
        x_label=f"{found.unit}{' since the run began' if is_recorded else ', stage after stage'}",
    )


def told(found: Timeline) -> str:
    """Say how long the run took, how busy its workers were, and what took longest."""
    trial = wording.shorten(found.slowest, 24)
    return (
        f"{_busy(found)} The slowest trial, {trial}, trained for "
        f"{wording.seconds(found.slowest_seconds)}: {_percent(found.slowest_share)} of all "
        "training time."
    )


def timeline(trials: pd.DataFrame, manifest: Mapping[str, Any]) -> Timeline | None:
    """Summarise what the workers of a run did.

    Args:
        trials: The trials table; without its column ``spans`` the rows are laid out.
        manifest: Its ``settings.workers`` and ``seconds`` (by stage) are used.

    Returns:
        The timeline, or None where nothing was trained, or where neither the trials nor the
        manifest tell of the workers.
    """
    timed = trials[trials["seconds"].to_numpy(float) > 0]
    timed = timed[timed["stage"].isin(STAGES)]
    work = None if timed.empty else lay_work(timed, manifest)
    if work is None:
        return None
    stages = work.stages
    total = float(stages["end"].max())
    unit, length = next(((u, n) for u, n in UNITS if total >= FEW * n), UNITS[-1])
    workers = _workers(work)
    drawn = work.bars[work.bars["row"] < MOST_ROWS]
    bars, is_merged = _merge(drawn, min(len(workers), MOST_ROWS), total)
    is_lost = drawn["outcome"].isin(theme.UNUSABLE) & drawn["is_last"]
    lost = drawn[is_lost].assign(at=(drawn["start"] + drawn["end"]) / 2 / length)
    slowest = timed.sort_values(["seconds", "trial"], ascending=[False, True]).iloc[0]
    counts = timed["outcome"].value_counts()
    trained = stages[stages["trained"].notna()]
    is_known = trained["busy"].notna().all()
    return Timeline(
        bars=bars.assign(start=bars["start"] / length, end=bars["end"] / length),
        lost=lost[["row", "at", "outcome"]].iloc[:: -(-len(lost) // MOST_LOST) or 1],
        stages=stages.assign(
            start=stages["start"] / length,
            end=stages["end"] / length,
            is_long=stages["took"] >= LONG * total,
        ),
        workers=workers,
        is_recorded=work.is_recorded,
        unit=unit,
        end=total / length,
        counts={kind: int(counts[kind]) for kind in OUTCOMES if kind in counts},
        took=float(stages["took"].sum()),
        busy=min(1.0, float(workers["share"].mean())) if is_known else math.nan,
        slowest=str(slowest["trial"]),
        slowest_seconds=float(slowest["seconds"]),
        slowest_share=float(slowest["seconds"] / timed["seconds"].sum()),
        is_merged=is_merged,
    )


def _busy(found: Timeline) -> str:
    workers = wording.plural(len(found.workers), "worker")
    took = wording.seconds(found.took)
    if not found.is_recorded:
        text = f"The run took {took} with {workers}"
        if wording.is_number(found.busy):
            text += f", busy training {_percent(found.busy)} of the time"
        return f"{text}."
    longest = found.workers.iloc[int(np.argmax(found.workers["idle"].to_numpy(float)))]
    since = f"from {wording.seconds(longest['since'])} on" if longest["since"] else "at the start"
    return (
        f"The last trial ended after {took}; {workers} trained for {_percent(found.busy)} of "
        f"that time. The longest that one had nothing to train was "
        f"{wording.seconds(longest['idle'])}: worker {wording.shorten(longest['worker'], 24)}, "
        f"{since}."
    )


def _percent(share: float) -> str:
    if not wording.is_number(share):
        return wording.MISSING
    return f"{100 * share:.0f} %" if share >= 0.005 else "under 1 %"


def _note(found: Timeline) -> str:
    workers = len(found.workers)
    return words(
        "" if found.is_recorded
        else "Durations are measured; which worker had which trial is not recorded.",
        "In crowded rows a bar stands for several trials, by the outcome of most."
        if found.is_merged else "",
        f"Drawn are {MOST_ROWS} of {wording.count(workers)} workers."
        if workers > MOST_ROWS else "",
    )  # fmt: skip


def _worker_table(found: Timeline) -> Table:
    columns = ["worker", "trials", "trained", "share", "idle", "since"]
    titles = ["worker", "trials", "trained", "busy", "longest idle", "from"]
    return figure_table(
        found.drawn[columns].set_axis(titles, axis=1),
        "What each worker trained, and the longest time that it had nothing to train.",
        dict.fromkeys(titles[2:], wording.seconds) | {"busy": _percent},
    )


def _stage_table(found: Timeline) -> Table:
    return figure_table(
        found.stages[["stage", "trials", "took", "trained", "busy"]],
        "How long each stage took, and how long its trials trained, all workers together.",
        {"took": wording.seconds, "trained": wording.seconds, "busy": _percent},
    )


def _workers(work: Work) -> pd.DataFrame:
    """Return what each worker did, and its longest time without anything to train."""
    stages = work.stages[work.stages["trained"].notna()]
    end, time = float(stages["end"].max()), float(stages["took"].sum())
    by_row = dict(iter(work.bars.groupby("row")))
    told = []
    for row, name in enumerate(work.names):
        bars = by_row.get(row, work.bars.iloc[:0])
        starts, ends = bars["start"].to_numpy(float), bars["end"].to_numpy(float)
        begins = np.insert(ends, 0, 0.0)
        waits = np.append(starts, end) - begins
        longest = int(np.argmax(waits))
        worked, trials = float((ends - starts).sum()), int(bars["trial"].nunique())
        told.append(
            (name, trials, worked, worked / time, float(waits[longest]), float(begins[longest]))
        )
    return pd.DataFrame(told, columns=["worker", "trials", "trained", "share", "idle", "since"])


def _merge(laid: pd.DataFrame, rows: int, total: float) -> tuple[pd.DataFrame, bool]:
    """Merge the bars of crowded rows: cells of equal length, each of the outcome it has most of."""
    parts, merged = [], False
    edges = np.linspace(0, total, max(MOST_CELLS // rows, FEWEST_CELLS) + 1)
    for row in range(rows):
        bars = laid.loc[laid["row"] == row, ["row", "start", "end", "outcome"]]
        is_crowded = len(bars) > CROWDED
        merged |= is_crowded
        parts.append(_cells(bars, edges).assign(row=row) if is_crowded else bars)
    return pd.concat(parts, ignore_index=True), merged


def _cells(bars: pd.DataFrame, edges: NDArray[np.float64]) -> pd.DataFrame:
    covered = np.array(
        [np.diff(_covered(bars[bars["outcome"] == kind], edges)) for kind in OUTCOMES]
    )
    most = np.where(covered.sum(axis=0) * 2 >= np.diff(edges), covered.argmax(axis=0), -1)
    starts = np.flatnonzero(np.diff(most, prepend=-2))
    ends = np.append(starts[1:], len(most))
    kept = most[starts] >= 0
    return pd.DataFrame(
        {
            "start": edges[starts[kept]],
            "end": edges[ends[kept]],
            "outcome": [OUTCOMES[place] for place in most[starts[kept]]],
        }
    )


def _covered(bars: pd.DataFrame, edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how much time the bars cover up to each edge."""
    if bars.empty:
        return np.zeros(len(edges))
    starts, ends = bars["start"].to_numpy(float), bars["end"].to_numpy(float)
    moments = np.column_stack([starts, ends]).ravel()
    done = np.column_stack([np.zeros(len(bars)), ends - starts]).ravel().cumsum()
    return np.asarray(np.interp(edges, moments, done))
