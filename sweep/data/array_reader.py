"""Read arrays from NPZ archives and IDX files, without ever trusting what a header claims."""

import dataclasses
import io
import math
import tokenize
import warnings
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from sweep.data.files import (
    CHUNK,
    check_decompressed,
    decompress,
    decompressed_limit,
    fingerprint,
    name_content,
    name_path,
    read_bytes,
)
from sweep.data.names import listed, printable
from sweep.errors import DataError

UNSIGNED_BYTE: Final = 0x08
# What numpy's reader of headers, which are Python, raises for those that are none.
HEADER_ERRORS: Final = (
    *(ValueError, TypeError, KeyError, SyntaxError, tokenize.TokenError),
    *(MemoryError, RecursionError, OverflowError),
)
IDX_PARTS: Final = {
    "x_train": ("train-images", 3),
    "y_train": ("train-labels", 1),
    "x_test": ("t10k-images", 3),
    "y_test": ("t10k-labels", 1),
}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Arrays:
    """Hold the arrays of a file or folder, by name.

    Attributes:
        parts: The arrays: x and y, or x_train, y_train, x_test and y_test, or whatever was read.
        fingerprint: SHA-256 of the bytes that were read.
    """

    parts: Mapping[str, NDArray[np.generic]]
    fingerprint: str


def read_npz(source: str, *, budget: int | None = None) -> Arrays:
    """Read every array of an NPZ archive.

    Args:
        source: Path of the archive.
        budget: Most bytes that may come out of it; by default what its size allows.

    Raises:
        DataError: No archive, damaged, larger than the budget, or an array of Python objects, of
            another size than its header says, or there twice.
    """
    data = read_bytes(source)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [info for info in archive.infolist() if info.filename.endswith(".npy")]
            size = sum(info.file_size for info in members)
            check_decompressed(
                source, size, decompressed_limit(len(data)) if budget is None else budget
            )
            parts: dict[str, NDArray[np.generic]] = {}
            for info in members:
                where = f"{name_path(source)}: array {listed([info.filename])}"
                name = info.filename.removesuffix(".npy")
                if name in parts:
                    raise DataError(f"{where}: is there twice; write it with numpy.savez")
                parts[name] = _read_npy(_read_member(archive, info, where), where)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError) as error:
        kind = name_content(data)
        hint = f" (its content is {kind})" if kind and "zip" not in kind else ""
        raise DataError(
            f"{name_path(source)}: is no readable NPZ archive{hint}; write it with numpy.savez"
        ) from error
    except (RuntimeError, NotImplementedError) as error:  # encrypted, or an exotic compression
        raise DataError(
            f"{name_path(source)}: cannot be decompressed ({printable(str(error))}); "
            "write it with numpy.savez"
        ) from error
    return Arrays(parts=parts, fingerprint=fingerprint(data))


def read_idx_folder(folder: str) -> Arrays:
    """Read the four IDX files of a data set such as MNIST, plain or gzipped.

    Args:
        folder: Folder with train-images-idx3-ubyte, train-labels-idx1-ubyte and the two t10k
            files.

    Returns:
        x_train, x_test uint8 [rows, height, width] and y_train, y_test uint8 [rows].

    Raises:
        DataError: A file is missing, has a wrong magic number, type, size or count; all files at
            fault are reported together.
    """
    parts: dict[str, NDArray[np.generic]] = {}
    content: list[bytes] = []
    faults: list[str] = []
    for part, (stem, dimensions) in IDX_PARTS.items():
        try:
            path = _find_idx(folder, stem, dimensions)
            data = read_bytes(path)
            content.append(data)
            parts[part] = parse_idx(data, path, dimensions=dimensions)
        except DataError as error:
            faults.extend(error.faults)
    if not faults:
        faults = _compare_idx(parts, folder)
    if faults:
        raise DataError(faults)
    return Arrays(parts=parts, fingerprint=fingerprint(*content))


def parse_idx(data: bytes, source: str, *, dimensions: int) -> NDArray[np.uint8]:
    """Parse the content of one IDX file (format: http://yann.lecun.com/exdb/mnist, of bytes).

    Args:
        data: The content; gzip data are decompressed.
        source: The path, for messages.
        dimensions: Number of dimensions that is expected.

    Returns:
        uint8, of the shape in the header.

    Raises:
        DataError: Wrong magic number, type, number of dimensions or size.
    """
    where = name_path(source)
    content = decompress(data, source, ".gz") if data.startswith(b"\x1f\x8b") else data
    if len(content) < 4 or content[:2] != b"\0\0":
        raise DataError(
            f"{where}: is no IDX file (it starts with {content[:4].hex() or 'nothing'}, not with "
            f"0000); give the file as it was published"
        )
    kind, found = content[2], content[3]
    if kind != UNSIGNED_BYTE:
        raise DataError(f"{where}: holds type 0x{kind:02x}; only unsigned bytes (0x08) can be read")
    if found != dimensions:
        raise DataError(
            f"{where}: has {found} dimensions instead of {dimensions}; "
            "do not swap images and labels"
        )
    start = 4 + 4 * dimensions
    if len(content) < start:
        raise DataError(f"{where}: ends inside its header; fetch the file again")
    sizes = tuple(int(size) for size in np.frombuffer(content, ">u4", dimensions, 4))
    expected = start + math.prod(sizes)
    if len(content) != expected:
        raise DataError(
            f"{where}: has {len(content):,} bytes where its header {sizes} needs {expected:,}; "
            "fetch the file again"
        )
    if expected == start:
        raise DataError(f"{where}: holds nothing (its header is {sizes}); fetch the file again")
    return np.frombuffer(content, np.uint8, offset=start).reshape(sizes)


def _read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, where: str) -> bytes:
    """Decompress a member in pieces: read at once, one that lies about its size fills memory."""
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise DataError(
            f"{where}: is compressed as numpy never does (method {info.compress_type}); "
            "write it with numpy.savez"
        )
    with archive.open(info) as member:
        return b"".join(iter(lambda: member.read(CHUNK), b""))


def _read_npy(data: bytes, where: str) -> NDArray[np.generic]:
    stream = io.BytesIO(data)
    version = npy.read_magic(stream)
    readers = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
    if version not in readers:
        raise DataError(f"{where}: has format version {version}; write it with numpy.savez")
    try:
        with warnings.catch_warnings(action="ignore"):  # that a file is old is no news
            shape, fortran_order, dtype = readers[version](stream)
    except HEADER_ERRORS as error:
        raise DataError(f"{where}: has a damaged header; write it with numpy.savez") from error
    if dtype.hasobject:
        raise DataError(
            f"{where}: holds Python objects, which could run code when read; "
            "convert it to numbers or to texts of fixed length"
        )
    if any(size < 0 for size in shape) or (shape and shape[0] > len(data)):  # (10**15, 0) fits
        raise DataError(f"{where}: claims the shape {shape}; write it with numpy.savez")
    if math.prod(shape) * dtype.itemsize != len(data) - stream.tell() or dtype.itemsize == 0:
        raise DataError(
            f"{where}: claims the shape {shape} of {dtype}, which does not fit its "
            f"{len(data) - stream.tell():,} bytes; write it with numpy.savez"
        )
    flat = np.frombuffer(data, dtype, offset=stream.tell())
    order: Literal["F", "C"] = "F" if fortran_order else "C"
    native: NDArray[np.generic] = flat.astype(dtype.newbyteorder("="), copy=False)
    return native.reshape(tuple(map(int, shape)), order=order)


def _find_idx(folder: str, stem: str, dimensions: int) -> str:
    """Return the path of a file under the names by which it is published."""
    names = [f"{stem}{mark}idx{dimensions}-ubyte" for mark in "-."]
    for name in names:
        for ending in ("", ".gz"):
            path = Path(folder) / f"{name}{ending}"
            if path.exists():
                return str(path)
    raise DataError(
        f"{name_path(folder)}: has no file {names[0]} or {names[0]}.gz; "
        "give the folder with the four IDX files"
    )


def _compare_idx(parts: Mapping[str, NDArray[np.generic]], folder: str) -> list[str]:
    faults = [
        f"{name_path(folder)}: {len(parts[f'x_{split}']):,} images but "
        f"{len(parts[f'y_{split}']):,} labels for {split}; fetch the files again"
        for split in ("train", "test")
        if len(parts[f"x_{split}"]) != len(parts[f"y_{split}"])
    ]
    sizes = [parts[f"x_{split}"].shape[1:] for split in ("train", "test")]
    if sizes[0] != sizes[1]:
        faults.append(
            f"{name_path(folder)}: images of {sizes[0]} for training and {sizes[1]} for testing; "
            "give files of one data set"
        )
    return faults
