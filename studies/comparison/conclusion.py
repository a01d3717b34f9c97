"""From runs that were read to everything that is said of them beside each other."""

from collections.abc import Sequence

import pandas as pd

from reports.comparison_content import ComparisonContent, CurvesFigure, RunSide, Span
from reports.study_content import ForestFigure, ResponseFigure, StudyTable
from reports.wording import MISSING, count, shorten
from studies.answering.results import records
from studies.comparison import words
from studies.comparison.answer import answer, lead, paragraph
from studies.comparison.caveats import caveats, method
from studies.comparison.changes import change_findings, claims_table
from studies.comparison.contrasts import (
    compare_networks,
    compare_shared_arms,
    compare_within,
    same_data,
    shared_arms,
)
from studies.comparison.curves import learning_figure, search_figure, trials_needed
from studies.comparison.data_sets import ScoreTable, score_table
from studies.comparison.figures import arms_figure, scores_figure, within_figure
from studies.comparison.networks import UNKNOWN
from studies.comparison.rankings import rank_finding, rank_tables
from studies.comparison.runs import ComparedRun
from studies.comparison.settings import settings_tables
from studies.comparison.sides import MARGIN
from studies.statistics.intervals import Interval

Figures = list[CurvesFigure | ResponseFigure | ForestFigure]


def compare_runs(runs: Sequence[ComparedRun], *, command: str = "") -> ComparisonContent:
    """Compare runs: what differs between them, and what that shows.

    Args:
        runs: From `studies.comparison.runs.read_runs`.
        command: What was typed, for the page.
    """
    arms = shared_arms(runs)
    best = lead(runs)
    compared = compare_shared_arms(runs, arms) if arms else compare_networks(runs)
    compared = _best_first(compared, best)
    ranked = score_table(runs)
    told = answer(runs, compared, ranked)
    metric = runs[0].metric
    ranks = [rank_finding(ranked)] if ranked is not None else []
    differing, same = settings_tables(runs)
    return ComparisonContent(
        runs=[_side(run) for run in runs],
        metric=metric,
        best=best,
        answer=told,
        paragraph=paragraph(runs, compared),
        findings=[
            *ranks,
            *words.contrast_findings(compared, metric),
            *change_findings(runs),
            *caveats(runs, compared),
        ],
        figures=_figures(runs, compared, ranked, arms),
        tables=_tables(runs, compared, ranked),
        differing=differing,
        same=same,
        method=method(runs, compared, ranked),
        command=command,
    )


def _best_first(compared: pd.DataFrame, best: str) -> pd.DataFrame:
    """Put the contrasts of the run that scores best before those of the others."""
    others = ~(compared["first"].eq(best) | compared["second"].eq(best))
    return compared.loc[others.sort_values(kind="stable").index].reset_index(drop=True)


def _figures(
    runs: Sequence[ComparedRun],
    compared: pd.DataFrame,
    ranked: ScoreTable | None,
    arms: Sequence[str],
) -> Figures:
    drawn: Figures = []
    metric, on_same_data = runs[0].metric, same_data(runs)
    if len(compared):
        drawn.append(words.forest(compared, metric, _forest_finding(compared, metric)))
    if arms:
        drawn.append(arms_figure(runs, arms))
        within = compare_within(runs, arms)
        drawn += [within_figure(within, metric)] if len(within) else []
    if ranked is not None and not arms:
        drawn.append(scores_figure(ranked, metric))
    for figure in (
        learning_figure(runs, same_data=on_same_data),
        search_figure(runs, same_data=on_same_data),
    ):
        drawn += [figure] if figure is not None else []
    return drawn


def _forest_finding(compared: pd.DataFrame, metric: str) -> str:
    if len(compared) == 1:
        (row,) = records(compared)
        return words.describe_difference(row, metric)
    return f"Of {count(len(compared))} comparisons: {words.summarise_verdicts(compared)}."


def _tables(
    runs: Sequence[ComparedRun], compared: pd.DataFrame, ranked: ScoreTable | None
) -> list[StudyTable]:
    tables = [words.contrasts_table(compared, runs[0].metric)] if len(compared) else []
    tables += rank_tables(ranked, runs[0].metric) if ranked is not None else []
    studies = [run for run in runs if run.results is not None]
    if studies:
        answers = pd.DataFrame(
            [[run.label, run.data_name, run.answer] for run in studies],
            columns=["Run", "Data", "Answer"],
        )
        tables.append(
            StudyTable(
                id="answers",
                title="The answers",
                table=answers,
                note="What each study answers by itself.",
            )
        )
    claims = claims_table(runs)
    tables += [claims] if claims is not None else []
    return tables + _searches(runs)


def _searches(runs: Sequence[ComparedRun]) -> list[StudyTable]:
    """Say of each sweep how it searched, and how many trials would have done."""
    sweeps = [run for run in runs if run.results is None]
    needed = [trials_needed(run, MARGIN) for run in sweeps]
    if all(number is None for number in needed):
        return []
    rows = [
        [
            run.label,
            shorten(str(run.manifest["settings"].get("sampler")), 24),
            int((run.trials["stage"] == "search").sum()),
            MISSING if number is None else count(number),
        ]
        for run, number in zip(sweeps, needed, strict=True)
    ]
    return [
        StudyTable(
            id="searches",
            title="Trials that would have done",
            table=pd.DataFrame(
                rows, columns=["Run", "Sampler", "Trials", f"Trials to within {MARGIN} of its best"]
            ),
            note="So many independent trials would be expected to come within the margin of the "
            "best score that the search saw, one seed each. Only for samplers that do not learn, "
            "without a pruner. A number near that of the trials says only that they were not too "
            "many.",
        )
    ]


def _side(run: ComparedRun) -> RunSide:
    network = run.network
    if network is None:
        unknown = _span(UNKNOWN)
        return RunSide(
            label=run.label, manifest=run.manifest, trials=run.trials, network="", parameters=0,
            seeds=0, score=unknown, loss=unknown, test=unknown, gap=unknown, verdict="",
        )  # fmt: skip
    return RunSide(
        label=run.label,
        manifest=run.manifest,
        trials=run.trials,
        network=network.words,
        parameters=network.parameters,
        seeds=network.side.seeds,
        score=_span(network.score),
        loss=_span(network.loss),
        test=_span(network.test),
        gap=_span(network.gap),
        verdict=network.verdict,
    )


def _span(interval: Interval) -> Span:
    return interval.estimate, interval.low, interval.high
