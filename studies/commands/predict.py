"""Predict new rows with the network of a run: `fitgap predict`."""

import argparse
import sys
from typing import Final

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
    table = formula_safe(found.table) if options.spreadsheet else found.table
    console = open_progress_console()
    for line in found.unseen:
        console.print(Text.assemble(("warning: ", "yellow"), line), soft_wrap=True)
    if out is None:
        text = table.to_csv(index=False)
        # Into a file or a pipe goes every label as it is; a terminal would obey some.
        sys.stdout.write(harmless(text) if sys.stdout.isatty() else text)
    elif out.suffix.lower() == ".parquet":
        write_table(out, found.table)
    else:
        write_bytes(out, table.to_csv(index=False).encode())
    return 0
