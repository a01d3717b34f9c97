"""The activations of hidden layers, a row each: whatever is said of one elsewhere is derived.

A row's functions are given the library whose arrays they compute with, so that neither NumPy nor
TensorFlow has to be loaded to know what there is.
"""

import dataclasses
import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, Literal

Array = Any  # np.ndarray or tf.Tensor
Library = Any  # NumPy, TensorFlow or Keras

LEAKY_SLOPE: Final = 0.01  # of leaky relu, below zero
SIGMOID_END: Final = 0.05  # so near 0 or 1, a sigmoid has at most a fifth of its steepest slope
TANH_END: Final = 0.95  # beyond, tanh has at most a tenth of its steepest slope
GELU_END: Final = -2.0  # below, gelu has at most a tenth of its steepest slope
SATURATED_ROWS: Final = 0.95  # share of the rows on which a saturated unit is near an end


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Activation:
    """State what an activation computes, and when a unit of it does no work.

    Attributes:
        name: As a configuration has it, and as Keras knows it.
        title: As people write it.
        forward: Of NumPy and what enters a unit: what it puts out.
        graph: The same of TensorFlow and tensors.
        gradient: Of TensorFlow, the gradient by what a unit puts out, what entered it, and what it
            put out: the gradient by what entered it.
        idle: What a unit is called that does no work: dead for ever, inactive but learning slowly,
            or saturated.
        idle_rule: Which units are so, in words that follow ``idle``.
        at_rest: Of NumPy, what enters units and what they put out, [rows, units]: where a unit does
            no work.
        idle_rows: Share of the rows on which an idle unit is at rest.
        layer: Of Keras' layers and a name: its layer, where that is not Keras' activation ``name``.
        usual: Whether a space and a study have it where the user names none.
    """

    name: str
    title: str
    forward: Callable[[Library, Array], Array]
    graph: Callable[[Library, Array], Array]
    gradient: Callable[[Library, Array, Array, Array], Array]
    idle: Literal["dead", "inactive", "saturated"]
    idle_rule: str
    at_rest: Callable[[Library, Array, Array], Array]
    idle_rows: float = 1.0
    layer: Callable[[Library, str], Any] | None = None
    usual: bool = True


def _sigmoid(np: Library, before: Array) -> Array:
    """Return the sigmoid by tanh, which never overflows."""
    return np.float32(0.5) * (1 + np.tanh(np.float32(0.5) * before))


def _gelu(_: Library, before: Array) -> Array:
    from scipy.special import erf  # noqa: PLC0415 - a fifth of a second, where units are counted

    return 0.5 * before * (1 + erf(before * math.sqrt(0.5)))


def _gelu_gradient(tf: Library, gradient: Array, before: Array, _: Array) -> Array:
    """Multiply by Phi(x) + x phi(x) (Hendrycks and Gimpel 2016, arXiv:1606.08415)."""
    below = 0.5 * (1 + tf.math.erf(before * math.sqrt(0.5)))
    density = tf.exp(-0.5 * tf.square(before)) / math.sqrt(2 * math.pi)
    return gradient * (below + before * density)


_ROWS: Final = (
    Activation(
        name="relu",
        title="relu",
        forward=lambda np, before: np.maximum(before, np.float32(0)),
        graph=lambda tf, before: tf.nn.relu(before),
        gradient=lambda tf, gradient, _, after: tf.raw_ops.ReluGrad(
            gradients=gradient, features=after
        ),
        idle="dead",
        idle_rule="above zero on no row",
        at_rest=lambda _, __, after: after <= 0,
    ),
    Activation(
        name="sigmoid",
        title="sigmoid",
        forward=_sigmoid,
        graph=lambda tf, before: tf.sigmoid(before),
        gradient=lambda tf, gradient, _, after: tf.raw_ops.SigmoidGrad(y=after, dy=gradient),
        idle="saturated",
        idle_rule="within 0.05 of 0 or 1 on at least 95 % of the rows",
        at_rest=lambda np, _, after: np.minimum(after, 1 - after) <= SIGMOID_END,
        idle_rows=SATURATED_ROWS,
    ),
    Activation(
        name="tanh",
        title="tanh",
        forward=lambda np, before: np.tanh(before),
        graph=lambda tf, before: tf.tanh(before),
        gradient=lambda tf, gradient, _, after: tf.raw_ops.TanhGrad(y=after, dy=gradient),
        idle="saturated",
        idle_rule="within 0.05 of -1 or 1 on at least 95 % of the rows",
        at_rest=lambda np, _, after: np.abs(after) > TANH_END,
        idle_rows=SATURATED_ROWS,
    ),
    Activation(
        name="leaky_relu",
        title="leaky relu",
        forward=lambda np, before: np.where(before > 0, before, np.float32(LEAKY_SLOPE) * before),
        graph=lambda tf, before: tf.nn.leaky_relu(before, LEAKY_SLOPE),
        gradient=lambda tf, gradient, _, after: tf.raw_ops.LeakyReluGrad(
            gradients=gradient, features=after, alpha=LEAKY_SLOPE
        ),
        idle="inactive",
        idle_rule="above zero on no row, though such a unit still learns slowly",
        at_rest=lambda _, __, after: after <= 0,
        layer=lambda layers, name: layers.LeakyReLU(negative_slope=LEAKY_SLOPE, name=name),
    ),
    Activation(
        name="gelu",
        title="gelu",
        forward=_gelu,
        graph=lambda tf, before: tf.nn.gelu(before, approximate=False),
        gradient=_gelu_gradient,
        idle="inactive",
        idle_rule="never entered by more than -2, where it learns slowly",
        at_rest=lambda _, before, __: before <= GELU_END,
        usual=False,
    ),
)

ACTIVATIONS: Final[Mapping[str, Activation]] = MappingProxyType({row.name: row for row in _ROWS})
USUAL_ACTIVATIONS: Final = tuple(row.name for row in _ROWS if row.usual)
