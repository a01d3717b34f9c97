"""Figures of the robustness of optimizers: score against the rate, and the best of a few rates."""

from collections.abc import Sequence

import pandas as pd

from reports.study_content import ForestFigure, ResponseFigure, StudyTable
from reports.wording import setting
from studies.answering.comparing import forest
from studies.answering.figures import POINT_COLUMNS, Caption, gap_figure
from studies.answering.rate_grids import RATE_AXIS, RateGrid, by_optimizer, rate_words
from studies.answering.results import StudyResults
from studies.answering.words import in_cell
from studies.catalog.optimizer.robustness import Card, Robustness


def rates_figure(
    results: StudyResults, grids: Sequence[RateGrid], arms: pd.DataFrame, *, finding: str
) -> ResponseFigure:
    """Draw train and validation score against the rate, with the default and the best marked."""
    tried = [grid for grid in grids if grid.arm_of(grid.default_rate) is not None]
    note = (
        "The broader the plateau, the more robust the optimizer. The mark is Keras' default. A "
        "cross: no network of that rate came to its end."
    )
    title = f"{results.metric.capitalize()} against the learning rate"
    places = [(grid.title, grid.default_rate, "default") for grid in tried]
    panels, caption = by_optimizer(grids, arms), Caption("rates", title, finding, note)
    return gap_figure(results, panels, RATE_AXIS, "{}_score", caption, places)


def draws_figure(robustness: Robustness, results: StudyResults, *, finding: str) -> ResponseFigure:
    """Draw the expected best of m random rates."""
    rows = [
        ("", name, float(number), best.estimate, best.low, best.high)
        for name, card in robustness.cards.items()
        for number, best in card.best_of.items()
    ]
    return ResponseFigure(
        id="draws",
        title="The best of a few random rates",
        finding=finding,
        how_to_read=(
            "Expected of the best of so many rates of the grid, mean over seeds with 95 % t "
            "intervals. An optimizer that needs no tuning is high at the left already."
        ),
        x_name="rates tried",
        x_scale="linear",
        y_name=f"validation {results.metric}",
        table=pd.DataFrame(rows, columns=list(POINT_COLUMNS)),
    )


def best_forest(robustness: Robustness, results: StudyResults, finding: str) -> list[ForestFigure]:
    """Draw the contrasts of the optimizers, each at its best rate."""
    title = f"Differences in {results.metric} at each one's best rate"
    return forest(robustness.best, results, finding, name=("differences", title))


def card_table(robustness: Robustness, results: StudyResults) -> StudyTable:
    """Write the cards for people, one row an optimizer."""
    cards = robustness.cards
    draws = robustness.draws
    table = pd.DataFrame(
        {
            "Optimizer": list(cards),
            "Best rate": [rate_words(card.best_rates) for card in cards.values()],
            f"Validation {results.metric} there": [in_cell(card.best) for card in cards.values()],
            "Decades within one standard error": [setting(c.one_error) for c in cards.values()],
            f"Decades within {results.design.margin:g}": [in_cell(c.close) for c in cards.values()],
            "Best of 1 rate": [in_cell(card.best_of[1]) for card in cards.values()],
            f"Best of {draws} rates": [in_cell(card.best_of[draws]) for card in cards.values()],
            "Default rate": [f"{card.grid.default_rate:g}" for card in cards.values()],
            "Regret at the default": [_regret(card) for card in cards.values()],
            "Seed spread": [in_cell(card.spread) for card in cards.values()],
            "Diverged": [in_cell(card.diverged) for card in cards.values()],
            "Learnt nothing": [in_cell(card.unlearnt) for card in cards.values()],
        }
    )
    return StudyTable(
        id="card",
        title="The robustness card",
        table=table,
        note="With 95 % intervals. Score at the best rate and regret: on seeds that did not choose "
        "that rate. A rate stands for the decades halfway to its neighbours. Best of: expected of "
        "so many rates of the grid. Seed spread: standard deviation at the best rate. Learnt "
        "nothing: less than half of the way from guessing to the best score.",
    )


def _regret(card: Card) -> str:
    return "not tried" if card.regret is None else in_cell(-card.regret.difference)
