"""The comparison of a study's arms over its pairs, and what every study shows of it."""

from collections.abc import Mapping, Sequence

import pandas as pd

from reports.findings import Finding
from reports.study_content import ForestFigure, StudyTable
from reports.wording import is_number
from studies.answering import contrast_words
from studies.answering.arms import arms_table
from studies.answering.contrasts import Contrast, Contrasts, read_contrasts
from studies.answering.results import StudyResults
from studies.diagnosis.networks import ConfigVerdict
from studies.diagnosis.verdicts import GAP_FLOOR, GAP_SHARE
from studies.statistics.several_arms import compare_arms


def compare_study(
    results: StudyResults,
    measure: str | pd.DataFrame = "validation_score",
    contrasts: Sequence[tuple[str, str]] | None = None,
    margin: float | None = None,
) -> list[Contrast]:
    """Compare the arms of a study over its pairs.

    Args:
        results: The study.
        measure: In which more is better: a column of the trials table, or one value an arm and
            pair, as `StudyResults.paired` returns them.
        contrasts: Which pairs of arms; those of the design if left out.
        margin: The largest difference that is no matter; the design's, in score, if left out.
    """
    table = compare_arms(
        results.paired(measure) if isinstance(measure, str) else measure,
        results.design.contrasts if contrasts is None else contrasts,
        margin=results.design.margin if margin is None else margin,
        folds=results.folds,
    )
    return read_contrasts(table, basis="folds" if results.folds else "pairs")


def gap_margin(level: float) -> float:
    """Return the largest difference in loss, or in its gap, that is no matter at a level of it.

    That is a share of the level, as for the gap of a network (docs/verdicts.md).
    """
    return max(GAP_SHARE * level, GAP_FLOOR) if is_number(level) else GAP_FLOOR


def loss_margin(losses: pd.DataFrame) -> float:
    """Return the largest difference in loss that is no matter, by the lowest mean of any arm.

    Args:
        losses: One row a pair, one column an arm.
    """
    return gap_margin(float(losses.mean().min()))


def contrast_findings(compared: Contrasts, results: StudyResults) -> list[Finding]:
    """Make a finding of every contrast of a study in validation score."""
    return contrast_words.contrast_findings(compared, results.metric, results.design.margin)


def forest(
    compared: Contrasts,
    results: StudyResults,
    finding: str,
    *,
    name: tuple[str, str] = ("differences", ""),
    note: str = "",
) -> list[ForestFigure]:
    """Draw the contrasts of a study in validation score; nothing if there are none.

    Args:
        compared: From `compare_study`.
        results: The study.
        finding: The caption.
        name: As for `studies.answering.contrast_words.draw_contrasts`.
        note: Likewise.
    """
    if not compared:
        return []
    metric, margin = results.metric, results.design.margin
    draw = contrast_words.draw_contrasts
    return [draw(compared, metric, margin, finding, name=name, note=note)]


def study_tables(
    results: StudyResults,
    arms: pd.DataFrame,
    verdicts: Mapping[str, ConfigVerdict],
    compared: Contrasts,
) -> list[StudyTable]:
    """Write the tables that studies share: the arms and their contrasts.

    Args:
        results: The study.
        arms: From `summarise_arms`.
        verdicts: From `judge_arms`.
        compared: From `compare_study`.
    """
    return [
        arms_table(results, arms, verdicts),
        contrast_words.contrasts_table(compared, results.metric),
    ]
