"""The samplers: which configuration comes next.

Each trial gets a sampler of its own, seeded by the run's seed and the trial's number. What it
draws depends on that and on the study's history alone, not on what the process drew before, so
that a resumed sweep goes on exactly as an uninterrupted one would have.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler, RandomSampler
from optuna.study import Study
from optuna.trial import FrozenTrial

from sweep.search.grid import grid_point, make_grid
from sweep.search.independent import IndependentSampler
from sweep.search.tpe import History, TreeParzenSampler
from sweep.seeds import derive_seed
from sweep.space.parameters import Value, from_unit
from sweep.space.search_space import SearchSpace
from sweep.space.starting_point import starting_point

if TYPE_CHECKING:
    from sweep.settings.sweep_settings import SamplerName

Samplers: TypeAlias = Callable[[int], BaseSampler]


def make_samplers(
    name: "SamplerName", space: SearchSpace, *, seed: int, inputs: int, outputs: int
) -> Samplers:
    """Make the samplers of one study: a function that returns the one of a trial, by its number.

    They do not know how many trials are planned: a sweep extended later equals one that was
    planned longer from the start.

    Args:
        name: Which kind.
        space: The search space that draws from them.
        seed: The seed of the run.
        inputs: Numbers per row after flattening; used by the grid alone.
        outputs: Units of the output layer; used by the grid alone.

    Raises:
        ConfigurationError: If the grid is too large or empty.
        IndexError: By the function, for a number past the end of the grid,
            `sweep.search.grid.grid_size`.
    """
    match name:
        case "tpe":
            history, start = History(space), PointSampler(starting_point(space))
            return lambda number: (
                TreeParzenSampler(history, derive_seed(seed, "sampler", number))
                if number
                else start
            )
        case "random":
            return lambda number: RandomSampler(seed=derive_seed(seed, "sampler", number))
        case "qmc":
            return lambda number: PointSampler(sobol_point(space, seed, number))
        case "grid":
            grid = make_grid(space, inputs, outputs)
            return lambda number: PointSampler(grid_point(grid, seed, number))


class PointSampler(IndependentSampler):
    """Give the values of one point that is known beforehand, by the names they are drawn under."""

    def __init__(self, point: Mapping[str, Value]) -> None:
        self._point = point

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Value:
        """Return the point's value of one hyperparameter."""
        del study, trial, param_distribution
        return self._point[param_name]


def sobol_point(space: SearchSpace, seed: int, number: int) -> dict[str, Value]:
    """Return one point of a scrambled Sobol sequence over everything that is searched.

    Every hyperparameter has its own dimension, whether or not it applies to the configuration, so
    that the points that do have it are still spread evenly. The scrambling (Matousek 1998, linear
    matrix scramble and digital shift) comes from the run's seed and is the same for all points.

    Args:
        space: The search space.
        seed: The seed of the run.
        number: Which point, from 0; the time does not depend on it noticeably.
    """
    from scipy.stats import qmc  # noqa: PLC0415 - half a second that the other samplers save

    searched = space.searched()
    if not searched:
        return {}
    rng = np.random.default_rng(derive_seed(seed, "sampler"))
    sequence = qmc.Sobol(d=len(searched), scramble=True, rng=rng)
    if number:
        sequence.fast_forward(number)  # SciPy cannot skip nothing
    position = sequence.random(1)[0]
    return {
        name: from_unit(parameter, float(place))
        for (name, parameter), place in zip(searched.items(), position, strict=True)
    }
