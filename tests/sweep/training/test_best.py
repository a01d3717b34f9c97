import dataclasses
import math
import warnings
from pathlib import Path

import keras
import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits

from sweep.config import TrialConfig
from sweep.data.dataset import TrainingData
from sweep.errors import StorageError
from sweep.optimizers import OPTIMIZERS
from sweep.records import HISTORY_COLUMNS, TrainingHistory
from sweep.safe_files import file_digest
from sweep.training.best import (
    history_difference,
    load_network,
    measure_test,
    network_logits,
    save_network,
)
from sweep.training.tasks import train_trial

LOADERS = {"binary": load_breast_cancer, "multiclass": load_digits, "regression": load_diabetes}


def prepared(task):
    x, y = LOADERS[task](return_X_y=True)
    order = np.random.default_rng(0).permutation(len(y))[:400]
    x, y = x[order], y[order].astype(np.float64)
    x = ((x - x.mean(0)) / (x.std(0) + 1e-9)).astype(np.float32)
    if task == "multiclass":
        x = x.reshape(-1, 8, 8)
    if task == "regression":
        y = (y - y.mean()) / y.std()
    y = y.astype(np.float32 if task == "regression" else np.int32)
    data = TrainingData(
        task=task, input_shape=x.shape[1:],
        classes={"binary": 2, "multiclass": 10, "regression": 0}[task],
        x_train=x[:200], y_train=y[:200], x_validation=x[200:300], y_validation=y[200:300],
    )  # fmt: skip
    return data, x[300:], y[300:]


def saved(data, path, record_of, **more):
    config = TrialConfig(**{"depth": 1, "width": 16, "epochs": 4, "seed": 3, **more})
    history = train_trial(data, "s0000", config).history
    record = record_of(config=config, history=history)
    return record, save_network(data, record, [record], (), path)


@pytest.mark.slow
@pytest.mark.parametrize("depth", [0, 2])
@pytest.mark.parametrize("task", LOADERS)
def test_a_saved_network_has_the_recorded_loss_and_opens_without_a_warning(
    task, depth, tmp_path, record_of
):
    data, x_test, y_test = prepared(task)
    path = tmp_path / "model.keras"
    width = 16 if depth else 0
    record, network = saved(data, path, record_of, depth=depth, width=width, dropout=0.2)

    opened = keras.models.load_model(path, safe_mode=True)

    loss, score = opened.evaluate(data.x_validation, data.y_validation, verbose=0)
    assert loss == pytest.approx(record.validation_loss, rel=1e-5)
    assert score == pytest.approx(record.validation_score, rel=1e-5, abs=1e-6)
    loss, _, score, _ = measure_test(data, path, network.sha256, x_test, y_test)
    expected = opened.evaluate(x_test, y_test, verbose=0)
    assert [loss, score] == pytest.approx(expected, rel=1e-5, abs=1e-6)
    assert network.difference == 0
    assert network.sha256 == file_digest(path)


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_saved_network_can_be_trained_on_in_plain_keras(optimizer, tmp_path, record_of):
    data, _, _ = prepared("multiclass")
    path = tmp_path / "model.keras"
    saved(data, path, record_of, optimizer=optimizer, weight_decay=0.01)

    opened = keras.models.load_model(path)

    assert opened.optimizer.name == optimizer
    opened.fit(data.x_train, data.y_train, epochs=1, verbose=0)


def test_logits_are_what_comes_before_the_activation(tmp_path, record_of):
    data, x_test, _ = prepared("binary")
    _, network = saved(data, tmp_path / "model.keras", record_of)

    logits = network_logits(tmp_path / "model.keras", network.sha256, x_test)

    opened = keras.models.load_model(tmp_path / "model.keras", compile=False)
    assert logits.dtype == np.float64
    assert logits.shape == (len(x_test), 1)
    np.testing.assert_allclose(1 / (1 + np.exp(-logits)), opened.predict(x_test, verbose=0), 1e-5)


def test_a_file_that_is_not_the_saved_one_is_not_opened(tmp_path, record_of):
    data, _, _ = prepared("binary")
    path = tmp_path / "model.keras"
    _, network = saved(data, path, record_of)
    content = path.read_bytes()
    for damaged in (b"", content[:-1], content[:50] + b"x" + content[51:]):
        path.write_bytes(damaged)
        with pytest.raises(StorageError, match=rf"model\.keras: its SHA-256 is .*{network.sha256}"):
            load_network(path, network.sha256)
    path.unlink()
    with pytest.raises(StorageError, match=r"model\.keras: No such file"):
        load_network(path, network.sha256)


def test_a_network_that_cannot_be_written_is_told(tmp_path, record_of):
    data, _, _ = prepared("binary")
    with pytest.raises(StorageError, match=r"missing/model\.keras: No such file or directory"):
        saved(data, tmp_path / "missing" / "model.keras", record_of)


def test_a_record_that_comes_out_otherwise_is_noticed(tmp_path, record_of):
    data, _, _ = prepared("binary")
    record, _ = saved(data, tmp_path / "model.keras", record_of)
    other = dataclasses.replace(record, config=record.config.with_seed(8))

    assert save_network(data, other, [other], (), tmp_path / "model.keras").difference > 0


def test_equal_histories_differ_by_nothing_whatever_their_times(history_of):
    one = history_of([0.5, 0.4])
    array = one.array.copy()
    array[:, HISTORY_COLUMNS.index("seconds")] = 99

    assert history_difference(one, TrainingHistory(array=array)) == 0


def test_the_largest_difference_is_told(history_of):
    one, other = history_of([0.5, 0.4]), history_of([0.5, 0.4])
    other.array[1, HISTORY_COLUMNS.index("gradient_norm")] += 0.125
    other.array[0, HISTORY_COLUMNS.index("train_loss")] -= 0.0625

    assert history_difference(one, other) == 0.125
    assert history_difference(other, one) == 0.125


def test_the_last_bit_counts(history_of):
    one, other = history_of([0.5]), history_of([np.nextafter(0.5, 1)])

    assert 0 < history_difference(one, other) < 1e-15


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_diverged_histories_are_equal_where_both_are_not_finite(history_of, bad):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert history_difference(history_of([0.5, bad]), history_of([0.5, bad])) == 0
        assert history_difference(history_of([0.5, bad]), history_of([0.5, 0.4])) == math.inf
        assert history_difference(history_of([bad]), history_of([bad])) == 0


def test_histories_of_different_lengths_differ_infinitely(history_of):
    assert history_difference(history_of([0.5]), history_of([0.5, 0.4])) == math.inf
    assert history_difference(history_of([]), history_of([])) == 0


def test_paths_may_be_relative(tmp_path, record_of, monkeypatch):
    monkeypatch.chdir(tmp_path)
    data, _, _ = prepared("binary")
    saved(data, Path("model.keras"), record_of)

    assert [path.name for path in tmp_path.iterdir()] == ["model.keras"]
