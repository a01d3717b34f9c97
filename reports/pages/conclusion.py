"""The answer in words: the headline and the paragraph that a sweep's page begins with."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from reports import wording
from reports.content import Z_95, SweepContent, normal_interval
from reports.findings import Finding

PHRASES: Final = {
    "underfits": "it underfits",
    "fits": "it fits",
    "overfits": "it overfits",
    "undertrained": "it is undertrained",
    "overtrained": "it was trained for too long",
    "undecided": "how it fits is undecided",
}
Write = Callable[[float], str]
TIMES: Final = {0: "", 1: ", touched once", 2: ", touched twice"}


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
    verdict = content.winner_verdict
    phrase = PHRASES.get(verdict.verdict) if verdict else None
    return f"{claim}; {phrase}." if phrase else f"{claim}."


def paragraph(content: SweepContent) -> list[str]:
    """Return the conclusion as sentences, each with its numbers."""
    winner = content.winner
    if winner is None:
        return [*_without_winner(content), *unfinished(content.manifest)]
    sentences = [
        _who_won(content, winner),
        _confirmed(content, winner),
        *_tested(content, winner),
        *_against_baselines(content, winner),
    ]
    verdict = content.winner_verdict
    if verdict and verdict.sentence:
        sentences.append(verdict.sentence)
    return [*sentences, *unfinished(content.manifest)]


def network(config: Mapping[str, Any]) -> str:
    """Describe a configuration in a few words, such as ``2 hidden layers of 64 (relu)``."""
    widths = list(config.get("widths") or ())
    if not widths:
        return "a linear model"
    activation = wording.shorten(str(config.get("activation", "")), 20)
    if len(set(widths)) == 1:
        layers = wording.plural(len(widths), "hidden layer")
        return f"{layers} of {wording.count(widths[0])} ({activation})"
    numbers = wording.join([wording.count(width) for width in widths])
    return f"hidden layers of {numbers} ({activation})"


def training(config: Mapping[str, Any]) -> str:
    """Describe how a configuration is trained."""
    optimizer = wording.shorten(str(config.get("optimizer", "")), 20)
    parts = [f"{optimizer}, learning rate {wording.loss(config.get('learning_rate'))}"]
    if config.get("dropout"):
        parts.append(f"dropout {wording.setting(config['dropout'])}")
    if config.get("momentum"):
        parts.append(f"momentum {wording.setting(config['momentum'])}")
    if config.get("weight_decay"):
        parts.append(f"weight decay {wording.loss(config['weight_decay'])}")
    return ", ".join(parts)


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


def write_range(low: object, high: object, write: Write = wording.score) -> str:
    """Write an interval of scores as ``0.951 to 0.987``; ``""`` if there is none."""
    if not (wording.is_number(low) and wording.is_number(high)):
        return ""
    return f"{write(low)} to {write(high)}"


def _who_won(content: SweepContent, winner: Mapping[str, Any]) -> str:
    config = winner.get("config") or {}
    searched = content.searched
    number = searched.loc[searched["outcome"] == "finished", "config"].nunique()
    pruned = int(_counts(content).get("pruned") or 0)
    among = f"The best of {wording.count(number)} networks is" if number > 1 else "The network is"
    if pruned:
        trained = wording.plural(number, "network")
        among = f"The best of {trained} trained to the end ({wording.count(pruned)} more pruned) is"
    size = wording.plural(int(winner.get("parameters") or 0), "parameter")
    name = wording.shorten(str(winner.get("trial")), 24)
    return f"{among} {name}: {network(config)}, {size}, trained with {training(config)}."


def _confirmed(content: SweepContent, winner: Mapping[str, Any]) -> str:
    name, write, confirmed = content.score.title, content.score.write, winner.get("confirmed")
    claimed = (winner.get("validation") or {}).get("score")
    if not confirmed:
        return (
            f"Its validation {name} of {write(claimed)} was not confirmed on fresh seeds, "
            "so part of it may be luck."
        )
    seeds = wording.plural(int(confirmed.get("seeds") or 0), "fresh seed")
    value = write(confirmed.get("score"))
    interval = _interval(confirmed.get("score_low"), confirmed.get("score_high"), write)
    difference = _difference(claimed, confirmed.get("score"), write)
    return (
        f"Retrained on {seeds} it reaches a validation {name} of {value}{interval}; the search had "
        f"claimed {write(claimed)}, {difference}."
    )


def _tested(content: SweepContent, winner: Mapping[str, Any]) -> list[str]:
    test = winner.get("test") or {}
    if not wording.is_number(test.get("score")):
        return []
    touched = len(content.manifest.get("test_touches") or ())
    times = TIMES.get(touched, f", touched {touched} times")
    rows = wording.plural(int(test.get("rows") or 0), "test row")
    write = content.score.write
    value, interval = write(test["score"]), _interval(*content.test_interval, write)
    return [f"On the {rows}{times}, it scores {value}{interval}."]


def _against_baselines(content: SweepContent, winner: Mapping[str, Any]) -> list[str]:
    score = content.score
    best = score.best(content.baselines)
    if best is None:
        return ["No baselines were trained, so it is not known what a simpler model reaches."]
    finding = _comparison(content, best.name)
    if finding is not None:
        return [finding.sentence]
    source = winner.get("confirmed") or winner.get("validation") or {}
    if not wording.is_number(source.get("score")):
        return []
    theirs, error = best.value, best.se
    difference = float(source["score"]) - theirs
    interval = _interval(*normal_interval(theirs, error), score.write)
    what = wording.shorten(best.name, 24)
    where = "above" if difference > 0 else "below"
    reached = f"{score.write(theirs)}{interval}"
    text = f"On the validation rows the best baseline, {what}, reaches {reached}"
    if wording.is_number(error) and abs(difference) < Z_95 * error:
        return [f"{text}: too close to the network to tell them apart."]
    return [f"{text}: the network lies {score.write(abs(difference))} {where} it."]


def _comparison(content: SweepContent, baseline: str) -> Finding | None:
    same = (f for f in content.findings if f.about == "comparison" and f.subject == baseline)
    return next(same, None)


def _without_winner(content: SweepContent) -> list[str]:
    counts = _counts(content)
    planned = int(counts.get("planned") or len(content.trials))
    if counts.get("finished"):
        finished = wording.plural(int(counts["finished"]), "trial")
        return [f"{finished} of {wording.count(planned)} finished, but no winner has been chosen."]
    others = wording.join(other_trials(content.manifest)) or "none was started"
    sentences = [f"Of {wording.plural(planned, 'planned trial')}: {others}."]
    if counts.get("diverged"):
        sentences.append(
            "Trials diverge when the learning rate is too large: lower the upper end of its range."
        )
    if counts.get("failed"):
        sentences.append("The reasons of the failures stand below.")
    return sentences


def _counts(content: SweepContent) -> Mapping[str, Any]:
    return content.manifest.get("counts") or {}


def _interval(low: object, high: object, write: Write) -> str:
    span = write_range(low, high, write)
    return f" (95 % interval {span})" if span else ""


def _difference(claimed: object, confirmed: object, write: Write) -> str:
    if not (wording.is_number(claimed) and wording.is_number(confirmed)):
        return "which cannot be compared"
    difference = claimed - confirmed
    if write(claimed) == write(confirmed):
        return "the same"
    return f"{write(abs(difference))} {'more' if difference > 0 else 'less'}"
