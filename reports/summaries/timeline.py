"""Where the time of a run went: what each worker trained when, and when it had nothing to do."""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reports import theme
from reports.summaries.lanes import STAGES, Lanes, lay_lanes

OUTCOMES: Final = ("finished", "pruned", "diverged", "failed")
MOST_ROWS: Final = 32
CROWDED: Final = 150  # bars of a row from which on they are merged
MOST_CELLS: Final = 1200  # of all rows together, where they are merged
FEWEST_CELLS: Final = 40  # of a row
MOST_LOST: Final = 120  # marks of trials without a result
UNITS: Final = (("h", 3600.0), ("min", 60.0), ("s", 1.0))
LONG: Final = 0.22  # of the axis, from which on a stage has room for its name
FEW: Final = 2.0  # of a unit, below which the next smaller one is better


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Hold what the workers did.

    Attributes:
        bars: One row a bar: ``row`` (from 0), ``start``, ``end`` (in ``unit``) and ``outcome``: a
            trial's, or that of most of the time where bars are merged.
        lost: One row a mark on a trial that diverged or failed: ``row``, ``at``, ``outcome``.
        stages: One row a stretch of a stage, as `Lanes` has them, in ``unit``; ``took`` and
            ``trained`` in seconds; and ``is_long`` (whether there is room for its name).
        workers: One row a worker, all of them: ``worker`` (its name), ``trials``, ``trained``
            (seconds), ``share`` (of the time of the stages), ``idle`` (the longest time, in
            seconds, that it had nothing to train) and ``since`` (when that began, in seconds).
        is_recorded: Whether bars stand where and when trials were trained; otherwise they are laid
            out, and ``idle`` and ``since`` mean nothing.
        unit: Unit of the axis: ``s``, ``min`` or ``h``.
        x_limits: Where the axis starts and ends, in ``unit``.
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
    x_limits: tuple[float, float]
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
    lanes = None if timed.empty else lay_lanes(timed, manifest)
    if lanes is None:
        return None
    stages = lanes.stages
    total = float(stages["end"].max())
    unit, length = next(((u, n) for u, n in UNITS if total >= FEW * n), UNITS[-1])
    workers = _workers(lanes)
    drawn = lanes.bars[lanes.bars["row"] < MOST_ROWS]
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
        is_recorded=lanes.is_recorded,
        unit=unit,
        x_limits=(0.0, total / length),
        counts={kind: int(counts[kind]) for kind in OUTCOMES if kind in counts.index},
        took=float(stages["took"].sum()),
        busy=min(1.0, float(workers["share"].mean())) if is_known else math.nan,
        slowest=str(slowest["trial"]),
        slowest_seconds=float(slowest["seconds"]),
        slowest_share=float(slowest["seconds"] / timed["seconds"].sum()),
        is_merged=is_merged,
    )


def _workers(lanes: Lanes) -> pd.DataFrame:
    """Return what each worker did, and its longest time without anything to train."""
    stages = lanes.stages[lanes.stages["trained"].notna()]
    end, time = float(stages["end"].max()), float(stages["took"].sum())
    by_row = dict(iter(lanes.bars.groupby("row")))
    told = []
    for row, name in enumerate(lanes.names):
        bars = by_row.get(row, lanes.bars.iloc[:0])
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
