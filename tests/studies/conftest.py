from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

SE = {"train_loss": 0.004, "validation_loss": 0.01, "train_score": 0.002, "validation_score": 0.006}


def curve_table(trial, train, validation, **more):
    """The epochs of one trial from its two loss curves; other columns by name."""
    train, validation = np.asarray(train, dtype=float), np.asarray(validation, dtype=float)
    table = pd.DataFrame({"trial": trial, "epoch": np.arange(1, len(train) + 1)})
    columns = {
        "train_loss": train,
        "train_loss_se": SE["train_loss"],
        "train_score": 0.95,
        "train_score_se": SE["train_score"],
        "validation_loss": validation,
        "validation_loss_se": SE["validation_loss"],
        "validation_score": 0.9,
        "validation_score_se": SE["validation_score"],
        "running_loss": train,
        "gradient_norm": 1.0,
        "seconds": 0.1,
    }
    return table.assign(**{**columns, **more})


def trials_table(epochs, order=None, **more):
    """The trials that belong to a table of epochs; columns by name, scalars or lists."""
    names = list(dict.fromkeys(epochs["trial"])) if order is None else list(order)
    table = pd.DataFrame({"trial": pd.Series(names, dtype="str")})
    n = len(names)
    defaults = {
        "stage": "search",
        "slot": range(n),
        "replicate": 0,
        "config": [f"{i:08x}" for i in range(n)],
        "outcome": "finished",
        "reason": "",
        "depth": 2,
        "width": 64,
        "widths": "64-64",
        "dropout": 0.1,
        "activation": "relu",
        "optimizer": "adam",
        "learning_rate": 0.001,
        "momentum": np.nan,
        "weight_decay": 0.0,
        "batch_size": 32,
        "epochs": int(epochs["epoch"].max()) if len(epochs) else 10,
        "parameters": 1000,
    }
    table = table.assign(**{**defaults, **more})
    finite = epochs[np.isfinite(epochs["validation_loss"])]
    best = finite.sort_values("validation_loss").groupby("trial").first()
    for name in SE:
        table[name] = table["trial"].map(best[name])
        table[f"{name}_se"] = table["trial"].map(best[f"{name}_se"])
    table["best_epoch"] = table["trial"].map(best["epoch"]).astype("Int64")
    table["diverged_epoch"] = pd.array([pd.NA] * n, dtype="Int64")
    return table


@pytest.fixture(name="curve", scope="session")
def _curve() -> Callable[..., pd.DataFrame]:
    return curve_table


@pytest.fixture(name="trials_of", scope="session")
def _trials_of() -> Callable[..., pd.DataFrame]:
    return trials_table


@pytest.fixture
def no_epochs():
    return curve_table("s0000", [1.0], [1.0]).iloc[:0]


@pytest.fixture
def crowd():
    """Six ordinary trials of six sizes, all near a validation loss of 0.3."""
    rng = np.random.default_rng(5)
    time = np.arange(1, 21)
    curves = [
        curve_table(
            f"s{i:04d}",
            0.28 + np.exp(-time / 2) + 0.001 * rng.normal(size=20),
            0.30 + 0.001 * i + np.exp(-time / 2) + 0.002 * rng.normal(size=20),
        )
        for i in range(6)
    ]
    epochs = pd.concat(curves, ignore_index=True)
    return trials_table(epochs, parameters=[100, 300, 1000, 3000, 10000, 30000]), epochs
