import gc

import numpy as np
import pytest

from sweep.training.engine import tf
from sweep.training.rows import rows_on_device

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("bias", [0.0, 1.0])
@pytest.mark.parametrize("shape", [(5,), (7, 3), (16, 4, 4)])
def test_rows_are_flattened_and_end_in_the_column_of_the_bias(shape, bias):
    x = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    y = np.arange(len(x), dtype=np.int32)
    rows = rows_on_device(x, y, bias)

    flat = x.reshape(len(x), int(np.prod(shape[1:])))
    expected = np.hstack([flat, np.full((len(x), 1), bias, np.float32)])
    np.testing.assert_array_equal(rows.x.numpy(), expected)
    np.testing.assert_array_equal(rows.y.numpy(), y)


def test_rows_outlive_what_they_were_made_of_and_can_be_sliced_and_gathered():
    kept = [rows_on_device(np.full((3, odd), 2.0, np.float32), np.zeros(3), 1.0) for odd in (1, 6)]
    gc.collect()
    trash = [np.zeros(100, np.float32) for _ in range(100)]
    for rows in kept:
        assert (
            rows.x[1:].numpy()[:, :-1].tolist()
            == tf.gather(rows.x, [0, 2])[:, :-1].numpy().tolist()
        )
        assert float(tf.reduce_min(rows.x[:, :-1])) == 2.0
    del trash
