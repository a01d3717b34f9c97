"""How much network is enough: the smallest adequate one, and both ends beyond it.

With permuted labels and long training, the question is another one; see `double_descent`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from reports.findings import Finding
from reports.wording import count, join, loss, score
from studies.answering.answer import StudyAnswer
from studies.answering.arms import summarise_arms
from studies.answering.comparing import (
    compare_study,
    contrast_findings,
    loss_margin,
    study_tables,
)
from studies.answering.contrasts import Contrast
from studies.answering.figures import curves_figure
from studies.answering.results import StudyResults
from studies.answering.words import in_words, name_some, numbers, rests_on
from studies.catalog.capacity.double_descent import answer_double_descent
from studies.catalog.capacity.figures import (
    against_best_figure,
    fit_table,
    loss_figure,
    score_figure,
)
from studies.catalog.capacity.fit import (
    Fit,
    Network,
    judge_fit,
    overfits_from,
    shape_over_size,
)
from studies.diagnosis.error_rates import with_error_rate
from studies.diagnosis.networks import ConfigVerdict
from studies.statistics.intervals import Interval
from studies.statistics.power import FEWEST_PAIRS
from studies.statistics.shape import Shape

SHAPES: Final[Mapping[str, str]] = {
    "falling": "falls",
    "rising": "rises",
    "flat": "is flat",
    "U": "falls and then rises",
    "peak": "rises and then falls",
    "double descent": "falls, rises and falls again",
    "irregular": "turns more than twice",
    "undecided": "has no clear shape",
}
NONE_BEHIND: Final = Interval(estimate=0.0, low=float("nan"), high=float("nan"))


def answer(results: StudyResults, verdicts: Mapping[str, ConfigVerdict]) -> StudyAnswer:
    """Say how large a network must be, or whether there is a double descent."""
    if results.design.options.get("noisy"):
        return answer_double_descent(results, verdicts)
    arms, compared = summarise_arms(results), compare_study(results)
    fit = judge_fit(results, arms)
    tables = study_tables(results, arms, verdicts, compared)
    if fit is None:
        return StudyAnswer(
            answer="No conclusion: fewer than two networks were trained to the end in at least "
            "half of the pairs.",
            tables=tables,
        )
    lasts = [fit.last_underfitting(depth) for depth in fit.depths]
    firsts = [overfits_from(fit.of_depth(depth), verdicts) for depth in fit.depths]
    small, large = ([one for one in ends if one] for ends in (lasts, firsts))
    smallest = _smallest_finding(fit, results)
    own = [
        smallest,
        _underfitting_finding(fit, small, results),
        _overfitting_finding(fit, large),
        *_shape_findings(fit, results),
        *_edge_findings(fit, results),
    ]
    shown = (fit.networks[0], fit.smallest, fit.best, fit.networks[-1])
    in_time = sorted(set(shown), key=lambda one: one.parameters)
    curves = (
        "The smallest network ({}), the smallest adequate one ({}), the best ({}) and the largest "
        "({}) while they are trained."
    ).format(*(one.arm for one in shown))
    return StudyAnswer(
        answer=_answer(fit, small, large, results),
        paragraph=[one.sentence for one in own],
        findings=[*own, *contrast_findings(compared, results)],
        figures=[
            score_figure(results, arms, fit, ends=small),
            loss_figure(results, arms, fit, overfits=large),
            *against_best_figure(fit, results, smallest.sentence),
            curves_figure(results, arms=[one.arm for one in in_time], finding=curves),
        ],
        tables=[*tables, fit_table(fit, verdicts, results)],
    )


def _answer(
    fit: Fit, too_small: Sequence[Network], overfit: Sequence[Network], results: StudyResults
) -> str:
    small, best = fit.smallest, fit.best
    is_so = "is enough" if fit.enough else "seems enough"
    if results.design.pairs < FEWEST_PAIRS:
        is_so += ", untested"
    elif not results.design.folds:
        is_so += " on these rows"
    enough = f"{small.arm} ({count(small.parameters)} parameters) {is_so}: {results.metric} "
    enough += score(small.score)
    if small != best:
        enough += f", best {best.arm} {score(best.score)}"
    under, over = ([one.arm for one in ends] for ends in (too_small, overfit))
    parts = [f"underfits up to {join(under)}"] if under else []
    parts += [f"overfits from {join(over)}"] if over else []
    return f"{enough}; {', '.join(parts)}." if parts else f"{enough}."


def _smallest_finding(fit: Fit, results: StudyResults) -> Finding:
    small, best = fit.smallest, fit.best
    rows = {row.first: row for row in fit.against_best}
    row = rows.get(small.arm)
    equivalent = [one for one in fit.networks if _is_equivalent(rows.get(one.arm))]
    behind = row.difference if row else NONE_BEHIND
    sentence = (
        f"{_sized(small)} is the best network, and no smaller one is within a standard error."
    )
    if row:
        same = "equivalent" if _is_equivalent(row) else "not shown to be equivalent"
        sentence = (
            f"{_sized(small)} is the smallest network within one standard error of the best, "
            f"{best.arm}: {results.metric} {in_words(behind)}, {same} at a margin of "
            f"{score(results.design.margin)}."
        )
    if equivalent and equivalent[0].parameters < small.parameters:
        sentence += f" The smallest that is equivalent is {_sized(equivalent[0])}."
    if not fit.enough:
        sentence += f" That no network beats {small.arm} by that margin is not shown."
    return Finding(
        code="study.capacity.smallest_adequate",
        subject=small.arm,
        verdict="smallest adequate" if fit.enough else "undecided",
        sentence=sentence,
        level="good" if fit.enough else "info",
        confidence=rests_on(_enough_confidence(fit, results), results.design.pairs),
        numbers={
            "parameters": small.parameters,
            "best_parameters": best.parameters,
            **numbers(behind),
            "smallest_equivalent": equivalent[0].parameters if equivalent else None,
        },
    )


def _enough_confidence(fit: Fit, results: StudyResults) -> str:
    rule = (
        "one-standard-error rule on paired differences; enough by one-sided t tests against every "
        "other network, all of them passed"
    )
    if results.design.folds or not fit.enough:
        return rule
    on_rows = f"{rule}, over seeds on the same validation rows"
    return with_error_rate(on_rows, "smallest adequate", seeds=fit.pairs)


def _is_equivalent(row: Contrast | None) -> bool:
    return row is not None and row.verdict == "equivalent"


def _underfitting_finding(fit: Fit, ends: Sequence[Network], results: StudyResults) -> Finding:
    """Say up to which network of each depth all are too small."""
    verdict, best = "not seen" if fit.judged else "undecided", fit.best.arm
    below = f"train and validation {results.metric} are both clearly below those of {best}"
    sentence = f"No underfitting is seen: not even of {fit.networks[0].arm} {below}."
    if ends:
        verdict = "underfits"
        sentence = f"Underfitting ends above {_listed(ends)}: up to there {below}."
    elif not fit.judged:
        sentence = "Where underfitting ends is not judged: that takes 6 paired seeds, and no folds."
    return Finding(
        code="study.capacity.underfitting",
        subject=ends[0].arm if ends else "",
        verdict=verdict,
        sentence=sentence,
        next_step="Add smaller networks: --set width=1,…" if verdict == "not seen" else "",
        confidence="95 % intervals that hold for all pairs of networks at once",
        numbers={f"depth_{one.depth}": one.parameters for one in ends},
    )


def _overfitting_finding(fit: Fit, ends: Sequence[Network]) -> Finding:
    """Say from where on training longer harms, and whether size itself does."""
    too_large = [one.arm for one in fit.networks if fit.region[one.arm] == "overfits"]
    sentence = "No overfitting at the large end: no validation loss clearly turns up again."
    if ends:
        sentence = (
            f"Overfitting begins at {_listed(ends)}: from there on every validation loss turns up "
            "again while a network is trained."
        )
    if too_large:
        sentence += (
            f" At its best epoch, {name_some(too_large)} is still clearly worse than the smaller "
            "best one, with no lower train score."
        )
    elif fit.judged:
        sentence += " At the best epoch, no network larger than the best is clearly worse."
    return Finding(
        code="study.capacity.overfitting",
        subject=ends[0].arm if ends else "",
        verdict="overfits" if ends or too_large else "not seen",
        sentence=sentence,
        next_step="Stop at the best epoch, or use the smallest adequate network." if ends else "",
        confidence="the verdict of each network's curves, over its seeds",
        numbers={
            **{f"depth_{one.depth}": one.parameters for one in ends},
            "too_large": len(too_large),
        },
    )


def _shape_findings(fit: Fit, results: StudyResults) -> list[Finding]:
    """Name the shapes of error and loss over size, in each depth with three networks or more."""
    findings = []
    for depth in fit.depths:
        names = [one.arm for one in fit.of_depth(depth)]
        errors = 1 - results.paired("validation_score")[names]
        losses = results.paired("last_validation_loss")[names]
        best = shape_over_size(errors, results, margin=results.design.margin)
        last = shape_over_size(losses, results, margin=loss_margin(losses))
        if best is None or last is None:
            continue
        findings.append(
            Finding(
                code="study.capacity.shape",
                subject=f"depth {depth}",
                verdict=best.shape,
                sentence=(
                    f"From {names[0]} to {names[-1]} 1 minus the validation {results.metric} "
                    f"{_turns(best, score)}, the validation loss at the end {_turns(last, loss)}."
                ),
                confidence="sign flips of whole pairs, all pairs of networks at once, 95 %",
                numbers={
                    "pairs": best.pairs,
                    "last_loss_shape": last.shape,
                    "largest_rise": best.largest_rise.change.estimate,
                    "largest_rise_high": best.largest_rise.change.high,
                },
            )
        )
    return findings


def _turns(shape: Shape, write: Callable[[float], str]) -> str:
    moves = [f"{one.start} to {one.end} {write(one.change.estimate)}" for one in shape.moves]
    return f"{SHAPES[shape.shape]} ({'; '.join(moves)})" if moves else SHAPES[shape.shape]


def _edge_findings(fit: Fit, results: StudyResults) -> list[Finding]:
    """Warn if the best lies at an end of what was tried, and nothing smaller is as good."""
    best, networks = fit.best, fit.networks
    if best not in {networks[0], networks[-1]}:
        return []
    end, step = ("largest", "larger") if best == networks[-1] else ("smallest", "smaller")
    # As good as the best well inside the range: then the end is chance, and no wish for more.
    inside = end == "largest" and fit.smallest.parameters < networks[-1].parameters
    after = f"{fit.smallest.arm} is adequate already" if inside else f"a {step} may be better still"
    return [
        Finding(
            code="study.capacity.edge",
            subject=best.arm,
            verdict=f"best at the {end}",
            sentence=f"The best mean {results.metric} is that of the {end} network tried, "
            f"{best.arm}; {after}.",
            next_step="" if inside else f"Add {step} networks: --set width=…",
            level="info" if inside else "warning",
            confidence="exact",
            numbers={"parameters": best.parameters},
        )
    ]


def _listed(networks: Sequence[Network]) -> str:
    return join([_sized(one) for one in networks])


def _sized(one: Network) -> str:
    return f"{one.arm} ({count(one.parameters)} parameters)"
