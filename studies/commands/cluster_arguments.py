"""The options that have the workers of an existing Dask cluster train, and what they mean."""

import argparse
import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from sweep.errors import ConfigurationError
from sweep.training.cluster.address import ClusterAddress, read_scheduler, read_scheduler_file

if TYPE_CHECKING:
    from sweep.training.cluster.remote import RemoteCluster  # Dask

T = TypeVar("T")

MOST: Final = 1e15  # of a resource


def add_cluster_arguments(parser: "argparse._ActionsContainer") -> None:
    """Add the options of a cluster."""
    cluster = parser.add_argument_group("cluster (see docs/scaling.md)")
    cluster.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="train on the workers of this Dask scheduler, such as tcp://10.0.0.1:8786, or tls://",
    )
    cluster.add_argument(
        "--scheduler-file",
        metavar="FILE",
        help="the same, from the file that `dask scheduler --scheduler-file` writes",
    )
    cluster.add_argument(
        "--resource",
        metavar="NAME=N",
        action="append",
        default=[],
        help="what each trial takes of its worker, such as GPU=1; may be repeated",
    )
    cluster.add_argument(
        "--shared-path",
        metavar="DIR",
        help="a folder that all workers see, through which the data go (default: over the network)",
    )


def read_cluster(options: argparse.Namespace) -> ClusterAddress | None:
    """Return the cluster that the options name; None if they name none.

    Raises:
        ConfigurationError: Everything that is wrong with them.
    """
    faults: list[str] = []
    address = ""
    try:
        if options.scheduler is not None:
            address = read_scheduler(options.scheduler, "--scheduler")
        if options.scheduler_file is not None:
            address = read_scheduler_file(Path(options.scheduler_file))
    except ConfigurationError as err:
        faults += err.faults
    if options.scheduler is not None and options.scheduler_file is not None:
        faults.append("--scheduler-file: there is --scheduler, too; give one of them")
    elif options.scheduler is None and options.scheduler_file is None:
        faults += [
            f"--{name}: it is for the workers of a cluster; give --scheduler, too"
            for name, given in (
                ("resource", options.resource),
                ("shared-path", options.shared_path),
            )
            if given
        ]
    resources, wrong = _read_resources(options.resource)
    shared = None if options.shared_path is None else Path(options.shared_path)
    if shared is not None and not _is_folder(shared):
        wrong.append(f"--shared-path: {str(shared)!r} is no folder; make it first")
    if faults or wrong:
        raise ConfigurationError([*faults, *wrong])
    if not address:
        return None
    most = options.workers or ""  # which the settings judge
    return ClusterAddress(
        scheduler=address,
        resources=resources,
        shared_path=shared,
        most=int(most) if most.isdecimal() else None,
    )


def read_with_cluster(
    read: Callable[[argparse.Namespace], T], options: argparse.Namespace
) -> tuple[T, ClusterAddress | None]:
    """Read the settings of a command and its cluster; tell all that is wrong with both at once.

    Args:
        read: Reads the settings.
        options: The options of the command.

    Raises:
        ConfigurationError: Everything that is wrong with them.
    """
    faults: list[str] = []
    where = None
    try:
        where = read_cluster(options)
    except ConfigurationError as err:
        faults += err.faults
    try:
        settings = read(options)
    except ConfigurationError as err:
        raise ConfigurationError([*err.faults, *faults]) from err
    if faults:
        raise ConfigurationError(faults)
    return settings, where


@contextlib.contextmanager
def reached(address: ClusterAddress | None) -> "Iterator[RemoteCluster | None]":
    """Reach a cluster, if one is named, and leave it at the end.

    Raises:
        StorageError: It cannot be reached, or its workers do not fit.
    """
    if address is None:
        yield None
        return
    from sweep.training.cluster.remote import RemoteCluster  # noqa: PLC0415 - Dask, a second to import

    with contextlib.closing(RemoteCluster(address)) as cluster:
        yield cluster


def _read_resources(texts: Sequence[str]) -> tuple[dict[str, float], list[str]]:
    resources: dict[str, float] = {}
    faults = []
    for text in texts:
        name, _, number = text.partition("=")
        try:
            amount = float(number)
        except ValueError:
            amount = 0.0
        if name.strip() and 0 < amount <= MOST:
            resources[name.strip()] = amount
        else:
            faults.append(f"--resource: {text!r} is not NAME=N with a positive N; give GPU=1")
    return resources, faults


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):  # a name that no file can have
        return False
