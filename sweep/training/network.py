"""The Keras network of a configuration: an ordinary Sequential model, and its initial weights."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sweep.activations import ACTIVATIONS
from sweep.config import Initializer, TrialConfig
from sweep.data.dataset import Task
from sweep.optimizers import OPTIMIZERS
from sweep.seeds import derive_seed
from sweep.training.engine import keras

Weights = list[NDArray[np.float32]]
"""One matrix a layer, float32 [fan in + 1, fan out]; the last row is the bias (0 without one)."""

OUTPUTS: Final[dict[Task, str]] = {
    "binary": "sigmoid",
    "multiclass": "softmax",
    "regression": "linear",
}
LOSSES: Final[dict[Task, str]] = {
    "binary": "binary_crossentropy",
    "multiclass": "sparse_categorical_crossentropy",
    "regression": "mean_squared_error",
}
SCORES: Final[dict[Task, str]] = {
    "binary": "binary_accuracy",
    "multiclass": "sparse_categorical_accuracy",
    "regression": "r2_score",
}
INITIALIZERS: Final[dict[Initializer, Any]] = {
    "glorot_uniform": keras.initializers.GlorotUniform,
    "he_normal": keras.initializers.HeNormal,
}


def build_network(
    config: TrialConfig, *, task: Task, input_shape: tuple[int, ...], outputs: int
) -> Any:  # noqa: ANN401 - Keras ships no types
    """Build and compile the Keras model of a configuration, with its initial weights.

    Args:
        config: Layers, optimizer and seed.
        task: Decides the output's activation, the loss and the metric.
        input_shape: Shape of one row; images are flattened by a Flatten layer.
        outputs: Units of the output layer.

    Returns:
        A compiled ``keras.Sequential`` whose weights are those of `initial_weights`.
    """
    layers = keras.layers
    network = keras.Sequential(name="mlp")
    network.add(keras.Input(shape=input_shape, name="row"))
    if len(input_shape) > 1:
        network.add(layers.Flatten(name="flatten"))
    for number, (units, start) in enumerate(
        zip((*config.widths, outputs), _initializers(config), strict=True), start=1
    ):
        output = number > config.depth
        name = "output" if output else f"dense_{number}"
        network.add(
            layers.Dense(units, use_bias=config.use_bias, kernel_initializer=start, name=name)
        )
        if output:
            network.add(layers.Activation(OUTPUTS[task], name=OUTPUTS[task]))
            continue
        network.add(_activation(config.activation, number))
        if config.dropout:
            seed = derive_seed(config.seed, "dropout", number)
            network.add(layers.Dropout(config.dropout, seed=seed, name=f"dropout_{number}"))
    network.compile(
        optimizer=build_optimizer(config),
        loss=LOSSES[task],
        metrics=[SCORES[task]],
        jit_compile=False,
    )
    return network


def build_optimizer(config: TrialConfig) -> Any:  # noqa: ANN401 - Keras ships no types
    """Build the Keras optimizer of a configuration."""
    row = OPTIMIZERS[config.optimizer]
    return getattr(keras.optimizers, row.title)(
        config.learning_rate,
        weight_decay=config.weight_decay or None,
        name=row.name,
        **({"momentum": config.momentum} if row.has_momentum else {}),
    )


def initial_weights(config: TrialConfig, *, inputs: int, outputs: int) -> Weights:
    """Draw the weights that the Keras model of a configuration starts with.

    Calling Keras' initializers alone is many times faster than building the model, and gives the
    same numbers. Biases are zero, the default of Dense.
    """
    sizes = (inputs, *config.widths, outputs)
    weights = []
    for fan_in, fan_out, start in zip(sizes[:-1], sizes[1:], _initializers(config), strict=True):
        weights.append(np.zeros((fan_in + 1, fan_out), np.float32))
        weights[-1][:-1] = keras.ops.convert_to_numpy(start((fan_in, fan_out), dtype="float32"))
    return weights


def put_weights(network: Any, weights: Sequence[NDArray[np.float32]]) -> None:  # noqa: ANN401
    """Write trained weights into a Keras model of the same configuration."""
    arrays = []
    for layer, matrix in zip(_dense_layers(network), weights, strict=True):
        arrays.append(matrix[:-1])
        if layer.use_bias:
            arrays.append(matrix[-1])
    network.set_weights(arrays)


def _activation(name: str, number: int) -> Any:  # noqa: ANN401 - Keras ships no types
    """Return the Keras layer of an activation, behind the hidden layer of this number."""
    make = ACTIVATIONS[name].layer
    label = f"{name}_{number}"
    return make(keras.layers, label) if make else keras.layers.Activation(name, name=label)


def _dense_layers(network: Any) -> list[Any]:  # noqa: ANN401
    return [layer for layer in network.layers if isinstance(layer, keras.layers.Dense)]


def _initializers(config: TrialConfig) -> list[Any]:
    kind = INITIALIZERS[config.initializer]
    return [
        kind(seed=derive_seed(config.seed, "weights", layer)) for layer in range(config.depth + 1)
    ]
