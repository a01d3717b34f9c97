"""Open a user's file: every way in which a path can be wrong, told before anything is read."""

import gzip
import hashlib
import io
import stat
import zlib
from pathlib import Path
from typing import Final

from sweep.data.names import printable, quoted
from sweep.errors import DataError
from sweep.spelling import closest

DECOMPRESSION_BUDGET: Final = 4 * 2**30  # bytes; a few kilobytes of gzip can hold terabytes
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
        DataError: It is an address, is missing, is no regular file, or cannot be read.
    """
    check_path(source)
    try:
        kind = Path(source).stat().st_mode
        if stat.S_ISDIR(kind):
            raise DataError(f"{name_path(source)}: is a folder, not a file; name a file in it")
        if not stat.S_ISREG(kind):
            raise DataError(
                f"{name_path(source)}: is a pipe or a device, not a regular file; "
                "write its content to a file first"
            )
        return Path(source).read_bytes()
    except FileNotFoundError as error:
        raise DataError(
            f"{name_path(source)}: does not exist; {_suggest_neighbour(Path(source))}"
        ) from error
    except PermissionError as error:
        raise DataError(
            f"{name_path(source)}: may not be read by this user; change its permissions"
        ) from error
    except OSError as error:
        raise DataError(
            f"{name_path(source)}: cannot be read ({error.strerror or error}); check the path"
        ) from error


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


def decompress(data: bytes, source: str, *, budget: int = DECOMPRESSION_BUDGET) -> bytes:
    """Decompress gzip data.

    Args:
        data: The content of the file.
        source: The path, for messages.
        budget: Most bytes that may come out.

    Raises:
        DataError: It is no gzip data, it is damaged, or it is larger than the budget.
    """
    if not data.startswith(b"\x1f\x8b"):
        raise DataError(
            f"{name_path(source)}: its name ends in .gz but its content is not gzip; "
            "rename it without .gz, or compress it"
        )
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            content = stream.read(budget + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(
            f"{name_path(source)}: the gzip data is damaged or cut short ({error}); "
            "fetch or write the file again"
        ) from error
    if len(content) > budget:
        raise DataError(
            f"{name_path(source)}: holds more than {budget:,} bytes once decompressed; "
            "use a sample of the rows"
        )
    return content


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
