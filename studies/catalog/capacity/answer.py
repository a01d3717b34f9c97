"""The answer of the capacity study: the smallest adequate network, and both ends beyond it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

import pandas as pd

from reports.findings import Finding
from reports.study_content import StudyTable
from reports.wording import count, is_number, join, loss, score
from studies.answering.answer import StudyAnswer
from studies.answering.arms import arms_table, judge_arms, summarise_arms
from studies.answering.comparing import (
    compare_study,
    contrast_findings,
    contrasts_table,
    loss_margin,
    records,
)
from studies.answering.figures import curves_figure
from studies.answering.results import StudyResults
from studies.catalog.capacity.double_descent import answer_double_descent
from studies.catalog.capacity.figures import against_best_figure, loss_figure, score_figure
from studies.catalog.capacity.fit import (
    Fit,
    Network,
    judge_fit,
    overfits_from,
    shape_over_size,
)
from studies.diagnosis.error_rates import with_error_rate
from studies.diagnosis.networks import ConfigVerdict
from studies.diagnosis.words import between
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


class Ends(NamedTuple):
    """Hold where under- and overfitting lie among the networks of one depth.

    Attributes:
        depth: Hidden layers.
        underfits_to: The largest network up to which all underfit; None if none does.
        overfits_from: The smallest from which on the validation loss of all turns up; None if the
            largest's does not.
    """

    depth: int
    underfits_to: Network | None
    overfits_from: Network | None


def answer(results: StudyResults) -> StudyAnswer:
    """Say how large a network must be, or whether there is a double descent."""
    if results.design.options.get("noisy"):
        return answer_double_descent(results)
    return answer_capacity(results)


def answer_capacity(results: StudyResults) -> StudyAnswer:
    """Say which network is large enough, and where under- and overfitting lie."""
    arms, verdicts = summarise_arms(results), judge_arms(results)
    fit = judge_fit(results, arms)
    compared = compare_study(results)
    tables = [arms_table(results, arms, verdicts), contrasts_table(compared, results)]
    if fit is None:
        return StudyAnswer(
            answer="No conclusion: fewer than two networks were trained to the end in at least "
            "half of the pairs.",
            tables=tables,
        )
    ends = [
        Ends(depth, fit.last_underfitting(depth), overfits_from(fit.of_depth(depth), verdicts))
        for depth in sorted({one.depth for one in fit.networks})
    ]
    smallest = _smallest_finding(fit, results)
    own = [
        smallest,
        _underfitting_finding(fit, ends, results),
        _overfitting_finding(fit, ends),
        *_shape_findings(fit, results),
        *_edge_findings(fit, results),
    ]
    return StudyAnswer(
        answer=_answer(fit, ends, results),
        paragraph=[one.sentence for one in own],
        findings=[*own, *contrast_findings(compared, results)],
        figures=[
            score_figure(results, arms, fit, ends=_marked(ends)),
            loss_figure(results, arms, fit, overfits=_starts(ends)),
            against_best_figure(fit, results, finding=smallest.sentence),
            curves_figure(results, arms=_shown(fit), finding=_curves(fit)),
        ],
        tables=[*tables, _fit_table(fit, verdicts, results)],
    )


def _answer(fit: Fit, ends: Sequence[Ends], results: StudyResults) -> str:
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
    under = [one.underfits_to.arm for one in ends if one.underfits_to]
    over = [one.overfits_from.arm for one in ends if one.overfits_from]
    parts = [f"underfits up to {join(under)}"] if under else []
    parts += [f"overfits from {join(over)}"] if over else []
    return f"{enough}; {', '.join(parts)}." if parts else f"{enough}."


def _smallest_finding(fit: Fit, results: StudyResults) -> Finding:
    small, best = fit.smallest, fit.best
    rows = {row["first"]: row for row in records(fit.against_best)}
    row = rows.get(small.arm)
    equivalent = [one for one in fit.networks if _is_equivalent(rows.get(one.arm))]
    margin = score(results.design.margin)
    size = f"{small.arm} with {count(small.parameters)} parameters"
    if row is None:
        sentence = (
            f"{size} is the best network, and no smaller one comes within one standard error of it."
        )
    else:
        shown = f"{score(row['difference'])} ({between(row['low'], row['high'], score)})"
        is_same = "equivalent to it" if _is_equivalent(row) else "not shown to be equivalent to it"
        sentence = (
            f"{size} is the smallest network within one standard error of the best, {best.arm}: "
            f"{results.metric} {shown}, {is_same} at the margin of {margin}."
        )
    if equivalent and equivalent[0].parameters < small.parameters:
        least = equivalent[0]
        sentence += (
            f" The smallest that is equivalent at that margin is {least.arm} "
            f"({count(least.parameters)} parameters)."
        )
    if not fit.enough:
        sentence += f" That no network beats {small.arm} by that margin is not shown."
    return Finding(
        code="study.capacity.smallest_adequate",
        about="study",
        subject=small.arm,
        verdict="smallest adequate" if fit.enough else "undecided",
        sentence=sentence,
        level="good" if fit.enough else "info",
        confidence=_confidence(results, _enough_confidence(fit, results)),
        numbers={
            "parameters": small.parameters,
            "best_parameters": best.parameters,
            "difference": row["difference"] if row else 0.0,
            "low": row["low"] if row else None,
            "high": row["high"] if row else None,
            "smallest_equivalent": equivalent[0].parameters if equivalent else None,
        },
    )


def _enough_confidence(fit: Fit, results: StudyResults) -> str:
    rests_on = (
        "one-standard-error rule on paired differences; that it is enough by one-sided t tests "
        "against every other network, of which all must be passed"
    )
    if results.design.folds or not fit.enough:
        return rests_on
    rests_on = f"{rests_on}, over seeds on the same validation rows"
    return with_error_rate(rests_on, "smallest adequate", seeds=fit.pairs)


def _is_equivalent(row: Mapping[str, object] | None) -> bool:
    return row is not None and row["verdict"] == "equivalent"


def _underfitting_finding(fit: Fit, ends: Sequence[Ends], results: StudyResults) -> Finding:
    found = [one.underfits_to for one in ends if one.underfits_to]
    if found:
        shown = join([f"{one.arm} ({count(one.parameters)} parameters)" for one in found])
        verdict = "underfits"
        sentence = (
            f"Underfitting ends above {shown}: up to there train and validation {results.metric} "
            f"are both clearly below those of {fit.best.arm}."
        )
    elif not fit.judged:
        verdict = "undecided"
        sentence = "Where underfitting ends is not judged: that takes 6 paired seeds, and no folds."
    else:
        verdict = "not seen"
        sentence = (
            f"No underfitting is seen: even {fit.networks[0].arm}, the smallest network, is not "
            f"clearly below {fit.best.arm} on train and validation both."
        )
    return Finding(
        code="study.capacity.underfitting",
        about="study",
        subject=found[0].arm if found else "",
        verdict=verdict,
        sentence=sentence,
        next_step="" if found or not fit.judged else "Add smaller networks: --set width=1,…",
        confidence="95 % intervals that hold for all pairs of networks at once",
        numbers={f"depth_{one.depth}": one.underfits_to.parameters
                 for one in ends if one.underfits_to},
    )  # fmt: skip


def _overfitting_finding(fit: Fit, ends: Sequence[Ends]) -> Finding:
    """Say from where on training longer harms, and whether size itself does."""
    found = [one.overfits_from for one in ends if one.overfits_from]
    too_large = [one.arm for one in fit.networks if fit.region[one.arm] == "overfits"]
    if found:
        shown = join([f"{one.arm} ({count(one.parameters)} parameters)" for one in found])
        sentence = (
            f"Overfitting begins at {shown}: from there on the validation loss of every network of "
            "its depth turns up again while it is trained."
        )
    else:
        sentence = "No overfitting at the large end: the validation loss of the largest networks "
        sentence += "does not clearly turn up while they are trained."
    if too_large:
        sentence += (
            f" Stopped at its best epoch, {join(too_large[:4])} is still clearly worse than the "
            "smaller best one, with no lower train score."
        )
    elif fit.judged:
        sentence += (
            " Stopped at the best epoch, no network larger than the best is clearly worse than it."
        )
    return Finding(
        code="study.capacity.overfitting",
        about="study",
        subject=found[0].arm if found else "",
        verdict="overfits" if found or too_large else "not seen",
        sentence=sentence,
        next_step="Stop at the best epoch, or use the smallest adequate network." if found else "",
        confidence="the verdict of each network's curves, over its seeds",
        numbers={
            **{f"depth_{one.depth}": one.overfits_from.parameters
               for one in ends if one.overfits_from},
            "too_large": len(too_large),
        },
    )  # fmt: skip


def _shape_findings(fit: Fit, results: StudyResults) -> list[Finding]:
    """Name the shapes of error and loss over size, in each depth with three networks or more."""
    findings = []
    for depth in sorted({one.depth for one in fit.networks}):
        names = [one.arm for one in fit.of_depth(depth)]
        if len(names) < 3:
            continue
        errors = 1 - results.paired("validation_score")[names]
        losses = results.paired("last_validation_loss")[names]
        best = shape_over_size(errors, results, margin=results.design.margin)
        last = shape_over_size(losses, results, margin=loss_margin(losses))
        if best is None or last is None:
            continue
        sentence = (
            f"At depth {depth}, from {names[0]} to {names[-1]}, 1 minus the validation "
            f"{results.metric} {SHAPES[best.shape]}{_turns(best, score)}; the validation loss "
            f"after the last epoch {SHAPES[last.shape]}{_turns(last, loss)}."
        )
        findings.append(
            Finding(
                code="study.capacity.shape",
                about="study",
                subject=f"depth {depth}",
                verdict=best.shape,
                sentence=sentence,
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
    if not shape.moves:
        return ""
    moves = [f"{one.start} to {one.end} {write(one.change.estimate)}" for one in shape.moves]
    return f" ({'; '.join(moves)})"


def _edge_findings(fit: Fit, results: StudyResults) -> list[Finding]:
    """Warn if the best lies at an end of what was tried, and nothing smaller is as good."""
    best, networks = fit.best, fit.networks
    if best not in {networks[0], networks[-1]}:
        return []
    end, step = ("largest", "larger") if best == networks[-1] else ("smallest", "smaller")
    # As good as the best well inside the range: then the end is chance, and no wish for more.
    inside = end == "largest" and fit.smallest.parameters < networks[-1].parameters
    after = (
        f" But {fit.smallest.arm} is adequate already, so that more is not needed."
        if inside
        else f" A {step} network may be better still."
    )
    return [
        Finding(
            code="study.capacity.edge",
            about="study",
            subject=best.arm,
            verdict=f"best at the {end}",
            sentence=f"The best mean {results.metric} is that of the {end} network tried, "
            f"{best.arm}.{after}",
            next_step="" if inside else f"Add {step} networks: --set width=…",
            level="info" if inside else "warning",
            confidence="exact",
            numbers={"parameters": best.parameters},
        )
    ]


def _fit_table(
    fit: Fit, verdicts: Mapping[str, ConfigVerdict], results: StudyResults
) -> StudyTable:
    rows = {row["first"]: row for row in records(fit.against_best)}
    table = []
    for one in fit.networks:
        row, verdict = rows.get(one.arm), verdicts.get(one.arm)
        table.append(
            {
                "Network": one.arm,
                "Parameters": one.parameters,
                "At its best epoch": fit.region[one.arm],
                "While trained": verdict.verdict if verdict else "undecided",
                f"Behind the best ({results.metric})": score(-row["difference"]) if row else "0",
                "95 % interval": f"{score(-row['high'])} to {score(-row['low'])}"
                if row and is_number(row["low"])
                else "none",
                "Equivalent": ("yes" if _is_equivalent(row) else "not shown") if row else "itself",
            }
        )
    return StudyTable(
        id="fit",
        title="How the networks fit",
        table=pd.DataFrame(table),
        note="At its best epoch: adequate is within one standard error of the best or equivalent to"
        " it; underfits is clearly below it on train and validation; overfits is larger and clearly"
        " below it on validation alone. While trained: the verdict on its loss curves.",
    )


def _marked(ends: Sequence[Ends]) -> dict[int, Network]:
    return {one.depth: one.underfits_to for one in ends if one.underfits_to}


def _starts(ends: Sequence[Ends]) -> dict[int, Network]:
    return {one.depth: one.overfits_from for one in ends if one.overfits_from}


def _shown(fit: Fit) -> list[str]:
    """Return four networks to draw in time: smallest, smallest adequate, best, largest."""
    chosen = (fit.networks[0], fit.smallest, fit.best, fit.networks[-1])
    return [one.arm for one in sorted(set(chosen), key=lambda one: one.parameters)]


def _curves(fit: Fit) -> str:
    return (
        f"The smallest network ({fit.networks[0].arm}), the smallest adequate one "
        f"({fit.smallest.arm}), the best ({fit.best.arm}) and the largest "
        f"({fit.networks[-1].arm}) while they are trained."
    )


def _confidence(results: StudyResults, how: str) -> str:
    if results.design.pairs < FEWEST_PAIRS:
        return f"descriptive: fewer than {FEWEST_PAIRS} pairs are not tested"
    return how
