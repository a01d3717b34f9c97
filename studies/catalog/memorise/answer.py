"""Effective capacity: the smallest network that learns random labels by heart.

Nothing of permuted labels can be understood, so a network that fits them has stored them. The same
networks with the true labels say how much of a fit is not memory (Zhang et al. 2017).
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from reports.findings import Finding
from reports.study_content import ResponseFigure, StudyTable
from reports.wording import MISSING, count, is_number, loss, score
from studies.answering.answer import StudyAnswer
from studies.answering.arms import arms_table, judge_arms, summarise_arms
from studies.answering.comparing import records
from studies.answering.figures import POINT_COLUMNS, marks, points
from studies.answering.results import StudyResults
from studies.catalog.memorise.memory import (
    FITTED,
    KINDS,
    Labels,
    Threshold,
    epochs_to_fit,
    find_threshold,
    read_arms,
    share_fitted,
)
from studies.catalog.memorise.words import (
    answer_sentence,
    chance_finding,
    ratio_finding,
    threshold_finding,
    time_finding,
)
from studies.statistics.intervals import mean_interval


def answer(results: StudyResults) -> StudyAnswer:
    """Say which networks fit random labels, and how much larger they are than for true ones."""
    arms, verdicts = summarise_arms(results), judge_arms(results)
    shares, epochs = share_fitted(results), epochs_to_fit(results)
    sentence, findings = conclude(results, shares, epochs)
    fit, _, chance, time, _ = findings
    return StudyAnswer(
        answer=sentence,
        paragraph=[one.sentence for one in findings[:4]],
        findings=findings,
        figures=[
            _fit_figure(results, arms, _thresholds(results, shares), fit.sentence),
            _gap_figure(results, arms, chance.sentence),
            _epochs_figure(results, arms, epochs, time.sentence),
        ],
        tables=[_shares_table(results, arms, shares, epochs), arms_table(results, arms, verdicts)],
    )


def conclude(
    results: StudyResults, shares: pd.DataFrame, epochs: pd.DataFrame
) -> tuple[str, list[Finding]]:
    """Draw the conclusions: the sentence that answers the question, and the findings.

    Args:
        results: The study.
        shares: From `share_fitted`.
        epochs: From `epochs_to_fit`.
    """
    random, true = _thresholds(results, shares)
    findings = [
        threshold_finding(results, shares, random),
        ratio_finding(random, true),
        chance_finding(results),
        time_finding(results, epochs),
        threshold_finding(results, shares, true),
    ]
    return answer_sentence(results, random, true), findings


def _thresholds(results: StudyResults, shares: pd.DataFrame) -> tuple[Threshold, Threshold]:
    rows = int(results.design.fixed["train_rows"])
    return find_threshold(shares, "random", rows=rows), find_threshold(shares, "true", rows=rows)


def _fit_figure(
    results: StudyResults, arms: pd.DataFrame, thresholds: Sequence[Threshold], finding: str
) -> ResponseFigure:
    parts = [
        points(
            _of_kind(results, arms, kind),
            "last_train_score",
            x="parameters",
            series=kind,
        )
        for kind in reversed(KINDS)
    ]
    ends = arms["parameters"].agg(["min", "max"]).to_list()
    line = pd.DataFrame({"panel": "", "series": f"{FITTED:g}", "x": ends, "mean": FITTED})
    places = [("", one.fits, f"{one.labels} labels fitted") for one in thresholds if one.fits]
    return ResponseFigure(
        id="fit",
        title=f"Train {results.metric} at the end against parameters",
        finding=finding,
        how_to_read=(
            "One line for true labels and one for random ones; means over seeds after the last "
            "epoch, the bands their 95 % t intervals. A network "
            f"fits its labels above the line at {FITTED:g}; dashed lines mark the smallest ones "
            "that most seeds fit. The distance between the two marks is what the structure of the "
            "data saves: true labels need not be learnt one by one."
        ),
        x_name="trainable parameters",
        x_scale="log",
        y_name=f"train {results.metric}",
        table=pd.concat([*parts, line.reindex(columns=list(POINT_COLUMNS))], ignore_index=True),
        marks=marks(places),
    )


def _gap_figure(results: StudyResults, arms: pd.DataFrame, finding: str) -> ResponseFigure:
    parts = [
        points(
            _of_kind(results, arms, kind),
            f"last_{series}_score",
            x="parameters",
            series=series,
            panel=f"{kind} labels",
        )
        for kind in KINDS
        for series in ("train", "validation")
    ]
    return ResponseFigure(
        id="gap",
        title=f"Train and validation {results.metric} at the end",
        finding=finding,
        how_to_read=(
            "The validation rows keep their true labels. What a network learnt from random labels "
            "is of no use there, however well it fits: the shaded gap is all memory."
        ),
        x_name="trainable parameters",
        x_scale="log",
        y_name=results.metric,
        table=pd.concat(parts, ignore_index=True),
        marks=marks(),
        shade_gap=True,
    )


def _epochs_figure(
    results: StudyResults, arms: pd.DataFrame, epochs: pd.DataFrame, finding: str
) -> ResponseFigure:
    sizes = dict(zip(arms["arm"], arms["parameters"], strict=True))
    rows = []
    for (kind, _), name in read_arms(results.design).items():
        # Only where every seed fits: the others would be missing just where they are slow.
        values = epochs[name].to_numpy(dtype=np.float64)
        interval = mean_interval(values if not np.isnan(values).any() else np.array([]))
        bounds = (interval.estimate, interval.low, interval.high)
        rows.append(("", kind, sizes[name], *bounds))
    table = pd.DataFrame(rows, columns=list(POINT_COLUMNS)).dropna(subset=["mean"])
    return ResponseFigure(
        id="epochs",
        title="Epochs until the labels are fitted",
        finding=finding,
        how_to_read=(
            f"Mean epoch in which train {results.metric} first reaches {FITTED:g}, with its 95 % t "
            "interval, of the networks that every seed fits."
        ),
        x_name="trainable parameters",
        x_scale="log",
        y_name="epochs",
        y_scale="log",
        table=table,
        marks=marks(),
    )


def _shares_table(
    results: StudyResults, arms: pd.DataFrame, shares: pd.DataFrame, epochs: pd.DataFrame
) -> StudyTable:
    by_arm = {row["arm"]: row for row in records(arms)}
    labels = int(results.design.fixed["train_rows"])
    rows = []
    for share in records(shares):
        row = by_arm[share["arm"]]
        first = epochs[share["arm"]].median()
        rows.append(
            {
                "Labels": share["labels"],
                "Width": count(share["width"]),
                "Parameters": count(share["parameters"]),
                "Labels per parameter": loss(labels / max(share["parameters"], 1)),
                "Seeds that fit": f"{share['fitted']} of {share['trials']}",
                "95 % interval": f"{100 * share['low']:.0f} % to {100 * share['high']:.0f} %"
                if is_number(share["low"])
                else MISSING,
                "Verdict": share["verdict"],
                f"Train {results.metric}": score(row["last_train_score"]),
                f"Validation {results.metric}": score(row["last_validation_score"]),
                "Epochs to fit": count(first),
                "Learning rate": loss(row["learning_rate"]),
            }
        )
    return StudyTable(
        id="shares",
        title="Which networks fit their labels",
        table=pd.DataFrame(rows),
        note=f"After the last epoch. A network fits with train {results.metric} {FITTED:g} or more;"
        " the interval of the share of seeds is exact (Clopper and Pearson). Epochs: median of the "
        "seeds that fit.",
    )


def _of_kind(results: StudyResults, arms: pd.DataFrame, kind: Labels) -> pd.DataFrame:
    names = [name for (labels, _), name in read_arms(results.design).items() if labels == kind]
    return arms[arms["arm"].isin(names)]
