"""How often each verdict errs, as measured by the known-truth bench and kept beside this module.

Light on purpose: findings print these rates without training anything.
"""

import dataclasses
import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from reports.wording import between

STORED: Final = Path(__file__).with_name("error_rates.json")
SCHEMA: Final = 1
UNMEASURED: Final = "error rate not measured"
NO_CLAIM: Final = ("undecided", "failed", "pruned")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredRate:
    """Hold the false-positive rate of one verdict.

    Attributes:
        seeds: Seeds that each judgement rested on.
        problems: Problems of which the verdict was false.
        said: Of these, how often it was said.
        low: Lower bound of the 95 % interval of that share (Clopper and Pearson 1934).
        high: Upper bound.
    """

    seeds: int
    problems: int
    said: int
    low: float
    high: float


def confidence_of(verdict: str, *, seeds: int) -> str:
    """Say how often a verdict is given where it is false.

    Args:
        verdict: A verdict such as ``overfits``, or the code of a finding that ends with one:
            ``network.overfits``, ``curve.learning_rate_too_small``.
        seeds: Seeds (or pairs of seeds) it rests on. The rate is that of the largest number
            measured that is not larger, or of the smallest one.

    Returns:
        A clause without a full stop; that it was not measured, for a verdict the bench does not
        have.
    """
    rate = measured_rate(verdict, seeds=seeds)
    if rate is None or not rate.problems:
        return UNMEASURED
    number = "one seed" if rate.seeds == 1 else f"{rate.seeds} seeds"
    return (
        f"said in {_percent(rate.said / rate.problems)} of {rate.problems} known-truth problems "
        f"where it was false ({between(rate.low, rate.high, _percent)}; {number} each)"
    )


def _percent(share: float | None) -> str:
    return f"{100 * (share or 0.0):.1f} %"


def with_error_rate(rests_on: str, verdict: str, *, seeds: int) -> str:
    """Add to what a verdict rests on how often it is given where it is false.

    A verdict that claims nothing about a network has no such rate.

    Args:
        rests_on: Such as ``95 % interval over 5 seeds and the rows``.
        verdict: As in `confidence_of`.
        seeds: As in `confidence_of`.
    """
    if verdict in NO_CLAIM:
        return rests_on
    return f"{rests_on}; {confidence_of(verdict, seeds=seeds)}"


def measured_rate(verdict: str, *, seeds: int) -> MeasuredRate | None:
    """Return the stored rate behind `confidence_of`; None if there is none."""
    name = verdict.rpartition(".")[2].removeprefix("learning_rate_").replace("_", " ")
    found = _stored().get(_ALIASES.get(name, name), {})
    if not found:
        return None
    fitting = [count for count in found if count <= seeds]
    return found[max(fitting) if fitting else min(found)]


@functools.cache
def _stored() -> Mapping[str, Mapping[int, MeasuredRate]]:
    content = json.loads(STORED.read_text(encoding="utf-8")) if STORED.exists() else {}
    return _by_verdict(content.get("rates", ()))


def _by_verdict(rates: Any) -> Mapping[str, Mapping[int, MeasuredRate]]:  # noqa: ANN401 - what JSON holds
    found: dict[str, dict[int, MeasuredRate]] = {}
    for rate in rates:
        interval = rate["false_positive"]
        found.setdefault(rate["verdict"], {})[rate["seeds"]] = MeasuredRate(
            seeds=rate["seeds"],
            problems=rate["false"],
            said=rate["said_though_false"],
            low=interval["low"],
            high=interval["high"],
        )
    return found


_ALIASES: Final[Mapping[str, str]] = {"smallest adequate": "adequate"}
