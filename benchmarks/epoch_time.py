"""Time of one epoch: fitgap's training loop against Keras' `model.fit`, side by side.

Fashion-MNIST (45,000 training, 15,000 validation rows), a network of three hidden layers of 128
with dropout 0.2. Both train on the same rows and evaluate the validation rows after each epoch;
fitgap also evaluates its sample of 10,000 training rows. `fit` has all cores, fitgap one.

Each contender runs in a process of its own, one after the other; the first epoch (tracing,
warming up) is not counted, the median of the others is.

    python benchmarks/epoch_time.py [--epochs N] [--out FILE.json]
"""

import argparse
import itertools
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

from machine import write_results

DEPTH, WIDTH, DROPOUT = 3, 128, 0.2
BATCH_SIZES = (32, 128)
CONTENDERS = ("model.fit", "fitgap")


def main() -> None:
    """Run every contender on every batch size and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=4, help="epochs that are counted")
    parser.add_argument("--out", type=Path, help="where the results go as JSON")
    parser.add_argument("--contender", choices=CONTENDERS, help=argparse.SUPPRESS)
    parser.add_argument("--batch-size", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.contender:
        measure = seconds_of_fit if options.contender == "model.fit" else seconds_of_fitgap
        print(json.dumps(measure(options.batch_size, options.epochs + 1)[1:]))
        return
    results = [
        {"batch_size": size, **{name: run(name, size, options.epochs) for name in CONTENDERS}}
        for size in BATCH_SIZES
    ]
    print(f"{'batch':>6} {'model.fit':>12} {'fitgap':>12} {'ratio':>7}   seconds an epoch")
    for row in results:
        row["ratio"] = row["model.fit"] / row["fitgap"]
        print(
            f"{row['batch_size']:>6} {row['model.fit']:>12.3f} {row['fitgap']:>12.3f}"
            f" {row['ratio']:>7.1f}"
        )
    write_results("epoch_time", results, options.out)


def run(contender: str, batch_size: int, epochs: int) -> float:
    """Return the median seconds of an epoch of one contender, in a process of its own."""
    command = [sys.executable, __file__, "--contender", contender]
    command += ["--batch-size", str(batch_size), "--epochs", str(epochs)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return statistics.median(json.loads(done.stdout.splitlines()[-1]))


def load() -> tuple[object, object]:
    """Load Fashion-MNIST as a sweep would; return the training data and the configuration."""
    from sweep.config import TrialConfig
    from sweep.runs.preparation import prepare_data
    from sweep.settings.sweep_settings import SweepSettings

    _, prepared = prepare_data(SweepSettings(data="fashion-mnist"))
    return prepared.training, TrialConfig(depth=DEPTH, width=WIDTH, dropout=DROPOUT)


def seconds_of_fitgap(batch_size: int, epochs: int) -> list[float]:
    """Train with fitgap; return the seconds of each epoch."""
    import dataclasses

    data, config = load()
    from sweep.training.trainer import Trainer

    config = dataclasses.replace(config, batch_size=batch_size, epochs=epochs)
    trained = Trainer(data).train([config])[0]
    return trained.history.column("seconds").tolist()


def seconds_of_fit(batch_size: int, epochs: int) -> list[float]:
    """Train with `model.fit` and all threads; return the seconds of each epoch."""
    import keras

    data, config = load()
    layers = [keras.layers.Flatten()]
    for width in config.widths:
        layers += [keras.layers.Dense(width), keras.layers.Activation(config.activation)]
        layers += [keras.layers.Dropout(config.dropout)]
    network = keras.Sequential([keras.Input((28, 28)), *layers, keras.layers.Dense(10, "softmax")])
    network.compile("adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    ends = [time.monotonic()]
    clock = keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: ends.append(time.monotonic()))
    network.fit(
        data.x_train,
        data.y_train,
        batch_size=batch_size,
        epochs=epochs,
        validation_data=(data.x_validation, data.y_validation),
        callbacks=[clock],
        verbose=0,
    )
    return [end - start for start, end in itertools.pairwise(ends)]


if __name__ == "__main__":
    main()
