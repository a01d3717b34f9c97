"""A list of all runs below a folder: `fitgap index`."""

import argparse
from pathlib import Path
from typing import Final

from reports.wording import plural
from studies.commands.output_paths import output_file
from sweep.errors import ConfigurationError

NAME: Final = "index.html"


def index(options: argparse.Namespace) -> int:
    """List the runs below a folder on a page, and print where it is.

    Raises:
        ConfigurationError: There is no such folder, or no file can be written at ``--out``.
        StorageError: The page cannot be written.
    """
    folder = Path(options.folder)
    try:
        found = folder.is_dir()
    except (OSError, ValueError):  # a name that is too long, or holds NUL
        found = False
    faults: list[str] = []
    if not found:
        faults.append(f"{options.folder}: there is no such folder; give one that holds runs")
    page = folder / NAME
    try:
        if found or options.out is not None:
            page = output_file(str(page) if options.out is None else options.out, ()) or page
    except ConfigurationError as err:
        faults += err.faults
    if faults:
        raise ConfigurationError(faults)
    from studies.comparison.listing import list_runs  # noqa: PLC0415 - after the checks
    from studies.comparison.writing import write_index  # noqa: PLC0415 - the same

    content = list_runs(folder, page)
    write_index(content, page)
    unread = sum(each.fault != "" for each in content.folders)
    listed = f"{plural(len(content.folders) - unread, 'run')} listed"
    print(f"{listed}, {unread} that cannot be read" if unread else listed)  # noqa: T201 - the command's result
    print(page)  # noqa: T201 - the same
    return 0
