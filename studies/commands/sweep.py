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
from typing import TYPE_CHECKING, Final, TypeVar

from studies.commands.cluster_arguments import reached, read_cluster, read_with_cluster
from studies.commands.conditions import judge_run, read_gated
from studies.commands.data_arguments import read_data_arguments
from studies.commands.output_paths import run_folder_faults
from sweep.errors import ConfigurationError
from sweep.imports import large_imports
from sweep.settings.budget import read_budget
from sweep.settings.reading import load_settings
from sweep.settings.run_settings import RunSettings
from sweep.settings.storage_address import NONE, read_address
from sweep.settings.sweep_settings import SweepSettings
from sweep.space.starts import MOST_STARTS
from sweep.training.cluster.address import ClusterAddress
from sweep.training.device import default_workers
from sweep.training.fork_server import begin_loading

if TYPE_CHECKING:
    from studies.commands.running import Changes

T = TypeVar("T")

RUNS: Final = Path("runs")
NUMBERS: Final = (
    "trials", "epochs", "batch_size", "workers", "seed", "confirm", "rows", "max_failures", "lag",
)  # fmt: skip
SIZES: Final = ("trial_timeout", "memory_limit")  # which need not be whole
TEXTS: Final = ("sampler", "pruner", "storage", "score", "budget")
BEST_STARTS: Final = 5  # of an earlier run
LIMITS: Final = {"trials": 1_000_000, "workers": 1024}  # as in the settings


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
    counts: dict[str, int | None] = {}
    faults = []
    for name, most in LIMITS.items():
        value = read_number(getattr(options, name))
        if value is None or (isinstance(value, int) and 0 < value <= most):
            counts[name] = value
        else:
            faults.append(f"--{name}: {value!r} is not a whole number from 1 to {most:,}; give one")
    try:
        read_address(options.storage or NONE)
    except ValueError as err:
        faults.append(f"--storage: {err}")
    _attempt(lambda: read_budget(options.budget), faults)
    patience = _attempt(lambda: _read_patience(options), faults)
    where = _attempt(lambda: read_cluster(options), faults)
    with large_imports():
        from sweep.runs.folder import RunFolder, is_study  # noqa: PLC0415 - pandas
    _attempt(lambda: RunFolder.open(Path(options.run)), faults)
    if faults:
        raise ConfigurationError(faults)
    if where is None:
        let_workers_load(counts["workers"])
    with large_imports():
        from studies.commands import running  # noqa: PLC0415 - seconds, which workers use

    changes = running.Changes(
        trials=counts["trials"],
        workers=counts["workers"],
        audit=options.audit,
        budget=options.budget,
        failed=options.failed,
        storage=options.storage,
        left_out=_left_out(options),
        patience=patience or {},
    )
    if is_study(RunFolder.open(Path(options.run)).read_manifest()):
        return _resume_study(options, changes, where)
    with reached(where) as cluster:
        return running.go_on(Path(options.run), changes, cluster)


def _attempt(read: Callable[[], T], faults: list[str]) -> T | None:
    """Read something; what is wrong with it is added to ``faults``."""
    try:
        return read()
    except ConfigurationError as err:
        faults += err.faults
        return None


def _read_patience(options: argparse.Namespace) -> dict[str, object]:
    """Read what decides when a trial or a run has failed, as far as it is given."""
    read = {name: read_size(getattr(options, name)) for name in SIZES}
    read["max_failures"] = read_number(options.max_failures)
    given = {name: value for name, value in read.items() if value is not None}
    try:
        RunSettings.model_validate({"data": options.run or "run", **given})
    except ConfigurationError as err:
        raise ConfigurationError(f"--{fault.replace('_', '-', 1)}" for fault in err.faults) from err
    return given


def _resume_study(
    options: argparse.Namespace, changes: "Changes", where: ClusterAddress | None
) -> int:
    """Continue a study, whose trials its design has fixed."""
    if any(
        (
            options.trials is not None, options.audit, options.storage, options.budget,
            options.no_baselines,
        )
    ):  # fmt: skip
        raise ConfigurationError(
            f"{options.run}: it is a study, whose trials its design has fixed; leave --trials,"
            " --budget, --audit, --storage and --no-baselines out"
        )
    with large_imports():
        from studies.commands import running_study  # noqa: PLC0415 - seconds, which workers use

    with reached(where) as cluster:
        return running_study.go_on(
            Path(options.run), changes, cluster, report=not options.no_report
        )


def _left_out(options: argparse.Namespace) -> tuple[str, ...]:
    """Return the settings that a run which goes on is to do without."""
    given = {"baselines": options.no_baselines, "report": options.no_report}
    return tuple(name for name, left_out in given.items() if left_out)


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
    overrides = read_data_arguments(options)
    overrides |= {name: getattr(options, name) for name in TEXTS}
    overrides |= {name: read_number(getattr(options, name)) for name in NUMBERS}
    overrides |= {name: read_size(getattr(options, name)) for name in SIZES}
    overrides["baselines"] = False if options.no_baselines else None
    overrides["audit"] = True if options.audit else None
    overrides["report"] = False if options.no_report else None
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
    return settings.model_copy(update={"start": starts}), notes


def _earlier_run(options: argparse.Namespace) -> Path | None:
    """Return the run that ``--start`` names; None if it names none, or a file."""
    try:
        return Path(options.start) if options.start and Path(options.start).is_dir() else None
    except OSError:  # a name longer than the file system takes
        return None


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


def read_size(text: str | None) -> object:
    """Return an option's text as a number that need not be whole, if it is one."""
    value = read_number(text)
    return float(value) if isinstance(value, int) else value


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
