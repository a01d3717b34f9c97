"""A contrast: one arm or run minus another, what it rests on and what follows from it."""

import dataclasses
import math
from collections.abc import Iterable, Sequence
from typing import Any, Final, Literal, TypeAlias

import pandas as pd

from reports.findings import Numbers
from reports.wording import MINUS, is_number
from studies.answering.results import records
from studies.statistics.intervals import Interval

Basis = Literal["pairs", "folds", "seeds", "rows", "one seed"]

TURNED: Final = {"better": "worse", "worse": "better"}
VERDICTS: Final = ("better", "worse", "equivalent", "undecided")
FIELDS: Final = (
    "first", "second", "verdict", "pairs", "p", "p_holm", "equivalence_p_holm", "sign_flip_p",
    "superiority", "detectable",
)  # fmt: skip


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """Hold how the first of two differs from the second, in a measure of which more is better.

    Attributes:
        first: An arm or a run.
        second: What it is compared with.
        difference: First minus second, with its plain 95 % interval.
        verdict: What follows for the first, all contrasts of the family counted.
        pairs: How many pairs, folds or seeds it rests on.
        basis: What those are; ``seeds`` and ``rows`` are no pairs, ``one seed`` decides nothing.
        p: Of no difference; NaN with too few pairs, like the others.
        p_holm: The same, adjusted by Holm.
        equivalence_p_holm: Of a difference as large as the margin, adjusted by Holm.
        sign_flip_p: Of no difference, by flipping signs; NaN where it was not measured.
        superiority: Share of pairs in which the first is better; NaN where it was not measured.
        detectable: The smallest difference that is found in four cases of five.
        seeds_needed: How many more seeds would settle it; None if it is settled, or none would.
        arm: Of which arm two runs are compared; ``""`` of anything else.
        identical: Whether both are the same networks.
    """

    first: str
    second: str
    difference: Interval
    verdict: str
    pairs: int
    basis: Basis = "pairs"
    p: float = math.nan
    p_holm: float = math.nan
    equivalence_p_holm: float = math.nan
    sign_flip_p: float = math.nan
    superiority: float = math.nan
    detectable: float = math.nan
    seeds_needed: int | None = None
    arm: str = ""
    identical: bool = False

    @property
    def is_clear(self) -> bool:
        """Return whether one of the two is better."""
        return self.verdict in TURNED

    @property
    def is_measured(self) -> bool:
        """Return whether there is a difference at all."""
        return is_number(self.difference.estimate)

    @property
    def is_tested(self) -> bool:
        """Return whether there were pairs enough for a test."""
        return is_number(self.p_holm)

    @property
    def title(self) -> str:
        """Return what is compared, as a difference."""
        return f"{self.prefix}{self.first} {MINUS} {self.second}"

    @property
    def subject(self) -> str:
        """Return what is compared, as findings have it."""
        return f"{self.prefix}{self.first} - {self.second}"

    @property
    def numbers(self) -> Numbers:
        """Return what findings tell of it; None for what was not measured."""
        values = {
            "difference": self.difference.estimate,
            "low": self.difference.low,
            "high": self.difference.high,
            "p": self.p,
            "p_holm": self.p_holm,
            "superiority": self.superiority,
            "detectable": self.detectable,
        }
        return {name: float(value) if is_number(value) else None for name, value in values.items()}

    def turned(self) -> "Contrast":
        """Return the second minus the first."""
        return dataclasses.replace(
            self,
            first=self.second,
            second=self.first,
            difference=-self.difference,
            verdict=TURNED.get(self.verdict, self.verdict),
            superiority=1 - self.superiority,
        )

    def upwards(self) -> "Contrast":
        """Return it with the one first that scores higher."""
        return self.turned() if self.difference.estimate < 0 else self

    @property
    def prefix(self) -> str:
        """Return what goes before the names, if an arm does."""
        return f"{self.arm}: " if self.arm else ""


Contrasts: TypeAlias = Sequence[Contrast]


def read_contrasts(table: pd.DataFrame, *, basis: Basis = "pairs") -> list[Contrast]:
    """Return the rows of `studies.statistics.several_arms.compare_arms` as contrasts."""
    return [
        Contrast(
            difference=difference(row),
            basis=basis,
            seeds_needed=int(row["seeds_needed"]) if is_number(row["seeds_needed"]) else None,
            **{name: row[name] for name in FIELDS},
        )
        for row in records(table)
    ]


def difference(row: dict[str, Any]) -> Interval:
    """Return the difference of a row of `studies.statistics.several_arms.compare_arms`."""
    return Interval(estimate=row["difference"], low=row["low"], high=row["high"])


def by_names(contrasts: Contrasts) -> dict[tuple[str, str], Contrast]:
    """Return contrasts by the names of the first and the second."""
    return {(each.first, each.second): each for each in contrasts}


def verdicts_on(name: str, contrasts: Contrasts) -> dict[str, str]:
    """Return the verdict on one arm against each other one, by the name of the other."""
    own = [each for each in contrasts if name in {each.first, each.second}]
    facing = [each if each.first == name else each.turned() for each in own]
    return {each.second: each.verdict for each in facing}


def others_by_verdict(name: str, contrasts: Contrasts) -> dict[str, list[str]]:
    """Return the other arms by the verdict on one arm against them."""
    groups: dict[str, list[str]] = {verdict: [] for verdict in VERDICTS}
    for other, verdict in verdicts_on(name, contrasts).items():
        groups[verdict].append(other)
    return groups


def largest(contrasts: Iterable[Contrast]) -> Contrast | None:
    """Return the contrast with the highest difference; None if nothing was measured."""
    measured = [each for each in contrasts if each.is_measured]
    return max(measured, key=lambda each: each.difference.estimate, default=None)
