"""Signals: the first one stops a command cleanly, the second one at once."""

import contextlib
import os
import signal
from collections.abc import Iterator
from types import FrameType
from typing import Final

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(BaseException):
    """Somebody asked the command to stop; like KeyboardInterrupt, not an error.

    Attributes:
        exit_code: 128 plus the number of the signal, as shells have it.
    """

    def __init__(self, number: int) -> None:
        self.exit_code = 128 + number
        super().__init__(signal.Signals(number).name)


@contextlib.contextmanager
def interruptions() -> Iterator[None]:
    """Turn the first signal into `Interrupted`, and end the process at the second.

    Handlers are set even where a shell started the command with SIGINT ignored, as it does with
    ``&``: a sweep in the background must be stoppable too.
    """
    seen = False

    def handle(number: int, _: FrameType | None) -> None:
        nonlocal seen
        if seen:
            os._exit(128 + number)
        seen = True
        raise Interrupted(number)

    before = {number: signal.signal(number, handle) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
