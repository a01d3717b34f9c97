"""The training program: every epoch of a cohort of MLPs as one TensorFlow graph.

Keras spends most of the time of a small network between its steps. Here the loop over epochs, the
loop over batches and the evaluation after each epoch are one graph over data held in memory, so
that nothing but arithmetic is left. What usually makes a graph specific is an input of it: widths,
rows, number of members, activation, optimizer, rates and seeds. One trace therefore serves every
configuration of the same depth, output and use of dropout.

A cohort is a number of members of one shape that are trained together: weights carry a leading
member axis. Members share data and batch size, and nothing else: each has its own order of data,
dropout masks, rates and fate, and its numbers do not depend on the others.

The bias of a layer is the last row of its weight matrix, and every layer's input ends in a column
of ones (of zeros for a network without bias, whose bias then stays at its initial zero). That
halves the number of tensors that the update rules have to visit.
"""

import functools
from typing import Any, Final, NamedTuple

from sweep.config import ACTIVATIONS, LEAKY_SLOPE, OPTIMIZERS
from sweep.training.engine import tf

ADAM_BETA_1: Final = 0.9
ADAM_BETA_2: Final = 0.999
RMSPROP_RHO: Final = 0.9
EPSILON: Final = 1e-7
EVALUATION_BLOCK: Final = 1024  # rows at a time: their activations stay in the processor's cache

# What the program returns for each epoch and member; sums are over the rows evaluated.
RAW_COLUMNS: Final = (
    "train_loss_sum",
    "train_square_sum",
    "train_score_sum",
    "validation_loss_sum",
    "validation_square_sum",
    "validation_score_sum",
    "running_loss",
    "gradient_norm",
    "finite",
    "clock",
)
RAW: Final = {name: place for place, name in enumerate(RAW_COLUMNS)}

Tensor = Any  # tf.Tensor; TensorFlow ships no types
Tensors = list[Tensor]


class Program(NamedTuple):
    """Name what a trace is specific to.

    Attributes:
        depth: Number of hidden layers.
        output: ``softmax``, ``sigmoid`` or ``linear``.
        dropout: Whether any member drops units.
    """

    depth: int
    output: str
    dropout: bool


class Rows(NamedTuple):
    """Hold the rows of one split: inputs [rows, inputs + 1] with the column of ones, targets."""

    x: Tensor
    y: Tensor


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
        first: The optimizer's first slot (Adam's mean, SGD's velocity), shaped as ``weights``.
        second: Its second slot (Adam's and RMSprop's mean square), shaped as ``weights``.
        best: The weights of the epoch with the smallest validation loss so far.
        best_loss: That loss times the number of rows, float64 [members].
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


def scramble(value: Tensor) -> Tensor:
    """Mix the bits of 32-bit counters.

    Each input bit changes each output bit with a probability near one half, so that consecutive
    counters give independent-looking numbers.

    Args:
        value: uint32, any shape.

    Returns:
        uint32 of the same shape. The multiply-xorshift constants are those of C. Wellons'
        ``lowbias32`` (Prospecting for Hash Functions, 2018).
    """
    shift = tf.bitwise.right_shift
    value = tf.bitwise.bitwise_xor(value, shift(value, _word(16)))
    value *= _word(0x7FEB352D)
    value = tf.bitwise.bitwise_xor(value, shift(value, _word(15)))
    value *= _word(0x846CA68B)
    return tf.bitwise.bitwise_xor(value, shift(value, _word(16)))


def row_order(seeds: Tensor, epoch: Tensor, rows: Tensor) -> Tensor:
    """Return each member's order of data in one epoch.

    Args:
        seeds: uint32 [members].
        epoch: int32 scalar.
        rows: int32 scalar.

    Returns:
        int32 [members, rows]: the rows sorted by a hash of (seed, epoch, row), ties by row.
    """
    stream = scramble(seeds + scramble(tf.cast(epoch, tf.uint32)))
    counter = tf.cast(tf.range(rows), tf.uint32)
    keys = scramble(tf.bitwise.bitwise_xor(scramble(counter)[None, :], stream[:, None]))
    # 31 bits in a signed integer: what a sort can handle on every device.
    keys = tf.cast(tf.bitwise.right_shift(keys, _word(1)), tf.int32)
    return tf.argsort(keys, axis=-1, stable=True)


@functools.lru_cache(maxsize=32)
def training_program(program: Program) -> Any:  # noqa: ANN401 - TensorFlow ships no types
    """Trace the program of one depth, output and use of dropout.

    Returns:
        A concrete function of (train rows, evaluated train rows, validation rows, rates, choices,
        order seeds, dropout seeds, state, last epoch) that trains until ``last epoch`` and returns
        the raw history, float64 [epochs done by this call, members, len(RAW_COLUMNS)], and the new
        state. Programs are kept: tracing takes longer than training a small network.
    """
    target = tf.TensorSpec([None], tf.int32 if program.output == "softmax" else tf.float32)
    rows = Rows(tf.TensorSpec([None, None], tf.float32), target)
    rate = tf.TensorSpec([None, 1, 1], tf.float32)
    scalar = tf.TensorSpec([], tf.int32)
    seeds = tf.TensorSpec([None], tf.uint32)
    layers = [tf.TensorSpec([None, None, None], tf.float32)] * (program.depth + 1)
    state = State(
        layers,
        layers,
        layers,
        layers,
        tf.TensorSpec([None], tf.float64),
        tf.TensorSpec([None], tf.bool),
        tf.TensorSpec([], tf.int64),
        scalar,
    )
    signature = (
        rows,
        rows,
        rows,
        Rates(rate, rate, rate, rate),
        Choices(scalar, scalar, tf.TensorSpec([], tf.float32), scalar),
        seeds,
        seeds,
        state,
        scalar,
    )

    def train(  # noqa: PLR0913, PLR0917 - one graph input each, grouped by what they are
        train_rows: Rows,
        evaluated: Rows,
        validation: Rows,
        rates: Rates,
        choices: Choices,
        order_seeds: Tensor,
        dropout_seeds: Tensor,
        state: State,
        last_epoch: Tensor,
    ) -> tuple[Tensor, State]:
        network = _Network(program, choices, rates, dropout_seeds)
        first_epoch = state.epoch

        def body(state: State, history: Tensor) -> tuple[State, Tensor]:
            order = row_order(order_seeds, state.epoch, tf.shape(train_rows.x)[0])
            trained, running_loss, gradient_norm = network.epoch(train_rows, order, state)
            sums = [*network.evaluate(evaluated, trained), *network.evaluate(validation, trained)]
            finite = tf.math.is_finite(sums[0]) & tf.math.is_finite(sums[3])
            for weights in trained.weights:
                finite &= tf.math.is_finite(tf.reduce_sum(weights, axis=(1, 2)))
            alive = state.alive & finite
            better = alive & (sums[3] < state.best_loss)
            best = [
                tf.where(better[:, None, None], new, old)
                for new, old in zip(trained.weights, state.best, strict=True)
            ]
            flag = tf.cast(finite, tf.float64)
            # The clock is read when the epoch's numbers are there, not when the graph pleases.
            with tf.control_dependencies([*sums, running_loss, gradient_norm]):
                clock = tf.timestamp() * tf.ones_like(flag)
            raw = tf.stack([*sums, running_loss, gradient_norm, flag, clock], axis=-1)
            history = history.write(state.epoch - first_epoch, raw)
            return trained._replace(
                best=best,
                best_loss=tf.where(better, sums[3], state.best_loss),
                alive=alive,
                epoch=state.epoch + 1,
            ), history

        # TensorArray entries of epochs that never ran do not exist, so its size grows.
        history = tf.TensorArray(
            tf.float64, size=0, dynamic_size=True, element_shape=[None, len(RAW_COLUMNS)]
        )
        state, history = tf.while_loop(
            lambda state, _: (state.epoch < last_epoch) & tf.reduce_any(state.alive),
            body,
            (state, history),
            parallel_iterations=1,
        )
        return history.stack(), state

    return tf.function(train, input_signature=signature, autograph=False).get_concrete_function()


class _Network:
    """Hold a cohort's graph inputs while the graph is built; nothing outlives the trace."""

    def __init__(
        self, program: Program, choices: Choices, rates: Rates, dropout_seeds: Tensor
    ) -> None:
        self.program = program
        self.choices = choices
        self.rates = rates
        self.dropout_seeds = dropout_seeds

    def epoch(self, rows: Rows, order: Tensor, state: State) -> tuple[State, Tensor, Tensor]:
        """Train on every row once; return the state, the running loss and the gradient norm."""
        count = tf.shape(rows.x)[0]
        size = self.choices.batch_size
        steps = (count + size - 1) // size
        members = tf.shape(order)[0]
        zeros = tf.zeros([members], tf.float32)

        def body(place: Tensor, state: State, loss: Tensor, square: Tensor) -> tuple[Any, ...]:
            chosen = order[:, place * size : (place + 1) * size]
            x, y = tf.gather(rows.x, chosen), tf.gather(rows.y, chosen)
            masks = self._masks(state, members, tf.shape(chosen)[1])
            batch_loss, gradients = self._gradients(state.weights, x, y, masks)
            squares = [tf.square(gradient) for gradient in gradients]
            for layer in squares:
                square += tf.reduce_sum(layer, axis=(1, 2))
            return place + 1, self._update(state, gradients, squares), loss + batch_loss, square

        _, state, loss, square = tf.while_loop(
            lambda place, *_: place < steps,
            body,
            (0, state, zeros, zeros),
            parallel_iterations=1,
        )
        running_loss = tf.cast(loss, tf.float64) / tf.cast(count, tf.float64)
        norm = tf.sqrt(tf.cast(square, tf.float64) / tf.cast(steps, tf.float64))
        return state, running_loss, norm

    def evaluate(self, rows: Rows, state: State) -> tuple[Tensor, Tensor, Tensor]:
        """Return the sums over rows of loss, squared loss and score, each float64 [members].

        What the score of a row is stands in `sweep.training.measures.evaluation_statistics`.
        """
        count = tf.shape(rows.x)[0]
        zeros = tf.zeros([tf.shape(state.alive)[0]], tf.float64)
        mean = tf.reduce_mean(rows.y) if self.program.output == "linear" else tf.constant(0.0)

        def body(start: Tensor, *sums: Tensor) -> tuple[Tensor, ...]:
            x, y = (
                rows.x[start : start + EVALUATION_BLOCK],
                rows.y[start : start + EVALUATION_BLOCK],
            )
            _, logits = self._forward(state.weights, x[None], None)
            y = tf.broadcast_to(y, tf.shape(logits)[:2])
            loss, _ = self._loss(logits, y)
            if self.program.output == "softmax":
                score = tf.cast(tf.argmax(logits, -1, tf.int32) == y, tf.float32)
            elif self.program.output == "sigmoid":
                score = tf.cast((logits[:, :, 0] > 0) == (y > 0.5), tf.float32)
            else:
                score = loss * tf.square(y - mean)
            new = [loss, tf.square(loss), score]
            added = [
                total + tf.cast(tf.reduce_sum(value, axis=1), tf.float64)
                for total, value in zip(sums, new, strict=True)
            ]
            return start + EVALUATION_BLOCK, *added

        _, *sums = tf.while_loop(
            lambda start, *_: start < count, body, (0, zeros, zeros, zeros), parallel_iterations=1
        )
        return sums[0], sums[1], sums[2]

    def _forward(
        self, weights: Tensors, x: Tensor, masks: Tensors | None
    ) -> tuple[list[tuple[Tensor, Tensor]], Tensor]:
        """Return (layer input, activation before dropout) of each hidden layer, and the logits."""
        inputs, hidden = x, []
        for layer in range(self.program.depth):
            active = self._activate(tf.matmul(inputs, weights[layer]))
            hidden.append((inputs, active))
            dropped = active if masks is None else active * masks[layer]
            bias = self.choices.bias * tf.ones_like(dropped[:, :, :1])
            inputs = tf.concat([dropped, bias], axis=-1)
        return [*hidden, (inputs, inputs)], tf.matmul(inputs, weights[-1])

    def _gradients(
        self, weights: Tensors, x: Tensor, y: Tensor, masks: Tensors | None
    ) -> tuple[Tensor, Tensors]:
        """Return the batch's summed loss [members] and the gradient of its mean, by layer."""
        layers, logits = self._forward(weights, x, masks)
        loss, delta = self._loss(logits, y)
        delta /= tf.cast(tf.shape(x)[1], tf.float32)
        gradients: Tensors = []
        for layer in reversed(range(self.program.depth + 1)):
            gradients.append(tf.matmul(layers[layer][0], delta, transpose_a=True))
            if layer:
                delta = tf.matmul(delta, weights[layer], transpose_b=True)[:, :, :-1]
                if masks is not None:
                    delta *= masks[layer - 1]
                delta = self._backpropagate(delta, layers[layer - 1][1])
        return tf.reduce_sum(loss, axis=1), gradients[::-1]

    def _loss(self, logits: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Return each row's loss [members, rows] and its gradient by the logits."""
        if self.program.output == "softmax":
            shape = tf.shape(logits)
            loss, gradient = tf.raw_ops.SparseSoftmaxCrossEntropyWithLogits(
                features=tf.reshape(logits, [-1, shape[2]]), labels=tf.reshape(y, [-1])
            )
            return tf.reshape(loss, shape[:2]), tf.reshape(gradient, shape)
        value = logits[:, :, 0]
        if self.program.output == "sigmoid":
            loss = tf.nn.sigmoid_cross_entropy_with_logits(labels=y, logits=value)
            return loss, (tf.sigmoid(value) - y)[:, :, None]
        return tf.square(value - y), (2 * (value - y))[:, :, None]

    def _activate(self, value: Tensor) -> Tensor:
        branches = {
            "relu": lambda: tf.nn.relu(value),
            "sigmoid": lambda: tf.sigmoid(value),
            "tanh": lambda: tf.tanh(value),
            "leaky_relu": lambda: tf.nn.leaky_relu(value, LEAKY_SLOPE),
        }
        return tf.switch_case(self.choices.activation, [branches[name] for name in ACTIVATIONS])

    def _backpropagate(self, delta: Tensor, active: Tensor) -> Tensor:
        """Multiply by the activation's derivative, which its value alone determines."""
        ops = tf.raw_ops
        branches = {
            "relu": lambda: ops.ReluGrad(gradients=delta, features=active),
            "sigmoid": lambda: ops.SigmoidGrad(y=active, dy=delta),
            "tanh": lambda: ops.TanhGrad(y=active, dy=delta),
            "leaky_relu": lambda: ops.LeakyReluGrad(
                gradients=delta, features=active, alpha=LEAKY_SLOPE
            ),
        }
        return tf.switch_case(self.choices.activation, [branches[name] for name in ACTIVATIONS])

    def _masks(self, state: State, members: Tensor, rows: Tensor) -> Tensors | None:
        """Draw each hidden layer's dropout mask: 0, or 1 / (1 - rate), as Keras scales it.

        The numbers are a hash of (member's seed, update, row and unit), so that a member's masks
        do not depend on what it is grouped with.
        """
        if not self.program.dropout or not self.program.depth:
            return None
        widths = [tf.shape(weights)[2] for weights in state.weights[:-1]]
        units = tf.add_n(widths)
        update = scramble(tf.cast(state.step, tf.uint32) + _word(0x9E3779B9))
        stream = scramble(tf.bitwise.bitwise_xor(self.dropout_seeds, update))
        counter = tf.cast(tf.range(rows * units), tf.uint32) * _word(0x9E3779B9)
        noise = scramble(stream[:, None] + counter[None, :])
        noise = tf.reshape(noise, [members, rows, units])
        # 24 bits: every value is exact in float32.
        uniform = tf.cast(tf.bitwise.right_shift(noise, _word(8)), tf.float32)
        keep = uniform >= self.rates.dropout * 2.0**24
        masks = tf.cast(keep, tf.float32) / (1 - self.rates.dropout)
        return list(tf.split(masks, widths, axis=-1, num=self.program.depth))

    def _update(self, state: State, gradients: Tensors, squares: Tensors) -> State:
        """Apply one step of the optimizer: Keras' formulas, in Keras' order."""
        step = state.step + 1
        decay = 1 - self.rates.weight_decay * self.rates.learning_rate
        rate, momentum = self.rates.learning_rate, self.rates.momentum
        power = tf.cast(step, tf.float32)
        adam_rate = rate * tf.sqrt(1 - ADAM_BETA_2**power) / (1 - ADAM_BETA_1**power)
        slots = list(zip(state.weights, state.first, state.second, strict=True))

        def adam() -> list[tuple[Tensor, Tensor, Tensor]]:
            new = []
            for (weight, mean, square), gradient, grown in zip(
                slots, gradients, squares, strict=True
            ):
                mean += (gradient - mean) * (1 - ADAM_BETA_1)  # noqa: PLW2901 - the next value
                square += (grown - square) * (1 - ADAM_BETA_2)  # noqa: PLW2901
                change = mean * adam_rate / (tf.sqrt(square) + EPSILON)
                new.append((weight * decay - change, mean, square))
            return new

        def sgd() -> list[tuple[Tensor, Tensor, Tensor]]:
            new = []
            for (weight, velocity, square), gradient in zip(slots, gradients, strict=True):
                velocity = momentum * velocity - rate * gradient  # noqa: PLW2901
                new.append((weight * decay + velocity, velocity, tf.identity(square)))
            return new

        def rmsprop() -> list[tuple[Tensor, Tensor, Tensor]]:
            new = []
            for (weight, unused, square), gradient, grown in zip(
                slots, gradients, squares, strict=True
            ):
                square = RMSPROP_RHO * square + (1 - RMSPROP_RHO) * grown  # noqa: PLW2901
                change = rate * gradient / tf.sqrt(square + EPSILON)
                new.append((weight * decay - change, tf.identity(unused), square))
            return new

        branches = {"adam": adam, "sgd": sgd, "rmsprop": rmsprop}
        new = tf.switch_case(self.choices.optimizer, [branches[name] for name in OPTIMIZERS])
        weights, first, second = (list(column) for column in zip(*new, strict=True))
        return state._replace(weights=weights, first=first, second=second, step=step)


def _word(value: int) -> Tensor:
    return tf.constant(value, tf.uint32)
