"""How studies say what they found: numbers with their intervals, and whether a claim holds."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from reports.findings import Finding, Level, Numbers
from reports.wording import MISSING, between, ends, is_number, join, loss, score
from studies.statistics.intervals import Interval
from studies.statistics.power import FEWEST_PAIRS

Row: TypeAlias = Mapping[str, Any]
Write: TypeAlias = Callable[[float | None], str]

LEVELS: Final[dict[str, Level]] = {"holds": "good", "does not hold": "warning", "undecided": "info"}
HOLDS: Final = {"better": "holds", "equivalent": "holds", "worse": "does not hold"}
"""Whether a claim holds that one arm is as good as another, by the verdict on it."""
MOST_NAMED: Final = 6  # arms that a sentence names
MORE_SEEDS: Final = "Repeat the study with more --seeds."


def measured(row: Row, measure: str) -> Interval:
    """Return a measure of an arm, which is a row of `summarise_arms`."""
    return Interval(estimate=row[measure], low=row[f"{measure}_low"], high=row[f"{measure}_high"])


def in_words(interval: Interval, write: Write = score, *, sign: bool = False) -> str:
    """Write a number with its interval for a sentence, a change with its sign."""
    estimate = signed(interval.estimate, write) if sign else write(interval.estimate)
    return f"{estimate} ({between(interval.low, interval.high, write)})"


def in_cell(interval: Interval, write: Write = score) -> str:
    """Write a number with its interval for a table."""
    if not (is_number(interval.low) and is_number(interval.high)):
        return write(interval.estimate)
    return f"{write(interval.estimate)} ({bounds(interval, write)})"


def bounds(interval: Interval, write: Write = score, missing: str = "none") -> str:
    """Write an interval without its middle."""
    if not is_number(interval.low):
        return missing
    return ends(interval.low, interval.high, write)


def signed(value: float, write: Write = score) -> str:
    """Write a change with its sign."""
    return f"+{write(value)}" if is_number(value) and value > 0 else write(value)


def percent(share: float | None) -> str:
    """Write a share in percent."""
    return f"{loss(100 * share)} %" if is_number(share) else f"{MISSING} %"


def whole_percent(share: float | None) -> str:
    """Write a share in whole percent."""
    return f"{100 * share:.0f} %" if is_number(share) else MISSING


def name_some(names: Sequence[str]) -> str:
    """Name the first of many, and count the rest."""
    rest = len(names) - MOST_NAMED
    return f"{', '.join(names[:MOST_NAMED])} and {rest} more" if rest > 0 else join(names)


def numbers(interval: Interval, name: str = "difference", prefix: str = "") -> Numbers:
    """Return an interval as numbers of a finding, the bounds with a prefix."""
    return {name: interval.estimate, f"{prefix}low": interval.low, f"{prefix}high": interval.high}


def rests_on(how: str, pairs: int) -> str:
    """Say what a verdict rests on, or that there were too few pairs for one."""
    few = f"descriptive: fewer than {FEWEST_PAIRS} pairs are not tested"
    return few if pairs < FEWEST_PAIRS else how


def claim(subject: str, verdict: str, where: str = "here") -> str:
    """Say of a claim of the course notes whether it holds."""
    holds = "is undecided" if verdict == "undecided" else verdict
    return f"The claim “{subject}” {holds} {where}"


def claim_finding(
    code: str,
    subject: str,
    verdict: str,
    because: str,
    confidence: str,
    known: Numbers,
) -> Finding:
    """Say whether a claim of the course notes holds, and why.

    Args:
        code: Of the finding.
        subject: The claim.
        verdict: ``holds``, ``does not hold`` or ``undecided``.
        because: What follows the claim in the sentence, from its comma or colon on.
        confidence: What the verdict rests on.
        known: The numbers.
    """
    return Finding(
        code=code,
        subject=subject,
        verdict=verdict,
        sentence=f"{claim(subject, verdict)}{because}.",
        next_step=MORE_SEEDS if verdict == "undecided" else "",
        level=LEVELS[verdict],
        confidence=confidence,
        numbers=known,
    )
