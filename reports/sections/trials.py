"""The sections with one mark a trial: capacity, and the map of fits."""

from collections.abc import Sequence
from typing import Final

import pandas as pd

from reports import theme, wording
from reports.drawing.figure import Section, key, panel
from reports.figures import panels, regions
from reports.findings import Finding
from reports.sections import captions, fit_captions
from reports.summaries import trials as summary_trials
from reports.summaries.regions import CapacityLosses, capacity_losses, find_regions
from reports.tables.table import Column, Table, first_rows

READ_CAPACITY: Final = (
    "First, one mark a trial of the search, at its best epoch. Far above zero: much better on the "
    "rows it has seen than on new ones. Second, the train (■) and the validation loss (●) of each "
    "finished trial; the lines are the best loss that any network up to this size reached, and the "
    "space between them is not the gap of one network. The ring is the winner. Shaded regions: too "
    "small is every size below the smallest adequate network; adequate begins there; mostly "
    "overfit begins at the smallest larger size from which on at least half of the finished "
    "trials, three or more, are judged to overfit. A dotted line in their place is the smallest "
    "network within one standard error of the best, where the rows do not show whether it is "
    "enough. Trials without a result stand in the strip at the bottom. A search looks where it "
    "likes, and other settings vary too, so this describes its trials; proving what capacity does "
    "takes a study with a fixed design."
)
READ_FIT_MAP: Final = (
    "One mark a trial, at its best epoch. On the diagonal train and validation are equal: no gap. "
    "Losses: upper right, both are bad, underfitting; far above the diagonal, good on train only, "
    "overfitting; lower left is where a network should be. Scores, turned round: lower left is "
    "underfitting, far below the diagonal overfitting, and upper right where a network should be. "
    "The ring is the winner."
)


def capacity_section(
    judged: pd.DataFrame, winner: str, findings: Sequence[Finding] = ()
) -> Section | None:
    """Show the gap and the losses against the number of parameters, with the regions of sizes.

    Args:
        judged: The search's trials with verdicts.
        winner: The trial to point out.
        findings: The conclusions: that on the smallest adequate network sets the regions.

    Returns:
        The section, or None if there is no trial.
    """
    if judged.empty:
        return None
    points = summary_trials.capacity(judged, winner=winner)
    losses = capacity_losses(judged, points.x_limits, winner=winner)
    found = find_regions(judged, findings, points.x_limits)
    gap = fit_captions.capacity(summary_trials.rank_correlation(judged))
    size = " ".join(filter(None, (fit_captions.losses(losses), fit_captions.regions(found))))
    drawn = [panel(regions.capacity_gap(points, found), gap, "capacity")]
    if losses.trials:
        drawn.append(panel(regions.capacity_losses(losses, found), size, "capacity-losses"))
    return Section(
        id="capacity",
        title="Does capacity widen the gap?",
        link="Capacity",
        finding=" ".join(filter(None, (gap, size, captions.pruned(judged)))),
        how_to_read=_explain(READ_CAPACITY, judged),
        panels=tuple(drawn),
        table=_size_table(losses),
        key=key(judged["verdict"]),
        note=" ".join(filter(None, (captions.not_in_place(points), _beyond(losses)))),
    )


def fit_map_section(judged: pd.DataFrame, winner: str, score_name: str = "score") -> Section | None:
    """Show validation against train loss, and validation against train score.

    Args:
        judged: The search's trials with verdicts.
        winner: The trial to point out.
        score_name: What a score is called.

    Returns:
        The section, or None if no trial finished.
    """
    if not (judged["outcome"] == "finished").any():
        return None
    losses = summary_trials.fit_map(judged, winner=winner)
    scores = summary_trials.score_map(judged, score_name, winner=winner)
    of_losses, of_scores = fit_captions.fit_map(judged), fit_captions.score_map(judged, score_name)
    return Section(
        id="fit-map",
        title="Under- or overfitting at a glance",
        link="Fit",
        finding=" ".join(filter(None, (of_losses, of_scores, captions.pruned(judged)))),
        how_to_read=_explain(READ_FIT_MAP, judged),
        panels=(
            panel(panels.fit_map(losses), of_losses, "fit-map"),
            panel(panels.fit_map(scores), of_scores, "fit-map-score"),
        ),
        table=_fit_table(judged, score_name),
        key=key(judged["verdict"], without=theme.UNUSABLE),
        note=captions.not_in_place(losses, scores),
    )


def _explain(text: str, judged: pd.DataFrame) -> str:
    is_pruned = (judged["outcome"] == "pruned").any()
    return f"{text} {captions.READ_PRUNED}" if is_pruned else text


def _size_table(losses: CapacityLosses) -> Table:
    return first_rows(
        losses.sizes,
        "The smallest losses of the finished trials of each size, at their best epochs.",
        [
            Column(source="parameters", title="parameters", write=wording.count),
            Column(source="trials", title="finished trials", write=wording.count),
            Column(source="train", title="train loss", write=wording.loss),
            Column(source="validation", title="validation loss", write=wording.loss),
            Column(source="best", title="best up to this size", write=wording.loss),
        ],
    )


def _beyond(losses: CapacityLosses) -> str:
    if not losses.beyond:
        return ""
    return f"{wording.count(losses.beyond)} of the losses beyond the axis, drawn at its edge."


def _fit_table(judged: pd.DataFrame, score_name: str) -> Table:
    measured = judged[judged["outcome"].isin(["finished", "pruned"])]
    return first_rows(
        measured.sort_values(["validation_loss", "trial"]),
        "Both sides of each trial's gap, at its best epoch, smallest validation loss first.",
        [
            Column(source="trial", title="trial", write=wording.shorten, numeric=False),
            Column(source="verdict", title="verdict", write=wording.shorten, numeric=False),
            Column(source="train_loss", title="train loss", write=wording.loss),
            Column(source="validation_loss", title="validation loss", write=wording.loss),
            Column(source="train_score", title=f"train {score_name}", write=wording.score),
            Column(
                source="validation_score", title=f"validation {score_name}", write=wording.score
            ),
        ],
    )
