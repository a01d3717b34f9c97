"""The log of finished trials: one line a trial, synced before anybody else learns of it.

Each line is the CRC-32 of its JSON, a space, and the JSON. A crash can only tear the last line,
which is cut off when the log is opened; a damaged line anywhere else is refused by its number,
and `sweep.runs.repair` moves it out.
Histories are kept as the base64 of their float64 bytes: exact, small, and fast to read.
"""

import base64
import dataclasses
import json
import os
import zlib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sweep.config import TrialConfig
from sweep.errors import StorageError
from sweep.records import HISTORY_COLUMNS, TaskSpan, TrainingHistory, TrialRecord
from sweep.runs.manifest_file import repair_command
from sweep.safe_files import storage_error, sync
from sweep.variant import AS_SPLIT, DataVariant


class LogLine(NamedTuple):
    """Hold a line of the log, without its newline; its record is None if it is damaged."""

    number: int
    content: bytes
    record: TrialRecord | None


def append_record(path: Path, record: TrialRecord) -> None:
    """Add one record to the log and sync it.

    Raises:
        StorageError: It cannot be written; the log is then as it was before.
    """
    line = _encode(record)
    try:
        # Without a buffer, which would try to write the rest of a line when the file is closed.
        with path.open("ab", buffering=0) as log:
            before = log.seek(0, os.SEEK_END)
            try:
                written = 0
                while written < len(line):  # a disk that is nearly full takes a part
                    written += log.write(line[written:])
                os.fsync(log.fileno())
            except OSError:
                log.truncate(before)
                raise
        if not before:
            sync(path.parent)
    except OSError as err:
        raise storage_error(path, err) from err


def read_records(path: Path) -> list[TrialRecord]:
    """Read every whole record, in the order in which the trials finished.

    A torn last line (no newline at its end, or of NUL bytes) is left out; `cut_torn_tail` removes
    it before the log is written again.

    Raises:
        StorageError: The log cannot be read, or a line before the last is damaged.
    """
    return _read(path)[0]


def cut_torn_tail(path: Path) -> int:
    """Remove a torn last line; return the number of bytes that were cut off.

    Raises:
        StorageError: As `read_records`.
    """
    if not path.exists():
        return 0
    _, whole = _read(path)
    try:
        torn = path.stat().st_size - whole
        if torn:
            os.truncate(path, whole)
            sync(path)
    except OSError as err:
        raise storage_error(path, err) from err
    return torn


def read_lines(path: Path) -> list[LogLine]:
    """Read every line of the log, whatever its state; what follows the last newline is one too.

    Raises:
        StorageError: The log cannot be read, or was written by another version.
    """
    lines = _content(path).split(b"\n")
    return [
        LogLine(number, line, _decode(path, number, line))
        for number, line in enumerate(lines if lines[-1] else lines[:-1], start=1)
    ]


def _content(path: Path) -> bytes:
    if not path.exists():
        return b""
    try:
        return path.read_bytes()
    except OSError as err:
        raise storage_error(path, err) from err


def _read(path: Path) -> tuple[list[TrialRecord], int]:
    """Return the whole records and the number of bytes that they take."""
    content = _content(path)
    records: list[TrialRecord] = []
    whole = 0
    # What follows the last newline is torn, even if nothing but the newline is missing: the next
    # record would be written behind it, on the same line.
    lines = content.split(b"\n")[:-1]
    for number, line in enumerate(lines, start=1):
        record = _decode(path, number, line)
        if record is None:
            rest = content[whole + len(line) :]
            if rest.strip(b"\0\n"):
                raise StorageError(
                    f"{path}: line {number} is damaged; move it out of the file with"
                    f" {repair_command(path.parent)}, then `fitgap resume` trains its trial again"
                )
            break
        records.append(record)
        whole += len(line) + 1
    return records, whole


def _encode(record: TrialRecord) -> bytes:
    values = {
        field.name: getattr(record, field.name)
        for field in dataclasses.fields(record)
        if field.name not in {"config", "history", "variant", "spans", "scores"}
    }
    values["config"] = dataclasses.asdict(record.config)
    if record.variant != AS_SPLIT:
        values["variant"] = dataclasses.asdict(record.variant)
    if record.spans:
        values["spans"] = [(span.worker, span.start, span.end) for span in record.spans]
    if record.scores:
        values["scores"] = dict(record.scores)
    values["diverged_epoch"] = record.history.diverged_epoch
    history = np.ascontiguousarray(record.history.array, "<f8").tobytes()
    values["history"] = base64.b64encode(history).decode()
    text = json.dumps(values, allow_nan=False).encode()
    return b"%08x %s\n" % (zlib.crc32(text), text)


def _decode(path: Path, number: int, line: bytes) -> TrialRecord | None:
    """Return the record of a line, or None if a byte of it is missing or wrong.

    Raises:
        StorageError: It is whole, and is no record of this version.
    """
    checksum, _, text = line.partition(b" ")
    if checksum != b"%08x" % zlib.crc32(text) or not text:
        return None
    try:
        return _record(json.loads(text))
    except (KeyError, TypeError, ValueError) as err:
        raise StorageError(
            f"{path}: line {number} is no record of this version ({err}); use the version of fitgap"
            " that wrote it"
        ) from err


def _record(values: dict[str, Any]) -> TrialRecord:
    history = np.frombuffer(base64.b64decode(values.pop("history")), "<f8")
    return TrialRecord(
        history=TrainingHistory(
            array=history.reshape(-1, len(HISTORY_COLUMNS)),
            diverged_epoch=values.pop("diverged_epoch"),
        ),
        config=TrialConfig(**values.pop("config")),
        variant=DataVariant(**values.pop("variant", {})),
        spans=tuple(
            TaskSpan(worker=worker, start=start, end=end)
            for worker, start, end in values.pop("spans", ())
        ),
        **values,
    )
