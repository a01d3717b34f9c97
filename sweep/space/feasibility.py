"""How much of a search space a cap on the number of parameters leaves.

The driver rejects what is larger than the cap and draws again, which is cheap as long as the cap
leaves enough. The share is exact, not sampled: for each depth, shape and bias the number of
parameters grows with the width, so that one width divides what is allowed from what is not.
"""

import bisect
import dataclasses
from collections.abc import Iterator
from typing import Final

from sweep.config import Shape, count_parameters, layer_widths
from sweep.errors import ConfigurationError
from sweep.space.parameters import share_up_to, values_of, whole_numbers
from sweep.space.rules import RULES
from sweep.space.search_space import SearchSpace, largest, smallest

SMALLEST_SHARE: Final = 0.01  # below it, a sweep would mostly draw what it must reject

_WIDTHS: Final = range(1, int(RULES["width"].high) + 1)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Architecture:
    """Hold a kind of network of any width, between its inputs and outputs.

    Attributes:
        depth: Number of hidden layers.
        shape: Widths of the layers, one to the next.
        use_bias: Whether Dense layers have a bias.
        inputs: Numbers per row after flattening.
        outputs: Units of the output layer.
    """

    depth: int
    shape: Shape
    use_bias: bool
    inputs: int
    outputs: int

    def parameters(self, width: int) -> int:
        """Count the trainable parameters at one width."""
        return count_parameters(
            layer_widths(self.depth, width, self.shape),
            inputs=self.inputs,
            outputs=self.outputs,
            use_bias=self.use_bias,
        )

    def widest(self, cap: int) -> int:
        """Return the largest width with at most ``cap`` parameters; 0 if there is none."""
        return bisect.bisect_right(_WIDTHS, cap, key=self.parameters)


def architectures(space: SearchSpace, inputs: int, outputs: int) -> Iterator[Architecture]:
    """Yield every architecture of a space: each depth with each shape and bias.

    Args:
        space: The search space.
        inputs: Numbers per row after flattening.
        outputs: Units of the output layer.
    """
    for depth in whole_numbers(space.depth):
        for shape in values_of(space.shape):
            for bias in values_of(space.use_bias):
                yield Architecture(
                    depth=depth, shape=shape, use_bias=bias, inputs=inputs, outputs=outputs
                )


def feasible_share(space: SearchSpace, inputs: int, outputs: int) -> float:
    """Return the probability that a random configuration has at most ``max_parameters``.

    Args:
        space: The search space.
        inputs: Numbers per row after flattening.
        outputs: Units of the output layer.
    """
    if space.max_parameters is None:
        return 1.0
    total = 0.0
    for network in architectures(space, inputs, outputs):
        depth = network.depth
        weight = share_up_to(space.depth, depth) - share_up_to(space.depth, depth - 1)
        total += weight * share_up_to(space.width, network.widest(space.max_parameters))
    return total / len(values_of(space.shape)) / len(values_of(space.use_bias))


def check_feasible(space: SearchSpace, inputs: int, outputs: int) -> None:
    """Refuse a space of which ``max_parameters`` leaves almost nothing.

    Args:
        space: The search space.
        inputs: Numbers per row after flattening.
        outputs: Units of the output layer.

    Raises:
        ConfigurationError: If less than `SMALLEST_SHARE` of the space is allowed; it says which
            widths would be.
    """
    cap = space.max_parameters
    share = feasible_share(space, inputs, outputs)
    if cap is None or share >= SMALLEST_SHARE:
        return
    least = space.smallest_parameters(inputs, outputs)
    if least > cap:
        wrong = f"{cap} is too small, the smallest network of this space has {least} parameters"
    else:
        wrong = f"{cap} leaves only {100 * share:.2g} % of this space"
    fitting = {
        network.depth: network.widest(cap) for network in architectures(space, inputs, outputs)
    }
    ends = dict.fromkeys((smallest(space.depth), largest(space.depth)))
    widths = " and ".join(f"{fitting[depth]} at depth {depth}" for depth in ends if depth > 0)
    advice = f"lower width or depth (the widest that fits is {widths}), or " if widths else ""
    raise ConfigurationError(f"max_parameters: {wrong}; {advice}raise max_parameters")
