"""A contender: scikit-learn's RandomizedSearchCV over MLPClassifier, one trial on each core.

Its space lacks what MLPClassifier lacks: dropout, RMSprop and leaky relu. Stopping early is off,
so that every trial trains all of its epochs. Validation rows are looked at once, after the last.
"""

import argparse
import json
import os
import time
import tomllib
import warnings
from pathlib import Path

import numpy as np
from scipy.stats import loguniform
from sklearn.model_selection import PredefinedSplit, RandomizedSearchCV
from sklearn.neural_network import MLPClassifier

SPACE = tomllib.loads(Path(__file__).with_name("space.toml").read_text())
ACTIVATIONS = {"relu": "relu", "sigmoid": "logistic", "tanh": "tanh"}
SOLVERS = ("adam", "sgd")


def main() -> None:
    """Search, and write the report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("report", type=Path)
    for name in ("trials", "epochs", "batch-size", "seed"):
        parser.add_argument(f"--{name}", type=int, required=True)
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # it warns of every trial that trains all of its epochs
    os.environ["PYTHONWARNINGS"] = "ignore"  # the same for its worker processes
    with np.load(options.data) as arrays:
        x = np.concatenate([arrays["x_train"], arrays["x_validation"]])
        y = np.concatenate([arrays["y_train"], arrays["y_validation"]])
        fold = np.repeat([-1, 0], [len(arrays["y_train"]), len(arrays["y_validation"])])
    network = MLPClassifier(
        batch_size=options.batch_size, max_iter=options.epochs, alpha=0.0,
        momentum=SPACE["momentum"], nesterovs_momentum=False, random_state=options.seed,
        early_stopping=False, tol=0.0, n_iter_no_change=options.epochs + 1,
    )  # fmt: skip
    search = RandomizedSearchCV(
        network, distributions(), n_iter=options.trials, cv=PredefinedSplit(fold), refit=False,
        n_jobs=len(os.sched_getaffinity(0)), random_state=options.seed,
    )  # fmt: skip
    started = time.monotonic()
    search.fit(x.reshape(len(x), -1), y)
    ended = time.monotonic()
    scores = search.cv_results_["split0_test_score"].tolist()
    trials = [[{"seconds": ended, "loss": None, "score": score}] for score in scores]
    report = {"started": started, "ended": ended, "trials": trials}
    options.report.write_text(json.dumps(report))


def distributions() -> list[dict[str, object]]:
    """Return the space; each solver has learning rates of its own."""
    depth, rates = SPACE["depth"], SPACE["learning_rate"]
    depths = range(depth["low"], depth["high"] + 1)
    sizes = [(width,) * layers for layers in depths for width in SPACE["width"]]
    return [
        {
            "hidden_layer_sizes": sizes,
            "activation": [
                ACTIVATIONS[name] for name in SPACE["activation"] if name in ACTIVATIONS
            ],
            "solver": [solver],
            "learning_rate_init": loguniform(rates[solver]["low"], rates[solver]["high"]),
        }
        for solver in SOLVERS
    ]


if __name__ == "__main__":
    main()
