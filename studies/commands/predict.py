"""Predict new rows with the network of a run: `fitgap predict`."""

import argparse
import sys
from typing import Final

import pandas as pd
from rich.text import Text

from studies.commands.console import harmless, open_progress_console
from studies.commands.output_paths import open_run, output_file
from sweep.errors import ConfigurationError
from sweep.runs.folder import write_table
from sweep.runs.prediction import predict_rows
from sweep.safe_files import write_bytes
from sweep.spreadsheets import formula_safe

ENDINGS: Final = (".csv", ".parquet")


def predict(options: argparse.Namespace) -> int:
    """Write one prediction a row; what training never saw is told beside them, on stderr."""
    faults: list[str] = []
    out = None
    try:
        out = output_file(options.out, ENDINGS)
    except ConfigurationError as err:
        faults += err.faults
    folder = open_run(options.run, faults)
    found = predict_rows(folder, options.rows, strict=options.strict)
    console = open_progress_console()
    for line in found.unseen:
        console.print(Text.assemble(("warning: ", "yellow"), line), soft_wrap=True)
    if out is None:
        text = _as_csv(found.table, spreadsheet=options.spreadsheet)
        # Into a file or a pipe goes every label as it is; a terminal would obey some.
        sys.stdout.write(harmless(text) if sys.stdout.isatty() else text)
    elif out.suffix.lower() == ".parquet":
        write_table(out, found.table)
    else:
        write_bytes(out, _as_csv(found.table, spreadsheet=options.spreadsheet).encode())
    return 0


def _as_csv(table: pd.DataFrame, *, spreadsheet: bool) -> str:
    """Return a table as text: for programs with every label as it is, or safe for spreadsheets."""
    return formula_safe(table).to_csv(index=False) if spreadsheet else table.to_csv(index=False)
