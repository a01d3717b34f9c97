"""Say a finding: the one place where a code becomes a sentence."""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any, Final

from reports.findings import Finding
from reports.words import networks
from reports.words.filling import Entry, Values, fill
from reports.words.playbook import PLAYBOOK
from reports.words.sweep import SWEEP

ENTRIES: Final[Mapping[str, Entry]] = {
    **SWEEP,
    **PLAYBOOK,
    "network": networks.judged,
    "curve": networks.rate,
}
"""By code, or by its first word where the rest of the code is the verdict or the subject."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Hold a finding in words.

    Attributes:
        pieces: Of the sentence: words, and between each two of them a value that was filled in.
        next_step: What to do about it; ``""`` if nothing.
    """

    pieces: tuple[str, ...]
    next_step: str

    @property
    def sentence(self) -> str:
        """Return the conclusion in plain words, with its numbers and their interval."""
        return "".join(self.pieces)


def say(finding: Finding) -> Said:
    """Say a finding, or repeat what it says itself."""
    if finding.sentence:
        return Said(pieces=(finding.sentence,), next_step=finding.next_step)
    known = {"subject": finding.subject, "name": finding.subject, "verdict": finding.verdict}
    entry = ENTRIES.get(finding.code) or ENTRIES[finding.code.partition(".")[0]]
    return _say(entry, {**known, **finding.numbers, **finding.details})


def say_trial(verdict: Mapping[Any, Any]) -> Said:
    """Say how a trial fits.

    Args:
        verdict: Its row of the verdicts table; docs/verdicts.md.
    """
    return _say(networks.judged, {"name": "It", "seeds": 1, **verdict})


def finding_json(finding: Finding) -> dict[str, Any]:
    """Return a finding as findings.json holds it."""
    said = say(finding)
    return {
        "code": finding.code,
        "about": finding.about,
        "subject": finding.subject,
        "verdict": finding.verdict,
        "sentence": said.sentence,
        "next_step": said.next_step,
        "level": finding.level,
        "confidence": finding.confidence,
        "numbers": {name: _finite(value) for name, value in finding.numbers.items()},
    }


def _say(entry: Entry, values: Values) -> Said:
    sentence, step = entry(values) if callable(entry) else entry
    return Said(pieces=fill(sentence, values), next_step="".join(fill(step, values)))


def _finite(value: Any) -> Any:  # noqa: ANN401 - a number, a text, or nothing
    """Return a value as JSON has it: NumPy's as Python's, NaN and infinity as null."""
    plain = value.item() if hasattr(value, "item") else value
    return None if isinstance(plain, float) and not math.isfinite(plain) else plain
