"""Dropout: the masks of every update, from the members' own streams.

What does not change from update to update is computed before the loop, or once an epoch: at the
sizes of small networks, the number of operations is what an update costs.
"""

from sweep.training.blocks import count_rows
from sweep.training.cohort import Size, Tensor, Tensors
from sweep.training.engine import tf
from sweep.training.streams import counters, draw_noise, update_streams


class Dropout:
    """Hold what the masks of a cohort have in common while its graph is built."""

    def __init__(
        self, seeds: Tensor, rate: Tensor, weights: Tensors, batch_size: Size, *, alone: bool
    ) -> None:
        """Prepare the masks.

        Args:
            seeds: uint32 [members].
            rate: Dropout rates, float32 [members, 1, 1].
            weights: Any weights of the cohort, whose sizes are those of its layers.
            batch_size: Rows of the largest batch.
            alone: Whether there is one member, and no member axis in streams and masks.
        """
        self._members = [] if alone else [-1]
        rate = tf.reshape(rate, []) if alone else rate
        self._seeds = seeds
        self._widths = [count_rows(layer, axis=2) for layer in weights[:-1]]
        self._units = sum(self._widths)
        self._counters = counters(batch_size, self._units)
        self._scale = 1 / (1 - rate)
        threshold = tf.minimum(tf.round(rate * 2.0**16), 2.0**16 - 1)
        self._threshold = tf.cast(threshold, tf.uint16)

    def streams(self, first: Tensor, updates: Size) -> Tensor:
        """Return the streams of an epoch's updates, uint32 [updates, members].

        Args:
            first: int64 scalar, the number of updates done before.
            updates: Updates of the epoch.
        """
        streams = update_streams(self._seeds, first + tf.range(tf.cast(updates, tf.int64)))
        return streams if self._members else tf.reshape(streams, [-1])

    def masks(self, stream: Tensor, rows: Size) -> Tensors:
        """Draw each hidden layer's mask: 0, or 1 / (1 - rate), as Keras scales it.

        Args:
            stream: One row of `streams`.
            rows: Rows of the batch.

        Returns:
            float32 [members, rows, width], one a hidden layer.
        """
        noise = draw_noise(stream, self._counters, [*self._members, rows], self._units)
        masks = tf.cast(noise >= self._threshold, tf.float32) * self._scale
        if len(self._widths) == 1:
            return [masks]
        return list(tf.split(masks, self._widths, axis=-1, num=len(self._widths)))
