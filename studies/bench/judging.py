"""One problem from beginning to end: draw it, train it, let the tool judge, and know the truth."""

import dataclasses
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from studies.bench import arms, families, rate_families
from studies.bench.problems import Problem
from studies.bench.scoring import UNDECIDED, Case
from studies.bench.training import LONGER, SEEDS, TrainedProblem, run_tables, train_problem
from studies.bench.truth import DEFICIT, beyond, kept_losses, network_truths
from studies.diagnosis.networks import diagnose, diagnose_config
from studies.diagnosis.reference import deficit_margin
from studies.findings.capacity import FEWEST_TRIALS, judge_capacity
from studies.statistics.adequate import smallest_adequate
from sweep.seeds import derive_seed

SEED_COUNTS: Final = (1, 5, 10)

Stream = Literal["calibration", "report"]
STREAMS: Final[tuple[Stream, ...]] = ("calibration", "report")

Draw = Callable[[np.random.Generator], Problem]
Judge = Callable[[TrainedProblem], Iterator[Case]]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Hold what a family of problems is made of.

    Attributes:
        draw: Draws a problem.
        judge: Judges it once it is trained.
        seeds: Replicates of each network.
        population: As for ``train_problem``.
        times: Problems of it where one of each family is asked for: curves train quickly.
    """

    draw: Draw
    judge: Judge
    seeds: int = SEEDS
    population: int = LONGER
    times: int = 1


def train_one(family: str, index: int, *, seed: int, stream: Stream) -> TrainedProblem:
    """Draw and train one problem of a family, a pure function of its arguments.

    Args:
        family: One of ``FAMILIES``.
        index: Number of the problem, from 0.
        seed: The bench's seed.
        stream: Which of two independent sets of problems it is from: thresholds are set on one, and
            error rates reported on the other.
    """
    place = (STREAMS.index(stream), list(FAMILIES).index(family), index)
    own, kind = derive_seed(seed, "sample", *place), FAMILIES[family]
    return train_problem(
        kind.draw(np.random.default_rng(own)),
        seed=own,
        seeds=kind.seeds,
        population=kind.population,
    )


def judge_one(family: str, index: int, *, seed: int, stream: Stream) -> list[Case]:
    """Judge one problem of a family; the arguments as for ``train_one``."""
    return list(FAMILIES[family].judge(train_one(family, index, seed=seed, stream=stream)))


def judge_network(trained: TrainedProblem) -> Iterator[Case]:
    """Judge the subject of a run, on one seed and on several, and whether it is large enough."""
    several_sizes = len({config.width for config in trained.problem.configs}) >= FEWEST_TRIALS
    for seeds in SEED_COUNTS:
        trials, epochs = run_tables(trained.problem, trained.seen, seeds=seeds)
        yield Case(
            family=trained.problem.family,
            about="network",
            seeds=seeds,
            said=_said_of_network(trials, epochs, trained.problem),
            truths=network_truths(trained, seeds=_measured(seeds)),
        )
        if several_sizes and (trials["outcome"] == "finished").all():
            yield _capacity_case(trained, trials, seeds)


def judge_linear(trained: TrainedProblem) -> Iterator[Case]:
    """Judge the loss curve of a linear problem."""
    for seeds in SEED_COUNTS:
        truths = rate_families.linear_truths(trained, seeds=_measured(seeds))
        yield _curve_case(trained, truths, seeds)


def judge_rates(trained: TrainedProblem) -> Iterator[Case]:
    """Judge the loss curve of one rate of a ladder."""
    for seeds in SEED_COUNTS:
        truths = rate_families.ladder_truths(trained, seeds=_measured(seeds))
        yield _curve_case(trained, truths, seeds)


FAMILIES: Final[Mapping[str, Family]] = {
    **{
        draw.__name__.replace("_", " "): Family(draw=draw, judge=judge_network)
        for draw in families.NETWORK_FAMILIES
    },
    "linear problem": Family(
        draw=rate_families.linear_problem, judge=judge_linear, population=0, times=2
    ),
    "rate ladder": Family(draw=rate_families.rate_ladder, judge=judge_rates, population=0, times=2),
    "equal arms": Family(
        draw=arms.equal_arms, judge=arms.judge_equal, seeds=arms.MANY_SEEDS, population=0
    ),
    "unequal arms": Family(
        draw=arms.unequal_arms, judge=arms.judge_unequal, seeds=arms.MANY_SEEDS, population=1
    ),
}


def _measured(seeds: int) -> int:
    """Return how many seeds tell the truth of a verdict on some: that one, or all there are."""
    return 1 if seeds == 1 else SEEDS


def _said_of_network(trials: pd.DataFrame, epochs: pd.DataFrame, problem: Problem) -> str:
    name = problem.configs[problem.subject].config_id
    mine = (trials["config"] == name).to_numpy()
    if mine.sum() == 1:
        return str(diagnose(trials, epochs)[mine].iloc[0]["verdict"])
    found = diagnose_config(trials, epochs, name)
    return found.verdict if found else _of_lost(trials[mine], "diverged")


def _said_of_curve(trials: pd.DataFrame, epochs: pd.DataFrame, problem: Problem) -> str:
    name = problem.configs[problem.subject].config_id
    mine = (trials["config"] == name).to_numpy()
    if mine.sum() == 1:
        return str(diagnose(trials, epochs)[mine].iloc[0]["learning_rate_verdict"])
    found = diagnose_config(trials, epochs, name)
    return (
        str(found.evidence["learning_rate_verdict"])
        if found
        else _of_lost(trials[mine], "diverges")
    )


def _of_lost(trials: pd.DataFrame, verdict: str) -> str:
    """Return what is plain of replicates too few of which finished to be diagnosed."""
    return verdict if (trials["outcome"] == "diverged").all() else UNDECIDED


def _curve_case(trained: TrainedProblem, truths: Mapping[str, float], seeds: int) -> Case:
    trials, epochs = run_tables(trained.problem, trained.seen, seeds=seeds)
    return Case(
        family=trained.problem.family,
        about="curve",
        seeds=seeds,
        said=_said_of_curve(trials, epochs, trained.problem),
        truths=truths,
    )


def _capacity_case(trained: TrainedProblem, trials: pd.DataFrame, seeds: int) -> Case:
    """Say of the subject whether it counts as large enough, and whether it is.

    No network below the size that the one-standard-error rule chooses counts as adequate; one of
    that size or above does if the chosen one is surely enough.
    """
    ordered = trials.sort_values(["slot", "replicate"])
    sizes = ordered["parameters"].to_numpy()[::seeds]
    if seeds == 1:
        numbers = judge_capacity(trials)[0].numbers
        chosen = float(str(numbers["parameters"]))
        sure = math.inf if numbers["sure_parameters"] is None else chosen
    else:
        losses = ordered["validation_loss"].to_numpy().reshape(len(sizes), seeds)
        chosen, sure = _bounds(losses, sizes)
    known = np.array(
        [kept_losses(trained, place)[: _measured(seeds)].mean() for place in range(len(sizes))]
    )
    subject = trained.problem.subject
    margin = max(DEFICIT[0] * known.min(), DEFICIT[1])
    lacking = beyond(known[subject] - known.min(), margin)
    return Case(
        family=trained.problem.family,
        about="capacity",
        seeds=seeds,
        said=_said_of_size(sizes[subject], chosen, sure),
        truths={"adequate": 1 - lacking, "inadequate": lacking},
    )


def _bounds(losses: NDArray[np.float64], sizes: NDArray[np.int64]) -> tuple[float, float]:
    """Return the size the one-standard-error rule chooses, and the same if it is surely enough."""
    names = [str(place) for place in range(len(sizes))]
    found = smallest_adequate(
        pd.DataFrame(-losses.T, columns=names),
        dict(zip(names, sizes, strict=True)),
        margin=deficit_margin(float(losses.mean(axis=1).min())),
    )
    chosen = float(sizes[int(found.arm)])
    return chosen, chosen if found.equivalent else math.inf


def _said_of_size(size: float, chosen: float, sure: float) -> str:
    if size < chosen:
        return "inadequate"
    return "adequate" if size >= sure else UNDECIDED
