"""A trial's configuration: everything that decides its result, apart from the data."""

import dataclasses
import hashlib
import itertools
import json
from typing import Final, Literal

Shape = Literal["equal", "tapering"]
Initializer = Literal["glorot_uniform", "he_normal"]
ClassWeight = Literal["balanced"]
Device = Literal["CPU", "GPU"]

SHAPES: Final[tuple[Shape, ...]] = ("equal", "tapering")
INITIALIZERS: Final[tuple[Initializer, ...]] = ("glorot_uniform", "he_normal")

NARROWEST_TAPER: Final = 8  # a tapering network halves its width down to this, or stays narrower


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class TrialConfig:
    """Hold one network and how it is trained.

    A trial is a pure function of this value and the data split, and of nothing else.

    Attributes:
        depth: Number of hidden layers; 0 is a linear model.
        width: Units of the first hidden layer; 0 if ``depth`` is 0.
        shape: ``equal`` widths, or ``tapering``: each layer half as wide as the one before.
        dropout: Dropout rate after each hidden layer, in [0, 1).
        activation: Activation of the hidden layers, one of `sweep.activations.ACTIVATIONS`.
        optimizer: One of `sweep.optimizers.OPTIMIZERS`, with Keras' defaults for what is not named
            here.
        learning_rate: Step size, positive.
        momentum: Momentum, in [0, 1); 0 for optimizers without one.
        weight_decay: Decoupled weight decay, as Keras applies it; 0 for none.
        use_bias: Whether Dense layers have a bias.
        batch_size: Rows per update; the last batch of an epoch may be smaller.
        epochs: Passes over the training rows.
        seed: Seed of initial weights, order of data and dropout.
        initializer: How the kernels are drawn, by Keras' name; biases begin at zero.
    """

    depth: int
    width: int
    shape: Shape = "equal"
    dropout: float = 0.0
    activation: str = "relu"
    optimizer: str = "adam"
    learning_rate: float = 0.001
    momentum: float = 0.0
    weight_decay: float = 0.0
    use_bias: bool = True
    batch_size: int = 32
    epochs: int = 30
    seed: int = 0
    initializer: Initializer = "glorot_uniform"

    @property
    def widths(self) -> tuple[int, ...]:
        """Return the units of each hidden layer, first to last."""
        return layer_widths(self.depth, self.width, self.shape)

    @property
    def config_id(self) -> str:
        """Return eight hexadecimal digits that name the configuration, whatever its seed."""
        values = dataclasses.asdict(self)
        del values["seed"]
        if values["initializer"] == "glorot_uniform":  # names from before there was a choice
            del values["initializer"]
        text = json.dumps(values, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:8]

    @property
    def effective(self) -> "TrialConfig":
        """Return what all configurations have in common that train the same network alike.

        Its seed is 0, and a taper that leaves the layers as wide as they were is none.
        """
        equal = self.widths == (self.width,) * self.depth
        return dataclasses.replace(self, seed=0, shape="equal" if equal else self.shape)

    def with_seed(self, seed: int) -> "TrialConfig":
        """Return the same configuration as another replicate."""
        return dataclasses.replace(self, seed=seed)


def layer_widths(depth: int, width: int, shape: Shape) -> tuple[int, ...]:
    """Return the units of each hidden layer.

    Args:
        depth: Number of hidden layers.
        width: Units of the first.
        shape: ``equal``, or ``tapering``: halved from layer to layer, never below
            ``min(NARROWEST_TAPER, width)``.
    """
    if shape == "equal":
        return (width,) * depth
    floor = min(NARROWEST_TAPER, width)
    return tuple(max(width >> layer, floor) for layer in range(depth))


def count_parameters(widths: tuple[int, ...], *, inputs: int, outputs: int, use_bias: bool) -> int:
    """Count the trainable parameters of an MLP (its capacity) without building it.

    Args:
        widths: Units of each hidden layer; empty for a linear model.
        inputs: Numbers per row after flattening.
        outputs: Units of the output layer.
        use_bias: Whether Dense layers have a bias.
    """
    sizes = (inputs, *widths, outputs)
    pairs = itertools.pairwise(sizes)
    return sum((fan_in + use_bias) * fan_out for fan_in, fan_out in pairs)
