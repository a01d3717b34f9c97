"""The manifest on the disk: sealed with a checksum, and kept twice.

The copy is written first. So it is never behind the manifest: whenever a process or a machine
stops, at least one of the two is whole, and a copy that is put back has forgotten nothing, least
of all that the test rows were touched.
"""

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from sweep.errors import StorageError
from sweep.safe_files import parse_sealed_json, seal, storage_error, write_json

MANIFEST: Final = "manifest.json"
BACKUP: Final = "manifest.backup.json"
SCHEMA: Final = 1
KEYS: Final = (  # of the manifest, without which nothing can be said of a run
    "state", "settings", "data", "counts", "seconds", "confirmation", "winner", "versions",
    "test_touches",
)  # fmt: skip


class OtherVersionError(StorageError):
    """A manifest that this version does not know, which is not to say that it is damaged."""


def read_manifest(path: Path) -> dict[str, Any]:
    """Read a manifest, or its copy.

    Args:
        path: The file.

    Raises:
        StorageError: It cannot be read, is damaged, or was written by a later version.
    """
    try:
        manifest = parse_sealed_json(path.read_bytes())
    except FileNotFoundError as err:
        raise StorageError(
            f"{path}: {err.strerror}; {_repair(path)} puts back the copy that a run keeps of it"
        ) from err
    except OSError as err:
        raise storage_error(path, err) from err
    except ValueError as err:
        raise damaged_manifest(path, str(err)) from err
    if not isinstance(manifest, dict) or manifest.get("schema") != SCHEMA:
        found = manifest.get("schema") if isinstance(manifest, dict) else None
        raise OtherVersionError(
            f"{path}: its schema is {found!r}, this version reads {SCHEMA};"
            " use the version of fitgap that wrote it"
        )
    if missing := [key for key in KEYS if key not in manifest]:
        raise damaged_manifest(path, f"no {', '.join(missing)}")
    return manifest


def write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Replace the manifest of a run folder, after its copy.

    Raises:
        StorageError: The disk is full, the folder is read-only, or the like.
    """
    for name in (BACKUP, MANIFEST):
        write_json(folder / name, seal(manifest))


def damaged_manifest(path: Path, reason: str) -> StorageError:
    """Say what is wrong with a manifest, and that there is a copy of it."""
    return StorageError(
        f"{path}: it is damaged ({reason}); put back a copy of it with {_repair(path)}, since it"
        " holds the settings of the run"
    )


def repair_command(folder: Path) -> str:
    """Return the command that repairs a run, as a person may type it."""
    return f"`fitgap repair {shlex.quote(str(folder))}`"


def _repair(path: Path) -> str:
    return repair_command(path.parent)
