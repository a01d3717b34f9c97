"""Layers against neurons: networks of equal size, shallow and wide or deep and narrow.

Within a budget of parameters only the depth differs, and with it the width. A deep network that
validates worse is asked why: its train loss tells one that was optimised worse from one that
generalises worse (as He et al. 2016, section 1, ask it of plain deep networks).
"""

from typing import Final

import pandas as pd

from reports.findings import Finding
from reports.study_content import ForestFigure, ResponseFigure, StudyTable
from reports.wording import count, is_number, loss, score
from studies.answering.answer import StudyAnswer
from studies.answering.arms import arms_table, judge_arms, summarise_arms
from studies.answering.comparing import compare_study, contrasts_table, forest, records
from studies.answering.figures import marks, points
from studies.answering.results import StudyResults
from studies.catalog.depth_vs_width.design import Grid
from studies.catalog.depth_vs_width.words import (
    STUDY,
    answer_sentence,
    budget_findings,
    claim_finding,
    cost_findings,
    score_finding,
)
from studies.catalog.depth_vs_width.worth import explain_depths, worth_in

TOLD: Final = {f"{STUDY}.{name}" for name in ("score", "claim", "trainability", "overfitting")}


def answer(results: StudyResults) -> StudyAnswer:
    """Say what layers are worth at equal size, and size at equal depth."""
    arms, verdicts = summarise_arms(results), judge_arms(results)
    compared = compare_study(results)
    sentence, findings = conclude(results, compared)
    gain, claim = findings[:2]
    depths = [one.sentence for one in findings if one.code == f"{STUDY}.depths"]
    return StudyAnswer(
        answer=sentence,
        paragraph=[one.sentence for one in findings if one.code in TOLD],
        findings=findings,
        figures=[
            _scores_figure(results, arms, gain.sentence),
            _fit_figure(results, arms, claim.sentence),
            _effects_figure(results, gain.sentence),
            forest(compared, results, finding=" ".join(depths)),
        ],
        tables=[
            _sizes_table(results, arms, explain_depths(results, compared)),
            arms_table(results, arms, verdicts),
            contrasts_table(compared, results),
        ],
    )


def conclude(results: StudyResults, compared: pd.DataFrame) -> tuple[str, list[Finding]]:
    """Draw the conclusions: the sentence that answers the question, and the findings.

    Args:
        results: The study.
        compared: The contrasts of the design in validation score, from `compare_study`.
    """
    scores = worth_in(results, "validation_score")
    fits, gaps = worth_in(results, "last_train_loss"), worth_in(results, "last_loss_gap")
    findings = [
        score_finding(results, scores),
        claim_finding(results, fits),
        *cost_findings(results, fits, gaps),
        *budget_findings(results, explain_depths(results, compared)),
    ]
    return answer_sentence(results, scores, fits), findings


def _scores_figure(results: StudyResults, arms: pd.DataFrame, finding: str) -> ResponseFigure:
    grid = Grid.of(results.design)
    parts = []
    for budget in grid.budgets:
        rows = _of_budget(arms, grid, budget)
        for series in ("train", "validation"):
            panel = f"{count(budget)} parameters"
            parts.append(points(rows, f"{series}_score", x="depth", series=series, panel=panel))
    return ResponseFigure(
        id="scores",
        title=f"Train and validation {results.metric} against depth, at equal size",
        finding=finding,
        how_to_read=(
            "One panel a size: along it the networks get deeper and narrower, and keep their "
            "number of parameters. Means over seeds at the best epoch, the bands their 95 % t "
            "intervals; the shaded distance between train and validation is the gap."
        ),
        x_name="hidden layers",
        x_scale="linear",
        y_name=results.metric,
        table=pd.concat(parts, ignore_index=True),
        marks=marks(),
        shade_gap=True,
    )


def _fit_figure(results: StudyResults, arms: pd.DataFrame, finding: str) -> ResponseFigure:
    grid = Grid.of(results.design)
    parts = [
        points(
            _of_budget(arms, grid, budget), "last_train_loss", x="depth", series=f"{count(budget)}"
        )
        for budget in grid.budgets
    ]
    table = pd.concat(parts, ignore_index=True)
    known = table["mean"].dropna()
    wide = len(known) > 0 and known.min() > 0 and known.max() > 10 * known.min()
    return ResponseFigure(
        id="fit",
        title="What could be optimised: the train loss at the end",
        finding=finding,
        how_to_read=(
            "One line a size, named by its parameters; the train loss after the last epoch, a mean "
            "over seeds with its 95 % t interval. A line that rises with the depth says that "
            "deeper networks of this size were harder to optimise, whatever they then made of new "
            "rows."
        ),
        x_name="hidden layers",
        x_scale="linear",
        y_name="train loss",
        y_scale="log" if wide else "linear",
        table=table,
        marks=marks(),
    )


def _effects_figure(results: StudyResults, finding: str) -> ForestFigure:
    worth = worth_in(results, "validation_score")
    names = {"layers": "more layers, at equal size", "neurons": "more neurons, at equal depth"}
    names["between"] = "layers minus neurons"
    rows = [(name, getattr(worth, key)) for key, name in names.items()]
    columns = ("difference", "low", "high", "verdict")
    return ForestFigure(
        id="effects",
        title="What layers are worth, and what neurons are",
        finding=finding,
        how_to_read=(
            f"Mean differences in validation {results.metric} over paired seeds with 95 % t "
            "intervals. More layers: every deeper network against the shallowest of its size, "
            "averaged. More neurons: the largest size against the smallest, averaged over the "
            "depths. The shaded band is the margin within which a difference does not matter."
        ),
        unit=results.metric,
        margin=results.design.margin,
        table=pd.DataFrame(
            [
                {"comparison": name, **{key: row[key] for key in columns}}
                for name, row in rows
                if row
            ],
            columns=["comparison", *columns],
        ),
    )


def _sizes_table(results: StudyResults, arms: pd.DataFrame, readings: pd.DataFrame) -> StudyTable:
    grid = Grid.of(results.design)
    by_arm = {row["arm"]: row for row in records(arms)}
    read = dict(zip(readings["arm"], readings["reading"], strict=True))
    rows = []
    for (budget, depth), name in grid.names.items():
        row = by_arm[name]
        off = row["parameters"] / budget - 1 if row["parameters"] else float("nan")
        rows.append(
            {
                "Budget": count(budget),
                "Depth": depth,
                "Width": results.design.arm(name).scientific["width"],
                "Parameters": count(row["parameters"]),
                "Off the budget": f"{off:+.1%}".replace("-", "−") if is_number(off) else "–",  # noqa: RUF001 - a minus sign
                "Train loss at the end": loss(row["last_train_loss"]),
                f"Validation {results.metric}": score(row["validation_score"]),
                f"{results.metric.capitalize()} gap at the end": score(row["last_score_gap"]),
                "Seconds an epoch": loss(row["seconds_per_epoch"]),
                "Against the shallowest": read.get(name, "the reference"),
            }
        )
    return StudyTable(
        id="sizes",
        title="Depth and width at equal size",
        table=pd.DataFrame(rows),
        note="Off the budget: how far the closest whole width is from the parameters wanted. "
        "Optimised worse: validation score and train loss at the end are both clearly worse; "
        "generalises worse: the train loss is not. Seconds are medians.",
    )


def _of_budget(arms: pd.DataFrame, grid: Grid, budget: int) -> pd.DataFrame:
    names = [grid.names[budget, depth] for depth in grid.depths]
    return arms[arms["arm"].isin(names)]
