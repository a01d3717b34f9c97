"""Parallel coordinates: every setting that was varied, and what came of it, one line a trial."""

import dataclasses
import hashlib
import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reports import wording
from reports.drawing import limits
from reports.judged import best_trials, is_finished
from reports.summaries.cover import expected_cover
from reports.summaries.points import Scale

MOST_LINES: Final = 150
MOST_AXES: Final = 12  # of settings; more could not be told apart
WORST: Final = 10  # of the lines, kept for those with the largest validation loss
ABSENT: Final = 1.1  # where a line passes an axis whose setting its trial does not have
SPREAD: Final = 0.5  # of the distance of two names, over which the lines of one are spread


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Coordinate:
    """Hold one axis.

    Attributes:
        name: What it measures.
        scale: Its scale; on that of categories names stand at even distances.
        ticks: Places, from 0 to 1, with the value there: a number or a name.
        has_absent: Whether some trials do not have this setting; their lines pass at `ABSENT`.
        is_result: Whether it is a result and not a setting.
        tried: The values of all finished trials: their range, or the number of names.
        best: The same of the best trials.
        share: How much of what the finished trials cover, the best ones cover: of the range on
            the axis' scale, or of the names; NaN for results and where that cannot be told.
        by_chance: The same, expected of as many of the finished trials drawn at random.
    """

    name: str
    scale: Scale
    ticks: tuple[tuple[float, float | str], ...]
    has_absent: bool
    is_result: bool
    tried: tuple[float | str, ...]
    best: tuple[float | str, ...]
    share: float
    by_chance: float


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ParallelSummary:
    """Hold the axes and the lines.

    Attributes:
        axes: Settings in the order of the search space, then the results.
        lines: float64 [lines, axes]: where each line passes each axis, 0 to 1, or `ABSENT`.
        trials: The trial of each line.
        is_best: bool [lines]: whether it is one of the best tenth.
        winner: Index of the line of the trial to point out, or -1.
        finished: Number of finished trials.
        left_out: Number of settings for which there was no room.
        beyond: Number of values of results that lie beyond their axis.
    """

    axes: tuple[Coordinate, ...]
    lines: NDArray[np.float64]
    trials: tuple[str, ...]
    is_best: NDArray[np.bool_]
    winner: int
    finished: int
    left_out: int
    beyond: int


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Placed:
    """Hold an axis and the places of all finished trials on it, float64 [finished]."""

    axis: Coordinate
    places: NDArray[np.float64]
    beyond: int = 0


def parallel(
    judged: pd.DataFrame, bounds: Mapping[str, Any], score_name: str, *, winner: str = ""
) -> ParallelSummary | None:
    """Lay out the finished trials as lines over their settings and results.

    Up to 150 lines are drawn: the best tenth, the ten worst, and of the others those that come
    first by the hash of their name, which has nothing to do with how they did.

    Args:
        judged: The search's trials with verdicts, as `with_verdicts` returns them.
        bounds: The manifest's bounds by setting: ``low``, ``high`` and ``log``, or ``choices``;
            ``column.optimizer`` for what has bounds of its own for each optimizer.
        score_name: What a score is called.
        winner: The trial to point out.

    Returns:
        The lines, or None below two finished trials or two varied settings.
    """
    finished = judged[is_finished(judged, "loss_gap", "validation_loss")]
    finished = finished.sort_values(["validation_loss", "trial"]).reset_index(drop=True)
    is_best = finished["trial"].isin(best_trials(finished)["trial"]).to_numpy(bool)
    columns = _columns(bounds, finished)
    if len(finished) < 2 or len(columns) < 2:
        return None
    kept = list(columns.items())[:MOST_AXES]
    placed = [_setting(finished[column], own, is_best) for column, own in kept]
    placed += [
        _result(finished["validation_score"], f"validation {score_name}"),
        _result(finished["loss_gap"], "loss gap"),
    ]
    shown = _chosen(finished["trial"].tolist(), is_best, winner)
    trials = finished["trial"].to_numpy()[shown]
    found = np.flatnonzero(trials == winner)
    return ParallelSummary(
        axes=tuple(one.axis for one in placed),
        lines=np.column_stack([one.places for one in placed])[shown],
        trials=tuple(str(trial) for trial in trials),
        is_best=is_best[shown],
        winner=int(found[0]) if len(found) else -1,
        finished=len(finished),
        left_out=len(columns) - len(kept),
        beyond=sum(one.beyond for one in placed),
    )


def _columns(bounds: Mapping[str, Any], finished: pd.DataFrame) -> dict[str, list[Any]]:
    """Return the varied settings by column, each with its bounds, those of each optimizer apart."""
    found: dict[str, list[Any]] = {}
    for name, own in bounds.items():
        column = str(name).partition(".")[0]
        if column in finished.columns and "value" not in own:
            found.setdefault(column, []).append(own)
    return {
        column: own for column, own in found.items() if len(finished[column].dropna().unique()) > 1
    }


def _setting(values: pd.Series, bounds: Sequence[Any], is_best: NDArray[np.bool_]) -> _Placed:
    name = str(values.name).replace("_", " ")
    choices = [choice for own in bounds for choice in own.get("choices", ())]
    has_value = values.notna().to_numpy(bool)
    types = pd.api.types
    if choices or types.is_bool_dtype(values) or not types.is_numeric_dtype(values):
        return _names(values, choices, is_best, name)
    numbers = values.to_numpy(float)
    ends = [own.get(end) for own in bounds for end in ("low", "high")]
    known = np.array([float(end) for end in ends if end is not None] + [*numbers[has_value]])
    is_log = all(own.get("log") for own in bounds) and bool((known > 0).all())
    low, high = float(known.min()), float(known.max())
    measured = np.log(numbers) if is_log else numbers
    first, last = (math.log(low), math.log(high)) if is_log else (low, high)
    places = (measured - first) / (last - first)
    axis = Coordinate(
        name=name,
        scale="log" if is_log else "linear",
        ticks=_number_ticks((low, high), is_log=is_log, is_whole=_is_whole(numbers[has_value])),
        has_absent=not has_value.all(),
        is_result=False,
        tried=_span(numbers[has_value]),
        best=_span(numbers[has_value & is_best]),
        share=_cover(places[has_value], places[has_value & is_best]),
        by_chance=expected_cover(places[has_value], int((has_value & is_best).sum())),
    )
    return _Placed(axis=axis, places=np.where(has_value, places, ABSENT))


def _names(
    values: pd.Series, choices: Sequence[Any], is_best: NDArray[np.bool_], name: str
) -> _Placed:
    texts = values.map(wording.choice, na_action="ignore")
    names = [wording.choice(choice) for choice in choices]
    names += sorted(set(texts.dropna()) - set(names))
    names = list(dict.fromkeys(names))
    step = 1 / len(names)
    at = {one: (place + 0.5) * step for place, one in enumerate(names)}
    exact = np.asarray(texts.map(at), dtype=np.float64)
    has_value = np.isfinite(exact)
    turn = texts.groupby(texts).cumcount().reindex(texts.index).fillna(0).to_numpy(float)
    apart = ((turn * 0.618033988749895) % 1.0 - 0.5) * SPREAD * step
    tried, best = (list(dict.fromkeys(texts[has_value & rows])) for rows in (True, is_best))
    axis = Coordinate(
        name=name,
        scale="category",
        ticks=tuple((place, one) for one, place in at.items()),
        has_absent=not has_value.all(),
        is_result=False,
        tried=tuple(one for one in names if one in tried),
        best=tuple(one for one in names if one in best),
        share=len(best) / len(tried) if best else math.nan,
        by_chance=expected_cover(exact[has_value], int((has_value & is_best).sum()), names=True),
    )
    return _Placed(axis=axis, places=np.where(has_value, exact + apart, ABSENT))


def _result(values: pd.Series, name: str) -> _Placed:
    numbers = values.to_numpy(float)
    low, high = limits.robust_limits(numbers)
    places = (np.clip(numbers, low, high) - low) / (high - low)
    axis = Coordinate(
        name=name,
        scale="linear",
        ticks=_number_ticks((low, high), is_log=False, is_whole=False),
        has_absent=not np.isfinite(places).all(),
        is_result=True,
        tried=_span(numbers[np.isfinite(numbers)]),
        best=(),
        share=math.nan,
        by_chance=math.nan,
    )
    beyond = int(((numbers < low) | (numbers > high)).sum())
    return _Placed(axis=axis, places=np.where(np.isfinite(places), places, ABSENT), beyond=beyond)


def _number_ticks(
    ends: tuple[float, float], *, is_log: bool, is_whole: bool
) -> tuple[tuple[float, float], ...]:
    """Return the ends of an axis and its middle, if that is a value it can have."""
    low, high = ends
    middle = math.sqrt(low * high) if is_log else (low + high) / 2
    between = () if is_whole and not (is_log or middle.is_integer()) else ((0.5, middle),)
    return ((0.0, low), *between, (1.0, high))


def _is_whole(numbers: NDArray[np.float64]) -> bool:
    return bool((numbers == np.round(numbers)).all())


def _chosen(trials: list[str], is_best: NDArray[np.bool_], winner: str) -> NDArray[np.int64]:
    """Return the places of the trials that are drawn; they come sorted from best to worst."""
    if len(trials) <= MOST_LINES:
        return np.arange(len(trials))
    sure = is_best | (np.arange(len(trials)) >= len(trials) - WORST)
    sure |= np.array([trial == winner for trial in trials])
    others = np.flatnonzero(~sure)
    hashes = [hashlib.sha256(trials[place].encode()).hexdigest() for place in others]
    order = others[np.argsort(hashes, kind="stable")]
    room = max(MOST_LINES - int(sure.sum()), 0)
    return np.sort(np.concatenate([np.flatnonzero(sure), order[:room]]))


def _span(numbers: NDArray[np.float64]) -> tuple[float, ...]:
    return (float(numbers.min()), float(numbers.max())) if len(numbers) else ()


def _cover(places: NDArray[np.float64], best: NDArray[np.float64]) -> float:
    if not len(best) or np.ptp(places) == 0:
        return math.nan
    return float(np.ptp(best) / np.ptp(places))
