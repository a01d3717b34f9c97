"""Layers against neurons: networks of equal size, shallow and wide or deep and narrow.

Within a budget of parameters only the depth differs, and with it the width. A deep network that
validates worse is asked why: its train loss tells one that was optimised worse from one that
generalises worse (as He et al. 2016, section 1, ask it of plain deep networks).
"""

from collections.abc import Mapping
from typing import Final

import pandas as pd

from reports.findings import Finding, Numbers
from reports.wording import count, is_number, join, loss, plural, setting
from studies.answering.answer import StudyAnswer
from studies.answering.arms import summarise_arms
from studies.answering.comparing import compare_study, forest, study_tables
from studies.answering.contrast_words import settling_step
from studies.answering.contrasts import Contrast
from studies.answering.results import StudyResults, records
from studies.answering.words import Row, claim, in_words, numbers, signed, whole_percent
from studies.catalog.depth_vs_width.figures import (
    effects_figure,
    fit_figure,
    scores_figure,
    sizes_table,
)
from studies.catalog.depth_vs_width.worth import (
    GENERALISES_WORSE,
    NOT_TRAINED,
    OPTIMISED_WORSE,
    Worth,
    explain_depths,
    grid_of,
    time_ratio,
    worth_in,
)
from studies.diagnosis.networks import ConfigVerdict

CLAIM: Final = "layers raise fitting power a lot, and neurons not so clearly"
WARNING: Final = "deeper networks are {}"
HOLM: Final = "paired t tests over seeds, averaged over the other factor in each pair; Holm over 3"
DESCRIBED: Final = "described, not tested"
DOES: Final = {
    "better": "raise",
    "worse": "lower",
    "equivalent": "do not change",
    "undecided": "may or may not change",
}


def answer(results: StudyResults, verdicts: Mapping[str, ConfigVerdict]) -> StudyAnswer:
    """Say what layers are worth at equal size, and size at equal depth."""
    arms, compared = summarise_arms(results), compare_study(results)
    scores, fits = worth_in(results, "validation_score"), worth_in(results, "last_train_loss")
    readings = explain_depths(results, compared)
    gain, fitting = _score_finding(results, scores), _claim_finding(results, fits)
    warnings = [
        *_warning("trainability", "harder to train", "train loss at the end", fits),
        *_warning("overfitting", "easier to overfit", "loss gap at the end",
                  worth_in(results, "last_loss_gap")),
    ]  # fmt: skip
    depths = _depth_findings(results, readings)
    return StudyAnswer(
        answer=_answer(results, scores, fits),
        paragraph=[one.sentence for one in (gain, fitting, *warnings)],
        findings=[gain, fitting, _slower(results), *warnings, *depths],
        figures=[
            scores_figure(results, arms, gain.sentence),
            fit_figure(results, arms, fitting.sentence),
            *effects_figure(results, scores, gain.sentence),
            *forest(compared, results, " ".join(one.sentence for one in depths)),
        ],
        tables=[
            sizes_table(results, arms, readings),
            *study_tables(results, arms, verdicts, compared),
        ],
    )


def _answer(results: StudyResults, scores: Worth, fits: Worth) -> str:
    does, change = "could not be trained, so nothing is known about", "none finished"
    if scores.layers is not None:
        does = DOES[scores.layers.verdict]
        change = signed(scores.layers.difference.estimate)
    first = f"At equal size more layers {does} {results.metric} ({change})"
    if scores.neurons is None:
        return f"{first}; one size was tried, so nothing is said about neurons."
    neurons, fitting = scores.neurons, claim("layers fit better than neurons", fits.claim)
    return (
        f"{first}; {_times(results)} the parameters {DOES[neurons.verdict]} it "
        f"({signed(neurons.difference.estimate)}). {fitting}."
    )


def _times(results: StudyResults) -> str:
    """Say how many times the smallest budget the largest is."""
    budgets = grid_of(results).firsts
    return f"{setting(round(budgets[-1] / budgets[0], 1))} times"


def _score_finding(results: StudyResults, worth: Worth) -> Finding:
    """Say what layers and neurons are worth in validation score."""
    if worth.layers is None:
        sentence = "No network deeper than the shallowest could be trained in most pairs."
        return _finding("score", "undecided", sentence, {}, confidence=DESCRIBED)
    verdict, metric = worth.layers.verdict, f"validation {results.metric}"
    sentence = (
        f"At equal parameters, more layers {DOES[verdict]} {metric}: on average "
        f"{in_words(worth.layers.difference, sign=True)}"
    )
    if worth.neurons is not None and worth.between is not None:
        sentence += (
            f"; at equal depth, {_times(results)} the parameters {DOES[worth.neurons.verdict]} it: "
            f"{in_words(worth.neurons.difference, sign=True)}; the former minus the latter "
            f"{in_words(worth.between.difference, sign=True)}"
        )
    step = settling_step(worth.layers, worth.neurons)
    return _finding("score", verdict, f"{sentence}.", _values(worth), next_step=step)


def _claim_finding(results: StudyResults, worth: Worth) -> Finding:
    """Put the claim about fitting power to the test: on the train loss after the last epoch."""
    verdict = worth.claim
    if worth.layers is None:
        sentence = f"{claim(CLAIM, verdict)}: nothing deeper could be trained in most pairs."
        return _finding("claim", verdict, sentence, {}, confidence=DESCRIBED)
    because = (
        "in train loss after the last epoch, more layers at equal parameters change "
        f"{_turned(worth.layers)}"
    )
    step = settling_step(worth.layers, worth.between) if verdict == "undecided" else ""
    if worth.neurons is None:
        because += "; one size was tried"
        step = "Give two sizes or more: --set parameters=SMALL,LARGE."
    else:
        because += (
            f", {_times(results)} the parameters at equal depth {_turned(worth.neurons)}; "
            f"{loss(worth.margin)} is no matter"
        )
    sentence = f"{claim(CLAIM, verdict)}: {because}."
    return _finding("claim", verdict, sentence, _values(worth), next_step=step)


def _warning(code: str, harm: str, measure: str, worth: Worth) -> list[Finding]:
    """Put a warning about layers to the test: they are harder to train, or overfit sooner."""
    row = worth.layers
    if row is None:
        return []
    verdicts = {"worse": "holds", "better": "does not hold", "equivalent": "does not hold"}
    verdict = verdicts.get(row.verdict, "undecided")
    sentence = (
        f"{claim(WARNING.format(harm), verdict)}: at equal parameters more layers change the "
        f"{measure} by {_turned(row)}; {loss(worth.margin)} is no matter."
    )
    known: Numbers = {
        name: None if value is None else -float(value)
        for name, value in numbers(row.difference).items()
    }
    step = settling_step(row) if verdict == "undecided" else ""
    return [_finding(code, verdict, sentence, known, next_step=step)]


def _slower(results: StudyResults) -> Finding:
    """Put a warning about layers to the test: an epoch takes longer."""
    grid = grid_of(results)
    deep, shallow = grid.at(-1, -1), grid.at(-1, 0)
    ratio = time_ratio(results, deep, shallow)
    verdict = "undecided"
    if ratio.excludes(1.0):
        verdict = "holds" if ratio.low > 1 else "does not hold"
    timed = is_number(ratio.low)
    few = "; networks trained together share one time, and too few were timed alone"
    return _finding(
        "time",
        verdict,
        f"{claim(WARNING.format('slower'), verdict)}: at equal parameters an epoch of {deep} takes "
        f"{in_words(ratio, setting)} times as long as one of {shallow}, on this machine and as "
        f"busy as it was{'' if timed else few}.",
        numbers(ratio, "ratio"),
        confidence="Welch's t interval of log seconds an epoch" if timed else DESCRIBED,
    )


def _depth_findings(results: StudyResults, readings: pd.DataFrame) -> list[Finding]:
    """Say for each size which deeper networks are worse than the shallowest, and why."""
    found = []
    for budget, rows in readings.groupby("budget", sort=True):
        groups = {
            str(reading): [_reason(row, results) for row in records(part)]
            for reading, part in rows.groupby("reading", sort=False)
        }
        parts = [f"{reading}: {join(arms)}" for reading, arms in groups.items()]
        worse = {NOT_TRAINED, OPTIMISED_WORSE, GENERALISES_WORSE} & set(groups)
        pairs = min(contrast.pairs for contrast in rows["score"])
        size = f"{count(float(str(budget)))} parameters"
        found.append(
            Finding(
                code="study.depth-vs-width.depths",
                subject=size,
                verdict=next(iter(groups))
                if len(groups) == 1
                else " and ".join(sorted(worse)) or "mixed",
                sentence=f"With {size}, against {rows['against'].iloc[0]}: {'; '.join(parts)}.",
                confidence=f"paired t tests over {plural(pairs, 'pair')}, Holm over all contrasts",
                numbers={"parameters": int(str(budget)), "pairs": pairs},
            )
        )
    return found


def _reason(row: Row, results: StudyResults) -> str:
    lost = f", {whole_percent(row['lost'])} of its networks lost" if row["lost"] > 0 else ""
    return (
        f"{row['arm']} ({results.metric} {signed(row['score'].difference.estimate)}, train loss "
        f"{signed(-row['fit'].difference.estimate, loss)}{lost})"
    )


def _finding(
    code: str,
    verdict: str,
    sentence: str,
    known: Numbers,
    *,
    next_step: str = "",
    confidence: str = HOLM,
) -> Finding:
    return Finding(
        code=f"study.depth-vs-width.{code}",
        verdict=verdict,
        sentence=sentence,
        next_step=next_step,
        level="good" if verdict in {"better", "holds"} and code in {"score", "claim"} else "info",
        confidence=confidence,
        numbers=known,
    )


def _values(worth: Worth) -> Numbers:
    parts = {"layers": worth.layers, "neurons": worth.neurons, "between": worth.between}
    return {
        f"{name}_{key}": row.numbers[key]
        for name, row in parts.items()
        if row is not None
        for key in ("difference", "low", "high", "p_holm")
    }


def _turned(row: Contrast) -> str:
    """Write a difference in minus a loss as what happens to the loss."""
    return in_words(-row.difference, loss, sign=True)
