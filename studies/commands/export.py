"""Runs for other programs: `fitgap export`."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Final

from studies.commands.output_paths import format_faults, open_run, output_folder
from studies.exports.extras import need
from sweep.errors import ConfigurationError
from sweep.runs.folder import RunFolder
from sweep.safe_files import storage_error

FORMATS: Final = ("csv", "tensorboard", "mlflow")
PACKAGES: Final = {"tensorboard": "tensorboard", "mlflow": "mlflow"}  # what a format needs


def export(options: argparse.Namespace) -> int:
    """Write the tables and curves of a run for another program, and print where they are.

    Raises:
        ConfigurationError: There is no run, nothing can be written at ``--out``, there is no such
            format, or the package it needs is not installed.
        StorageError: The run cannot be read, or a file not be written.
    """
    form = options.format
    faults = format_faults(form, FORMATS)
    out = Path(options.run)
    try:
        if form in PACKAGES:
            need(PACKAGES[form], form)
    except ConfigurationError as err:
        faults += err.faults
    try:
        out = _out(options.out, form, out)
    except ConfigurationError as err:
        faults += err.faults
    folder = open_run(options.run, faults)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as err:
        raise storage_error(out, err) from err
    for path in _writer(form)(folder, out):
        print(path)  # noqa: T201 - the command's result
    return 0


def _out(text: str | None, form: str, run: Path) -> Path:
    """Return the folder that is written to; CSV stands beside the tables it is made from."""
    if text is not None:
        return output_folder(text, empty=form == "tensorboard")
    if form in PACKAGES:
        raise ConfigurationError(f"--out: it is missing; {form} needs a folder of its own")
    return run


def _writer(form: str) -> Callable[[RunFolder, Path], list[Path]]:
    """Return what writes a format; each is imported only if it is asked for."""
    if form == "csv":
        from studies.exports.csv_files import write_csv  # noqa: PLC0415 - as above

        return write_csv
    if form == "tensorboard":
        from studies.exports.tensorboard_events import write_events  # noqa: PLC0415 - an extra

        return write_events
    from studies.exports.mlflow_store import write_runs  # noqa: PLC0415 - an extra

    return write_runs
