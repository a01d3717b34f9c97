"""What each worker of a run did, and when.

Tables tell for each trial which workers trained it, and when. Those of older runs tell only how
long it trained. Then the rows are laid out as a queue would have done it: in the order of the
slots, each cohort goes to the worker that would be free first.
"""

import dataclasses
import heapq
import math
import re
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from reports import wording

STAGES: Final = ("search", "confirmation", "audit")
BASELINES: Final = "baselines"  # which the run fits by itself, without its workers
SPAN: Final = re.compile(r"(\S+) (\d+(?:\.\d+)?) (\d+(?:\.\d+)?)(?:; |$)")
STAGE_COLUMNS: Final = ("stage", "start", "end", "took", "trained", "busy", "trials")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Hold what each worker did.

    Attributes:
        bars: One row a trial and task, ordered by row and start, none over another: ``row`` (from
            0), ``start``, ``end`` (seconds), ``outcome``, ``trial``, ``is_last`` (of its trial's
            tasks). Members of a cohort have equal parts of the time of their task, one after
            another.
        stages: One row a stretch of a stage: ``stage``, ``start``, ``end``, ``took``, ``trained``
            (seconds of all workers; NaN for baselines), ``busy`` (the share of the workers' time
            in which they trained; NaN if unknown), ``trials``.
        names: The name of each row.
        is_recorded: Whether that is where and when trials were trained.
    """

    bars: pd.DataFrame
    stages: pd.DataFrame
    names: tuple[str, ...]
    is_recorded: bool


def lay_work(timed: pd.DataFrame, manifest: Mapping[str, Any]) -> Work | None:
    """Lay out what the workers did.

    Args:
        timed: The rows of the trials table of trials that were trained, at least one.
        manifest: Its ``settings.workers`` is used, and where the trials do not tell when they were
            trained its ``seconds``, by stage.

    Returns:
        The rows; None where trials tell nothing and the number of workers is not known.
    """
    known = (manifest.get("settings") or {}).get("workers")
    workers = int(known) if wording.is_number(known) and known >= 1 else 0
    tasks = _recorded(timed)
    if tasks is not None:
        return _true_lanes(tasks, workers)
    return _queued_lanes(timed, manifest.get("seconds") or {}, workers) if workers else None


def _recorded(timed: pd.DataFrame) -> pd.DataFrame | None:
    """Read the spans, one row a trial and task; None unless every trial has them."""
    if "spans" not in timed.columns:
        return None
    ordered = timed.sort_values(["slot", "replicate", "trial"])
    found = [SPAN.findall(str(text)) for text in ordered["spans"]]
    if not all(found):
        return None
    counts = [len(spans) for spans in found]
    values = [span for spans in found for span in spans]
    tasks = pd.DataFrame(values, columns=["worker", "start", "end"])
    for name in ("trial", "stage", "outcome"):
        tasks[name] = np.repeat(ordered[name].to_numpy(), counts)
    tasks["is_last"] = [place == number for number in counts for place in range(1, number + 1)]
    return tasks.astype({"start": float, "end": float})


def _true_lanes(tasks: pd.DataFrame, workers: int) -> Work:
    heard = sorted(set(tasks["worker"]), key=lambda name: (len(name), name))
    unused = [str(number) for number in range(workers) if str(number) not in heard]
    names = [*heard, *unused[: max(workers - len(heard), 0)]]
    rows = {name: row for row, name in enumerate(names)}
    tasks = tasks.assign(row=tasks["worker"].map(rows))
    same = ["row", "start", "end"]
    tasks = tasks.sort_values(same, kind="stable", ignore_index=True)
    tasks = tasks.assign(key=tasks.groupby(same, sort=False).ngroup())
    # That a task has ended is heard a little late: the next one may seem to begin before that.
    until = tasks.groupby("row")["end"].cummax().groupby(tasks["row"]).shift(fill_value=0.0)
    first = ~tasks["key"].duplicated()
    begun = tasks["start"].clip(lower=until).where(first).groupby(tasks["key"]).transform("first")
    ended = tasks["end"].clip(lower=begun)
    members = tasks.groupby("key")["trial"].transform("size")
    place = tasks.groupby("key").cumcount()
    part = (ended - begun) / members
    bars = tasks.assign(start=begun + place * part, end=begun + (place + 1) * part)
    columns = ["row", "start", "end", "outcome", "trial", "is_last"]
    return Work(
        bars=bars[columns],
        stages=_stretches(bars, len(names)),
        names=tuple(names),
        is_recorded=True,
    )


def _stretches(bars: pd.DataFrame, workers: int) -> pd.DataFrame:
    """Return the stretches of the stages: one again where a run was extended after it had ended."""
    ordered = bars.sort_values(["start", "end"], kind="stable")
    stretch = (ordered["stage"] != ordered["stage"].shift()).cumsum()
    parts = [part for _, part in ordered.groupby(stretch, sort=True)]
    starts = [0.0, *(float(part["start"].iloc[0]) for part in parts[1:])]
    told = []
    for part, start, end in zip(
        parts, starts, [*starts[1:], float(bars["end"].max())], strict=True
    ):
        worked = float((part["end"] - part["start"]).sum())
        busy = _share(worked, workers * (end - start))
        trials = part["trial"].nunique()
        told.append((part["stage"].iloc[0], start, end, end - start, worked, busy, trials))
    return pd.DataFrame(told, columns=list(STAGE_COLUMNS))


def _queued_lanes(timed: pd.DataFrame, took: Mapping[str, Any], workers: int) -> Work:
    """Lay out stage after stage as a queue would have done it."""
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
    bars = pd.concat(laid, ignore_index=True).assign(is_last=True)
    return Work(
        bars=bars.sort_values(["row", "start", "end"], kind="stable", ignore_index=True),
        stages=pd.DataFrame(told, columns=list(STAGE_COLUMNS)),
        names=tuple(str(row + 1) for row in range(workers)),
        is_recorded=False,
    )


def _share(worked: float, available: float) -> float:
    """Return the share worked; NaN where it cannot be, as when the number of workers changed."""
    share = worked / available if available > 0 else math.nan
    return share if share <= 1 + 1e-9 else math.nan


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
