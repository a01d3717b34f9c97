"""Cohorts: which configurations are trained together, by a rule that no clock has a part in.

Members of a cohort have one shape. Whether training them together pays depends on that shape: a
small network spends its time between the operations, which a cohort shares; a large one spends it
in them, and its members only push each other out of the processor's cache.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from sweep.config import Device, TrialConfig, count_parameters

LARGEST: Final[dict[Device, int]] = {"CPU": 16, "GPU": 32}
# The largest networks of which a cohort pays, in parameters. For one core docs/performance.md has
# the measurement; a GPU, of which one small network uses a few percent, was not there to measure.
MOST_PARAMETERS: Final[dict[Device, int]] = {"CPU": 24_000, "GPU": 4_000_000}


class Site(NamedTuple):
    """Hold what training costs depend on besides the network.

    Attributes:
        inputs: Numbers per row after flattening.
        outputs: Units of the output layer.
        device: What it is trained on.
    """

    inputs: int
    outputs: int
    device: Device = "CPU"


def cohort_shape(config: TrialConfig) -> tuple[object, ...]:
    """Return what the members of a cohort must have in common."""
    return (
        config.widths,
        config.activation,
        config.optimizer,
        config.use_bias,
        config.batch_size,
        config.epochs,
    )


def largest_cohort(config: TrialConfig, site: Site) -> int:
    """Return how many networks of a configuration's shape are best trained together.

    Args:
        config: One of them.
        site: What they are trained on.
    """
    parameters = count_parameters(
        config.widths, inputs=site.inputs, outputs=site.outputs, use_bias=config.use_bias
    )
    return LARGEST[site.device] if parameters <= MOST_PARAMETERS[site.device] else 1


def form_cohorts(configs: Sequence[TrialConfig], site: Site) -> list[tuple[int, ...]]:
    """Group configurations that are known at the same time into cohorts.

    Args:
        configs: The configurations.
        site: What they are trained on.

    Returns:
        The places of each cohort's members in ``configs``, ascending, ordered by the first.
    """
    shapes: dict[tuple[object, ...], list[int]] = {}
    for place, config in enumerate(configs):
        shapes.setdefault(cohort_shape(config), []).append(place)
    cohorts = []
    for places in shapes.values():
        most = largest_cohort(configs[places[0]], site)
        parts = -(-len(places) // most)
        size = -(-len(places) // parts)  # two of 9 rather than one of 16 and one of 2
        cohorts += [tuple(places[start : start + size]) for start in range(0, len(places), size)]
    return sorted(cohorts)
