"""Rows and classes with weights: every step equals `model.fit`, every measure a weighted mean."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits
from sklearn.metrics import accuracy_score, log_loss, mean_squared_error, r2_score
from sklearn.utils.class_weight import compute_class_weight, compute_sample_weight

from sweep.config import TrialConfig
from sweep.data.dataset import TrainingData
from sweep.optimizers import OPTIMIZERS
from sweep.records import HISTORY_COLUMNS
from sweep.seeds import derive_seed
from sweep.training import passes
from sweep.training.measures import measure
from sweep.training.network import build_network, put_weights
from sweep.training.streams import row_order
from sweep.training.trainer import Trainer

TIMED = HISTORY_COLUMNS.index("seconds")
LOADERS = {"binary": load_breast_cancer, "multiclass": load_digits, "regression": load_diabetes}
RATES = {"adam": 0.003, "sgd": 0.05, "rmsprop": 0.002}
ROWS = 203  # the last of 7 batches of 32 has 11


def plain_data(task):
    x, y = LOADERS[task](return_X_y=True)
    order = np.random.default_rng(0).permutation(len(y))
    x, y = x[order], y[order].astype(np.float64)
    x = ((x - x.mean(0)) / (x.std(0) + 1e-9)).astype(np.float32)
    if task == "regression":
        y = (y - y.mean()) / y.std()
    y = y.astype(np.float32 if task == "regression" else np.int32)
    return TrainingData(
        task=task, input_shape=x.shape[1:],
        classes={"binary": 2, "multiclass": 10, "regression": 0}[task],
        x_train=x[:ROWS], y_train=y[:ROWS],
        x_validation=x[ROWS : ROWS + 100], y_validation=y[ROWS : ROWS + 100],
    )  # fmt: skip


def with_weights(data, seed=1):
    """Weights of very different sizes, a tenth of them 0, their mean not 1."""
    rng = np.random.default_rng(seed)
    train, validation = (
        (rng.exponential(2.0, len(rows)) * (rng.random(len(rows)) > 0.1)).astype(np.float32)
        for rows in (data.y_train, data.y_validation)
    )
    return dataclasses.replace(data, loss_weights=train, w_train=train, w_validation=validation)


def network_of(config, data):
    return build_network(config, task=data.task, input_shape=data.input_shape, outputs=data.outputs)


def fit_with_keras(config, data, *, class_weight=None):
    """Train with `model.fit`, given the weights; return its losses and the network."""
    network = network_of(config, data)
    seed = tf.constant([derive_seed(config.seed, "order")], tf.uint32)
    losses = []
    for epoch in range(config.epochs):
        order = row_order(seed, tf.constant(epoch), tf.constant(len(data.x_train))).numpy()[0]
        weights = None if class_weight is not None else data.loss_weights[order]
        fitted = network.fit(
            data.x_train[order], data.y_train[order], sample_weight=weights,
            class_weight=class_weight, batch_size=config.batch_size, epochs=1, shuffle=False,
            verbose=0,
        )  # fmt: skip
        losses.append(fitted.history["loss"][0])
    return losses, network


def matrices(network):
    arrays = network.get_weights()
    return [np.vstack(pair) for pair in zip(arrays[::2], arrays[1::2], strict=True)]


def assert_equals_fit(config, data, *, class_weight=None):
    trained = Trainer(data).train([config])[0]
    losses, network = fit_with_keras(config, data, class_weight=class_weight)
    np.testing.assert_allclose(trained.history.column("running_loss"), losses, rtol=1e-5)
    for ours, theirs in zip(trained.last_weights, matrices(network), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=2e-5)
    return trained, network


def measured(network, task, x, y, weights):
    """Loss and score of a network by scikit-learn."""
    output = network.predict(x, verbose=0).astype(np.float64)
    if task == "regression":
        return (
            mean_squared_error(y, output[:, 0], sample_weight=weights),
            r2_score(y, output[:, 0], sample_weight=weights),
        )
    shares = np.hstack([1 - output, output]) if task == "binary" else output
    loss = log_loss(
        y, shares / shares.sum(1, keepdims=True), sample_weight=weights,
        labels=range(shares.shape[1]),
    )  # fmt: skip
    return loss, accuracy_score(y, shares.argmax(axis=1), sample_weight=weights)


@pytest.mark.slow
@pytest.mark.parametrize("task", LOADERS)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_weighted_rows_equal_model_fit_and_are_measured_as_scikit_learn_does(optimizer, task):
    momentum = 0.8 if optimizer == "sgd" else 0.0
    config = TrialConfig(
        depth=2, width=17, optimizer=optimizer, learning_rate=RATES[optimizer] / (1 + momentum),
        momentum=momentum, weight_decay=0.01, batch_size=32, epochs=3, seed=5,
    )  # fmt: skip
    data = with_weights(plain_data(task))
    trained, _ = assert_equals_fit(config, data)
    network = network_of(config, data)
    put_weights(network, trained.last_weights)
    for split in ("train", "validation"):
        rows = [getattr(data, f"{name}_{split}") for name in ("x", "y", "w")]
        loss, score = measured(network, task, *rows)
        assert trained.history.column(f"{split}_loss")[-1] == pytest.approx(loss, rel=1e-5)
        assert trained.history.column(f"{split}_score")[-1] == pytest.approx(score, rel=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("task", ["binary", "multiclass"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_balanced_classes_equal_model_fit_with_class_weights(optimizer, task):
    config = TrialConfig(
        depth=1, width=9, optimizer=optimizer, learning_rate=RATES[optimizer], epochs=3, seed=2
    )
    data = plain_data(task)
    labels = np.unique(data.y_train)
    by_class = compute_class_weight("balanced", classes=labels, y=data.y_train)
    weights = compute_sample_weight("balanced", data.y_train).astype(np.float32)
    data = dataclasses.replace(data, loss_weights=weights)
    trained, _ = assert_equals_fit(
        config, data, class_weight=dict(zip(labels.tolist(), by_class, strict=True))
    )
    # What is measured counts the rows as they are.
    network = network_of(config, data)
    put_weights(network, trained.last_weights)
    for split in ("train", "validation"):
        rows = [getattr(data, f"{name}_{split}") for name in ("x", "y")]
        loss, score = measured(network, task, *rows, None)
        assert trained.history.column(f"{split}_loss")[-1] == pytest.approx(loss, rel=1e-5)
        assert trained.history.column(f"{split}_score")[-1] == pytest.approx(score, rel=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("task", ["multiclass", "regression"])
def test_a_member_of_a_weighted_cohort_has_the_history_it_has_alone(task):
    base = TrialConfig(depth=2, width=16, optimizer="sgd", learning_rate=0.02, epochs=4)
    configs = [
        dataclasses.replace(base, seed=1, dropout=0.5),
        dataclasses.replace(base, seed=2, learning_rate=1e30),  # goes to NaN
        dataclasses.replace(base, seed=3, weight_decay=0.01),
    ]
    trainer = Trainer(with_weights(plain_data(task)))
    for config, member in zip(configs, trainer.train(configs), strict=True):
        alone = trainer.train([config])[0]
        assert member.history.diverged_epoch == alone.history.diverged_epoch
        if member.history.diverged_epoch is None:
            left, right = (np.delete(item.history.array, TIMED, axis=1) for item in (member, alone))
            np.testing.assert_allclose(left, right, rtol=1e-5, atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("task", ["multiclass", "regression"])
def test_a_compiled_program_weighs_as_the_open_one(task, monkeypatch):
    monkeypatch.setattr(passes, "EVALUATION_BLOCK", 64)
    data = with_weights(plain_data(task))
    config = TrialConfig(depth=1, width=15, dropout=0.3, epochs=3, seed=3)
    left, right = (
        np.delete(Trainer(data, compiled=compiled).train([config])[0].history.array, TIMED, axis=1)
        for compiled in (True, False)
    )
    np.testing.assert_allclose(left, right, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("members", [1, 2])
def test_training_goes_on_from_a_checkpoint_as_if_it_had_not_stopped(members):
    trainer = Trainer(with_weights(plain_data("binary")))
    base = TrialConfig(depth=1, width=8, dropout=0.2, epochs=5)
    configs = [base.with_seed(seed) for seed in range(members)]
    whole = trainer.train(configs)
    _, checkpoint = trainer.advance(configs, until=2)
    parts, _ = trainer.advance(configs, until=5, start=checkpoint)
    for one, other in zip(whole, parts, strict=True):
        left, right = (np.delete(item.history.array, TIMED, axis=1) for item in (one, other))
        np.testing.assert_array_equal(left, right)


@pytest.mark.parametrize("task", LOADERS)
def test_weights_of_one_change_nothing(task):
    data = plain_data(task)
    ones = [np.ones(len(rows), np.float32) for rows in (data.y_train, data.y_validation)]
    weighted = dataclasses.replace(
        data, loss_weights=ones[0], w_train=ones[0], w_validation=ones[1]
    )
    config = TrialConfig(depth=1, width=8, epochs=3)
    left, right = (
        np.delete(Trainer(some).train([config])[0].history.array, TIMED, axis=1)
        for some in (data, weighted)
    )
    np.testing.assert_allclose(left, right, rtol=1e-5, atol=1e-7)


def test_rows_of_weight_zero_are_as_good_as_absent():
    """In one batch of all rows; apart from the number that a batch's loss is divided by."""
    data = plain_data("regression")
    half = np.repeat([2.0, 0.0], [100, ROWS - 100]).astype(np.float32)
    fewer = dataclasses.replace(data, x_train=data.x_train[:100], y_train=data.y_train[:100])
    weighted = dataclasses.replace(
        data, loss_weights=half * ROWS / 200, w_train=half, w_validation=np.ones(100, np.float32)
    )
    config = TrialConfig(depth=1, width=8, batch_size=256, epochs=3)
    left, right = (Trainer(some).train([config])[0].history for some in (fewer, weighted))
    for name in ("train_loss", "train_loss_se", "train_score", "train_score_se", "validation_loss"):
        np.testing.assert_allclose(left.column(name), right.column(name), rtol=1e-4, err_msg=name)


@pytest.mark.parametrize("task", LOADERS)
def test_standard_errors_are_those_that_the_outputs_give(task):
    """On a sample of the training rows, too."""
    data = with_weights(plain_data(task))
    data = dataclasses.replace(data, evaluation_rows=np.arange(0, ROWS, 3))
    config = TrialConfig(depth=1, width=8, epochs=2)
    trained = Trainer(data).train([config])[0]
    matrix, last = trained.last_weights
    chosen = data.evaluation_rows
    for split, x, y, weights in (
        ("train", data.x_train[chosen], data.y_train[chosen], data.w_train[chosen]),
        ("validation", data.x_validation, data.y_validation, data.w_validation),
    ):
        hidden = np.maximum(x @ matrix[:-1] + matrix[-1], 0)
        logits = (hidden @ last[:-1] + last[-1]).astype(np.float64)
        names = ("loss", "loss_se", "score", "score_se")
        expected = measure(logits, y, task, weights)
        found = [trained.history.column(f"{split}_{name}")[-1] for name in names]
        np.testing.assert_allclose(found, expected, rtol=1e-4)
