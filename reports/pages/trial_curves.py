"""What the page's script knows of each trial: its curves and the sentence on it, made small.

Curves are thinned and rounded by one rule for all trials of a page, which the page states. Every
value is written as two or three characters of base64: losses and 1 - score on the scale
asinh(value / 0.01), which rounds small and large values alike by a share of themselves.
"""

import dataclasses
import json
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from markupsafe import Markup
from numpy.typing import NDArray

from reports import wording
from reports.drawing.limits import LONGEST_CURVE
from reports.tables.table import Table
from reports.words.saying import say_trial

MEASURES: Final = ("train_loss", "validation_loss", "train_score", "validation_score")
BUDGET: Final = 800_000  # characters for all curves of a page
SENTENCES: Final = 600_000  # characters for all sentences of a page
FEWEST_POINTS: Final = 4  # of a curve; where all trials cannot have them, the best ones do
UNIT: Final = 0.01  # below it, values are rounded to a fixed step
ALPHABET: Final = np.frombuffer(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", dtype=np.uint8
)
EXACT: Final = 5e-5  # a value rounded by a smaller share of itself keeps its four digits


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class TrialData:
    """Hold what goes into the page.

    Attributes:
        json: The data block, safe inside a script element.
        rule: Which epochs are kept and how values are rounded, in a sentence.
    """

    json: Markup
    rule: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Thinning:
    """Hold which epochs of the trials are kept.

    Attributes:
        schedule: Epochs that are kept of each trial that came so far.
        digits: Characters a value.
        trials: Number of trials whose curves are kept, from the first.
    """

    schedule: NDArray[np.int64]
    digits: int
    trials: int


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Curves:
    """Hold the epochs of the trials of a page, as arrays.

    Attributes:
        place: int64 [rows]: place of the trial in its table.
        epoch: int64 [rows], from 1.
        measured: float64 [rows, 4]: the measures.
    """

    place: NDArray[np.int64]
    epoch: NDArray[np.int64]
    measured: NDArray[np.float64]


def trial_data(table: Table, epochs: pd.DataFrame | None, verdicts: pd.DataFrame) -> TrialData:
    """Gather what the page's script knows of each trial.

    Args:
        table: Of all trials, with their names in the first column.
        epochs: The epochs table; None if no trial is to have curves.
        verdicts: The verdicts table; may have no row.
    """
    names = [row[0] for row in table.rows]
    curves = _curves(names, epochs)
    last, best = _last_and_best(curves, len(names))
    thinning = thin(last)
    points = _points(thinning, last, best)
    text, scales = _encode(_values_at(points, curves), thinning.digits)
    told = {
        "digits": thinning.digits,
        "unit": UNIT,
        "schedule": thinning.schedule.tolist(),
        "trials": thinning.trials,
        "last": last.tolist(),
        "best": best.tolist(),
        "scales": scales,
        "curves": text,
        **_sentences(names, verdicts),
    }
    written = json.dumps(told, separators=(",", ":"), ensure_ascii=False)
    safe = written.replace("<", "\\u003c").replace("\u2028", "\\u2028")
    rule = _rule(thinning, last, scales)
    return TrialData(json=Markup(safe), rule=rule)  # noqa: S704  # no "<" is left to end the element


def _curves(names: Sequence[str], epochs: pd.DataFrame | None) -> Curves:
    """Take the epochs of the trials that are named; a name stands as the table shows it."""
    if epochs is None or epochs.empty:
        nothing = np.empty(0, dtype=np.int64)
        return Curves(place=nothing, epoch=nothing, measured=np.empty((0, len(MEASURES))))
    codes, trials = pd.factorize(epochs["trial"])
    places = {name: place for place, name in enumerate(names)}
    known = np.array([places.get(wording.shorten(str(trial)), -1) for trial in trials])
    place, epoch = known[codes], epochs["epoch"].to_numpy(np.int64)
    kept = (place >= 0) & (epoch > 0)
    values = epochs[list(MEASURES)].to_numpy(float)
    return Curves(place=place[kept], epoch=epoch[kept], measured=values[kept])


def _last_and_best(curves: Curves, trials: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the last epoch of each trial and that of its smallest validation loss, 0 for none."""
    last, best = np.zeros(trials, dtype=np.int64), np.zeros(trials, dtype=np.int64)
    np.maximum.at(last, curves.place, curves.epoch)
    loss = curves.measured[:, 1]
    order = np.lexsort((curves.epoch, np.where(np.isfinite(loss), loss, np.inf)))
    order = order[np.isfinite(loss[order])][::-1]  # the smallest is written last, and stays
    best[curves.place[order]] = curves.epoch[order]
    return last, best


def thin(last: NDArray[np.int64]) -> Thinning:
    """Choose the epochs that are kept, so that all curves stay below the budget.

    Args:
        last: int64 [trials]: epochs that each trial was trained.

    Returns:
        All epochs where they fit; else a schedule with steps that grow with the epoch, the same for
        all trials. The last and the best epoch of a trial are kept in any case.
    """
    longest = int(last.max()) if len(last) else 0
    for digits, most in ((3, LONGEST_CURVE), *((2, most) for most in range(LONGEST_CURVE, 1, -1))):
        schedule = _schedule(longest, most)
        sizes = np.minimum(np.searchsorted(schedule, last, side="right") + 2, last)
        total = np.cumsum(sizes) * len(MEASURES) * digits
        if not len(total) or total[-1] <= BUDGET:
            return Thinning(schedule=schedule, digits=digits, trials=len(last))
        if len(schedule) <= FEWEST_POINTS:
            break
    return Thinning(schedule=schedule, digits=2, trials=int((total <= BUDGET).sum()))


def _schedule(longest: int, most: int) -> NDArray[np.int64]:
    """Return at most ``most`` epochs, whose steps grow: most happens at the start."""
    if longest <= most:
        return np.arange(1, longest + 1, dtype=np.int64)
    share = np.linspace(0.0, 1.0, most)
    return np.unique(np.round(1 + (longest - 1) * share**2).astype(np.int64))


def _points(
    thinning: Thinning, last: NDArray[np.int64], best: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the place of the trial and the epoch of each kept point, int64 [points, 2]."""
    own = np.arange(thinning.trials)
    trials = np.repeat(own, len(thinning.schedule))
    planned = np.tile(thinning.schedule, thinning.trials)
    on_way = planned <= last[trials]
    ends = [np.column_stack([own, each[: thinning.trials]]) for each in (last, best)]
    pairs = np.concatenate([np.column_stack([trials[on_way], planned[on_way]]), *ends])
    return np.unique(pairs[pairs[:, 1] > 0], axis=0)


def _values_at(points: NDArray[np.int64], curves: Curves) -> NDArray[np.float64]:
    """Return the measures at each point, float64 [points, 4]; scores as what they lack to 1."""
    step = int(curves.epoch.max()) + 1 if len(curves.epoch) else 1
    have, order = np.unique(curves.place * step + curves.epoch, return_index=True)
    wanted = points[:, 0] * step + points[:, 1]
    found = np.minimum(np.searchsorted(have, wanted), max(len(have) - 1, 0))
    values = np.full((len(points), len(MEASURES)), np.nan)
    if len(have):
        is_there = have[found] == wanted
        values[is_there] = curves.measured[order[found[is_there]]]
    values[:, 2:] = 1.0 - values[:, 2:]
    return values


def _encode(values: NDArray[np.float64], digits: int) -> tuple[str, list[list[float]]]:
    """Write values as base64 characters; return them and the ends of the two scales."""
    with np.errstate(invalid="ignore"):
        moved = np.arcsinh(values / UNIT)
    moved[~np.isfinite(moved)] = np.nan
    missing = 64**digits - 1
    codes = np.full(moved.shape, missing, dtype=np.int64)
    scales = []
    for columns in (slice(0, 2), slice(2, 4)):
        part = moved[:, columns]
        known = np.isfinite(part)
        low = float(np.floor(part[known].min() * 1e4) / 1e4) if known.any() else 0.0
        high = float(np.ceil(part[known].max() * 1e4) / 1e4) if known.any() else 1.0
        high = high if high > low else low + 1.0
        share = (part[known] - low) / (high - low)
        codes[:, columns][known] = np.round(share * (missing - 1)).astype(np.int64)
        scales.append([low, high])
    shifts = 6 * np.arange(digits - 1, -1, -1)
    letters = ALPHABET[(codes.reshape(-1, 1) >> shifts) & 63]
    return letters.tobytes().decode("ascii"), scales


def _sentences(names: Sequence[str], verdicts: pd.DataFrame) -> dict[str, Any]:
    """Give each trial the words of its sentence, which many share, and what is filled in."""
    rows = verdicts.to_dict("records")
    known = {wording.shorten(str(row["trial"])): say_trial(row).pieces for row in rows}
    patterns: dict[tuple[str, ...], int] = {}
    told: list[list[int | str]] = []
    size = 0
    for name in names:
        pieces = tuple(map(wording.clean, known.get(name, ("",))))
        words, values = pieces[::2], pieces[1::2]
        size += sum(len(value) + 3 for value in values) + 6
        size += 0 if words in patterns else sum(map(len, words)) + 4
        if size > SENTENCES:
            break
        told.append([patterns.setdefault(words, len(patterns)), *values])
    return {"patterns": [list(words) for words in patterns], "sentences": told}


def _rule(thinning: Thinning, last: NDArray[np.int64], scales: list[list[float]]) -> str:
    """Say which epochs are kept, and how values are rounded."""
    longest = int(last.max()) if len(last) else 0
    if len(thinning.schedule) == longest:
        kept = "Curves show every epoch"
    else:
        number = wording.count(len(thinning.schedule))
        kept = (
            f"Curves show up to {number} of {wording.plural(longest, 'epoch')}, closer at the "
            "start, and the best and the last of each trial"
        )
    step = max(high - low for low, high in scales) / (64**thinning.digits - 2) / 2
    rounded = f"; losses and errors are rounded to {wording.setting(100 * step)} %"
    text = f"{kept}{rounded if step > EXACT else ''}."
    if thinning.trials < len(last):
        text += f" The first {wording.count(thinning.trials)} trials of the table have curves here."
    return text
