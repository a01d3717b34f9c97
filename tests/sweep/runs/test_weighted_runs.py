"""Whole runs on rows with weights: what is chosen, measured, resumed and trained again by them."""

import dataclasses
import itertools

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, log_loss
from sklearn.utils.class_weight import compute_class_weight

from sweep.data.preprocessing import prepare
from sweep.data.sources import load_dataset
from sweep.data.weights import effective_rows
from sweep.errors import ConfigurationError
from sweep.records import cohort_of
from sweep.runs.prediction import predict_rows
from sweep.runs.preparation import prepare_data
from sweep.runs.runner import Sweep
from sweep.settings.sweep_settings import SweepSettings
from sweep.space.parsing import parse_space
from sweep.training.best import history_difference
from sweep.training.reruns import rerun

ONE_SHAPE = {"depth": 1, "width": 8, "optimizer": "adam", "activation": "relu"}


def weighted(name):
    dataset = load_dataset(name)
    return dataclasses.replace(
        dataset, weights=np.random.default_rng(0).exponential(30.0, len(dataset))
    )


@pytest.fixture(scope="module")
def dataset():
    return weighted("digits")


@pytest.fixture(scope="module")
def settings(small_settings):
    return small_settings(
        trials=8, epochs=4, pruner="halving", lag=8, confirm_top=1, class_weight="balanced",
        baselines=True, space=parse_space(ONE_SHAPE),
    )  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory, dataset, settings):
    """A run with cohorts of which some members are pruned."""
    path = tmp_path_factory.mktemp("weighted") / "run"
    sweep = Sweep.create(settings, path, dataset=dataset)
    return sweep, list(sweep.run())


@pytest.mark.slow
def test_every_trial_is_equal_with_its_cohort(run):
    sweep, records = run
    assert any(record.outcome == "pruned" for record in records)
    assert any(record.cohort for record in records)
    for record in records:
        again = rerun(sweep.prepared.training, record, cohort_of(record, records), rungs=[1])
        assert history_difference(again.history, record.history) == 0
    assert sweep.folder.read_manifest()["winner"]["rerun_difference"] == 0


@pytest.mark.slow
def test_interrupted_and_resumed_on_two_workers_it_ends_the_same(
    run, tmp_path, dataset, settings, same_trials
):
    sweep = Sweep.create(settings.replace(workers=2), tmp_path / "run", dataset=dataset)
    running = sweep.run()
    begun = list(itertools.islice(running, 3))
    running.close()
    again = Sweep.open(tmp_path / "run", workers=2, dataset=dataset)
    rest = list(again.run())

    assert len(begun) < len(run[1])
    assert rest
    same_trials(run[1], again.folder.records())


@pytest.mark.slow
def test_the_test_score_is_the_weighted_one(run):
    sweep, _ = run
    manifest, data = sweep.folder.read_manifest(), sweep.prepared
    test = manifest["winner"]["test"]
    from sweep.training.best import network_logits  # noqa: PLC0415 - TensorFlow, where it is needed
    from sweep.training.measures import log_probabilities  # noqa: PLC0415

    logits = network_logits(
        sweep.folder.best_path / "model.keras", manifest["winner"]["sha256"], data.x_test
    )
    shares = np.exp(log_probabilities(logits, "multiclass"))
    given = {"sample_weight": data.w_test.astype(float)}
    assert test["score"] == pytest.approx(
        accuracy_score(data.y_test, shares.argmax(axis=1), **given), rel=1e-6
    )
    assert test["loss"] == pytest.approx(log_loss(data.y_test, shares, **given), rel=1e-6)
    # Wilson's interval for as many rows of equal weight as have its error: fewer than there are.
    counted = test["score"] * (1 - test["score"]) / test["score_se"] ** 2
    assert counted < len(data.y_test)
    for end in (test["score_low"], test["score_high"]):
        reach = 1.959963984540054**2 * end * (1 - end) / counted
        assert (end - test["score"]) ** 2 == pytest.approx(reach)
    assert test["rows"] == len(data.y_test)


@pytest.mark.slow
def test_the_manifest_says_how_much_the_rows_tell(run):
    sweep, _ = run
    data = sweep.folder.read_manifest()["data"]
    found = data["effective_rows"]

    assert found.keys() == data["splits"].keys()
    expected = effective_rows(sweep.prepared.training.w_validation)
    assert found["validation"] == pytest.approx(expected, abs=0.05)
    assert all(found[name] < rows for name, rows in data["splits"].items())  # about half


def test_the_manifest_of_rows_that_count_alike_says_nothing(small_settings, tmp_path):
    sweep = Sweep.create(small_settings("iris"), tmp_path / "run")
    assert sweep.folder.read_manifest()["data"]["effective_rows"] is None


@pytest.mark.slow
def test_balanced_classes_come_from_the_settings(run, dataset):
    sweep, _ = run
    training = sweep.prepared.training
    by_class = compute_class_weight("balanced", classes=np.arange(10), y=training.y_train)
    weights = training.w_train * by_class[training.y_train]
    np.testing.assert_allclose(training.loss_weights, weights / weights.mean(), rtol=1e-5)
    plain = prepare(dataset, sweep.prepared.splits, seed=0).training
    np.testing.assert_array_equal(plain.loss_weights, plain.w_train)


def test_classes_of_a_regression_cannot_be_weighted():
    settings = SweepSettings(data="diabetes", class_weight="balanced")
    with pytest.raises(ConfigurationError, match="--class-weight: balanced is for classes") as told:
        prepare_data(settings)
    assert len(told.value.faults) == 1


@pytest.mark.slow
def test_a_regression_is_predicted_in_its_own_units(small_settings, tmp_path):
    dataset = weighted("diabetes")
    settings = small_settings(
        "diabetes", trials=3, epochs=30, confirm=0, space=parse_space(ONE_SHAPE)
    )
    sweep = Sweep.create(settings, tmp_path / "run", dataset=dataset)
    list(sweep.run())
    test = sweep.folder.read_manifest()["winner"]["test"]
    assert "effective_rows" not in test
    assert 0.2 < test["score"] < 0.7
    rows = sweep.prepared.splits.train
    dataset.features.to_csv(tmp_path / "rows.csv", index=False)
    table = predict_rows(sweep.folder, str(tmp_path / "rows.csv")).table
    predicted = table["prediction"].to_numpy()
    weights = dataset.weights[rows]
    found, true = (
        np.average(values[rows], weights=weights) for values in (predicted, dataset.target)
    )
    assert found == pytest.approx(true, rel=0.05)
