import dataclasses
import gc
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sweep.data.dataset import TrainingData
from sweep.training import shared_data
from sweep.training.shared_data import SharedData

READ = """
import pickle, sys
from sweep.training.shared_data import MappedData
data = pickle.load(sys.stdin.buffer).load()
print(data.task, data.x_train.dtype, data.x_train.shape, float(data.x_train.sum()),
      data.y_validation.tolist(), data.evaluation_rows, data.x_train.flags.writeable)
"""


def open_files():
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.fixture
def data():
    return TrainingData(
        task="multiclass", input_shape=(2, 3), classes=3,
        x_train=np.arange(30, dtype=np.float32).reshape(5, 2, 3),
        y_train=np.array([0, 1, 2, 0, 1], np.int32),
        x_validation=np.ones((3, 2, 3), np.float32), y_validation=np.array([2, 1, 0], np.int32),
    )  # fmt: skip


def test_what_is_mapped_is_what_was_shared(data):
    rows = np.array([4, 0, 2])
    data = dataclasses.replace(
        data, evaluation_rows=rows, loss_weights=np.arange(5, dtype=np.float32),
        w_validation=np.ones(3, np.float32),
    )  # fmt: skip
    shared = SharedData(data)
    mapped = shared.mapped.load()

    for field in dataclasses.fields(data):
        value, expected = getattr(mapped, field.name), getattr(data, field.name)
        np.testing.assert_array_equal(value, expected)
        assert getattr(value, "dtype", None) == getattr(expected, "dtype", None)
    shared.close()


def test_another_process_maps_it(data):
    shared = SharedData(data)
    done = subprocess.run(
        [sys.executable, "-c", READ], input=pickle.dumps(shared.mapped), capture_output=True,
        check=True,
    )  # fmt: skip

    assert done.stdout.decode() == "multiclass float32 (5, 2, 3) 435.0 [2, 1, 0] None False\n"
    shared.close()


def test_what_was_mapped_outlives_the_file_and_nothing_is_left_behind(data, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    before = open_files()
    shared = SharedData(data)
    mapped = shared.mapped.load()
    shared.close()

    assert list(tmp_path.iterdir()) == []
    assert mapped.x_train[4, 1, 2] == 29
    with pytest.raises(OSError, match="No such file"):
        shared.mapped.load()
    del mapped
    gc.collect()
    assert open_files() == before


def test_empty_arrays_are_carried_along(data):
    data = dataclasses.replace(data, evaluation_rows=np.empty(0, np.int64))
    shared = SharedData(data)

    assert shared.mapped.load().evaluation_rows.shape == (0,)
    shared.close()


def test_where_files_cannot_be_shared_it_says_so(data, monkeypatch):
    monkeypatch.setattr(shared_data, "OPEN_FILES", Path("/nowhere"))
    with pytest.raises(OSError, match="cannot be shared"):
        SharedData(data)
