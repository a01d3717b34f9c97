"""Pages about several runs, written in one step."""

from collections.abc import Sequence
from pathlib import Path

from reports.comparison_content import IndexContent
from reports.pages.writing import write_html
from studies.comparison.conclusion import compare_runs
from studies.comparison.runs import ComparedRun
from sweep.data.names import printable
from sweep.errors import StorageError

LONGEST = 1000


def write_comparison(runs: Sequence[ComparedRun], path: Path, *, command: str) -> str:
    """Compare runs and write the page.

    Args:
        runs: From `studies.comparison.runs.read_runs`.
        path: Where the page goes.
        command: What was typed, for the page.

    Returns:
        The answer, safe to print.

    Raises:
        StorageError: The page cannot be written.
    """
    from reports.pages.compare_page import render_comparison  # noqa: PLC0415 - what draws takes a second to import

    content = compare_runs(runs, command=command)
    _write(path, render_comparison(content))
    return printable(content.answer, longest=LONGEST)


def write_index(content: IndexContent, path: Path) -> None:
    """Write the list of runs.

    Raises:
        StorageError: The page cannot be written.
    """
    from reports.pages.index_page import render_index  # noqa: PLC0415 - after the folders are read

    _write(path, render_index(content))


def _write(path: Path, page: str) -> None:
    try:
        write_html(path, page)
    except OSError as err:
        size = len(page.encode())
        raise StorageError(
            f"{path}: {err.strerror}; the page needs {size:,} bytes there: make room or give write"
            " permission, and run again"
        ) from err
