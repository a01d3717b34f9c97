"""Figures of the capacity study: score and loss against the number of parameters."""

from collections.abc import Mapping

import pandas as pd

from reports.study_content import ForestFigure, ResponseFigure
from reports.wording import count, loss, score
from studies.answering.comparing import records
from studies.answering.figures import log_or_linear, marks, points
from studies.answering.results import StudyResults
from studies.catalog.capacity.fit import Fit, Network

Mark = tuple[str, float | str, str]


def score_figure(
    results: StudyResults, arms: pd.DataFrame, fit: Fit, *, ends: Mapping[int, Network]
) -> ResponseFigure:
    """Draw train and validation score against the number of parameters, one panel a depth.

    Args:
        results: The study.
        arms: From `summarise_arms`.
        fit: From `judge_fit`.
        ends: The last underfitting network, by depth.
    """
    small, best = fit.smallest, fit.best
    places: list[Mark] = [
        (depth_panel(depth), one.parameters, f"underfits up to {one.arm}")
        for depth, one in ends.items()
    ]
    adequate = "smallest adequate" if small != best else "smallest adequate, best"
    places.append((depth_panel(small.depth), small.parameters, f"{adequate}: {small.arm}"))
    if small != best:
        places.append((depth_panel(best.depth), best.parameters, f"best: {best.arm}"))
    first, last = fit.networks[0], fit.networks[-1]
    rows = {row["arm"]: row for row in records(arms)}
    return ResponseFigure(
        id="capacity",
        title=f"{results.metric[:1].upper()}{results.metric[1:]} against capacity",
        finding=(
            f"From {count(first.parameters)} to {count(last.parameters)} parameters, train "
            f"{results.metric} goes from {score(rows[first.arm]['train_score'])} to "
            f"{score(rows[last.arm]['train_score'])}, validation {results.metric} from "
            f"{score(first.score)} to {score(last.score)}; the best is {best.arm} with "
            f"{score(best.score)}."
        ),
        how_to_read=(
            "One panel a depth, each point a width. Points are means over seeds at the best epoch, "
            "bands their 95 % t intervals. The shaded distance between train and validation is the "
            "gap. Both low: too small. A plateau of validation: more parameters buy nothing."
        ),
        x_name="parameters",
        x_scale="log",
        y_name=results.metric,
        table=over_size(arms, {"train": "train_score", "validation": "validation_score"}),
        marks=marks(places),
        shade_gap=True,
    )


def loss_figure(
    results: StudyResults, arms: pd.DataFrame, fit: Fit, *, overfits: Mapping[int, Network]
) -> ResponseFigure:
    """Draw train and validation loss after the last epoch against the number of parameters.

    Args:
        results: The study.
        arms: From `summarise_arms`.
        fit: From `judge_fit`.
        overfits: The first network whose validation loss turns up, by depth.
    """
    known = arms[arms["arm"].isin([one.arm for one in fit.networks])]
    widest = known.sort_values("last_loss_gap").iloc[-1]
    return ResponseFigure(
        id="loss",
        title="Loss after the last epoch against capacity",
        finding=(
            f"Trained to the end, the loss gap is largest for {widest['arm']}: train "
            f"{loss(widest['last_train_loss'])}, validation "
            f"{loss(widest['last_validation_loss'])}."
        ),
        how_to_read=(
            "As above, of the loss after the last epoch: what happens without stopping early. From "
            "the dashed line on, the validation loss turns up again while a network is trained."
        ),
        x_name="parameters",
        x_scale="log",
        y_name="loss",
        y_scale=log_or_linear(results),
        table=over_size(arms, {"train": "last_train_loss", "validation": "last_validation_loss"}),
        marks=marks(
            [
                (depth_panel(depth), one.parameters, f"overfits from {one.arm}")
                for depth, one in overfits.items()
            ]
        ),
        shade_gap=True,
    )


def against_best_figure(fit: Fit, results: StudyResults, *, finding: str) -> ForestFigure:
    """Draw how far each network lies behind the best.

    Args:
        fit: From `judge_fit`.
        results: The study.
        finding: The caption.
    """
    rows = fit.against_best
    words = {"underfits": "worse", "overfits": "worse", "worse": "worse"}
    same = dict(zip(rows["first"], rows["verdict"], strict=True))
    verdicts = [
        "equivalent" if same[name] == "equivalent" else words.get(fit.region[name], "undecided")
        for name in rows["first"]
    ]
    names = [f"{name} − {fit.best.arm}" for name in rows["first"]]  # noqa: RUF001 - a minus sign
    return ForestFigure(
        id="behind-the-best",
        title=f"How far each network is behind the best, {fit.best.arm}",
        finding=finding,
        how_to_read=(
            "Each point is the mean difference over paired seeds to the network of the best mean, "
            "with its 95 % t interval; small networks first. Inside the shaded margin a difference "
            "does not matter. The best was chosen by its result, so worse counts every pair of "
            "networks that could have been compared."
        ),
        unit=results.metric,
        margin=results.design.margin,
        table=rows[["difference", "low", "high"]].assign(verdict=verdicts, comparison=names),
    )


def over_size(arms: pd.DataFrame, measures: Mapping[str, str]) -> pd.DataFrame:
    """Return measures of the arms against their parameters, one panel a depth.

    Args:
        arms: From `summarise_arms`.
        measures: Columns of it, by the name of the line.
    """
    known = arms[arms["parameters"] > 0].sort_values("parameters")
    return pd.concat(
        [
            points(rows, measure, x="parameters", series=series, panel=depth_panel(depth))
            for depth, rows in known.groupby("depth")
            for series, measure in measures.items()
        ],
        ignore_index=True,
    )


def depth_panel(depth: object) -> str:
    """Return the name of a depth's panel."""
    return {0: "linear", 1: "1 hidden layer"}.get(int(str(depth)), f"{depth} hidden layers")
