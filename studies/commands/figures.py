"""The figures of a report as files of their own: `fitgap figures`."""

import argparse
from pathlib import Path
from typing import Final

from studies.commands.output_paths import format_faults, open_run, output_folder
from sweep.errors import ConfigurationError
from sweep.imports import large_imports
from sweep.safe_files import storage_error, write_bytes

FORMATS: Final = ("svg", "png", "pdf")


def figures(options: argparse.Namespace) -> int:
    """Draw every figure of a run into a folder, and print their paths.

    Raises:
        ConfigurationError: There is no run, no file can be written at ``--out``, or there is no
            such format.
        StorageError: The run cannot be read, or a file not be written.
    """
    faults = format_faults(options.format, FORMATS)
    out = Path()
    try:
        out = output_folder(options.out, empty=False)
    except ConfigurationError as err:
        faults += err.faults
    folder = open_run(options.run, faults)
    with large_imports():
        from reports.outputs.figure_files import figure_file  # noqa: PLC0415 - after the checks, as drawing takes seconds to import
        from studies.commands.console import say_left_out  # noqa: PLC0415 - the same
        from studies.reporting import conclude_run, draw_sections  # noqa: PLC0415 - the same
    content, sections = draw_sections(conclude_run(folder))
    say_left_out(content.findings)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as err:
        raise storage_error(out, err) from err
    for section in [one for one in sections if one.panels]:
        path = out / f"{section.id}.{options.format}"
        write_bytes(path, figure_file(section, options.format))
        print(path)  # noqa: T201 - the command's result
    return 0
