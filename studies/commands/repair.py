"""Repair a damaged run, and say what was whole, rebuilt or lost: `fitgap repair`."""

import argparse
import json
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from rich.text import Text

from studies.commands.console import open_console
from studies.commands.parser import without_controls
from studies.reporting import (
    conclude_run,
    conclude_with_page,
    findings_as_json,
    note_left_out,
    put_page,
)
from sweep.errors import StorageError
from sweep.runs.folder import RunFolder
from sweep.runs.repair import find_damaged_run, repair_run
from sweep.runs.repair_truth import Checked
from sweep.safe_files import set_aside

WIDTH: Final = 9


def repair(options: argparse.Namespace) -> int:
    """Check every file of a run, rebuild what can be rebuilt, and print one line for each.

    Raises:
        ConfigurationError: There is no run.
        StorageError: Something is lost for good, somebody works on the run, or the disk fails.
    """
    folder = find_damaged_run(Path(options.run))
    with folder.locked():
        checked, state = repair_run(folder), ""
        if not any(one.state == "lost" for one in checked):
            state = folder.read_manifest()["state"]
            checked += _repair_conclusions(folder)
    _print(checked, folder, state)
    if lost := [one for one in checked if one.state == "lost"]:
        raise StorageError(f"{folder.path / one.name}: {one.text}" for one in lost)
    return 0


def _repair_conclusions(folder: RunFolder) -> list[Checked]:
    """Write findings.json and report.html again, if they are not what the run says.

    Those of a run that is not finished are left for `fitgap resume`: the old ones may be those of
    the whole run.
    """
    manifest = folder.read_manifest()
    if manifest["state"] != "finished":
        return _clear_findings(folder)
    report, page = folder.report_path, None
    if report.exists() or manifest["settings"].get("report"):
        content, page = conclude_with_page(folder)
    else:
        content = conclude_run(folder)
    note_left_out(folder, content)
    findings: Any = json.loads(json.dumps(findings_as_json(content)))
    checked = []
    try:
        is_whole = folder.findings_path.exists() and folder.findings() == findings
    except StorageError:
        is_whole = False
    if not is_whole:
        folder.write_findings(findings)
    checked.append(_made_again(folder.findings_path, is_whole=is_whole))
    if page is not None:
        is_whole = report.exists() and report.read_bytes() == page.encode()
        if not is_whole:
            put_page(report, page)
        checked.append(_made_again(report, is_whole=is_whole))
    return checked


def _clear_findings(folder: RunFolder) -> list[Checked]:
    try:
        folder.findings()
    except StorageError:
        text = f"it is damaged and now {set_aside(folder.findings_path).name}"
        text += "; `fitgap resume` writes it again"
        return [Checked(name=folder.findings_path.name, state="rebuilt", text=text)]
    return []


def _made_again(path: Path, *, is_whole: bool) -> Checked:
    if is_whole:
        return Checked(name=path.name, state="whole")
    return Checked(name=path.name, state="rebuilt", text="written again from the records")


def _print(checked: Sequence[Checked], folder: RunFolder, state: str) -> None:
    """Print what became of each file; what is lost is left to the error that follows."""
    console = open_console()
    for one in checked:
        if one.state != "lost":
            line = f"{one.name}: {one.text}" if one.text else one.name
            head = (f"{one.state:<{WIDTH}}", "bold")
            console.print(Text.assemble(head, without_controls(line)), soft_wrap=True)
    if all(one.state == "whole" for one in checked):
        console.print("\nAll is whole.")
    if state not in {"", "finished"}:
        where = shlex.quote(str(folder.path))
        console.print(
            f"\nThe run is not finished; go on with:\n  fitgap resume {where}", soft_wrap=True
        )
