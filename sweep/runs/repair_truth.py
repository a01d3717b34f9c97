"""Repair of what a run cannot be made again from: its manifest and its records.

A damaged manifest is put back from its copy. A damaged record is moved into a file beside, and
its trial is trained again. Nothing that somebody might still mend is deleted.
"""

import dataclasses
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal

from sweep.errors import StorageError
from sweep.records import TrialRecord
from sweep.runs.folder import RunFolder
from sweep.runs.manifest_file import OtherVersionError, read_manifest
from sweep.runs.record_log import LogLine, read_lines
from sweep.safe_files import json_bytes, seal, set_aside, storage_error, sync, write_bytes

State = Literal["whole", "rebuilt", "resume", "lost"]

DAMAGED_RECORDS: Final = "records.damaged.jsonl"
TRIAL: Final = re.compile(rb'"trial": "([a-z][0-9]{3,7}(?:-[0-9]{2,4})?)"')


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """Hold what became of one file of a run.

    Attributes:
        name: The file, relative to the run folder.
        state: ``whole``; ``rebuilt`` here; left to ``resume``; or ``lost`` for good.
        text: What was wrong and what was done; empty if nothing was.
    """

    name: str
    state: State
    text: str = ""


def repair_manifest(folder: RunFolder) -> tuple[dict[str, Any] | None, list[Checked]]:
    """Make the manifest and its copy whole and equal, if one of them is whole.

    Returns:
        The manifest, None if both are lost; and what was done.

    Raises:
        StorageError: Another version wrote it, or the disk fails.
    """
    path, backup = folder.manifest_path, folder.backup_path
    main, copy = _read_whole(path), _read_whole(backup)
    manifest = copy if main is None else main
    if manifest is None:
        text = (
            f"it and its copy {backup.name} are both damaged or gone, and with them the settings"
            " of the run; put back a copy of either, or begin a new run with the same settings"
        )
        return None, [Checked(name=path.name, state="lost", text=text)]
    anew = "put back from its copy" if main is None else "written anew, with its checksum"
    return manifest, [
        _replace(path, manifest, is_damaged=main is None, text=anew),
        _replace(backup, manifest, is_damaged=copy is None, text="made from the manifest"),
    ]


def repair_records(
    folder: RunFolder, manifest: Mapping[str, Any] | None
) -> tuple[list[TrialRecord], list[Checked]]:
    """Move every damaged record out of the log.

    Args:
        folder: The run.
        manifest: Its manifest, if there is one, which counts the records.

    Returns:
        The records that are whole, and what was done.

    Raises:
        StorageError: Another version wrote them, or the disk fails.
    """
    path = folder.records_path
    lines = read_lines(path)
    whole: list[tuple[LogLine, TrialRecord]] = []
    bad: list[LogLine] = []
    seen: set[str] = set()
    for line in lines:
        if line.record is None or line.record.trial in seen:
            bad.append(line)
        else:
            seen.add(line.record.trial)
            whole.append((line, line.record))
    # NUL bytes are what a crash leaves of a line that was never written.
    moved = [line for line in bad if line.content.strip(b"\0")]
    checked = [
        Checked(name=path.name, state="rebuilt" if line.record else "resume", text=text)
        for line, text in zip(moved, _explain(moved, seen), strict=True)
    ]
    content = b"".join(line.content + b"\n" for line, _ in whole)
    try:
        if is_changed := path.exists() and path.read_bytes() != content:
            _append(path.with_name(DAMAGED_RECORDS), moved)
            write_bytes(path, content)
    except OSError as err:
        raise storage_error(path, err) from err
    records = [record for _, record in whole]
    counted = 0 if manifest is None else int(manifest.get("records", 0))
    gone = counted - len(records) - len(moved)
    if gone > 0:
        text = (
            f"{gone} of the {counted} records that the run had written are gone; `fitgap resume`"
            " trains their trials again"
        )
        checked.append(Checked(name=path.name, state="resume", text=text))
    elif is_changed and not checked:
        text = "what a crash had left at its end was cut off"
        checked.append(Checked(name=path.name, state="rebuilt", text=text))
    return records, checked or [Checked(name=path.name, state="whole")]


def repair_failed(folder: RunFolder) -> list[Checked]:
    """Move every damaged line out of the records that were set aside, if there are any.

    Raises:
        StorageError: Another version wrote them, or the disk fails.
    """
    path = folder.failed_path
    lines = read_lines(path)
    bad = [line for line in lines if line.record is None]
    if not bad:
        return [Checked(name=path.name, state="whole")] if lines else []
    _append(path.with_name(DAMAGED_RECORDS), bad)
    write_bytes(path, b"".join(line.content + b"\n" for line in lines if line.record is not None))
    text = (
        f"{len(bad)} damaged lines were moved to {DAMAGED_RECORDS}; a trial that was to be trained"
        " again and is known from there alone gets a configuration that is drawn anew"
    )
    return [Checked(name=path.name, state="rebuilt", text=text)]


def _read_whole(path: Path) -> dict[str, Any] | None:
    """Read a manifest; None if it is damaged or gone."""
    try:
        return read_manifest(path) if path.exists() else None
    except OtherVersionError:
        raise
    except StorageError as err:
        if isinstance(err.__cause__, OSError):  # what cannot be read is not known to be damaged
            raise
        return None


def _replace(path: Path, manifest: Mapping[str, Any], *, is_damaged: bool, text: str) -> Checked:
    """Write a manifest, unless it stands there already."""
    content = json_bytes(seal(manifest))
    if path.exists():
        if path.read_bytes() == content:
            return Checked(name=path.name, state="whole")
        if is_damaged:
            text += f"; the damaged one is now {set_aside(path).name}"
    write_bytes(path, content)
    return Checked(name=path.name, state="rebuilt", text=text)


def _explain(moved: Sequence[LogLine], whole: set[str]) -> list[str]:
    """Say of each line that was moved which trial it was of, as far as can be told."""
    texts = []
    for line in moved:
        if line.record is not None:
            what = f"line {line.number} repeats trial {line.record.trial}"
            texts.append(f"{what}; it was moved to {DAMAGED_RECORDS}")
            continue
        named = TRIAL.search(line.content)
        name = named[1].decode() if named else ""
        trial = f"trial {name}" if name and name not in whole else "trial"
        texts.append(
            f"line {line.number} is damaged and was moved to {DAMAGED_RECORDS}; its {trial} is"
            " trained again by `fitgap resume`"
        )
    return texts


def _append(path: Path, lines: Sequence[LogLine]) -> None:
    """Add lines to a file, but for those that an interrupted repair has added already."""
    known = set(path.read_bytes().split(b"\n")) if path.exists() else set()
    new = [line.content for line in lines if line.content not in known]
    if not new:
        return
    with path.open("ab") as file:
        file.write(b"".join(content + b"\n" for content in new))
        file.flush()
        os.fsync(file.fileno())
    sync(path.parent)
