"""What may stand in a run folder: files and folders, and nothing that leads out of it.

A run folder may come from somebody else. A symbolic link in it would have another file read as
part of the run, or written to when the run goes on; a pipe would be waited for without end.
"""

import os
from pathlib import Path
from typing import Final

from sweep.data.names import quoted
from sweep.errors import StorageError

BEST: Final = "best"
# Optuna locks a journal by a link, which is never followed; what a crash left of it is removed.
ALLOWED: Final = frozenset({"study.journal.lock"})
LOCK: Final = "run.lock"
OWNER: Final = "run.owner"


def is_free(folder: Path) -> bool:
    """Return whether a run may begin in a folder: only the lock of one that could not is there.

    Args:
        folder: An existing folder.

    Raises:
        OSError: It cannot be read.
    """
    return all(entry.name in {LOCK, OWNER} for entry in folder.iterdir())


def check_entries(folder: Path) -> None:
    """Refuse a run folder in which something is neither a file nor a folder.

    Args:
        folder: The run; itself it may be a link, since its user named it.

    Raises:
        StorageError: With a fault for each such entry, of the run and of its saved network.
    """
    found = [*_foreign(folder, ""), *_foreign(folder / BEST, f"{BEST}/")]
    if found:
        raise StorageError([f"{folder}: {fault}" for fault in found])


def _foreign(folder: Path, prefix: str) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            inside = sorted(entries, key=lambda entry: entry.name)
    except OSError:  # there is none, or whoever reads from it says why that fails
        return []
    faults = []
    for entry in inside:
        name = quoted(f"{prefix}{entry.name}")
        if entry.is_symlink():
            if f"{prefix}{entry.name}" not in ALLOWED:
                faults.append(
                    f"{name} in it is a symbolic link, which could lead anywhere; put the file"
                    " itself in its place"
                )
        elif not entry.is_file() and not entry.is_dir():
            faults.append(f"{name} in it is a pipe or a device, no file; take it away")
    return faults
