"""The errors a user can meet, each with the exit code that tells a script what kind it was.

A fault is one line: ``<file or key>: <what is wrong, with the value>; <what to do>``. One error
carries every fault that was found in one input, so that a file is mended once and not once a line.
"""

from collections.abc import Iterable
from typing import ClassVar


class FitgapError(Exception):
    """Tell the user what is wrong, in one line for each fault.

    Args:
        faults: One line, or several, without the leading ``error:``.

    Attributes:
        faults: The lines, never empty.
        exit_code: What the command line exits with.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, faults: str | Iterable[str]) -> None:
        self.faults: tuple[str, ...] = (faults,) if isinstance(faults, str) else tuple(faults)
        super().__init__("\n".join(self.faults))


class ConfigurationError(FitgapError):
    """A wrong command line, configuration file, search space or argument."""

    exit_code = 2


class DataError(FitgapError):
    """A table or array that cannot be read or cannot be learnt from."""

    exit_code = 3


class NothingUsableError(FitgapError):
    """No trial finished, so there is nothing to conclude from."""

    exit_code = 4


class StorageError(FitgapError):
    """The run folder, the disk or the training engine failed."""

    exit_code = 5
