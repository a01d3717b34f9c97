import dataclasses

import numpy as np
import pytest

from studies.designs.context import StudyContext
from sweep.data.dataset import TrainingData


def data_of(target, task="multiclass"):
    target = np.asarray(target)
    return TrainingData(
        task=task,
        input_shape=(8, 8),
        classes=10 if task == "multiclass" else 0,
        x_train=np.zeros((len(target), 8, 8), np.float32),
        y_train=target,
        x_validation=np.zeros((7, 8, 8), np.float32),
        y_validation=target[:7],
    )


def test_the_context_is_what_the_training_data_are():
    context = StudyContext.of(data_of(np.repeat([0, 4], [21, 9]).astype(np.int32)), label_noise=0.2)

    assert (context.task, context.inputs, context.outputs) == ("multiclass", 64, 10)
    assert (context.train_rows, context.validation_rows) == (30, 7)
    assert context.label_noise == 0.2
    assert context.majority == pytest.approx(0.7)


def test_the_commonest_class_is_the_one_with_the_most_weight():
    data = data_of(np.repeat([0, 4], [21, 9]).astype(np.int32))
    weights = np.repeat([1.0, 7.0], [21, 9]).astype(np.float32)
    data = dataclasses.replace(data, w_train=weights)
    assert StudyContext.of(data, label_noise=0.0).majority == pytest.approx(0.75)


def test_a_regression_has_no_majority():
    context = StudyContext.of(data_of(np.zeros(30, np.float32), "regression"), label_noise=0.0)
    assert (context.outputs, context.majority) == (1, 0.0)


def test_a_context_knows_the_commonest_class():
    from sweep.runs.preparation import prepare_data  # noqa: PLC0415
    from sweep.settings.study_settings import StudySettings  # noqa: PLC0415

    _, prepared = prepare_data(StudySettings(study="memorise", data="breast-cancer"))
    shares = np.bincount(prepared.training.y_train) / len(prepared.training.y_train)

    assert StudyContext.of(prepared.training, label_noise=0.0).majority == shares.max()
