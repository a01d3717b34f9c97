"""More data or more network: nested subsets of the training rows against three widths.

Each smaller subset is part of every larger one. The validation error over the rows follows a power
law where it follows any (Hestness et al. 2017), which says what twice the rows promise.
"""

from collections.abc import Mapping
from typing import Final

from reports.findings import Finding
from reports.wording import count, is_number, plural
from studies.answering.answer import StudyAnswer
from studies.answering.arms import summarise_arms
from studies.answering.comparing import compare_study, forest, study_tables
from studies.answering.contrasts import Contrast, by_names
from studies.answering.effects import compare_effects
from studies.answering.results import StudyResults
from studies.answering.words import bounds, in_words, name_some, numbers, signed, whole_percent
from studies.catalog.data_size.design import data_step, network_step, steps_apart
from studies.catalog.data_size.figures import law_figure, laws_table, scores_figure, scores_table
from studies.catalog.data_size.laws import Promise, fit_laws, grid_of, weigh
from studies.diagnosis.networks import ConfigVerdict
from studies.statistics.intervals import Interval
from studies.statistics.power_law import PowerLaw

FULL: Final = "with all rows"
FEW: Final = "with the fewest rows"

_LEADS: Final = {
    "more data": "More data",
    "larger network": "A larger network",
    "neither": "Neither matters",
    "either": "Either buys as much",
    "undecided": "Data or network is undecided",
}
_STEPS: Final = {
    "more data": "Get more rows before a larger network.",
    "larger network": "Enlarge the network before getting more rows: --set width=... goes on.",
    "either": "Take what is cheaper.",
    "neither": "Look elsewhere: features, labels, another kind of model.",
    "undecided": "Repeat with more --seeds, or with larger steps: --set width=..., train_rows=...",
}


def answer(results: StudyResults, verdicts: Mapping[str, ConfigVerdict]) -> StudyAnswer:
    """Say what twice the rows promise, against what the larger network brought."""
    arms, compared = summarise_arms(results), compare_study(results)
    laws, grid = fit_laws(results, "validation_score"), grid_of(results)
    rows = by_names(compared)
    law = laws[grid.firsts[-1]]
    promise = weigh(law, rows[network_step(grid)], margin=results.design.margin)
    buy, steps = _buy_finding(results, promise, law), _steps_finding(results, rows)
    findings = [
        buy,
        steps,
        *_interaction_findings(results),
        *(_law_finding(results, width, one) for width, one in laws.items()),
    ]
    return StudyAnswer(
        answer=_answer(results, promise),
        paragraph=[one.sentence for one in findings[:3]],
        findings=[*findings, *_undertrained_findings(results, verdicts)],
        figures=[
            scores_figure(results, arms, steps.sentence),
            law_figure(results, arms, law, buy.sentence),
            *forest(compared, results, steps.sentence),
        ],
        tables=[
            scores_table(results, arms),
            laws_table(results, laws),
            *study_tables(results, arms, verdicts, compared),
        ],
    )


def _answer(results: StudyResults, promise: Promise) -> str:
    widths = grid_of(results).firsts
    network = f"width {widths[-1]:,} for {widths[-2]:,} brought {_gain(promise.network)}"
    if not is_number(promise.data.estimate):
        return f"Data or network is undecided: no power law holds for twice the rows; {network}."
    return (
        f"{_LEADS[promise.advice]}: twice the rows promise {_gain(promise.data)} {results.metric}, "
        f"{network}."
    )


def _buy_finding(results: StudyResults, promise: Promise, law: PowerLaw) -> Finding:
    """Say what twice the rows promise at the largest network, against what the network brought."""
    grid = grid_of(results)
    (*_, before, width), most = grid.firsts, count(grid.seconds[-1])
    data = f"twice the rows: {law.unsupported}"
    if not law.unsupported:
        data = f"{count(law.predictions[0].rows)} rows promise {in_words(promise.data, sign=True)}"
    sentence = (
        f"Validation {results.metric} at width {width:,}, {most} rows: by the power law, {data}; "
        f"width {width:,} for {before:,} brought {in_words(promise.network, sign=True)}. "
        f"{_LEADS[promise.advice]}."
    )
    return Finding(
        code="study.data-size.buy",
        verdict=promise.advice,
        sentence=sentence,
        next_step=_STEPS[promise.advice],
        level="info" if promise.advice == "undecided" else "good",
        confidence=(
            "extrapolated twofold by a power law; the interval resamples seeds: a law of another "
            "form, other rows and larger networks are not ruled out"
        ),
        numbers={
            **numbers(promise.data, "data", "data_"),
            **numbers(promise.network, "network", "network_"),
            "misfit": law.misfit,
        },
    )


def _steps_finding(results: StudyResults, rows: Mapping[tuple[str, str], Contrast]) -> Finding:
    """Compare the last steps that were measured, without any extrapolation."""
    grid = grid_of(results)
    (*_, narrow, wide), (*_, fewer, most) = grid.firsts, grid.seconds
    data, network = rows[data_step(grid)], rows[network_step(grid)]
    apart = rows[steps_apart(grid)]
    return Finding(
        code="study.data-size.steps",
        verdict=apart.verdict,
        sentence=(
            f"Measured in {results.metric}: {count(most)} rows for {count(fewer)} brought "
            f"{in_words(data.difference, sign=True)}, width {wide:,} for {narrow:,} "
            f"{in_words(network.difference, sign=True)}; rows against width: {apart.verdict}, "
            f"{in_words(apart.difference, sign=True)}."
        ),
        confidence="paired t tests over seeds, Holm over all contrasts; one choice of nested rows",
        numbers={
            "data": data.difference.estimate,
            "network": network.difference.estimate,
            **numbers(apart.difference),
        },
    )


def _interaction_findings(results: StudyResults) -> list[Finding]:
    """Say whether the larger network pays more with more rows."""
    grid = grid_of(results)
    rows = compare_effects(
        results.paired("validation_score"),
        {FULL: [(grid.at(-1, -1), grid.at(0, -1))], FEW: [(grid.at(-1, 0), grid.at(0, 0))]},
        margin=results.design.margin,
        against=[(FULL, FEW)],
        folds=results.folds,
    )
    if len(rows) < 3:  # arms were lost
        return []
    full, few, apart = rows
    return [
        Finding(
            code="study.data-size.interaction",
            verdict=apart.verdict,
            sentence=(
                f"Width {grid.firsts[-1]:,} gains {in_words(full.difference, sign=True)} over "
                f"{grid.firsts[0]:,} with {count(grid.seconds[-1])} rows, "
                f"{in_words(few.difference, sign=True)} with {count(grid.seconds[0])}; the former "
                f"against the latter: {apart.verdict}."
            ),
            confidence="paired t test over seeds of the difference of both gains, Holm over 3",
            numbers=numbers(apart.difference),
        )
    ]


def _law_finding(results: StudyResults, width: int, law: PowerLaw) -> Finding:
    """Describe the power law of one width, or say why there is none."""
    if law.unsupported:
        sentence = f"Width {width:,}: no power law of the validation error; {law.unsupported}."
    else:
        twice = law.predictions[0]
        sentence = (
            f"Width {width:,}: 1 minus validation {results.metric} falls with the rows to the "
            f"power {in_words(law.exponent)} above a floor of {in_words(law.floor)}; with "
            f"{count(twice.rows)} rows it would be {in_words(twice.error)}. The largest misfit is "
            f"{whole_percent(law.misfit)}."
        )
    return Finding(
        code="study.data-size.law",
        subject=f"width {width:,}",
        verdict="unsupported" if law.unsupported else "fitted",
        sentence=sentence,
        confidence="95 % intervals by resampling seeds; 91 to 96 % in simulations with ten",
        numbers={} if law.unsupported else numbers(law.exponent, "exponent", "exponent_"),
    )


def _undertrained_findings(
    results: StudyResults, verdicts: Mapping[str, ConfigVerdict]
) -> list[Finding]:
    """Warn where fewer rows meant too few updates: then the rows are not what was missing."""
    names = [name for name, one in verdicts.items() if one.verdict == "undertrained"]
    if not names:
        return []
    return [
        Finding(
            code="study.data-size.undertrained",
            verdict="undertrained",
            sentence=(
                f"{plural(len(names), 'arm')} still improved after "
                f"{results.design.fixed['epochs']} epochs ({name_some(names)}): an epoch of fewer "
                "rows has fewer updates, so part of what rows bring may be training time."
            ),
            next_step="Train longer: --epochs.",
            level="warning",
            confidence="as for the verdict on each arm",
            numbers={"arms": len(names)},
        )
    ]


def _gain(interval: Interval) -> str:
    """Write a gain in short, for the answer."""
    known = f" ({bounds(interval)})" if is_number(interval.low) else ""
    return f"{signed(interval.estimate)}{known}"
