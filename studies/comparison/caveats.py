"""What to know before a comparison is believed: runs that are not done, and how it was made."""

from collections.abc import Sequence
from typing import Final

import pandas as pd

from reports.findings import Finding
from reports.wording import count, join, plural, setting, shorten
from studies.comparison.data_sets import ScoreTable
from studies.comparison.runs import ComparedRun
from studies.comparison.settings import changed_versions
from studies.comparison.sides import MARGIN
from studies.statistics.power import FEWEST_PAIRS

BASES: Final = {
    "pairs": "Where runs share their split and their seeds, networks of one seed are a pair: what "
    "both owe to luck falls out of their difference, which has a t interval.",
    "folds": "Folds share most of their rows: the seeds of one are averaged, and the variance of "
    "the paired differences is that of Nadeau and Bengio.",
    "seeds": "Where runs were judged on the same rows but trained on other seeds, their means are "
    "compared as independent ones (Welch), which needs more seeds to show the same.",
    "rows": "Where the rows were split differently, the error over rows is added to that over "
    "seeds, and the means are compared as independent ones (Welch).",
    "one seed": "Where a run has one network only, the interval is over rows, as if those of the "
    "two were independent; no verdict is drawn from it.",
}


def caveats(runs: Sequence[ComparedRun], compared: pd.DataFrame) -> list[Finding]:
    """Warn of runs that are not what they are taken for.

    Args:
        runs: Two or more.
        compared: From `compare_sides`.
    """
    return [
        *_copies(runs),
        *(_finding for run in runs for _finding in _state(run)),
        *_lost(runs),
        *_chosen(runs, compared),
        *_versions(runs, compared),
    ]


def method(
    runs: Sequence[ComparedRun], compared: pd.DataFrame, ranked: ScoreTable | None
) -> list[str]:
    """Say in a few honest sentences how runs were compared and what that cannot show."""
    studies = sum(run.results is not None for run in runs)
    told = []
    if studies < len(runs):
        told.append(
            "A sweep is compared by its winner: the configuration with the smallest mean validation"
            " loss over fresh seeds, or over the search where none was confirmed. It was chosen for"
            " that, so its score is slightly optimistic."
        )
    if studies and "arm" not in compared.columns:
        told.append(
            "A study is compared by the arm with the smallest mean validation loss over the seeds "
            "of its comparison, which chose it too: its score is slightly optimistic."
        )
    told.append(
        "Every figure is that of each trial's best epoch, with dropout off. Differences are in "
        f"validation {runs[0].metric}; one of less than {setting(MARGIN)} does not matter."
    )
    told += [BASES[basis] for basis in BASES if basis in set(compared["basis"])]
    if (compared["basis"] != "one seed").any():
        told.append(
            f"Verdicts need {FEWEST_PAIRS} seeds at least. They follow from t tests of no "
            "difference and of one as large as the margin, each adjusted by Holm over "
            f"{plural(len(compared), 'comparison')}. On one split they tell how other seeds would "
            "have ended, not other rows."
        )
    if ranked is not None:
        told.append(
            "Scores of different data have no common unit, so arms are ranked on each data set and "
            "the ranks are compared."
        )
    return told


def _copies(runs: Sequence[ComparedRun]) -> list[Finding]:
    """Find runs that began in the same second by the same command with the same trials."""
    groups: dict[tuple[object, ...], list[str]] = {}
    for run in runs:
        manifest = run.manifest
        made = (manifest.get("created"), manifest.get("command"), manifest.get("name"))
        trials = tuple(run.trials["seconds"].head(20).fillna(-1.0))  # NaN equals nothing
        groups.setdefault((*made, len(run.trials), *trials), []).append(run.label)
    return [
        Finding(
            code="compare.copies",
            about="comparison",
            subject=labels[0],
            verdict="copies",
            sentence=f"{join(labels)} are copies of one run: their equality shows nothing.",
            next_step="Compare runs that were made by themselves.",
            level="warning",
            confidence="exact: the same beginning, command and times",
        )
        for labels in groups.values()
        if len(labels) > 1
    ]


def _state(run: ComparedRun) -> list[Finding]:
    counts = run.manifest.get("counts") or {}
    state = shorten(str(run.manifest.get("state") or "unknown"), 20)
    if run.network is None:
        ended = plural(len(run.trials), "trial")
        sentence = f"{run.label} has no network to compare: of {ended} none finished ({state})."
        step = "Let it run to its end, or read in its report why trials were lost."
    elif not run.is_finished:
        planned = counts.get("planned")
        sentence = (
            f"{run.label} is not complete ({state}): {count(len(run.trials))} trials have ended, "
            f"{count(planned)} are planned; its best so far is compared, and all this may change."
        )
        step = "Compare again when it has finished."
    elif not run.network.final:
        sentence = (
            f"{run.label} finished without a winner: the best trial of its search is compared."
        )
        step = "Look into its report for the reason."
    else:
        return []
    return [
        Finding(
            code="compare.unfinished",
            about="comparison",
            subject=run.label,
            verdict="unfinished",
            sentence=sentence,
            next_step=step,
            level="warning",
            confidence="exact",
        )
    ]


def _lost(runs: Sequence[ComparedRun]) -> list[Finding]:
    return [
        Finding(
            code="compare.lost",
            about="comparison",
            subject=run.label,
            verdict="lost",
            sentence=(
                f"{run.label}: on {plural(run.network.lost, 'seed')} its network diverged or "
                "failed, which its mean score does not show."
            ),
            level="warning",
            confidence="exact",
        )
        for run in runs
        if run.network is not None and run.network.lost
    ]


def _chosen(runs: Sequence[ComparedRun], compared: pd.DataFrame) -> list[Finding]:
    """Warn of studies that are compared by the best of their arms."""
    if compared.empty or "arm" in compared.columns:
        return []
    return [
        Finding(
            code="compare.chosen",
            about="comparison",
            subject=run.label,
            verdict="chosen",
            sentence=(
                f"{run.label} is compared by the best of its {len(run.results.arms)} arms, chosen "
                "on the seeds that it is scored on, which flatters it."
            ),
            next_step="Train that network again on fresh seeds before it is called better.",
            level="warning",
            confidence="the more arms, and the closer they are, the larger the share of luck",
        )
        for run in runs
        if run.results is not None and run.network is not None and len(run.results.arms) > 1
    ]


def _versions(runs: Sequence[ComparedRun], compared: pd.DataFrame) -> list[Finding]:
    """Tell that versions changed, where runs were compared as if only their settings did."""
    first, *others = runs
    changed = [run.label for run in others if changed_versions(first.manifest, run.manifest)]
    if not changed or compared.empty:
        return []
    return [
        Finding(
            code="compare.versions",
            about="comparison",
            subject=changed[0],
            verdict="changed",
            sentence=(
                f"Not all runs were made by the versions that made {first.label}: {join(changed)} "
                "differ, so a difference may come from the libraries."
            ),
            next_step="The settings that differ name the versions.",
            level="info",
            confidence="exact",
        )
    ]
