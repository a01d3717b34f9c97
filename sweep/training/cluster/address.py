"""Where an existing Dask cluster is, and what is asked of its workers."""

import dataclasses
import json
import re
import types
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from sweep.errors import ConfigurationError

ADDRESS: Final = re.compile(r"(tcp|tls)://(\[[0-9a-zA-Z:.%]+\]|[^\s:/@\[\]]+):([0-9]{1,5})")
LONGEST: Final = 1_000_000  # bytes of a scheduler file; Dask's have a few thousand


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ClusterAddress:
    """Name an existing cluster.

    Attributes:
        scheduler: Such as ``tcp://10.0.0.1:8786``.
        resources: What each task takes of its worker, in the words that workers were started
            with, such as ``{"GPU": 1}``.
        shared_path: A folder that this process and every worker see, through which the data go;
            None to send them over the network, once to each worker.
        most: Tasks that are done at a time at most; None for one on each worker that there is.
    """

    scheduler: str
    resources: Mapping[str, float] = dataclasses.field(
        default_factory=lambda: types.MappingProxyType({})
    )
    shared_path: Path | None = None
    most: int | None = None


def read_scheduler(text: str, key: str) -> str:
    """Check the address of a scheduler.

    Args:
        text: The address.
        key: What the user calls it, such as ``--scheduler``.

    Raises:
        ConfigurationError: It is none.
    """
    found = ADDRESS.fullmatch(text)
    if found is None or not 0 < int(found[3]) < 2**16:
        raise ConfigurationError(
            f"{key}: {text!r} is no address; give tcp://HOST:PORT or tls://HOST:PORT, as the Dask"
            " scheduler prints it"
        )
    return text


def read_scheduler_file(path: Path) -> str:
    """Return the address in the file that ``dask scheduler --scheduler-file`` writes.

    Raises:
        ConfigurationError: It cannot be read, or there is no address in it.
    """
    try:
        with path.open("rb") as file:
            content = json.loads(file.read(LONGEST))
        address = content["address"]
    except OSError as err:
        raise ConfigurationError(
            f"{path}: {err.strerror}; give the file that `dask scheduler --scheduler-file` writes"
        ) from err
    except (ValueError, RecursionError, LookupError, TypeError) as err:
        raise ConfigurationError(
            f"{path}: there is no scheduler's address in it; give the file that `dask scheduler"
            " --scheduler-file` writes"
        ) from err
    return read_scheduler(str(address), str(path))
