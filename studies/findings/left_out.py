"""What a run could not make beside its main job, as findings."""

import dataclasses
from collections.abc import Iterable
from typing import Final

from reports.findings import About, Finding
from sweep.runs.left_out import LeftOut

VERDICT: Final = "left out"
DOING_WITHOUT: Final = {
    "baselines": ", `--no-baselines` with it does without them",
    "figure": ", `--no-report` with it does without the report",
    "report": ", `--no-report` with it does without one",
    "storage": ", `--storage none` with it does without one",
}


def tell_left_out(left_out: Iterable[LeftOut], about: About = "sweep") -> list[Finding]:
    """Say of each part of a run that could not be made why, and how to have or to do without it."""
    return [
        Finding(
            code="run.left_out",
            about=about,
            subject=one.stage,
            verdict=VERDICT,
            sentence=f"{one.sentence}.",
            next_step="`fitgap resume` tries again"
            f"{DOING_WITHOUT.get(one.stage.partition('.')[0], '')}.",
            level="warning",
            confidence="exact",
            numbers={**dataclasses.asdict(one)},
        )
        for one in left_out
    ]


def find_left_out(findings: Iterable[Finding]) -> list[Finding]:
    """Return those of a run's findings that say what could not be made."""
    return [finding for finding in findings if finding.verdict == VERDICT]
