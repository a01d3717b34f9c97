"""Rows of a data set as tensors, laid out for the training program."""

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sweep.training.cohort import Rows, Tensor
from sweep.training.engine import DEVICE, tf

ALIGNMENT: Final = 64  # bytes: the start that TensorFlow asks of memory which it is to use


def rows_on_device(
    x: NDArray[np.float32],
    y: NDArray[Any],
    bias: float,
    weights: NDArray[np.float32] | None = None,
) -> Rows:
    """Put rows where the program trains.

    Args:
        x: float32 [rows, ...], any shape of a row.
        y: int32 or float32 [rows].
        bias: What the last column holds, that of the bias.
        weights: float32 [rows]; None where all rows count alike.

    Returns:
        The rows, float32 [rows, inputs + 1], their targets and weights. On a CPU they are made once
        and not copied: a large data set takes a second to copy twice.
    """
    flat = x.reshape(len(x), -1)
    rows = _aligned(len(flat), flat.shape[1] + 1)
    rows[:, :-1] = flat
    rows[:, -1] = bias
    others = tf.constant(y), weights_on_device(weights)
    if DEVICE == "GPU":
        return Rows(tf.constant(rows), *others)
    return Rows(tf.experimental.dlpack.from_dlpack(rows.__dlpack__()), *others)


def weights_on_device(weights: NDArray[np.float32] | None) -> tuple[Tensor, ...]:
    """Return weights as `Rows` holds them."""
    return () if weights is None else (tf.constant(weights, tf.float32),)


def _aligned(*shape: int) -> NDArray[np.float32]:
    """Return an empty array that starts where TensorFlow can use it."""
    item = np.dtype(np.float32).itemsize
    memory = np.empty(math.prod(shape) + ALIGNMENT // item, np.float32)
    start = -memory.ctypes.data % ALIGNMENT // item
    return memory[start : start + math.prod(shape)].reshape(shape)
