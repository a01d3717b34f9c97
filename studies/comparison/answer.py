"""The answer of a comparison: one sentence first, then the numbers behind it."""

from collections.abc import Sequence
from typing import Final

from reports.wording import is_number, join, plural, score, setting
from studies.answering.contrast_words import describe_contrast, standing, summarise_verdicts
from studies.answering.contrasts import Contrasts
from studies.answering.words import in_cell
from studies.comparison.changes import count_claims
from studies.comparison.contrasts import same_data
from studies.comparison.data_sets import ScoreTable
from studies.comparison.rankings import describe_ranks, is_few
from studies.comparison.runs import ComparedRun
from studies.comparison.sides import MARGIN, data_key
from studies.statistics.intervals import Interval
from studies.statistics.ranks import FEWEST_DATA_SETS

MOST_NAMED: Final = 4
MOST_DESCRIBED: Final = 2


def answer(runs: Sequence[ComparedRun], compared: Contrasts, ranked: ScoreTable | None) -> str:
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
    data_sets = len({data_key(run.manifest) for run in usable})
    if any(each.arm for each in compared):
        return _of_arms(usable, compared)
    if data_sets > 1:
        apart = f"These {len(usable)} runs learnt from {data_sets} data sets"
        pairs = f"{plural(len(compared), 'pair')} on the same data: {summarise_verdicts(compared)}"
        return f"{apart}; {pairs if compared else 'their scores cannot be compared'}."
    if not compared:
        return "Nothing to compare yet: no arm was trained to its end in two runs."
    return _of_several(usable, compared)


def paragraph(runs: Sequence[ComparedRun], compared: Contrasts) -> list[str]:
    """Return what goes with the answer: the scores, what they rest on, and what changed."""
    usable = [run for run in runs if run.network is not None]
    described = sorted(compared, key=lambda each: each.verdict == "undecided")[:MOST_DESCRIBED]
    if any(each.arm for each in compared):
        described = [each for each in compared if each.is_clear][:MOST_NAMED]
    elif len(compared) == 1:
        described = []
    sentences = [
        *_scores(usable),
        *(describe_contrast(each, runs[0].metric, MARGIN) for each in described),
        *_claims(runs),
    ]
    if any(each.basis == "one seed" for each in compared):
        sentences.append(
            "A search claims too much for the trial that it chose by one seed, the more so the "
            "more trials it made."
        )
    return sentences + _tested(usable)


def lead(runs: Sequence[ComparedRun]) -> str:
    """Return the label of the run that scores best; ``""`` where data differ, or none scores."""
    usable = [run for run in runs if run.network is not None]
    if not usable or not same_data(usable):
        return ""
    return max(usable, key=_score).label


def _of_arms(runs: Sequence[ComparedRun], compared: Contrasts) -> str:
    study = runs[0].results.design.study if runs[0].results is not None else "the study"
    verdicts = f"{plural(len(compared), 'comparison')}: {summarise_verdicts(compared)}"
    clear = list(dict.fromkeys(each.arm for each in compared if each.is_clear))
    if clear:
        return f"{len(runs)} runs of {study} differ in {join(clear[:MOST_NAMED])}; {verdicts}."
    return f"{len(runs)} runs of {study} are not shown to differ in any arm; {verdicts}."


def _of_several(runs: Sequence[ComparedRun], compared: Contrasts) -> str:
    """Say how the run that scores best stands to each of the others."""
    best, metric = max(runs, key=_score), runs[0].metric
    if len(compared) == 1:
        return describe_contrast(compared[0], metric, MARGIN)
    if all(each.verdict == "equivalent" for each in compared):
        same = all(each.identical for each in compared)
        how = "the same network" if same else f"equivalent within {setting(MARGIN)} {metric}"
        return f"All {len(runs)} runs are {how}."
    scores = f"{best.label} scores best of {len(runs)} runs ({metric} {score(_score(best))})"
    own = [each for each in compared if best.label in {each.first, each.second}]
    if all(each.basis == "one seed" for each in own):
        return f"One seed cannot tell which run is best: {scores}."
    return f"{scores}; on what they share, {standing(best.label, own, most=MOST_NAMED)}."


def _over_data_sets(runs: Sequence[ComparedRun], ranked: ScoreTable) -> str:
    """Say what data sets agree on; where they are too few to rank, the claims of a study first."""
    same, number, _ = count_claims(runs)
    if not is_few(ranked) or not number:
        return describe_ranks(ranked)
    return (
        f"{same} of {plural(number, 'claim')} of the study {'has' if same == 1 else 'have'} the "
        f"same verdict on {plural(len(ranked.scores), 'data set')}; {FEWEST_DATA_SETS} data sets "
        "at least are needed to rank its arms."
    )


def _claims(runs: Sequence[ComparedRun]) -> list[str]:
    """Tell which claims of a study differ between runs, and how."""
    same, number, differ = count_claims(runs)
    if not number:
        return []
    labels = " / ".join(run.label for run in runs)
    shown = f": {'; '.join(differ[:MOST_NAMED])}" if differ else ""
    more = f"; {len(differ) - MOST_NAMED} more in the table" if len(differ) > MOST_NAMED else ""
    claims = plural(number, "claim")
    return [f"{number - same} of {claims} of the study changed ({labels}){shown}{more}."]


def _scores(runs: Sequence[ComparedRun]) -> list[str]:
    shown = sorted(runs, key=_score, reverse=True) if same_data(runs) else runs
    parts = [_with_ends(run.label, run.network.score) for run in shown if run.network]
    more = len(parts) - MOST_NAMED
    rest = f", and {plural(more, 'further run')} below" if more > 0 else ""
    scores = f"with 95 % intervals: {join(parts[:MOST_NAMED])}{rest}."
    return [f"Validation {runs[0].metric}, {scores}"] if parts else []


def _tested(runs: Sequence[ComparedRun]) -> list[str]:
    parts = [
        _with_ends(run.label, run.network.test)
        for run in runs
        if run.network is not None and is_number(run.network.test.estimate)
    ]
    if len(parts) < 2:
        return []
    scores = join(parts[:MOST_NAMED])
    return [f"On the test rows, single networks, with intervals over rows: {scores}."]


def _with_ends(label: str, interval: Interval) -> str:
    return f"{label} {in_cell(interval)}"


def _score(run: ComparedRun) -> float:
    return -1e308 if run.network is None else run.network.score.estimate
