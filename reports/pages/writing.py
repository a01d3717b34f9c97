"""How a page reaches the disk."""

import contextlib
import os
import secrets
from pathlib import Path


def write_html(path: Path, html: str) -> None:
    """Write a page so that the file is whole at every moment: the old one, or the new one.

    Args:
        path: The file; its folder must exist.
        html: The document.

    Raises:
        OSError: The folder cannot be written, or is full; an old report is untouched.
    """
    temporary = path.with_name(f".{path.name[:40]}.{secrets.token_hex(4)}")
    # Of all modes the umask decides: names and labels may be nobody else's business.
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(html.encode("utf-8", errors="replace"))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    with contextlib.suppress(OSError):  # some file systems cannot sync a folder
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
