"""The bench's results as JSON for the tool and as a page of docs for people."""

import importlib.metadata
import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from studies.bench.judging import FAMILIES
from studies.bench.scoring import ORDER, Case, ErrorRate, answers, error_rates
from studies.diagnosis.error_rates import SCHEMA
from studies.statistics.intervals import Interval

HEADINGS: Final[Mapping[str, str]] = {
    "network": "Networks",
    "curve": "Learning rates, from the loss curve",
    "comparison": "Comparisons of two arms",
    "capacity": "Whether a size is adequate",
}
VERSIONS: Final = ("tensorflow", "keras", "numpy", "scipy")


def results_of(cases: Sequence[Case], *, instances: int, seed: int, stream: str) -> dict[str, Any]:
    """Return what the bench found, ready to be written as JSON.

    Args:
        cases: Every judged problem.
        instances: Problems of each family.
        seed: The bench's seed.
        stream: Which set of problems it was.
    """
    return {
        "schema": SCHEMA,
        "set": stream,
        "seed": seed,
        "instances": instances,
        "versions": {name: importlib.metadata.version(name) for name in VERSIONS},
        "rates": [_rate(rate) for rate in error_rates(cases)],
        "families": answers(cases),
    }


def document_of(results: Mapping[str, Any]) -> str:
    """Write the results as docs/verdict-error-rates.md.

    Args:
        results: From ``results_of``, or its JSON.
    """
    problems = results["instances"] * sum(family.times for family in FAMILIES.values())
    lines = [_INTRODUCTION.format(**results, problems=problems)]
    for about in ORDER:
        lines += [f"## {HEADINGS[about]}", "", *_HEAD]
        lines += [_line(rate) for rate in results["rates"] if rate["about"] == about]
        lines.append("")
    lines += ["## What was said of each family", "", *_FAMILY_HEAD]
    lines += [_family_line(family) for family in results["families"]]
    versions = ", ".join(f"{name} {number}" for name, number in results["versions"].items())
    lines += ["", f"Measured with {versions}.", ""]
    return "\n".join(lines)


def _rate(rate: ErrorRate) -> dict[str, Any]:
    return {
        "about": rate.about,
        "verdict": rate.verdict,
        "seeds": rate.seeds,
        "false": rate.false,
        "said_though_false": rate.said_though_false,
        "false_positive": _interval(rate.false_positive),
        "true": rate.true,
        "said": rate.said,
        "other": rate.other,
        "undecided": rate.undecided,
        "wrong": rate.wrong,
        "false_negative": _interval(rate.false_negative),
        "grey": rate.grey,
    }


def _interval(interval: Interval) -> dict[str, float | None]:
    known = not math.isnan(interval.estimate)
    return {
        name: round(getattr(interval, name), 5) if known else None
        for name in ("estimate", "low", "high")
    }


def _line(rate: Mapping[str, Any]) -> str:
    return (
        f"| `{rate['verdict']}` | {rate['seeds']} "
        f"| {rate['said_though_false']} of {rate['false']} | {_percent(rate['false_positive'])} "
        f"| {rate['true']} | {rate['said']} | {rate['other']} | {rate['undecided']} "
        f"| {rate['wrong']} | {_percent(rate['false_negative'])} | {rate['grey']} |"
    )


def _family_line(family: Mapping[str, Any]) -> str:
    said = ", ".join(f"{name} {number}" for name, number in family["said"].items())
    return f"| {family['about']} | {family['family']} | {family['seeds']} | {said} |"


def _percent(interval: Mapping[str, float | None]) -> str:
    if interval["estimate"] is None:
        return "-"
    low, high = (100 * float(interval[name] or 0) for name in ("low", "high"))
    return f"{100 * interval['estimate']:.1f} % ({low:.1f} to {high:.1f})"


_HEAD: Final = (
    (
        "| verdict | seeds | said though false | rate (95 % interval) | true | said "
        "| another true one | undecided | wrong | missed (95 % interval) | grey |"
    ),
    "| --- " * 11 + "|",
)
_FAMILY_HEAD: Final = ("| about | family | seeds | said |", "| --- | --- | --- | --- |")
_INTRODUCTION: Final = """\
# Verdicts: how often they err

Written by `fitgap bench verdicts --instances {instances} --seed {seed} --set {set}`, which anyone
can run again: {problems} problems whose truth is known, {instances} of each family (twice as many
of the loss curves), each network on ten seeds. Thresholds were set on the set `calibration`, which
shares no problem with the set `report`. The rules are in [verdicts](verdicts.md).

* **True and false.** A verdict is false of a problem if its sentence is. The very same networks are
  measured once more on 4,000 fresh rows; the truth takes the definitions and practical margins of
  [verdicts](verdicts.md) with those losses in place of the estimates, and for several seeds their
  mean over ten. `undertrained` is true if twice as many epochs make the network clearly better. A
  learning rate is wrong if a third or three times of it ends at a clearly lower train loss or, on a
  linear problem, as the curvature says. Two verdicts can be true at once.
* **Said though false**: of the problems where the verdict is false, those where it was said.
* **True**: the problems where it is true, by what was said of them: this verdict, *another true
  one*, *undecided*, or something *wrong* (or too close to say). The last two are *missed*.
* **Grey**: problems within a quarter of a margin, where neither answer is an error; they count
  nowhere else.
* **Seeds**: 1 is a trial of a sweep; 5 and 10 are replicates of one configuration, or pairs of two
  arms. Every problem counts once in a row; of equal arms, five comparisons of seeds that they do
  not share. Intervals are exact (Clopper and Pearson 1934).
* **Adequate**: a loss on fresh rows within 5 % of that of the best size tried. One seed: the rule
  of a sweep, by intervals over rows. Several: that of the capacity study, by intervals over seeds;
  these share their few validation rows, whose chance the intervals do not cover. What a study says
  of a size holds for its rows; `--folds` asks others.

The rates hold for problems like these: one or two hidden layers of 1 to 64 units, 60 to 2,500
training rows, 60 to 400 validation rows. They are no promise for others.
"""
