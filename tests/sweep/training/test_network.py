import numpy as np
import pytest

from sweep.activations import ACTIVATIONS
from sweep.config import INITIALIZERS, TrialConfig, count_parameters
from sweep.optimizers import OPTIMIZERS
from sweep.training.engine import keras
from sweep.training.network import build_network, build_optimizer, initial_weights, put_weights


def kinds(network: keras.Sequential) -> list[str]:
    return [type(layer).__name__ for layer in network.layers]


def test_image_network_is_flatten_then_dense_activation_dropout_then_softmax():
    config = TrialConfig(depth=2, width=5, dropout=0.3)
    network = build_network(config, task="multiclass", input_shape=(4, 3), outputs=3)
    block = ["Dense", "Activation", "Dropout"]
    assert kinds(network) == ["Flatten", *block, *block, "Dense", "Activation"]
    assert network.layers[-1].activation is keras.activations.softmax
    assert [layer.rate for layer in network.layers if "dropout" in layer.name] == [0.3, 0.3]


def test_table_network_without_dropout_has_no_flatten_and_no_dropout_layer():
    config = TrialConfig(depth=1, width=5)
    network = build_network(config, task="regression", input_shape=(4,), outputs=1)
    assert kinds(network) == ["Dense", "Activation", "Dense", "Activation"]
    assert network.layers[-1].activation is keras.activations.linear
    assert network.loss == "mean_squared_error"


def test_depth_zero_is_a_linear_model():
    config = TrialConfig(depth=0, width=0)
    network = build_network(config, task="binary", input_shape=(4,), outputs=1)
    assert kinds(network) == ["Dense", "Activation"]
    assert network.layers[-1].activation is keras.activations.sigmoid


def test_leaky_relu_has_negative_slope_of_one_hundredth():
    config = TrialConfig(depth=1, width=2, activation="leaky_relu")
    network = build_network(config, task="binary", input_shape=(4,), outputs=1)
    below_zero = network.layers[1](np.array([[-2.0, 3.0]], np.float32))
    np.testing.assert_allclose(below_zero, [[-0.02, 3.0]], rtol=1e-6)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_builds(activation):
    config = TrialConfig(depth=1, width=2, activation=activation)
    network = build_network(config, task="binary", input_shape=(4,), outputs=1)
    assert network.count_params() == 4 * 2 + 2 + 2 + 1


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_optimizer_has_the_configuration_s_arguments(optimizer):
    momentum = 0.9 if optimizer == "sgd" else 0.0
    config = TrialConfig(
        depth=1, width=2, optimizer=optimizer, learning_rate=0.02, momentum=momentum,
        weight_decay=0.001,
    )  # fmt: skip
    built = build_optimizer(config)
    assert built.name == optimizer
    assert float(built.learning_rate) == pytest.approx(0.02)
    assert built.weight_decay == 0.001
    assert getattr(built, "momentum", 0.0) == momentum


@pytest.mark.parametrize("use_bias", [True, False])
@pytest.mark.parametrize("shape", ["equal", "tapering"])
def test_counted_parameters_equal_those_of_the_built_model(use_bias, shape):
    config = TrialConfig(depth=3, width=40, shape=shape, use_bias=use_bias)
    network = build_network(config, task="multiclass", input_shape=(6, 2), outputs=4)
    counted = count_parameters(config.widths, inputs=12, outputs=4, use_bias=use_bias)
    assert counted == network.count_params()


@pytest.mark.parametrize("initializer", INITIALIZERS)
def test_initial_weights_are_those_of_the_built_model(initializer):
    config = TrialConfig(depth=2, width=5, seed=11, initializer=initializer)
    network = build_network(config, task="multiclass", input_shape=(7,), outputs=3)
    weights = initial_weights(config, inputs=7, outputs=3)
    built = network.get_weights()
    assert len(built) == 6
    for layer, matrix in enumerate(weights):
        np.testing.assert_array_equal(matrix[:-1], built[2 * layer])
        np.testing.assert_array_equal(matrix[-1], built[2 * layer + 1])
    assert not np.array_equal(
        weights[0], initial_weights(config.with_seed(12), inputs=7, outputs=3)[0]
    )


def test_he_normal_has_the_variance_of_he_et_al_2015():
    config = TrialConfig(depth=1, width=400, initializer="he_normal")
    kernel, _ = initial_weights(config, inputs=100, outputs=1)

    assert kernel[:-1].std() == pytest.approx(np.sqrt(2 / 100), rel=0.02)
    assert np.abs(kernel[:-1]).max() < 2.3 * np.sqrt(2 / 100)  # Keras cuts at two deviations
    assert (kernel[-1] == 0).all()


def test_initial_weights_do_not_depend_on_dropout_or_learning_rate():
    one = TrialConfig(depth=1, width=5, seed=3, dropout=0.5, learning_rate=0.1)
    other = TrialConfig(depth=1, width=5, seed=3)
    for left, right in zip(
        initial_weights(one, inputs=4, outputs=1),
        initial_weights(other, inputs=4, outputs=1),
        strict=True,
    ):
        np.testing.assert_array_equal(left, right)


@pytest.mark.parametrize("use_bias", [True, False])
def test_weights_that_are_put_are_the_weights_that_predict(use_bias):
    config = TrialConfig(depth=1, width=3, dropout=0.5, use_bias=use_bias)
    network = build_network(config, task="regression", input_shape=(2,), outputs=1)
    first = np.ones((3, 3), np.float32)
    second = np.full((4, 1), 2.0, np.float32)
    put_weights(network, [first, second])
    predicted = network(np.array([[1.0, 2.0]], np.float32))
    hidden = 1 + 2 + (1 if use_bias else 0)
    np.testing.assert_allclose(predicted, [[3 * hidden * 2 + (2 if use_bias else 0)]])
