"""Arms on a grid of learning rates: every optimizer at every rate, nothing tuned."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from studies.designs.design import Value
from studies.designs.spec import Overrides
from sweep.config import OPTIMIZERS

RATE_GRIDS: Final[Mapping[str, tuple[float, ...]]] = MappingProxyType(
    {
        "adam": (1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1.0),
        "sgd": (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1.0, 3.0, 10.0),
        "rmsprop": (1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1.0),
    }
)
"""Half decades over five decades, from far too small to diverging, as many for each optimizer."""


def rate_arms(overrides: Overrides) -> tuple[dict[str, Value], ...]:
    """Return an arm for each optimizer and each of its learning rates, the smallest rate first.

    Args:
        overrides: What the user said; ``optimizer`` and the rates of each are heeded.
    """
    optimizers = [str(name) for name in overrides.values("optimizer", OPTIMIZERS)]
    rates = {
        name: sorted(
            float(rate) for rate in overrides.values(f"learning_rate.{name}", RATE_GRIDS[name])
        )
        for name in optimizers
    }
    return tuple(
        {"optimizer": name, f"learning_rate.{name}": rate}
        for name in optimizers
        for rate in rates[name]
    )
