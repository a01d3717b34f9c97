"""Files that are whole or not there: written beside their place, synced, then renamed."""

import errno
import hashlib
import json
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from sweep.errors import StorageError

TEMPORARY: Final = re.compile(r"\.[^.].*\.(?P<process>[1-9][0-9]{0,9})\.(json|parquet|keras)")
FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def write_bytes(path: Path, content: bytes) -> None:
    """Replace a file in one step, so that no reader and no crash ever sees half of it.

    Raises:
        StorageError: The disk is full, the folder is read-only, or the like.
    """
    write_file(path, lambda temporary: temporary.write_bytes(content))


def write_json(path: Path, value: Mapping[str, object]) -> None:
    """Replace a JSON file in one step; NaN and Inf are not JSON and are refused."""
    text = json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False)
    write_bytes(path, (text + "\n").encode())


def write_file(path: Path, write: Callable[[Path], object]) -> None:
    """Replace a file in one step by what ``write`` puts at the path it is given.

    Raises:
        StorageError: The disk is full, the folder is read-only, or the like.
    """
    # The suffix stays last: Keras and pandas choose their format by it.
    temporary = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix}")
    try:
        try:
            write(temporary)
            sync(temporary)
            temporary.replace(path)
            sync(path.parent)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as err:
        raise storage_error(path, err) from err


def remove_leftovers(folder: Path) -> None:
    """Remove the half-written files that processes killed in `write_file` left in a folder."""
    for path in folder.glob(".*"):
        found = TEMPORARY.fullmatch(path.name)
        if found and not _is_running(int(found["process"])):
            path.unlink(missing_ok=True)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it is somebody else's
        return True
    return process != os.getpid()


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file, hexadecimal.

    Raises:
        StorageError: It cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as err:
        raise StorageError(f"{path}: {err.strerror}; `fitgap resume` saves it again") from err


def sync(path: Path) -> None:
    """Make what was written to a file, or the names in a folder, survive a power failure."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def storage_error(path: Path, err: OSError) -> StorageError:
    """Say which file could not be written or read, and what to do."""
    reason = err.strerror or str(err)
    advice = "make room there" if err.errno in FULL else "give another place, or write permission"
    return StorageError(
        f"{path}: {reason}; {advice}; what a run has finished is safe, `fitgap resume` goes on"
    )
