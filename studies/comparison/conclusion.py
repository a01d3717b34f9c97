"""From runs that were read to everything that is said of them beside each other."""

from collections.abc import Sequence

import pandas as pd

from reports.comparison_content import ComparisonContent, CurvesFigure, RunSide, Span
from reports.study_content import ForestFigure, ResponseFigure, StudyTable
from reports.wording import count, shorten
from studies.answering.contrast_words import (
    contrast_findings,
    contrasts_table,
    describe_contrast,
    draw_contrasts,
    summarise_verdicts,
)
from studies.answering.contrasts import Contrasts
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
    arms, best, metric = shared_arms(runs), lead(runs), runs[0].metric
    compared = compare_shared_arms(runs, arms) if arms else compare_networks(runs)
    # The contrasts of the run that scores best stand before those of the others.
    compared = sorted(compared, key=lambda each: best not in {each.first, each.second})
    ranked = score_table(runs)
    differing, same = settings_tables(runs)
    code, option = ("compare.arm", "--seeds") if arms else ("compare.run", "--confirm")
    contrasts = contrast_findings(compared, metric, MARGIN, code=code, option=option)
    return ComparisonContent(
        runs=[_side(run) for run in runs],
        metric=metric,
        best=best,
        answer=answer(runs, compared, ranked),
        paragraph=paragraph(runs, compared),
        findings=[
            *([rank_finding(ranked)] if ranked is not None else []),
            *sorted(contrasts, key=lambda finding: finding.verdict == "undecided"),
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


def _figures(
    runs: Sequence[ComparedRun], compared: Contrasts, ranked: ScoreTable | None, arms: Sequence[str]
) -> Figures:
    drawn: Figures = []
    metric, on_same_data = runs[0].metric, same_data(runs)
    if compared:
        finding = f"Of {count(len(compared))} comparisons: {summarise_verdicts(compared)}."
        if len(compared) == 1:
            finding = describe_contrast(compared[0], metric, MARGIN)
        drawn.append(draw_contrasts(compared, metric, MARGIN, finding))
    if arms:
        drawn.append(arms_figure(runs, arms))
        within = compare_within(runs, arms)
        drawn += [within_figure(within, metric)] if within else []
    if ranked is not None and not arms:
        drawn.append(scores_figure(ranked, metric))
    curves = [draw(runs, same_data=on_same_data) for draw in (learning_figure, search_figure)]
    return drawn + [figure for figure in curves if figure is not None]


def _tables(
    runs: Sequence[ComparedRun], compared: Contrasts, ranked: ScoreTable | None
) -> list[StudyTable]:
    tables = [contrasts_table(compared, runs[0].metric)] if compared else []
    tables += rank_tables(ranked, runs[0].metric) if ranked is not None else []
    answers = [[run.label, run.data_name, run.answer] for run in runs if run.results is not None]
    if answers:
        tables.append(
            StudyTable(
                id="answers",
                title="The answers",
                table=pd.DataFrame(answers, columns=["Run", "Data", "Answer"]),
                note="What each study answers by itself.",
            )
        )
    claims = claims_table(runs)
    tables += [claims] if claims is not None else []
    return tables + _searches(runs)


def _searches(runs: Sequence[ComparedRun]) -> list[StudyTable]:
    """Say of each sweep how it searched, and how many trials would have done."""
    sweeps = [(run, trials_needed(run, MARGIN)) for run in runs if run.results is None]
    if all(number is None for _, number in sweeps):
        return []
    rows = [
        {
            "Run": run.label,
            "Sampler": shorten(str(run.manifest["settings"].get("sampler")), 24),
            "Trials": int((run.trials["stage"] == "search").sum()),
            f"Trials to within {MARGIN} of its best": count(number),
        }
        for run, number in sweeps
    ]
    return [
        StudyTable(
            id="searches",
            title="Trials that would have done",
            table=pd.DataFrame(rows),
            note="So many independent trials would be expected to come within the margin of the "
            "best score that the search saw, one seed each. Only for samplers that do not learn, "
            "without a pruner.",
        )
    ]


def _side(run: ComparedRun) -> RunSide:
    network = run.network
    unknown = _span(UNKNOWN)
    return RunSide(
        label=run.label,
        manifest=run.manifest,
        trials=run.trials,
        network=network.words if network else "",
        parameters=network.parameters if network else 0,
        seeds=network.side.seeds if network else 0,
        score=_span(network.score) if network else unknown,
        loss=_span(network.loss) if network else unknown,
        test=_span(network.test) if network else unknown,
        gap=_span(network.gap) if network else unknown,
        verdict=network.verdict if network else "",
    )


def _span(interval: Interval) -> Span:
    return interval.estimate, interval.low, interval.high
