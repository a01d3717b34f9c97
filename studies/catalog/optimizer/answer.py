"""How robust each optimizer is to its learning rate: a card of what a badly chosen rate costs.

Every optimizer is trained at every rate of a grid of equally many rates over equally many decades,
so that nothing is tuned. What an optimizer can do at its best rate, and what its default costs, is
measured on seeds that had no part in choosing that rate.
"""

from collections.abc import Callable
from typing import Final

import pandas as pd

from reports.findings import Finding
from reports.wording import is_number, join, loss, score
from studies.answering.answer import StudyAnswer
from studies.answering.arms import arms_table, judge_arms, summarise_arms
from studies.answering.comparing import records, verdicts_on
from studies.answering.rate_grids import (
    KERAS_RATES,
    LEVELS,
    TITLES,
    RateGrid,
    claim,
    default_words,
    rate_grids,
    rate_words,
    span_words,
)
from studies.answering.results import StudyResults
from studies.catalog.optimizer.figures import best_forest, draws_figure, rates_figure
from studies.catalog.optimizer.robustness import (
    Robustness,
    card_table,
    clear_winner,
    measure_robustness,
)
from studies.diagnosis.words import between

HOLDS: Final = {"equivalent": "holds", "better": "holds", "worse": "does not hold"}


def answer(results: StudyResults) -> StudyAnswer:
    """Say which optimizer is robust, and what the defaults cost."""
    grids = rate_grids(results)
    robustness = measure_robustness(results, grids)
    bands = _band_finding(robustness, results)
    defaults = [_default_finding(results, robustness, grid) for grid in grids]
    best, few = _best_finding(robustness, results), _few_finding(robustness, results)
    adam = _adam_claim(robustness)
    lost = _lost_finding(robustness)
    arms = summarise_arms(results)
    headline = _headline(robustness)
    several = len(grids) > 1
    return StudyAnswer(
        answer=headline,
        paragraph=[one.sentence for one in (adam, *defaults, best) if one is not None],
        findings=[one for one in (few, adam, *defaults, bands, best, lost) if one is not None],
        figures=[
            rates_figure(results, grids, arms, finding=bands.sentence),
            draws_figure(robustness, results, finding=few.sentence),
            *(
                [best_forest(robustness, results, finding=best.sentence)]
                if several and best
                else []
            ),
        ],
        tables=[card_table(robustness, results), arms_table(results, arms, judge_arms(results))],
    )


def _headline(robustness: Robustness) -> str:
    cards = robustness.cards
    number = robustness.draws
    reached = join([f"{name} {score(c.best_of[number].estimate)}" for name, c in cards.items()])
    costs = [score(-c.regret["difference"]) for c in cards.values() if c.regret is not None]
    winner = clear_winner(robustness.few, list(cards))
    who = f"{winner} is the most robust" if winner else "No optimizer is clearly the most robust"
    if len(cards) == 1:
        who = "One optimizer, nothing to compare"
    cost = f"; their default rates cost {join(costs)}" if len(costs) == len(cards) else ""
    return f"{who}: the best of {number} random rates reaches {reached}{cost}."


def _few_finding(robustness: Robustness, results: StudyResults) -> Finding:
    """Say what somebody can expect who tries a few random rates: the measure of robustness."""
    number = robustness.draws
    parts = [
        f"{name} {score(card.best_of[number].estimate)} "
        f"({between(card.best_of[number].low, card.best_of[number].high, score)})"
        for name, card in robustness.cards.items()
    ]
    winner = clear_winner(robustness.few, list(robustness.cards))
    return Finding(
        code="study.optimizer.best_of",
        about="study",
        subject=winner,
        verdict="better" if winner else "undecided",
        sentence=(
            f"Whoever tries {number} random rates of the grid can expect a best validation "
            f"{results.metric} of {join(parts)}. {_contrast_words(robustness.few, score, '')}"
        ).strip(),
        level="good" if winner else "info",
        confidence="paired t tests over seeds, Holm over all pairs; the draws are the grid's rates",
        numbers={
            f"{card.grid.optimizer}_best_of_{number}": _number(card.best_of[number].estimate)
            for card in robustness.cards.values()
        },
    )


def _band_finding(robustness: Robustness, results: StudyResults) -> Finding:
    margin = results.design.margin
    parts = [
        f"{name} {span_words(card.close)}, {card.one_error:.3g} within one standard error of the "
        "best"
        for name, card in robustness.cards.items()
    ]
    winner = clear_winner(robustness.bands, list(robustness.cards))
    return Finding(
        code="study.optimizer.band",
        about="study",
        subject=winner,
        verdict="widest" if winner else "undecided",
        sentence=(
            f"Rates whose validation {results.metric} is within {margin:g} of the optimizer's own "
            f"best span, seed by seed: {'; '.join(parts)}. "
            f"{_contrast_words(robustness.bands, loss, 'decades')}"
        ).strip(),
        level="good" if winner else "info",
        confidence="paired t tests over seeds of the decades of each seed, Holm over all pairs",
        numbers={
            f"{card.grid.optimizer}_decades": _number(card.close.estimate)
            for card in robustness.cards.values()
        },
    )


def _adam_claim(robustness: Robustness) -> Finding | None:
    """Put to the test that Adam is robust: badly chosen rates cost it less than the others."""
    name, number = TITLES["adam"], robustness.draws
    if name not in robustness.cards or len(robustness.cards) < 2:
        return None
    subject = "Adam is robust to its hyperparameters"
    seen = verdicts_on(name, robustness.few)
    if set(seen.values()) == {"better"}:
        verdict = "holds"
    elif "worse" in seen.values() or set(seen.values()) == {"equivalent"}:
        verdict = "does not hold"
    else:
        verdict = "undecided"
    words = {
        "better": "above that of {}",
        "worse": "below that of {}",
        "equivalent": "equivalent to that of {}",
        "undecided": "undecided against that of {}",
    }
    told = join([words[one].format(other) for other, one in seen.items()])
    card = robustness.cards[name]
    best, span = card.best_of[number], card.close
    return Finding(
        code="study.optimizer.claim_adam",
        about="study",
        subject=subject,
        verdict=verdict,
        sentence=(
            f"{claim(subject, verdict)}, of its learning rate and beside the others: its expected "
            f"best of {number} random rates, {score(best.estimate)} "
            f"({between(best.low, best.high, score)}), is {told}; its good rates span "
            f"{span_words(span)}."
        ),
        next_step="Repeat the study with more --seeds." if verdict == "undecided" else "",
        level=LEVELS[verdict],
        confidence="paired t and equivalence tests over seeds, Holm over all pairs of optimizers",
        numbers={
            "best_of": _number(best.estimate),
            "low": _number(best.low),
            "high": _number(best.high),
            "decades": _number(span.estimate),
        },
    )


def _default_finding(results: StudyResults, robustness: Robustness, grid: RateGrid) -> Finding:
    """Say what an optimizer's default rate costs; for RMSprop that is a claim of the notes."""
    card, rate = robustness.cards[grid.title], KERAS_RATES[grid.optimizer]
    row = card.regret
    verdict = "undecided" if row is None else HOLDS.get(row["verdict"], "undecided")
    subject = f"{grid.title}: the default rate {rate:g} will do"
    if grid.optimizer == "rmsprop":
        subject = "RMSprop: defaults recommended"
    if row is None:
        because = f"its default rate, {rate:g}, is not among the rates tried"
    else:
        because = default_words(row, grid, results)
    return Finding(
        code="study.optimizer.default",
        about="study",
        subject=grid.optimizer,
        verdict=verdict,
        sentence=f"{claim(subject, verdict)}: {because}.",
        next_step=_default_step(grid, verdict, tried=row is not None),
        level=LEVELS[verdict],
        confidence="cross-fitted paired t interval and equivalence test over seeds",
        numbers={}
        if row is None
        else {
            "regret": -row["difference"],
            "low": _number(-row["high"]),
            "high": _number(-row["low"]),
        },
    )


def _default_step(grid: RateGrid, verdict: str, *, tried: bool) -> str:
    if not tried:
        return f"Try it: --set learning_rate.{grid.optimizer}=...,{KERAS_RATES[grid.optimizer]:g}"
    steps = {
        "does not hold": f"Tune the learning rate of {grid.title}.",
        "undecided": "Repeat the study with more --seeds.",
    }
    return steps.get(verdict, "")


def _best_finding(robustness: Robustness, results: StudyResults) -> Finding | None:
    """Compare the optimizers at their best rates, on seeds that did not choose them."""
    if len(robustness.cards) < 2:
        return None
    parts = [
        f"{name} {score(card.best.estimate)} at {rate_words(card.best_rates)}"
        for name, card in robustness.cards.items()
    ]
    clear = [row for row in records(robustness.best) if row["verdict"] in {"better", "worse"}]
    return Finding(
        code="study.optimizer.best",
        about="study",
        subject="",
        verdict="differ" if clear else "undecided",
        sentence=(
            f"At its best rate, on seeds that did not choose it, each reaches validation "
            f"{results.metric}: {join(parts)}. {_contrast_words(robustness.best, score, '')}"
        ),
        confidence="cross-fitted paired t tests over seeds, Holm over all pairs",
        numbers={
            f"{card.grid.optimizer}_score": _number(card.best.estimate)
            for card in robustness.cards.values()
        },
    )


def _lost_finding(robustness: Robustness) -> Finding:
    parts = [
        f"{name} {score(card.diverged.estimate)} diverged "
        f"({between(card.diverged.low, card.diverged.high, score)}) and "
        f"{score(card.unlearnt.estimate)} learnt nothing "
        f"({between(card.unlearnt.low, card.unlearnt.high, score)})"
        for name, card in robustness.cards.items()
    ]
    return Finding(
        code="study.optimizer.lost",
        about="study",
        subject="",
        verdict="measured",
        sentence=(
            f"Of all networks of its grid, as shares: {join(parts)}. Nothing learnt means less "
            "than half of the way from guessing to the best score, for too small rates as well."
        ),
        confidence="exact intervals of shares; they hold for this grid of rates",
        numbers={
            f"{card.grid.optimizer}_diverged": _number(card.diverged.estimate)
            for card in robustness.cards.values()
        },
    )


def _contrast_words(compared: pd.DataFrame, write: Callable[[float | None], str], unit: str) -> str:
    """Say every contrast of optimizers in a few words each."""
    words = {
        "better": "{first} above {second} by {size}",
        "worse": "{second} above {first} by {size}",
        "equivalent": "{first} and {second} alike",
        "undecided": "{first} and {second} undecided",
    }
    parts = []
    for row in records(compared):
        value, low, high = row["difference"], row["low"], row["high"]
        if row["verdict"] == "worse":
            value, low, high = -value, -high, -low
        size = f"{write(value)}{f' {unit}' if unit else ''} ({between(low, high, write)})"
        text = words[row["verdict"]].format(first=row["first"], second=row["second"], size=size)
        if row["verdict"] in {"equivalent", "undecided"}:
            text += f" ({write(value)}, {between(low, high, write)})"
        parts.append(text)
    return f"Pair by pair, Holm counted: {'; '.join(parts)}." if parts else ""


def _number(value: object) -> float | None:
    return float(value) if is_number(value) else None
