"""The course's ladder: one layer, three layers, three layers with dropout.

Two claims are put to the test: that deeper lifts accuracy from the 80s to the 90s, and that dropout
suppresses overfitting.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np

from reports.findings import Finding
from reports.wording import loss, score, setting
from studies.answering.answer import StudyAnswer
from studies.answering.arms import summarise_arms
from studies.answering.comparing import (
    compare_study,
    contrast_findings,
    forest,
    gap_margin,
    study_tables,
)
from studies.answering.contrasts import Contrast
from studies.answering.figures import curves_figure
from studies.answering.results import StudyResults, records
from studies.answering.words import Row, claim, in_words, numbers
from studies.diagnosis.networks import ConfigVerdict


def answer(results: StudyResults, verdicts: Mapping[str, ConfigVerdict]) -> StudyAnswer:
    """Say which of the two claims holds on these data."""
    shallow, deep, alone, retuned = results.arms
    arms = summarise_arms(results)
    by_arm = {row["arm"]: row for row in records(arms)}
    compared = compare_study(results, contrasts=[(deep, shallow), (alone, deep), (retuned, deep)])
    deeper, regularised, tuned = compared
    losses = [by_arm[arm]["validation_loss"] for arm in (deep, alone)]
    matter = gap_margin(float(np.nan_to_num(losses).mean()))
    (gap,) = compare_study(results, "last_loss_gap", [(deep, alone)], matter)
    depth = _depth_finding(results, by_arm, deeper)
    dropout = _dropout_finding(results, regularised, gap, matter)
    retuning = _retuning_finding(results, by_arm, tuned)
    scores = [
        f"{name}: train {score(row['last_train_score'])}, validation "
        f"{score(row['last_validation_score'])}"
        for name, row in by_arm.items()
    ]
    overview = f"{results.metric.capitalize()} after the last epoch. {'; '.join(scores)}."
    return StudyAnswer(
        answer=f"{_DEEPER[deeper.verdict]}; {_DROPPED[dropout.verdict]}.",
        paragraph=[depth.sentence, dropout.sentence, retuning.sentence],
        findings=[depth, dropout, retuning, *contrast_findings(compared, results)],
        figures=[
            curves_figure(results, finding=overview),
            *forest(compared, results, depth.sentence),
        ],
        tables=study_tables(results, arms, verdicts, compared),
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


def _depth_finding(results: StudyResults, arms: Mapping[str, Row], row: Contrast) -> Finding:
    low, high = arms[row.second]["validation_score"], arms[row.first]["validation_score"]
    is_better, notes = row.verdict == "better", ""
    if results.metric == "accuracy":
        notes = f" {_decades(row.second, low, high, helps=is_better)}"
    return _step_finding(
        "depth",
        row,
        f"From {row.second} to {row.first} validation {results.metric} goes from {score(low)} to "
        f"{score(high)}: {in_words(row.difference, sign=True)}, {row.verdict} at a margin of "
        f"{score(results.design.margin)}.{notes}",
    )


def _decades(shallow: str, low: float, high: float, *, helps: bool) -> str:
    verdict, because = "is not shown", ""
    if 0.8 <= low < 0.9 <= high and helps:
        verdict = "holds"
    elif low >= 0.9:
        verdict, because = "does not hold", f": {shallow} is in the 90s already"
    elif high < 0.9:
        verdict, because = "does not hold", ": the 90s are not reached"
    return f"{claim('more layers lift accuracy from the 80s to the 90s', verdict)}{because}."


def _dropout_finding(results: StudyResults, row: Contrast, gap: Contrast, matter: float) -> Finding:
    """Ask for a smaller gap that is not paid for: who learns less has a smaller gap, too."""
    change = gap.difference
    size = in_words(-change, loss, sign=True)
    verdict = {"better": "holds", "undecided": "undecided"}.get(gap.verdict, "does not hold")
    if verdict == "holds" and row.verdict == "worse":
        verdict = "holds at a price"
    return Finding(
        code="study.ladder.dropout",
        subject=row.first,
        verdict=verdict,
        sentence=(
            f"{claim('dropout suppresses overfitting', verdict)}: at the same learning rate it "
            f"changes the loss gap at the end by {size}, where {loss(matter)} is no matter, and "
            f"validation {results.metric} by {in_words(row.difference, sign=True)} ({row.verdict})."
        ),
        level="good" if verdict == "holds" else "info",
        confidence="paired t tests over seeds",
        numbers={**numbers(change, "gap_difference", "gap_"), **numbers(row.difference)},
    )


def _retuning_finding(results: StudyResults, arms: Mapping[str, Row], row: Contrast) -> Finding:
    """Say what dropout is worth once the learning rate has followed it."""
    tuned, plain = arms[row.first], arms[row.second]
    before, after = setting(plain["learning_rate"]), setting(tuned["learning_rate"])
    return _step_finding(
        "retuned",
        row,
        f"Retuned with dropout, the learning rate goes from {before} to {after} and validation "
        f"{results.metric} by {in_words(row.difference, sign=True)} ({row.verdict}); the loss gap "
        f"at the end is {loss(tuned['last_loss_gap'])}, without {loss(plain['last_loss_gap'])}.",
    )


def _step_finding(name: str, row: Contrast, sentence: str) -> Finding:
    return Finding(
        code=f"study.ladder.{name}",
        subject=row.first,
        verdict=row.verdict,
        sentence=sentence,
        level="good" if row.verdict == "better" else "info",
        confidence="paired t test over seeds, Holm over the steps of the ladder",
        numbers=numbers(row.difference),
    )
