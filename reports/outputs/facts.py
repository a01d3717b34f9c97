"""The numbers that a run can be judged by, each under one name: for programs and for gates."""

import math
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import pandas as pd

from reports.content import SweepContent
from reports.findings import Finding
from reports.run_score import run_scores
from reports.study_content import StudyContent
from reports.tables.scores import score_table
from reports.wording import is_number

Facts: TypeAlias = dict[str, float | int | str | None]


def run_facts(content: SweepContent | StudyContent) -> Facts:
    """Gather the facts of a run.

    Args:
        content: A sweep or a study, finished or not.

    Returns:
        A value for each name in `fact_names.FACTS` of its kind; None for what is not known, which
        includes numbers that are not finite.
    """
    own = _study_facts(content) if isinstance(content, StudyContent) else _sweep_facts(content)
    found = own | _counts(content)
    return {name: _known(value) for name, value in found.items()}


def _sweep_facts(content: SweepContent) -> dict[str, object]:
    winner, fit = content.winner or {}, content.network_finding
    gaps = fit.numbers if fit else {}
    searched, test = winner.get("validation") or {}, winner.get("test") or {}
    confirmed = winner.get("confirmed") or {}
    baseline = content.score.best(content.baselines)
    members = content.trials[content.trials["trial"].isin(content.winner_members)]
    return {
        "verdict": fit.verdict if fit else None,
        **{name: gaps.get(name) for name in ("gap", "gap_low", "gap_high")},
        "score_gap": members["score_gap"].astype("float64").mean(),
        "score": (confirmed or searched).get("score"),
        "searched_score": searched.get("score"),
        "confirmed_score": confirmed.get("score"),
        "validation_loss": (confirmed or searched).get("loss"),
        "test_score": test.get("score"),
        "test_loss": test.get("loss"),
        "baseline_score": baseline.value if baseline else None,
        "parameters": winner.get("parameters"),
        **_score_facts(content),
    }


def _score_facts(content: SweepContent) -> dict[str, object]:
    """Return each score of the winner and of the best baseline, of runs that have them all."""
    table = score_table(content)
    facts: dict[str, object] = {}
    for score in run_scores(content.manifest) if content.manifest.get("scores") else ():
        mine = table[table["score"] == score.name]
        own = mine[mine["of"] == "network"].set_index("rows")["value"]
        others = mine.loc[mine["of"] != "network", "value"].dropna()
        facts |= {f"{rows}_{score.key}": own.get(rows) for rows in ("validation", "test")}
        best = others.max() if score.higher else others.min()
        facts[f"baseline_{score.key}"] = best
    return facts


def _study_facts(content: StudyContent) -> dict[str, object]:
    arms = [finding for finding in content.findings if finding.about == "network"]
    gaps = [finding.numbers.get("gap") for finding in arms]
    compared = [one for one in content.findings if one.code.startswith("comparison.score.")]
    return {
        "arms": len(arms),
        "best_score": _best_arm(content.trials),
        "largest_gap": max((float(gap) for gap in gaps if is_number(gap)), default=math.nan),
        "overfitting_arms": sum(finding.verdict == "overfits" for finding in arms),
        "underfitting_arms": sum(finding.verdict == "underfits" for finding in arms),
        "undecided_comparisons": sum(finding.verdict == "undecided" for finding in compared),
    }


def _best_arm(trials: pd.DataFrame) -> float:
    compared = trials[(trials["stage"] == "comparison") & (trials["outcome"] == "finished")]
    means = compared.groupby("arm", sort=False)["validation_score"].mean()
    return float(means.max()) if len(means) else math.nan


def _counts(content: SweepContent | StudyContent) -> dict[str, object]:
    manifest = content.manifest
    counts: Mapping[str, object] = manifest.get("counts") or {}
    kinds = ("finished", "pruned", "diverged", "failed")
    number = {kind: int(value) if is_number(value := counts.get(kind)) else 0 for kind in kinds}
    ended = sum(number.values())
    return {
        "planned": counts.get("planned"),
        **number,
        "diverged_share": number["diverged"] / ended if ended else None,
        "failed_share": number["failed"] / ended if ended else None,
        "alarms": _level(content.findings, "alarm"),
        "warnings": _level(content.findings, "warning"),
        "seconds": (manifest.get("seconds") or {}).get("total"),
        "state": manifest.get("state"),
    }


def _level(findings: Sequence[Finding], level: str) -> int:
    return sum(finding.level == level for finding in findings)


def _known(value: object) -> float | int | str | None:
    """Return a fact as JSON has it: NumPy's numbers as Python's, and nothing for NaN."""
    if isinstance(value, str):
        return value or None
    if not is_number(value):
        return None
    number = float(value)
    return int(number) if number.is_integer() and not isinstance(value, float) else number
