"""The contrasts of a study: each pair of arms, its difference, and the verdict in words."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from reports.findings import Finding, Level
from reports.study_content import ForestFigure, StudyTable
from reports.wording import is_number, p_value, plural, score
from studies.answering.arms import arms_table
from studies.answering.results import StudyResults, records
from studies.answering.words import bounds, difference, told
from studies.diagnosis.error_rates import with_error_rate
from studies.diagnosis.networks import ConfigVerdict
from studies.diagnosis.verdicts import GAP_FLOOR, GAP_SHARE
from studies.statistics.several_arms import compare_arms

LEVELS: Final[Mapping[str, Level]] = {
    "better": "good",
    "worse": "info",  # a study compares what is worse on purpose
    "equivalent": "info",
    "undecided": "info",
}
MOST_DRAWN: Final = 30


def compare_study(
    results: StudyResults,
    measure: str | pd.DataFrame = "validation_score",
    contrasts: Sequence[tuple[str, str]] | None = None,
    margin: float | None = None,
) -> pd.DataFrame:
    """Compare the arms of a study over its pairs; the table is that of `compare_arms`.

    Args:
        results: The study.
        measure: In which more is better: a column of the trials table, or one value an arm and
            pair, as `StudyResults.paired` returns them.
        contrasts: Which pairs of arms; those of the design if left out.
        margin: The largest difference that is no matter; the design's, in score, if left out.
    """
    return compare_arms(
        results.paired(measure) if isinstance(measure, str) else measure,
        results.design.contrasts if contrasts is None else contrasts,
        margin=results.design.margin if margin is None else margin,
        folds=results.folds,
    )


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


def describe_contrast(row: Mapping[str, Any], metric: str, margin: float) -> str:
    """Say one contrast in a sentence, with its numbers.

    Args:
        row: A row of `compare_arms`.
        metric: What the difference is in.
        margin: The largest difference that is no matter.
    """
    first, second = row["first"], row["second"]
    numbers = told(difference(row))
    adjusted = f", p {p_value(row['p_holm'])} after Holm" if is_number(row["p_holm"]) else ""
    match row["verdict"]:
        case "better" | "worse" as verdict:
            than = f"{first} is {verdict} than {second}"
            return f"{than}: {metric} {numbers} apart{adjusted}."
        case "equivalent":
            return (
                f"{first} and {second} are equivalent: {metric} {numbers} apart, inside the margin "
                f"of {score(margin)}."
            )
    if not is_number(row["p_holm"]):
        return (
            f"{first} against {second}: {metric} {numbers} apart over"
            f" {plural(int(row['pairs']), 'pair')}; too few for a verdict."
        )
    needed = row["seeds_needed"]
    settle = (
        f"; about {plural(int(needed), 'more seed')} would settle it" if is_number(needed) else ""
    )
    return (
        f"{first} against {second} is undecided: {metric} {numbers} apart{adjusted}; a difference "
        f"of {score(row['detectable'])} would have been found in four cases of five{settle}."
    )


def contrast_findings(
    compared: pd.DataFrame, results: StudyResults, *, what: str = "score"
) -> list[Finding]:
    """Make a finding of every contrast.

    Args:
        compared: From `compare_study`.
        results: The study.
        what: A word for the measure in the code of each finding.
    """
    return [
        Finding(
            code=f"comparison.{what}.{row['verdict']}",
            about="comparison",
            subject=f"{row['first']} - {row['second']}",
            verdict=str(row["verdict"]),
            sentence=describe_contrast(row, results.metric, results.design.margin),
            next_step=_next_step(row),
            level=LEVELS[str(row["verdict"])],
            confidence=with_error_rate(
                f"paired t test and interval over {plural(int(row['pairs']), 'pair')}, Holm over "
                f"{plural(len(compared), 'contrast')}",
                str(row["verdict"]),
                seeds=int(row["pairs"]),
            ),
            numbers={
                name: (float(row[name]) if is_number(row[name]) else None)
                for name in ("difference", "low", "high", "p", "p_holm", "superiority")
            },
        )
        for row in records(compared)
    ]


def forest(
    compared: pd.DataFrame,
    results: StudyResults,
    *,
    finding: str,
    id: str = "differences",  # noqa: A002 - the figure's word
) -> ForestFigure:
    """Draw the contrasts as paired differences with their intervals.

    Args:
        compared: From `compare_study`.
        results: The study.
        finding: The caption.
        id: The figure's anchor.
    """
    shown = compared.head(MOST_DRAWN)
    names = [f"{row['first']} − {row['second']}" for row in records(shown)]  # noqa: RUF001 - a minus sign
    more = len(compared) - len(shown)
    rest = f" {plural(more, 'more contrast')} stand in the table." if more > 0 else ""
    return ForestFigure(
        id=id,
        title=f"Differences in {results.metric} between arms",
        finding=finding,
        how_to_read=(
            "Each point is the mean difference over paired seeds, first minus second, with its "
            "95 % t interval. An interval right of zero says that the first is better; one inside "
            "the shaded margin, that the difference does not matter. The words beside it are the "
            f"verdicts, which count that {plural(len(compared), 'contrast')} were made (Holm)."
            f"{rest}"
        ),
        unit=results.metric,
        margin=results.design.margin,
        table=shown[["difference", "low", "high", "verdict"]].assign(comparison=names),
    )


def contrasts_table(compared: pd.DataFrame, results: StudyResults) -> StudyTable:
    """Write the contrasts for people."""
    rows = records(compared)
    table = pd.DataFrame(
        {
            "First": compared["first"],
            "Second": compared["second"],
            "Difference": [score(row["difference"]) for row in rows],
            "95 % interval": [bounds(difference(row)) for row in rows],
            "p (t, Holm)": [p_value(row["p_holm"]) for row in rows],
            "p (sign flips)": [p_value(row["sign_flip_p"]) for row in rows],
            "P(first better)": [score(row["superiority"]) for row in rows],
            "Detectable": [score(row["detectable"]) for row in rows],
            "Verdict": compared["verdict"],
            "Pairs": compared["pairs"],
        }
    )
    return StudyTable(
        id="contrasts",
        title="The comparisons",
        table=table,
        note=f"Validation {results.metric} at the best epoch, first minus second, over paired "
        "seeds; detectable: the smallest difference found in four cases of five.",
    )


def study_tables(
    results: StudyResults,
    arms: pd.DataFrame,
    verdicts: Mapping[str, ConfigVerdict],
    compared: pd.DataFrame,
) -> list[StudyTable]:
    """Write the tables that studies share: the arms and their contrasts.

    Args:
        results: The study.
        arms: From `summarise_arms`.
        verdicts: From `judge_arms`.
        compared: From `compare_study`.
    """
    return [arms_table(results, arms, verdicts), contrasts_table(compared, results)]


def verdicts_on(name: str, compared: pd.DataFrame) -> dict[str, str]:
    """Return the verdict on one arm against each other one, by the name of the other.

    Args:
        name: The arm.
        compared: From `compare_arms`; contrasts without the arm are left out.
    """
    turned = {"better": "worse", "worse": "better"}
    seen = {}
    for row in records(compared):
        verdict = str(row["verdict"])
        if row["first"] == name:
            seen[str(row["second"])] = verdict
        elif row["second"] == name:
            seen[str(row["first"])] = turned.get(verdict, verdict)
    return seen


def _next_step(row: Mapping[str, Any]) -> str:
    if row["verdict"] != "undecided":
        return ""
    needed = row["seeds_needed"]
    if is_number(needed):
        return f"Repeat the study with --seeds {int(row['pairs']) + int(needed)}."
    return "Treat the two as alike unless a difference smaller than the detectable one matters."
