"""Where networks are trained, found without loading TensorFlow where there is nothing to find."""

import os
from pathlib import Path
from typing import Final, Literal

Device = Literal["CPU", "GPU"]

DRIVER: Final = Path("/dev/nvidiactl")  # there is one wherever NVIDIA's driver runs
HIDDEN: Final = {"-1", "", "NoDevFiles"}  # of CUDA_VISIBLE_DEVICES


def find_device() -> Device:
    """Return the device that TensorFlow will train on."""
    if not DRIVER.exists() or os.environ.get("CUDA_VISIBLE_DEVICES") in HIDDEN:
        return "CPU"
    from sweep.training.engine import DEVICE  # noqa: PLC0415 - TensorFlow has to be asked

    return DEVICE
