"""What is written without training: `fitgap report` and `fitgap schema`."""

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from studies.commands.conditions import Condition, judge, read_conditions, run_kind
from studies.commands.output_paths import format_faults, output_file
from sweep.errors import ConfigurationError

if TYPE_CHECKING:
    from studies.reporting import Content
    from sweep.runs.folder import RunFolder

FORMATS: Final = ("html", "md", "json")
STANDARD_OUTPUT: Final = "-"


def report(options: argparse.Namespace) -> int:
    """Write the report of a run again, without TensorFlow: `fitgap report`.

    Raises:
        ConfigurationError: There is no run, no file can be written at ``--out``, or the format or
            a condition is wrong.
        StorageError: The run cannot be read, or the file not be written.
        ConditionHeldError: The report is written, and a condition of ``--fail-if`` holds.
        NothingUsableError: The report is written, and a condition cannot be judged.
    """
    from sweep.runs.folder import RunFolder  # noqa: PLC0415 - a second to import, which a schema does without

    folder = RunFolder(Path(options.run))
    path, conditions = _read(folder, options)
    from studies import reporting  # noqa: PLC0415 - after the checks, as drawing takes seconds to import

    content = reporting.conclude_run(folder)
    if options.format == "html":
        content, text = reporting.draw_page(content)
    else:
        text = _text(content, options.format)
    if path is None:
        sys.stdout.write(text)
    else:
        if options.format == "html":
            reporting.put_page(path, text)
        else:
            from sweep.safe_files import write_bytes  # noqa: PLC0415 - as above

            write_bytes(path, text.encode("utf-8", errors="replace"))
        print(path)  # noqa: T201 - the command's result
    from studies.commands.console import say_left_out  # noqa: PLC0415 - rich, which a page does without

    say_left_out(content.findings)
    judge(content, conditions)
    return 0


def print_schema(_: argparse.Namespace) -> int:
    """Print the JSON Schema of the configuration file: `fitgap schema`."""
    from sweep.settings.schema import config_schema  # noqa: PLC0415 - NumPy, which other commands of this module do without

    print(json.dumps(config_schema(), indent=2))  # noqa: T201 - the command's result
    return 0


def _read(folder: "RunFolder", options: argparse.Namespace) -> tuple[Path | None, list[Condition]]:
    """Check a command; return where the report goes, None for standard output, and the gate.

    Raises:
        ConfigurationError: Everything that is wrong.
    """
    faults = format_faults(options.format, FORMATS)
    path = None
    try:
        if options.out != STANDARD_OUTPUT:
            path = output_file(options.out, ()) or folder.path / f"report.{options.format}"
    except ConfigurationError as err:
        faults += err.faults
    conditions: list[Condition] = []
    try:
        conditions = read_conditions(options.fail_if, run_kind(folder))
    except ConfigurationError as err:
        faults = [*err.faults, *faults]
    if faults:
        raise ConfigurationError(faults)
    return path, conditions


def _text(content: "Content", form: str) -> str:
    """Write a report for a person or a program to read as text."""
    if form == "md":
        from reports.outputs.markdown import render_markdown  # noqa: PLC0415 - as above

        return render_markdown(content)
    from reports.outputs.json_document import json_document  # noqa: PLC0415 - as above
    from studies.commands.console import harmless_json  # noqa: PLC0415 - rich, which a page does without

    document = json_document(content)
    text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False)
    return harmless_json(text) + "\n"
