"""Files that are whole or not there: written beside their place, synced, then renamed."""

import errno
import hashlib
import json
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from sweep.errors import StorageError

TEMPORARY: Final = re.compile(r"\.[^.].*\.(?P<process>[1-9][0-9]{0,9})\.(jsonl?|parquet|keras)")
FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
STORAGE_ERRORS: Final = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EACCES, errno.EPERM}
)
IN_THE_WAY: Final = frozenset({errno.EISDIR, errno.EEXIST, errno.ENOTEMPTY})
CHECKSUM: Final = "checksum"  # the entry of a sealed file that holds it


def write_bytes(path: Path, content: bytes) -> None:
    """Replace a file in one step, so that no reader and no crash ever sees half of it.

    Raises:
        StorageError: The disk is full, the folder is read-only, or the like.
    """
    write_file(path, lambda temporary: temporary.write_bytes(content))


def write_json(path: Path, value: Mapping[str, object]) -> None:
    """Replace a JSON file in one step; NaN and Inf are not JSON and are refused."""
    write_bytes(path, json_bytes(value))


def json_bytes(value: Mapping[str, object]) -> bytes:
    """Return what `write_json` writes."""
    text = json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False)
    return (text + "\n").encode()


def seal(value: Mapping[str, object]) -> dict[str, object]:
    """Return what a JSON file holds with a checksum of all of it as the last entry."""
    content = {name: entry for name, entry in value.items() if name != CHECKSUM}
    return {**content, CHECKSUM: _checksum(content)}


def parse_sealed_json(content: bytes) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Read a JSON file whose content was sealed; return it without the checksum.

    Files of earlier versions, which have none, are read as they are.

    Raises:
        ValueError: It is no JSON, or not what was written.
    """
    try:
        value = json.loads(content)
        if not isinstance(value, dict) or CHECKSUM not in value:
            return value
        recorded = value.pop(CHECKSUM)
        if recorded == _checksum(value):
            return value
    except RecursionError as err:
        msg = "nested without end"
        raise ValueError(msg) from err
    msg = "its content is not what its checksum was made of"
    raise ValueError(msg)


def _checksum(value: Mapping[str, object]) -> str:
    """Return the SHA-256 of a value as JSON, whatever the spaces in its file."""
    return hashlib.sha256(json.dumps(value, allow_nan=False).encode()).hexdigest()


def write_file(path: Path, write: Callable[[Path], object]) -> None:
    """Replace a file in one step by what ``write`` puts at the path it is given.

    Raises:
        StorageError: The disk is full, the folder is read-only, or the like.
    """
    # The suffix stays last: Keras and pandas choose their format by it.
    temporary = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix}")
    try:
        # A link that waits at a name that can be guessed, as in /tmp, would be written through.
        temporary.unlink(missing_ok=True)
        os.close(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
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


def set_aside(path: Path) -> Path:
    """Rename what stands in the place of a file, and return its new path.

    Raises:
        StorageError: It cannot be renamed.
    """
    place, again = path.with_name(f"{path.name}.damaged"), 1
    try:
        while place.exists() or place.is_symlink():
            again += 1
            place = path.with_name(f"{path.name}.damaged-{again}")
        path.rename(place)
        sync(path.parent)
    except OSError as err:
        raise storage_error(path, err) from err
    return place


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
    # Arrow's own words are longer than the system's, and say no more.
    reason = os.strerror(err.errno) if err.errno else str(err)
    if err.errno in FULL:
        advice = "make room there"
    elif err.errno in IN_THE_WAY:
        advice = "move that away, or let `fitgap repair` do it"
    else:
        advice = "give another place, or write permission"
    return StorageError(
        f"{path}: {reason}; {advice}; what a run has finished is safe, `fitgap resume` goes on"
    )
