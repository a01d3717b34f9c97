"""What is written without training: `fitgap report` and `fitgap schema`."""

import argparse
import json
from pathlib import Path

from studies.commands.output_paths import output_file


def report(options: argparse.Namespace) -> int:
    """Draw the report of a run again, without TensorFlow: `fitgap report`.

    Raises:
        ConfigurationError: There is no run, or no file can be written at ``--out``.
        StorageError: The run cannot be read, or the file not be written.
    """
    from sweep.runs.folder import RunFolder  # noqa: PLC0415 - a second to import, which a schema does without

    folder = RunFolder.open(Path(options.run))
    path = output_file(options.out, ()) or folder.report_path
    from studies.reporting import write_report  # noqa: PLC0415 - after the checks, as drawing takes seconds to import

    write_report(folder, path)
    print(path)  # noqa: T201 - the command's result
    return 0


def print_schema(_: argparse.Namespace) -> int:
    """Print the JSON Schema of the configuration file: `fitgap schema`."""
    from sweep.settings.schema import config_schema  # noqa: PLC0415 - pydantic, which a report does without

    print(json.dumps(config_schema(), indent=2))  # noqa: T201 - the command's result
    return 0
