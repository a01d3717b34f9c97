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
from studies.answers.answer import StudyAnswer
from studies.answers.arms import arms_table, judge_arms, summarise_arms
from studies.answers.comparing import compare_study, contrasts_table, forest, records
from studies.answers.figures import marks, points
from studies.answers.layers import Grid, explain_depths, worth_in
from studies.answers.layers_words import (
    STUDY,
    answer_sentence,
    budget_findings,
    claim_finding,
    cost_findings,
    score_finding,
)
from studies.answers.results import StudyResults
from studies.designs.context import StudyContext
from studies.designs.sizes import Frame, budgets_for, width_for
from studies.designs.spec import Overrides, StudySpec, rate_candidates
from sweep.config import SHAPES
from sweep.errors import ConfigurationError

QUESTION: Final = (
    "At equal parameters, do more layers help, and what do more neurons at equal depth do?"
)
TOLD: Final = {f"{STUDY}.{name}" for name in ("score", "claim", "trainability", "overfitting")}
FARTHEST: Final = 0.25  # that a network's size may be off its budget, as a share


def spec(overrides: Overrides, context: StudyContext) -> StudySpec:
    """Describe the study: five depths in two sizes, unless the user says otherwise.

    Raises:
        ConfigurationError: The depths or sizes cannot be compared.
    """
    depths = tuple(sorted(int(depth) for depth in overrides.values("depth", (1, 2, 3, 4, 5))))
    shapes, biases = overrides.values("shape", ("equal",)), overrides.values("use_bias", (True,))
    faults = []
    if len(depths) < 2 or depths[0] == 0:
        faults.append(
            f"--set depth: {', '.join(map(str, depths))} leaves no layers to compare at equal size;"
            " give two depths or more, from 1"
        )
    if "width" in overrides.given:
        faults.append("--set width: the widths follow from the size; give --set parameters=...")
    if len(shapes) > 1 or len(biases) > 1:
        faults.append("--set shape, use_bias: the size depends on them; give one value of each")
    if faults:
        raise ConfigurationError(faults)
    frame = Frame(
        inputs=context.inputs,
        outputs=context.outputs,
        shape=SHAPES[SHAPES.index(shapes[0])],
        use_bias=bool(biases[0]),
    )
    budgets = overrides.values("parameters", budgets_for(depths, frame))
    arms = [
        {"depth": depth, "width": width_for(depth, int(budget), frame), "parameters": int(budget)}
        for budget in sorted(map(int, budgets))
        for depth in depths
    ]
    _check_sizes(arms, frame)
    names = tuple(f"{arm['depth']}x{arm['width']}" for arm in arms)
    grid = Grid(
        budgets=tuple(sorted(map(int, budgets))),
        depths=depths,
        names={
            (arm["parameters"], arm["depth"]): name for arm, name in zip(arms, names, strict=True)
        },
    )
    return StudySpec(
        study="depth-vs-width",
        question=QUESTION,
        arms=tuple(arms),
        names=names,
        nuisance=rate_candidates(overrides),
        contrasts=(*grid.deeper, *grid.larger),
        epochs=60,  # with fewer, small learning rates are still on their way
        tuning_seeds=2,
    )


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


def _check_sizes(arms: list[dict[str, int]], frame: Frame) -> None:
    """Refuse sizes that a depth cannot come near, and two that come to the same network."""
    faults = []
    for arm in arms:
        found = frame.parameters(arm["depth"], arm["width"])
        if abs(found / arm["parameters"] - 1) > FARTHEST:
            faults.append(
                f"--set parameters: {arm['parameters']:,} cannot be met at depth {arm['depth']}:"
                f" width {arm['width']} comes to {found:,}; give more, or another depth"
            )
    if not faults and len({(arm["depth"], arm["width"]) for arm in arms}) < len(arms):
        faults.append(
            "--set parameters: two sizes come to the same network; give sizes further apart"
        )
    if faults:
        raise ConfigurationError(dict.fromkeys(faults))


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
