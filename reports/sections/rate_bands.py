"""The section with the learning rates of each optimizer."""

from collections.abc import Sequence
from typing import Final

import pandas as pd

from reports import theme, wording
from reports.content import SweepContent
from reports.drawing.figure import Key, Section, panel
from reports.figures.rate_bands import rate_band
from reports.sections import captions
from reports.summaries.rate_bands import MARKED_AS, RateBand, rate_bands
from reports.tables.table import Column, first_rows

READ: Final = (
    "One panel an optimizer, one mark a trial: its learning rate and its validation {score}, "
    "marked by what its loss curve says of the rate. The shaded band reaches from the smallest to "
    "the largest rate of a trial that is within one standard error (over rows) of the best {score} "
    "of that optimizer; its width in decades stands above. A trial cannot be told from the best "
    "if the standard error of either is not known, and sets the band as well. A wide band forgives "
    "a badly chosen rate. Since the other settings vary too, bad trials lie inside the band as "
    "well, and the more "
    "trials, the wider it gets: this describes these trials. The study optimizer measures the band "
    "with everything else held fixed. Dashed lines are the edges of the search space; trials that "
    "diverged or failed stand in the strip at the bottom."
)
NARROW: Final = 0.1  # decades, that need no second digit
VERDICTS: Final = (*MARKED_AS, "pruned", "diverged", "failed")


def rate_bands_section(content: SweepContent, judged: pd.DataFrame, winner: str) -> Section | None:
    """Show which learning rates work for each optimizer.

    Args:
        content: The run.
        judged: The search's trials with verdicts.
        winner: The trial to point out.

    Returns:
        The section, or None if no learning rate was searched or too few trials finished.
    """
    bands = rate_bands(judged, content.manifest.get("space_bounds") or {}, winner=winner)
    if not bands:
        return None
    marks = theme.value_marks(content.choices)
    score = content.score_name
    drawn = judged[judged["optimizer"].isin([band.optimizer for band in bands])]
    pruned = captions.pruned(drawn)
    return Section(
        id="rates",
        title="Which learning rates work",
        link="Learning rates",
        finding=f"{told(bands, score)} {pruned}".strip(),
        how_to_read=f"{READ.format(score=score)} {captions.READ_PRUNED if pruned else ''}".strip(),
        panels=tuple(
            panel(rate_band(band, _remark(band), marks), _name(band, score), f"rates-{place}")
            for place, band in enumerate(bands)
        ),
        table=first_rows(
            _rows(bands),
            "Learning rates within one standard error of the best score of each optimizer, or not "
            "told from it because a standard error is not known.",
            [
                Column(source="optimizer", title="optimizer", write=wording.shorten, numeric=False),
                Column(source="low", title="from", write=wording.setting),
                Column(source="high", title="to", write=wording.setting),
                Column(source="decades", title="decades", write=_decades),
                Column(source="good", title="not told from the best", write=wording.count),
                Column(source="between", title="trials in the band", write=wording.count),
                Column(source="trials", title="finished", write=wording.count),
                Column(source="best", title=f"best {score}", write=wording.score),
                Column(source="error", title="standard error", write=wording.loss),
            ],
        ),
        key=_key(bands),
        note=_note(bands, judged),
    )


def told(bands: Sequence[RateBand], score_name: str) -> str:
    """Say how wide the band of good rates of each optimizer is.

    Args:
        bands: One an optimizer.
        score_name: What the score is called.
    """
    parts = [_band(band, score_name) for band in bands]
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}."


def _band(band: RateBand, score_name: str) -> str:
    name = wording.shorten(band.optimizer, 24)
    if not wording.is_number(band.error):
        return (
            f"of {name}, no rate from {wording.setting(band.low)} to {wording.setting(band.high)} "
            f"({_decades(band.decades)} decades) can be told from that of its best {score_name} "
            f"({wording.score(band.best)}), of which the standard error is not known"
        )
    if band.good == 1:
        return (
            f"of {name}, only the best of {wording.plural(band.trials, 'trial')}, at rate "
            f"{wording.setting(band.low)}, is within one standard error of its best {score_name} "
            f"({wording.score(band.best)})"
        )
    also = ", or has no known standard error," if band.unknown else ""
    unknown = f" ({wording.count(band.unknown)} only for want of one)" if band.unknown else ""
    return (
        f"{name} comes within one standard error of its best {score_name} "
        f"({wording.score(band.best)}){also} at rates from {wording.setting(band.low)} to "
        f"{wording.setting(band.high)}, {_decades(band.decades)} decades, in "
        f"{wording.count(band.good)} of the {wording.plural(band.between, 'trial')} between"
        f"{unknown}"
    )


def _remark(band: RateBand) -> str:
    if band.good == 1:
        return f"one good rate: {wording.setting(band.low)}"
    good = "good or not known" if band.unknown else "good"
    return (
        f"{good}: {wording.setting(band.low)} to {wording.setting(band.high)}, "
        f"{_decades(band.decades)} decades"
    )


def _name(band: RateBand, score_name: str) -> str:
    return (
        f"Validation {score_name} against the learning rate of {wording.shorten(band.optimizer)}; "
        f"{_remark(band)}."
    )


def _rows(bands: Sequence[RateBand]) -> pd.DataFrame:
    names = ("optimizer", "low", "high", "decades", "good", "between", "trials", "best", "error")
    return pd.DataFrame({name: [getattr(band, name) for band in bands] for name in names})


def _key(bands: Sequence[RateBand]) -> tuple[Key, ...]:
    keys = []
    for verdict in VERDICTS:
        trials = sum(band.counts.get(verdict, 0) for band in bands)
        mark = MARKED_AS.get(verdict, verdict)
        if trials:
            keys.append(
                Key(name=_words(verdict), glyph=theme.glyph(theme.mark_of(mark)),
                    style=f"mark-{mark}", trials=trials)
            )  # fmt: skip
    return tuple(keys)


def _note(bands: Sequence[RateBand], judged: pd.DataFrame) -> str:
    drawn = {band.optimizer for band in bands}
    others = sorted({str(name) for name in judged["optimizer"].dropna()} - drawn)
    parts = [captions.not_in_place(*(band.points for band in bands))]
    if others:
        names = wording.join([wording.shorten(name, 24) for name in others])
        parts.append(f"Too few finished trials, or one rate only: {names}.")
    return " ".join(part for part in parts if part)


def _words(verdict: str) -> str:
    return "diverges (its loss grew)" if verdict == "diverges" else verdict


def _decades(value: float) -> str:
    if not wording.is_number(value):
        return wording.MISSING
    return f"{value:.1f}" if value >= NARROW or not value else f"under {NARROW}"
