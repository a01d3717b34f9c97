"""What to know before a comparison is believed: runs that are not done, and how it was made."""

import dataclasses
from collections.abc import Sequence
from typing import Final

from reports.findings import Finding
from reports.wording import count, join, plural, setting, shorten
from studies.answering.contrasts import Contrasts
from studies.comparison.data_sets import ScoreTable
from studies.comparison.runs import ComparedRun
from studies.comparison.settings import changed_versions
from studies.comparison.sides import MARGIN
from studies.statistics.power import FEWEST_PAIRS

BASES: Final = {
    "pairs": "Networks of one seed on one split are a pair: what both owe to luck falls out of "
    "their difference, which has a t interval.",
    "folds": "Folds share most of their rows: the seeds of one are averaged, and the variance of "
    "the paired differences is that of Nadeau and Bengio.",
    "seeds": "Networks of other seeds, judged on the same rows, are compared by their means "
    "(Welch), which needs more seeds to show the same.",
    "rows": "Where the rows were split differently, the error over rows is added to that over "
    "seeds, and the means are compared as independent ones (Welch).",
    "one seed": "Where a run has one network only, the interval is over rows, as if those of the "
    "two were independent; no verdict is drawn from it.",
}


def caveats(runs: Sequence[ComparedRun], compared: Contrasts) -> list[Finding]:
    """Warn of runs that are not what they are taken for.

    Args:
        runs: Two or more.
        compared: From `compare_sides`.
    """
    return [
        *_copies(runs),
        *(finding for run in runs for finding in _state(run)),
        *_lost(runs),
        *_chosen(runs, compared),
        *_versions(runs, compared),
    ]


def method(
    runs: Sequence[ComparedRun], compared: Contrasts, ranked: ScoreTable | None
) -> list[str]:
    """Say in a few honest sentences how runs were compared and what that cannot show."""
    studies = sum(run.results is not None for run in runs)
    bases = {each.basis for each in compared}
    of_arms = any(each.arm for each in compared)
    sentences = {
        "A sweep is compared by its winner: the configuration with the smallest mean validation "
        "loss over fresh seeds, or over the search where none was confirmed. It was chosen for "
        "that, so its score is slightly optimistic.": studies < len(runs),
        "A study is compared by the arm with the smallest mean validation loss over the seeds of "
        "its comparison, which chose it too: its score is slightly optimistic.": studies
        and not of_arms,
        "Every figure is that of each trial's best epoch, with dropout off. Differences are in "
        f"validation {runs[0].metric}; less than {setting(MARGIN)} does not matter.": True,
        **{sentence: basis in bases for basis, sentence in BASES.items()},
        f"Verdicts need {FEWEST_PAIRS} seeds at least. They follow from t tests of no difference "
        f"and of one as large as the margin, each adjusted by Holm over "
        f"{plural(len(compared), 'comparison')}. On one split they tell how other seeds would have "
        "ended, not other rows.": bases - {"one seed"},
        "Scores of different data have no common unit, so arms are ranked on each data set and the "
        "ranks are compared.": ranked is not None,
    }
    return [sentence for sentence, holds in sentences.items() if holds]


def _warn(
    code: str, subject: str, sentence: str, next_step: str = "", *, confidence: str = "exact"
) -> Finding:
    return Finding(
        code=f"compare.{code}",
        about="comparison",
        subject=subject,
        verdict=code,
        sentence=sentence,
        next_step=next_step,
        level="warning",
        confidence=confidence,
    )


def _copies(runs: Sequence[ComparedRun]) -> list[Finding]:
    """Find runs that began in the same second by the same command with the same trials."""
    groups: dict[tuple[object, ...], list[str]] = {}
    for run in runs:
        manifest = run.manifest
        made = (manifest.get("created"), manifest.get("command"), manifest.get("name"))
        trials = tuple(run.trials["seconds"].head(20).fillna(-1.0))  # NaN equals nothing
        groups.setdefault((*made, len(run.trials), *trials), []).append(run.label)
    return [
        _warn(
            "copies",
            labels[0],
            f"{join(labels)} are copies of one run: their equality shows nothing.",
            "Compare runs that were made by themselves.",
            confidence="exact: the same beginning, command and times",
        )
        for labels in groups.values()
        if len(labels) > 1
    ]


def _state(run: ComparedRun) -> list[Finding]:
    planned = (run.manifest.get("counts") or {}).get("planned")
    state = shorten(str(run.manifest.get("state") or "unknown"), 20)
    if run.network is None:
        ended = plural(len(run.trials), "trial")
        sentence = f"{run.label} has no network to compare: of {ended} none finished ({state})."
        step = "Let it run to its end, or read in its report why trials were lost."
    elif not run.is_finished:
        sentence = (
            f"{run.label} is not complete ({state}): {count(len(run.trials))} of {count(planned)} "
            "trials have ended; its best so far is compared."
        )
        step = "Compare again when it has finished."
    elif not run.network.final:
        sentence = f"{run.label} finished without a winner: the best of its search is compared."
        step = "Look into its report for the reason."
    else:
        return []
    return [_warn("unfinished", run.label, sentence, step)]


def _lost(runs: Sequence[ComparedRun]) -> list[Finding]:
    return [
        _warn(
            "lost",
            run.label,
            f"{run.label}: on {plural(run.network.lost, 'seed')} its network diverged or failed, "
            "which its mean score does not show.",
        )
        for run in runs
        if run.network is not None and run.network.lost
    ]


def _chosen(runs: Sequence[ComparedRun], compared: Contrasts) -> list[Finding]:
    """Warn of studies that are compared by the best of their arms."""
    if not compared or any(each.arm for each in compared):
        return []
    return [
        _warn(
            "chosen",
            run.label,
            f"{run.label} is compared by the best of its {len(run.results.arms)} arms, chosen on "
            "the seeds that it is scored on, which flatters it.",
            "Train that network again on fresh seeds before it is called better.",
            confidence="the more arms, and the closer they are, the larger the share of luck",
        )
        for run in runs
        if run.results is not None and run.network is not None and len(run.results.arms) > 1
    ]


def _versions(runs: Sequence[ComparedRun], compared: Contrasts) -> list[Finding]:
    """Tell that versions changed, where runs were compared as if only their settings did."""
    first, *others = runs
    changed = [run.label for run in others if changed_versions(first.manifest, run.manifest)]
    if not changed or not compared:
        return []
    sentence = (
        f"Other versions made {first.label} than {join(changed)}, so a difference may come from "
        "the libraries."
    )
    step = "The settings that differ name the versions."
    warning = _warn("versions", changed[0], sentence, step)
    return [dataclasses.replace(warning, verdict="changed", level="info")]
