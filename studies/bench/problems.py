"""Problems whose truth is known: targets of known origin, rows to train on, rows to tell truth by.

A trial is a pure function of its configuration and the *training* rows. The same network can
therefore be measured twice: on the few validation rows that a user would have, and on thousands of
fresh rows of the same origin, which nobody has but the bench. The first is what the verdict sees,
the second is its truth.
"""

import dataclasses
import math
from collections.abc import Sequence
from typing import Final, Literal, TypeVar

import numpy as np
import scipy.special
from numpy.typing import NDArray

from sweep.config import TrialConfig
from sweep.data.dataset import TrainingData

POPULATION_ROWS: Final = 4_000  # rows that stand for all rows there could be
VALIDATION_ROWS: Final = (60, 400)  # what a user holds out; drawn log-uniformly

Kind = Literal["regression", "binary"]
T = TypeVar("T")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rows:
    """Hold rows of a problem: ``x`` float32 [rows, inputs], ``y`` float32 or int32 [rows]."""

    x: NDArray[np.float32]
    y: NDArray[np.float32] | NDArray[np.int32]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Target:
    """Describe where the targets come from: a teacher network of one hidden layer, and noise.

    Attributes:
        task: ``regression``: the signal plus normal noise. ``binary``: whether the signal plus
            logistic noise is above 0, so that the probability of class 1 is known for each row.
        hidden: float64 [inputs + 1, width], weights of the teacher, the last row its biases.
        output: float64 [width]; empty for a target that is nothing but noise.
        centre: Mean of the signal before it is standardised.
        spread: Its standard deviation.
        noise: Scale of the noise, in standard deviations of the signal.
    """

    task: Kind
    hidden: NDArray[np.float64]
    output: NDArray[np.float64]
    centre: float
    spread: float
    noise: float


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Problem:
    """Hold one problem: the rows, and the run of which one network is to be judged.

    Attributes:
        family: The family it was drawn from.
        task: What is to be learnt.
        train: Rows that networks are trained on.
        validation: Rows that the verdict sees.
        population: Rows that the truth is measured on.
        configs: The networks of the run, their seeds not yet set.
        subject: Place of the one that is judged.
        floor: The loss that no network can get below on average: that of the noise.
    """

    family: str
    task: Kind
    train: Rows
    validation: Rows
    population: Rows
    configs: tuple[TrialConfig, ...]
    subject: int
    floor: float

    def training_data(self, rows: Rows) -> TrainingData:
        """Return what the engine trains on, with some rows in the place of validation."""
        return TrainingData(
            task=self.task,
            input_shape=self.train.x.shape[1:],
            classes=0 if self.task == "regression" else 2,
            x_train=self.train.x,
            y_train=self.train.y,
            x_validation=rows.x,
            y_validation=rows.y,
        )


def draw_teacher(
    rng: np.random.Generator, *, task: Kind, inputs: int, width: int, noise: float
) -> Target:
    """Draw a teacher network.

    Args:
        rng: Where randomness comes from.
        task: What is to be learnt.
        inputs: Numbers per row.
        width: Hidden units of the teacher; 0 for a target that is nothing but noise.
        noise: Scale of the noise, in standard deviations of the signal.
    """
    hidden = rng.normal(size=(inputs + 1, width)) * 2 / math.sqrt(inputs)
    output = rng.choice([-1.0, 1.0], size=width) * rng.uniform(0.5, 1.5, size=width)
    raw = Target(task=task, hidden=hidden, output=output, centre=0.0, spread=1.0, noise=noise)
    if not width:
        return raw
    sample = signal(raw, rng.normal(size=(4_000, inputs)))
    return dataclasses.replace(raw, centre=float(sample.mean()), spread=float(sample.std()))


def signal(target: Target, x: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return what of the target is no noise, float64 [rows]: mean 0, standard deviation 1."""
    inside = np.tanh(x @ target.hidden[:-1] + target.hidden[-1])
    return np.asarray((inside @ target.output - target.centre) / target.spread)


def draw_problem(
    rng: np.random.Generator,
    *,
    family: str,
    target: Target,
    rows: int,
    run: tuple[TrialConfig, ...],
) -> Problem:
    """Draw the rows of a problem; its subject is the first network of the run.

    The target of a regression is standardised by the training rows, as the tool does.

    Args:
        rng: Where randomness comes from.
        family: The family's name.
        target: Where the targets come from.
        rows: Rows to train on.
        run: The networks of the run.
    """
    held_out = log_uniform(rng, *VALIDATION_ROWS)
    train, validation, population = (
        _draw_rows(rng, target, count) for count in (rows, round(held_out), POPULATION_ROWS)
    )
    floor = noise_floor(target, population.x)
    if target.task == "regression":
        mean, deviation = float(train.y.mean()), float(train.y.std())
        train, validation, population = (
            Rows(x=part.x, y=((part.y - mean) / deviation).astype(np.float32))
            for part in (train, validation, population)
        )
        floor /= deviation**2
    return Problem(
        family=family,
        task=target.task,
        train=train,
        validation=validation,
        population=population,
        configs=run,
        subject=0,
        floor=floor,
    )


def noise_floor(target: Target, x: NDArray[np.floating]) -> float:
    """Return the expected loss of the best possible prediction.

    The variance of the noise for a regression; the mean entropy of the classes, in nats, else.
    """
    if target.task == "regression":
        return target.noise**2
    share = scipy.special.expit(_log_odds(target, x))
    entropy = scipy.special.entr(share) + scipy.special.entr(1 - share)
    return float(entropy.mean())


def log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    """Draw a number whose logarithm is uniform."""
    return float(math.exp(rng.uniform(math.log(low), math.log(high))))


def pick(rng: np.random.Generator, options: Sequence[T]) -> T:
    """Draw one of some options, each as likely."""
    return options[int(rng.integers(len(options)))]


def _log_odds(target: Target, x: NDArray[np.floating]) -> NDArray[np.float64]:
    return signal(target, x) / target.noise


def _draw_rows(rng: np.random.Generator, target: Target, rows: int) -> Rows:
    x = rng.normal(size=(rows, len(target.hidden) - 1)).astype(np.float32)
    if target.task == "regression":
        values = signal(target, x) + target.noise * rng.normal(size=rows)
        return Rows(x=x, y=values.astype(np.float32))
    ones = rng.random(rows) < scipy.special.expit(_log_odds(target, x))
    return Rows(x=x, y=ones.astype(np.int32))
