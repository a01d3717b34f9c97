"""Pages about several runs, written in one step."""

from collections.abc import Sequence
from pathlib import Path

from reports.comparison_content import IndexContent
from studies.comparison.conclusion import compare_runs
from studies.comparison.runs import ComparedRun
from studies.page_file import write_page_file
from sweep.data.names import printable

LONGEST = 1000
AGAIN = "then run the command again"


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
    write_page_file(path, render_comparison(content), then=AGAIN)
    return printable(content.answer, longest=LONGEST)


def write_index(content: IndexContent, path: Path) -> None:
    """Write the list of runs.

    Raises:
        StorageError: The page cannot be written.
    """
    from reports.pages.index_page import render_index  # noqa: PLC0415 - after the folders are read

    write_page_file(path, render_index(content), then=AGAIN)
