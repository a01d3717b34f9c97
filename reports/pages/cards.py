"""The numbers at the head of a page, and the findings told as short notices."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Final

from reports import wording
from reports.content import SweepContent
from reports.findings import Finding, Level
from reports.pages import conclusion
from reports.words.configurations import training
from reports.words.saying import say

MOST_NOTICES: Final = 100
TOLD_EACH: Final = 3  # findings of one kind are told one by one up to this many


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """Hold one number of the page's head.

    Attributes:
        name: What it is.
        value: Itself.
        remark: What stands below it.
        idea: The idea in `theme.INKS` whose colour it bears; ``""`` for none.
    """

    name: str
    value: str
    remark: str
    idea: str = ""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Hold one finding, or the first of several of one kind.

    Attributes:
        level: How much it asks for attention.
        sentence: What was found.
        next_step: What to do; ``""`` if nothing.
        confidence: What is known about its error rate.
        others: About how many more the same was found; ``""`` if none.
    """

    level: Level
    sentence: str
    next_step: str
    confidence: str
    others: str


def cards(content: SweepContent) -> list[Card]:
    """Return the numbers of the page's head."""
    parts = ("search", "audit", "confirmation", "baselines")
    return [
        *(_winner_cards(content, content.winner) if content.winner else ()),
        *_smallest_card(content.finding("capacity.smallest_adequate")),
        trials_card(content.manifest),
        time_card(content.manifest, parts),
    ]


def trials_card(manifest: Mapping[str, Any]) -> Card:
    """Count the trials; where some were pruned, finishing is not what is expected of one.

    Args:
        manifest: Of any run.
    """
    counts = manifest.get("counts") or {}
    planned = f"of {wording.count(counts.get('planned'))} planned"
    finished, pruned = (int(counts.get(kind) or 0) for kind in ("finished", "pruned"))
    others = conclusion.other_trials(manifest)
    if not pruned:
        remark = ", ".join([planned, *(others or ["none lost"])])
        return Card(name="Trials finished", value=wording.count(finished), remark=remark)
    ended = finished + pruned + sum(int(counts.get(kind) or 0) for kind in ("diverged", "failed"))
    parts = [f"{wording.count(finished)} finished", *others]
    parts += [planned] if ended != counts.get("planned") else []
    return Card(name="Trials", value=wording.count(ended), remark=", ".join(parts))


def time_card(manifest: Mapping[str, Any], parts: Sequence[str]) -> Card:
    """Say how long a run took.

    Args:
        manifest: Of any run.
        parts: Its stages, in their order.
    """
    spent = manifest.get("seconds") or {}
    times = [f"{part} {wording.seconds(spent[part])}" for part in parts if spent.get(part)]
    return Card(name="Time", value=wording.seconds(spent.get("total")), remark=", ".join(times))


def notices(
    findings: Sequence[Finding], levels: Sequence[Level], *, each: int = TOLD_EACH
) -> list[Notice]:
    """Return the findings of some levels as notices.

    Args:
        findings: Any findings, in their order.
        levels: Which levels count, the most urgent first.
        each: Up to how many of one kind are told one by one.
    """
    kinds: dict[tuple[str, str], list[Finding]] = {}
    for level in levels:
        for finding in findings:
            if finding.level == level:
                kinds.setdefault((level, finding.code), []).append(finding)
    told: list[Notice] = []
    for same in kinds.values():
        shown = same if len(same) <= each else same[:1]
        others = [finding.subject for finding in same[len(shown) :]]
        told += [_notice(finding, others) for finding in shown]
    return told[:MOST_NOTICES]


def _notice(finding: Finding, others: Sequence[str]) -> Notice:
    said = say(finding)
    return Notice(
        level=finding.level,
        sentence=said.sentence,
        next_step=said.next_step,
        confidence=finding.confidence,
        others=_others(others),
    )


def _others(subjects: Sequence[str]) -> str:
    if not subjects:
        return ""
    names = [wording.shorten(subject, 24) for subject in subjects[:6] if subject]
    more = f" ({', '.join(names)}{' …' if len(subjects) > len(names) else ''})" if names else ""
    return f"The same holds for {wording.count(len(subjects))} more{more}."


def _winner_cards(content: SweepContent, winner: Mapping[str, Any]) -> list[Card]:
    score, config = content.score, winner.get("config") or {}
    size = wording.plural(int(winner.get("parameters") or 0), "parameter")
    activation = wording.shorten(str(config.get("activation", "")), 20)
    made = ", ".join(part for part in (activation, size, training(config)) if part)
    found = [
        Card(name="Network", value=_layers(config), remark=made),
        _score_card(content, winner),
    ]
    test = winner.get("test") or {}
    if wording.is_number(test.get("score")):
        span = wording.between(*content.test_interval, score.write)
        rows = wording.plural(int(test.get("rows") or 0), "row")
        found.append(
            Card(
                name=f"Test {score.title}",
                value=score.write(test["score"]),
                remark=f"{span}, {rows}",
                idea="test",
            )
        )
    fit = content.network_finding
    if fit:
        gap, low, high = (fit.number(name) for name in ("gap", "gap_low", "gap_high"))
        remark = f"{wording.between(low, high)}; {fit.verdict}"
        found.append(Card(name="Loss gap", value=wording.loss(gap), remark=remark))
    return found


def _smallest_card(finding: Finding | None) -> list[Card]:
    """Say how much network is enough, where that was concluded; at most one card."""
    if finding is None:
        return []
    size, share = finding.number("parameters"), 100 * finding.number("share")
    value, remark = "undecided", f"{wording.count(size)} parameters or more"
    if finding.verdict == "smallest adequate":
        trial = wording.shorten(finding.subject, 24)
        value, remark = wording.count(size), f"parameters: {trial}, {share:.0f} % of the best one's"
    return [Card(name="Smallest adequate network", value=value, remark=remark)]


def _score_card(content: SweepContent, winner: Mapping[str, Any]) -> Card:
    score, confirmed = content.score, winner.get("confirmed")
    name, value = "Validation", (winner.get("validation") or {}).get("score")
    remark = "not confirmed on fresh seeds"
    if confirmed:
        name, value = "Confirmed", confirmed.get("score")
        ends = (confirmed.get("score_low"), confirmed.get("score_high"))
        seeds = wording.plural(int(confirmed.get("seeds") or 0), "fresh seed")
        remark = f"{wording.between(*ends, score.write)}, {seeds}"
    return Card(
        name=f"{name} {score.title}", value=score.write(value), remark=remark, idea="validation"
    )


def _layers(config: Mapping[str, Any]) -> str:
    widths = list(config.get("widths") or ())
    if not widths:
        return "linear"
    if len(set(widths)) == 1:
        return f"{len(widths)} \u00d7 {wording.count(widths[0])}"
    return wording.shorten("-".join(wording.count(width) for width in widths), 32)
