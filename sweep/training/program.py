"""The training program: every epoch of a cohort of MLPs as one TensorFlow graph.

Keras spends most of the time of a small network between its steps. Here the loop over epochs, the
loop over batches and the evaluation after each epoch are one graph over data held in memory, so
that nothing but arithmetic is left. What usually makes a graph specific is an input of it: widths,
rows, number of members, activation, optimizer, rates and seeds. One trace therefore serves every
configuration of the same depth and output.

A cohort is a number of members of one shape that are trained together: weights carry a leading
member axis. Members share data and batch size, and nothing else: each has its own order of data,
dropout masks, rates and fate, and its numbers do not depend on the others.
"""

import functools
from typing import Any, Final

from sweep.training.cohort import Choices, Program, Rates, Rows, State, Tensor
from sweep.training.engine import tf
from sweep.training.passes import Passes
from sweep.training.streams import row_order
from sweep.training.updates import Carried, CarriedWeights, HeldWeights, Variables, Weights

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


@functools.lru_cache(maxsize=48)
def training_program(program: Program) -> Any:  # noqa: ANN401 - TensorFlow ships no types
    """Trace the program of one depth and output.

    Returns:
        A concrete function of (train rows, evaluated train rows, validation rows, rates, choices,
        order seeds, dropout seeds, state, last epoch) that trains until ``last epoch`` and returns
        the raw history, float64 [epochs done by this call, members, len(RAW_COLUMNS)], and the new
        state. Programs are kept: tracing takes longer than training a small network. One program
        must not run twice at the same time.
    """
    variables = Variables(program.depth + 1) if program.alone else None

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
        passes = Passes(program, choices, rates, dropout_seeds)
        weights: Weights = CarriedWeights(program, choices, rates)
        if variables is not None:
            weights = HeldWeights(program, choices, rates, variables)
        first_epoch = state.epoch

        def body(state: State, carried: Carried, history: Tensor) -> tuple[State, Carried, Tensor]:
            order = row_order(order_seeds, state.epoch, tf.shape(train_rows.x)[0])
            epoch = _Epoch(passes, weights, choices.batch_size)
            carried, step, running_loss, norm = epoch.train(train_rows, order, carried, state.step)
            new = weights.read(carried)
            sums = [*passes.evaluate(new, evaluated), *passes.evaluate(new, validation)]
            state, finite = _judge(state, new, sums)
            flag = tf.cast(finite, tf.float64)
            # The clock is read when the epoch's numbers are there, not when the graph pleases.
            with tf.control_dependencies([*sums, running_loss, norm]):
                clock = tf.timestamp() * tf.ones_like(flag)
            raw = tf.stack([*sums, running_loss, norm, flag, clock], axis=-1)
            history = history.write(state.epoch - first_epoch, raw)
            return state._replace(step=step, epoch=state.epoch + 1), carried, history

        # TensorArray entries of epochs that never ran do not exist, so its size grows.
        history = tf.TensorArray(
            tf.float64, size=0, dynamic_size=True, element_shape=[None, len(RAW_COLUMNS)]
        )
        # The loop carries the weights by its own means: not twice.
        start = state._replace(weights=[], first=[], second=[])
        end, carried, history = tf.while_loop(
            lambda state, *_: (state.epoch < last_epoch) & tf.reduce_any(state.alive),
            body,
            (start, weights.begin(state), history),
            parallel_iterations=1,
        )
        return history.stack(), weights.end(carried, end)

    signature = _signature(program)
    return tf.function(train, input_signature=signature, autograph=False).get_concrete_function()


class _Epoch:
    """Hold how one epoch is trained while the graph is built."""

    def __init__(self, passes: Passes, weights: Weights, batch_size: Tensor) -> None:
        self._passes = passes
        self._weights = weights
        self._batch_size = batch_size

    def train(
        self, rows: Rows, order: Tensor, carried: Carried, step: Tensor
    ) -> tuple[Carried, Tensor, Tensor, Tensor]:
        """Train on every row once, batch by batch; the last batch may be smaller.

        Returns:
            What the weights carry, the updates done, and each member's running loss and gradient
            norm, float64 [members].
        """
        count = tf.shape(rows.x)[0]
        size = self._batch_size
        batches = (count + size - 1) // size
        zeros = tf.zeros([tf.shape(order)[0]], tf.float32)

        def body(
            batch: Tensor, carried: Carried, step: Tensor, loss: Tensor, square: Tensor
        ) -> tuple[Any, ...]:
            chosen = order[:, batch * size : (batch + 1) * size]
            x, y = tf.gather(rows.x, chosen), tf.gather(rows.y, chosen)
            weights = self._weights.read(carried)
            masks = self._passes.masks(weights, step, tf.shape(chosen)[1])
            batch_loss, gradients = self._passes.gradients(weights, x, y, masks)
            carried, batch_square = self._weights.update(carried, gradients, step + 1)
            return batch + 1, carried, step + 1, loss + batch_loss, square + batch_square

        _, carried, step, loss, square = tf.while_loop(
            lambda batch, *_: batch < batches,
            body,
            (0, carried, step, zeros, zeros),
            parallel_iterations=1,
        )
        running_loss = tf.cast(loss, tf.float64) / tf.cast(count, tf.float64)
        norm = tf.sqrt(tf.cast(square, tf.float64) / tf.cast(batches, tf.float64))
        return carried, step, running_loss, norm


def _judge(state: State, weights: list[Tensor], sums: list[Tensor]) -> tuple[State, Tensor]:
    """Say which members are still finite, and keep the weights of those that are better."""
    finite = tf.math.is_finite(sums[RAW["train_loss_sum"]])
    validation_loss = sums[RAW["validation_loss_sum"]]
    finite &= tf.math.is_finite(validation_loss)
    for layer in weights:
        finite &= tf.math.is_finite(tf.reduce_sum(layer, axis=(1, 2)))
    alive = state.alive & finite
    better = alive & (validation_loss < state.best_loss)
    best = [
        tf.where(better[:, None, None], new, old)
        for new, old in zip(weights, state.best, strict=True)
    ]
    best_loss = tf.where(better, validation_loss, state.best_loss)
    return state._replace(best=best, best_loss=best_loss, alive=alive), finite


def _signature(program: Program) -> tuple[Any, ...]:
    """Return the shapes and types of the program's inputs; None is any size."""
    target = tf.TensorSpec([None], tf.int32 if program.output == "softmax" else tf.float32)
    rows = Rows(tf.TensorSpec([None, None], tf.float32), target)
    rate = tf.TensorSpec([None, 1, 1], tf.float32)
    scalar = tf.TensorSpec([], tf.int32)
    seeds = tf.TensorSpec([None], tf.uint32)
    layers = [tf.TensorSpec([None, None, None], tf.float32)] * (program.depth + 1)
    state = State(
        weights=layers,
        first=layers,
        second=layers,
        best=layers,
        best_loss=tf.TensorSpec([None], tf.float64),
        alive=tf.TensorSpec([None], tf.bool),
        step=tf.TensorSpec([], tf.int64),
        epoch=scalar,
    )
    rates = Rates(rate, rate, rate, rate)
    choices = Choices(scalar, scalar, tf.TensorSpec([], tf.float32), scalar)
    return rows, rows, rows, rates, choices, seeds, seeds, state, scalar
