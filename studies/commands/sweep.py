"""The commands that make a run and continue it: `fitgap sweep` and `fitgap resume`."""

import argparse
import datetime as dt
import re
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.text import Text

from studies.commands.console import open_console, open_progress_console
from studies.commands.interruption import Interrupted
from studies.commands.output_paths import run_folder_faults
from studies.commands.progress import show_progress
from sweep.errors import ConfigurationError, NothingUsableError
from sweep.runs.folder import RunFolder
from sweep.runs.runner import Sweep
from sweep.settings.reading import load_settings
from sweep.settings.sweep_settings import SweepSettings

RUNS: Final = Path("runs")
MOST_WARNINGS: Final = 5
NUMBERS: Final = ("trials", "epochs", "batch_size", "workers", "seed", "confirm")
TEXTS: Final = ("data", "target", "task", "group", "data_dir", "sampler", "pruner")
LIMITS: Final = {"trials": 1_000_000, "workers": 1024}  # as in the settings


def sweep(options: argparse.Namespace) -> int:
    """Search, confirm and report: `fitgap sweep`."""
    settings = read_settings(options)
    if options.dry_run:
        from studies.commands.dry_run import print_plan  # noqa: PLC0415 - only then

        print_plan(settings, options.out)
        return 0
    path = Path(options.out) if options.out else new_run_path(settings.data)
    command = shlex.join(["fitgap", *options.arguments])
    run = Sweep.create(settings, path, command=command)
    warnings = [*run.folder.read_manifest()["data"]["warnings"], *settings.space.warnings]
    return _run(run, warnings)


def resume(options: argparse.Namespace) -> int:
    """Continue a run: `fitgap resume`."""
    counts: dict[str, int | None] = {}
    faults = []
    for name, most in LIMITS.items():
        value = read_number(getattr(options, name))
        if value is None or (isinstance(value, int) and 0 < value <= most):
            counts[name] = value
        else:
            faults.append(f"--{name}: {value!r} is not a whole number from 1 to {most:,}; give one")
    try:
        RunFolder.open(Path(options.run))
    except ConfigurationError as err:
        faults += err.faults
    if faults:
        raise ConfigurationError(faults)
    continued = Sweep.open(
        Path(options.run),
        trials=counts["trials"],
        workers=counts["workers"],
        audit=options.audit,
    )
    changes = [
        f"{change}; new trials may differ in their last digits"
        for change in continued.version_changes
    ]
    return _run(continued, changes)


def read_settings(options: argparse.Namespace) -> SweepSettings:
    """Gather the settings of a sweep from the command line and the files it names.

    Raises:
        ConfigurationError: Everything that is wrong with them, and with ``--out``.
    """
    faults = run_folder_faults(options.out)
    files: dict[str, Path | None] = {}
    for name in ("config", "space"):
        text = getattr(options, name)
        files[name] = Path(text) if text else None
        if text == "":
            faults.append(f"--{name}: it is empty; give a TOML file, or leave it out")
    overrides: dict[str, object] = {name: getattr(options, name) for name in TEXTS}
    overrides |= {name: read_number(getattr(options, name)) for name in NUMBERS}
    overrides["baselines"] = False if options.no_baselines else None
    overrides["audit"] = True if options.audit else None
    overrides["report"] = False if options.no_report else None
    try:
        settings = load_settings(files["config"], overrides, options.set, files["space"])
    except ConfigurationError as err:
        raise ConfigurationError([*err.faults, *faults]) from err
    if faults:
        raise ConfigurationError(faults)
    return settings


def read_number(text: str | None) -> object:
    """Return an option's text as a number if it is one; the settings judge what it should be.

    Whole numbers may be written as ``1e3``.
    """
    if text is None:
        return None
    for kind in (int, float):
        try:
            value = kind(text)
        except ValueError:
            continue
        return int(value) if float(value).is_integer() else value
    return text


def new_run_path(data: str) -> Path:
    """Return a folder in runs/ that does not exist yet, named after data and time."""
    stem = re.sub(r"[^a-z0-9]+", "-", Path(data).name.split(".")[0].lower()).strip("-")
    stamp = dt.datetime.now(dt.UTC).astimezone().strftime("%Y%m%d-%H%M%S")
    name = f"{stem[:40].strip('-') or 'run'}-{stamp}"
    path, again = RUNS / name, 1
    while path.exists():
        again += 1
        path = RUNS / f"{name}-{again}"
    return path


def _run(run: Sweep, warnings: Sequence[str]) -> int:
    folder, progress = run.folder, open_progress_console()
    for warning in warnings[:MOST_WARNINGS]:
        progress.print(Text.assemble(("warning: ", "yellow"), warning))
    if len(warnings) > MOST_WARNINGS:
        progress.print(f"and {len(warnings) - MOST_WARNINGS} more warnings; the report has all")
    try:
        show_progress(run, progress)
    except (Interrupted, KeyboardInterrupt):
        _say_how_to_resume(folder, progress)
        raise
    from studies.reporting import write_findings, write_report  # noqa: PLC0415 - not needed before

    findings = write_findings(folder)
    if run.settings.report:
        write_report(folder, folder.report_path)
    _print_result(folder, [finding.sentence for finding in findings[:1]], run.settings)
    if folder.read_manifest()["winner"] is None:
        raise NothingUsableError(
            f"{folder.path}: no trial finished; {_most_common_reason(folder)};"
            f" see `fitgap status {shlex.quote(str(folder.path))}`"
        )
    return 0


def _print_result(folder: RunFolder, sentences: Sequence[str], settings: SweepSettings) -> None:
    """Print the conclusion, and what can be done with the run."""
    where = shlex.quote(str(folder.path))
    lines = [("report", str(folder.report_path))] if settings.report else []
    if folder.read_manifest()["winner"] is not None:
        lines.append(("network", str(folder.best_path / "model.keras")))
        lines.append(("predict", f"fitgap predict {where} ROWS"))
    lines.append(("details", f"fitgap status {where}"))
    more = max(2 * settings.trials, 10)
    lines.append(("go on", f"fitgap resume {where} --trials {more}"))
    console = open_console(expendable=True)
    console.print("", *sentences, "", sep="\n")
    for name, text in lines:
        console.print(Text.assemble((f"{name:<9}", "bold"), text), soft_wrap=True)


def _say_how_to_resume(folder: RunFolder, console: Console) -> None:
    done = len(folder.records())
    trials = "1 trial is" if done == 1 else f"{done} trials are"
    console.print(
        f"\nStopped; {trials} saved. Go on with:\n  fitgap resume {shlex.quote(str(folder.path))}",
        soft_wrap=True,
    )


def _most_common_reason(folder: RunFolder) -> str:
    reasons = [record.reason for record in folder.records() if record.reason]
    if not reasons:
        return "none was run"
    reason = max(set(reasons), key=reasons.count)
    return f"{reasons.count(reason)} of {len(reasons)} ended with: {reason}"
