"""What each figure shows, in a sentence with its numbers."""

from collections.abc import Sequence
from typing import Final

import pandas as pd

from reports import theme, wording
from reports.drawing.limits import CROWDED
from reports.summaries.points import TrialPoints
from reports.summaries.pruning import PruningSummary
from reports.summaries.scores import ScoreSummary

READ_PRUNED: Final = (
    "A hollow diamond is a trial that was pruned: with the epochs it was refused it would lie "
    "elsewhere, so do not compare it with the filled marks; far-off ones stand at the edge."
)


def pruned(judged: pd.DataFrame) -> str:
    """Say what the pruned trials among those of a panel mean; ``""`` without any.

    Args:
        judged: Trials with verdicts.
    """
    number = int((judged["outcome"] == "pruned").sum())
    if not number:
        return ""
    glyph = theme.MARKS["pruned"].glyph
    if number == 1:
        return f"The pruned trial ({glyph}), drawn at its best epoch so far, does not count here."
    return (
        f"The {wording.count(number)} pruned trials ({glyph}), each drawn at its best epoch so "
        "far, do not count here."
    )


def pruning(summary: PruningSummary) -> str:
    """Say how many trials were pruned, where, and what that saved."""
    at = summary.rungs[summary.rungs["pruned"] > 0]
    stops = [
        f"{wording.count(number)} after epoch {wording.count(epoch)}"
        for epoch, number in zip(at["epoch"], at["pruned"], strict=True)
    ]
    where = (
        wording.join(stops) if len(at) > 1 else f"after epoch {wording.count(at['epoch'].iloc[0])}"
    )
    were = "was" if summary.pruned == 1 else "were"
    planned = wording.plural(summary.planned, "planned epoch")
    text = (
        f"{wording.count(summary.pruned)} of {wording.plural(summary.trials, 'trial')} {were} "
        f"stopped early, {where}: {wording.count(summary.saved)} of "
        f"{planned} ({100 * summary.saved / summary.planned:.0f} %) were not trained."
    )
    last = summary.lines.groupby(["kind", "trial"])["loss"].min().groupby("kind").min()
    if {"finished", "audit"} <= set(last.index):
        below = "below" if last["audit"] < last["finished"] else "above"
        audits = wording.plural(summary.counts["audit"], "audited trial")
        best = "its smallest loss" if summary.counts["audit"] == 1 else "their smallest loss"
        text += (
            f" Of the pruned, {audits} went on to the end: {best}, {wording.loss(last['audit'])}, "
            f"lies {below} that of the best finished trial, {wording.loss(last['finished'])}."
        )
    return text


def lines_left_out(summary: PruningSummary) -> str:
    """Say how many curves are not drawn; ``""`` if all are."""
    drawn = summary.lines.groupby("kind")["trial"].nunique()
    parts = [
        f"{wording.count(drawn[kind])} of {wording.count(number)} {kind}"
        for kind, number in summary.counts.items()
        if number > drawn.get(kind, 0)
    ]
    return f"Drawn are {wording.join(parts)} trials, from the best to the worst." if parts else ""


def settings(best: pd.DataFrame, panels: Sequence[TrialPoints], trials: int) -> str:
    """Say where the best trials lie.

    Args:
        best: The best trials of the search.
        panels: One a hyperparameter; those that only some trials have are left out here.
        trials: Number of trials of the search.
    """
    if best.empty:
        return "Too few trials finished to say which settings work; the marks show what was tried."
    for_all = [panel for panel in panels if sum(panel.counts.values()) == trials]
    parts = [f"{panel.x_name.lower()} {span}" for panel in for_all if (span := best_span(panel))]
    who = f"The best {len(best)} of {wording.count(trials)} trials"
    return (
        f"{who} have {wording.join(parts)}." if parts else f"{who} stand at the top of each panel."
    )


def setting_remark(points: TrialPoints, score_name: str) -> str:
    """Write what stands below a hyperparameter's title."""
    best = best_span(points)
    return f"{score_name}; best trials: {best}" if best else f"validation {score_name}"


def setting_name(points: TrialPoints, score_name: str) -> str:
    """Say what a hyperparameter's panel shows."""
    best = best_span(points)
    text = f"Validation {score_name} against {points.x_name.lower()}"
    return f"{text}; the best trials have {best}." if best else f"{text}."


def best_span(points: TrialPoints) -> str:
    """Write the values of the best trials of a panel: a range, or the names; ``""`` if too few."""
    if not points.best:
        return ""
    if points.x_scale == "category":
        places = sorted({round(value) for value in points.best})
        return wording.join([wording.shorten(points.categories[place], 20) for place in places])
    low, high = wording.setting(min(points.best)), wording.setting(max(points.best))
    return low if low == high else f"{low} to {high}"


def searched_span(points: TrialPoints) -> str:
    """Write between which values, or among which names, was searched."""
    if points.edges is None:
        return ", ".join(wording.shorten(name, 20) for name in points.categories[:12])
    scale = ", log scale" if points.x_scale == "log" else ""
    return f"{wording.setting(points.edges[0])} to {wording.setting(points.edges[1])}{scale}"


def scores(summary: ScoreSummary) -> str:
    """Compare what was claimed, what was confirmed and what the baselines reach."""
    own = summary.table[summary.table["kind"] != "baseline"]
    baselines = summary.table[summary.table["kind"] == "baseline"].sort_values("score")
    write, named = summary.score.write, summary.score.heading
    parts = [f"{row['what']} {write(row['score'])}" for row in own.to_dict("records")]
    text = f"{named} of the winner: {wording.join(parts)}" if parts else "There is no winner"
    if baselines.empty:
        return f"{text}; no baselines were trained."
    best = baselines.to_dict("records")[-1 if summary.score.higher else 0]
    reached = write(best["score"])
    return (
        f"{text}; the best baseline, {wording.shorten(str(best['what']), 24)}, reaches {reached}."
    )


def not_in_place(*panels: TrialPoints) -> str:
    """Say what a panel, or the one with the most, does not show at its place; ``""`` if nothing."""
    parts = []
    beyond = max(points.beyond for points in panels)
    placeless = max(points.placeless for points in panels)
    if beyond:
        parts.append(f"{wording.plural(beyond, 'trial')} beyond an axis, drawn at its edge.")
    if placeless:
        parts.append(f"{wording.plural(placeless, 'trial')} without a result not shown.")
    if max(sum(points.counts.values()) for points in panels) > CROWDED:
        parts.append("One mark may stand for several trials in the same place.")
    return " ".join(parts)
