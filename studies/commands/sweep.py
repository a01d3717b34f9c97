"""The commands that make a run and continue it: `fitgap sweep` and `fitgap resume`.

What is wrong with a command is told at once. Only then is loaded what does it, by this process
and, at the same time, by the one from which workers are forked.
"""

import argparse
import datetime as dt
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from studies.commands.cluster_arguments import reached, read_cluster, read_with_cluster
from studies.commands.conditions import judge_run, read_gated
from studies.commands.output_paths import run_folder_faults
from studies.commands.setting_options import read_number, read_options
from sweep.errors import ConfigurationError, Fault
from sweep.imports import large_imports
from sweep.settings.reading import load_settings
from sweep.settings.storage_address import NONE
from sweep.settings.sweep_settings import SweepSettings
from sweep.space.starts import MOST_STARTS
from sweep.training.cluster.address import ClusterAddress
from sweep.training.device import default_workers
from sweep.training.fork_server import begin_loading

if TYPE_CHECKING:
    from studies.commands.running import Changes

T = TypeVar("T")

RUNS: Final = Path("runs")
LEFT_OUT: Final = ("baselines", "report")  # what a run that goes on may do without
BEST_STARTS: Final = 5  # of an earlier run


def sweep(options: argparse.Namespace) -> int:
    """Search, confirm and report: `fitgap sweep`."""
    (settings, where), conditions = read_gated(_read_all, options, "sweep")
    settings, notes = _with_starts(settings, options)
    if options.dry_run:
        from studies.commands.dry_run import print_plan  # noqa: PLC0415 - only then

        print_plan(settings, options.out, notes)
        return 0
    path = Path(options.out) if options.out else new_run_path(settings.data)
    if where is None:
        let_workers_load(settings.workers)
    with large_imports():
        from studies.commands import running  # noqa: PLC0415 - seconds, which workers use

    with reached(where) as cluster:
        command = shlex.join(["fitgap", *options.arguments])
        code = running.begin(settings, path, command, cluster, notes)
    judge_run(path, conditions)
    return code


def _read_all(options: argparse.Namespace) -> tuple[SweepSettings, ClusterAddress | None]:
    return read_with_cluster(read_settings, options)


def resume(options: argparse.Namespace) -> int:
    """Continue a run: `fitgap resume`."""
    faults: list[Fault] = []
    given = _attempt(lambda: _read_changes(options), faults) or {}
    where = _attempt(lambda: read_cluster(options), faults)
    with large_imports():
        from sweep.runs.folder import RunFolder, is_study  # noqa: PLC0415 - pandas
    _attempt(lambda: RunFolder.open(Path(options.run)), faults)
    if faults:
        raise ConfigurationError(faults)
    if where is None:
        let_workers_load(given.get("workers"))
    with large_imports():
        from studies.commands import running  # noqa: PLC0415 - seconds, which workers use

    changes = running.Changes(
        trials=given.pop("trials", None),
        workers=given.pop("workers", None),
        audit=given.pop("audit", False),
        failed=options.failed,
        left_out=tuple(name for name in LEFT_OUT if not given.pop(name, True)),
        settings=given,
    )
    if is_study(RunFolder.open(Path(options.run)).read_manifest()):
        return _resume_study(options, changes, where)
    with reached(where) as cluster:
        return running.go_on(Path(options.run), changes, cluster)


def _attempt(read: Callable[[], T], faults: list[Fault]) -> T | None:
    """Read something; what is wrong with it is added to ``faults``."""
    try:
        return read()
    except ConfigurationError as err:
        faults += err.faults
        return None


def _read_changes(options: argparse.Namespace) -> dict[str, Any]:
    """Read which settings a run is to go on with.

    Raises:
        ConfigurationError: Everything that is wrong with them.
    """
    given = read_options(SweepSettings, options)
    judged = {key: value for key, value in given.items() if (key, value) != ("storage", NONE)}
    names = {key: name for key, (name, _) in SweepSettings.options().items()}
    if faults := SweepSettings.prepared({"data": "of the run", **judged})[1]:
        raise ConfigurationError(fault.moved(names) for fault in faults)
    return given


def _resume_study(
    options: argparse.Namespace, changes: "Changes", where: ClusterAddress | None
) -> int:
    """Continue a study, whose trials its design has fixed."""
    if (
        changes.trials
        or changes.audit
        or {"storage", "budget"} & changes.settings.keys()
        or ("baselines" in changes.left_out)
    ):
        raise ConfigurationError(
            f"{options.run}: it is a study, whose trials its design has fixed; leave --trials,"
            " --budget, --audit, --storage and --no-baselines out"
        )
    with large_imports():
        from studies.commands import running_study  # noqa: PLC0415 - seconds, which workers use

    with reached(where) as cluster:
        return running_study.go_on(Path(options.run), changes, cluster)


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
    faults += _start_faults(options)
    is_file = options.start and _earlier_run(options) is None
    overrides = {"data": options.data, **read_options(SweepSettings, options)}
    overrides["batch_size"] = read_number(options.batch_size)
    try:
        settings = load_settings(
            files["config"],
            overrides,
            options.set,
            files["space"],
            Path(options.start) if is_file else None,
        )
    except ConfigurationError as err:
        raise ConfigurationError([*err.faults, *faults]) from err
    if faults:
        raise ConfigurationError(faults)
    return settings


def _start_faults(options: argparse.Namespace) -> list[str]:
    if options.start == "":
        return ["--start: it is empty; give a TOML file or a run folder, or leave it out"]
    top = read_number(options.start_top)
    if top is None:
        return []
    if not isinstance(top, int) or not 0 < top <= MOST_STARTS:
        return [f"--start-top: {top!r} is not a whole number from 1 to {MOST_STARTS:,}; give one"]
    if _earlier_run(options) is None:
        return ["--start-top: there is no run to begin with; give its folder as --start RUN"]
    return []


def _with_starts(
    settings: SweepSettings, options: argparse.Namespace
) -> tuple[SweepSettings, list[str]]:
    """Add the best configurations of an earlier run, if one is named; say what does not fit."""
    run = _earlier_run(options)
    if run is None:
        return settings, []
    with large_imports():
        from sweep.runs.starts import starts_of_run  # noqa: PLC0415 - pandas

    top = read_number(options.start_top)
    starts, notes = starts_of_run(run, settings.space, top if isinstance(top, int) else BEST_STARTS)
    return settings.replace(start=starts), notes


def _earlier_run(options: argparse.Namespace) -> Path | None:
    """Return the run that ``--start`` names; None if it names none, or a file."""
    try:
        return Path(options.start) if options.start and Path(options.start).is_dir() else None
    except OSError:  # a name longer than the file system takes
        return None


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


def let_workers_load(workers: int | None) -> None:
    """Begin to load what workers need, if there will be several, while this process goes on."""
    if (workers or default_workers()) > 1:
        begin_loading()
