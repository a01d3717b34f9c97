"""The section that shows all settings of each trial at once, and what came of them."""

from collections.abc import Sequence
from typing import Final

import pandas as pd

from reports import wording
from reports.content import SweepContent
from reports.drawing.figure import Key, Section, panel
from reports.figures import parallel as figures
from reports.summaries.parallel import WORST, Coordinate, ParallelSummary, parallel
from reports.tables.table import Column, Table, first_rows

HOW_TO_READ: Final = (
    "Read from the top down: each row is one setting that the search varied, the last two are the "
    "results, and each line is one finished trial. Bold lines with dots are the best tenth by "
    "validation loss (at least 3, at most 20 or half); the ring is the winner. Where the bold "
    "lines run together, the best trials agree on that setting; where they fan out, it mattered "
    "less, or the others made up for it. Of many settings there is always one on which they agree "
    "most, so take it as a hint. Logarithmic axes are those that were searched so. Lines through "
    "one name are spread a little, to be told apart; a line passes none where its trial does not "
    "have the setting. Pruned, diverged and failed trials have no results to end at and are left "
    "out."
)
FEWEST: Final = 5  # best trials from which on they are said to agree
AGREE: Final = 0.75  # of what chance covers; above it the best do not stand out as together


def parallel_section(content: SweepContent, judged: pd.DataFrame, winner: str) -> Section | None:
    """Show the settings and results of the finished trials as lines over parallel axes.

    Args:
        content: The run.
        judged: The search's trials with verdicts.
        winner: The trial to point out.

    Returns:
        The section, or None below two finished trials or two varied settings.
    """
    bounds = content.manifest.get("space_bounds") or {}
    summary = parallel(judged, bounds, content.score_name, winner=winner)
    if summary is None:
        return None
    finding = _finding(summary)
    best = int(summary.is_best.sum())
    remark = f"one line a trial; bold with dots: the best {wording.count(best)}"
    return Section(
        id="parallel",
        title="All settings at once",
        link="Together",
        finding=finding,
        how_to_read=HOW_TO_READ,
        panels=(panel(figures.parallel(summary, remark), finding, "parallel"),),
        table=_table(summary),
        key=(
            Key(name="the best", glyph="●", style="mark-finished", trials=best),
            Key(name="other finished", glyph="─", style="muted",
                trials=len(summary.trials) - best),
        ),
        note=_note(summary),
    )  # fmt: skip


def _finding(summary: ParallelSummary) -> str:
    best = int(summary.is_best.sum())
    who = f"the best {wording.count(best)} of {wording.plural(summary.finished, 'finished trial')}"
    judged = [one for one in summary.axes if wording.is_number(one.share) and one.by_chance > 0]
    if not judged or best < FEWEST:
        return f"{who[0].upper()}{who[1:]} are too few to say on which settings they agree."
    closest = min(judged, key=lambda one: one.share / one.by_chance)
    if closest.share > AGREE * closest.by_chance:
        return (
            f"On no setting do {who} agree much more than as many drawn at random would; closest "
            f"together they are in {closest.name} ({_compared(closest)})."
        )
    return (
        f"Of {wording.plural(len(judged), 'setting')}, {who} agree most on {closest.name}: "
        f"{_compared(closest)}."
    )


def _compared(axis: Coordinate) -> str:
    of = "of the names tried" if axis.scale == "category" else "of the range tried"
    span = f"{_span(axis.best)}, " if axis.best else ""
    return (
        f"{span}{100 * axis.share:.0f} % {of}, where as many drawn at random cover "
        f"{100 * axis.by_chance:.0f} % on average"
    )


def _span(values: Sequence[float | str]) -> str:
    if not values:
        return wording.MISSING
    if isinstance(values[0], str):
        return wording.join([wording.shorten(str(name), 20) for name in values[:8]])
    low, high = wording.setting(values[0]), wording.setting(values[-1])
    return low if low == high else f"{low} to {high}"


def _note(summary: ParallelSummary) -> str:
    parts = []
    if len(summary.trials) < summary.finished:
        parts.append(
            f"Drawn are {wording.count(len(summary.trials))} of "
            f"{wording.plural(summary.finished, 'finished trial')}: the best, the {WORST} worst, "
            "and of the others a part that does not depend on how they did."
        )
    if summary.beyond:
        parts.append(f"{wording.plural(summary.beyond, 'value')} beyond an axis, drawn at its end.")
    if summary.left_out:
        parts.append(f"{wording.plural(summary.left_out, 'more setting')} varied, not drawn.")
    return " ".join(parts)


def _table(summary: ParallelSummary) -> Table:
    table = pd.DataFrame(
        {
            "name": [one.name for one in summary.axes],
            "tried": [_span(one.tried) for one in summary.axes],
            "best": [_span(one.best) for one in summary.axes],
            "share": [one.share for one in summary.axes],
            "by_chance": [one.by_chance for one in summary.axes],
        }
    )
    return first_rows(
        table,
        "What the finished trials and the best of them cover; by chance: as many drawn at random.",
        [
            Column(source="name", title="axis", write=wording.shorten, numeric=False),
            Column(source="tried", title="finished trials", write=wording.shorten, numeric=False),
            Column(source="best", title="best trials", write=wording.shorten, numeric=False),
            Column(source="share", title="share covered", write=wording.score),
            Column(source="by_chance", title="by chance", write=wording.score),
        ],
    )
