"""The sections with one mark a trial: capacity, the map of fits, and the hyperparameters."""

from typing import Final

import pandas as pd

from reports import theme, wording
from reports.content import SweepContent
from reports.figures import panels
from reports.sections import captions
from reports.sections.section import Section, key, panel
from reports.sections.tables import Column, Table, figure_table
from reports.summaries import trials as summary_trials
from reports.summaries.points import TrialPoints, best_trials
from reports.summaries.space import hyperparameter

MOST_PANELS: Final = 24
READ_CAPACITY: Final = (
    "One mark a trial of the search, at its best epoch. Far above zero: much better on the "
    "rows it has seen than on new ones. The ring is the winner. Trials without a result stand "
    "in the strip at the bottom. A search looks where it likes, so this describes its trials; "
    "proving what capacity does takes a study with a fixed design."
)
READ_FIT_MAP: Final = (
    "One mark a trial, at its best epoch. On the diagonal train and validation loss are "
    "equal: no gap. Upper right: both are bad, underfitting. Far above the diagonal: good on "
    "train only, overfitting. Lower left is where a network should be. The ring is the "
    "winner."
)
READ_SETTINGS: Final = (
    "One panel a hyperparameter, one mark a trial, upwards the validation {score}. Dashed "
    "lines are the edges of the search space: a best value at an edge asks for a wider range. "
    "Trials that diverged or failed stand in the strip at the bottom, at the value they "
    "tried. The other settings vary too, so no panel alone proves anything."
)

READ_PRUNED: Final = (
    "A hollow diamond is a trial that was pruned: with the epochs it was refused it would lie "
    "elsewhere, so do not compare it with the filled marks; far-off ones stand at the edge."
)


def capacity_section(judged: pd.DataFrame, winner: str) -> Section | None:
    """Show the gap against the number of parameters.

    Args:
        judged: The search's trials with verdicts.
        winner: The trial to point out.

    Returns:
        The section, or None if there is no trial.
    """
    if judged.empty:
        return None
    points = summary_trials.capacity(judged, winner=winner)
    correlation = captions.capacity(summary_trials.rank_correlation(judged))
    finding = f"{correlation} {captions.pruned(judged)}".strip()
    return Section(
        id="capacity",
        title="Does capacity widen the gap?",
        link="Capacity",
        finding=finding,
        how_to_read=_explain(READ_CAPACITY, judged),
        panels=(panel(panels.capacity(points), finding, "capacity"),),
        table=_point_table(points, "parameters", "loss gap"),
        key=key(judged["verdict"]),
        note=captions.not_in_place(points),
    )


def fit_map_section(judged: pd.DataFrame, winner: str) -> Section | None:
    """Show validation against train loss.

    Args:
        judged: The search's trials with verdicts.
        winner: The trial to point out.

    Returns:
        The section, or None if no trial finished.
    """
    if not (judged["outcome"] == "finished").any():
        return None
    points = summary_trials.fit_map(judged, winner=winner)
    finding = f"{captions.fit_map(judged)} {captions.pruned(judged)}".strip()
    return Section(
        id="fit-map",
        title="Under- or overfitting at a glance",
        link="Fit",
        finding=finding,
        how_to_read=_explain(READ_FIT_MAP, judged),
        panels=(panel(panels.fit_map(points), finding, "fit-map"),),
        table=_point_table(points, "train loss", "validation loss"),
        key=key(judged["verdict"], without=theme.UNUSABLE),
        note=captions.not_in_place(points),
    )


def settings_section(content: SweepContent, judged: pd.DataFrame, winner: str) -> Section | None:
    """Show the validation score against each hyperparameter.

    Args:
        content: The run.
        judged: The search's trials with verdicts.
        winner: The trial to point out.

    Returns:
        The section, or None if nothing was varied or nothing was tried.
    """
    bounds = content.manifest.get("space_bounds") or {}
    tried = (hyperparameter(judged, str(n), b, winner=winner) for n, b in bounds.items())
    points = [panel for panel in tried if panel is not None][:MOST_PANELS]
    if not points:
        return None
    score = content.score_name
    best = captions.settings(best_trials(judged), points, len(judged))
    return Section(
        id="settings",
        title="Which settings work",
        link="Settings",
        finding=f"{best} {captions.pruned(judged)}".strip(),
        how_to_read=_explain(READ_SETTINGS.format(score=score), judged),
        panels=tuple(
            panel(
                panels.hyperparameter(one, captions.setting_remark(one, score)),
                captions.setting_name(one, score),
                f"setting-{place}",
            )
            for place, one in enumerate(points)
        ),
        table=_settings_table(points),
        key=key(judged["verdict"]),
        note=captions.not_in_place(*points),
    )


def _explain(text: str, judged: pd.DataFrame) -> str:
    is_pruned = (judged["outcome"] == "pruned").any()
    return f"{text} {READ_PRUNED}" if is_pruned else text


def _point_table(points: TrialPoints, x_title: str, y_title: str) -> Table:
    return figure_table(
        points.table,
        f"{x_title.capitalize()} and {y_title} of the trials that are drawn.",
        [
            Column(source="trial", title="trial", write=wording.shorten, numeric=False),
            Column(source="x", title=x_title, write=wording.setting),
            Column(source="y", title=y_title, write=wording.loss),
            Column(source="verdict", title="verdict", write=wording.shorten, numeric=False),
        ],
    )


def _settings_table(points: list[TrialPoints]) -> Table:
    table = pd.DataFrame(
        {
            "name": [one.x_name for one in points],
            "searched": [captions.searched_span(one) for one in points],
            "best": [captions.best_span(one) or wording.MISSING for one in points],
            "trials": [sum(one.counts.values()) for one in points],
        }
    )
    return figure_table(
        table,
        "Where the best trials of each panel lie: the best tenth, at least 3, at most 20 or half.",
        [
            Column(source="name", title="Hyperparameter", write=wording.shorten, numeric=False),
            Column(source="searched", title="Searched", write=wording.shorten, numeric=False),
            Column(source="best", title="Best trials", write=wording.shorten, numeric=False),
            Column(source="trials", title="Trials", write=wording.count),
        ],
    )
