"""How every page reaches the disk, and what a user reads if it does not."""

from pathlib import Path

from reports.pages.writing import write_html
from sweep.errors import StorageError
from sweep.safe_files import IN_THE_WAY


def write_page_file(path: Path, page: str, *, then: str, mover: str = "") -> None:
    """Write a page as one HTML file.

    Args:
        path: The file; its folder must exist.
        page: The document.
        then: What to do once the fault is mended, such as ``run again``.
        mover: What can move a folder out of the place of this file, such as a command.

    Raises:
        StorageError: It cannot be written; an old one is untouched.
    """
    try:
        write_html(path, page)
    except OSError as err:
        advice = f"the page needs {len(page.encode(errors='replace')):,} bytes there: make room or"
        advice += " give write permission"
        if err.errno in IN_THE_WAY:
            advice = f"move that away, or let {mover} do it" if mover else "move that away"
        raise StorageError(f"{path}: {err.strerror or err}; {advice}, {then}") from err
