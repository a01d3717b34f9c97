import dataclasses

import numpy as np
import pytest

from sweep.activations import ACTIVATIONS
from sweep.config import TrialConfig
from sweep.data.dataset import TargetUnits, TrainingData
from sweep.scores import scores_of
from sweep.training.scoring import outputs, predictions_of


def training_data(task, rows=60, classes=3):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(rows, 5)).astype(np.float32)
    if task == "regression":
        y, classes = x[:, 0] + 0.1 * rng.normal(size=rows).astype(np.float32), 0
    else:
        classes = 2 if task == "binary" else classes
        y = np.clip(np.round(x[:, 0] + 1), 0, classes - 1).astype(np.int32)
    return TrainingData(
        task=task, input_shape=(5,), classes=classes, x_train=x, y_train=y, x_validation=x,
        y_validation=y, target_units=TargetUnits(mean=100.0, scale=20.0),
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_outputs_are_those_of_keras(activation):
    from sweep.training.engine import keras  # noqa: PLC0415 - only where it is asked for
    from sweep.training.network import build_network, initial_weights, put_weights  # noqa: PLC0415

    config = TrialConfig(depth=2, width=7, activation=activation, dropout=0.5)
    weights = initial_weights(config, inputs=5, outputs=3)
    network = build_network(config, task="multiclass", input_shape=(5,), outputs=3)
    put_weights(network, weights)
    x = training_data("multiclass").x_train
    before = keras.Model(network.inputs[0], network.layers[-2].output)

    np.testing.assert_allclose(
        outputs(weights, x, activation), before(x, training=False), rtol=1e-4, atol=1e-5
    )


def test_equal_rows_get_equal_outputs_wherever_they_stand():
    rng = np.random.default_rng(1)
    weights = [rng.normal(size=shape).astype(np.float32) for shape in ((6, 33), (34, 17), (18, 1))]
    rows = np.tile(rng.normal(size=(7, 5)).astype(np.float32), (1500, 1))  # over several blocks
    found = outputs(weights, rows, "tanh").reshape(1500, 7)

    assert (found == found[0]).all()


def test_a_linear_model_has_no_hidden_layer():
    weights = [np.array([[2.0], [0.5]], np.float32)]
    assert outputs(weights, np.array([[3.0], [1.0]], np.float32), "relu").tolist() == [[6.5], [2.5]]


@pytest.mark.slow
@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_a_trial_has_the_scores_of_its_task_once_it_is_trained_to_its_end(task):
    from sweep.training.tasks import CohortTask, train_cohort, train_trial  # noqa: PLC0415

    config = TrialConfig(depth=1, width=8, epochs=4, learning_rate=0.03)
    data = training_data(task)
    result = train_trial(data, "s0000", config)
    rung = CohortTask(trials=("s0000",), configs=(config,), until=2)

    assert set(result.scores) == {score.name for score in scores_of(task)}
    assert train_cohort(data, rung)[0][0].scores == {}
    best = result.history.column("validation_loss")[result.history.best_epoch - 1]
    score = result.history.column("validation_score")[result.history.best_epoch - 1]
    if task == "regression":
        assert result.scores["r2"] == pytest.approx(score, rel=1e-5)
        assert result.scores["rmse"] == pytest.approx(20 * best**0.5, rel=1e-5)
    else:
        assert result.scores["accuracy"] == score
        assert result.scores["log-loss"] == pytest.approx(best, rel=1e-5)


@pytest.mark.slow
def test_a_class_that_validation_lacks_leaves_its_scores_out():
    from sweep.training.tasks import train_trial  # noqa: PLC0415

    data = training_data("multiclass")
    without = dataclasses.replace(data, y_validation=np.minimum(data.y_validation, 1))
    result = train_trial(without, "s0000", TrialConfig(depth=1, width=8, epochs=1))

    assert result.outcome == "finished"
    assert not {"roc-auc", "average-precision"} & set(result.scores)
    assert "f1" in result.scores


def test_values_are_scored_in_the_targets_own_units():
    rows = predictions_of(
        np.array([[0.5]]), np.array([-1.0]), "regression", TargetUnits(mean=10.0, scale=4.0)
    )
    assert (rows.target.tolist(), rows.predicted.tolist()) == ([6.0], [[12.0]])
