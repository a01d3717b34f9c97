"""The answer of a comparison: one sentence first, then the numbers behind it."""

from collections.abc import Sequence
from typing import Any, Final

import pandas as pd

from reports.wording import count, is_number, join, plural, score, setting
from studies.answering.results import records
from studies.comparison import words
from studies.comparison.changes import count_claims
from studies.comparison.contrasts import same_data
from studies.comparison.data_sets import ScoreTable
from studies.comparison.rankings import describe_ranks, is_few
from studies.comparison.runs import ComparedRun
from studies.comparison.sides import MARGIN, data_key
from studies.statistics.intervals import Interval
from studies.statistics.ranks import FEWEST_DATA_SETS

MOST_NAMED: Final = 4
MOST_TOLD: Final = 2


def answer(runs: Sequence[ComparedRun], compared: pd.DataFrame, ranked: ScoreTable | None) -> str:
    """Answer what the runs say together, in one sentence.

    Args:
        runs: Two or more.
        compared: Their networks, or their shared arms, from `compare_sides`.
        ranked: What they are over data sets, if they are such a table.
    """
    usable = [run for run in runs if run.network is not None]
    if len(usable) < 2:
        only = f"only {usable[0].label} has" if usable else "no run has"
        return f"Nothing to compare yet: {only} a network that was trained to its end."
    if ranked is not None:
        return _over_data_sets(usable, ranked)
    if compared.empty:
        number = len({data_key(run.manifest) for run in usable})
        if number == 1:
            return "Nothing to compare yet: no arm was trained to its end in two runs."
        return (
            f"These {len(usable)} runs learnt from {plural(number, 'data set')}, so their scores "
            "cannot be compared; each is described by itself."
        )
    return _of_contrasts(usable, compared)


def paragraph(runs: Sequence[ComparedRun], compared: pd.DataFrame) -> list[str]:
    """Return what goes with the answer: the scores, what they rest on, and what changed."""
    usable = [run for run in runs if run.network is not None]
    told = [_scores(usable)] if usable else []
    if not compared.empty and "arm" in compared.columns:
        open_rows = [row for row in records(compared) if row["verdict"] in {"better", "worse"}]
        told += [
            f"{row['arm']}: {words.describe_contrast(row, runs[0].metric)}"
            for row in open_rows[:MOST_NAMED]
        ]
    elif len(compared) > 1:
        told += [
            words.describe_contrast(row, runs[0].metric)
            for row in _decided_first(compared)[:MOST_TOLD]
        ]
    told += _claims(runs)
    if not compared.empty and (compared["basis"] == "one seed").any():
        told.append(
            "A search claims too much for the trial that it chose by one seed, the more so the "
            "more trials it made: a difference between such claims says little of the settings."
        )
    return told + _tested(usable)


def lead(runs: Sequence[ComparedRun]) -> str:
    """Return the label of the run that scores best; ``""`` where data differ, or none scores."""
    usable = [run for run in runs if run.network is not None]
    if not usable or not same_data(usable):
        return ""
    return max(usable, key=_score).label


def _of_contrasts(usable: Sequence[ComparedRun], compared: pd.DataFrame) -> str:
    if "arm" in compared.columns:
        return _of_arms(usable, compared)
    if not same_data(usable):
        number = len({data_key(run.manifest) for run in usable})
        verdicts = words.summarise_verdicts(compared)
        return (
            f"These {len(usable)} runs learnt from {number} data sets; "
            f"{plural(len(compared), 'pair')} on the same data: {verdicts}."
        )
    if len(compared) == 1:
        return words.describe_contrast(records(compared)[0], usable[0].metric)
    return _of_several(usable, compared)


def _of_arms(runs: Sequence[ComparedRun], compared: pd.DataFrame) -> str:
    arms = compared["arm"].nunique()
    study = runs[0].results.design.study if runs[0].results is not None else "the study"
    all_runs = "both runs" if len(runs) == 2 else f"all {len(runs)} runs"
    if compared["identical"].all():
        return (
            f"All {arms} arms of {study} are the same networks in {all_runs}: every "
            "score and loss is equal."
        )
    verdicts = words.summarise_verdicts(compared)
    between = "two runs" if len(runs) == 2 else f"{len(runs)} runs, two by two"
    clear = compared[compared["verdict"].isin(["better", "worse"])]
    if clear.empty:
        return (
            f"No arm of {study} is shown to differ between the {between}; "
            f"{plural(len(compared), 'comparison')}: {verdicts}."
        )
    names = join(list(dict.fromkeys(clear["arm"]))[:MOST_NAMED])
    return (
        f"Between the {between} {study} differs in {names}; "
        f"{plural(len(compared), 'comparison')}: {verdicts}."
    )


def _of_several(runs: Sequence[ComparedRun], compared: pd.DataFrame) -> str:
    """Say how the run that scores best stands to each of the others."""
    if compared["identical"].all():
        return f"All {len(runs)} runs found the same network: every score and loss is equal."
    best, metric = max(runs, key=_score), runs[0].metric
    rows = [
        words.oriented(row)
        for row in records(compared)
        if best.label in {row["first"], row["second"]}
    ]
    by_verdict: dict[str, list[str]] = {}
    for row in rows:
        is_first = row["first"] == best.label
        other = row["second"] if is_first else row["first"]
        # Over the seeds that two share, the one with the lower mean may be the better one.
        verdict = "worse" if row["verdict"] == "better" and not is_first else row["verdict"]
        by_verdict.setdefault(verdict, []).append(other)
    named = f"{best.label} scores best of {len(runs)} runs ({metric} {score(_score(best))})"
    if {row["basis"] for row in rows} == {"one seed"}:
        return (
            f"One seed cannot tell which of {len(runs)} runs is best: {best.label} scores highest, "
            f"{metric} {score(_score(best))}."
        )
    if list(by_verdict) == ["better"]:
        return f"{named} and is better than each of the others."
    if (compared["verdict"] == "equivalent").all():
        return (
            f"All {len(runs)} runs are equivalent: any two are shown to be closer than the "
            f"margin of {setting(MARGIN)} {metric}."
        )
    phrases = {
        "better": "it is better than {}",
        "worse": "worse than {} over the seeds they share",
        "equivalent": "equivalent to {}",
        "undecided": "undecided against {}",
    }
    parts = [
        phrase.format(_named(by_verdict[verdict]))
        for verdict, phrase in phrases.items()
        if verdict in by_verdict
    ]
    return f"{named}; {join(parts)}."


def _over_data_sets(runs: Sequence[ComparedRun], ranked: ScoreTable) -> str:
    """Say what data sets agree on; where they are too few to rank, the claims of a study first."""
    same, number, _ = count_claims(runs)
    first = runs[0].results
    if not is_few(ranked) or not number or first is None:
        return describe_ranks(ranked)
    claims = "the claim" if number == 1 else f"the {number} claims"
    return (
        f"Of {claims} of {first.design.study}, {same} {'has' if same == 1 else 'have'} the same "
        f"verdict on {plural(len(ranked.scores), 'data set')}; {FEWEST_DATA_SETS} at least are "
        "needed to rank its arms."
    )


def _claims(runs: Sequence[ComparedRun]) -> list[str]:
    """Tell which claims of a study differ between runs, and how."""
    same, number, differ = count_claims(runs)
    if not number:
        return []
    if not differ:
        return [f"The study's {plural(number, 'claim')}: the same verdicts in all runs."]
    labels = " / ".join(run.label for run in runs)
    more = f"; {len(differ) - MOST_NAMED} more in the table" if len(differ) > MOST_NAMED else ""
    told = f"Of the study's {plural(number, 'claim')}, {number - same} changed ({labels})"
    return [f"{told}: {'; '.join(differ[:MOST_NAMED])}{more}."]


def _decided_first(compared: pd.DataFrame) -> list[dict[str, Any]]:
    return sorted(records(compared), key=lambda row: row["verdict"] == "undecided")


def _named(labels: Sequence[str]) -> str:
    return join(labels) if len(labels) <= MOST_NAMED else f"{count(len(labels))} others"


def _scores(runs: Sequence[ComparedRun]) -> str:
    parts = []
    shown = sorted(runs, key=_score, reverse=True) if same_data(runs) else runs
    for run in shown[:MOST_NAMED]:
        network = run.network
        if network is not None:
            parts.append(_with_ends(run.label, network.score))
    more = len(runs) - len(parts)
    rest = f", and {plural(more, 'further run')} below" if more else ""
    return f"Validation {runs[0].metric}, with 95 % intervals: {join(parts)}{rest}."


def _tested(runs: Sequence[ComparedRun]) -> list[str]:
    parts = [
        _with_ends(run.label, run.network.test)
        for run in runs
        if run.network is not None and is_number(run.network.test.estimate)
    ]
    if len(parts) < 2:
        return []
    told = f"On the test rows, which chose nothing: {join(parts[:MOST_NAMED])}."
    return [f"{told} These are single networks, with intervals over rows."]


def _with_ends(label: str, found: Interval) -> str:
    ends = f" ({score(found.low)} to {score(found.high)})" if is_number(found.low) else ""
    return f"{label} {score(found.estimate)}{ends}"


def _score(run: ComparedRun) -> float:
    return -1e308 if run.network is None else run.network.score.estimate
