"""Loss curves whose learning rate is known to be too small, right, too large or diverging.

Two families. In a *linear problem* trained by SGD everything follows from the curvature: the mean
squared error is a quadratic bowl with Hessian H = 2/n X'X, so that gradient descent with rate r
shrinks the distance to the minimum along an eigenvector of curvature a by (1 - r a) a step and
diverges above 2 / a (LeCun et al. 1998, "Efficient BackProp"). What is left of the *expected* path
is the bias of a rate too small; what the measured loss lies above it is the noise of one too large.

In a *network* the truth is the experiment itself: the same weights, data and epochs at a third and
at three times the rate. If another rate ends at a clearly lower train loss, this one was wrong.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from studies.bench.families import draw_training
from studies.bench.problems import (
    Kind,
    Problem,
    Rows,
    draw_problem,
    draw_teacher,
    log_uniform,
    pick,
)
from studies.bench.training import TrainedProblem
from studies.bench.truth import FALSE, GREY, TRUE, beyond
from studies.diagnosis.curves import last_block
from sweep.config import TrialConfig
from sweep.optimizers import OPTIMIZERS
from sweep.records import TrainingHistory
from sweep.training.loading import load_trainer

STEP: Final = 3.0  # between the rates of a ladder, as between a rate and its probes
RUNGS: Final = 7
# Rates on a bowl times its largest curvature: too small, between, where it overshoots, diverging.
SHARES: Final = ((0.0005, 0.02), (0.02, 0.7), (0.7, 2.0), (2.0, 4.0))
MARGIN: Final = (0.05, 0.01)  # a train loss lower by this share, and this much, is clearly lower
BLOWN_UP: Final = 2.0  # times the loss at the start: a loss that grows

_TASKS: Final[tuple[Kind, ...]] = ("regression", "binary")


class Excess(NamedTuple):
    """Hold a loss above its floor: of directions still on their way, and of those overshot."""

    slow: float
    overshot: float


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bowl:
    """Hold the quadratic bowl of a linear regression's train loss.

    Attributes:
        hessian: float64 [weights, weights].
        minimum: Weights at its bottom [weights].
        floor: The train loss there.
    """

    hessian: NDArray[np.float64]
    minimum: NDArray[np.float64]
    floor: float

    @property
    def steepest(self) -> float:
        """Return the largest curvature."""
        return float(np.linalg.eigvalsh(self.hessian)[-1])

    def excess(self, start: NDArray[np.float64], rate: float, steps: int) -> Excess:
        """Return what gradient descent leaves above the floor after some steps, in closed form."""
        curvatures, directions = np.linalg.eigh(self.hessian)
        with np.errstate(over="ignore"):
            left = directions.T @ (start - self.minimum) * (1 - rate * curvatures) ** steps
            parts = curvatures * left**2 / 2
        overshoots = rate * curvatures > 1
        return Excess(float(parts[~overshoots].sum()), float(parts[overshoots].sum()))


def linear_problem(rng: np.random.Generator) -> Problem:
    """Draw a linear regression of correlated inputs, and a rate from far too small to diverging."""
    inputs, rows = int(rng.integers(2, 9)), round(log_uniform(rng, 80, 500))
    mixing = rng.normal(size=(inputs, inputs)) / np.sqrt(inputs) + np.eye(inputs)
    weights, noise = rng.normal(size=inputs), float(rng.uniform(0.1, 1))

    def draw(count: int) -> Rows:
        x = rng.normal(size=(count, inputs)) @ mixing
        y = x @ weights + noise * weights.std() * rng.normal(size=count)
        return Rows(x=x.astype(np.float32), y=y.astype(np.float32))

    train, validation = draw(rows), draw(round(log_uniform(rng, 60, 400)))
    mean, spread = train.x.mean(axis=0), train.x.std(axis=0)
    centre, scale = float(train.y.mean()), float(train.y.std())
    train, validation = (
        Rows(x=(part.x - mean) / spread, y=((part.y - centre) / scale).astype(np.float32))
        for part in (train, validation)
    )
    config = TrialConfig(
        depth=0,
        width=0,
        optimizer="sgd",
        learning_rate=log_uniform(rng, *pick(rng, SHARES)) / train_bowl(train).steepest,
        batch_size=pick(rng, (4, 16, 64, rows)),
        epochs=int(rng.integers(10, 61)),
    )
    return Problem(
        family="linear problem",
        task="regression",
        train=train,
        validation=validation,
        population=validation,  # the truth is in the train rows
        configs=(config,),
        subject=0,
        floor=train_bowl(train).floor,
    )


def rate_ladder(rng: np.random.Generator) -> Problem:
    """Draw a network at rates three times apart; the subject has one on either side."""
    config = draw_training(rng, width=int(rng.integers(4, 33)), epochs=int(rng.integers(15, 51)))
    low, high = OPTIMIZERS[config.optimizer].bench_rates
    lowest = float(np.sqrt(low * high)) / STEP ** rng.uniform(1, 3)
    run = [dataclasses.replace(config, learning_rate=lowest * STEP**rung) for rung in range(RUNGS)]
    subject = int(rng.integers(1, RUNGS - 1))
    target = draw_teacher(
        rng,
        task=pick(rng, _TASKS),
        inputs=int(rng.integers(3, 11)),
        width=int(rng.integers(1, 5)),
        noise=float(rng.uniform(0.2, 0.8)),
    )
    problem = draw_problem(
        rng,
        family="rate ladder",
        target=target,
        rows=round(log_uniform(rng, 150, 800)),
        run=tuple(run),
    )
    return dataclasses.replace(problem, subject=subject)


def train_bowl(rows: Rows) -> Bowl:
    """Return the bowl of the mean squared error of a linear model with bias."""
    x = np.column_stack([rows.x.astype(np.float64), np.ones(len(rows.x))])
    y = rows.y.astype(np.float64)
    minimum: NDArray[np.float64] = np.linalg.lstsq(x, y)[0].astype(np.float64)
    floor = float(((y - x @ minimum) ** 2).mean())
    return Bowl(hessian=2 * x.T @ x / len(x), minimum=minimum, floor=floor)


def linear_truths(trained: TrainedProblem, *, seeds: int) -> Mapping[str, float]:
    """Say of each verdict whether it is true of a rate on a linear problem.

    Args:
        trained: A problem from ``linear_problem``.
        seeds: As many as the truth is to be known of.
    """
    bowl, problem = train_bowl(trained.problem.train), trained.problem
    starts = [_start(problem, own) for own in trained.seeds[:seeds]]
    ends = float(np.mean([end_loss(history) for history in trained.seen[0][:seeds]]))
    bias = _mean_excess(problem, bowl, starts)
    began = bowl.floor + float(np.mean([sum(bowl.excess(start, 0.0, 0)) for start in starts]))
    grows = max(beyond(bowl.floor + sum(bias), BLOWN_UP * began), beyond(ends, BLOWN_UP * began))
    margin = max(MARGIN[0] * bowl.floor, MARGIN[1])
    noise = ends - bowl.floor - bias.slow
    too_large = GREY if grows else beyond(noise, margin)
    if noise < bias.slow:  # the expected path is not known well enough to say what lies above it
        too_large = min(too_large, GREY)
    too_small = FALSE if grows else beyond(bias.slow, margin)
    return _named(too_small=too_small, too_large=too_large, diverges=grows)


def ladder_truths(trained: TrainedProblem, *, seeds: int) -> Mapping[str, float]:
    """Say of each verdict whether it is true of the subject's rate, from its neighbours' losses.

    Args:
        trained: A problem from ``rate_ladder``.
        seeds: Of each rate, as many as the truth is to be known of.
    """
    ends = [
        float(np.mean([end_loss(history) for history in histories[:seeds]]))
        for histories in trained.seen
    ]
    place = trained.problem.subject
    start = float(np.mean([h.column("train_loss")[0] for h in trained.seen[0][:seeds]]))
    own = ends[place]
    grows = beyond(own, BLOWN_UP * start)
    if grows == TRUE:
        return _named(too_small=FALSE, too_large=GREY, diverges=TRUE)
    margin = max(MARGIN[0] * own, MARGIN[1])
    return _named(
        too_small=beyond(own - ends[place + 1], margin),
        too_large=beyond(own - ends[place - 1], margin),
        diverges=grows,
    )


def end_loss(history: TrainingHistory) -> float:
    """Return the mean train loss of the last fifth of the epochs; infinite if it diverged."""
    if history.diverged_epoch is not None:
        return float("inf")
    loss = history.column("train_loss")
    return float(loss[-last_block(len(loss)) :].mean())


def _mean_excess(problem: Problem, bowl: Bowl, starts: Sequence[NDArray[np.float64]]) -> Excess:
    """Return what the expected path leaves above the floor over the last fifth of the epochs."""
    config = problem.configs[0]
    a_pass = -(-len(problem.train.y) // config.batch_size)
    last = range(config.epochs - last_block(config.epochs) + 1, config.epochs + 1)
    left = [
        bowl.excess(start, config.learning_rate, a_pass * epoch)
        for start in starts
        for epoch in last
    ]
    return Excess(*(float(value) for value in np.mean(left, axis=0)))


def _start(problem: Problem, seed: int) -> NDArray[np.float64]:
    """Return the initial weights of a linear model, the bias last."""
    load_trainer()
    from sweep.training.network import initial_weights  # noqa: PLC0415 - TensorFlow loads where training is done

    config, inputs = problem.configs[0].with_seed(seed), problem.train.x.shape[1]
    return initial_weights(config, inputs=inputs, outputs=1)[0][:, 0].astype(np.float64)


def _named(*, too_small: float, too_large: float, diverges: float) -> Mapping[str, float]:
    return {
        "too small": too_small,
        "right": 1 - max(too_small, too_large, diverges),
        "too large": too_large,
        "diverges": diverges,
    }
