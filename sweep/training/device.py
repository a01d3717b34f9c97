"""Where networks are trained, found without loading TensorFlow where there is nothing to find."""

import os
from pathlib import Path
from typing import Final

from sweep.config import Device

DRIVER: Final = Path("/dev/nvidiactl")  # there is one wherever NVIDIA's driver runs
HIDDEN: Final = {"-1", "", "NoDevFiles"}  # of CUDA_VISIBLE_DEVICES


def may_have_gpu() -> bool:
    """Return whether TensorFlow has to be asked for GPUs."""
    return DRIVER.exists() and os.environ.get("CUDA_VISIBLE_DEVICES") not in HIDDEN


def find_device() -> Device:
    """Return the device that TensorFlow will train on."""
    if not may_have_gpu():
        return "CPU"
    from sweep.training.engine import DEVICE  # noqa: PLC0415 - TensorFlow has to be asked

    return DEVICE


def available_cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def default_workers() -> int:
    """Return how many workers a run has unless told otherwise: one a core, or one for a GPU."""
    return available_cores() if find_device() == "CPU" else 1
