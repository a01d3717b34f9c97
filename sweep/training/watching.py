"""The thread that sees to it that a task takes no more than its trials may.

Training is one call into TensorFlow, which nothing in its process can stop but the end of that
process. So limits are for workers that are processes of their own.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import Final

from sweep.limits import TrialLimits

PERIOD: Final = 0.05  # seconds between two looks: 20 us each


@contextlib.contextmanager
def watched(
    limits: TrialLimits,
    seconds: float | None,
    memory: Callable[[], int],
    end: Callable[[str], None],
) -> Iterator[None]:
    """Watch this process while a task is done.

    Args:
        limits: Those of a trial.
        seconds: What is left of the time of the task; None for no limit.
        memory: Returns the bytes that this process takes.
        end: Called with the reason, once, from another thread, if a limit is passed.
    """
    if not limits:
        yield
        return
    done = threading.Event()

    def watch() -> None:
        started = time.monotonic()
        while not done.wait(PERIOD):
            if seconds is not None and time.monotonic() - started > seconds:
                end(f"time limit: not trained within {limits.seconds:g} s")
                return
            if limits.memory is not None and (taken := memory()) > limits.memory:
                most = limits.memory / 1e9
                end(f"memory limit: its worker took {taken / 1e9:.3g} GB of {most:.3g}")
                return

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
