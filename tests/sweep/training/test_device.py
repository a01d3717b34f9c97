import pytest

from sweep.training import device


def test_without_a_driver_everything_runs_on_the_processor(monkeypatch, tmp_path):
    monkeypatch.setattr(device, "DRIVER", tmp_path / "missing")
    assert device.find_device() == "CPU"


@pytest.mark.parametrize("hidden", ["-1", ""])
def test_a_hidden_gpu_is_not_looked_for(monkeypatch, tmp_path, hidden):
    monkeypatch.setattr(device, "DRIVER", tmp_path)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", hidden)
    assert device.find_device() == "CPU"


@pytest.mark.slow
def test_where_there_is_a_driver_tensorflow_says_what_it_sees(monkeypatch, tmp_path):
    from sweep.training.engine import DEVICE, tf  # noqa: PLC0415 - slow to import

    monkeypatch.setattr(device, "DRIVER", tmp_path)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert device.find_device() == DEVICE
    assert (DEVICE == "GPU") == bool(tf.config.list_physical_devices("GPU"))
