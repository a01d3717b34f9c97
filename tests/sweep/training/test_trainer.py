import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits

from sweep.activations import ACTIVATIONS
from sweep.config import TrialConfig
from sweep.data.dataset import TrainingData
from sweep.optimizers import OPTIMIZERS
from sweep.records import HISTORY_COLUMNS
from sweep.seeds import derive_seed
from sweep.training.dropout import Dropout
from sweep.training.measures import evaluation_statistics
from sweep.training.network import build_network, initial_weights, put_weights
from sweep.training.streams import row_order, scramble
from sweep.training.trainer import Trainer

TIMED = HISTORY_COLUMNS.index("seconds")


def digits(rows=203):
    x, y = load_digits(return_X_y=True)
    x = (x / 16).astype(np.float32).reshape(-1, 8, 8)
    return TrainingData(
        task="multiclass", input_shape=(8, 8), classes=10,
        x_train=x[:rows], y_train=y[:rows].astype(np.int32),
        x_validation=x[rows : rows + 150], y_validation=y[rows : rows + 150].astype(np.int32),
    )  # fmt: skip


def table(task):
    x, y = (load_breast_cancer if task == "binary" else load_diabetes)(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(y))
    x, y = x[order], y[order].astype(np.float64)
    x = ((x - x.mean(0)) / x.std(0)).astype(np.float32)
    if task == "regression":
        y = (y - y.mean()) / y.std()
    dtype = np.int32 if task == "binary" else np.float32
    return TrainingData(
        task=task, input_shape=(x.shape[1],), classes=2 if task == "binary" else 0,
        x_train=x[:205], y_train=y[:205].astype(dtype),
        x_validation=x[205:305], y_validation=y[205:305].astype(dtype),
    )  # fmt: skip


def network_of(config, data):
    return build_network(config, task=data.task, input_shape=data.input_shape, outputs=data.outputs)


def fit_with_keras(config, data):
    """Train with `model.fit` on the same initial weights and order of data, epoch by epoch."""
    network = network_of(config, data)
    seed = tf.constant([derive_seed(config.seed, "order")], tf.uint32)
    rows = len(data.x_train)
    history = {"train_loss": [], "validation_loss": [], "validation_score": [], "running_loss": []}
    for epoch in range(config.epochs):
        order = row_order(seed, tf.constant(epoch), tf.constant(rows)).numpy()[0]
        assert sorted(order) == list(range(rows))
        fitted = network.fit(
            data.x_train[order], data.y_train[order], batch_size=config.batch_size,
            epochs=1, shuffle=False, verbose=0,
        )  # fmt: skip
        loss, score = network.evaluate(data.x_validation, data.y_validation, verbose=0)
        history["running_loss"].append(fitted.history["loss"][0])
        history["train_loss"].append(network.evaluate(data.x_train, data.y_train, verbose=0)[0])
        history["validation_loss"].append(loss)
        history["validation_score"].append(score)
    return history


def assert_equals_fit(config, data):
    trained = Trainer(data).train([config])[0]
    for name, expected in fit_with_keras(config, data).items():
        np.testing.assert_allclose(
            trained.history.column(name), expected, rtol=1e-5, atol=1e-7, err_msg=name
        )


RATES = {"adam": 0.003, "sgd": 0.05, "rmsprop": 0.002}


@pytest.mark.slow
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_three_epochs_equal_model_fit(optimizer, activation):
    config = TrialConfig(
        depth=2, width=17, activation=activation, optimizer=optimizer,
        learning_rate=RATES[optimizer], batch_size=32, epochs=3, seed=5,
    )  # fmt: skip
    assert_equals_fit(config, digits())  # 203 rows: the last of 7 batches has 11


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_weight_decay_equals_model_fit(optimizer):
    momentum = 0.8 if optimizer == "sgd" else 0.0
    config = TrialConfig(
        depth=1, width=9, optimizer=optimizer, learning_rate=RATES[optimizer], momentum=momentum,
        weight_decay=0.1, batch_size=50, epochs=3,
    )  # fmt: skip
    assert_equals_fit(config, digits())


@pytest.mark.slow
@pytest.mark.parametrize("activation", ["relu", "sigmoid"])
def test_he_normal_equals_model_fit(activation):
    config = TrialConfig(
        depth=2, width=17, activation=activation, learning_rate=0.003, epochs=3, seed=5,
        initializer="he_normal",
    )  # fmt: skip
    assert_equals_fit(config, digits())


@pytest.mark.slow
@pytest.mark.parametrize("task", ["binary", "regression"])
def test_table_tasks_equal_model_fit(task):
    config = TrialConfig(depth=2, width=12, shape="tapering", batch_size=32, epochs=3)
    assert_equals_fit(config, table(task))


@pytest.mark.slow
def test_linear_model_and_network_without_bias_equal_model_fit():
    assert_equals_fit(TrialConfig(depth=0, width=0, epochs=3, optimizer="sgd"), digits())
    assert_equals_fit(TrialConfig(depth=2, width=9, epochs=3, use_bias=False), digits())


@pytest.mark.slow
@pytest.mark.parametrize("task", ["multiclass", "binary", "regression"])
def test_keras_evaluate_of_the_best_weights_gives_the_recorded_validation_values(task):
    data = digits(400) if task == "multiclass" else table(task)
    config = TrialConfig(depth=2, width=24, dropout=0.2, learning_rate=0.01, epochs=12)
    trained = Trainer(data).train([config])[0]
    network = network_of(config, data)
    put_weights(network, trained.best_weights)
    loss, score = network.evaluate(data.x_validation, data.y_validation, verbose=0)
    best = trained.history.best_epoch - 1
    assert loss == pytest.approx(trained.history.column("validation_loss")[best], rel=1e-5)
    assert score == pytest.approx(trained.history.column("validation_score")[best], rel=1e-4)
    put_weights(network, trained.last_weights)
    loss, _ = network.evaluate(data.x_train, data.y_train, verbose=0)
    assert loss == pytest.approx(trained.history.column("train_loss")[-1], rel=1e-5)


def test_standard_errors_are_those_of_the_rows():
    data = table("regression")
    config = TrialConfig(depth=1, width=8, epochs=2)
    trained = Trainer(data).train([config])[0]
    network = network_of(config, data)
    put_weights(network, trained.last_weights)
    y = data.y_validation.astype(np.float64)
    square = (network.predict(data.x_validation, verbose=0)[:, 0] - y) ** 2
    rows = len(y)
    last = {name: trained.history.column(name)[-1] for name in HISTORY_COLUMNS}
    assert last["validation_loss_se"] == pytest.approx(square.std() / rows**0.5, rel=1e-4)
    assert last["validation_score"] == pytest.approx(1 - square.mean() / y.var(), rel=1e-4)
    # The delta method against the jackknife: two estimates of one standard error.
    left_out = [1 - np.delete(square, row).mean() / np.delete(y, row).var() for row in range(rows)]
    jackknife = np.sqrt((rows - 1) * np.var(left_out))
    assert last["validation_score_se"] == pytest.approx(jackknife, rel=0.05)


def test_standard_error_of_accuracy_is_binomial():
    values = evaluation_statistics(
        np.array([[20.0, 10.0, 30.0]]), np.zeros(40, np.int32), regression=False
    )
    np.testing.assert_allclose(values, [[0.5, 0.0, 0.75, (0.75 * 0.25 / 40) ** 0.5]])


def test_score_of_a_constant_target_is_zero_not_infinite():
    values = evaluation_statistics(np.ones((1, 3)), np.zeros(3, np.float32), regression=True)
    assert values[0, 2:].tolist() == [0.0, 0.0]


def test_dropout_keeps_the_expected_share_of_units_and_the_running_loss_sees_it():
    data = digits(1000)
    with_dropout, without = (
        TrialConfig(depth=1, width=64, dropout=rate, epochs=8, seed=1) for rate in (0.6, 0.0)
    )
    trained = Trainer(data).train([with_dropout])[0].history
    assert trained.column("running_loss")[-1] > 1.3 * trained.column("train_loss")[-1]
    plain = Trainer(data).train([without])[0].history
    assert plain.column("train_loss")[-1] < trained.column("train_loss")[-1]


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_masks_drop_the_rate_in_every_layer_and_keep_the_expectation(rate):
    weights = [tf.zeros([1, 5, 101]), tf.zeros([1, 102, 50]), tf.zeros([1, 51, 3])]
    dropout = Dropout(
        tf.constant([7], tf.uint32), tf.constant([[[rate]]]), weights, 40, alone=False
    )
    streams = dropout.streams(tf.constant(0, tf.int64), 60)
    masks = [dropout.masks(stream, 32) for stream in streams]
    for layer, units in enumerate((101, 50)):
        mask = np.stack([both[layer].numpy() for both in masks])
        assert mask.shape == (60, 1, 32, units)
        values = mask.size
        assert (mask == 0).mean() == pytest.approx(
            rate, abs=5 * (rate * (1 - rate) / values) ** 0.5
        )
        assert mask.max() == pytest.approx(1 / (1 - rate))
    assert (masks[0][0].numpy() != masks[1][0].numpy()).any()


def test_masks_follow_from_the_update_wherever_an_epoch_begins_and_however_large_a_batch_is():
    weights, rate = [tf.zeros([2, 5, 33]), tf.zeros([2, 34, 3])], tf.constant(0.5, shape=[2, 1, 1])
    seeds = tf.constant([7, 8], tf.uint32)
    small, large = (Dropout(seeds, rate, weights, rows, alone=False) for rows in (16, 40))
    whole = large.streams(tf.constant(0, tf.int64), 10)

    np.testing.assert_array_equal(small.streams(tf.constant(5, tf.int64), 3), whole[5:8])
    left, right = (dropout.masks(whole[5], 16)[0].numpy() for dropout in (small, large))
    np.testing.assert_array_equal(left, right)
    assert (left[0] != left[1]).any()


def test_hash_is_uniform_and_its_streams_are_uncorrelated():
    counters = tf.cast(tf.range(100_000), tf.uint32)
    left = scramble(counters).numpy() / 2**32
    right = scramble(counters + tf.constant(12345, tf.uint32)).numpy() / 2**32
    assert left.mean() == pytest.approx(0.5, abs=0.004)
    assert np.histogram(left, 20, (0, 1))[0] == pytest.approx(5000, abs=350)
    assert abs(np.corrcoef(left, right)[0, 1]) < 0.015


def test_orders_differ_between_epochs_and_seeds_and_put_every_row_everywhere():
    seeds = tf.constant([1, 2], tf.uint32)
    orders = np.array(
        [row_order(seeds, tf.constant(epoch), tf.constant(50)).numpy() for epoch in range(400)]
    )
    assert (np.sort(orders, axis=-1) == np.arange(50)).all()
    first_rows = np.bincount(orders[:, :, 0].ravel(), minlength=50)
    assert first_rows.min() > 2  # 16 expected, Poisson: below 3 has a chance of 2e-6 a row
    assert first_rows.max() < 40
    assert (orders[0, 0] != orders[0, 1]).any()
    assert (orders[0, 0] != orders[1, 0]).any()


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_member_of_a_cohort_has_the_history_it_has_alone(optimizer):
    base = TrialConfig(depth=2, width=16, optimizer=optimizer, epochs=5, learning_rate=0.01)
    configs = [
        dataclasses.replace(base, seed=1, dropout=0.5),
        dataclasses.replace(base, seed=2, learning_rate=1e30),  # goes to NaN
        dataclasses.replace(base, seed=3, dropout=0.0, weight_decay=0.01),
    ]
    trainer = Trainer(digits())
    together = trainer.train(configs)
    for config, member in zip(configs, together, strict=True):
        alone = trainer.train([config])[0]
        assert member.history.diverged_epoch == alone.history.diverged_epoch
        if member.history.diverged_epoch is None:
            np.testing.assert_allclose(
                np.delete(member.history.array, TIMED, axis=1),
                np.delete(alone.history.array, TIMED, axis=1),
                rtol=1e-5, atol=1e-6,
            )  # fmt: skip
    assert together[1].history.diverged_epoch is not None


def test_training_twice_gives_the_same_bits_however_many_calls_it_takes(monkeypatch):
    config = TrialConfig(depth=1, width=8, dropout=0.3, epochs=6)
    once = Trainer(digits()).train([config])[0]
    monkeypatch.setattr("sweep.training.trainer.CALL_SECONDS", 0.0)  # one epoch a call
    calls = []
    again = Trainer(digits()).train([config], after_call=calls.append)[0]
    assert calls == [1, 2, 3, 4, 5, 6]
    np.testing.assert_array_equal(
        np.delete(once.history.array, TIMED, axis=1),
        np.delete(again.history.array, TIMED, axis=1),
    )
    for left, right in zip(once.best_weights, again.best_weights, strict=True):
        np.testing.assert_array_equal(left, right)


def test_diverged_trial_stops_and_keeps_the_weights_of_its_best_epoch():
    config = TrialConfig(depth=2, width=16, optimizer="sgd", learning_rate=1e8, epochs=50)
    trained = Trainer(digits()).train([config])[0]
    history = trained.history
    assert history.diverged_epoch is not None
    assert len(history) == history.diverged_epoch < 50
    assert all(np.isfinite(layer).all() for layer in trained.best_weights)


def test_best_epoch_is_the_smallest_validation_loss_and_gives_the_best_weights():
    config = TrialConfig(depth=2, width=64, learning_rate=0.02, epochs=15)
    trainer = Trainer(digits(60))  # few rows: it overfits, so that the best is not the last
    trained = trainer.train([config])[0]
    losses = trained.history.column("validation_loss")
    best = trained.history.best_epoch
    assert best == int(np.argmin(losses)) + 1 < 15
    until_best = trainer.train([dataclasses.replace(config, epochs=best)])[0]
    for left, right in zip(trained.best_weights, until_best.last_weights, strict=True):
        np.testing.assert_array_equal(left, right)


def test_train_metrics_are_measured_on_the_sample_that_the_data_name():
    data = digits(400)
    sample = np.arange(0, 400, 7)
    config = TrialConfig(depth=1, width=8, epochs=2)
    sampled = dataclasses.replace(data, evaluation_rows=sample)
    trained = Trainer(sampled).train([config])[0]
    network = network_of(config, data)
    put_weights(network, trained.last_weights)
    loss, _ = network.evaluate(data.x_train[sample], data.y_train[sample], verbose=0)
    assert trained.history.column("train_loss")[-1] == pytest.approx(loss, rel=1e-5)


def test_gradient_norm_of_one_full_batch_is_that_of_keras():
    data = digits(64)
    config = TrialConfig(depth=2, width=8, activation="tanh", batch_size=64, epochs=1, seed=4)
    trained = Trainer(data).train([config])[0]
    network = network_of(config, data)
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(
            keras.losses.sparse_categorical_crossentropy(data.y_train, network(data.x_train))
        )
    norm = tf.linalg.global_norm(tape.gradient(loss, [v.value for v in network.trainable_weights]))
    assert trained.history.column("gradient_norm")[0] == pytest.approx(float(norm), rel=1e-4)


def test_configurations_of_different_shapes_are_refused():
    with pytest.raises(ValueError, match="one shape"):
        Trainer(digits()).train([TrialConfig(depth=1, width=4), TrialConfig(depth=1, width=5)])


def test_batch_larger_than_the_data_is_one_batch():
    data = digits(20)
    big, exact = (TrialConfig(depth=1, width=4, batch_size=size, epochs=2) for size in (64, 20))
    trainer = Trainer(data)
    np.testing.assert_array_equal(
        trainer.train([big])[0].history.column("train_loss"),
        trainer.train([exact])[0].history.column("train_loss"),
    )


def test_initial_weights_are_returned_when_the_first_epoch_is_not_finite():
    data = digits(20)
    config = TrialConfig(depth=1, width=4, learning_rate=1e38, optimizer="sgd", epochs=3)
    trained = Trainer(data).train([config])[0]
    assert trained.history.diverged_epoch == 1
    assert trained.history.best_epoch is None
    for best, start in zip(
        trained.best_weights, initial_weights(config, inputs=64, outputs=10), strict=True
    ):
        np.testing.assert_array_equal(best, start)
