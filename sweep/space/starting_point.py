"""The configuration that a search which learns tries first: the textbook's.

Ten random draws from a wide space can all be bad; the textbook's network seldom is. With it among
the trials, a sweep is never worse than not having searched.
"""

from collections.abc import Mapping
from typing import Final

from sweep.optimizers import OPTIMIZERS
from sweep.space.parameters import Choices, Range, Value
from sweep.space.search_space import SearchSpace

TEXTBOOK: Final[Mapping[str, Value]] = {
    "depth": 2,
    "width": 128,
    "shape": "equal",
    "dropout": 0.0,
    "activation": "relu",
    "optimizer": "adam",
    **{f"learning_rate_{name}": row.default_rate for name, row in OPTIMIZERS.items()},
    "momentum": 0.9,
    "weight_decay": 0.0,
    "use_bias": True,
    "batch_size": 32,
}


def starting_point(space: SearchSpace) -> dict[str, Value]:
    """Return the textbook's values, or the nearest that the space allows.

    Args:
        space: The search space.

    Returns:
        A value for each hyperparameter that is drawn, by the name under which it is drawn.
    """
    return nearest_point(space, {})


def nearest_point(space: SearchSpace, wanted: Mapping[str, Value]) -> dict[str, Value]:
    """Return some values, and the textbook's for the rest, or the nearest that the space allows.

    Args:
        space: The search space.
        wanted: Values by the name under which they are drawn.

    Returns:
        As `starting_point`.
    """
    given = {**TEXTBOOK, **wanted}
    return {name: _nearest(kind, given[name]) for name, kind in space.searched().items()}


def _nearest(kind: Choices[Value] | Range[Value], wanted: Value) -> Value:
    if isinstance(kind, Range):
        return min(max(wanted, kind.low), kind.high)
    if wanted in kind.values or isinstance(wanted, str | bool):
        return wanted if wanted in kind.values else kind.values[0]
    return min(kind.values, key=lambda value: abs(float(value) - wanted))
