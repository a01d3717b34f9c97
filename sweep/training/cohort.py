"""What the training program takes and carries: rows, rates, choices and state of a cohort."""

from typing import Any, NamedTuple

Tensor = Any  # tf.Tensor; TensorFlow ships no types
Tensors = list[Tensor]
Size = int | Tensor  # a number where XLA has to know it


class Program(NamedTuple):
    """Name what a trace is specific to.

    Attributes:
        depth: Number of hidden layers.
        output: ``softmax``, ``sigmoid`` or ``linear``.
        dropout: Whether any member drops units.
        decay: Whether any member's weights decay.
        alone: Whether the cohort has one member.
        weighted_loss: Whether rows count by weights in the loss that is minimised.
        weighted_rows: Whether they do in the losses and scores that are measured.
        sizes: Batch size, members and widths, for which XLA compiles the program; empty where they
            are inputs of the graph, and one trace serves all of them.
    """

    depth: int
    output: str
    dropout: bool
    decay: bool
    alone: bool
    weighted_loss: bool = False
    weighted_rows: bool = False
    sizes: tuple[int, ...] = ()

    @property
    def compiled(self) -> bool:
        """Return whether XLA compiles the program."""
        return bool(self.sizes)


class Rows(NamedTuple):
    """Hold the rows of one split.

    Attributes:
        x: Inputs, float32 [rows, inputs + 1] with the column of ones.
        y: Targets [rows].
        weights: One tensor, float32 [rows]; none where all rows count alike.
    """

    x: Tensor
    y: Tensor
    weights: tuple[Tensor, ...] = ()


class Rates(NamedTuple):
    """Hold what steers the updates, one value a member: float32 [members, 1, 1]."""

    learning_rate: Tensor
    momentum: Tensor
    weight_decay: Tensor
    dropout: Tensor


class Choices(NamedTuple):
    """Hold what the members of a cohort share, as scalars."""

    activation: Tensor
    optimizer: Tensor
    bias: Tensor
    batch_size: Tensor


class State(NamedTuple):
    """Hold a cohort between two epochs: all that the next epoch depends on.

    Attributes:
        weights: One tensor a layer, float32 [members, fan in + 1, fan out].
        first: The optimizer's first slot (Adam's mean, SGD's and RMSprop's velocity), shaped as
            ``weights``.
        second: Its second slot (Adam's and RMSprop's mean square), shaped as ``weights``.
        best: The weights of the epoch with the smallest validation loss so far.
        best_loss: That loss times the rows, or the sum of their weights, float64 [members].
        alive: bool [members], False once a loss or weight was not finite.
        step: Updates done, int64 scalar.
        epoch: Epochs done, int32 scalar.
    """

    weights: Tensors
    first: Tensors
    second: Tensors
    best: Tensors
    best_loss: Tensor
    alive: Tensor
    step: Tensor
    epoch: Tensor
