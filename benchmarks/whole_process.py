"""Run contenders as whole processes, so that imports, start and end count as they do for a user."""

import contextlib
import ctypes
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

ADOPT_ORPHANS = 36  # PR_SET_CHILD_SUBREAPER of prctl(2)
END_SECONDS = 60  # for a process that was told to stop


class Launched(NamedTuple):
    """Hold a running contender.

    Attributes:
        process: The process.
        at: When it was launched, on the monotonic clock, which all processes share.
    """

    process: subprocess.Popen[bytes]
    at: float


class Finished(NamedTuple):
    """Hold what a contender took.

    Attributes:
        at: When it was launched, on the monotonic clock.
        seconds: From its launch to its end.
        processor_seconds: Of the process and all that it started.
    """

    at: float
    seconds: float
    processor_seconds: float


@contextlib.contextmanager
def launch(command: Sequence[object]) -> Iterator[Launched]:
    """Launch a contender, and stop it if it still runs at the end.

    Raises:
        RuntimeError: It ended with an error, by itself.
    """
    with tempfile.TemporaryFile() as output:
        at = time.monotonic()
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            yield Launched(process, at)
            if process.poll():
                output.seek(0)
                lines = output.read().decode(errors="replace").splitlines()
                msg = "\n".join([f"{process.args} ended with {process.returncode}", *lines[-30:]])
                raise RuntimeError(msg)
        finally:
            _stop(process)


def run(command: Sequence[object]) -> Finished:
    """Run a contender to its end.

    Raises:
        RuntimeError: It ended with an error.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(ADOPT_ORPHANS, 1, 0, 0, 0)  # their processor time counts, too
    before = _processor_seconds()
    with launch(command) as launched:
        launched.process.wait()
        seconds = time.monotonic() - launched.at
    _wait_for_orphans()
    return Finished(launched.at, seconds, _processor_seconds() - before)


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait_for_orphans() -> None:
    """Wait for processes that outlive the contender that started them, but not for ever."""
    end = time.monotonic() + END_SECONDS
    while time.monotonic() < end:
        try:
            if os.waitpid(-1, os.WNOHANG) == (0, 0):
                time.sleep(0.05)
        except ChildProcessError:
            return


def _processor_seconds() -> float:
    """Return the processor seconds of every process that was started and has ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
