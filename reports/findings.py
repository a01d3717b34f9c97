"""A finding: one conclusion, with the numbers it rests on. What `findings.json` holds."""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from reports.wording import is_number

About = Literal["sweep", "study", "network", "curve", "capacity", "comparison", "data"]
Level = Literal["good", "info", "warning", "alarm"]
Numbers: TypeAlias = dict[str, float | int | str | bool | None]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """State one conclusion as data; `reports.words` says it in words.

    Attributes:
        code: Stable, dotted and lower case, such as ``network.overfits``.
        about: What kind of thing the finding is about.
        subject: The trial's identifier, a hyperparameter's name, or ``""`` for the whole run.
        verdict: One word from the lists in docs/verdicts.md, such as ``overfits``.
        level: How much it asks for attention.
        confidence: What is known about the error rate, in words; never a made-up number.
        numbers: The numbers that the verdict rests on, by name; NaN is written as null.
        details: What its sentence names besides, such as the best trial; never written as data.
        sentence: What a study or a comparison says in words of its own; else ``""``.
        next_step: What it says to do, with such a sentence.
    """

    code: str
    about: About = "study"
    subject: str = ""
    verdict: str
    level: Level = "info"
    confidence: str = ""
    numbers: Numbers = dataclasses.field(default_factory=dict)
    details: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    sentence: str = ""
    next_step: str = ""

    def number(self, name: str) -> float:
        """Return one of its numbers; NaN where that is not known."""
        value = self.numbers.get(name)
        return float(value) if is_number(value) else math.nan
