"""Training data that worker processes map, rather than receive a copy each.

For workers of one machine they lie in a file without a name, which exists as long as the process
that made it, whatever ends that; its workers find it among the files that the process has open.
Where there is no such thing (it is Linux's), or no room for it, the data travel. For workers of
several machines they lie in a folder that all of them see, in a file that is named by its content.
"""

import dataclasses
import hashlib
import os
import tempfile
from pathlib import Path
from typing import IO, Any, Final, NamedTuple

import numpy as np

from sweep.data.dataset import TrainingData
from sweep.safe_files import write_file

OPEN_FILES: Final = Path("/proc/self/fd")
ALIGNMENT: Final = 64  # bytes: what vectorised arithmetic likes


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class MappedData:
    """Hold where training data lie, and all of them that is no array.

    Attributes:
        path: The file.
        arrays: Of each array by field: type, shape and place in the file, in bytes.
        others: The other fields.
    """

    path: str
    arrays: dict[str, tuple[str, tuple[int, ...], int]]
    others: dict[str, Any]

    def load(self) -> TrainingData:
        """Map the data, read-only.

        Raises:
            OSError: The process that made the file has ended.
        """
        mapped: dict[str, Any] = {
            name: np.memmap(self.path, dtype, mode="r", offset=offset, shape=shape)
            for name, (dtype, shape, offset) in self.arrays.items()
        }
        return TrainingData(**self.others, **mapped)


class _Layout(NamedTuple):
    """Hold what goes where; see `MappedData`."""

    arrays: dict[str, tuple[str, tuple[int, ...], int]]
    others: dict[str, Any]


class SharedData:
    """Hold the file; it is gone when it is closed, or when this process ends."""

    def __init__(self, data: TrainingData) -> None:
        """Write training data to a file for other processes to map.

        Raises:
            OSError: There is no room, or no way to share it.
        """
        if not OPEN_FILES.exists():
            msg = "files without a name cannot be shared here"
            raise OSError(msg)
        layout = _lay_out(data)
        self._file: IO[bytes] = tempfile.TemporaryFile(prefix="fitgap-")  # noqa: SIM115 - open for as long as workers are
        try:
            _write(data, layout, self._file)
        except BaseException:
            self._file.close()
            raise
        path = f"/proc/{os.getpid()}/fd/{self._file.fileno()}"
        self.mapped = MappedData(path=path, arrays=layout.arrays, others=layout.others)

    def close(self) -> None:
        """Let go of the file; who has mapped it keeps it."""
        self._file.close()


def store_data(data: TrainingData, folder: Path) -> MappedData:
    """Write training data to a file of a folder that workers see, unless they are there.

    Args:
        data: The data.
        folder: Where; the name of the file is the SHA-256 of its content.

    Raises:
        StorageError: It cannot be written.
    """
    layout = _lay_out(data)
    digest = hashlib.sha256()
    for name, (_, _, place) in layout.arrays.items():
        digest.update(f"{name} {place} ".encode())
        digest.update(np.ascontiguousarray(getattr(data, name)).data)
    path = folder / f"fitgap-{digest.hexdigest()}.data"

    def write(temporary: Path) -> None:
        with temporary.open("wb") as file:
            _write(data, layout, file)

    if not path.exists() or path.stat().st_size != _size(layout):
        write_file(path, write)
    return MappedData(path=str(path.resolve()), arrays=layout.arrays, others=layout.others)


def _lay_out(data: TrainingData) -> _Layout:
    """Give every array its place, one behind the other."""
    layout, place = _Layout({}, {}), 0
    for field in dataclasses.fields(data):
        value = getattr(data, field.name)
        # An empty array cannot be mapped.
        if isinstance(value, np.ndarray) and value.size:
            place = -(-place // ALIGNMENT) * ALIGNMENT
            layout.arrays[field.name] = (value.dtype.str, value.shape, place)
            place += value.nbytes
        else:
            layout.others[field.name] = value
    return layout


def _size(layout: _Layout) -> int:
    """Return the size of the file, in bytes."""
    return max(
        (
            place + np.dtype(dtype).itemsize * int(np.prod(shape))
            for dtype, shape, place in layout.arrays.values()
        ),
        default=0,
    )


def _write(data: TrainingData, layout: _Layout, file: IO[bytes]) -> None:
    for name, (_, _, place) in layout.arrays.items():
        file.seek(place)
        file.write(np.ascontiguousarray(getattr(data, name)).data)
    file.flush()
