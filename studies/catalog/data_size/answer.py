"""More data or more network: nested subsets of the training rows against three widths.

Each smaller subset is part of every larger one. The validation error over the rows follows a power
law where it follows any (Hestness et al. 2017), which says what twice the rows promise.
"""

from collections.abc import Mapping

import pandas as pd

from reports.findings import Finding
from reports.study_content import ResponseFigure, StudyTable
from reports.wording import MINUS, MISSING, count, is_number, loss, score
from studies.answering.answer import StudyAnswer
from studies.answering.arms import arms_table, judge_arms, summarise_arms
from studies.answering.comparing import (
    compare_study,
    contrasts_table,
    forest,
    records,
)
from studies.answering.figures import POINT_COLUMNS, marks, points
from studies.answering.results import StudyResults
from studies.catalog.data_size.design import Plan
from studies.catalog.data_size.growth import fit_laws, law_points, weigh
from studies.catalog.data_size.words import (
    answer_sentence,
    buy_finding,
    interaction_findings,
    law_finding,
    steps_finding,
    undertrained_findings,
)
from studies.statistics.intervals import Interval
from studies.statistics.power_law import PowerLaw


def answer(results: StudyResults) -> StudyAnswer:
    """Say what twice the rows promise, against what the larger network brought."""
    arms, verdicts = summarise_arms(results), judge_arms(results)
    compared, laws = compare_study(results), fit_laws(results, "validation_score")
    sentence, findings = conclude(results, compared, laws)
    buy, steps = findings[:2]
    widest = laws[Plan.of(results.design).widths[-1]]
    return StudyAnswer(
        answer=sentence,
        paragraph=[one.sentence for one in findings[:3]],
        findings=[*findings, *undertrained_findings(results, verdicts)],
        figures=[
            _scores_figure(results, arms, steps.sentence),
            _law_figure(results, arms, widest, buy.sentence),
            forest(compared, results, finding=steps.sentence),
        ],
        tables=[
            _scores_table(results, arms),
            _laws_table(results, laws),
            arms_table(results, arms, verdicts),
            contrasts_table(compared, results),
        ],
    )


def conclude(
    results: StudyResults, compared: pd.DataFrame, laws: Mapping[int, PowerLaw]
) -> tuple[str, list[Finding]]:
    """Draw the conclusions: the sentence that answers the question, and the findings.

    Args:
        results: The study.
        compared: The contrasts of the design in validation score, from `compare_study`.
        laws: Of the validation error, from `fit_laws`.
    """
    plan = Plan.of(results.design)
    by_pair = {(row["first"], row["second"]): row for row in records(compared)}
    law = laws[plan.widths[-1]]
    promise = weigh(law, by_pair[plan.network_step], margin=results.design.margin)
    findings = [
        buy_finding(results, promise, law),
        steps_finding(results, by_pair),
        *interaction_findings(results),
        *(law_finding(results, width, one) for width, one in laws.items()),
    ]
    return answer_sentence(results, promise), findings


def _scores_figure(results: StudyResults, arms: pd.DataFrame, finding: str) -> ResponseFigure:
    parts = [
        points(
            arms[arms["width"] == width],
            f"{series}_score",
            x="train_rows",
            series=series,
            panel=f"width {width:,}",
        )
        for width in Plan.of(results.design).widths
        for series in ("train", "validation")
    ]
    return ResponseFigure(
        id="scores",
        title=f"Train and validation {results.metric} against training rows",
        finding=finding,
        how_to_read=(
            "One panel a width. Means over seeds at the best epoch, the bands their 95 % t "
            "intervals. The gap, shaded, closes as rows are added; where both lines meet below "
            "those of a larger width, the network is too small for more rows to help."
        ),
        x_name="training rows",
        x_scale="log",
        y_name=results.metric,
        table=pd.concat(parts, ignore_index=True),
        marks=marks(),
        shade_gap=True,
    )


def _law_figure(
    results: StudyResults, arms: pd.DataFrame, law: PowerLaw, finding: str
) -> ResponseFigure:
    plan = Plan.of(results.design)
    parts = []
    for width in plan.widths:
        rows = arms[arms["width"] == width]
        part = points(rows, "validation_score", x="train_rows", series=f"width {width:,}")
        low, high = 1 - part["high"], 1 - part["low"]
        parts.append(part.assign(mean=1 - part["mean"], low=low, high=high))
    places = []
    if not law.unsupported:
        line = law_points(law, plan.sizes)
        parts.append(line.assign(panel="", series="power law")[list(POINT_COLUMNS)])
        places = [("", law.predictions[0].rows, "twice the rows")]
    return ResponseFigure(
        id="law",
        title="The validation error against training rows",
        finding=finding,
        how_to_read=(
            f"One minus the validation {results.metric}, on log axes: a power law is a straight "
            "line, one with a floor bends. The line of the law is that of the largest width, and "
            "goes on to twice the rows, with the interval of its prediction."
        ),
        x_name="training rows",
        x_scale="log",
        y_name=f"1 {MINUS} {results.metric}",
        y_scale="log",
        table=pd.concat(parts, ignore_index=True),
        marks=marks(places),
    )


def _scores_table(results: StudyResults, arms: pd.DataFrame) -> StudyTable:
    plan = Plan.of(results.design)
    by_arm = {row["arm"]: row for row in records(arms)}
    rows = []
    for size in plan.sizes:
        cells: dict[str, object] = {"Training rows": count(size)}
        for width in plan.widths:
            row = by_arm[plan.names[width, size]]
            cells[f"Width {width:,}"] = score(row["validation_score"])
            cells[f"gap, width {width:,}"] = score(row["score_gap"])
        rows.append(cells)
    return StudyTable(
        id="sizes",
        title=f"Validation {results.metric} by rows and width",
        table=pd.DataFrame(rows),
        note="Means over seeds at the best epoch; the gap is train minus validation.",
    )


def _laws_table(results: StudyResults, laws: Mapping[int, PowerLaw]) -> StudyTable:
    of_loss = fit_laws(results, "validation_loss")
    rows = [
        {
            "Width": f"{width:,}",
            "Measure": measure,
            "Exponent": _estimate(law.exponent),
            "Floor": _estimate(law.floor),
            "With twice the rows": _estimate(law.predictions[0].error)
            if law.predictions
            else MISSING,
            "Gain": _estimate(law.predictions[0].gain) if law.predictions else MISSING,
            "Largest misfit": f"{100 * law.misfit:.0f} %" if is_number(law.misfit) else MISSING,
            "Why none": law.unsupported,
        }
        for measure, fitted in ((f"1 − {results.metric}", laws), ("loss", of_loss))  # noqa: RUF001
        for width, law in fitted.items()
    ]
    return StudyTable(
        id="laws",
        title="Power laws of the validation error and loss",
        table=pd.DataFrame(rows),
        note=f"error(n) = scale n^({MINUS}exponent) + floor, fitted to the means, with 95 % "
        "intervals over seeds; extrapolated to twice the rows and no further.",
    )


def _estimate(interval: Interval) -> str:
    if not is_number(interval.estimate):
        return MISSING
    return f"{loss(interval.estimate)} ({loss(interval.low)} to {loss(interval.high)})"
