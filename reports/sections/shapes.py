"""The section that shows what loss curves look like at each kind of learning rate."""

from typing import Final

import pandas as pd

from reports import wording
from reports.content import SweepContent
from reports.drawing.figure import Section, panel
from reports.figures.shapes import loss_shapes
from reports.summaries.shapes import MOST_CURVES, ShapePanel, ShapeSummary, shapes
from reports.tables.table import Column, Table, first_rows

HOW_TO_READ: Final = (
    "One panel a verdict on the learning rate, on the same axes; thin, the train loss of single "
    "trials, and bold the median over all trials of the panel while half of them have a loss. Each "
    "curve is divided by its loss after the first epoch, so all start at 1 (the horizontal line), "
    "and what is learnt within the first epoch does not show. "
    "Too small a rate: the loss falls all the time, but needs many steps. Too large: it swings and "
    "never settles, or settles too high. Right: it falls to a floor. Diverges: it grows, or stops "
    "being a number. Where more than {most} trials share a verdict, as many are drawn, evenly "
    "spaced from the one that falls furthest to the one that falls least. What leaves the panel is "
    "drawn at its edge. Pruned trials are left out: their curves have no end."
)


def shapes_section(content: SweepContent, judged: pd.DataFrame) -> Section | None:
    """Show the shapes of the train-loss curves, by learning-rate verdict.

    Args:
        content: The run.
        judged: The search's trials with verdicts.

    Returns:
        The section, or None if no trial has two epochs.
    """
    summary = shapes(judged, content.epochs)
    if summary is None:
        return None
    return Section(
        id="shapes",
        title="What the loss curves look like",
        link="Shapes",
        finding=_finding(summary),
        how_to_read=HOW_TO_READ.format(most=MOST_CURVES),
        panels=tuple(
            panel(loss_shapes(summary, one, _remark(one)), _name(one), f"shape-{place}")
            for place, one in enumerate(summary.panels)
        ),
        table=_table(summary),
        note=_note(summary),
    )


def _finding(summary: ShapeSummary) -> str:
    trials = sum(one.trials for one in summary.panels)
    counts = [f"{one.verdict} {wording.count(one.trials)}" for one in summary.panels]
    told = [
        f"{wording.score(one.last)} where the rate is {one.verdict}"
        for one in summary.panels
        if one.verdict in {"too small", "right", "too large"}
    ]
    curves = wording.plural(trials, "train-loss curve")
    text = f"Learning rates by the shape of {curves}: {wording.join(counts)}."
    if not told:
        return text
    return (
        f"{text} After the last epoch the median train loss is, as a multiple of that after the "
        f"first: {wording.join(told)}."
    )


def _remark(one: ShapePanel) -> str:
    drawn = wording.plural(one.trials, "trial")
    if one.drawn < one.trials:
        drawn = f"{wording.count(one.drawn)} of {drawn}"
    return f"train loss, first epoch = 1; {drawn}"


def _name(one: ShapePanel) -> str:
    return (
        f"Train-loss curves where the learning rate is judged: {one.verdict}. Their median ends at "
        f"{wording.score(one.last)} of its start."
    )


def _note(summary: ShapeSummary) -> str:
    if not summary.without:
        return ""
    trials = wording.plural(summary.without, "trial")
    return f"{trials} with fewer than two epochs of finite loss not shown."


def _table(summary: ShapeSummary) -> Table:
    table = pd.DataFrame(
        {
            "verdict": [one.verdict for one in summary.panels],
            "trials": [one.trials for one in summary.panels],
            "drawn": [one.drawn for one in summary.panels],
            "half": [one.half for one in summary.panels],
            "last": [one.last for one in summary.panels],
            "rises": [one.rises for one in summary.panels],
        }
    )
    return first_rows(
        table,
        "Train-loss curves by learning-rate verdict; no epoch where most never halve their loss.",
        [
            Column(source="verdict", title="learning rate", write=wording.shorten, numeric=False),
            Column(source="trials", title="trials", write=wording.count),
            Column(source="drawn", title="drawn", write=wording.count),
            Column(source="half", title="median epoch at half the start", write=wording.count),
            Column(source="last", title="median last loss, start = 1", write=wording.score),
            Column(source="rises", title="share of epochs in which it rises", write=wording.score),
        ],
    )
