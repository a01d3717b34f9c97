"""The update rules: Keras' formulas, in Keras' order, as functions of tensors.

A cohort's members each have their own rates, which TensorFlow's own training kernels do not take:
their rules are written out (`CarriedWeights`). Written out, an update of Adam reads and writes
the weights a dozen times, which is half the time of a large network; one member alone, the
ordinary case there, has its weights in variables, which the kernels update in one pass
(`HeldWeights`). Both are right if, and only if, the tests of equality with `model.fit` say so.
"""

from typing import Any, Final, Protocol

import numpy as np

from sweep.optimizers import OPTIMIZERS
from sweep.training.cohort import Choices, Program, Rates, State, Tensor, Tensors
from sweep.training.engine import tf

ADAM_BETA_1: Final = 0.9
ADAM_BETA_2: Final = 0.999
RMSPROP_RHO: Final = 0.9
EPSILON: Final = 1e-7

Carried = Any  # what a loop over updates carries


class Weights(Protocol):
    """Hold a cohort's weights and the optimizer's slots while the graph loops over updates."""

    def begin(self, state: State) -> Carried:
        """Return what the loop starts with."""

    def read(self, carried: Carried, /) -> Tensors:
        """Return the weights, one tensor a layer."""

    def update(
        self, carried: Carried, gradients: Tensors, step: Tensor, /
    ) -> tuple[Carried, Tensor]:
        """Apply one update, the ``step``-th (int64, from 1).

        Returns:
            What the loop carries on, and each member's squared norm of the gradient, float32
            [members]; of one member that is held, a scalar.
        """

    def end(self, carried: Carried, state: State, /) -> State:
        """Return the state with the weights and slots after the loop."""


class CarriedWeights:
    """Carry weights and slots through the loop, and update them by formulas."""

    def __init__(self, program: Program, choices: Choices, rates: Rates) -> None:
        self._decay = program.decay
        self._optimizer = choices.optimizer
        self._rates = rates

    def begin(self, state: State) -> Carried:
        """Return weights and slots, by layer."""
        return list(zip(state.weights, state.first, state.second, strict=True))

    def read(self, carried: Carried) -> Tensors:
        """Return the weights, one tensor a layer."""
        return [weight for weight, _, _ in carried]

    def update(self, carried: Carried, gradients: Tensors, step: Tensor) -> tuple[Carried, Tensor]:
        """Apply one update of each member's optimizer."""
        squares = [tf.square(gradient) for gradient in gradients]
        rate, momentum = self._rates.learning_rate, self._rates.momentum
        adam_rate = rate * _adam_correction(step)
        layers = list(zip(carried, gradients, squares, strict=True))
        if self._decay:
            kept = 1 - self._rates.weight_decay * rate
            layers = [
                ((w * kept, a, b), gradient, square) for (w, a, b), gradient, square in layers
            ]

        def adam() -> Carried:
            new = []
            for (weight, mean, scale), gradient, square in layers:
                mean += (gradient - mean) * (1 - ADAM_BETA_1)  # noqa: PLW2901 - its next value
                scale += (square - scale) * (1 - ADAM_BETA_2)  # noqa: PLW2901
                change = mean * adam_rate / (tf.sqrt(scale) + EPSILON)
                new.append((weight - change, mean, scale))
            return new

        def sgd() -> Carried:
            new = []
            for (weight, velocity, unused), gradient, _ in layers:
                velocity = momentum * velocity - rate * gradient  # noqa: PLW2901
                new.append((weight + velocity, velocity, tf.identity(unused)))
            return new

        def rmsprop() -> Carried:
            new = []
            for (weight, unused, scale), gradient, square in layers:
                scale = RMSPROP_RHO * scale + (1 - RMSPROP_RHO) * square  # noqa: PLW2901
                change = rate * gradient / tf.sqrt(scale + EPSILON)
                new.append((weight - change, tf.identity(unused), scale))
            return new

        branches = {"adam": adam, "sgd": sgd, "rmsprop": rmsprop}
        carried = tf.switch_case(self._optimizer, [branches[name] for name in OPTIMIZERS])
        return carried, tf.add_n([tf.reduce_sum(square, axis=(1, 2)) for square in squares])

    def end(self, carried: Carried, state: State) -> State:
        """Return the state with the weights and slots after the loop."""
        weights, first, second = (list(column) for column in zip(*carried, strict=True))
        return state._replace(weights=weights, first=first, second=second)


class Variables:
    """Hold the variables of one trace; they live as long as its program."""

    def __init__(self, layers: int) -> None:
        def make() -> Any:  # noqa: ANN401 - TensorFlow ships no types
            start = np.zeros((1, 1), np.float32)
            return tf.Variable(start, shape=[None, None], trainable=False)

        self.weights = [make() for _ in range(layers)]
        self.first = [make() for _ in range(layers)]
        self.second = [make() for _ in range(layers)]


class HeldWeights:
    """Keep one member's weights and slots in variables, and update them by one kernel a layer.

    There is no member axis outside the state.
    """

    def __init__(
        self, program: Program, choices: Choices, rates: Rates, variables: Variables
    ) -> None:
        self._decay = program.decay
        self._optimizer = choices.optimizer
        self._rate = tf.reshape(rates.learning_rate, [])
        self._momentum = tf.reshape(rates.momentum, [])
        self._weight_decay = tf.reshape(rates.weight_decay, [])
        self._variables = variables

    def begin(self, state: State) -> Carried:
        """Fill the variables; the loop carries nothing."""
        held = self._variables
        for variables, values in (
            (held.weights, state.weights),
            (held.first, state.first),
            (held.second, state.second),
        ):
            for variable, value in zip(variables, values, strict=True):
                variable.assign(value[0])
        return tf.constant(0)

    def read(self, _: Carried) -> Tensors:
        """Return the weights, one tensor a layer."""
        return [variable.read_value() for variable in self._variables.weights]

    def update(self, _: Carried, gradients: Tensors, step: Tensor) -> tuple[Carried, Tensor]:
        """Apply one update of the member's optimizer."""
        held, rate = self._variables, self._rate
        layers = list(zip(held.weights, held.first, held.second, gradients, strict=True))
        if self._decay:
            for weight in held.weights:
                weight.assign(weight * (1 - self._weight_decay * rate))
        power = tf.cast(step, tf.float32)

        def adam() -> Tensor:
            power_1, power_2 = ADAM_BETA_1**power, ADAM_BETA_2**power
            for weight, mean, scale, gradient in layers:
                tf.raw_ops.ResourceApplyAdam(
                    var=weight.handle, m=mean.handle, v=scale.handle, grad=gradient, lr=rate,
                    beta1=ADAM_BETA_1, beta1_power=power_1,
                    beta2=ADAM_BETA_2, beta2_power=power_2,
                    epsilon=EPSILON,
                )  # fmt: skip
            return tf.constant(0)

        def sgd() -> Tensor:
            for weight, velocity, _, gradient in layers:
                tf.raw_ops.ResourceApplyKerasMomentum(
                    var=weight.handle, accum=velocity.handle, grad=gradient, lr=rate,
                    momentum=self._momentum,
                )  # fmt: skip
            return tf.constant(0)

        def rmsprop() -> Tensor:
            for weight, velocity, scale, gradient in layers:
                tf.raw_ops.ResourceApplyRMSProp(
                    var=weight.handle, ms=scale.handle, mom=velocity.handle, grad=gradient,
                    lr=rate, rho=RMSPROP_RHO, momentum=0.0, epsilon=EPSILON,
                )  # fmt: skip
            return tf.constant(0)

        branches = {"adam": adam, "sgd": sgd, "rmsprop": rmsprop}
        square = 2 * tf.add_n([tf.nn.l2_loss(gradient) for gradient in gradients])
        carried = tf.switch_case(self._optimizer, [branches[name] for name in OPTIMIZERS])
        return carried, square

    def end(self, _: Carried, state: State) -> State:
        """Return the state with what the variables hold."""
        weights, first, second = (
            [variable.read_value()[None] for variable in variables]
            for variables in (
                self._variables.weights,
                self._variables.first,
                self._variables.second,
            )
        )
        return state._replace(weights=weights, first=first, second=second)


def _adam_correction(step: Tensor) -> Tensor:
    """Return the factor of Adam's learning rate that makes up for moments that start at zero."""
    power = tf.cast(step, tf.float32)
    return tf.sqrt(1 - ADAM_BETA_2**power) / (1 - ADAM_BETA_1**power)
