import numpy as np
import pytest

from sweep.activations import ACTIVATIONS

BEFORE = np.linspace(-6, 6, 241, dtype=np.float32)


@pytest.mark.parametrize("row", ACTIVATIONS.values(), ids=ACTIVATIONS)
def test_an_activation_keeps_the_precision_that_it_is_given(row):
    for dtype in (np.float32, np.float64):
        assert row.forward(np, BEFORE.astype(dtype)).dtype == dtype


@pytest.mark.parametrize("row", ACTIVATIONS.values(), ids=ACTIVATIONS)
def test_a_unit_at_rest_learns_at_most_a_fifth_as_fast_as_it_can(row):
    before = BEFORE.astype(np.float64)
    slope = np.gradient(row.forward(np, before), before)
    rests = row.at_rest(np, before, row.forward(np, before))

    inside = rests[1:-1] & rests[:-2] & rests[2:]  # the slope at a kink is that of both sides
    assert inside.any()
    assert np.abs(slope[1:-1][inside]).max() <= np.abs(slope).max() / 5


@pytest.mark.parametrize("row", ACTIVATIONS.values(), ids=ACTIVATIONS)
def test_forward_and_gradient_of_tensors_are_those_of_numpy_and_of_keras(row):
    from sweep.training.engine import keras, tf  # noqa: PLC0415 - seconds, for this test only

    before = tf.constant(BEFORE[np.abs(BEFORE) > 0.01])  # off the kink
    layer = row.layer(keras.layers, "it") if row.layer else keras.layers.Activation(row.name)
    with tf.GradientTape() as tape:
        tape.watch(before)
        expected = layer(before)
    gradient = tape.gradient(expected, before, output_gradients=tf.fill(before.shape, 3.0))
    after = row.graph(tf, before)

    np.testing.assert_allclose(after, expected, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(row.forward(np, before.numpy()), expected, rtol=2e-5, atol=1e-6)
    passed = row.gradient(tf, tf.fill(before.shape, 3.0), before, after)
    np.testing.assert_allclose(passed, gradient, rtol=1e-5, atol=1e-6)
