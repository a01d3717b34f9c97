"""A finding: one conclusion, with the numbers it rests on. What `findings.json` holds."""

import dataclasses
from typing import Literal, TypeAlias

About = Literal["sweep", "study", "network", "curve", "capacity", "comparison", "data"]
Level = Literal["good", "info", "warning", "alarm"]
Numbers: TypeAlias = dict[str, float | int | str | bool | None]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """State one conclusion in a form that a person reads and a program tests.

    Attributes:
        code: Stable, dotted and lower case, such as ``network.overfits``.
        about: What kind of thing the finding is about.
        subject: The trial's identifier, a hyperparameter's name, or ``""`` for the whole run.
        verdict: One word from the lists in docs/verdicts.md, such as ``overfits``.
        sentence: The conclusion in plain words, with its numbers and their interval.
        next_step: What to do about it; ``""`` if nothing.
        level: How much it asks for attention.
        confidence: What is known about the error rate, in words; never a made-up number.
        numbers: The numbers that the verdict rests on, by name; NaN is written as null.
    """

    code: str
    about: About = "study"
    subject: str = ""
    verdict: str
    sentence: str
    next_step: str = ""
    level: Level = "info"
    confidence: str = ""
    numbers: Numbers = dataclasses.field(default_factory=dict)
