"""All settings of each trial at once, and what came of them, one line a trial."""

import hashlib
import math
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import hypergeom

from reports import wording
from reports.content import SweepContent
from reports.drawing import limits
from reports.drawing.figure import FigureValue, Key, words
from reports.drawing.parallel import ABSENT, Coordinate, Parallel
from reports.judged import best_trials, is_finished, searched, winner_of
from reports.tables.table import figure_table

MOST_LINES: Final = 150
MOST_AXES: Final = 12  # of settings; more could not be told apart
WORST: Final = 10  # of the lines, kept for those with the largest validation loss
SPREAD: Final = 0.5  # of the distance of two names, over which the lines of one are spread
FEWEST: Final = 5  # best trials from which on they are said to agree
AGREE: Final = 0.75  # of what chance covers; above it the best do not stand out as together
READ: Final = (
    "Each row is a setting, the last two are the results, each line is one finished trial. Bold "
    "lines with dots are the best tenth by validation loss (at least 3, at most 20 or half); the "
    "ring is the winner. Where bold lines run together, the best trials agree; of many settings "
    "there is always one on which they agree most, so take it as a hint. A line passes none where "
    "its trial does not have the setting."
)


class Setting(NamedTuple):
    """Hold one axis: where all finished trials pass it, and how much the best ones cover.

    Attributes:
        axis: Its name, scale and ticks.
        places: float64 [finished].
        tried: The values of all finished trials: their range, or the names.
        best: The same of the best trials.
        share: How much of what the finished trials cover, the best ones cover: of the range on
            the axis' scale, or of the names; NaN for results and where that cannot be told.
        by_chance: The same, expected of as many of the finished trials drawn at random.
        beyond: Number of values that lie beyond the axis.
    """

    axis: Coordinate
    places: NDArray[np.float64]
    tried: tuple[float | str, ...]
    best: tuple[float | str, ...] = ()
    share: float = math.nan
    by_chance: float = math.nan
    beyond: int = 0


class Together(NamedTuple):
    """Hold the axes and the lines.

    Attributes:
        settings: In the order of the search space, then the results.
        lines: float64 [lines, axes]: where each line passes each axis, 0 to 1, or `ABSENT`.
        trials: The trial of each line.
        is_best: bool [lines]: whether it is one of the best tenth.
        winner: Index of the line of the trial to point out, or -1.
        finished: Number of finished trials.
        left_out: Number of settings for which there was no room.
    """

    settings: tuple[Setting, ...]
    lines: NDArray[np.float64]
    trials: tuple[str, ...]
    is_best: NDArray[np.bool_]
    winner: int
    finished: int
    left_out: int


def figure(content: SweepContent) -> FigureValue | None:
    """Show settings and results of the finished trials as lines over parallel axes.

    Returns:
        The figure, or None below two finished trials or two varied settings.
    """
    bounds = content.manifest.get("space_bounds") or {}
    found = parallel(searched(content), bounds, content.score_name, winner=winner_of(content))
    if found is None:
        return None
    finding, best = told(found), int(found.is_best.sum())
    return FigureValue(
        id="parallel",
        title="All settings at once",
        link="Together",
        finding=finding,
        how_to_read=READ,
        panels=(
            Parallel(
                name=finding, title="From settings to results",
                remark=f"one line a trial; bold with dots: the best {wording.count(best)}",
                axes=[one.axis for one in found.settings], lines=found.lines,
                is_best=found.is_best, winner=found.winner,
            ),
        ),
        table=figure_table(
            pd.DataFrame(
                {"axis": [one.axis.name for one in found.settings],
                 "finished trials": [_span(one.tried) for one in found.settings],
                 "best trials": [_span(one.best) for one in found.settings],
                 "share covered": [one.share for one in found.settings],
                 "by chance": [one.by_chance for one in found.settings]}
            ),
            "What the finished trials and the best of them cover; by chance: as many drawn at "
            "random.",
            {"share covered": wording.score, "by chance": wording.score},
        ),
        key=(
            Key(name="the best", glyph="●", style="mark-finished", trials=best),
            Key(name="other finished", glyph="─", style="muted", trials=len(found.trials) - best),
        ),
        note=_note(found),
    )  # fmt: skip


def parallel(
    judged: pd.DataFrame, bounds: Mapping[str, Any], score_name: str, *, winner: str = ""
) -> Together | None:
    """Lay out the finished trials as lines over their settings and results.

    Up to 150 lines are drawn: the best tenth, the ten worst, and of the others those that come
    first by the hash of their name, which has nothing to do with how they did.

    Args:
        judged: The search's trials with verdicts.
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
    placed.append(_result(finished["validation_score"], f"validation {score_name}"))
    placed.append(_result(finished["loss_gap"], "loss gap"))
    shown = _chosen(finished["trial"].tolist(), is_best, winner)
    trials = finished["trial"].to_numpy()[shown]
    at = np.flatnonzero(trials == winner)
    return Together(
        settings=tuple(placed),
        lines=np.column_stack([one.places for one in placed])[shown],
        trials=tuple(map(str, trials)),
        is_best=is_best[shown],
        winner=int(at[0]) if len(at) else -1,
        finished=len(finished),
        left_out=len(columns) - len(kept),
    )


def expected_cover(places: NDArray[np.float64], number: int, *, names: bool = False) -> float:
    """Return how much of some values as many as ``number`` of them, drawn at random, cover.

    Without replacement: the largest of ``number`` is the i-th smallest of n with the probability
    C(i - 1, number - 1) / C(n, number) (order statistics of a finite population; Arnold,
    Balakrishnan and Nagaraja 1992, section 3.7), the smallest likewise from the other end; a name
    that k of n have is missing with the probability C(n - k, number) / C(n, number).

    Args:
        places: float64 [n].
        number: How many are drawn.
        names: Whether the values are names, and not numbers with a distance.

    Returns:
        The expected share of the range, or of the names; NaN where nothing is drawn or the values
        do not differ.
    """
    ordered = np.sort(places)
    n = len(ordered)
    if not 0 < number <= n or ordered[0] == ordered[-1]:
        return math.nan
    if names:
        counts = np.unique(ordered, return_counts=True)[1]
        return float((1 - hypergeom.pmf(number, n, n - counts, number)).mean())
    # that the largest is the i-th
    weights = np.diff(hypergeom.pmf(number, n, np.arange(n + 1), number))
    spread = float(weights @ ordered - weights @ ordered[::-1])
    return spread / float(ordered[-1] - ordered[0])


def told(found: Together) -> str:
    """Say on which setting the best trials agree most, beside what chance would do."""
    best = int(found.is_best.sum())
    who = f"the best {wording.count(best)} of {wording.plural(found.finished, 'finished trial')}"
    judged = [one for one in found.settings if wording.is_number(one.share) and one.by_chance > 0]
    if not judged or best < FEWEST:
        return f"{who[0].upper()}{who[1:]} are too few to say on which settings they agree."
    closest = min(judged, key=lambda one: one.share / one.by_chance)
    if closest.share > AGREE * closest.by_chance:
        return (
            f"On no setting do {who} agree much more than as many drawn at random would; closest "
            f"together they are in {closest.axis.name} ({_compared(closest)})."
        )
    return (
        f"Of {wording.plural(len(judged), 'setting')}, {who} agree most on {closest.axis.name}: "
        f"{_compared(closest)}."
    )


def _compared(one: Setting) -> str:
    of = "of the names tried" if one.axis.scale == "category" else "of the range tried"
    span = f"{_span(one.best)}, " if one.best else ""
    return (
        f"{span}{100 * one.share:.0f} % {of}, where as many drawn at random cover "
        f"{100 * one.by_chance:.0f} % on average"
    )


def _span(values: Sequence[float | str]) -> str:
    if not values:
        return wording.MISSING
    if isinstance(values[0], str):
        return wording.join([wording.shorten(str(name), 20) for name in values[:8]])
    low, high = wording.setting(values[0]), wording.setting(values[-1])
    return low if low == high else f"{low} to {high}"


def _note(found: Together) -> str:
    drawn, beyond = len(found.trials), sum(one.beyond for one in found.settings)
    return words(
        f"Drawn are {wording.count(drawn)} of {wording.plural(found.finished, 'finished trial')}: "
        f"the best, the {WORST} worst, and of the others a part that does not depend on how they "
        "did." if drawn < found.finished else "",
        f"{wording.plural(beyond, 'value')} beyond an axis, drawn at its end." if beyond else "",
        f"{wording.plural(found.left_out, 'more setting')} varied, not drawn."
        if found.left_out else "",
    )  # fmt: skip


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


def _setting(values: pd.Series, bounds: Sequence[Any], is_best: NDArray[np.bool_]) -> Setting:
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
    first, last = (math.log(low), math.log(high)) if is_log else (low, high)
    places = ((np.log(numbers) if is_log else numbers) - first) / (last - first)
    axis = Coordinate(
        name=name,
        scale="log" if is_log else "linear",
        ticks=_number_ticks((low, high), is_log=is_log, is_whole=_is_whole(numbers[has_value])),
        has_absent=not has_value.all(),
        is_result=False,
    )
    tried, best = places[has_value], places[has_value & is_best]
    cover = float(np.ptp(best) / np.ptp(tried)) if len(best) and np.ptp(tried) else math.nan
    return Setting(
        axis, np.where(has_value, places, ABSENT), _ends(numbers[has_value]),
        _ends(numbers[has_value & is_best]), cover, expected_cover(tried, len(best)),
    )  # fmt: skip


def _names(
    values: pd.Series, choices: Sequence[Any], is_best: NDArray[np.bool_], name: str
) -> Setting:
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
    tried, best = (set(texts[has_value & rows]) for rows in (True, is_best))
    axis = Coordinate(
        name=name,
        scale="category",
        ticks=tuple((place, one) for one, place in at.items()),
        has_absent=not has_value.all(),
        is_result=False,
    )
    return Setting(
        axis,
        np.where(has_value, exact + apart, ABSENT),
        tuple(one for one in names if one in tried),
        tuple(one for one in names if one in best),
        len(best) / len(tried) if best else math.nan,
        expected_cover(exact[has_value], int((has_value & is_best).sum()), names=True),
    )


def _result(values: pd.Series, name: str) -> Setting:
    numbers = values.to_numpy(float)
    low, high = limits.robust_limits(numbers)
    places = (np.clip(numbers, low, high) - low) / (high - low)
    known = np.isfinite(places)
    axis = Coordinate(
        name=name,
        scale="linear",
        ticks=_number_ticks((low, high), is_log=False, is_whole=False),
        has_absent=not known.all(),
        is_result=True,
    )
    beyond = int(((numbers < low) | (numbers > high)).sum())
    at = np.where(known, places, ABSENT)
    return Setting(axis, at, _ends(numbers[known]), beyond=beyond)


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


def _ends(numbers: NDArray[np.float64]) -> tuple[float, ...]:
    return (float(numbers.min()), float(numbers.max())) if len(numbers) else ()


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
