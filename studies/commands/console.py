"""Where text for people goes: lines that fit a terminal, and whole lines into a file or a pipe."""

import contextlib
import json
import os
import re
import sys
from collections.abc import Iterable
from typing import Final, TextIO

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from reports.findings import Finding
from reports.words.saying import say
from studies.findings.left_out import find_left_out

UNBOUNDED: Final = 10_000  # columns: a file or a pipe has no width at which to break a line
REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"
UNUSUAL: Final = re.compile(r"[^\n -~]")


class _Console(Console):
    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Render, with every text made harmless: rich lets through what begins with ESC."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=harmless(segment.text))

    def on_broken_pipe(self) -> None:
        """Let the command line end as it does for any other output; rich would exit with 1."""
        self.quiet = True
        raise BrokenPipeError


class _Expendable:
    """Write to a stream as long as that works, and then to nothing."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._works = True
        self.encoding = stream.encoding

    def write(self, text: str) -> int:
        if self._works:
            try:
                self._stream.write(text)
                self._stream.flush()
            except (OSError, ValueError):
                self._works = False
                self._silence()
        return len(text)

    def _silence(self) -> None:
        """Send what the stream still holds nowhere, or whoever flushes it next would fail."""
        with contextlib.suppress(OSError, ValueError):  # it may be closed, or no file at all
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno())
            os.close(nowhere)

    def flush(self) -> None:
        """Do nothing: each write is flushed."""

    def isatty(self) -> bool:
        return self._stream.isatty()

    def fileno(self) -> int:
        return self._stream.fileno()


def open_console(*, expendable: bool = False) -> Console:
    """Return the console of a command's result: standard output.

    Names from a user's file are never read as markup, and lines are broken on a terminal only.

    Args:
        expendable: Whether the result is kept elsewhere too, so that it is no fault if nobody
            reads it here.
    """
    return _open(_Expendable(sys.stdout) if expendable else sys.stdout)


def open_progress_console() -> Console:
    """Return the console of what a person may watch: standard error.

    A stream that cannot be written any more is given up: a sweep must not end because nobody can
    see how it goes.
    """
    return _open(_Expendable(sys.stderr))


def _open(stream: "TextIO | _Expendable") -> Console:
    width = None if stream.isatty() else UNBOUNDED
    return _Console(file=stream, width=width, markup=False, emoji=False, highlight=False)  # type: ignore[arg-type]


def harmless(text: str) -> str:
    """Replace what could move a terminal's cursor or turn the writing; lines stay."""
    return UNUSUAL.sub(lambda found: found[0] if found[0].isprintable() else REPLACEMENT, text)


def harmless_json(text: str) -> str:
    """Escape, in a JSON text, what a terminal would obey: the values stay what they are."""
    return UNUSUAL.sub(
        lambda found: found[0] if found[0].isprintable() else json.dumps(found[0])[1:-1], text
    )


def print_facts(console: Console, facts: Iterable[tuple[str, str]]) -> None:
    """Print names and values, one a line; a long value goes on under itself.

    Args:
        console: Where to.
        facts: Names, which are printed bold, and their values.
    """
    table = Table.grid(padding=(0, 2))
    for name, value in facts:
        table.add_row(Text(name, style="bold"), Text(value, overflow="fold"))
    print_table(console, table)


def say_left_out(findings: Iterable[Finding]) -> None:
    """Warn of what of a run could not be made, a line each."""
    console = open_progress_console()
    for finding in find_left_out(findings):
        said = say(finding)
        told = f"{said.sentence} {said.next_step}"
        console.print(Text.assemble(("warning: ", "yellow"), told), soft_wrap=True)


def print_table(console: Console, table: Table) -> None:
    """Print a table; into a file or a pipe without the spaces that fill its last column."""
    if console.is_terminal:
        console.print(table)
        return
    with console.capture() as capture:
        console.print(table)
    for line in capture.get().splitlines():
        console.out(line.rstrip(), highlight=False)
