"""What more trials would be expected to bring: the expected best of k of them."""

import math
from typing import Final, Literal, NamedTuple

import pandas as pd

from reports import theme, wording
from reports.content import SweepContent
from reports.drawing import limits
from reports.drawing.figure import FigureValue
from reports.drawing.lines import Axis, Lines, Look
from reports.judged import is_finished
from reports.tables.table import figure_table

Measure = Literal["loss", "score"]

BEYOND: Final = 3.0  # lengths of the axis beyond its ends where values are no longer told apart
FEWEST_DRAWS: Final = 2  # the first of all trials says little, and may be far off
INDEPENDENT: Final = ("random", "qmc")
READ: Final = (
    "The line is the best {name} to expect of k of these trials, drawn at random (Dodge et al. "
    "2019, Tang et al. 2020); the shade is its 95 % interval, up to a third of the trials. Grey "
    "steps: what this run had after k trials. Dots: at half and at all of them. The line ends at "
    "the best trial and cannot rise above it. {sampler}"
)
ADAPTIVE: Final = (
    "This run's sampler ({sampler}) learns from earlier trials, so its draws are not independent: "
    "the line describes these trials in a random order."
)
PLAIN: Final = "This run's sampler ({sampler}) does not adapt, as the formula asks."
ADAPTS: Final = "This sampler learns as it goes, so take it as a rough guide."


class Curve(NamedTuple):
    """Hold the curve of one measure.

    Attributes:
        table: One row a ``k``: ``expected``, ``low``, ``high`` (NaN where no interval can be
            given), ``so_far``.
        trials: Number of finished trials: the end of the curve.
        half: Half of them.
        expected: The expected best of all.
        before: The expected best of half of them.
        gain: What the second half brought, positive for the better.
        banded: The largest k with an interval; 0 if there is none.
    """

    table: pd.DataFrame
    trials: int
    half: int
    expected: float
    before: float
    gain: float
    banded: int


def figure(content: SweepContent) -> FigureValue | None:
    """Show the expected best of k trials against k; None where there is no such curve."""
    loss, score = curve(content.best_of, "loss"), curve(content.best_of, "score")
    if loss is None or score is None:
        return None
    sampler = str((content.manifest.get("settings") or {}).get("sampler") or "unknown")
    is_plain = sampler in INDEPENDENT
    explained = (PLAIN if is_plain else ADAPTIVE).format(sampler=wording.shorten(sampler, 24))
    finding = told(loss, score, content.score_name, error=_error(content))
    finding = finding if is_plain else f"{finding} {ADAPTS}"
    titles = {"loss": "Validation loss", "score": f"Validation {content.score_name}"}
    table = content.best_of.assign(measure=content.best_of["measure"].map(titles))
    shown = table[["measure", "k", "expected", "low", "high", "so_far"]]
    return FigureValue(
        id="best-of",
        title="Would more trials help",
        link="Best of k",
        finding=finding,
        how_to_read=READ.format(name=f"validation loss or {content.score_name}", sampler=explained),
        panels=(panel(loss, titles["loss"], finding), panel(score, titles["score"], finding)),
        table=figure_table(
            shown.set_axis(["measure", "k", "expected best", "from", "to", "best so far"], axis=1),
            "Expected best of k of these trials, its 95 % interval, and the best of the first k.",
        ),
    )


def curve(table: pd.DataFrame, measure: Measure) -> Curve | None:
    """Find the curve of one measure.

    Args:
        table: As `reports.content.SweepContent` has it; may have no row, nor any column.
        measure: Which of its measures.

    Returns:
        None where there is no curve of two points or more.
    """
    rows = table[table["measure"] == measure] if len(table) else table
    if len(rows) < 2:
        return None
    rows = rows.sort_values("k").reset_index(drop=True)
    trials, by_k = int(rows["k"].iloc[-1]), rows.set_index("k")["expected"]
    half, sign = max(trials // 2, 1), 1 if measure == "loss" else -1
    before, expected = float(by_k[half]), float(by_k[trials])
    banded = rows.loc[rows["low"].notna(), "k"]
    return Curve(
        rows, trials, half, expected, before, sign * (before - expected),
        int(banded.max()) if len(banded) else 0,
    )  # fmt: skip


def panel(one: Curve, title: str, name: str) -> Lines:
    """Lay out one measure: the line, dashed where it has no interval, and what really happened."""
    table = one.table
    known = table[table["k"] >= FEWEST_DRAWS]
    bounds = limits.whole_limits(
        known["expected"].to_numpy(float), known[["low", "high"]].to_numpy(float)
    )
    reach = BEYOND * (bounds[1] - bounds[0])
    drawn = ("expected", "low", "high", "so_far")
    table = table.assign(**{n: table[n].clip(bounds[0] - reach, bounds[1] + reach) for n in drawn})
    dot = table["k"].isin([one.half, one.trials])
    expected = table.rename(columns={"k": "x", "expected": "y"}).assign(dot=dot)
    parts = {
        "steps": table[["k", "so_far"]].set_axis(["x", "y"], axis=1).assign(dot=False),
        "sure": expected.loc[table["k"] <= one.banded, ["x", "y", "low", "high", "dot"]],
        "beyond": expected.loc[table["k"] >= one.banded, ["x", "y", "dot"]],
    }
    mark = theme.Mark(ink="validation", marker="o", glyph="●")
    steps = Look(mark=theme.Mark(ink="muted", marker="", glyph=""), width=1.0, steps=True)
    return Lines(
        name=name,
        title=title,
        remark="expected best of k trials; steps: as it went",
        table=pd.concat([part.assign(series=series) for series, part in parts.items()]),
        looks={"steps": steps, "sure": Look(mark=mark, width=1.8),
               "beyond": Look(mark=mark, width=1.8, dashes=(3, 2))},
        x=Axis(name="finished trials k", scale="log",
               limits=(1 / 1.06, one.trials * math.exp(0.06 * math.log(max(one.trials, 2))))),
        y=Axis(limits=bounds),
        marks=[(one.trials, f"this run: {wording.plural(one.trials, 'finished trial')}")],
    )  # fmt: skip


def told(loss: Curve, score: Curve, score_name: str, *, error: float) -> str:
    """Say what the second half of the trials brought, and what doubling may bring.

    Args:
        loss: The curve of the validation loss.
        score: The curve of the validation score.
        score_name: What the score is called.
        error: Standard error of the best trial's validation loss; NaN if unknown.
    """
    text = (
        f"From {wording.count(loss.half)} to {wording.plural(loss.trials, 'finished trial')} the "
        f"expected best validation loss fell by {wording.loss(loss.gain)}, from "
        f"{wording.loss(loss.before)} to {wording.loss(loss.expected)}, and the expected best "
        f"{score_name} rose by {wording.loss(score.gain)}."
    )
    if not math.isfinite(error):
        return text
    is_more = loss.gain > error
    likely = "may well bring more" if is_more else "is not expected to bring much"
    return (
        f"{text} That is {'' if is_more else 'no '}more than the standard error of the best "
        f"trial's loss ({wording.loss(error)}): doubling the trials {likely}."
    )


def _error(content: SweepContent) -> float:
    search = content.searched
    finished = search[is_finished(search, "validation_loss")]
    if finished.empty:
        return math.nan
    best = finished.sort_values(["validation_loss", "trial"])["validation_loss_se"].iloc[0]
    return float(best)
