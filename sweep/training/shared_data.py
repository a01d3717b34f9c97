"""Training data that the worker processes of one machine map, rather than receive a copy each.

They lie in a file without a name, which exists as long as the process that made it, whatever ends
that; its workers find it among the files that the process has open. Where there is no such thing
(it is Linux's), or no room for it, the data travel.
"""

import contextlib
import dataclasses
import os
import tempfile
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
from numpy.typing import NDArray

from sweep.data.dataset import TrainingData

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
        with contextlib.ExitStack() as stack:
            self._file: IO[bytes] = stack.enter_context(tempfile.TemporaryFile(prefix="fitgap-"))
            arrays, others = {}, {}
            for field in dataclasses.fields(data):
                value = getattr(data, field.name)
                # An empty array cannot be mapped.
                if isinstance(value, np.ndarray) and value.size:
                    place = (value.dtype.str, value.shape, self._write(value))
                    arrays[field.name] = place
                else:
                    others[field.name] = value
            self._file.flush()
            stack.pop_all()  # what was opened stays open
        path = f"/proc/{os.getpid()}/fd/{self._file.fileno()}"
        self.mapped = MappedData(path=path, arrays=arrays, others=others)

    def _write(self, array: NDArray[Any]) -> int:
        """Append an array; return its place."""
        place = -(-self._file.tell() // ALIGNMENT) * ALIGNMENT
        self._file.seek(place)
        self._file.write(np.ascontiguousarray(array).data)
        return place

    def close(self) -> None:
        """Let go of the file; who has mapped it keeps it."""
        self._file.close()
