import dataclasses
import shutil
import warnings
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


def trials_table(epochs, /, order=None, **more):
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
        "epochs_trained": [int((epochs["trial"] == name).sum()) for name in names],
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


@pytest.fixture(name="run_command", scope="session")
def _run_command():
    """A command's exit code; usage faults end the process, as they do for a user."""

    def run(*arguments):
        from studies.main import main  # noqa: PLC0415 - the tests of tables do without

        with warnings.catch_warnings():
            # Session fixtures run it too, and are not under pytest's filters of warnings.
            warnings.filterwarnings("ignore", "__array__ implementation", DeprecationWarning)
            try:
                return main([str(argument) for argument in arguments])
            except SystemExit as err:
                return err.code

    return run


@pytest.fixture(scope="session")
def finished_runs(tmp_path_factory, run_command):
    """Three finished runs: digits, a table with all that tables have, and a regression."""
    folder = tmp_path_factory.mktemp("finished")
    rng = np.random.default_rng(3)
    rows = 90
    size = rng.normal(size=rows)
    colour = rng.choice(["red", "green", "blue"], rows)
    label = np.where(size + (colour == "red") > 0.3, "=yes", "no")
    table = pd.DataFrame({"size": size, "colour": colour, "old": size > 0, "bought": label})
    table.loc[::9, "size"] = np.nan
    table.loc[::11, "colour"] = np.nan
    table.to_csv(folder / "shop.csv", index=False)
    price = 50_000 + 10_000 * rng.normal(size=rows)
    pd.DataFrame({"area": price / 500, "noise": size, "price": price}).to_csv(
        folder / "price.csv", index=False
    )
    small = ("--trials", 4, "--epochs", 2, "--workers", 1, "--confirm", 2)
    table_space = ("--set", "depth=1", "--set", "width=8", "--no-report")
    fast = ("--epochs", 60, "--set", "optimizer=adam", "--set", "learning_rate=0.03")
    assert run_command("sweep", "digits", *small, "--out", folder / "digits") == 0
    for name, target in (("shop", "bought"), ("price", "price")):
        data = (folder / f"{name}.csv", "--target", target, "--out", folder / name)
        assert run_command("sweep", *data, *small, *table_space, *fast, "--set", "dropout=0") == 0
    return folder


@pytest.fixture
def run_copy(finished_runs, tmp_path):
    """A copy of the digits run that a test may damage."""
    return shutil.copytree(finished_runs / "digits", tmp_path / "run")


def trial_record(slot, losses=(0.5, 0.4), *, outcome="finished", reason="", replicate=0, **more):
    """A trial of one network as training leaves it; the score is 1 minus the loss."""
    from sweep.config import TrialConfig  # noqa: PLC0415 - the tests of tables do without
    from sweep.records import HISTORY_COLUMNS, TrainingHistory, TrialRecord  # noqa: PLC0415

    columns = dict.fromkeys(HISTORY_COLUMNS, np.ones(len(losses)))
    columns["validation_loss"] = np.array(losses, dtype=float)
    columns["validation_score"] = 1 - columns["validation_loss"]
    record = TrialRecord(
        trial=f"s{slot:04d}" if replicate == 0 else f"c{slot:04d}-{replicate:02d}",
        stage="confirmation" if replicate else "search",
        slot=slot,
        replicate=replicate,
        config=TrialConfig(depth=2, width=16, epochs=2),
        outcome=outcome,
        reason=reason,
        parameters=200,
        history=TrainingHistory(array=np.column_stack([columns[name] for name in HISTORY_COLUMNS])),
        seconds=3.0,
    )
    return dataclasses.replace(record, **more)


@pytest.fixture(name="record_of", scope="session")
def _record_of():
    return trial_record


@pytest.fixture
def fresh_run(tmp_path):
    """A run of iris that has been made and not begun."""
    from sweep.runs.runner import Sweep  # noqa: PLC0415 - the tests of tables do without
    from sweep.settings.sweep_settings import SweepSettings  # noqa: PLC0415

    settings = SweepSettings(data="iris", trials=4, epochs=2, confirm=2, workers=1)
    return Sweep.create(settings, tmp_path / "fresh", command="fitgap sweep iris")
