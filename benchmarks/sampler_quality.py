"""How good a search the samplers make: fitgap's TPE against Optuna's, all of the past, and random.

Two synthetic losses over the default search space, with noise, eight trials running at a time:
`valley` has one curved valley (the learning rate that is good depends on depth, width, momentum
and optimizer, the dropout on capacity), `basins` a broad bowl and a narrow, deeper basin far away.
What is given is the loss of the best trial of so many, without the noise, in thousandths: the mean
of several seeds and its standard error. The least is 0 in the valley; in the basins the bowl ends
at 60 and the narrow basin below 0.

    python benchmarks/sampler_quality.py [--trials N] [--seeds N] [--contenders NAME ...] [--out F]
"""

import argparse
import math
import statistics
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import optuna

from machine import write_results
from sweep.config import TrialConfig
from sweep.search import tpe
from sweep.search.samplers import Samplers, make_samplers
from sweep.space.search_space import SearchSpace
from text_table import print_table

RUNNING, NOISE = 8, 0.005
CHECKPOINTS = (50, 100, 200, 400, 800, 1500)
CONTENDERS = ("fitgap", "whole past", "optuna", "random")
SPACE = SearchSpace()

BEST_RATE = {"adam": -3.0, "sgd": -1.5, "rmsprop": -3.6}
HANDICAP = {"adam": 0.0, "sgd": 0.015, "rmsprop": 0.02}
ACTIVATION = {"relu": 0.0, "leaky_relu": 0.005, "tanh": 0.03, "sigmoid": 0.08}


def main() -> None:
    """Search with every contender, and print a table for each loss."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--contenders", nargs="+", choices=CONTENDERS, default=CONTENDERS)
    parser.add_argument("--out", type=Path, help="where the results go as JSON")
    options = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    shown = [count for count in CHECKPOINTS if count <= options.trials]
    results: dict[str, dict[str, list[list[float]]]] = {}
    for name, loss in LOSSES.items():
        results[name] = {
            contender: [
                search(contender, loss, options.trials, seed) for seed in range(options.seeds)
            ]
            for contender in options.contenders
        }
        rows = [
            [contender, *(_mean([1000 * min(run[:count]) for run in runs]) for count in shown)]
            for contender, runs in results[name].items()
        ]
        print_table((name, *(f"{count} trials" for count in shown)), rows)
    best = {
        name: {
            contender: {count: [min(run[:count]) for run in runs] for count in shown}
            for contender, runs in found.items()
        }
        for name, found in results.items()
    }
    write_results("sampler_quality", {"trials": options.trials, "best": best}, options.out)


def search(
    contender: str, loss: Callable[[TrialConfig], float], trials: int, seed: int
) -> list[float]:
    """Return the losses of a search without their noise, in the order of asking."""
    samplers = samplers_of(contender, seed)
    rng = np.random.default_rng(seed + 1000)
    study = optuna.create_study()
    losses: list[float] = []
    running: list[tuple[optuna.Trial, float]] = []
    for number in range(trials):
        study.sampler = samplers(number)
        trial = study.ask()
        losses.append(loss(SPACE.suggest(trial, epochs=1, seed=0)))
        running.append((trial, losses[-1] + NOISE * rng.standard_normal()))
        if len(running) == RUNNING:
            study.tell(*running.pop(0))
    return losses


def samplers_of(contender: str, seed: int) -> Samplers:
    """Return the samplers of a contender, all of which begin at the textbook's point but random."""
    name = "random" if contender == "random" else "tpe"
    tpe.REMEMBERED = 250 if contender == "fitgap" else 10**9
    samplers = make_samplers(name, SPACE, seed=seed, inputs=64, outputs=10)
    if contender != "optuna":
        return samplers
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        optunas = optuna.samplers.TPESampler(
            multivariate=True, group=True, constant_liar=True, seed=seed
        )
    return lambda number: optunas if number else samplers(0)


def valley(config: TrialConfig) -> float:
    """Return the height above the bottom of a curved valley."""
    capacity, rate = _capacity(config), _rate(config)
    dropout = config.dropout - min(max(0.2 + 0.08 * capacity, 0.0), 0.5)
    bend = 0.0125 * capacity**2 + 0.12 * rate**2 + 0.3 * dropout**2
    depth = 0.005 * (config.depth - 3) ** 2
    return _handicap(config) + min(bend + depth, 1.5)


def basins(config: TrialConfig) -> float:
    """Return the height in a bowl that ends at 0.06 and has a narrow, deeper basin on its side."""
    capacity, rate = _capacity(config), _rate(config)
    bowl = 0.01 * capacity**2 + 0.08 * rate**2 + 0.2 * config.dropout**2
    far = (math.log2(config.width) - 5) ** 2 + ((config.depth - 5) / 1.2) ** 2
    narrow = math.exp(-(far + ((rate - 0.6) / 0.25) ** 2) / 2)
    return _handicap(config) + 0.06 + min(bowl, 1.5) - 0.1 * narrow


LOSSES: Mapping[str, Callable[[TrialConfig], float]] = {"valley": valley, "basins": basins}


def _capacity(config: TrialConfig) -> float:
    return math.log2(config.width) - 7.5 + 0.7 * (config.depth - 2.5)


def _rate(config: TrialConfig) -> float:
    """Return the decades between the learning rate and the best one for the rest."""
    best = BEST_RATE[config.optimizer] - 0.12 * (config.depth - 2)
    best -= 0.1 * (math.log2(config.width) - 6)
    if config.optimizer == "sgd":
        best += 0.5 * (0.9 - config.momentum)
    return math.log10(config.learning_rate) - best


def _handicap(config: TrialConfig) -> float:
    return HANDICAP[config.optimizer] + ACTIVATION[config.activation]


def _mean(values: list[float]) -> str:
    error = statistics.stdev(values) / math.sqrt(len(values)) if len(values) > 1 else math.nan
    return f"{statistics.mean(values):.2f} ({error:.2f})"


if __name__ == "__main__":
    main()
