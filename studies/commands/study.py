"""The command that runs a study, or lists those that are built in: `fitgap study`."""

import argparse
import shlex
from pathlib import Path
from typing import Final

from studies.catalog.index import CUSTOM, list_studies, rules_of
from studies.commands.cluster_arguments import reached, read_with_cluster
from studies.commands.conditions import judge_run, read_gated
from studies.commands.output_paths import run_folder_faults
from studies.commands.setting_options import read_options
from studies.commands.sweep import let_workers_load, new_run_path
from studies.designs.spec import Overrides
from sweep.errors import ConfigurationError
from sweep.imports import large_imports
from sweep.settings.study_settings import StudySettings
from sweep.space.parsing import read_set_values
from sweep.space.rules import plain, shorten
from sweep.spelling import closest
from sweep.training.cluster.address import ClusterAddress

LIST: Final = "list"


def study(options: argparse.Namespace) -> int:
    """Run a study, or print its design: `fitgap study`."""
    if options.study == LIST and options.data is None:
        return _list()
    (settings, where), conditions = read_gated(_read_all, options, "study")
    path = Path(options.out) if options.out else new_run_path(f"{settings.study} {settings.data}")
    if not options.dry_run and where is None:
        let_workers_load(settings.workers)
    with large_imports():
        from studies.commands import running_study  # noqa: PLC0415 - seconds, which workers use

    if options.dry_run:
        running_study.print_design(settings)
        return 0
    with reached(where) as cluster:
        command = shlex.join(["fitgap", *options.arguments])
        code = running_study.begin(settings, path, command, cluster)
    judge_run(path, conditions)
    return code


def _read_all(options: argparse.Namespace) -> tuple[StudySettings, ClusterAddress | None]:
    return read_with_cluster(read_study_settings, options)


def read_study_settings(options: argparse.Namespace) -> StudySettings:
    """Gather the settings of a study from the command line.

    Raises:
        ConfigurationError: Everything that is wrong with them, and with ``--out``.
    """
    faults = [*_design_faults(options), *run_folder_faults(options.out)]
    values = {"study": options.study, **read_options(StudySettings, options)}
    values |= {"parameters": options.set, **({"data": options.data} if options.data else {})}
    names = {key: name for key, (name, _) in StudySettings.options().items()}
    try:
        settings = StudySettings.read(values)
    except ConfigurationError as err:  # of the study's name the others tell more
        found = [fault.moved(names) for fault in err.faults if fault.place != "study"]
        raise ConfigurationError([*found, *faults]) from err
    if faults:
        raise ConfigurationError(faults)
    return settings


def _design_faults(options: argparse.Namespace) -> list[str]:
    """List what can be told of the design before the data are read."""
    faults: list[str] = []
    overrides = Overrides()
    try:
        overrides = Overrides.of(read_set_values(options.set, rules=rules_of(options.study)))
    except ConfigurationError as err:
        faults += err.faults
    return [*_study_faults(options.study, overrides), *faults]


def _study_faults(name: str, overrides: Overrides) -> list[str]:
    if name == LIST:
        return ["DATA: `fitgap study list` takes no data; leave them out"]
    known = list_studies()
    if name in known:
        return []
    if _is_file(name):
        from studies.catalog.custom.design import read_spec  # noqa: PLC0415 - SciPy, for such a file only

        try:
            read_spec(Path(name), overrides, study=CUSTOM)
        except ConfigurationError as err:
            return list(err.faults)
        return []
    if name.endswith(".toml"):
        return [f"STUDY: there is no file {plain(name)}; give the path of a TOML file"]
    guess = closest(name, [*known, LIST])
    advice = f"did you mean {guess}?" if guess else f"the studies are {', '.join(known)}"
    return [f"STUDY: {shorten(name)} is no built-in study and no file; {advice}"]


def _is_file(name: str) -> bool:
    try:
        return Path(name).is_file()
    except OSError:  # a name longer than the file system takes
        return False


def _list() -> int:
    known = list_studies()
    width = max(map(len, known))
    for name, question in known.items():
        print(f"{name:<{width}}  {question}")  # noqa: T201 - the command's result
    print("\nRun one with: fitgap study NAME DATA")  # noqa: T201
    return 0
