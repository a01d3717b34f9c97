"""Which learning rates work, for each optimizer: the scores they reach, and the band of those."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from reports import theme, wording
from reports.content import SweepContent
from reports.drawing.figure import FigureValue, Key, words
from reports.drawing.limits import shared_limits
from reports.drawing.points import (
    PointAxes,
    Points,
    Region,
    TrialPoints,
    not_in_place,
    place_trials,
)
from reports.figures import pruned
from reports.judged import by_outcome, is_finished, searched, winner_of
from reports.tables.table import figure_table

FEWEST_TRIALS: Final = 5
NARROW: Final = 0.1  # decades, that need no second digit
# The verdicts on rates take the marks of the verdicts on networks that they resemble.
MARKED_AS: Final[dict[str, str]] = {
    "right": "fits",
    "too small": "underfits",
    "too large": "overfits",
    "diverges": "overtrained",
    "undecided": "undecided",
}
READ: Final = (
    "One mark a trial: its learning rate and its validation {score}, marked by what its loss "
    "curve says of the rate. The band reaches from the smallest to the largest rate of a trial "
    "within one standard error (over rows) of the best {score} of that optimizer, or whose "
    "standard error is not known. Bad trials lie inside as well, since the other settings vary "
    "too; the study optimizer holds them fixed. Dashed lines are the edges of the search space; "
    "trials without a result stand at the bottom."
)


class RateBand(NamedTuple):
    """Hold the learning rates of one optimizer.

    Attributes:
        optimizer: Its name.
        points: Its trials: learning rate against validation score, the verdict on the rate as the
            verdict that its mark stands for.
        counts: Number of trials by verdict on the rate; what was pruned or has no result by that.
        best: The best validation score.
        error: Its standard error over rows; NaN if not known.
        low: The smallest rate of a trial that is not told from the best: its score is within one
            standard error of it, or the standard error of either is not known.
        high: The largest.
        decades: Ratio of the two in decades.
        good: Number of trials that are not told from the best, which is among them.
        unknown: Those of them that lie lower, and count for want of a standard error alone.
        between: Number of finished trials with a rate in the band.
        trials: Number of finished trials.
    """

    optimizer: str
    points: TrialPoints
    counts: dict[str, int]
    best: float
    error: float
    low: float
    high: float
    decades: float
    good: int
    unknown: int
    between: int
    trials: int


def figure(content: SweepContent) -> FigureValue | None:
    """Show which learning rates work for each optimizer.

    Returns:
        The figure, or None if no learning rate was searched or too few trials finished.
    """
    judged, score = searched(content), content.score_name
    bounds = content.manifest.get("space_bounds") or {}
    bands = rate_bands(judged, bounds, winner=winner_of(content))
    if not bands:
        return None
    marks = theme.value_marks(content.choices)
    drawn = judged[judged["optimizer"].isin([band.optimizer for band in bands])]
    columns = {
        "optimizer": "optimizer", "low": "from", "high": "to", "decades": "decades",
        "good": "not told from the best", "between": "trials in the band", "trials": "finished",
        "best": f"best {score}", "error": "standard error",
    }  # fmt: skip
    table = pd.DataFrame(bands)[list(columns)].rename(columns=columns)
    return FigureValue(
        id="rates",
        title="Which learning rates work",
        link="Learning rates",
        finding=words(told(bands, score), pruned.told(drawn)),
        how_to_read=pruned.explained(READ.format(score=score), drawn),
        panels=tuple(
            panel(band, score, marks.get(("optimizer", band.optimizer))) for band in bands
        ),
        table=figure_table(
            table,
            "Learning rates within one standard error of the best score of each optimizer, or not "
            "told from it because a standard error is not known.",
            {"from": wording.setting, "to": wording.setting, "decades": _decades,
             f"best {score}": wording.score},
        ),
        key=_key(bands),
        note=_note(bands, judged),
    )  # fmt: skip


def rate_bands(
    judged: pd.DataFrame, bounds: Mapping[str, Any], *, winner: str = ""
) -> tuple[RateBand, ...]:
    """Find the band of good learning rates of each optimizer.

    Args:
        judged: The search's trials with verdicts.
        bounds: The manifest's ``space_bounds``.
        winner: The trial to point out.

    Returns:
        One band an optimizer whose rate was searched and that has five finished trials or more,
        in the order of their names.
    """
    y_limits = shared_limits(*by_outcome(judged, "validation_score"))
    axes = {
        name: _axes(bounds.get(f"learning_rate.{name}") or {}, y_limits)
        for name in sorted({str(name) for name in judged["optimizer"].dropna()})
    }
    found = [
        _band(judged[judged["optimizer"] == name], name, one, winner)
        for name, one in axes.items()
        if one is not None
    ]
    return tuple(band for band in found if band is not None)


def panel(band: RateBand, score_name: str, mark: theme.Mark | None) -> Points:
    """Lay out one optimizer, the band in the colour of its mark."""
    remark, ink = _remark(band), mark.ink if mark else "ink"
    region = Region(name="", low=band.low, high=band.high, ink=ink, edges=True, level=band.best)
    return Points(
        name=f"Validation {score_name} against the learning rate of "
        f"{wording.shorten(band.optimizer)}; {remark}.",
        title=band.optimizer,
        remark=remark,
        points=band.points,
        x_label="learning rate, log scale",
        regions=[region],
    )


def told(bands: Sequence[RateBand], score_name: str) -> str:
    """Say how wide the band of good rates of each optimizer is."""
    text = "; ".join(_told(band, score_name) for band in bands)
    return f"{text[:1].upper()}{text[1:]}."


def _axes(bound: Mapping[str, Any], y_limits: tuple[float, float]) -> PointAxes | None:
    if "value" in bound:
        return None
    ends = [float(bound[end]) for end in ("low", "high") if wording.is_number(bound.get(end))]
    edges = (ends[0], ends[1]) if len(ends) == 2 else None
    return PointAxes(
        x_name="learning rate", y_name="validation score", scale="log", edges=edges,
        y_limits=y_limits,
    )  # fmt: skip


def _band(own: pd.DataFrame, optimizer: str, axes: PointAxes, winner: str) -> RateBand | None:
    placed = own[own["learning_rate"] > 0]
    placed = placed.assign(
        x=placed["learning_rate"].astype(float), y=placed["validation_score"].astype(float)
    )
    usable = placed[is_finished(placed, "x", "y")]
    if len(usable) < FEWEST_TRIALS or usable["x"].nunique() < 2:
        return None
    given = placed["learning_rate_verdict"].astype(object)
    given = given.where(given.isin(list(MARKED_AS)), "undecided")
    has_ended = placed["outcome"] == "finished"
    as_seen = given.where(has_ended, placed["outcome"].astype(object))
    marked = placed.assign(verdict=as_seen.map(MARKED_AS).where(has_ended, as_seen))
    best = usable.sort_values(["y", "trial"], ascending=[False, True]).iloc[0]
    errors = usable["validation_score_se"].astype(float)
    error = float(best["validation_score_se"])
    error = error if math.isfinite(error) else math.nan
    near = usable["y"] >= best["y"] - (error if math.isfinite(error) else 0.0)
    # What has no error cannot be told from the best: not to know widens the band.
    is_known = np.isfinite(errors) & math.isfinite(error)
    good = usable[near | ~is_known]["x"]
    low, high = float(good.min()), float(good.max())
    return RateBand(
        optimizer=optimizer,
        points=place_trials(marked, axes, winner),
        counts={str(name): int(number) for name, number in as_seen.value_counts().items()},
        best=float(best["y"]),
        error=error,
        low=low,
        high=high,
        decades=float(np.log10(high / low)),
        good=len(good),
        unknown=int((~near & ~is_known).sum()),
        between=int(usable["x"].between(low, high).sum()),
        trials=len(usable),
    )


def _told(band: RateBand, score_name: str) -> str:
    name, best = wording.shorten(band.optimizer, 24), wording.score(band.best)
    low, high = wording.setting(band.low), wording.setting(band.high)
    if not wording.is_number(band.error):
        return (
            f"of {name}, no rate from {low} to {high} ({_decades(band.decades)} decades) can be "
            f"told from that of its best {score_name} ({best}), of which the standard error is not "
            "known"
        )
    if band.good == 1:
        return (
            f"of {name}, only the best of {wording.plural(band.trials, 'trial')}, at rate {low}, "
            f"is within one standard error of its best {score_name} ({best})"
        )
    also = ", or has no known standard error," if band.unknown else ""
    unknown = f" ({wording.count(band.unknown)} only for want of one)" if band.unknown else ""
    return (
        f"{name} comes within one standard error of its best {score_name} ({best}){also} at rates "
        f"from {low} to {high}, {_decades(band.decades)} decades, in {wording.count(band.good)} of "
        f"the {wording.plural(band.between, 'trial')} between{unknown}"
    )


def _remark(band: RateBand) -> str:
    low, high = wording.setting(band.low), wording.setting(band.high)
    if band.good == 1:
        return f"one good rate: {low}"
    good = "good or not known" if band.unknown else "good"
    return f"{good}: {low} to {high}, {_decades(band.decades)} decades"


def _key(bands: Sequence[RateBand]) -> tuple[Key, ...]:
    keys = []
    for verdict in (*MARKED_AS, "pruned", "diverged", "failed"):
        trials = sum(band.counts.get(verdict, 0) for band in bands)
        mark = MARKED_AS.get(verdict, verdict)
        name = "diverges (its loss grew)" if verdict == "diverges" else verdict
        glyph = theme.glyph(theme.mark_of(mark))
        if trials:
            keys.append(Key(name=name, glyph=glyph, style=f"mark-{mark}", trials=trials))
    return tuple(keys)


def _note(bands: Sequence[RateBand], judged: pd.DataFrame) -> str:
    drawn = {band.optimizer for band in bands}
    others = sorted({str(name) for name in judged["optimizer"].dropna()} - drawn)
    names = wording.join([wording.shorten(name, 24) for name in others])
    return words(
        not_in_place(*(band.points for band in bands)),
        f"Too few finished trials, or one rate only: {names}." if others else "",
    )


def _decades(value: float) -> str:
    if not wording.is_number(value):
        return wording.MISSING
    return f"{value:.1f}" if value >= NARROW or not value else f"under {NARROW}"
