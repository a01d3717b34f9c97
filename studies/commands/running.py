"""A run at work: its progress, its conclusion, and what can be done with it."""

import collections
import dataclasses
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.text import Text

from reports.words.saying import say
from studies.commands.console import open_console, open_progress_console, say_left_out
from studies.commands.interruption import Interrupted
from studies.commands.progress import Tally, show_progress
from studies.reporting import write_conclusions
from sweep.errors import NothingUsableError
from sweep.runs.folder import RunFolder
from sweep.runs.retries import can_be_retried
from sweep.runs.runner import Sweep
from sweep.settings.sweep_settings import SweepSettings
from sweep.training.workers import workers_of

if TYPE_CHECKING:
    from sweep.training.cluster.remote import RemoteCluster  # Dask

MOST_WARNINGS: Final = 5


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Hold what is asked of a run that goes on; see `Sweep.open` and `Sweep.leave_out`."""

    trials: int | None = None
    workers: int | None = None
    audit: bool = False
    failed: bool = False
    left_out: tuple[str, ...] = ()
    settings: Mapping[str, object] = dataclasses.field(default_factory=dict)


def begin(
    settings: SweepSettings,
    path: Path,
    command: str,
    cluster: "RemoteCluster | None" = None,
    notes: Sequence[str] = (),
) -> int:
    """Make a run folder and do the sweep.

    Args:
        settings: What to do.
        path: The folder.
        command: The command line, for the manifest.
        cluster: Whose workers train; left out, those of this machine.
        notes: What else is to be told of the run.

    Returns:
        The exit code.
    """
    run = Sweep.create(settings, path, command=command, cluster=cluster, notes=notes)
    manifest = run.folder.read_manifest()
    warnings = [*manifest["warnings"], *settings.space.warnings, *manifest["data"]["warnings"]]
    return _run(run, warnings)


def go_on(path: Path, changes: Changes, cluster: "RemoteCluster | None" = None) -> int:
    """Do what is left of a sweep.

    Args:
        path: Its run folder.
        changes: What is asked of it now.
        cluster: Whose workers train; left out, those of this machine.

    Returns:
        The exit code.
    """
    continued = Sweep.open(
        path,
        trials=changes.trials,
        workers=changes.workers or workers_of(cluster),
        audit=changes.audit,
        changes=changes.settings,
    )
    continued.leave_out(changes.left_out)
    continued.cluster = cluster
    continued.retry = changes.failed
    versions = [
        f"{change}; new trials may differ in their last digits"
        for change in continued.version_changes
    ]
    told = say_retried(continued.folder) if changes.failed else []
    return _run(continued, [*told, *continued.warnings, *versions])


def say_retried(folder: RunFolder) -> list[str]:
    """Say how many trials are trained again."""
    records = folder.records()
    again, failed = can_be_retried(records), [one for one in records if one.outcome == "failed"]
    rest = len(failed) - len(again)
    told = f"--failed: of {len(failed)} failed trials {len(again)} are trained again"
    return [f"{told}; on the {rest} of the tuning the comparison rests" if rest else told]


def _run(run: Sweep, warnings: Sequence[str]) -> int:
    folder, progress = run.folder, open_progress_console()
    say_warnings(warnings, progress)
    try:
        show_progress(run, Tally(run), progress)
    except (Interrupted, KeyboardInterrupt):
        say_how_to_resume(folder, progress)
        raise
    report = folder.report_path if run.settings.report else None
    findings = write_conclusions(folder, report=report)
    say_left_out(findings)
    _print_result(run, [say(finding).sentence for finding in findings[:1]])
    if folder.read_manifest()["winner"] is None:
        raise NothingUsableError(
            f"{folder.path}: no trial finished; {_most_common_reason(folder)};"
            f" see `fitgap status {shlex.quote(str(folder.path))}`"
        )
    return 0


def _print_result(run: Sweep, sentences: Sequence[str]) -> None:
    """Print the conclusion, and what can be done with the run."""
    folder, settings = run.folder, run.settings
    where = shlex.quote(str(folder.path))
    lines = [("report", str(folder.report_path))] if folder.report_path.exists() else []
    if folder.read_manifest()["winner"] is not None:
        lines.append(("network", str(folder.best_path / "model.keras")))
        lines.append(("predict", f"fitgap predict {where} ROWS"))
    lines.append(("details", f"fitgap status {where}"))
    if settings.budget is not None and settings.trials > run.planned:
        lines.append(("go on", f"fitgap resume {where} --budget MORE"))
    elif run.planned == settings.trials:  # otherwise everything is tried
        more = max(2 * settings.trials, 10)
        lines.append(("go on", f"fitgap resume {where} --trials {more}"))
    console = open_console(expendable=True)
    console.print("", *sentences, "", sep="\n")
    for name, text in lines:
        console.print(Text.assemble((f"{name:<9}", "bold"), text), soft_wrap=True)


def say_warnings(warnings: Sequence[str], console: Console) -> None:
    """Print the first warnings about data and settings."""
    for warning in warnings[:MOST_WARNINGS]:
        console.print(Text.assemble(("warning: ", "yellow"), warning))
    if len(warnings) > MOST_WARNINGS:
        console.print(f"and {len(warnings) - MOST_WARNINGS} more warnings; the report has all")


def say_how_to_resume(folder: RunFolder, console: Console) -> None:
    """Print how many trials are saved, and the command that goes on with them."""
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
    [(reason, times)] = collections.Counter(reasons).most_common(1)
    return f"{times} of {len(reasons)} ended with: {reason}"
