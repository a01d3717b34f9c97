"""Figures of double descent: loss and score after the last epoch, and what stopping early hides."""

from collections.abc import Sequence

import pandas as pd

from reports.study_content import ResponseFigure
from studies.answering.figures import log_or_linear, marks
from studies.answering.results import StudyResults
from studies.catalog.capacity.figures import depth_panel, over_size


def end_figure(
    results: StudyResults,
    arms: pd.DataFrame,
    places: Sequence[tuple[int, float, str]],
    *,
    finding: str,
    of_scores: bool = False,
) -> ResponseFigure:
    """Draw train and validation after the last epoch against the number of parameters.

    Args:
        results: The study.
        arms: From `summarise_arms`.
        places: What to point out, as (depth, parameters, label).
        finding: The caption.
        of_scores: The score in place of the loss.
    """
    measure, name = ("score", results.metric) if of_scores else ("loss", "loss")
    lines = {"train": f"last_train_{measure}", "validation": f"last_validation_{measure}"}
    return ResponseFigure(
        id=f"descent-{measure}",
        title=f"{name[:1].upper()}{name[1:]} after the last epoch against capacity",
        finding=finding,
        how_to_read=(
            "Points are means over seeds, bands their 95 % t intervals. Train is measured on the "
            "noisy labels, validation on true ones. Left of the interpolation threshold a network "
            "cannot fit every label, at it only just, right of it in many ways."
        ),
        x_name="parameters",
        x_scale="log",
        y_name=name,
        y_scale="linear" if of_scores else log_or_linear(results),
        table=over_size(arms, lines),
        marks=marks([(depth_panel(depth), x, label) for depth, x, label in places]),
    )


def stopped_figure(results: StudyResults, arms: pd.DataFrame, *, finding: str) -> ResponseFigure:
    """Draw the validation loss after the last epoch beside that of the best epoch.

    Args:
        results: The study.
        arms: From `summarise_arms`.
        finding: The caption.
    """
    lines = {"after the last epoch": "last_validation_loss", "at the best epoch": "validation_loss"}
    return ResponseFigure(
        id="stopped-early",
        title="What stopping early changes",
        finding=finding,
        how_to_read=(
            "The validation loss after the last epoch, and that of the best epoch, which one "
            "would keep if training were stopped by the validation loss."
        ),
        x_name="parameters",
        x_scale="log",
        y_name="validation loss",
        y_scale=log_or_linear(results),
        table=over_size(arms, lines),
        marks=marks(),
    )
