"""Blocks of rows: a loop over batches, or over what is evaluated at a time, as graph.

A graph whose shapes are open takes the last, smaller block like the others. XLA has to know every
shape: there, the last block comes after the loop.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from sweep.training.cohort import Size, Tensor, Tensors
from sweep.training.engine import tf


class Block(NamedTuple):
    """Hold which rows a block has; where shapes are open, the last has what is left of them."""

    start: Size
    rows: Size

    def of(self, tensor: Tensor, axis: int = 0) -> Tensor:
        """Return the block's rows of a tensor."""
        if not isinstance(self.rows, int):
            places = [slice(None)] * axis
            return tensor[(*places, slice(self.start, self.start + self.rows))]
        begin, size = [0] * len(tensor.shape), tensor.shape.as_list()
        begin[axis], size[axis] = self.start, self.rows
        return tf.slice(tensor, begin, size)


def count_rows(tensor: Tensor, axis: int = 0) -> Size:
    """Return the number of rows of a tensor: a number if the graph is for this shape alone."""
    known = tensor.shape[axis]
    return tf.shape(tensor)[axis] if known is None else known


def over_blocks(
    count: Size, size: Size, body: Callable[..., Sequence[Tensor]], carried: Tensors
) -> Tensors:
    """Call ``body(block, *carried)`` block by block; it returns what the next call carries.

    Args:
        count: Rows in all.
        size: Rows of a block; the last one may be smaller.
        body: What is done with a block.
        carried: What the first call gets; at least one tensor.

    Returns:
        What the last call returned.
    """
    static = isinstance(count, int) and isinstance(size, int)
    looped = count - count % size if static else count
    if static and not looped:
        return list(body(Block(0, count), *carried))
    _, *carried = tf.while_loop(
        lambda start, *_: start < looped,
        lambda start, *inner: (start + size, *body(Block(start, size), *inner)),
        (0, *carried),
        parallel_iterations=1,
    )
    if static and looped < count:
        carried = list(body(Block(looped, count - looped), *carried))
    return carried
