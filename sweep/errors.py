"""The errors a user can meet, each with the exit code that tells a script what kind it was.

A fault is one line: ``<file or key>: <what is wrong, with the value>; <what to do>``. One error
carries every fault that was found in one input, so that a file is mended once and not once a line.
"""

from collections.abc import Iterable, Mapping
from typing import ClassVar, Self


class Fault(str):
    """Hold one fault, which reads as a line, and knows its place.

    Args:
        place: Where it is: a file, a key, an option; ``""`` if the reason says it.
        reason: What is wrong, with the value; and what to do.
    """

    place: str
    reason: str
    __slots__ = ("place", "reason")

    def __new__(cls, place: str, reason: str) -> Self:
        """Write the line."""
        fault = super().__new__(cls, f"{place}: {reason}" if place else reason)
        fault.place, fault.reason = place, reason
        return fault

    def __reduce__(self) -> "tuple[type[Fault], tuple[str, str]]":
        """Return what makes it anew in another process."""
        return Fault, (self.place, self.reason)

    def within(self, table: str) -> "Fault":
        """Return the same fault of a key in a table, or of the table where it has no place."""
        return Fault(f"{table}.{self.place}" if self.place else table, self.reason)

    def moved(self, origins: Mapping[str, str]) -> "Fault":
        """Return the same fault with the place that the user knows.

        Args:
            origins: Where each key was given, by the key; a key within a table by its whole name,
                such as ``split.test``, or else by that of the table.
        """
        head = self.place
        while head and head not in origins:
            head = head.rpartition(".")[0]
        return Fault(origins[head] + self.place[len(head) :], self.reason) if head else self


class FitgapError(Exception):
    """Tell the user what is wrong, in one line for each fault.

    Args:
        faults: One line, or several, without the leading ``error:``; lines that know their place
            are `Fault`.

    Attributes:
        faults: The lines, never empty; of class `Fault`.
        exit_code: What the command line exits with.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, faults: str | Iterable[str]) -> None:
        lines = (faults,) if isinstance(faults, str) else faults
        self.faults = tuple(line if isinstance(line, Fault) else Fault("", line) for line in lines)
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
