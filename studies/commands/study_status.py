"""How far a study is, and what it answers: `fitgap status` on a study's run folder."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any, Final

from studies.designs.design import StudyDesign
from studies.designs.planning import count_stages
from sweep.data.names import printable
from sweep.errors import StorageError
from sweep.records import OUTCOMES, TrialRecord
from sweep.runs.folder import RunFolder

LONGEST: Final = 1000


def study_status(
    folder: RunFolder, manifest: Mapping[str, Any], records: Sequence[TrialRecord], state: str
) -> dict[str, Any]:
    """Gather what is known of a study.

    Args:
        folder: Its run folder.
        manifest: ``manifest.json``.
        records: Its trials so far.
        state: As `studies.commands.status.run_status` says.

    Returns:
        ``study``, its ``question`` and number of ``arms``; ``counts`` of all trials by outcome;
        ``stages``, each with how many trials are ``planned`` and ``done``; ``seconds_left`` while
        it runs; and its ``answer`` once it has finished.
    """
    design = StudyDesign.from_json(manifest["study"])
    stages = [record.stage for record in records]
    outcomes = [record.outcome for record in records]
    planned = count_stages(design)
    total = sum(planned.values())
    return {
        "run": str(folder.path),
        "state": state,
        "study": design.study,
        "question": design.question,
        "arms": len(design.arms),
        "counts": {"planned": total, **{name: outcomes.count(name) for name in OUTCOMES}},
        "stages": {
            stage: {"planned": count, "done": stages.count(stage)}
            for stage, count in planned.items()
            if count
        },
        "seconds_left": (
            _seconds_left(records, total, manifest["settings"]["workers"])
            if state == "running"
            else None
        ),
        "answer": _answer(folder) if state == "finished" else None,
    }


def study_rows(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what is printed of a study, apart from what is printed of every run."""
    rows = [("question", printable(facts["question"], longest=LONGEST))]
    rows.append(("arms", str(facts["arms"])))
    rows += [
        (stage, f"{count['done']} of {count['planned']}")
        for stage, count in facts["stages"].items()
    ]
    if facts["answer"] is not None:
        rows.append(("answer", printable(facts["answer"], longest=LONGEST)))
    return rows


def _seconds_left(records: Sequence[TrialRecord], total: int, workers: int | None) -> float | None:
    """Guess the time left from the mean time of the trials that have ended."""
    if not records:
        return None
    mean = statistics.mean(record.seconds for record in records)
    return float(round(mean * max(total - len(records), 0) / (workers or 1), 1))


def _answer(folder: RunFolder) -> str | None:
    """Return the answer that findings.json holds; None if it holds none."""
    findings = known_findings(folder)
    return next((str(each["sentence"]) for each in findings if each["verdict"] == "answer"), None)


def known_findings(folder: RunFolder) -> list[Any]:
    """Return what findings.json holds; nothing before it is written, or if it is damaged."""
    try:
        return folder.findings()
    except StorageError:
        return []
