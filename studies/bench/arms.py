"""Comparisons of two arms whose difference is known: none, planted, or measured on many seeds."""

import dataclasses
import math
from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from studies.bench.families import draw_training
from studies.bench.problems import Kind, Problem, draw_problem, draw_teacher, log_uniform, pick
from studies.bench.scoring import Case
from studies.bench.training import TrainedProblem
from studies.bench.truth import FALSE, GREY, TRUE, beyond, kept_losses
from studies.statistics.comparisons import compare

PAIRS: Final = (5, 10)
MANY_SEEDS: Final = 110  # of each arm: the first 10 are compared, the others tell the truth
MARGIN: Final = 0.05  # of the loss: the practical margin of a deficit
MARGIN_PLANTED: Final = 0.5  # standard deviations of a pair: a planted effect lies beyond it
PLANTED: Final = 1.0  # standard deviations of a pair
SURE: Final = 3.0  # standard errors: a difference of the means over many seeds that is there

_TASKS: Final[tuple[Kind, ...]] = ("regression", "binary")

Losses = NDArray[np.float64]


def equal_arms(rng: np.random.Generator) -> Problem:
    """Draw one network; its seeds make two arms that differ by nothing."""
    return _problem(rng, "equal arms", arms=1)


def unequal_arms(rng: np.random.Generator) -> Problem:
    """Draw two networks that differ in width, in rate, or in dropout, by little or by much."""
    return _problem(rng, "unequal arms", arms=2)


def judge_equal(trained: TrainedProblem) -> Iterator[Case]:
    """Compare disjoint seeds of one network, as they are and with a planted effect."""
    losses = _kept_validation(trained)[0]
    deviation = float(np.std(losses, ddof=1)) * math.sqrt(2)
    nothing = {"better": FALSE, "worse": FALSE, "equivalent": TRUE}
    planted = {"better": TRUE, "worse": FALSE, "equivalent": FALSE}
    both = 2 * max(PAIRS)
    for start in range(0, len(losses) - both + 1, both):
        first, second = losses[start : start + both].reshape(2, -1)
        for pairs in PAIRS:
            for family, effect, margin, truths in (
                ("equal arms", 0.0, MARGIN * float(losses.mean()), nothing),
                ("planted effects", PLANTED * deviation, MARGIN_PLANTED * deviation, planted),
            ):
                said = compare(-first[:pairs] + effect, -second[:pairs], margin=margin)
                yield _case(family, pairs, said.verdict, truths)


def judge_unequal(trained: TrainedProblem) -> Iterator[Case]:
    """Compare two networks on ten seeds; the others tell the truth, on the population."""
    validation = _kept_validation(trained)
    known = np.array([kept_losses(trained, place) for place in range(len(validation))])
    truths = unequal_truths(known[:, max(PAIRS) :])
    margin = MARGIN * float(validation[:, : max(PAIRS)].mean())
    for pairs in PAIRS:
        said = compare(-validation[0, :pairs], -validation[1, :pairs], margin=margin)
        yield _case("unequal arms", pairs, said.verdict, truths)


def unequal_truths(population: Losses) -> Mapping[str, float]:
    """Say which verdicts are true of the first of two arms, from many seeds [2, seeds].

    Better is a matter of sign: where the sign is not sure, neither answer is an error.
    """
    differences = population[1] - population[0]
    mean = float(differences.mean())
    error = float(differences.std(ddof=1)) / math.sqrt(len(differences))
    sure = abs(mean) > SURE * error
    sign = (TRUE if mean > 0 else FALSE) if sure else GREY
    margin = MARGIN * float(population.mean())
    return {"better": sign, "worse": 1 - sign, "equivalent": 1 - beyond(abs(mean), margin)}


def _kept_validation(trained: TrainedProblem) -> Losses:
    """Return the validation loss of the weights that are kept [networks, seeds]."""
    return np.array(
        [
            [history.column("validation_loss")[(history.best_epoch or 1) - 1] for history in seeds]
            for seeds in trained.seen
        ]
    )


def _case(family: str, pairs: int, said: str, truths: Mapping[str, float]) -> Case:
    return Case(family=family, about="comparison", seeds=pairs, said=said, truths=truths)


def _problem(rng: np.random.Generator, family: str, *, arms: int) -> Problem:
    config = draw_training(rng, width=int(rng.integers(4, 17)), epochs=int(rng.integers(8, 25)))
    width = round(config.width * pick(rng, (0.5, 0.75, 1.5, 2.0)))
    rate = config.learning_rate * float(rng.uniform(0.5, 2))
    other = pick(
        rng,
        (
            dataclasses.replace(config, width=width),
            dataclasses.replace(config, learning_rate=rate),
            dataclasses.replace(config, dropout=float(rng.uniform(0.02, 0.3))),
        ),
    )
    target = draw_teacher(
        rng,
        task=pick(rng, _TASKS),
        inputs=int(rng.integers(3, 9)),
        width=int(rng.integers(1, 5)),
        noise=float(rng.uniform(0.2, 0.8)),
    )
    rows = round(log_uniform(rng, 80, 300))
    run = (config, other)[:arms]
    return draw_problem(rng, family=family, target=target, rows=rows, run=run)
