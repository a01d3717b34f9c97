"""The tables of a run as CSV, for spreadsheets and for what does not read Parquet."""

from pathlib import Path

import pandas as pd

from sweep.runs.folder import RunFolder
from sweep.safe_files import write_bytes
from sweep.spreadsheets import formula_safe


def write_csv(folder: RunFolder, out: Path) -> list[Path]:
    """Write the tables of a run as CSV files: UTF-8, numbers that read back bit for bit.

    Text that a spreadsheet would run as a formula begins with an apostrophe.

    Args:
        folder: The run.
        out: The folder for ``trials.csv``, ``epochs.csv`` and, where there are baselines,
            ``baselines.csv``; files of these names are replaced, each in one step.

    Returns:
        The files written.

    Raises:
        StorageError: The run cannot be read, or a file not be written.
    """
    trials, epochs = folder.tables()
    tables = {"trials": trials, "epochs": epochs, "baselines": folder.baselines()}
    written = []
    for name, table in tables.items():
        if len(table) or name != "baselines":
            path = out / f"{name}.csv"
            write_bytes(path, _csv(table))
            written.append(path)
    return written


def _csv(table: pd.DataFrame) -> bytes:
    text = formula_safe(table).to_csv(index=False, lineterminator="\n")
    return text.encode("utf-8", errors="replace")
