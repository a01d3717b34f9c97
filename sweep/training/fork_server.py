"""A process that loads TensorFlow once, from which worker processes are forked.

Each worker would take seconds to load what all of them need. The process is started before there
is anything to train, so that it loads while this one reads the data. Nothing runs in it: it has
one thread, no TensorFlow runtime and no data, as forking demands.
"""

import atexit
import contextlib
import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator
from multiprocessing import forkserver, resource_tracker
from typing import Final, Literal

from sweep.training.device import may_have_gpu

PRELOADED: Final = "sweep.training.preloaded"
ONE_THREAD: Final = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

Method = Literal["forkserver", "spawn"]


def start_method() -> Method:
    """Return how worker processes are started.

    A process that has asked for GPUs must not be forked, and asking is a part of loading. Other
    systems than Linux have libraries that fork badly.
    """
    forks = sys.platform == "linux" and not may_have_gpu()
    return "forkserver" if forks else "spawn"


def begin_loading() -> None:
    """Start the process from which workers are forked, if it is not there, and do not wait."""
    if start_method() != "forkserver":
        return
    multiprocessing.set_forkserver_preload([PRELOADED])
    with interrupts_held_back(), _environment(ONE_THREAD):
        forkserver.ensure_running()
    atexit.unregister(_end_loading)
    atexit.register(_end_loading)


def _end_loading() -> None:
    """End the process with this one, in the midst of loading too.

    It would end by itself, but only when it has loaded everything, and whoever reads our output
    through a pipe would wait for that.
    """
    process = getattr(forkserver._forkserver, "_forkserver_pid", None)  # noqa: SLF001 - it has no public name
    if process is not None:
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)


@contextlib.contextmanager
def interrupts_held_back() -> Iterator[None]:
    """Let Ctrl-C wait, and never reach the threads and processes that are started meanwhile.

    A terminal sends it to every process of the command. The workers are stopped by this one; each
    on its own would print a traceback and be replaced. Who starts later in place of one that died
    is started by a thread, or forked by a process, that inherits this.
    """
    resource_tracker.ensure_running()  # which starting processes needs, and which unblocks signals
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextlib.contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    """Set variables for the processes that are started meanwhile."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
