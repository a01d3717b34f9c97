"""The answer in words: the headline and the paragraph that a sweep's page begins with."""

from collections.abc import Mapping
from typing import Any, Final

from reports import wording
from reports.content import SweepContent
from reports.words.saying import say

PHRASES: Final = {
    "underfits": "it underfits",
    "fits": "it fits",
    "overfits": "it overfits",
    "undertrained": "it is undertrained",
    "overtrained": "it was trained for too long",
    "undecided": "how it fits is undecided",
}
STORY: Final = ("sweep.nothing", "sweep.winner", "sweep.winners_curse", "sweep.test")


def headline(content: SweepContent) -> str:
    """Return the answer in one line."""
    winner = content.winner
    if winner is None:
        return nothing(_counts(content))
    name, write = content.score.title, content.score.write
    test = (winner.get("test") or {}).get("score")
    confirmed = (winner.get("confirmed") or {}).get("score")
    claimed = (winner.get("validation") or {}).get("score")
    if wording.is_number(test):
        claim = f"The best network reaches {name} {write(test)} on test rows"
    elif wording.is_number(confirmed):
        claim = f"The best network reaches a confirmed {name} of {write(confirmed)}"
    else:
        claim = f"The best network claims {name} {write(claimed)}, unconfirmed"
    fit = content.network_finding
    phrase = PHRASES.get(fit.verdict) if fit else None
    return f"{claim}; {phrase}." if phrase else f"{claim}."


def paragraph(content: SweepContent) -> list[str]:
    """Return the conclusion as sentences, each with its numbers: what the findings say first."""
    best = content.score.best(content.baselines)
    told = [*STORY, *([f"comparison.{best.name.replace(' ', '_')}"] if best else [])]
    found = [*map(content.finding, told), content.network_finding]
    return [*(say(one).sentence for one in found if one), *unfinished(content.manifest)]


def other_trials(manifest: Mapping[str, Any]) -> list[str]:
    """Count the trials of a run that did not finish, by what became of them.

    Args:
        manifest: Of the run.
    """
    counts = manifest.get("counts") or {}
    kinds = ("pruned", "diverged", "failed", "running")
    return [f"{wording.count(counts[kind])} {kind}" for kind in kinds if counts.get(kind)]


def unfinished(manifest: Mapping[str, Any], kind: str = "sweep") -> list[str]:
    """Say how far a run has come, if it has not come to its end.

    Args:
        manifest: Of the run.
        kind: What it is called.
    """
    state = str(manifest.get("state") or "unfinished")
    if state == "finished":
        return []
    counts = manifest.get("counts") or {}
    done = wording.count(counts.get("finished", 0))
    planned = wording.count(counts.get("planned"))
    what = f"The {kind} is not complete ({wording.shorten(state, 20)})"
    pruned = f", {wording.count(counts['pruned'])} were pruned" if counts.get("pruned") else ""
    return [f"{what}: {done} of {planned} trials have finished{pruned}; all this may change."]


def nothing(counts: Mapping[str, Any]) -> str:
    """Say why there is no conclusion.

    Args:
        counts: Numbers of trials by outcome.
    """
    if counts.get("finished"):
        return "No winner yet: the sweep has not come to its end."
    if counts.get("diverged") and not counts.get("failed") and not counts.get("pruned"):
        return "No conclusion: every trial diverged."
    if counts.get("diverged") or counts.get("failed"):
        return "No conclusion: no trial finished."
    return "No conclusion yet: no trial has finished."


def _counts(content: SweepContent) -> Mapping[str, Any]:
    return content.manifest.get("counts") or {}
