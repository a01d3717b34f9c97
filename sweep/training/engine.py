"""The one door to TensorFlow and Keras: import them from here, set up, or not at all.

Importing TensorFlow takes seconds and hundreds of megabytes, so only the modules that build and
train networks import this one. One thread a process is the default: at the sizes of an MLP sweep,
as many processes as cores beat one process with all threads, and the bits of a result depend on
the number of threads.
"""

import contextlib
import os
import platform
import sys
import warnings
from collections.abc import Iterator
from importlib import metadata
from typing import Final

from sweep.config import Device
from sweep.imports import large_imports

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["KERAS_BACKEND"] = "tensorflow"  # whatever the user's keras.json says


@contextlib.contextmanager
def _without_stderr() -> Iterator[None]:
    """Keep away what TensorFlow's C++ side writes while it loads, before any log level counts."""
    sys.stderr.flush()
    kept = os.dup(2)
    with open(os.devnull, "wb") as sink:  # noqa: PTH123 - only the file descriptor matters
        os.dup2(sink.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


with warnings.catch_warnings(), _without_stderr(), large_imports():
    warnings.simplefilter("ignore")  # what TensorFlow's own imports deprecate is not our user's
    import keras
    import tensorflow as tf

__all__ = ["DEVICE", "THREADS", "describe_engine", "keras", "tf"]

THREADS: Final = 1

# A notebook may have started TensorFlow before us: then its threads stay, and are recorded.
with contextlib.suppress(RuntimeError):
    tf.config.threading.set_intra_op_parallelism_threads(THREADS)
    tf.config.threading.set_inter_op_parallelism_threads(THREADS)

_gpus = tf.config.list_physical_devices("GPU")
with contextlib.suppress(RuntimeError):
    for _gpu in _gpus:  # other processes may want some of its memory too
        tf.config.experimental.set_memory_growth(_gpu, enable=True)

# CUDA_VISIBLE_DEVICES=-1 hides GPUs, as everywhere.
DEVICE: Final[Device] = "GPU" if _gpus else "CPU"


def describe_engine() -> dict[str, str | int]:
    """Describe what the bits of a result depend on besides the configuration and the data."""
    return {
        "tensorflow": metadata.version("tensorflow"),
        "keras": metadata.version("keras"),
        "numpy": metadata.version("numpy"),
        "device": DEVICE,
        "machine": platform.machine(),
        "threads": int(tf.config.threading.get_intra_op_parallelism_threads()),
    }
