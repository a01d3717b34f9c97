"""What changed from the first run to each later one, and which conclusions it changed."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from reports.findings import Finding
from reports.study_content import StudyTable
from reports.wording import MISSING, count, loss, plural, score, seconds, shorten
from studies.comparison.runs import ComparedRun
from studies.comparison.settings import changed_versions
from studies.comparison.sides import data_key

CLAIMS: Final = ("study", "network", "comparison")  # what codes begin with
MOST_NAMED: Final = 4

Claim = tuple[str, str]


def change_findings(runs: Sequence[ComparedRun]) -> list[Finding]:
    """Say of every later run what is not as it was in the first one.

    Args:
        runs: Two or more.
    """
    first, *others = runs
    return [
        Finding(
            code="compare.changed",
            about="comparison",
            subject=run.label,
            verdict="changed" if parts else "same",
            sentence=(
                f"From {first.label} to {run.label}: {'; '.join(parts)}."
                if parts
                else f"Nothing changed from {first.label} to {run.label}."
            ),
            confidence="exact: read from the runs; the verdicts above say what matters",
        )
        for run in others
        for parts in [_changes(first, run)]
    ]


def claims_table(runs: Sequence[ComparedRun]) -> StudyTable | None:
    """Set the verdicts of studies of one design beside each other.

    Args:
        runs: Two or more.

    Returns:
        One row a claim, those first that differ; None where the runs answer different questions.
    """
    claims = _claims_of(runs)
    keys = sorted(_keys(claims), key=lambda key: _is_same(claims, key))
    if not keys:
        return None
    rows = [[*key, *(each.get(key, MISSING) for each in claims)] for key in keys]
    same = sum(_is_same(claims, key) for key in keys)
    return StudyTable(
        id="claims",
        title="What each run concludes",
        table=pd.DataFrame(rows, columns=["Claim", "About", *(run.label for run in runs)]),
        note=f"{same} of {plural(len(keys), 'verdict')} are the same in all runs; those that "
        "differ stand first. Drawn by the present rules, whatever version made the run.",
    )


def count_claims(runs: Sequence[ComparedRun]) -> tuple[int, int, list[str]]:
    """Count the verdicts of a study's own claims that are the same in all runs.

    Args:
        runs: Two or more.

    Returns:
        How many are the same, how many there are, and those that differ, in words.
    """
    claims = [
        {key: verdict for key, verdict in each.items() if key[0].startswith("study.")}
        for each in _claims_of(runs)
    ]
    keys = _keys(claims)
    differ = [key for key in keys if not _is_same(claims, key)]
    in_words = [
        f"{name.rpartition('.')[2]}{f' ({about})' if about else ''}: "
        + " / ".join(each.get((name, about), "not said") for each in claims)
        for name, about in differ
    ]
    return len(keys) - len(differ), len(keys), in_words


def _claims_of(runs: Sequence[ComparedRun]) -> list[dict[Claim, str]]:
    """Return the verdicts of each run; none where they answer different questions."""
    asked = {run.results.design.study if run.results is not None else "" for run in runs}
    return [_claims(run) for run in runs] if len(asked) == 1 and "" not in asked else []


def _keys(claims: Sequence[dict[Claim, str]]) -> list[Claim]:
    return list(dict.fromkeys(key for each in claims for key in each))


def _claims(run: ComparedRun) -> dict[Claim, str]:
    """Return the verdicts of a study: the arms, the contrasts and what it was made to answer."""
    verdicts: dict[Claim, str] = {}
    for finding in run.findings:
        kind = finding.code.partition(".")[0]
        if kind not in CLAIMS or finding.verdict in {"answer", "caveats"}:
            continue
        # The codes of arms and contrasts end in their verdict.
        code = finding.code if kind == "study" else finding.code.rpartition(".")[0]
        verdicts.setdefault((code, finding.subject), finding.verdict)
    return verdicts


def _is_same(claims: Sequence[dict[Claim, str]], key: Claim) -> bool:
    return len({each.get(key) for each in claims}) == 1


def _changes(first: ComparedRun, run: ComparedRun) -> list[str]:
    before, after = first.manifest, run.manifest
    parts = []
    if data_key(before) != data_key(after):
        parts.append(f"data {_data(first, run)} to {_data(run, first)}")
    elif first.network is not None and run.network is not None:
        parts += _network_changes(first, run)
    trials = _count_changes(before, after)
    parts += [f"trials {', '.join(trials)}"] if trials else []
    times = [seconds((each.get("seconds") or {}).get("total")) for each in (before, after)]
    parts += [f"time {times[0]} to {times[1]}"] if len(set(times)) > 1 else []
    versions = changed_versions(before, after)
    more = f" and {len(versions) - MOST_NAMED} more" if len(versions) > MOST_NAMED else ""
    parts += [f"versions {', '.join(versions[:MOST_NAMED])}{more}"] if versions else []
    return parts


def _network_changes(first: ComparedRun, run: ComparedRun) -> list[str]:
    before, after = first.network, run.network
    if before is None or after is None:
        return []
    facts = [
        (f"validation {run.metric}", score(before.score.estimate), score(after.score.estimate)),
        ("loss gap", loss(before.gap.estimate), loss(after.gap.estimate)),
        ("fit", before.verdict, after.verdict),
        ("parameters", count(before.parameters), count(after.parameters)),
        ("network", before.words, after.words),
    ]
    return [f"{name} {old} to {new}" for name, old, new in facts if old != new]


def _data(run: ComparedRun, other: ComparedRun) -> str:
    """Name the data of a run so that they are told from another run's."""
    if run.data_name != other.data_name:
        return run.data_name
    mine, others = run.manifest["data"], other.manifest["data"]
    if mine.get("fingerprint") != others.get("fingerprint"):
        return f"{run.data_name} ({str(mine.get('fingerprint'))[:12]})"
    return f"{run.data_name} (target {shorten(str(mine.get('target')), 32)})"


def _count_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    old, new = ((each.get("counts") or {}) for each in (before, after))
    return [
        f"{name} {count(old.get(name) or 0)} to {count(new.get(name) or 0)}"
        for name in ("finished", "pruned", "diverged", "failed")
        if (old.get(name) or 0) != (new.get(name) or 0)
    ]
