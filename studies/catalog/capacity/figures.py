"""What capacity shows: score and loss against the number of parameters."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd

from reports.study_content import ForestFigure, ResponseFigure, StudyTable
from reports.wording import count, loss, score
from studies.answering.comparing import forest
from studies.answering.figures import (
    Axis,
    Caption,
    Place,
    gap_figure,
    log_or_linear,
    marks,
    points,
    splits,
)
from studies.answering.results import StudyResults, records
from studies.answering.words import bounds
from studies.catalog.capacity.fit import Fit, Network
from studies.diagnosis.networks import ConfigVerdict

SIZE: Final = Axis("parameters", "parameters", "log")


def score_figure(
    results: StudyResults, arms: pd.DataFrame, fit: Fit, *, ends: Sequence[Network]
) -> ResponseFigure:
    """Draw train and validation score against the number of parameters, one panel a depth.

    Args:
        results: The study.
        arms: From `summarise_arms`.
        fit: From `judge_fit`.
        ends: The last underfitting network of each depth that has one.
    """
    small, best = fit.smallest, fit.best
    shown = {f"underfits up to {one.arm}": one for one in ends}
    shown[f"smallest adequate{'' if small != best else ', best'}: {small.arm}"] = small
    if small != best:
        shown[f"best: {best.arm}"] = best
    first, last = fit.networks[0], fit.networks[-1]
    rows = {row["arm"]: row for row in records(arms)}
    finding = (
        f"From {count(first.parameters)} to {count(last.parameters)} parameters, train "
        f"{results.metric} goes from {score(rows[first.arm]['train_score'])} to "
        f"{score(rows[last.arm]['train_score'])}, validation {results.metric} from "
        f"{score(first.score)} to {score(last.score)}; best: {best.arm}, {score(best.score)}."
    )
    note = (
        "One panel a depth, each point a width. Both low: too small. A plateau of validation: more "
        "parameters buy nothing."
    )
    title = f"{results.metric.capitalize()} against capacity"
    caption = Caption("capacity", title, finding, note)
    return gap_figure(results, _by_depth(arms), SIZE, "{}_score", caption, _places(shown))


def loss_figure(
    results: StudyResults, arms: pd.DataFrame, fit: Fit, *, overfits: Sequence[Network]
) -> ResponseFigure:
    """Draw train and validation loss after the last epoch against the number of parameters.

    Args:
        results: The study.
        arms: From `summarise_arms`.
        fit: From `judge_fit`.
        overfits: The first network of each depth whose validation loss turns up.
    """
    known = arms[arms["arm"].isin([one.arm for one in fit.networks])]
    widest = known.sort_values("last_loss_gap").iloc[-1]
    finding = (
        f"Trained to the end, the loss gap is largest for {widest['arm']}: train "
        f"{loss(widest['last_train_loss'])}, validation {loss(widest['last_validation_loss'])}."
    )
    note = (
        "What happens without stopping early: from the dashed line on, the validation loss turns "
        "up again while a network is trained."
    )
    caption = Caption("loss", "Loss after the last epoch against capacity", finding, note)
    places = _places({f"overfits from {one.arm}": one for one in overfits})
    return gap_figure(results, _by_depth(arms), SIZE, "last_{}_loss", caption, places)


def against_best_figure(fit: Fit, results: StudyResults, finding: str) -> list[ForestFigure]:
    """Draw how far each network lies behind the best."""
    clear = {"underfits", "overfits", "worse"}
    # The best was chosen by its result: worse counts every pair of networks.
    judged = [
        each
        if each.verdict == "equivalent"
        else dataclasses.replace(
            each, verdict="worse" if fit.region[each.first] in clear else "undecided"
        )
        for each in fit.against_best
    ]
    return forest(
        judged,
        results,
        finding,
        name=("behind-the-best", f"How far each network is behind the best, {fit.best.arm}"),
        note="Small networks first. The best was chosen by its result, so worse counts every pair "
        "of networks.",
    )


def fit_table(fit: Fit, verdicts: Mapping[str, ConfigVerdict], results: StudyResults) -> StudyTable:
    """Write how each network fits, and how far it is behind the best."""
    rows = {row.first: row for row in fit.against_best}
    table = []
    for one in fit.networks:
        row, verdict = rows.get(one.arm), verdicts.get(one.arm)
        behind = -row.difference if row else None
        same = "yes" if row and row.verdict == "equivalent" else "not shown"
        table.append(
            {
                "Network": one.arm,
                "Parameters": one.parameters,
                "At its best epoch": fit.region[one.arm],
                "While trained": verdict.verdict if verdict else "undecided",
                f"Behind the best ({results.metric})": score(behind.estimate) if behind else "0",
                "95 % interval": bounds(behind) if behind else "none",
                "Equivalent": same if row else "itself",
            }
        )
    return StudyTable(
        id="fit",
        title="How the networks fit",
        table=pd.DataFrame(table),
        note="At its best epoch: adequate is within one standard error of the best or equivalent to"
        " it; underfits is clearly below it on train and validation; overfits is larger and clearly"
        " below it on validation alone. While trained: the verdict on its loss curves.",
    )


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
    return ResponseFigure(
        id=f"descent-{measure}",
        title=f"{name.capitalize()} after the last epoch against capacity",
        finding=finding,
        how_to_read=(
            "Means over seeds with 95 % t intervals. Train is measured on the noisy labels, "
            "validation on true ones. Left of the interpolation threshold a network cannot fit "
            "every label, at it only just, right of it in many ways."
        ),
        x_name=SIZE.name,
        x_scale=SIZE.scale,
        y_name=name,
        y_scale="linear" if of_scores else log_or_linear(results),
        table=splits(_by_depth(arms), f"last_{{}}_{measure}", "parameters"),
        marks=marks([(_panel(depth), x, label) for depth, x, label in places]),
    )


def stopped_figure(results: StudyResults, arms: pd.DataFrame, *, finding: str) -> ResponseFigure:
    """Draw the validation loss after the last epoch beside that of the best epoch."""
    lines = {"after the last epoch": "last_validation_loss", "at the best epoch": "validation_loss"}
    parts = [
        points(rows, measure, x="parameters", series=series, panel=panel)
        for panel, rows in _by_depth(arms).items()
        for series, measure in lines.items()
    ]
    return ResponseFigure(
        id="stopped-early",
        title="What stopping early changes",
        finding=finding,
        how_to_read=(
            "The validation loss after the last epoch, and that of the best epoch, which stopping "
            "by the validation loss would keep."
        ),
        x_name=SIZE.name,
        x_scale=SIZE.scale,
        y_name="validation loss",
        y_scale=log_or_linear(results),
        table=pd.concat(parts, ignore_index=True),
    )


def _by_depth(arms: pd.DataFrame) -> dict[str, pd.DataFrame]:
    known = arms[arms["parameters"] > 0].sort_values("parameters")
    return {_panel(depth): rows for depth, rows in known.groupby("depth")}


def _places(shown: Mapping[str, Network]) -> list[Place]:
    return [(_panel(one.depth), one.parameters, label) for label, one in shown.items()]


def _panel(depth: object) -> str:
    return {0: "linear", 1: "1 hidden layer"}.get(int(str(depth)), f"{depth} hidden layers")
