"""What a run could not make beside its main job, as findings."""

import dataclasses
from collections.abc import Iterable
from typing import Final

from reports.findings import About, Finding
from sweep.runs.left_out import LeftOut

VERDICT: Final = "left out"


def tell_left_out(left_out: Iterable[LeftOut], about: About = "sweep") -> list[Finding]:
    """Say of each part of a run that could not be made why, and how to have or to do without it."""
    return [
        Finding(
            code="run.left_out",
            about=about,
            subject=one.stage,
            verdict=VERDICT,
            level="warning",
            confidence="exact",
            numbers={**dataclasses.asdict(one)},
            details={"what": one.sentence},
        )
        for one in left_out
    ]


def find_left_out(findings: Iterable[Finding]) -> list[Finding]:
    """Return those of a run's findings that say what could not be made."""
    return [finding for finding in findings if finding.verdict == VERDICT]
