"""Every score of a run equals scikit-learn's, on what `fitgap predict` says of the same rows."""

import dataclasses
import io
import json
import re

import numpy as np
import pandas as pd
import pytest
import sklearn.metrics as sk

from sweep.runs.folder import RunFolder
from sweep.runs.preparation import load_same_data, prepare_data
from sweep.scores import SCORES
from sweep.settings.sweep_settings import SweepSettings

SMALL = (
    "--trials", 2, "--epochs", 12, "--confirm", 2, "--workers", 1, "--no-report",
    "--set", "depth=1", "--set", "width=8,16", "--set", "optimizer=adam",
    "--set", "learning_rate=0.02", "--set", "batch_size=16",
)  # fmt: skip
RUNS = {
    "breast-cancer": ("breast-cancer", "--score", "roc-auc"),
    "wine": ("wine", "--score", "f1"),
    "rare": ("rare.csv", "--target", "fraud", "--score", "average-precision"),
    "diabetes": ("diabetes", "--score", "mae"),
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory, run_command):
    """Three classifications, one of them with 8 % positives, and a regression."""
    folder = tmp_path_factory.mktemp("scores")
    rng = np.random.default_rng(4)
    values = rng.normal(size=(500, 4))
    score = values[:, 0] + 0.7 * rng.normal(size=500)
    table = pd.DataFrame(values, columns=list("abcd"))
    table["fraud"] = np.where(score > np.quantile(score, 0.92), "yes", "no")
    table.to_csv(folder / "rare.csv", index=False)
    for name, (data, *options) in RUNS.items():
        source = folder / data if data.endswith(".csv") else data
        assert run_command("sweep", source, *options, *SMALL, "--out", folder / name) == 0
    return folder


def predicted(run_command, capsys, run, features, tmp_path):
    features.to_csv(tmp_path / "rows.csv", index=False)
    capsys.readouterr()
    assert run_command("predict", run, tmp_path / "rows.csv") == 0
    return pd.read_csv(io.StringIO(capsys.readouterr().out), keep_default_na=False)


def scikit_learns(truth, table, classes):
    """Every score of a table of predictions, by scikit-learn alone."""
    if not classes:
        pair = truth, table["prediction"]
        return {
            "r2": sk.r2_score(*pair),
            "rmse": sk.root_mean_squared_error(*pair),
            "mae": sk.mean_absolute_error(*pair),
        }
    names = np.array(classes)
    p = table[[f"probability {name}" for name in classes]].to_numpy(float)
    label, given = names[truth], table["prediction"]
    second, hits = (p[:, 1], truth) if len(classes) == 2 else (p, np.eye(len(classes))[truth])
    return {
        "accuracy": sk.accuracy_score(label, given),
        "balanced-accuracy": sk.balanced_accuracy_score(label, given),
        "roc-auc": sk.roc_auc_score(truth, second, multi_class="ovr", average="macro"),
        "average-precision": sk.average_precision_score(hits, second, average="macro"),
        "f1": sk.f1_score(label, given, average="macro"),
        "log-loss": sk.log_loss(truth, p),
        "brier": sk.brier_score_loss(truth, second),
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", RUNS)
def test_scores_equal_scikit_learns_on_the_saved_networks_predictions(
    runs, run_command, capsys, tmp_path, name
):
    folder = RunFolder.open(runs / name)
    manifest = folder.read_manifest()
    settings = SweepSettings.read(manifest["settings"])
    data, prepared = prepare_data(settings, load_same_data(settings, manifest))
    run_command("status", runs / name, "--json")
    winner = json.loads(capsys.readouterr().out)["winner"]
    own = next(one for one in folder.records() if one.trial == winner["saved_from"])

    for split in ("validation", "test"):
        rows = getattr(prepared.splits, split)
        table = predicted(run_command, capsys, runs / name, data.features.iloc[rows], tmp_path)
        truth = scikit_learns(data.target[rows], table, data.class_names)
        told = {score: measured[split]["value"] for score, measured in winner["scores"].items()}
        assert told == pytest.approx(truth, rel=1e-5, abs=1e-6)
        if split == "validation":  # what its trial said of itself, computed without Keras
            assert own.scores == pytest.approx(truth, rel=1e-4, abs=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("name", RUNS)
def test_the_score_that_was_chosen_chose_and_comes_first(runs, run_command, capsys, name):
    chosen = RUNS[name][-1]
    run_command("report", runs / name, "--format", "json", "--out", "-")
    document = json.loads(capsys.readouterr().out)
    sign = -1 if chosen == "mae" else 1
    key = chosen.replace("-", "_")

    assert document["scores"][0]["score"] == chosen
    means = [entry["confirmed"]["scores"][chosen]["value"] for entry in document["confirmation"]]
    assert max(sign * mean for mean in means) == sign * document["facts"]["score"]
    assert document["facts"]["score"] == document["facts"][f"validation_{key}"]
    assert document["facts"]["test_score"] == document["facts"][f"test_{key}"]
    best = [sign * trial[f"validation_{key}"] for trial in document["best_trials"]]
    assert best == sorted(best, reverse=True)
    assert document["winner"]["test"]["score_low"] < document["facts"]["test_score"]


@pytest.mark.slow
def test_a_run_is_judged_by_any_of_its_scores(runs, run_command, capsys):
    held = ("--fail-if", "test_roc_auc < 1.1", "--fail-if", "baseline_brier > 0")
    code = run_command("report", runs / "wine", "--format", "md", "--out", "-", *held)
    captured = capsys.readouterr()

    assert code == 6
    assert captured.err.count("it holds") == 2
    assert "| F1 (chose the winner) |" in captured.out
    assert run_command("report", runs / "wine", "--fail-if", "test_rmse > 1") == 4
    assert run_command("status", runs / "diabetes") == 0
    assert re.search(
        r"^mae +validation [\d.]+ \(.*\), test [\d.]+ \(", capsys.readouterr().out, re.MULTILINE
    )


@pytest.mark.slow
def test_a_score_of_another_task_is_refused_before_anything_is_made(run_command, capsys, tmp_path):
    for data, score, task in (("wine", "rmse", "classification"), ("diabetes", "f1", "regression")):
        code = run_command("sweep", data, "--score", score, "--out", tmp_path / "run")
        message = capsys.readouterr().err
        assert (code, message.count("\n")) == (2, 1)
        assert f"{score!r} is no score of a {task}" in message
        assert not (tmp_path / "run").exists()


@pytest.mark.slow
def test_a_run_from_before_there_was_a_choice_is_read_and_goes_on(run_copy, run_command, capsys):
    folder = RunFolder.open(run_copy)
    manifest, records = folder.read_manifest(), folder.records()
    before = run_headline(run_command, capsys, run_copy)
    del manifest["scores"], manifest["settings"]["score"], manifest["winner"]["scores"]
    for entry in (manifest["winner"], *manifest["confirmation"]):
        del entry["confirmed"]["scores"]
    folder.records_path.unlink()
    for record in records:
        folder.append_record(dataclasses.replace(record, scores={}))
    old = folder.baselines().drop(columns=[f"validation_{score.key}" for score in SCORES.values()])
    folder.write_baselines(old)
    folder.write_manifest(manifest)

    assert run_headline(run_command, capsys, run_copy) == before
    assert run_command("status", run_copy) == 0
    assert run_command("resume", run_copy) == 0
    again = folder.read_manifest()
    assert again["scores"][0]["name"] == "accuracy"
    assert again["winner"]["saved_from"] == manifest["winner"]["saved_from"]
    assert len(again["test_touches"]) == 1
    assert run_headline(run_command, capsys, run_copy) == before


def run_headline(run_command, capsys, run):
    capsys.readouterr()
    assert run_command("report", run, "--format", "json", "--out", "-") == 0
    return json.loads(capsys.readouterr().out)["headline"]
