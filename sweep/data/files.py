"""Open a user's file: every way in which a path can be wrong, told before anything is read."""

import bz2
import contextlib
import gzip
import hashlib
import io
import lzma
import os
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, BinaryIO, Final

from sweep.data.names import printable, quoted
from sweep.errors import DataError
from sweep.spelling import closest

MOST_BYTES: Final = 4 * 2**30  # of a file, as it stands or once decompressed
MOST_GROWTH: Final = 100  # times its size that a file may have once decompressed: bombs reach 1,000
FREE_BYTES: Final = 32 * 2**20  # up to here it may have any size
CHUNK: Final = 2**20
NEIGHBOURS_SEARCHED: Final = 10_000

CONTENTS: Final = (
    (b"\x1f\x8b", "gzip data"),
    (b"PAR1", "a Parquet file"),
    (b"PK\x03\x04", "a zip archive, an Excel workbook or an NPZ file"),
    (b"\x89HDF", "an HDF5 file"),
    (b"SQLite format 3", "an SQLite database"),
    (b"%PDF", "a PDF file"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
)


def name_path(source: str) -> str:
    """Return a path as messages show it."""
    return printable(source, longest=200)


def read_bytes(source: str) -> bytes:
    """Read a whole regular file.

    Args:
        source: The path as the user gave it.

    Raises:
        DataError: It is an address, is missing, is no regular file, is too large, or cannot be
            read.
    """
    with _opened(source) as file:
        return file.read() or b""  # None where a file of the kernel has nothing to say yet


def check_file(source: str) -> None:
    """Refuse what `read_bytes` would refuse, and read nothing.

    Raises:
        DataError: As for `read_bytes`.
    """
    with _opened(source):
        pass


@contextlib.contextmanager
def _opened(source: str) -> Iterator[BinaryIO]:
    check_path(source)
    path = Path(source)
    try:
        _check_kind(source, path.stat())
        # Without waiting for a writer, should a pipe have taken the file's place since.
        with open(
            source, "rb", opener=lambda *_: os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        ) as file:
            _check_kind(source, os.fstat(file.fileno()))
            yield file
    except FileNotFoundError as error:
        raise DataError(
            f"{name_path(source)}: does not exist; {_suggest_neighbour(path)}"
        ) from error
    except PermissionError as error:
        raise DataError(
            f"{name_path(source)}: may not be read by this user; change its permissions"
        ) from error
    except OSError as error:
        raise DataError(
            f"{name_path(source)}: cannot be read ({error.strerror or error}); check the path"
        ) from error


def _check_kind(source: str, status: os.stat_result) -> None:
    """Refuse what is no regular file, or larger than `MOST_BYTES`.

    Raises:
        DataError: It is such.
    """
    if stat.S_ISDIR(status.st_mode):
        raise DataError(f"{name_path(source)}: is a folder, not a file; name a file in it")
    if not stat.S_ISREG(status.st_mode):
        raise DataError(
            f"{name_path(source)}: is a pipe or a device, not a regular file; "
            "write its content to a file first"
        )
    if status.st_size > MOST_BYTES:
        raise DataError(
            f"{name_path(source)}: holds {status.st_size:,} bytes, more than {MOST_BYTES:,}; "
            "use a sample of the rows"
        )


def check_path(source: str) -> None:
    """Refuse what is no path: an address, an empty text, a NUL character.

    Raises:
        DataError: The text is no path.
    """
    if "://" in source:
        raise DataError(
            f"{name_path(source)}: is an address, and nothing is ever downloaded; "
            "download the file and give its path"
        )
    if not source.strip():
        raise DataError("data: the path is empty; give a file or the name of a bundled data set")
    if "\0" in source:
        raise DataError(f"{name_path(source)}: holds a NUL character; give the path of a file")


def decompressed_limit(size: int) -> int:
    """Return how many bytes may come out of so many compressed ones.

    A table seldom shrinks to a tenth, a bomb to a thousandth; what is small anyhow may do as it
    likes.
    """
    return min(MOST_BYTES, max(FREE_BYTES, MOST_GROWTH * size))


def check_decompressed(source: str, size: int, limit: int) -> None:
    """Refuse what is larger than its limit once decompressed.

    Args:
        source: The path, for messages.
        size: The bytes that come out, as claimed or as counted so far.
        limit: Most bytes that may come out.

    Raises:
        DataError: It is larger.
    """
    if size > limit:
        raise DataError(
            f"{name_path(source)}: holds {size:,} bytes or more once decompressed, more than "
            f"{limit:,}; use a sample of the rows, or decompress it first if it is no mistake"
        )


def decompress(data: bytes, source: str, ending: str | None = None) -> bytes:
    """Decompress a file whose name says that it is; never much more than is allowed is held.

    Args:
        data: The content of the file.
        source: The path, whose ending says how it is compressed, if it is.
        ending: That ending, where the path does not say it.

    Raises:
        DataError: It is not compressed so, is damaged, grows beyond its limit, or is an archive of
            several files.
    """
    ending = ending or Path(source).suffix.lower()
    if ending not in PACKERS:
        return data
    magic, name, unpack = PACKERS[ending]
    if not data.startswith(magic):
        raise DataError(
            f"{name_path(source)}: its name ends in {ending} but its content is not {name}; "
            f"rename it without {ending}, or compress it"
        )
    chunks: list[bytes] = []
    size = 0
    try:
        with io.BytesIO(data) as compressed, unpack(compressed) as stream:
            while chunk := stream.read(CHUNK):
                size += len(chunk)
                check_decompressed(source, size, decompressed_limit(compressed.tell()))
                chunks.append(chunk)
    except DAMAGES as error:
        raise DataError(
            f"{name_path(source)}: the {name} data is damaged or cut short "
            f"({printable(str(error), longest=200)}); fetch or write the file again"
        ) from error
    return b"".join(chunks)


def _open_member(compressed: BinaryIO) -> IO[bytes]:
    """Open the file that an archive holds."""
    archive = zipfile.ZipFile(compressed)
    names = [info.filename for info in archive.infolist() if not info.is_dir()]
    if len(names) != 1:
        raise ValueError(f"it holds {len(names)} files instead of one")
    return archive.open(names[0])


PACKERS: Final[
    dict[str, tuple[bytes, str, Callable[[BinaryIO], contextlib.AbstractContextManager[Any]]]]
] = {
    ".gz": (b"\x1f\x8b", "gzip", lambda file: gzip.GzipFile(fileobj=file)),
    ".bz2": (b"BZh", "bzip2", bz2.BZ2File),
    ".xz": (b"\xfd7zXZ\0", "xz", lzma.LZMAFile),
    ".zip": (b"PK", "zip", _open_member),
}
DAMAGES: Final = (
    *(OSError, EOFError, ValueError, zlib.error, lzma.LZMAError),
    *(zipfile.BadZipFile, RuntimeError, NotImplementedError),  # encrypted, or of an odd kind
)


def explain_memory(source: str) -> str:
    """Say that a file needs more memory than there is."""
    return f"{name_path(source)}: needs more memory than there is; use a sample of the rows"


def name_content(data: bytes) -> str:
    """Name the kind of file that the first bytes show; empty where they show none."""
    return next((kind for magic, kind in CONTENTS if data.startswith(magic)), "")


def fingerprint(*parts: bytes) -> str:
    """Return the SHA-256 digest of the bytes that were read, hexadecimal."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.hexdigest()


def _suggest_neighbour(path: Path) -> str:
    try:
        entries = path.parent.iterdir()
        names = [entry.name for entry, _ in zip(entries, range(NEIGHBOURS_SEARCHED), strict=False)]
    except OSError:
        return f"its folder {quoted(str(path.parent))} cannot be listed either"
    guess = closest(path.name, names)
    return "check the path" if guess is None else f"did you mean {quoted(guess)}?"
