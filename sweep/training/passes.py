"""Forward and backward passes of a cohort of MLPs, written out as tensors.

The bias of a layer is the last row of its weight matrix, and every layer's input ends in a column
of ones (of zeros for a network without bias, whose bias then stays at its initial zero). That
halves the number of tensors that the update rules have to visit.

One member alone has no member axis: products of two matrices are a tenth faster than those of two
batches of one matrix, and there is less to reshape.

Backpropagation through Dense layers is a few lines; written out it traces and runs faster than
TensorFlow's automatic one, and the tests of equality with `model.fit` check every line of it.
"""

import functools
from typing import Any, Final, Literal

from sweep.activations import ACTIVATIONS
from sweep.training.blocks import Block, count_rows, over_blocks
from sweep.training.cohort import Choices, Program, Rows, Tensor, Tensors
from sweep.training.engine import tf

Part = Literal["graph", "gradient"]  # of `sweep.activations.Activation`

EVALUATION_BLOCK: Final = 1024  # rows at a time: their activations stay in the processor's cache


class Passes:
    """Hold what the passes of a cohort share while its graph is built."""

    def __init__(self, program: Program, choices: Choices, weights: Tensors) -> None:
        """Prepare the passes.

        Args:
            program: What the graph is specific to.
            choices: What the members share.
            weights: Any weights of the cohort, whose sizes are those of its layers.
        """
        self._program = program
        self._alone = program.alone
        self._choices = choices
        self._flat = [-1, count_rows(weights[-1], axis=2)]
        if not program.compiled:
            self._flat = tf.stack(self._flat)  # before the loop, not in it

    def gradients(
        self, weights: Tensors, batch: Rows, masks: Tensors | None
    ) -> tuple[Tensor, Tensors]:
        """Return the batch's summed loss [members] and the gradient of its mean, by layer.

        As in Keras, weights multiply the rows' losses, and the mean is over the number of rows.
        """
        layers, logits = self._forward(weights, batch.x, masks)
        loss, delta = self._loss(logits, batch.y)
        delta /= tf.cast(tf.shape(batch.x)[-2], tf.float32)
        if batch.weights:
            loss *= batch.weights[0]
            delta *= batch.weights[0][..., None]
        gradients: Tensors = []
        for layer in reversed(range(self._program.depth + 1)):
            gradients.append(tf.matmul(layers[layer][0], delta, transpose_a=True))
            if layer:
                delta = tf.matmul(delta, weights[layer], transpose_b=True)[..., :-1]
                if masks is not None:
                    delta *= masks[layer - 1]
                delta = self._activation("gradient", delta, *layers[layer - 1][1:])
        return tf.reduce_sum(loss, axis=-1), gradients[::-1]

    def evaluate(self, weights: Tensors, rows: Rows) -> Tensors:
        """Return the sums over rows that losses and scores follow from, each float64 [members].

        Which they are stands in `sweep.training.measures.evaluation_statistics`.
        """
        zeros = tf.zeros([] if self._alone else [count_rows(weights[0])], tf.float64)
        mean = tf.reduce_mean(rows.y) if self._program.output == "linear" else tf.constant(0.0)
        if rows.weights and self._program.output == "linear":
            mean = tf.reduce_sum(rows.weights[0] * rows.y) / tf.reduce_sum(rows.weights[0])

        def body(block: Block, *sums: Tensor) -> Tensors:
            x, y = block.of(rows.x), block.of(rows.y)
            _, logits = self._forward(weights, x if self._alone else x[None], None)
            y = tf.broadcast_to(y, tf.shape(logits)[:-1])
            loss, _ = self._loss(logits, y)
            if self._program.output == "softmax":
                score = tf.cast(tf.argmax(logits, -1, tf.int32) == y, tf.float32)
            elif self._program.output == "sigmoid":
                score = tf.cast((logits[..., 0] > 0) == (y > 0.5), tf.float32)
            else:
                score = loss * tf.square(y - mean)
            new = [loss, tf.square(loss), score]
            if rows.weights:
                weight = block.of(rows.weights[0])
                loss, score = weight * loss, weight * score
                new = [loss, tf.square(loss), score, weight * loss, weight * score]
            return [
                total + tf.cast(tf.reduce_sum(value, axis=-1), tf.float64)
                for total, value in zip(sums, new, strict=True)
            ]

        # An open graph takes the size of a block as a tensor, as it takes all other sizes.
        size = EVALUATION_BLOCK if self._program.compiled else tf.constant(EVALUATION_BLOCK)
        sums = [zeros] * (5 if rows.weights else 3)
        return over_blocks(count_rows(rows.x), size, body, sums)

    def _forward(
        self, weights: Tensors, x: Tensor, masks: Tensors | None
    ) -> tuple[list[tuple[Tensor, ...]], Tensor]:
        """Return each layer's input, and the logits.

        With the input of a hidden layer come what enters its activation and what leaves it, before
        dropout.
        """
        inputs = x
        layers: list[tuple[Tensor, ...]] = []
        ones: Tensor = None
        for layer in range(self._program.depth):
            before = tf.matmul(inputs, weights[layer])
            after = self._activation("graph", before)
            layers.append((inputs, before, after))
            dropped = after if masks is None else after * masks[layer]
            if ones is None:
                ones = self._choices.bias * tf.ones_like(dropped[..., :1])
            inputs = tf.concat([dropped, ones], axis=-1)
        return [*layers, (inputs,)], tf.matmul(inputs, weights[-1])

    def _loss(self, logits: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Return each row's loss [members, rows] and its gradient by the logits."""
        if self._program.output == "softmax" and self._alone:
            xent = tf.raw_ops.SparseSoftmaxCrossEntropyWithLogits(features=logits, labels=y)
            return xent.loss, xent.backprop
        if self._program.output == "softmax":
            loss, gradient = tf.raw_ops.SparseSoftmaxCrossEntropyWithLogits(
                features=tf.reshape(logits, self._flat), labels=tf.reshape(y, [-1])
            )
            return tf.reshape(loss, tf.shape(y)), tf.reshape(gradient, tf.shape(logits))
        value = logits[..., 0]
        if self._program.output == "sigmoid":
            loss = tf.nn.sigmoid_cross_entropy_with_logits(labels=y, logits=value)
            return loss, (tf.sigmoid(value) - y)[..., None]
        return tf.square(value - y), (2 * (value - y))[..., None]

    def _activation(self, part: Part, *tensors: Tensor) -> Tensor:
        passed = _activation(part, len(tensors[0].shape), len(tensors))(
            self._choices.activation, *tensors
        )
        passed.set_shape(tensors[0].shape)
        return passed


@functools.cache
def _activation(part: Part, rank: int, tensors: int) -> Any:  # noqa: ANN401 - TensorFlow ships no types
    """Trace a part of every activation once for all layers of all programs of one rank."""

    def choose(activation: Tensor, *values: Tensor) -> Tensor:
        rows = ACTIVATIONS.values()
        branches = [functools.partial(getattr(row, part), tf, *values) for row in rows]
        return tf.switch_case(activation, branches)

    value = tf.TensorSpec([None] * rank, tf.float32)
    signature = [tf.TensorSpec([], tf.int32), *[value] * tensors]
    with tf.init_scope():  # not as a part of the graph that is being built
        graph = tf.function(choose, input_signature=signature, autograph=False)
        return graph.get_concrete_function()
