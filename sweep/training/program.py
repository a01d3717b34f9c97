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
import time
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sweep.training.blocks import Block, count_rows, over_blocks
from sweep.training.cohort import Choices, Program, Rates, Rows, State, Tensor, Tensors
from sweep.training.dropout import Dropout
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
)
# And these, where rows have weights: of every row, its weight squared times its loss or score.
WEIGHTED_COLUMNS: Final = (
    "train_loss_squares",
    "train_score_squares",
    "validation_loss_squares",
    "validation_score_squares",
)
RAW: Final = {
    **{name: place for place, name in enumerate((*RAW_COLUMNS, *WEIGHTED_COLUMNS))},
    "clock": -1,  # comes last: it is read when the epoch's numbers are there
}

Run = Callable[..., tuple[NDArray[np.float64], State]]


def raw_width(program: Program) -> int:
    """Return how many values a program returns for each epoch and member."""
    return len(RAW_COLUMNS) + len(WEIGHTED_COLUMNS) * program.weighted_rows + 1


@functools.lru_cache(maxsize=48)
def training_program(program: Program) -> Run:
    """Trace, or compile, the program of one depth and output.

    Returns:
        A function of (train rows, evaluated train rows, validation rows, rates, choices, order
        seeds, dropout seeds, state, last epoch) that trains until ``last epoch`` and returns the
        raw history, float64 [epochs done by this call, members, raw_width(program)], and the new
        state. Programs are kept: tracing takes longer than training a small network. One program
        must not run twice at the same time.
    """
    return _compiled_program(program) if program.compiled else _open_program(program)


def _open_program(program: Program) -> Run:
    """Trace a program with the loop over epochs, for any sizes."""
    variables = Variables(program.depth + 1) if program.alone else None

    def train(rows: _Splits, inputs: _Inputs, state: State, last: Tensor) -> tuple[Tensor, State]:
        epoch = _Epoch(program, rows, inputs, state, variables)
        first_epoch = state.epoch

        def body(state: State, carried: Carried, history: Tensor) -> tuple[State, Carried, Tensor]:
            number = state.epoch - first_epoch
            state, carried, raw = epoch.train(state, carried)
            # The clock is read when the epoch's numbers are there, not when the graph pleases.
            with tf.control_dependencies([raw]):
                clock = tf.timestamp() * tf.ones_like(raw[:, :1])
            history = history.write(number, tf.concat([raw, clock], axis=-1))
            return state, carried, history

        # TensorArray entries of epochs that never ran do not exist, so its size grows.
        history = tf.TensorArray(
            tf.float64, size=0, dynamic_size=True, element_shape=[None, raw_width(program)]
        )
        # The loop carries the weights by its own means: not twice.
        start = state._replace(weights=[], first=[], second=[])
        end, carried, history = tf.while_loop(
            lambda state, *_: (state.epoch < last) & tf.reduce_any(state.alive),
            body,
            (start, epoch.weights.begin(state), history),
            parallel_iterations=1,
        )
        return history.stack(), epoch.weights.end(carried, end)

    graph = tf.function(train, input_signature=_signature(program), autograph=False)
    run = graph.get_concrete_function()

    def call(*arguments: Any) -> tuple[NDArray[np.float64], State]:  # noqa: ANN401 - tensors
        *inputs, state, last = arguments
        raw, state = run(_Splits(*inputs[:3]), _Inputs(*inputs[3:]), state, tf.constant(last))
        return raw.numpy(), state

    return call


def _compiled_program(program: Program) -> Run:
    """Compile one epoch by XLA, for the sizes that the program names.

    Every size is part of what is compiled, which takes seconds. That is worth it where the
    launching of single operations costs more than they do: on a GPU.
    """

    def train(rows: _Splits, inputs: _Inputs, state: State) -> tuple[Tensor, State]:
        epoch = _Epoch(program, rows, inputs, state)
        start = state._replace(weights=[], first=[], second=[])
        end, carried, raw = epoch.train(start, epoch.weights.begin(state))
        return raw, epoch.weights.end(carried, end)

    run = tf.function(train, autograph=False, jit_compile=True)

    def call(*arguments: Any) -> tuple[NDArray[np.float64], State]:  # noqa: ANN401 - tensors
        *inputs, state, last = arguments
        splits, others = _Splits(*inputs[:3]), _Inputs(*inputs[3:])
        history = []
        while int(state.epoch) < last and state.alive.numpy().any():
            raw, state = run(splits, others, state)
            values = raw.numpy()
            clock = np.full((len(values), 1), time.time())
            history.append(np.concatenate([values, clock], axis=-1))
        return np.array(history), state

    return call


class _Splits(NamedTuple):
    """Hold the rows that a program trains on and evaluates."""

    train: Rows
    evaluated: Rows
    validation: Rows


class _Inputs(NamedTuple):
    """Hold what else stays as it is while a program runs."""

    rates: Rates
    choices: Choices
    order_seeds: Tensor
    dropout_seeds: Tensor


class _Epoch:
    """Hold how one epoch is trained while the graph is built."""

    def __init__(
        self,
        program: Program,
        rows: _Splits,
        inputs: _Inputs,
        state: State,
        variables: Variables | None = None,
    ) -> None:
        rates, choices = inputs.rates, inputs.choices
        self.weights: Weights = CarriedWeights(program, choices, rates)
        if variables is not None:
            self.weights = HeldWeights(program, choices, rates, variables)
        self._passes = Passes(program, choices, state.weights)
        self._rows = rows
        self._alone = program.alone
        self._order_seeds = inputs.order_seeds
        self._batch_size = program.sizes[0] if program.compiled else choices.batch_size
        self._dropout = None
        if program.dropout and program.depth:
            self._dropout = Dropout(
                inputs.dropout_seeds,
                rates.dropout,
                state.weights,
                self._batch_size,
                alone=program.alone,
            )

    def train(self, state: State, carried: Carried) -> tuple[State, Carried, Tensor]:
        """Train on every row once, and evaluate.

        Returns:
            The state but for what the weights carry, what they carry, and the raw history but for
            the clock, float64 [members, raw_width(program) - 1].
        """
        carried, step, running_loss, norm = self._update(state, carried)
        new = self.weights.read(carried)
        rows = self._rows
        train = self._passes.evaluate(new, rows.evaluated)
        validation = self._passes.evaluate(new, rows.validation)
        sums = [*train[:3], *validation[:3], *train[3:], *validation[3:]]
        if self._alone:  # beyond the passes, one member is a cohort like others
            new = [layer[None] for layer in new]
            sums = [value[None] for value in sums]
        state, finite = _judge(state, new, sums)
        others = [running_loss, norm, tf.cast(finite, tf.float64)]
        raw = tf.stack([*sums[:6], *others, *sums[6:]], axis=-1)
        return state._replace(step=step, epoch=state.epoch + 1), carried, raw

    def _update(self, state: State, carried: Carried) -> tuple[Carried, Tensor, Tensor, Tensor]:
        """Train on every row once, batch by batch; the last batch may be smaller.

        Returns:
            What the weights carry, the updates done, and each member's running loss and gradient
            norm, float64 [members].
        """
        rows, step = self._rows.train, state.step
        order = row_order(self._order_seeds, state.epoch, tf.shape(rows.x)[0])
        count = count_rows(rows.x)
        zeros = tf.zeros([] if self._alone else [count_rows(order)], tf.float32)
        axis = 0 if self._alone else 1
        order = order[0] if self._alone else order
        batches = -(-count // self._batch_size)
        structure = (carried, step, zeros, zeros)
        streams = None if self._dropout is None else self._dropout.streams(step, batches)
        first = step

        def body(block: Block, *flat: Tensor) -> Tensors:
            carried, step, loss, square = tf.nest.pack_sequence_as(structure, flat)
            chosen = block.of(order, axis=axis)
            batch = tf.nest.map_structure(lambda split: tf.gather(split, chosen), rows)
            weights = self.weights.read(carried)
            masks = None
            if self._dropout is not None:
                stream = tf.gather(streams, step - first)
                masks = self._dropout.masks(stream, count_rows(chosen, axis=axis))
            batch_loss, gradients = self._passes.gradients(weights, batch, masks)
            carried, batch_square = self.weights.update(carried, gradients, step + 1)
            new = (carried, step + 1, loss + batch_loss, square + batch_square)
            return list(tf.nest.flatten(new))

        flat = over_blocks(count, self._batch_size, body, tf.nest.flatten(structure))
        carried, step, loss, square = tf.nest.pack_sequence_as(structure, flat)
        loss, square = (tf.cast(tf.reshape(sums, [-1]), tf.float64) for sums in (loss, square))
        running_loss = loss / tf.cast(count, tf.float64)
        norm = tf.sqrt(square / tf.cast(batches, tf.float64))
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
    weights = (tf.TensorSpec([None], tf.float32),)
    train = rows._replace(weights=weights) if program.weighted_loss else rows
    measured = rows._replace(weights=weights) if program.weighted_rows else rows
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
    inputs = _Inputs(rates, choices, seeds, seeds)
    return _Splits(train, measured, measured), inputs, state, scalar
