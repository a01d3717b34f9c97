"""The families of problems on which the verdicts about networks are tried.

Each draws its sizes, rows, noise and settings at random within the ranges that stand here, so that
nothing is tuned to one case. A family makes a situation likely; what is true of a problem is
measured on its population, by `studies.bench.truth`.
"""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from studies.bench.problems import (
    Kind,
    Problem,
    draw_problem,
    draw_teacher,
    log_uniform,
    pick,
)
from sweep.config import TrialConfig
from sweep.optimizers import OPTIMIZERS, USUAL_OPTIMIZERS

_ACTIVATIONS: Final = ("relu", "tanh")
TASKS: Final[tuple[Kind, ...]] = ("regression", "binary")


def small_students(rng: np.random.Generator) -> Problem:
    """Draw a student of 1 to 3 units beside larger ones, for a teacher of 6 to 12."""
    run = _run(rng, [_whole(rng, 1, 4), 16, 24, 32], epochs=_whole(rng, 30, 61))
    return _problem(
        rng, "small students", width=(6, 12), noise=(0.05, 0.3), rows=(500, 1200), run=run
    )


def adequate_students(rng: np.random.Generator) -> Problem:
    """Draw students of 8 to 48 units with many rows, for a teacher of 1 to 3."""
    widths = rng.permutation([8, 12, 16, 24, 32, 48])[:5]
    run = _run(rng, widths, epochs=_whole(rng, 20, 41))
    return _problem(
        rng, "adequate students", width=(1, 3), noise=(0.3, 0.9), rows=(1200, 2500), run=run
    )


def memorisers(rng: np.random.Generator) -> Problem:
    """Draw a far too large student of few noisy rows, trained long, beside smaller ones."""
    widths = [pick(rng, (32, 48, 64)), 2, 4, 8, 16]
    run = _run(rng, widths, epochs=_whole(rng, 60, 121), slower=0.3)
    return _problem(rng, "memorisers", width=(1, 3), noise=(0.4, 1.0), rows=(60, 250), run=run)


def cut_short(rng: np.random.Generator) -> Problem:
    """Draw students whose training ends after 6 to 16 epochs at a low rate."""
    widths = rng.permutation([4, 8, 12, 16, 24, 32])[:4]
    run = _run(rng, widths, epochs=_whole(rng, 6, 17), slower=rng.uniform(3, 15))
    return _problem(rng, "cut short", width=(1, 4), noise=(0.2, 0.7), rows=(400, 1200), run=run)


def equal_networks(rng: np.random.Generator) -> Problem:
    """Draw six networks that differ by nothing but their seeds and the name of their settings."""
    first = _run(rng, [_whole(rng, 8, 33)], epochs=_whole(rng, 20, 51))[0]
    # A rate that differs by a millionth makes another configuration of the same network.
    run = tuple(
        dataclasses.replace(first, learning_rate=first.learning_rate * (1 + 1e-6 * place))
        for place in range(6)
    )
    return _problem(
        rng, "equal networks", width=(1, 4), noise=(0.2, 0.8), rows=(150, 1200), run=run
    )


def pure_noise(rng: np.random.Generator) -> Problem:
    """Draw students of targets that have nothing to do with the inputs."""
    widths = rng.permutation([2, 4, 8, 16, 32, 48])[:5]
    run = _run(rng, widths, epochs=_whole(rng, 15, 51))
    return _problem(rng, "pure noise", width=(0, 0), noise=(1, 1), rows=(150, 1500), run=run)


def trained_on(rng: np.random.Generator) -> Problem:
    """Draw large students that are trained on long after their best epoch."""
    widths = [pick(rng, (24, 40, 48)), 8, 16, 32]
    run = _run(rng, widths, epochs=_whole(rng, 80, 121), slower=0.7)
    return _problem(rng, "trained on", width=(1, 2), noise=(0.5, 1.2), rows=(250, 700), run=run)


def size_ladder(rng: np.random.Generator) -> Problem:
    """Draw a ladder of students of 1 to 32 units for a teacher of 2 to 8, any rung the subject."""
    run = _run(rng, rng.permutation([1, 2, 4, 8, 16, 32]), epochs=_whole(rng, 30, 61))
    return _problem(rng, "size ladder", width=(2, 8), noise=(0.1, 0.6), rows=(400, 1500), run=run)


NETWORK_FAMILIES: Final[tuple[Callable[[np.random.Generator], Problem], ...]] = (
    small_students,
    adequate_students,
    memorisers,
    cut_short,
    equal_networks,
    pure_noise,
    trained_on,
    size_ladder,
)


def draw_training(rng: np.random.Generator, *, width: int, epochs: int) -> TrialConfig:
    """Draw how a network of one or two hidden layers is trained."""
    optimizer = pick(rng, sorted(USUAL_OPTIMIZERS))
    return TrialConfig(
        depth=_whole(rng, 1, 3) if width > 3 else 1,
        width=width,
        activation=pick(rng, _ACTIVATIONS),
        optimizer=optimizer,
        learning_rate=log_uniform(rng, *OPTIMIZERS[optimizer].bench_rates),
        batch_size=pick(rng, (16, 32, 64)),
        epochs=epochs,
    )


def _whole(rng: np.random.Generator, low: int, high: int) -> int:
    """Draw a whole number from low up to, but not, high."""
    return int(rng.integers(low, high))


def _run(
    rng: np.random.Generator,
    widths: Sequence[int] | np.ndarray,
    *,
    epochs: int,
    slower: float = 1.0,
) -> tuple[TrialConfig, ...]:
    """Draw a run: networks of some widths with rates that differ up to twofold either way.

    Args:
        rng: Where randomness comes from.
        widths: Of the networks, the subject's first.
        epochs: Of all of them.
        slower: Divides the rates.
    """
    first = draw_training(rng, width=int(widths[0]), epochs=epochs)
    dropout = pick(rng, (0.0, 0.0, 0.0, 0.2))
    return tuple(
        dataclasses.replace(
            first,
            width=int(width),
            dropout=dropout if width >= 8 else 0.0,
            learning_rate=first.learning_rate / slower * 2 ** rng.uniform(-1, 1),
        )
        for width in widths
    )


def _problem(
    rng: np.random.Generator,
    family: str,
    *,
    width: tuple[int, int],
    noise: tuple[float, float],
    rows: tuple[float, float],
    run: tuple[TrialConfig, ...],
) -> Problem:
    """Draw teacher and rows; each argument is the range that it is drawn from."""
    target = draw_teacher(
        rng,
        task=pick(rng, TASKS),
        inputs=_whole(rng, 3, 11),
        width=_whole(rng, width[0], width[1] + 1),
        noise=float(rng.uniform(*noise)),
    )
    return draw_problem(
        rng, family=family, target=target, rows=round(log_uniform(rng, *rows)), run=run
    )
