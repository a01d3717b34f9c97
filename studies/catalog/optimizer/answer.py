"""How robust each optimizer is to its learning rate: a card of what a badly chosen rate costs.

Every optimizer is trained at every rate of a grid of equally many rates over equally many decades,
so that nothing is tuned. What an optimizer can do at its best rate, and what its default costs, is
measured on seeds that had no part in choosing that rate.
"""

import dataclasses
from collections.abc import Callable, Mapping

from reports.findings import Finding, Numbers
from reports.wording import join, loss, score
from studies.answering.answer import StudyAnswer
from studies.answering.arms import arms_table, summarise_arms
from studies.answering.contrast_words import standing
from studies.answering.contrasts import Contrasts, verdicts_on
from studies.answering.rate_grids import (
    RateGrid,
    judge_default,
    rate_grids,
    rate_words,
    span_words,
)
from studies.answering.results import StudyResults
from studies.answering.words import Write, claim_finding, in_words, numbers
from studies.catalog.optimizer.figures import best_forest, card_table, draws_figure, rates_figure
from studies.catalog.optimizer.robustness import Card, Robustness, clear_winner, measure_robustness
from studies.diagnosis.networks import ConfigVerdict
from studies.statistics.intervals import Interval
from sweep.optimizers import OPTIMIZERS


def answer(results: StudyResults, verdicts: Mapping[str, ConfigVerdict]) -> StudyAnswer:
    """Say which optimizer is robust, and what the defaults cost."""
    grids, arms = rate_grids(results), summarise_arms(results)
    robustness = measure_robustness(results, grids)
    bands, few = _band_finding(robustness, results), _few_finding(robustness, results)
    defaults = [_default_finding(results, robustness, grid) for grid in grids]
    adam, best = _adam_claim(robustness), _best_finding(robustness, results)
    return StudyAnswer(
        answer=_headline(robustness),
        paragraph=[one.sentence for one in (*adam, *defaults, *best)],
        findings=[few, *adam, *defaults, bands, *best, _lost_finding(robustness)],
        figures=[
            rates_figure(results, grids, arms, finding=bands.sentence),
            draws_figure(robustness, results, finding=few.sentence),
            *(figure for one in best for figure in best_forest(robustness, results, one.sentence)),
        ],
        tables=[card_table(robustness, results), arms_table(results, arms, verdicts)],
    )


def _headline(robustness: Robustness) -> str:
    cards, number = robustness.cards, robustness.draws
    reached = join([f"{name} {score(c.best_of[number].estimate)}" for name, c in cards.items()])
    costs = [score(-c.regret.difference.estimate) for c in cards.values() if c.regret is not None]
    winner = clear_winner(robustness.few, list(cards))
    who = f"{winner} is the most robust" if winner else "No optimizer is clearly the most robust"
    if len(cards) == 1:
        who = "One optimizer, nothing to compare"
    cost = f"; their default rates cost {join(costs)}" if len(costs) == len(cards) else ""
    return f"{who}: the best of {number} random rates reaches {reached}{cost}."


def _few_finding(robustness: Robustness, results: StudyResults) -> Finding:
    """Say what somebody can expect who tries a few random rates: the measure of robustness."""
    number = robustness.draws
    best = {name: card.best_of[number] for name, card in robustness.cards.items()}
    winner = clear_winner(robustness.few, list(best))
    return Finding(
        code="study.optimizer.best_of",
        subject=winner,
        verdict="better" if winner else "undecided",
        sentence=(
            f"The expected best validation {results.metric} of {number} random rates is "
            f"{join([f'{name} {in_words(one)}' for name, one in best.items()])}."
            f"{_contrast_words(robustness.few)}"
        ),
        level="good" if winner else "info",
        confidence="paired t tests over seeds, Holm over all pairs; the draws are the grid's rates",
        numbers=_of_each(robustness, f"best_of_{number}", lambda card: card.best_of[number]),
    )


def _band_finding(robustness: Robustness, results: StudyResults) -> Finding:
    parts = [
        f"{name} {span_words(card.close)}, {card.one_error:.3g} within one standard error"
        for name, card in robustness.cards.items()
    ]
    winner = clear_winner(robustness.bands, list(robustness.cards))
    return Finding(
        code="study.optimizer.band",
        subject=winner,
        verdict="widest" if winner else "undecided",
        sentence=(
            f"Rates within {results.design.margin:g} {results.metric} of the optimizer's own best "
            f"span, seed by seed: {'; '.join(parts)}."
            f"{_contrast_words(robustness.bands, loss, ' decades')}"
        ),
        level="good" if winner else "info",
        confidence="paired t tests over seeds of the decades of each seed, Holm over all pairs",
        numbers=_of_each(robustness, "decades", lambda card: card.close),
    )


def _adam_claim(robustness: Robustness) -> list[Finding]:
    """Put to the test that Adam is robust: badly chosen rates cost it less than the others."""
    name, number = OPTIMIZERS["adam"].title, robustness.draws
    if name not in robustness.cards or len(robustness.cards) < 2:
        return []
    kinds, verdict = set(verdicts_on(name, robustness.few).values()), "undecided"
    if kinds == {"better"}:
        verdict = "holds"
    elif "worse" in kinds or kinds == {"equivalent"}:
        verdict = "does not hold"
    card = robustness.cards[name]
    best = card.best_of[number]
    return [
        claim_finding(
            "study.optimizer.claim_adam",
            "Adam is robust to its hyperparameters",
            verdict,
            f", beside the others: its expected best of {number} random rates, {in_words(best)}, "
            f"is {standing(name, robustness.few)}; its good rates span {span_words(card.close)}",
            "paired t and equivalence tests over seeds, Holm over all pairs of optimizers",
            {**numbers(best, "best_of"), "decades": card.close.estimate},
        )
    ]


def _default_finding(results: StudyResults, robustness: Robustness, grid: RateGrid) -> Finding:
    """Say what an optimizer's default rate costs; for RMSprop that is a claim of the notes."""
    regret, rate = robustness.cards[grid.title].regret, grid.default_rate
    verdict, because = judge_default(regret, grid, results)
    subject = f"{grid.title}: the default rate {rate:g} will do"
    finding = claim_finding(
        "study.optimizer.default",
        "RMSprop: defaults recommended" if grid.optimizer == "rmsprop" else subject,
        verdict,
        f": {because}",
        "cross-fitted paired t interval and equivalence test over seeds",
        {} if regret is None else numbers(-regret.difference, "regret"),
    )
    step = finding.next_step
    if regret is None:
        step = f"Try it: --set learning_rate.{grid.optimizer}=...,{rate:g}"
    elif verdict == "does not hold":
        step = f"Tune the learning rate of {grid.title}."
    return dataclasses.replace(finding, subject=grid.optimizer, next_step=step)


def _best_finding(robustness: Robustness, results: StudyResults) -> list[Finding]:
    """Compare the optimizers at their best rates, on seeds that did not choose them."""
    cards = robustness.cards
    if len(cards) < 2:
        return []
    parts = [
        f"{name} {score(card.best.estimate)} at {rate_words(card.best_rates)}"
        for name, card in cards.items()
    ]
    clear = any(each.is_clear for each in robustness.best)
    return [
        Finding(
            code="study.optimizer.best",
            verdict="differ" if clear else "undecided",
            sentence=(
                "At its best rate, on seeds that did not choose it, each reaches validation "
                f"{results.metric}: {join(parts)}.{_contrast_words(robustness.best)}"
            ),
            confidence="cross-fitted paired t tests over seeds, Holm over all pairs",
            numbers=_of_each(robustness, "score", lambda card: card.best),
        )
    ]


def _lost_finding(robustness: Robustness) -> Finding:
    parts = [
        f"{name} {in_words(card.diverged)} diverged, {in_words(card.unlearnt)} learnt nothing"
        for name, card in robustness.cards.items()
    ]
    return Finding(
        code="study.optimizer.lost",
        verdict="measured",
        sentence=(
            f"Shares of the networks of its grid: {'; '.join(parts)}. Nothing learnt: less than "
            "half of the way from guessing to the best score."
        ),
        confidence="exact intervals of shares; they hold for this grid of rates",
        numbers=_of_each(robustness, "diverged", lambda card: card.diverged),
    )


def _contrast_words(compared: Contrasts, write: Write = score, unit: str = "") -> str:
    """Say every contrast of optimizers in a few words each."""
    words = {"better": "above", "worse": "below", "equivalent": "like"}
    parts = [
        f"{each.first} {words.get(each.verdict, 'undecided against')} {each.second}, "
        f"{in_words(each.difference, write, sign=True)}{unit}"
        for each in compared
    ]
    return f" Pair by pair, Holm counted: {'; '.join(parts)}." if parts else ""


def _of_each(robustness: Robustness, name: str, measure: Callable[[Card], Interval]) -> Numbers:
    """Return one number of each optimizer, by its name and that of the number."""
    cards = robustness.cards.values()
    return {f"{card.grid.optimizer}_{name}": measure(card).estimate for card in cards}
