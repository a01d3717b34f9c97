"""Comparisons of runs in words: what differs, on what that rests, and what cannot be told."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from reports.findings import Finding, Level
from reports.study_content import ForestFigure, StudyTable
from reports.wording import MISSING, is_number, p_value, plural, score, setting
from studies.answering.results import records
from studies.comparison.sides import MARGIN
from studies.diagnosis.error_rates import with_error_rate

Row = Mapping[str, Any]

LEVELS: Final[Mapping[str, Level]] = {
    "better": "good",
    "worse": "good",
    "equivalent": "info",
    "undecided": "info",
}
BASES: Final = {
    "pairs": "{pairs}",
    "folds": "{folds}, seeds paired",
    "seeds": "{seeds} each, not the same ones (Welch)",
    "rows": "{seeds} each on other rows (Welch, with the error over rows)",
    "one seed": "rows, since one seed is too few",
}


def oriented(row: Row) -> dict[str, Any]:
    """Return a contrast with the arm first that scores higher.

    Args:
        row: Of `compare_sides`.
    """
    turned = dict(row)
    if not row["difference"] < 0:
        return turned
    turned |= {"first": row["second"], "second": row["first"], "difference": -row["difference"]}
    turned |= {"low": -row["high"], "high": -row["low"]}
    opposite = {"worse": "better", "better": "worse"}
    return turned | {"verdict": opposite.get(row["verdict"], row["verdict"])}


def describe_contrast(row: Row, metric: str) -> str:
    """Say one contrast in a sentence, with its numbers and what they rest on.

    Args:
        row: Of `compare_sides`.
        metric: What a score is called.
    """
    row = oriented(row)
    first, second = row["first"], row["second"]
    if row["identical"]:
        return f"{first} and {second} are the same networks: every score and loss is equal."
    size, span, on = f"{metric} {score(row['difference'])}", _span(row), describe_basis(row)
    if row["basis"] == "one seed":
        return (
            f"One seed cannot tell whether {first} is better than {second}: {size} higher, "
            f"over rows {span}."
        )
    match row["verdict"]:
        case "better":
            return f"{first} is better than {second}: {size} higher ({span}) over {on}{_p(row)}."
        case "equivalent":
            return (
                f"{first} and {second} are equivalent: {size} apart ({span}) over {on}, inside "
                f"the margin of {setting(MARGIN)}."
            )
    if not is_number(row["p_holm"]):
        return f"{first} against {second}: {size} apart ({span}) over {on}; too few for a verdict."
    return (
        f"Whether {first} is better than {second} is undecided: {size} higher ({span}) over {on}"
        f"{_p(row)}{_settle(row)}."
    )


def describe_difference(row: Row, metric: str) -> str:
    """Say the difference of one contrast, for the caption of its figure."""
    row = oriented(row)
    arm = f"{row['arm']}: " if row.get("arm") else ""
    return (
        f"{arm}{row['first']} minus {row['second']} is {score(row['difference'])} in {metric} "
        f"({_span(row)}) over {describe_basis(row)}: {row['verdict']}."
    )


def describe_basis(row: Row) -> str:
    """Say what a contrast rests on, such as ``5 paired seeds``."""
    number = int(row["pairs"])
    return BASES[row["basis"]].format(
        pairs=plural(number, "paired seed"),
        seeds=plural(number, "seed"),
        folds=plural(number, "fold"),
    )


def contrast_findings(compared: pd.DataFrame, metric: str) -> list[Finding]:
    """Make a finding of every contrast, those that are decided first.

    Args:
        compared: From `compare_sides`; with a column ``arm`` where arms of studies are compared.
        metric: What a score is called.
    """
    found = []
    for each in records(compared):
        row, arm = oriented(each), str(each.get("arm") or "")
        prefix = f"{arm}: " if arm else ""
        paired = row["basis"] in {"pairs", "folds"}
        rests_on = f"over {describe_basis(row)}; Holm over {plural(len(compared), 'contrast')}"
        if paired and not row["identical"]:
            rests_on = with_error_rate(
                f"paired t test and interval {rests_on}",
                str(row["verdict"]),
                seeds=int(row["pairs"]),
            )
        found.append(
            Finding(
                code=f"compare.{'arm' if arm else 'run'}.{row['verdict']}",
                about="comparison",
                subject=f"{prefix}{row['first']} - {row['second']}",
                verdict=str(row["verdict"]),
                sentence=f"{prefix}{describe_contrast(row, metric)}",
                next_step=next_step(row),
                level=LEVELS[str(row["verdict"])],
                confidence="exact" if row["identical"] else rests_on,
                numbers={
                    name: float(row[name]) if is_number(row[name]) else None
                    for name in ("difference", "low", "high", "p", "p_holm", "detectable")
                },
            )
        )
    return sorted(found, key=lambda one: one.verdict == "undecided")


def next_step(row: Row) -> str:
    """Return what would settle a contrast; ``""`` if it is settled, or nothing would.

    Args:
        row: Of `compare_sides`.
    """
    if row["verdict"] != "undecided" or row["identical"]:
        return ""
    if row["basis"] == "one seed":
        return "Run both with the same --seed and --confirm 5 or more, which trains them in pairs."
    if row["basis"] == "rows":
        return "Run both with the same --seed: they then learn and are judged on the same rows."
    if not is_number(row["seeds_needed"]):
        return "Treat the two as alike unless a difference smaller than the detectable one matters."
    number = int(row["pairs"]) + int(row["seeds_needed"])
    option = "--seeds" if row.get("arm") else "--confirm"
    return f"Run both on {number} seeds: {option} {number}."


def forest(compared: pd.DataFrame, metric: str, finding: str) -> ForestFigure:
    """Draw the contrasts as differences with their intervals.

    Args:
        compared: From `compare_sides`.
        metric: What a score is called.
        finding: The caption.
    """
    rows = [oriented(row) for row in records(compared)]
    arms = "arm" in compared.columns
    names = [
        (f"{row['arm']}: " if arms else "") + f"{row['first']} − {row['second']}"  # noqa: RUF001 - a minus sign
        for row in rows
    ]
    table = pd.DataFrame(rows, columns=["difference", "low", "high", "verdict"])
    return ForestFigure(
        id="differences",
        title=f"Differences in {metric}",
        finding=finding,
        how_to_read=(
            "Each point is the difference in mean validation score, the higher run minus the lower "
            "one, with its 95 % interval: over pairs of seeds where both runs have the same ones, "
            "else of two independent means; of one network each, over rows. An interval right of "
            "zero says that the first is better; one inside the shaded margin, that the difference "
            "does not matter. The words beside it are the verdicts, which count that "
            f"{plural(len(rows), 'contrast')} {'was' if len(rows) == 1 else 'were'} made (Holm)."
        ),
        unit=metric,
        margin=MARGIN,
        table=table.assign(comparison=names),
    )


def contrasts_table(compared: pd.DataFrame, metric: str) -> StudyTable:
    """Write the contrasts for people."""
    rows = [oriented(row) for row in records(compared)]
    columns: dict[str, Sequence[object]] = {}
    if "arm" in compared.columns:
        columns["Arm"] = [row["arm"] for row in rows]
    columns |= {
        "First": [row["first"] for row in rows],
        "Second": [row["second"] for row in rows],
        "Difference": [score(row["difference"]) for row in rows],
        "95 % interval": [_interval(row) for row in rows],
        "Over": [describe_basis(row) for row in rows],
        "p (Holm)": [p_value(row["p_holm"]) for row in rows],
        "p of a difference that matters (Holm)": [
            p_value(row["equivalence_p_holm"]) for row in rows
        ],
        "Detectable": [score(row["detectable"]) for row in rows],
        "More seeds needed": [
            str(int(row["seeds_needed"])) if is_number(row["seeds_needed"]) else MISSING
            for row in rows
        ],
        "Verdict": [row["verdict"] for row in rows],
    }
    return StudyTable(
        id="contrasts",
        title="The comparisons",
        table=pd.DataFrame(columns),
        note=f"Validation {metric} at the best epoch, first minus second; detectable: the smallest "
        "difference found in four cases of five.",
    )


def summarise_verdicts(compared: pd.DataFrame) -> str:
    """Count verdicts, such as ``1 identical, 3 equivalent``."""
    told = compared["verdict"].where(~compared["identical"], "identical")
    counts = told.replace("worse", "better").value_counts()
    names = {"better": "different"} | {
        each: each for each in ("identical", "equivalent", "undecided")
    }
    return ", ".join(f"{counts[each]} {names[each]}" for each in names if each in counts.index)


def _settle(row: Row) -> str:
    needed = row["seeds_needed"]
    if is_number(needed):
        return f"; about {plural(int(needed), 'more seed')} would settle it"
    return f"; {score(row['detectable'])} would have been found in four cases of five"


def _span(row: Row) -> str:
    if not is_number(row["low"]):
        return "no interval"
    return f"95 %: {score(row['low'])} to {score(row['high'])}"


def _p(row: Row) -> str:
    return f", p {p_value(row['p_holm'])}" if is_number(row["p_holm"]) else ""


def _interval(row: Row) -> str:
    if not is_number(row["low"]):
        return "none"
    return f"{score(row['low'])} to {score(row['high'])}"
