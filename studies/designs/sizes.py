"""Networks of a wanted size: the width at which a depth comes closest to a number of parameters."""

import dataclasses
from typing import Final

from sweep.config import Shape, count_parameters, layer_widths

NARROW: Final = 16  # units of the one layer of the smallest network that is of interest
NARROWEST: Final = 8  # units of each layer of the deepest one; below, one unit is a large step
STEP: Final = 8  # times as many parameters in the larger budget
WIDEST: Final = 65_536


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Hold what the size of a network depends on besides its depth and width.

    Attributes:
        inputs: Numbers per row after flattening.
        outputs: Units of the output layer.
        shape: Of the hidden layers.
        use_bias: Whether Dense layers have a bias.
    """

    inputs: int
    outputs: int
    shape: Shape = "equal"
    use_bias: bool = True

    def parameters(self, depth: int, width: int) -> int:
        """Count the trainable parameters of a network."""
        return count_parameters(
            layer_widths(depth, width, self.shape),
            inputs=self.inputs,
            outputs=self.outputs,
            use_bias=self.use_bias,
        )


def width_for(depth: int, budget: int, frame: Frame) -> int:
    """Return the width at which the parameters come closest to a budget; of two, the smaller.

    Args:
        depth: Number of hidden layers, at least 1.
        budget: Trainable parameters wanted.
        frame: What else the size depends on.

    Returns:
        From 1 to ``WIDEST``, also where the closest is far off.
    """
    low, high = 1, WIDEST
    while high - low > 1:  # the count rises with the width
        middle = (low + high) // 2
        if frame.parameters(depth, middle) <= budget:
            low = middle
        else:
            high = middle
    return min((low, high), key=lambda width: abs(frame.parameters(depth, width) - budget))


def budgets_for(depths: tuple[int, ...], frame: Frame) -> tuple[int, int]:
    """Return a small and an ample number of parameters for data of this shape.

    The small one is that of a single layer of ``NARROW`` units, or what the deepest network needs
    to be ``NARROWEST`` units wide; the ample one is ``STEP`` times as large.
    """
    small = max(frame.parameters(1, NARROW), frame.parameters(max(depths), NARROWEST))
    return small, STEP * small
