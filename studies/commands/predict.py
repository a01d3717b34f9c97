"""Predict new rows with the network of a run: `fitgap predict`."""

import argparse
import sys
from typing import Final

from studies.commands.console import harmless
from studies.commands.output_paths import open_run, output_file
from sweep.errors import ConfigurationError
from sweep.runs.folder import write_table
from sweep.runs.prediction import predict_rows
from sweep.safe_files import write_bytes
from sweep.spreadsheets import formula_safe

ENDINGS: Final = (".csv", ".parquet")


def predict(options: argparse.Namespace) -> int:
    """Write one prediction a row: class and probabilities, or value in original units."""
    faults: list[str] = []
    out = None
    try:
        out = output_file(options.out, ENDINGS)
    except ConfigurationError as err:
        faults += err.faults
    folder = open_run(options.run, faults)
    table = predict_rows(folder, options.rows)
    if out is None:
        text = formula_safe(table).to_csv(index=False)
        # Into a file or a pipe goes every label as it is; a terminal would obey some.
        sys.stdout.write(harmless(text) if sys.stdout.isatty() else text)
    elif out.suffix.lower() == ".parquet":
        write_table(out, table)
    else:
        write_bytes(out, formula_safe(table).to_csv(index=False).encode())
    return 0
