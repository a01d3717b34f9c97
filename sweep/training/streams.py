"""Random streams: counters hashed in the graph, so that nothing is shared between members.

A member's order of data and its dropout masks are a function of its own seeds, the epoch or
update, and the place. Whatever it is grouped with, however many epochs one call does, and
wherever it is continued, it sees the same numbers.
"""

from typing import Any

from sweep.training.engine import tf

Tensor = Any  # tf.Tensor; TensorFlow ships no types


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


def dropout_noise(seeds: Tensor, update: Tensor, rows: Tensor, units: Tensor) -> Tensor:
    """Return uniform numbers for one update's dropout masks.

    Each hash gives two numbers: 16 bits make a dropout rate exact to 1/65536, and hashing is what
    dropout costs.

    Args:
        seeds: uint32 [members].
        update: int64 scalar, the number of updates done.
        rows: int32 scalar, rows of the batch.
        units: int32 scalar, hidden units of all layers together.

    Returns:
        uint16 [members, rows, units].
    """
    stream = scramble(
        tf.bitwise.bitwise_xor(seeds, scramble(tf.cast(update, tf.uint32) + _word(0x9E3779B9)))
    )
    half = (units + 1) // 2
    # Multiplied by an odd number (2**32 over the golden ratio), near counters are far apart.
    counter = tf.cast(tf.range(rows * half), tf.uint32) * _word(0x9E3779B9)
    noise = tf.bitcast(scramble(stream[:, None] + counter[None, :]), tf.uint16)
    return tf.reshape(noise, [-1, rows, 2 * half])[:, :, :units]


def _word(value: int) -> Tensor:
    return tf.constant(value, tf.uint32)
