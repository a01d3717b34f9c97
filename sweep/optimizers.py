"""The optimizers, a row each: whatever is said of one elsewhere is derived from its row.

The formulas by which one updates weights stand in `sweep.training.updates`.
"""

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

HALF_DECADES: Final = (
    1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1.0, 3.0, 10.0,
)  # fmt: skip


def half_decades(low: float, high: float) -> tuple[float, ...]:
    """Return the learning rates from one of `HALF_DECADES` to another."""
    return HALF_DECADES[HALF_DECADES.index(low) : HALF_DECADES.index(high) + 1]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Optimizer:
    """State what an optimizer is, and which learning rates are tried with it.

    Attributes:
        name: As a configuration has it.
        title: As people write it, and as Keras names its class.
        default_rate: What Keras takes where none is given, and what a search tries first.
        searched_rates: The smallest and the largest learning rate of a search space.
        tuned_rates: Half decades about what it likes, over which a study tunes each of its arms.
        grid_rates: Half decades over five decades, from far too small to diverging, as many for
            each optimizer: the arms of studies of the learning rate.
        bench_rates: The smallest and the largest rate that train the bench's small networks well.
        has_momentum: Whether it takes a momentum.
        usual: Whether a space, a study and the bench have it where the user names none.
    """

    name: str
    title: str
    default_rate: float
    searched_rates: tuple[float, float]
    tuned_rates: tuple[float, ...]
    grid_rates: tuple[float, ...]
    bench_rates: tuple[float, float]
    has_momentum: bool = False
    usual: bool = True

    @property
    def higher_rates(self) -> tuple[float, ...]:
        """Return as many rates as a study tunes over, half a decade above those."""
        place = HALF_DECADES.index(self.tuned_rates[1])
        return HALF_DECADES[place : place + len(self.tuned_rates)]

    @property
    def middle_rate(self) -> float:
        """Return the middle one of the rates that a study tunes over."""
        return self.tuned_rates[len(self.tuned_rates) // 2]


# A search has 2.5 decades of each, so that none is searched more thinly than another, around the
# field's usual value: 0.001 for Adam (Kingma and Ba 2015, arXiv:1412.6980, and the default of
# Keras), 0.01 for SGD (Bengio 2012, arXiv:1206.5533, section 3.1.1). RMSprop lies a factor of three
# below Adam: it does not correct the bias of its running mean of squares, which makes its first
# step sqrt(1 / (1 - rho)) = 3.2 times the learning rate at Keras' rho of 0.9, where Adam's is the
# learning rate itself.
_ROWS: Final = (
    Optimizer(
        name="adam",
        title="Adam",
        default_rate=0.001,
        searched_rates=(1e-4, 3e-2),
        tuned_rates=half_decades(1e-4, 3e-2),
        grid_rates=half_decades(1e-5, 1.0),
        bench_rates=(0.003, 0.02),
    ),
    Optimizer(
        name="sgd",
        title="SGD",
        default_rate=0.01,
        searched_rates=(1e-3, 0.3),
        tuned_rates=half_decades(3e-3, 1.0),
        grid_rates=half_decades(1e-4, 10.0),
        bench_rates=(0.03, 0.2),
        has_momentum=True,
    ),
    Optimizer(
        name="rmsprop",
        title="RMSprop",
        default_rate=0.001,
        searched_rates=(3e-5, 1e-2),
        tuned_rates=half_decades(3e-5, 1e-2),
        grid_rates=half_decades(1e-5, 1.0),
        bench_rates=(0.002, 0.01),
    ),
)

OPTIMIZERS: Final[Mapping[str, Optimizer]] = MappingProxyType({row.name: row for row in _ROWS})
USUAL_OPTIMIZERS: Final = tuple(row.name for row in _ROWS if row.usual)
WITH_MOMENTUM: Final = tuple(row.name for row in _ROWS if row.has_momentum)
