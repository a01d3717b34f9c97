"""Where the time of a run went: how long each trial trained, laid out on the workers' rows.

A run folder tells how long each trial trained, how long each stage took and how many workers there
were. It does not tell which worker trained which trial, nor when. So the rows are laid out: in the
order of the slots, each cohort goes to the worker that would be free first, as from a queue.
"""

import dataclasses
import heapq
import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reports import theme, wording

STAGES: Final = ("search", "confirmation", "audit")
BASELINES: Final = "baselines"  # which the run fits by itself, without its workers
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
        stages: One row a stage, in order: ``stage``, ``start``, ``end`` (in ``unit``), ``took``,
            ``trained`` (seconds of all workers; NaN for baselines), ``busy`` (the share of the
            workers' time in which they trained; NaN if unknown), ``trials`` and ``is_long``
            (whether there is room for its name).
        shares: The share of the stages' time that each drawn row's bars cover.
        workers: Number of workers.
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
    shares: tuple[float, ...]
    workers: int
    unit: str
    x_limits: tuple[float, float]
    counts: dict[str, int]
    took: float
    busy: float
    slowest: str
    slowest_seconds: float
    slowest_share: float
    is_merged: bool


def timeline(trials: pd.DataFrame, manifest: Mapping[str, Any]) -> Timeline | None:
    """Lay out the measured training times of a run.

    Args:
        trials: The trials table.
        manifest: Its ``settings.workers`` and ``seconds`` (by stage) are used.

    Returns:
        The layout, or None where the number of workers is not known or nothing was trained.
    """
    workers = (manifest.get("settings") or {}).get("workers")
    timed = trials[trials["seconds"].to_numpy(float) > 0]
    timed = timed[timed["stage"].isin(STAGES)]
    if not wording.is_number(workers) or workers < 1 or timed.empty:
        return None
    rows = int(workers)
    laid, stages = _stages(timed, manifest.get("seconds") or {}, rows)
    total = float(stages["end"].max())
    unit, length = next(((u, n) for u, n in UNITS if total >= FEW * n), UNITS[-1])
    drawn = laid[laid["row"] < MOST_ROWS]
    bars, is_merged = _merge(drawn, min(rows, MOST_ROWS), total)
    trained = stages["trained"].notna()
    slowest = timed.sort_values(["seconds", "trial"], ascending=[False, True]).iloc[0]
    worked = timed["seconds"].sum()
    available = rows * float(stages.loc[trained, "took"].sum())
    is_lost = drawn["outcome"].isin(theme.UNUSABLE)
    lost = drawn[is_lost].assign(at=(drawn["start"] + drawn["end"]) / 2 / length)
    covered = drawn.assign(seconds=drawn["end"] - drawn["start"]).groupby("row")["seconds"].sum()
    counts = timed["outcome"].value_counts()
    return Timeline(
        bars=bars.assign(start=bars["start"] / length, end=bars["end"] / length),
        lost=lost[["row", "at", "outcome"]].iloc[:: -(-len(lost) // MOST_LOST) or 1],
        stages=stages.assign(
            start=stages["start"] / length,
            end=stages["end"] / length,
            is_long=stages["took"] >= LONG * total,
        ),
        shares=tuple(
            float(covered.get(row, 0.0)) * rows / available for row in range(min(rows, MOST_ROWS))
        ),
        workers=rows,
        unit=unit,
        x_limits=(0.0, total / length),
        counts={kind: int(counts[kind]) for kind in OUTCOMES if kind in counts.index},
        took=float(stages["took"].sum()),
        busy=_share(worked, available) if stages.loc[trained, "busy"].notna().all() else math.nan,
        slowest=str(slowest["trial"]),
        slowest_seconds=float(slowest["seconds"]),
        slowest_share=float(slowest["seconds"] / worked),
        is_merged=is_merged,
    )


def _stages(
    timed: pd.DataFrame, took: Mapping[str, Any], workers: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Lay out stage after stage; the trials with ``row``, ``start``, ``end``, and the stages."""
    laid, told, start = [], [], 0.0
    for stage in STAGES:
        trials = timed[timed["stage"] == stage]
        known = took.get(stage)
        if trials.empty:
            continue
        placed = _queue(trials, workers)
        worked, end = float(trials["seconds"].sum()), float(placed["end"].max())
        measured = float(known) if wording.is_number(known) and known > 0 else math.nan
        lasted = max(end, 0.0 if math.isnan(measured) else measured)
        busy = _share(worked, workers * measured)
        told.append((stage, start, start + lasted, lasted, worked, busy, len(trials)))
        laid.append(placed.assign(start=placed["start"] + start, end=placed["end"] + start))
        start += lasted
    alone = took.get(BASELINES)
    if wording.is_number(alone) and alone > 0:
        last = float(alone)
        told.append((BASELINES, start, start + last, last, math.nan, math.nan, 0))
    columns = ["stage", "start", "end", "took", "trained", "busy", "trials"]
    return pd.concat(laid, ignore_index=True), pd.DataFrame(told, columns=columns)


def _share(worked: float, available: float) -> float:
    """Return the share worked; NaN where it cannot be, as when the number of workers changed."""
    share = worked / available if available > 0 else math.nan
    return share if share <= 1 else math.nan


def _queue(trials: pd.DataFrame, workers: int) -> pd.DataFrame:
    """Give each cohort, in the order of slots, to the worker that is free first.

    Members of a cohort are trained together and each has its share of the time: their bars stand
    one after another.
    """
    ordered = trials.sort_values(["slot", "replicate", "trial"])
    is_known = "cohort" in ordered.columns  # old tables have none
    names = ordered["cohort" if is_known else "trial"].fillna(ordered["trial"]).tolist()
    first = {name: place for place, name in reversed(list(enumerate(names)))}
    order = np.argsort([first[name] for name in names], kind="stable")
    ordered, cohorts = ordered.iloc[order], [names[place] for place in order]
    free = [(0.0, row) for row in range(workers)]
    heapq.heapify(free)
    laid: list[tuple[int, float, float]] = []
    at, row, last = 0.0, 0, None
    for name, seconds in zip(cohorts, ordered["seconds"].tolist(), strict=True):
        if name != last:
            if last is not None:
                heapq.heappush(free, (at, row))
            at, row = heapq.heappop(free)
            last = name
        laid.append((row, at, at + seconds))
        at += seconds
    table = pd.DataFrame(laid, columns=["row", "start", "end"])
    return table.assign(outcome=ordered["outcome"].tolist(), trial=ordered["trial"].tolist())


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
