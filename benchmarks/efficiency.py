"""Efficiency: useful arithmetic of the training program, over a matrix product beside it.

Networks are trained on Fashion-MNIST (45,000 training, 15,000 validation rows) by `Trainer`, one
network at a time, on one thread: TensorFlow's threads are set as fitgap sets them, for both sides.
The yardstick is `tf.matmul` of two float32 matrices of 2048 x 2048, measured right before and right
after each network, so that a machine that gets slower in between slows both.

Useful is, with P the weights of all Dense layers without biases and P1 those of the first, 6P - 2P1
operations for each row trained on (no gradient goes into the input), and 2P for each row that is
evaluated: the validation rows and the sample of training rows, after every epoch. Activations,
dropout, the optimizer, biases and shuffling count nothing, though they take time. The time is the
median over the epochs after the first, evaluation included. Starting and tracing do not count.

    python benchmarks/efficiency.py [--epochs N] [--rounds N] [--out FILE.json]
"""

import argparse
import itertools
import statistics
import time
from pathlib import Path
from typing import Any

from machine import write_results
from text_table import print_table

NETWORKS = ((2, 64), (3, 128), (4, 256), (4, 512))
BATCH_SIZES = (32, 128)
DROPOUTS = (0.0, 0.2)
SIZE, PRODUCTS = 2048, 5


def main() -> None:
    """Measure every network, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=4, help="epochs that are counted")
    parser.add_argument("--rounds", type=int, default=2, help="times that all is measured")
    parser.add_argument("--networks", nargs="+", help="such as 2x64; default: all four")
    parser.add_argument("--data", default="fashion-mnist", help="a bundled data set")
    parser.add_argument("--out", type=Path, help="where the results go as JSON")
    options = parser.parse_args()
    networks = NETWORKS
    if options.networks:
        networks = tuple(tuple(map(int, name.split("x"))) for name in options.networks)
    from sweep.config import TrialConfig
    from sweep.runs.preparation import prepare_data
    from sweep.settings.sweep_settings import SweepSettings
    from sweep.training.trainer import Trainer

    trainer = Trainer(prepare_data(SweepSettings(data=options.data))[1].training)
    configs = [
        TrialConfig(
            depth=depth,
            width=width,
            dropout=dropout,
            batch_size=batch_size,
            epochs=options.epochs + 1,
        )
        for (depth, width), batch_size, dropout in itertools.product(
            networks, BATCH_SIZES, DROPOUTS
        )
    ]
    rounds = [[measure(trainer, config) for config in configs] for _ in range(options.rounds)]
    results = [
        combine(config, measured)
        for config, measured in zip(configs, zip(*rounds, strict=True), strict=True)
    ]
    print_results(results)
    write_results("efficiency", results, options.out)


def measure(trainer: Any, config: Any) -> dict[str, float]:
    """Train one network between two measurements of the yardstick."""
    before = product_flops()
    trained = trainer.train([config])[0]
    after = product_flops()
    seconds = statistics.median(trained.history.column("seconds")[1:])
    return {
        "epoch_seconds": seconds,
        "flops": epoch_operations(trainer.data, config) / seconds,
        "product_flops": (before + after) / 2,
    }


def product_flops() -> float:
    """Return the operations per second of a matrix product, the median of several."""
    from sweep.training.engine import tf

    left, right = (tf.random.stateless_normal([SIZE, SIZE], seed=[0, side]) for side in (1, 2))
    seconds = []
    for _ in range(PRODUCTS + 1):
        started = time.perf_counter()
        tf.matmul(left, right)[0, 0].numpy()  # until it is there
        seconds.append(time.perf_counter() - started)
    return 2 * SIZE**3 / statistics.median(seconds[1:])


def epoch_operations(data: Any, config: Any) -> int:
    """Return the useful floating-point operations of one epoch."""
    sizes = (data.inputs, *config.widths, data.outputs)
    layers = [fan_in * fan_out for fan_in, fan_out in itertools.pairwise(sizes)]
    weights, rows = sum(layers), len(data.x_train)
    evaluated = rows if data.evaluation_rows is None else len(data.evaluation_rows)
    evaluated += len(data.x_validation)
    return rows * (6 * weights - 2 * layers[0]) + evaluated * 2 * weights


def combine(config: Any, rounds: tuple[dict[str, float], ...]) -> dict[str, Any]:
    """Return the medians over the rounds of one network."""
    from sweep.training.engine import tf

    medians = {name: statistics.median(measured[name] for measured in rounds) for name in rounds[0]}
    shares = [measured["flops"] / measured["product_flops"] for measured in rounds]
    return {
        "network": f"{config.depth}x{config.width}",
        "batch_size": config.batch_size,
        "dropout": config.dropout,
        "threads": tf.config.threading.get_intra_op_parallelism_threads(),
        **medians,
        "efficiency": statistics.median(shares),
        "efficiency_of_rounds": shares,
    }


def print_results(results: list[dict[str, Any]]) -> None:
    """Print the table."""
    print(f"threads: {results[0]['threads']}")
    print_table(
        ("network", "batch size", "dropout", "s an epoch", "GFLOP/s", "product GFLOP/s", "share"),
        [
            (
                row["network"],
                row["batch_size"],
                f"{row['dropout']:g}",
                row["epoch_seconds"],
                row["flops"] / 1e9,
                row["product_flops"] / 1e9,
                f"{row['efficiency']:.1%}",
            )
            for row in results
        ],
    )


if __name__ == "__main__":
    main()
