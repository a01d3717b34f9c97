"""From judged problems to error rates: what was said, what is true, and how often they differ."""

import collections
import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any, Final

from studies.bench.truth import FALSE, GREY, TRUE
from studies.statistics.intervals import Interval, exact_share_interval

UNDECIDED: Final = "undecided"
ORDER: Final = ("network", "curve", "comparison", "capacity")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Hold one problem that was judged once.

    Attributes:
        family: Where the problem is from.
        about: ``network``, ``curve``, ``comparison`` or ``capacity``.
        seeds: Seeds (or pairs of them) that the verdict rests on.
        said: The verdict.
        truths: Of each verdict whether it is true: 1, 0, or 0.5 where it is too close to say.
    """

    family: str
    about: str
    seeds: int
    said: str
    truths: Mapping[str, float]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ErrorRate:
    """Hold how often a verdict errs, in counts.

    Attributes:
        about: ``network``, ``curve``, ``comparison`` or ``capacity``.
        verdict: The verdict.
        seeds: Seeds that each judgement rests on.
        false: Problems of which it is false.
        said_though_false: Of these, how often it was said.
        true: Problems of which it is true.
        said: Of these, how often it was said.
        other: Of these, how often another verdict was said that is true as well.
        undecided: Of these, how often nothing was concluded.
        wrong: Of these, how often a verdict was said that is not true, or too close to say.
        grey: Problems too close to a margin to say; they count nowhere else.
    """

    about: str
    verdict: str
    seeds: int
    false: int
    said_though_false: int
    true: int
    said: int
    other: int
    undecided: int
    wrong: int
    grey: int

    @property
    def false_positive(self) -> Interval:
        """Return the share of problems of which it was said though false, with its interval."""
        return exact_share_interval(self.said_though_false, self.false)

    @property
    def false_negative(self) -> Interval:
        """Return the share of problems of which nothing true was said though it is true."""
        return exact_share_interval(self.undecided + self.wrong, self.true)


def error_rates(cases: Iterable[Case]) -> list[ErrorRate]:
    """Count the errors of each verdict, apart for each number of seeds.

    Args:
        cases: Every judged problem.

    Returns:
        One rate for each verdict that a truth is known of, in a fixed order.
    """
    counts: dict[tuple[str, str, int], collections.Counter[str]] = {}
    for case in cases:
        for verdict, truth in case.truths.items():
            key = (case.about, verdict, case.seeds)
            counts.setdefault(key, collections.Counter()).update(_marks(case, verdict, truth))
    names = [field.name for field in dataclasses.fields(ErrorRate)][3:]
    return [
        ErrorRate(
            about=about,
            verdict=verdict,
            seeds=seeds,
            **{name: counts[about, verdict, seeds][name] for name in names},
        )
        for about, verdict, seeds in sorted(counts, key=lambda key: ORDER.index(key[0]))
    ]


def answers(cases: Iterable[Case]) -> list[dict[str, Any]]:
    """Count what was said of each family, apart for each number of seeds, most often said first."""
    counts: dict[tuple[str, str, int], collections.Counter[str]] = {}
    for case in cases:
        key = (case.about, case.family, case.seeds)
        counts.setdefault(key, collections.Counter())[case.said] += 1
    return [
        {"about": about, "family": family, "seeds": seeds, "said": dict(said.most_common())}
        for (about, family, seeds), said in sorted(
            counts.items(), key=lambda item: ORDER.index(item[0][0])
        )
    ]


def _marks(case: Case, verdict: str, truth: float) -> list[str]:
    if truth == GREY:
        return ["grey"]
    said = case.said == verdict
    if truth == FALSE:
        return ["false", "said_though_false"] if said else ["false"]
    if said:
        return ["true", "said"]
    if case.said == UNDECIDED:
        return ["true", "undecided"]
    return ["true", "other" if case.truths.get(case.said) == TRUE else "wrong"]
