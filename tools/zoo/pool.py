"""Run many commands of fitgap in a few processes that survive each other.

TensorFlow is loaded once a process, not once a command. A command that hangs or dies takes only
its own process along; a new one takes its place.
"""

import contextlib
import dataclasses
import multiprocessing
import os
import queue
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection
from typing import Any

TIMED_OUT = "timed out"
DIED = "died"

Job = Callable[["Commands"], Any]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a command left: its exit code (or how it failed to exit), and what it printed."""

    code: int | str
    stdout: str
    stderr: str
    seconds: float

    @property
    def is_broken(self) -> bool:
        """Whether the command ended as no command should, whatever its input."""
        return self.code in (1, TIMED_OUT, DIED) or "Traceback (most recent" in self.stderr


class Commands:
    """One process that runs commands, one after the other."""

    def __init__(self, time_limit: float) -> None:
        self.time_limit = time_limit
        self._process: Any = None
        self._pipe: Any = None

    def run(self, *arguments: str) -> Outcome:
        """Run `fitgap` with these arguments.

        Returns:
            What it left; its code is ``TIMED_OUT`` or ``DIED`` if it did not end by itself.
        """
        if self._process is None:
            self._start()
        began = time.perf_counter()
        failure = TIMED_OUT
        try:
            self._pipe.send(arguments)
            if self._pipe.poll(self.time_limit):
                outcome: Outcome = self._pipe.recv()
                return outcome
        except (EOFError, OSError):
            failure = DIED
        self.close()
        seconds = time.perf_counter() - began
        return Outcome(code=failure, stdout="", stderr="", seconds=seconds)

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._pipe.close()
            self._process = None

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs,))
        self._process.start()
        theirs.close()


def run_jobs(jobs: Sequence[Job], *, processes: int, time_limit: float) -> list[Any]:
    """Call each job with a process that runs commands.

    Args:
        jobs: Functions of ``Commands``.
        processes: Jobs that are worked on at a time.
        time_limit: Seconds that each command may take.

    Returns:
        What the jobs returned, in their order.
    """
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    for place in range(len(jobs)):
        waiting.put(place)
    results: list[Any] = [None] * len(jobs)

    def work() -> None:
        commands = Commands(time_limit)
        with contextlib.suppress(queue.Empty):
            while True:
                place = waiting.get_nowait()
                results[place] = jobs[place](commands)
        commands.close()

    threads = [threading.Thread(target=work) for _ in range(processes)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def _serve(pipe: Connection) -> None:
    """Run what comes through the pipe, until it closes."""
    from studies.main import main

    with contextlib.suppress(EOFError):
        while True:
            arguments = pipe.recv()
            began = time.perf_counter()
            with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
                with _redirected(1, stdout.fileno()), _redirected(2, stderr.fileno()):
                    try:
                        code: int | str = main(arguments)
                    except SystemExit as end:  # argparse, of its own faults
                        code = end.code if isinstance(end.code, int) else 1
                texts = []
                for file in (stdout, stderr):
                    file.seek(0)
                    texts.append(file.read().decode(errors="replace"))
            seconds = time.perf_counter() - began
            pipe.send(Outcome(code=code, stdout=texts[0], stderr=texts[1], seconds=seconds))


@contextlib.contextmanager
def _redirected(number: int, target: int) -> Iterator[None]:
    """Let a file descriptor lead elsewhere for a while, for child processes too."""
    stream = sys.stdout if number == 1 else sys.stderr
    kept = os.dup(number)
    os.dup2(target, number)
    try:
        yield
    finally:
        stream.flush()
        os.dup2(kept, number)
        os.close(kept)
