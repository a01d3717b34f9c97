"""Which activation is best: the four of them, learning rate and initialisation retuned in each.

Two things are told apart. An activation may be hard to train: its train loss stays high, because
its units saturate or die. Or it may be trained as well as the others and generalise worse. The
units of the trained networks are counted for the first.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd

from reports.findings import Finding
from reports.wording import is_number, join, loss, score
from studies.answering.answer import StudyAnswer
from studies.answering.arms import summarise_arms
from studies.answering.comparing import (
    compare_study,
    contrast_findings,
    forest,
    study_tables,
)
from studies.answering.contrast_words import standing
from studies.answering.contrasts import Contrasts, others_by_verdict
from studies.answering.figures import curves_figure
from studies.answering.results import StudyResults, pivot, records
from studies.answering.words import MORE_SEEDS, Row, in_words, measured, numbers, percent
from studies.catalog.activation.figures import settings_table, splits_figure, units_figure
from studies.diagnosis.networks import ConfigVerdict
from studies.statistics.power import FEWEST_PAIRS
from sweep.activations import ACTIVATIONS

LOSS_MARGIN: Final = 0.02  # nats, or variances of the target: less train loss is no matter


def answer(results: StudyResults, verdicts: Mapping[str, ConfigVerdict]) -> StudyAnswer:
    """Say which activation is best, which are its equals, and why the others are not."""
    arms = summarise_arms(results)
    finished = [row for row in records(arms) if row["pairs"]]
    lost = {row["arm"]: row["lost"] for row in records(arms) if row["lost"]}
    compared = compare_study(results)
    # Above zero, the first was trained further.
    trained = compare_study(results, -results.paired("last_train_loss"), margin=LOSS_MARGIN)
    units = count_idle(results)
    best = max(finished, key=lambda row: row["validation_score"])
    generalises = _best_finding(results, finished, best, compared)
    trainable = _training_finding(finished, lost, trained)
    idle = _units_finding(units)
    shared = study_tables(results, arms, verdicts, compared)
    return StudyAnswer(
        answer=_headline(results, best, compared, arms.loc[arms["pairs"] == 0, "arm"].tolist()),
        paragraph=[generalises.sentence, trainable.sentence, idle.sentence],
        findings=[generalises, trainable, idle, *contrast_findings(compared, results)],
        figures=[
            *forest(compared, results, generalises.sentence),
            splits_figure(results, arms, finding=trainable.sentence),
            *units_figure(units, finding=idle.sentence),
            curves_figure(results, finding=trainable.sentence),
        ],
        tables=[shared[0], settings_table(results, arms, units), *shared[1:]],
    )


def count_idle(results: StudyResults) -> pd.DataFrame:
    """Return the share of hidden units that do no work, one row an arm.

    Returns:
        ``arm``, ``activation``, ``kind`` (what its idle units are), ``share`` with ``share_low``
        and ``share_high`` (95 % t interval over pairs) and ``most`` (largest of one network); NaN
        where nothing was counted.
    """
    rows = []
    for arm in results.design.arms:
        row = ACTIVATIONS[str(arm.scientific["activation"])]
        column = "saturated_units" if row.idle == "saturated" else "dead_units"
        shares = pivot(results.comparison, column, results)[arm.name]
        known = {"arm": arm.name, "activation": row.name, "kind": row.idle}
        interval = numbers(results.mean(shares), "share", "share_")
        rows.append({**known, **interval, "most": float(shares.max())})
    table = pd.DataFrame(rows)
    bounds = ["share_low", "share_high"]
    return table.assign(**table[bounds].astype("float64").clip(0.0, 1.0))


def _headline(results: StudyResults, best: Row, compared: Contrasts, lost: Sequence[str]) -> str:
    score_of_best = in_words(measured(best, "validation_score"))
    sentence = f"The best mean {results.metric} is that of {best['arm']}, {score_of_best}"
    if results.design.pairs < FEWEST_PAIRS:
        return f"{sentence}; too few seeds for a verdict."
    parts = [sentence, standing(best["arm"], compared)]
    parts += [f"{join(lost)} lost altogether"] if lost else []
    return f"{'; '.join(part for part in parts if part)}."


def _best_finding(
    results: StudyResults, finished: Sequence[Row], best: Row, compared: Contrasts
) -> Finding:
    """Name the best activation, and which others are as good for all that is known."""
    groups, others = others_by_verdict(best["arm"], compared), len(results.arms) - 1
    scores = [
        f"{row['arm']} {score(row['validation_score'])} (gap at the end "
        f"{score(row['last_score_gap'])})"
        for row in finished
    ]
    verdict = "undecided"
    if results.design.pairs >= FEWEST_PAIRS and groups["better"]:
        verdict = "better" if len(groups["better"]) == others else "differ"
    elif results.design.pairs >= FEWEST_PAIRS and len(groups["equivalent"]) == others:
        verdict = "equivalent"
    stands = standing(best["arm"], compared) or "not compared"
    return Finding(
        code="study.activation.best",
        subject=best["arm"],
        verdict=verdict,
        sentence=f"Validation {results.metric}: {join(scores)}. {best['arm']} is {stands}, at a "
        f"margin of {score(results.design.margin)}.",
        next_step=MORE_SEEDS if groups["undecided"] else "",
        level="info" if verdict == "undecided" else "good",
        confidence="paired t and equivalence tests over seeds, Holm over all pairs of activations",
        numbers=numbers(measured(best, "validation_score"), "validation_score"),
    )


def _training_finding(
    finished: Sequence[Row], lost: Mapping[str, int], trained: Contrasts
) -> Finding:
    """Tell the activations that could not be trained as far from those that generalise worse."""
    losses = {row["arm"]: row["last_train_loss"] for row in finished}
    lowest = min(losses, key=lambda name: losses[name])
    groups = others_by_verdict(lowest, trained)
    harder = [f"{name} ({loss(losses[name])})" for name in groups["better"]]
    same = f"within {LOSS_MARGIN:g}, so that the rest is generalisation"
    parts = {
        f"{lowest} ends with the lowest train loss": [loss(losses[lowest])],
        "clearly higher, so trained less far": harder,
        same: groups["equivalent"],
        "undecided": groups["undecided"],
        "networks lost": [f"{name} {number}" for name, number in lost.items()] or ["none"],
    }
    said = [f"{what}: {join(arms)}" for what, arms in parts.items() if arms]
    return Finding(
        code="study.activation.trainability",
        subject=lowest,
        verdict="differ" if harder else "equivalent" if groups["equivalent"] else "undecided",
        sentence=f"{'; '.join(said)}.",
        next_step="Train longer: --epochs." if harder else "",
        confidence="paired t and equivalence tests on the train loss over seeds, Holm over pairs",
        numbers={f"train_loss_{name}": value for name, value in losses.items()},
    )


def _units_finding(units: pd.DataFrame) -> Finding:
    parts = [
        f"{row['arm']} {in_words(measured(row, 'share'), percent)} {row['kind']}"
        for row in records(units)
        if is_number(row["share"])
    ]
    return Finding(
        code="study.activation.units",
        verdict="measured",
        sentence=(
            "Hidden units that do no work, at the best epoch on training rows: "
            f"{join(parts) or 'none were counted'}."
        ),
        confidence="95 % t interval over seeds; counted on at most 1,000 training rows",
        numbers={f"idle_{row['arm']}": row["share"] for row in records(units)},
    )
