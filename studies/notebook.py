"""A run in a notebook: put ``RunReport("runs/first")`` on the last line of a cell."""

from pathlib import Path

from reports.outputs.notebook import render_notebook
from studies.reporting import conclude_for_figures
from sweep.runs.folder import RunFolder


class RunReport:
    """Show a run: headline, numbers and figures, as they are when the cell is run."""

    def __init__(self, path: str | Path) -> None:
        """Open a run.

        Args:
            path: Its folder.

        Raises:
            ConfigurationError: There is no run.
        """
        self._folder = RunFolder.open(Path(path))

    def __repr__(self) -> str:
        return f"RunReport({str(self._folder.path)!r})"

    def _repr_html_(self) -> str:
        """Return the HTML that a notebook shows in place of this value.

        Raises:
            StorageError: The run cannot be read.
        """
        return render_notebook(conclude_for_figures(self._folder))
