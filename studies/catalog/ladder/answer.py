"""The course's ladder: one layer, three layers, three layers with dropout.

Two claims are put to the test: that deeper lifts accuracy from the 80s to the 90s, and that dropout
suppresses overfitting.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from reports.findings import Finding
from reports.wording import loss, score, setting
from studies.answering.answer import StudyAnswer
from studies.answering.arms import arms_table, judge_arms, summarise_arms
from studies.answering.comparing import (
    compare_study,
    contrast_findings,
    contrasts_table,
    forest,
    records,
)
from studies.answering.figures import curves_figure
from studies.answering.results import StudyResults
from studies.diagnosis.verdicts import GAP_FLOOR, GAP_SHARE
from studies.diagnosis.words import between


def answer(results: StudyResults) -> StudyAnswer:
    """Say which of the two claims holds on these data."""
    shallow, deep, alone, retuned = results.arms
    arms, verdicts = summarise_arms(results), judge_arms(results)
    by_arm = {row["arm"]: row for row in records(arms)}
    contrasts = [(deep, shallow), (alone, deep), (retuned, deep)]
    compared = compare_study(results, contrasts=contrasts)
    deeper, regularised, tuned = records(compared)
    losses = [by_arm[arm]["validation_loss"] for arm in (deep, alone)]
    matter = max(GAP_SHARE * float(np.nan_to_num(losses).mean()), GAP_FLOOR)
    gap = records(compare_study(results, "last_loss_gap", [(deep, alone)], matter))[0]
    depth = _depth_finding(results, by_arm, deeper)
    dropout = _dropout_finding(results, regularised, gap, matter)
    retuning = _retuning_finding(results, by_arm, tuned)
    return StudyAnswer(
        answer=f"{_DEEPER[deeper['verdict']]}; {_DROPPED[dropout.verdict]}.",
        paragraph=[depth.sentence, dropout.sentence, retuning.sentence],
        findings=[depth, dropout, retuning, *contrast_findings(compared, results)],
        figures=[
            curves_figure(results, finding=_overview(results, by_arm)),
            forest(compared, results, finding=depth.sentence),
        ],
        tables=[arms_table(results, arms, verdicts), contrasts_table(compared, results)],
    )


_DEEPER: Final = {
    "better": "More layers lift the score",
    "worse": "More layers lower the score",
    "equivalent": "More layers change nothing that matters",
    "undecided": "Whether more layers lift the score is undecided",
}
_DROPPED: Final = {
    "holds": "dropout suppresses overfitting",
    "holds at a price": "dropout narrows the gap, but lowers the score",
    "does not hold": "dropout does not suppress overfitting",
    "undecided": "whether dropout suppresses overfitting is undecided",
}


def _depth_finding(
    results: StudyResults, arms: Mapping[str, Mapping[str, Any]], row: Mapping[str, Any]
) -> Finding:
    deep, shallow = row["first"], row["second"]
    low, high = arms[shallow]["validation_score"], arms[deep]["validation_score"]
    sentence = (
        f"From {shallow} to {deep} validation {results.metric} goes from {score(low)} to "
        f"{score(high)}, a difference of {score(row['difference'])} "
        f"({between(row['low'], row['high'], score)})"
    )
    sentence += {
        "better": ": more layers help.",
        "worse": ": more layers harm.",
        "equivalent": f", inside the margin of {score(results.design.margin)}.",
        "undecided": f", undecided at a margin of {score(results.design.margin)}.",
    }[row["verdict"]]
    if results.metric == "accuracy":
        sentence += f" {_decades(shallow, low, high, helps=row['verdict'] == 'better')}"
    return Finding(
        code="study.ladder.depth",
        about="study",
        subject=deep,
        verdict=row["verdict"],
        sentence=sentence,
        level="good" if row["verdict"] == "better" else "info",
        confidence="paired t test over seeds, Holm over the steps of the ladder",
        numbers={"difference": row["difference"], "low": row["low"], "high": row["high"]},
    )


def _decades(shallow: str, low: float, high: float, *, helps: bool) -> str:
    claim = "The claim that more layers lift accuracy from the 80s to the 90s"
    if 0.8 <= low < 0.9 <= high and helps:
        return f"{claim} holds here."
    if low >= 0.9:
        return f"{claim} does not hold here: {shallow} is in the 90s already."
    if high < 0.9:
        return f"{claim} does not hold here: the 90s are not reached."
    return f"{claim} is not shown here."


def _dropout_finding(
    results: StudyResults, row: Mapping[str, Any], gap: Mapping[str, Any], matter: float
) -> Finding:
    """Ask for a smaller gap that is not paid for: who learns less has a smaller gap, too."""
    sign = 1 if gap["difference"] >= 0 else -1
    bounds = sorted((sign * gap["low"], sign * gap["high"]))
    numbers = f"{loss(abs(gap['difference']))} ({between(*bounds)})"
    same = "At the same learning rate dropout"
    narrower = {
        "better": f"{same} narrows the loss gap at the end, by {numbers}",
        "worse": f"{same} widens the loss gap at the end, by {numbers}",
        "equivalent": (
            f"{same} changes the loss gap at the end by {numbers}, "
            f"inside the margin of {loss(matter)}"
        ),
        "undecided": f"What dropout does to the loss gap at the end is undecided: {numbers}",
    }[gap["verdict"]]
    change = f"{score(row['difference'])} ({between(row['low'], row['high'], score)})"
    bought = {
        "better": f"and validation {results.metric} gains {change}",
        "worse": f"but validation {results.metric} loses: {change}",
        "equivalent": f"and validation {results.metric} stays the same: {change}",
        "undecided": f"and what it does to validation {results.metric} is undecided: {change}",
    }[row["verdict"]]
    verdict = {"better": "holds", "undecided": "undecided"}.get(gap["verdict"], "does not hold")
    if verdict == "holds" and row["verdict"] == "worse":
        verdict = "holds at a price"
    held = {"undecided": "is undecided", "holds at a price": "holds only at a price"}
    return Finding(
        code="study.ladder.dropout",
        about="study",
        subject=row["first"],
        verdict=verdict,
        sentence=(
            f"{narrower}, {bought}. The claim that dropout suppresses overfitting "
            f"{held.get(verdict, verdict)} here."
        ),
        level="good" if verdict == "holds" else "info",
        confidence="paired t tests over seeds",
        numbers={
            "gap_difference": gap["difference"],
            "gap_low": gap["low"],
            "gap_high": gap["high"],
            "difference": row["difference"],
            "low": row["low"],
            "high": row["high"],
        },
    )


def _retuning_finding(
    results: StudyResults, arms: Mapping[str, Mapping[str, Any]], row: Mapping[str, Any]
) -> Finding:
    """Say what dropout is worth once the learning rate has followed it."""
    retuned, deep = row["first"], row["second"]
    rates = f"{setting(arms[deep]['learning_rate'])} to {setting(arms[retuned]['learning_rate'])}"
    moved = arms[deep]["learning_rate"] != arms[retuned]["learning_rate"]
    tuning = f"the learning rate moves from {rates}" if moved else "the learning rate stays"
    return Finding(
        code="study.ladder.retuned",
        about="study",
        subject=retuned,
        verdict=row["verdict"],
        sentence=(
            f"Retuned with dropout, {tuning}, and validation {results.metric} is "
            f"{_RETUNED[row['verdict']]} without dropout: {score(row['difference'])} "
            f"({between(row['low'], row['high'], score)}); the loss gap at the end is then "
            f"{loss(arms[retuned]['last_loss_gap'])}, against {loss(arms[deep]['last_loss_gap'])}."
        ),
        level="good" if row["verdict"] == "better" else "info",
        confidence="paired t test over seeds, Holm over the steps of the ladder",
        numbers={"difference": row["difference"], "low": row["low"], "high": row["high"]},
    )


_RETUNED: Final = {
    "better": "better than",
    "worse": "worse than",
    "equivalent": "equivalent to that",
    "undecided": "not clearly different from that",
}


def _overview(results: StudyResults, arms: Mapping[str, Mapping[str, Any]]) -> str:
    parts = [
        f"{name}: train {score(row['last_train_score'])}, validation "
        f"{score(row['last_validation_score'])}"
        for name, row in arms.items()
    ]
    return f"{results.metric.capitalize()} after the last epoch. {'; '.join(parts)}."
