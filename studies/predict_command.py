"""Predict new rows with the network of a run: `fitgap predict`."""

import argparse
import sys
from pathlib import Path

from sweep.errors import ConfigurationError
from sweep.runs.folder import RunFolder, write_table
from sweep.runs.prediction import predict_rows
from sweep.safe_files import write_bytes
from sweep.spreadsheets import formula_safe


def predict(options: argparse.Namespace) -> int:
    """Write one prediction a row: class and probabilities, or value in original units."""
    out = Path(options.out) if options.out else None
    if out is not None and out.suffix not in {".csv", ".parquet"}:
        raise ConfigurationError(
            f"--out: {out.name!r} ends in neither .csv nor .parquet; name one of these"
        )
    table = predict_rows(RunFolder.open(Path(options.run)), options.rows)
    if out is not None and out.suffix == ".parquet":
        write_table(out, table)
        return 0
    text = formula_safe(table).to_csv(index=False)
    if out is None:
        sys.stdout.write(text)
    else:
        write_bytes(out, text.encode())
    return 0
