"""Random streams: counters hashed in the graph, so that nothing is shared between members.

A member's order of data and its dropout masks are a function of its own seeds, the epoch or
update, and the place. Whatever it is grouped with, however many epochs one call does, and
wherever it is continued, it sees the same numbers.
"""

from collections.abc import Sequence

from sweep.training.cohort import Size, Tensor
from sweep.training.engine import tf


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


def update_streams(seeds: Tensor, updates: Tensor) -> Tensor:
    """Return each member's dropout stream in each update.

    Args:
        seeds: uint32 [members].
        updates: int64 [updates], the number of updates done before each.

    Returns:
        uint32 [updates, members].
    """
    hashed = scramble(tf.cast(updates, tf.uint32) + _word(0x9E3779B9))
    return scramble(tf.bitwise.bitwise_xor(seeds[None, :], hashed[:, None]))


def counters(rows: Size, units: Size) -> Tensor:
    """Return the counters that `draw_noise` hashes for up to so many rows, uint32 [rows * half]."""
    # Multiplied by an odd number (2**32 over the golden ratio), near counters are far apart.
    return tf.cast(tf.range(rows * _half(units)), tf.uint32) * _word(0x9E3779B9)


def draw_noise(stream: Tensor, counters: Tensor, shape: Sequence[Size], units: Size) -> Tensor:
    """Return uniform numbers for one update's dropout masks.

    Each hash gives two numbers: 16 bits make a dropout rate exact to 1/65536, and hashing is what
    dropout costs.

    Args:
        stream: uint32 [members], one row of `update_streams`, or a scalar.
        counters: Those of as many rows, or of more.
        shape: ``[-1, rows]`` for members, or ``[rows]``: rows of the batch.
        units: Hidden units of all layers together.

    Returns:
        uint16 [members, rows, units], or [rows, units].
    """
    half = _half(units)
    noise = tf.bitcast(scramble(stream[..., None] + counters[: shape[-1] * half]), tf.uint16)
    return tf.reshape(noise, [*shape, 2 * half])[..., :units]


def _half(units: Size) -> Size:
    return (units + 1) // 2


def _word(value: int) -> Tensor:
    return tf.constant(value, tf.uint32)
