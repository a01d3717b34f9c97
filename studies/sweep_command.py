"""The commands that make a run, continue it, and report it."""

import argparse
import datetime as dt
import json
import re
import shlex
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.markup import escape

from studies.interruption import Interrupted
from studies.progress import show_progress
from sweep.errors import ConfigurationError, NothingUsableError
from sweep.runs.folder import RunFolder
from sweep.runs.runner import Sweep
from sweep.settings.reading import load_settings
from sweep.settings.schema import config_schema
from sweep.settings.sweep_settings import SweepSettings

RUNS: Final = Path("runs")
NUMBERS: Final = ("trials", "epochs", "batch_size", "workers", "seed", "confirm")
TEXTS: Final = ("data", "target", "task", "group", "data_dir", "sampler")


def sweep(options: argparse.Namespace) -> int:
    """Search, confirm and report: `fitgap sweep`."""
    settings = read_settings(options)
    if options.dry_run:
        from studies.dry_run import print_plan  # noqa: PLC0415 - only then

        print_plan(settings)
        return 0
    path = Path(options.out) if options.out else new_run_path(settings.data)
    command = shlex.join(["fitgap", *options.arguments])
    return _run(Sweep.create(settings, path, command=command))


def resume(options: argparse.Namespace) -> int:
    """Continue a run: `fitgap resume`."""
    counts: dict[str, int | None] = dict.fromkeys(("trials", "workers"))
    faults = []
    for name in counts:
        value = _number(getattr(options, name))
        if value is None or (isinstance(value, int) and value > 0):
            counts[name] = value
        else:
            faults.append(f"--{name}: {value!r} is not a whole number above 0; give one")
    if faults:
        raise ConfigurationError(faults)
    continued = Sweep.open(Path(options.run), trials=counts["trials"], workers=counts["workers"])
    for change in continued.version_changes:
        _console().print(
            f"warning: {change}; results of new trials may differ in their last digits",
            markup=False,
        )
    return _run(continued)


def report(options: argparse.Namespace) -> int:
    """Draw the report again, without TensorFlow: `fitgap report`."""
    from studies.conclusion import write_report  # noqa: PLC0415 - drawing takes a second to import

    folder = RunFolder.open(Path(options.run))
    path = Path(options.out) if options.out else folder.report_path
    write_report(folder, path)
    print(path)  # noqa: T201 - the command's result
    return 0


def print_schema(_: argparse.Namespace) -> int:
    """Print the JSON Schema of the configuration file: `fitgap schema`."""
    print(json.dumps(config_schema(), indent=2))  # noqa: T201 - the command's result
    return 0


def read_settings(options: argparse.Namespace) -> SweepSettings:
    """Gather the settings of a sweep from the command line and the files it names."""
    overrides: dict[str, object] = {name: getattr(options, name) for name in TEXTS}
    overrides |= {name: _number(getattr(options, name)) for name in NUMBERS}
    overrides["baselines"] = False if options.no_baselines else None
    overrides["report"] = False if options.no_report else None
    return load_settings(
        Path(options.config) if options.config else None,
        overrides,
        options.set,
        Path(options.space) if options.space else None,
    )


def new_run_path(data: str) -> Path:
    """Return a folder in runs/ that does not exist yet, named after data and time."""
    stem = re.sub(r"[^a-z0-9]+", "-", Path(data).name.split(".")[0].lower()).strip("-")
    stamp = dt.datetime.now(dt.UTC).astimezone().strftime("%Y%m%d-%H%M%S")
    name = f"{stem[:40] or 'run'}-{stamp}"
    path, again = RUNS / name, 1
    while path.exists():
        again += 1
        path = RUNS / f"{name}-{again}"
    return path


def _run(run: Sweep) -> int:
    folder, console = run.folder, _console()
    try:
        show_progress(run, console)
    except (Interrupted, KeyboardInterrupt):
        _say_how_to_resume(folder, console)
        raise
    manifest = folder.read_manifest()
    from studies.conclusion import write_findings, write_report  # noqa: PLC0415 - not needed before

    findings = write_findings(folder)
    console.print()
    for finding in findings[:1]:
        console.print(finding.sentence, markup=False, highlight=False)
    if run.settings.report:
        write_report(folder, folder.report_path)
        console.print(f"Report: [bold]{escape(str(folder.report_path))}[/]", highlight=False)
    else:
        console.print(f"Run: {escape(str(folder.path))}", highlight=False)
    if manifest["winner"] is None:
        raise NothingUsableError(
            f"{folder.path}: no trial finished; {_most_common_reason(folder)};"
            " `fitgap status` and the report tell more"
        )
    return 0


def _say_how_to_resume(folder: RunFolder, console: Console) -> None:
    done = len(folder.records())
    console.print(
        f"\nStopped; {done} finished trials are safe. Go on with:"
        f"\n  fitgap resume {shlex.quote(str(folder.path))}",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )


def _most_common_reason(folder: RunFolder) -> str:
    reasons = [record.reason for record in folder.records() if record.reason]
    if not reasons:
        return "none was run"
    reason = max(set(reasons), key=reasons.count)
    return f"{reasons.count(reason)} of {len(reasons)} ended with: {reason}"


def _number(text: str | None) -> object:
    """Return an option's text as a number if it is one; the settings judge what it should be."""
    if text is None:
        return None
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _console() -> Console:
    return Console(stderr=True)
