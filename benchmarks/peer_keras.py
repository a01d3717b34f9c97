"""What the peers that call `model.fit` share: data, space, network, and a log of the epochs."""

import argparse
import json
import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np

SPACE = tomllib.loads(Path(__file__).with_name("space.toml").read_text())
LEAKY_SLOPE = 0.01  # as fitgap's


class Arrays(NamedTuple):
    """Hold the arrays of `contenders.write_arrays`."""

    x_train: Any
    y_train: Any
    x_validation: Any
    y_validation: Any

    @property
    def classes(self) -> int:
        """Return the number of classes."""
        return int(self.y_train.max()) + 1


def read_options(description: str) -> argparse.Namespace:
    """Read the command line that `contenders.peer_command` writes."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("data", type=Path)
    parser.add_argument("report", type=Path)
    for name in ("trials", "epochs", "batch-size", "seed"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--hyperband", action="store_true", help="Hyperband, not random search")
    parser.add_argument("--target", type=float, help="stop at this validation score")
    parser.add_argument("--limit", type=float, help="stop after so many seconds")
    return parser.parse_args()


def load(path: Path) -> Arrays:
    """Load the arrays."""
    with np.load(path) as arrays:
        return Arrays(*(arrays[name] for name in Arrays._fields))


def build(values: Callable[[str], Any], data: Arrays) -> Any:
    """Build the Keras model of a configuration.

    Args:
        values: Returns a hyperparameter's value by its name.
        data: Decides the input and the output.
    """
    layers: list[Any] = [keras.Input(data.x_train.shape[1:])]
    if data.x_train.ndim > 2:
        layers.append(keras.layers.Flatten())
    for _ in range(values("depth")):
        layers.append(keras.layers.Dense(values("width")))
        if values("activation") == "leaky_relu":
            layers.append(keras.layers.LeakyReLU(negative_slope=LEAKY_SLOPE))
        else:
            layers.append(keras.layers.Activation(values("activation")))
        layers.append(keras.layers.Dropout(values("dropout")))
    network = keras.Sequential([*layers, keras.layers.Dense(data.classes, "softmax")])
    name = values("optimizer")
    rate = values(f"learning_rate_{name}")
    optimizers = {
        "adam": lambda: keras.optimizers.Adam(rate),
        "sgd": lambda: keras.optimizers.SGD(rate, momentum=SPACE["momentum"]),
        "rmsprop": lambda: keras.optimizers.RMSprop(rate),
    }
    network.compile(
        optimizers[name](), loss="sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    return network


class EpochLog(keras.callbacks.Callback):
    """Note when each epoch of each trial ended, and how well it did on the validation rows.

    KerasTuner copies its callbacks for each trial, so that the log belongs to the class.
    """

    trials: list[list[dict[str, float]]] = []  # noqa: RUF012 - shared by all copies

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        """Begin a trial."""
        del logs
        self.trials.append([])

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Note an epoch."""
        del epoch
        values = logs or {}
        self.trials[-1].append(
            {
                "seconds": time.monotonic(),
                "loss": float(values["val_loss"]),
                "score": float(values["val_accuracy"]),
            }
        )


def write_report(path: Path, started: float, trials: list[Any]) -> None:
    """Write what `contenders.peer_report` reads, as the search has ended."""
    report = {"started": started, "ended": time.monotonic(), "trials": trials}
    path.write_text(json.dumps(report))
