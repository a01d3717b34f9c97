"""The command line. Nothing heavy is imported here: each command imports what it needs."""

import contextlib
import importlib
import os
import sys
import traceback
from collections.abc import Sequence
from typing import Final, TextIO

from studies.commands.arguments import build_parser
from studies.commands.interruption import Interrupted, interruptions
from studies.commands.parser import without_controls
from sweep.errors import FitgapError, StorageError
from sweep.imports import large_imports
from sweep.safe_files import STORAGE_ERRORS
from sweep.settings.storage_address import mask_passwords

UNEXPECTED: Final = 1


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: The arguments without the program's name; those of the process by default.

    Returns:
        The exit code: 0 done, 1 unexpected, 2 usage or configuration, 3 data, 4 no trial
        finished, 5 storage or engine, 6 a condition of --fail-if holds, 128 + n ended by signal n.
    """
    _open_standard_streams()
    arguments = list(sys.argv[1:] if argv is None else argv)
    options, unknown = build_parser().parse_known_args(arguments)
    if unknown:
        options.parser.refuse(unknown)
    options.arguments = arguments
    module, function = options.command
    try:
        with interruptions():
            with large_imports():
                command = getattr(importlib.import_module(module), function)
            code: int = command(options)
    except FitgapError as err:
        code = _fail(err.faults, err.exit_code, debug=options.debug)
    except Interrupted as err:
        code = _fail((), err.exit_code, debug=options.debug)
    except BrokenPipeError:
        code = 0  # who reads our output has enough, as `head` does
    except OSError as err:
        if err.errno not in STORAGE_ERRORS:
            code = _unexpected(err, debug=options.debug)
        else:
            where = err.filename or "output"
            fault = f"{where}: {err.strerror}; make room or give write permission, and run again"
            code = _fail((fault,), StorageError.exit_code, debug=options.debug)
    except Exception as err:  # noqa: BLE001 - the outermost border: a bug must not look like a crash
        code = _unexpected(err, debug=options.debug)
    return _flush_streams(code)


def _open_standard_streams() -> None:
    """Open what the caller closed, or the next file that is opened would take its place.

    Names and figures that the terminal's encoding lacks are escaped, not refused.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free: this one
        if getattr(sys, name) is None:
            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115 - for as long as the process lives
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _flush_streams(code: int) -> int:
    """Write what is still held back; a result that cannot be written is no success."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            _silence(stream)
        except OSError as err:
            _silence(stream)
            fault = f"{stream.name}: cannot be written ({err.strerror}); make room, and run again"
            code = code or _fail((fault,), StorageError.exit_code, debug=False)
    return code


def _silence(stream: TextIO) -> None:
    """Send the rest of a stream nowhere: Python flushes it once more at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _unexpected(err: Exception, *, debug: bool) -> int:
    text = " ".join(str(err).split())
    fault = f"unexpected {type(err).__name__}: {text}; run again with --debug and report it"
    return _fail((fault,), UNEXPECTED, debug=debug)


def _fail(faults: Sequence[str], code: int, *, debug: bool) -> int:
    if debug:
        print(mask_passwords(traceback.format_exc()), end="", file=sys.stderr)  # noqa: T201 - the same
    with contextlib.suppress(OSError):  # nobody reads it: the exit code still tells
        for fault in faults:
            print(f"error: {without_controls(mask_passwords(fault))}", file=sys.stderr)  # noqa: T201 - the command line
    return code


if __name__ == "__main__":
    sys.exit(main())
