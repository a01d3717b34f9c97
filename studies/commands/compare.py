"""Several runs side by side: `fitgap compare`."""

import argparse
import shlex
from pathlib import Path
from typing import Final

from studies.commands.output_paths import output_file
from sweep.errors import ConfigurationError, FitgapError

DEFAULT: Final = "compare.html"


def compare(options: argparse.Namespace) -> int:
    """Compare runs, write the page, and print its answer; TensorFlow is not needed.

    Raises:
        ConfigurationError: There are fewer than two runs, one is none, they have nothing to
            compare, or no file can be written at ``--out``.
        StorageError: A run cannot be read, or the file not be written.
    """
    path = Path(DEFAULT)
    faults: tuple[str, ...] = ()
    try:
        path = output_file(DEFAULT if options.out is None else options.out, ()) or path
    except ConfigurationError as err:
        faults = tuple(err.faults)
    from studies.comparison.runs import read_runs  # noqa: PLC0415 - pandas, after the first check

    try:
        runs = read_runs([Path(run) for run in options.runs])
    except FitgapError as err:
        raise type(err)([*err.faults, *faults]) from err
    if faults:
        raise ConfigurationError(faults)
    from studies.comparison.writing import write_comparison  # noqa: PLC0415 - what draws is slow

    command = shlex.join(["fitgap", *options.arguments])
    answer = write_comparison(runs, path, command=command)
    print(answer)  # noqa: T201 - the command's result
    print(path)  # noqa: T201 - the same
    return 0
