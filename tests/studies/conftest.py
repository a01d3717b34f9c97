import dataclasses
import shutil
import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from studies.answering.results import StudyResults
from studies.designs.building import build_design
from studies.designs.context import StudyContext
from studies.designs.design import StudyDesign
from studies.designs.planning import plan_trials
from studies.designs.spec import STUDY_RULES, Overrides
from sweep.config import count_parameters
from sweep.records import HISTORY_COLUMNS, TrainingHistory, TrialRecord
from sweep.settings.study_settings import StudySettings
from sweep.space.parsing import read_set_values
from sweep.tables import epochs_table as records_as_epochs
from sweep.tables import trials_table as records_as_trials

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


CLASSES = {"multiclass": 10, "binary": 2, "regression": 0}


def run_design(design, curves, *, task="multiclass", seed=0, rows=(1000, 400)):
    """What a study of a design finds if each trial has the curves that a function gives.

    ``curves(planned trial)`` returns columns of the epochs table by name, or None for a trial that
    diverged; what it leaves out is flat.
    """
    records = []
    while missing := plan_trials(design, records, seed=seed)[len(records) :]:
        records += [study_record(item, curves(item)) for item in missing]
    manifest = {
        "state": "finished",
        "kind": "study",
        "data": {
            "name": "made up",
            "task": task,
            "classes": [str(number) for number in range(CLASSES[task])],
            "splits": {"train": rows[0], "validation": rows[1], "test": 400},
            "warnings": [],
        },
        "counts": {"planned": len(records)},
        "settings": {},
    }
    return StudyResults(
        design=design,
        manifest=manifest,
        trials=records_as_trials(records),
        epochs=records_as_epochs(records),
    )


def study_record(item, columns):
    """The record of a planned trial with the given curves; None is a trial that diverged."""
    epochs = item.config.epochs
    flat = {"train_loss": 0.2, "validation_loss": 0.3, "train_score": 0.95, "validation_score": 0.9}
    flat |= {f"{name}_se": 0.005 for name in flat} | {"gradient_norm": 1.0, "seconds": 0.01}
    flat["running_loss"] = (columns or {}).get("train_loss", flat["train_loss"])
    values = [
        np.broadcast_to(np.asarray((columns or {}).get(name, flat[name]), dtype=float), epochs)
        for name in HISTORY_COLUMNS
    ]
    array = np.stack(values, axis=1)
    if columns is None:
        array = array[:1] * np.nan
    return TrialRecord(
        trial=item.trial,
        stage=item.stage,
        slot=item.slot,
        replicate=item.replicate,
        config=item.config,
        outcome="diverged" if columns is None else "finished",
        reason="loss or weights not finite in epoch 1" if columns is None else "",
        parameters=count_parameters(item.config.widths, inputs=64, outputs=10, use_bias=True),
        history=TrainingHistory(array=array, diverged_epoch=1 if columns is None else None),
        seconds=0.1,
        arm=item.arm,
        variant=item.variant,
        dead_units=(columns or {}).get("dead_units"),
        saturated_units=(columns or {}).get("saturated_units"),
    )


@pytest.fixture(name="run_design", scope="session")
def _run_design() -> Callable[..., StudyResults]:
    return run_design


@pytest.fixture(name="design_of", scope="session")
def _design_of() -> Callable[..., StudyDesign]:
    """Build the design of a specification, with settings by name and ``set`` as on a command."""

    def design_of(spec, *, set=(), inputs=64, rows=1000, task="multiclass", **settings):  # noqa: A002
        told = StudySettings(study="any", data="digits", **settings)
        context = StudyContext(
            task=task,
            inputs=inputs,
            outputs=10 if task == "multiclass" else 1,
            train_rows=rows,
            validation_rows=rows // 3,
            label_noise=told.label_noise,
        )
        overrides = Overrides.of(read_set_values(set, rules=STUDY_RULES))
        if callable(spec):
            spec = spec(overrides, context)
        return build_design(spec, told, overrides)

    return design_of


@pytest.fixture
def told_run(fresh_run):
    """The folder of a finished run of iris, made up: two trials and two seeds of the winner."""
    folder = fresh_run.folder
    best, worse = ((0.5, 0.4, 0.3), (0.6, 0.5, 0.7))
    records = [
        trial_record(0, best),
        trial_record(1, worse, outcome="diverged", reason="=1+1, \u00fcber | `x` <b>\nline"),
        trial_record(0, best, replicate=1),
        trial_record(0, best, replicate=2),
    ]
    for record in records:
        folder.append_record(record)
    confirmed = {"score": 0.7, "score_low": 0.65, "score_high": 0.75, "loss": 0.3, "seeds": 2}
    manifest = folder.read_manifest()
    manifest |= {
        "state": "finished",
        "created": "2026-11-23T10:15:00+00:00",
        "counts": {"planned": 2, "finished": 1, "pruned": 0, "diverged": 1, "failed": 0},
        "winner": {
            "trial": "s0000",
            "saved_from": "c0000-01",
            "parameters": 200,
            "config": dataclasses.asdict(records[0].config),
            "validation": {"score": 0.7, "loss": 0.3},
            "confirmed": confirmed,
            "test": None,
        },
        "confirmation": [{"trial": "s0000", "trials": ["c0000-01", "c0000-02"]}],
    }
    folder.write_manifest(manifest)
    folder.write_tables()
    return folder
