"""The command, with its defaults, from a table to everything that is made of its run.

Rows are chosen about the bounds of what accompanies a sweep: baselines are fitted on at most 300
rows, or on all of them.
"""

import itertools
import json
import shutil
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest

TASKS = ("binary", "multiclass", "regression")
TRAIN_ROWS = (40, 299, 300, 301, 500, 5_000)
FORMATS = ("csv", "parquet", "npz")
FEATURES = list("abcd")
LABELS = np.array(["no", "yes", "perhaps"])
FEW = ("--trials", 2, "--epochs", 2, "--confirm", 2, "--workers", 1)
# Each number of rows, each task and each format, with as few sweeps as there are numbers of rows.
CHOSEN = (
    ("binary", 40, "csv"), ("multiclass", 299, "parquet"), ("regression", 300, "npz"),
    ("binary", 301, "npz"), ("regression", 500, "csv"), ("multiclass", 5_000, "parquet"),
)  # fmt: skip


def all_rows(train_rows):
    """How many rows leave so many to train on, after a fifth for each of the other splits."""
    for rows in itertools.count(train_rows):
        others = rows - round(rows / 5)
        if others - round(others / 4) == train_rows:
            return rows
    raise AssertionError


def make_table(folder, task, train_rows, form):
    """Write a table whose split has as many training rows; return it, and its rows to predict."""
    rows = all_rows(train_rows)
    rng = np.random.default_rng(train_rows)
    x = rng.normal(size=(rows, len(FEATURES))).astype("float32")
    signal = x[:, 0] - x[:, 1] + rng.normal(size=rows) / 2
    y = {
        "binary": (signal > 0).astype(int),
        "multiclass": np.digitize(signal, [-1, 1]),
        "regression": signal,
    }[task]
    table = pd.DataFrame(x, columns=FEATURES)
    paths = folder / f"table.{form}", folder / f"new.{form}"
    if form == "npz":
        np.savez(paths[0], x=x, y=y)
        np.savez(paths[1], x=x)
        return paths
    whole = table.assign(y=y if task == "regression" else LABELS[y])
    for path, part in zip(paths, (whole, table), strict=True):
        part.to_csv(path, index=False) if form == "csv" else part.to_parquet(path, index=False)
    return paths


def follow(run, folder, task, train_rows, form, sweep):
    """Sweep, and then do everything that can be done with a run; return the seconds of each."""
    data, rows = make_table(folder, task, train_rows, form)
    path, other = folder / "run", folder / "other"
    seconds = {}

    def do(name, *arguments):
        started = time.monotonic()
        code = run(name, *arguments)
        seconds[name] = time.monotonic() - started
        assert code == 0, name

    do("sweep", data, *sweep, "--out", path)
    manifest = json.loads((path / "manifest.json").read_text())
    assert manifest["state"] == "finished"
    assert manifest["data"]["splits"]["train"] == train_rows
    assert manifest["data"]["task"] == task
    assert manifest["left_out"] == []
    baselines = pd.read_parquet(path / "baselines.parquet")
    assert len(baselines) == 3
    assert baselines["validation_loss"].notna().all()

    predictions = folder / "predictions.csv"
    do("predict", path, rows, "--out", predictions)
    predicted = pd.read_csv(predictions)
    assert len(predicted) == all_rows(train_rows)
    assert np.isfinite(predicted.select_dtypes("number")).all(axis=None)
    page = (path / "report.html").read_bytes()
    do("report", path)
    assert (path / "report.html").read_bytes() == page
    shutil.copytree(path, other)
    do("compare", path, other, "--out", folder / "compare.html")
    do("export", path, "--format", "csv")
    assert {file.name for file in path.glob("*.csv")} == {
        "trials.csv", "epochs.csv", "baselines.csv",
    }  # fmt: skip
    do("verify", path, "s0000")
    return seconds


def in_a_process(*arguments):
    command = [sys.executable, "-m", "studies.main", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "warning: " not in done.stderr
    return done.returncode


@pytest.mark.slow
@pytest.mark.parametrize(("task", "train_rows", "form"), CHOSEN)
def test_few_trials_go_through(task, train_rows, form, tmp_path, run_command):
    follow(run_command, tmp_path, task, train_rows, form, FEW)


@pytest.mark.long
@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("train_rows", TRAIN_ROWS)
@pytest.mark.parametrize("task", TASKS)
def test_the_defaults_go_through(task, train_rows, form, tmp_path, capsys):
    seconds = follow(in_a_process, tmp_path, task, train_rows, form, ())
    with capsys.disabled():
        told = ", ".join(f"{name} {value:.1f}" for name, value in seconds.items())
        sys.stdout.write(f"\n{task}, {train_rows} training rows, {form}: {told} s\n")
