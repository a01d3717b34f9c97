"""The findings on layers and neurons in words."""

from typing import Any, Final

import pandas as pd

from reports.findings import Finding
from reports.wording import count, is_number, join, loss, plural, score, setting
from studies.answering.results import StudyResults
from studies.catalog.depth_vs_width.design import Grid
from studies.catalog.depth_vs_width.worth import (
    GENERALISES_WORSE,
    NOT_TRAINED,
    OPTIMISED_WORSE,
    Row,
    Worth,
    time_ratio,
)
from studies.diagnosis.words import between

CLAIM: Final = "The claim that layers raise fitting power a lot, and neurons not so clearly,"
WARNING: Final = "The claim that deeper networks are"
STUDY: Final = "study.depth-vs-width"
HOLM: Final = "paired t tests over seeds, averaged over the other factor in each pair; Holm over 3"
DOES: Final = {
    "better": "raise",
    "worse": "lower",
    "equivalent": "do not change",
    "undecided": "may or may not change",
}
SETTLE: Final = "Repeat with more --seeds"


def answer_sentence(results: StudyResults, scores: Worth, fits: Worth) -> str:
    """Say in one sentence what layers and neurons are worth, and whether the claim holds."""
    layers = _short(scores.layers)
    first = f"At equal size more layers {layers[0]} {results.metric} ({layers[1]})"
    held = f"“layers fit better than neurons” {_held(fits.claim)} here"
    if scores.neurons is None:
        return f"{first}; one size was tried, so nothing is said about neurons."
    does, numbers = _short(scores.neurons)
    return f"{first}; {times(results)} the parameters {does} it ({numbers}); {held}."


def times(results: StudyResults) -> str:
    """Say how many times the smallest budget the largest is."""
    budgets = Grid.of(results.design).budgets
    return f"{setting(round(budgets[-1] / budgets[0], 1))} times"


def score_finding(results: StudyResults, worth: Worth) -> Finding:
    """Say what layers and neurons are worth in validation score."""
    metric = f"validation {results.metric}"
    if worth.layers is None:
        sentence = "No network deeper than the shallowest could be trained in most pairs."
        return _finding("score", "undecided", sentence, {}, confidence="described, not tested")
    does = DOES[worth.layers["verdict"]]
    numbers = _numbers(worth.layers)
    parts = [f"At equal parameters, more layers {does} {metric}: on average by {numbers}"]
    if worth.neurons is not None and worth.between is not None:
        parts.append(
            f"at equal depth, {times(results)} the parameters {DOES[worth.neurons['verdict']]} it: "
            f"by {_numbers(worth.neurons)}"
        )
        parts.append(f"the difference of the two is {_numbers(worth.between)}")
    return _finding(
        "score",
        worth.layers["verdict"],
        f"{'; '.join(parts)}.",
        _values(worth),
        next_step=_settle(worth.layers, worth.neurons),
    )


def claim_finding(results: StudyResults, worth: Worth) -> Finding:
    """Put the claim about fitting power to the test: on the train loss after the last epoch."""
    if worth.layers is None:
        sentence = f"{CLAIM} is undecided here: nothing deeper could be trained in most pairs."
        return _finding("claim", "undecided", sentence, {}, confidence="described, not tested")
    sentence = (
        "Fitting power is the train loss after the last epoch: more layers at equal parameters "
        f"change it by {_turned(worth.layers)}"
    )
    if worth.neurons is None or worth.between is None:
        sentence += f". {CLAIM} is undecided here: one size was tried."
        step = "Give two sizes or more: --set parameters=SMALL,LARGE."
        return _finding("claim", "undecided", sentence, _values(worth), next_step=step)
    sentence += (
        f", {times(results)} the parameters at equal depth by {_turned(worth.neurons)}; less than "
        f"{loss(worth.margin)} would not matter. {CLAIM} {_held(worth.claim)} here."
    )
    step = _settle(worth.layers, worth.between) if worth.claim == "undecided" else ""
    return _finding("claim", worth.claim, sentence, _values(worth), next_step=step)


def cost_findings(results: StudyResults, fits: Worth, gaps: Worth) -> list[Finding]:
    """Put the three warnings about layers to the test: slower, harder to train, overfit sooner."""
    found = [_slower(results)]
    rows = (
        ("trainability", "harder to train", "train loss at the end", fits),
        ("overfitting", "easier to overfit", "loss gap at the end", gaps),
    )
    for code, claim, measure, worth in rows:
        row = worth.layers
        if row is None:
            continue
        verdict = {"worse": "holds", "better": "does not hold", "equivalent": "does not hold"}.get(
            row["verdict"], "undecided"
        )
        sentence = (
            f"{WARNING} {claim} {_held(verdict)} here: at equal parameters more layers change the "
            f"{measure} by {_turned(row)}; less than {loss(worth.margin)} would not matter."
        )
        numbers = {key: -row[key] for key in ("difference", "low", "high")}
        step = _settle(row) if verdict == "undecided" else ""
        found.append(_finding(code, verdict, sentence, numbers, next_step=step))
    return found


def budget_findings(results: StudyResults, readings: pd.DataFrame) -> list[Finding]:
    """Say for each size which deeper networks are worse than the shallowest, and why."""
    found = []
    for budget, rows in readings.groupby("budget", sort=True):
        groups = {
            str(reading): [_reason(row, results) for row in part.to_dict("records")]
            for reading, part in rows.groupby("reading", sort=False)
        }
        against = rows["against"].iloc[0]
        parts = [f"{reading}: {join(arms)}" for reading, arms in groups.items()]
        worse = {NOT_TRAINED, OPTIMISED_WORSE, GENERALISES_WORSE} & set(groups)
        pairs = int(min(row["pairs"] for row in rows["score"]))
        found.append(
            Finding(
                code=f"{STUDY}.depths",
                about="study",
                subject=f"{count(float(str(budget)))} parameters",
                verdict=next(iter(groups))
                if len(groups) == 1
                else " and ".join(sorted(worse)) or "mixed",
                sentence=(
                    f"With {count(float(str(budget)))} parameters, against {against}: "
                    f"{'; '.join(parts)}."
                ),
                confidence=f"paired t tests over {plural(pairs, 'pair')}, Holm over all contrasts",
                numbers={"parameters": int(str(budget)), "pairs": pairs},
            )
        )
    return found


def _reason(row: dict[Any, Any], results: StudyResults) -> str:
    lost = f", {100 * row['lost']:.0f} % of its networks lost" if row["lost"] > 0 else ""
    return (
        f"{row['arm']} ({results.metric} {_signed(row['score']['difference'])}, train loss "
        f"{_signed(-row['fit']['difference'], of_loss=True)}{lost})"
    )


def _slower(results: StudyResults) -> Finding:
    grid = Grid.of(results.design)
    budget = grid.budgets[-1]
    deep, shallow = grid.names[budget, grid.depths[-1]], grid.names[budget, grid.depths[0]]
    ratio = time_ratio(results, deep, shallow)
    numbers = {"ratio": ratio.estimate, "low": ratio.low, "high": ratio.high}
    times_ = f"an epoch of {deep} takes {setting(ratio.estimate)} times as long as one of {shallow}"
    if not is_number(ratio.low):
        sentence = (
            f"{WARNING} slower is undecided here: at equal parameters {times_}, but too few were "
            "timed alone for an interval; networks trained together share one time."
        )
        confidence = "described, not tested"
        return _finding("time", "undecided", sentence, numbers, confidence=confidence)
    verdict = "undecided"
    if ratio.excludes(1.0):
        verdict = "holds" if ratio.low > 1 else "does not hold"
    sentence = (
        f"{WARNING} slower {_held(verdict)} here: at equal parameters {times_} "
        f"({between(ratio.low, ratio.high, setting)}), on this machine and as busy as it was."
    )
    return _finding(
        "time", verdict, sentence, numbers, confidence="Welch's t interval of log seconds an epoch"
    )


def _finding(
    code: str,
    verdict: str,
    sentence: str,
    numbers: dict[str, float],
    *,
    next_step: str = "",
    confidence: str = HOLM,
) -> Finding:
    return Finding(
        code=f"{STUDY}.{code}",
        about="study",
        subject="",
        verdict=verdict,
        sentence=sentence,
        next_step=next_step,
        level="good" if verdict in {"better", "holds"} and code in {"score", "claim"} else "info",
        confidence=confidence,
        numbers={name: value if is_number(value) else None for name, value in numbers.items()},
    )


def _values(worth: Worth) -> dict[str, float]:
    parts = {"layers": worth.layers, "neurons": worth.neurons, "between": worth.between}
    return {
        f"{name}_{key}": float(row[key])
        for name, row in parts.items()
        if row is not None
        for key in ("difference", "low", "high", "p_holm")
    }


def _held(verdict: str) -> str:
    return "is undecided" if verdict == "undecided" else verdict


def _short(row: Row | None) -> tuple[str, str]:
    if row is None:
        return "could not be trained, so nothing is known about", "none finished"
    return DOES[row["verdict"]], _signed(row["difference"])


def _signed(value: float, *, of_loss: bool = False) -> str:
    text = loss(value) if of_loss else score(value)
    return f"+{text}" if is_number(value) and value > 0 else text


def _numbers(row: Row) -> str:
    return f"{_signed(row['difference'])} ({between(row['low'], row['high'], score)})"


def _turned(row: Row) -> str:
    """Write a difference in minus a loss as what happens to the loss."""
    numbers = _signed(-row["difference"], of_loss=True)
    return f"{numbers} ({between(-row['high'], -row['low'])})"


def _settle(*rows: Row | None) -> str:
    needed = [
        int(row["seeds_needed"]) + int(row["pairs"])
        for row in rows
        if row is not None and row["verdict"] == "undecided" and is_number(row["seeds_needed"])
    ]
    return f"{SETTLE}: about {max(needed)} would settle it." if needed else ""
