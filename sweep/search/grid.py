"""The grid of a search space: every distinct configuration, in an order shuffled by a seed.

That is three values of a range, or every one: a space without a continuous range has an end.
A configuration is counted once, however it can be written: what does not apply (the width of a
linear model, the shape of one layer, Adam's momentum) makes no copies. The shuffle makes any part
of the grid, such as a sweep with fewer trials than points, a fair sample of the whole.
"""

import dataclasses
import functools
import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sweep.config import layer_widths
from sweep.errors import ConfigurationError
from sweep.optimizers import WITH_MOMENTUM
from sweep.seeds import derive_seed
from sweep.space.feasibility import architectures
from sweep.space.parameters import Parameter, Range, Value, grid_values, values_of
from sweep.space.search_space import SearchSpace, drawn_name

LARGEST_GRID: Final = 1_000_000
MOST_NETWORKS: Final = 100_000  # that are counted; a space of more counts as endless

Point = Mapping[str, Value]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Hold a grid as three lists whose combinations are its points.

    Attributes:
        linear: Networks without hidden layers.
        layered: Networks with hidden layers, each combined with each of ``hidden``.
        hidden: What only hidden layers have.
        training: How networks are trained, combined with all of them.
    """

    linear: tuple[Point, ...]
    layered: tuple[Point, ...]
    hidden: tuple[Point, ...]
    training: tuple[Point, ...]

    def __len__(self) -> int:
        networks = len(self.linear) + len(self.layered) * len(self.hidden)
        return networks * len(self.training)

    def point(self, place: int) -> dict[str, Value]:
        """Return one point, by the names under which its values are drawn."""
        network, training = divmod(place, len(self.training))
        if network < len(self.linear):
            return {**self.linear[network], **self.training[training]}
        layered, hidden = divmod(network - len(self.linear), len(self.hidden))
        return {**self.layered[layered], **self.hidden[hidden], **self.training[training]}


def grid_size(space: SearchSpace, inputs: int, outputs: int) -> int:
    """Return the number of points; a sweep over the grid is complete after so many.

    Args:
        space: The search space; a range stands for `sweep.space.parameters.grid_values`.
        inputs: Numbers per row after flattening.
        outputs: Units of the output layer.

    Raises:
        ConfigurationError: If there are more than `LARGEST_GRID` points, or none.
    """
    return len(make_grid(space, inputs, outputs))


def grid_point(grid: Grid, seed: int, number: int) -> dict[str, Value]:
    """Return the point of a grid that comes at one place of the shuffled order.

    Args:
        grid: The points.
        seed: The seed of the run.
        number: The place, from 0.

    Raises:
        IndexError: If the grid has no such place.
    """
    return grid.point(int(_order(seed, len(grid))[number]))


def grid_points(grid: Grid, seed: int) -> Iterator[Point]:
    """Yield every point of a grid, in its shuffled order."""
    return (grid.point(int(place)) for place in _order(seed, len(grid)))


@functools.lru_cache(maxsize=4)
def every_configuration(space: SearchSpace, inputs: int, outputs: int) -> Grid | None:
    """Enumerate a whole space, networks above ``max_parameters`` left out.

    Returns:
        None for a space that is endless: because of a continuous range, or for having more than
        `LARGEST_GRID` configurations or `MOST_NETWORKS` networks.
    """
    training = [_training_axes(space, optimizer, _every_value) for optimizer in space.optimizers]
    axes = (space.depth, space.width, space.shape, space.use_bias)
    networks = math.prod(len(_every_value(parameter)) for parameter in axes)
    if sum(map(_count, training)) > LARGEST_GRID or networks > MOST_NETWORKS:
        return None
    try:
        return make_grid(space, inputs, outputs, _every_value)
    except ConfigurationError:
        return None


@functools.lru_cache(maxsize=4)  # asked for once a trial, always the same
def make_grid(
    space: SearchSpace, inputs: int, outputs: int, values: "_Values" = grid_values
) -> Grid:
    """Enumerate the grid of a space; networks above ``max_parameters`` are left out.

    Args:
        space: The search space.
        inputs: Numbers per row after flattening.
        outputs: Units of the output layer.
        values: What a hyperparameter stands for; of a range, three values unless said otherwise.

    Raises:
        ConfigurationError: If there are more than `LARGEST_GRID` points, or none.
    """
    networks = list(_networks(space, inputs, outputs, values))
    linear = tuple(point for point in networks if point["depth"] == 0)
    layered = tuple(point for point in networks if point["depth"] != 0)
    hidden: _Axes = {
        "dropout": values(space.dropout),
        "activation": values(space.activation),
    }
    training = [_training_axes(space, optimizer, values) for optimizer in space.optimizers]
    size = len(linear) + len(layered) * _count(hidden)
    size *= sum(_count(axes) for axes in training)
    if size == 0:
        raise ConfigurationError(
            f"max_parameters: {space.max_parameters} is less than every network of the grid has; "
            "raise it, or lower width or depth"
        )
    if size > LARGEST_GRID:
        raise ConfigurationError(
            f"sampler: the grid has {size} configurations, more than {LARGEST_GRID}; fix more "
            "hyperparameters, give fewer choices, or take the sampler tpe, random or qmc"
        )
    return Grid(
        linear=linear,
        layered=layered,
        hidden=tuple(_combinations(hidden)) if layered else (),
        training=tuple(itertools.chain.from_iterable(map(_combinations, training))),
    )


_Axes: TypeAlias = dict[str, Sequence[Value]]
_Values: TypeAlias = Callable[[Parameter[Any]], Sequence[Any]]


def _every_value(parameter: Parameter[Any]) -> Sequence[Any]:
    """Return all values of a parameter; of a continuous range, more places than a grid may have."""
    if not isinstance(parameter, Range):
        return values_of(parameter)
    if parameter.integer:
        return range(parameter.low, parameter.high + 1)
    if parameter.low == parameter.high:
        return (parameter.low,)
    return range(LARGEST_GRID + 1)


def _networks(space: SearchSpace, inputs: int, outputs: int, values: _Values) -> Iterator[Point]:
    """Yield each network within the cap once: without layers no width, with one no shape."""
    depths = set(values(space.depth))
    seen: set[tuple[tuple[int, ...], bool]] = set()
    for network in architectures(space, inputs, outputs):
        if network.depth not in depths:
            continue
        for width in values(space.width):
            identity = (layer_widths(network.depth, width, network.shape), network.use_bias)
            too_large = network.parameters(width) > (space.max_parameters or math.inf)
            if identity in seen or too_large:
                continue
            seen.add(identity)
            yield {
                "depth": network.depth,
                "width": width,
                "shape": network.shape,
                "use_bias": network.use_bias,
            }


def _training_axes(space: SearchSpace, optimizer: str, values: _Values) -> _Axes:
    axes: _Axes = {
        "optimizer": (optimizer,),
        drawn_name(f"learning_rate.{optimizer}"): values(space.learning_rate[optimizer]),
        "weight_decay": values(space.weight_decay),
        "batch_size": values(space.batch_size),
    }
    return axes | {"momentum": values(space.momentum)} if optimizer in WITH_MOMENTUM else axes


def _count(axes: _Axes) -> int:
    return math.prod(map(len, axes.values()))


def _combinations(axes: _Axes) -> Iterator[Point]:
    for values in itertools.product(*axes.values()):
        yield dict(zip(axes, values, strict=True))


@functools.lru_cache(maxsize=4)
def _order(seed: int, size: int) -> NDArray[np.int64]:
    return np.random.default_rng(derive_seed(seed, "sampler")).permutation(size)
