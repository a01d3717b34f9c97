"""What a person waits for though nothing trains: help, data, and the records of a long run.

Each against the plainest thing that does the same: `fitgap --help` against Optuna's, digits against
scikit-learn's own loader, a CSV file against `pandas.read_csv`, 10,000 records of 30 epochs against
`json.loads` of each line. Imports are left out, but for the help, which is a whole process.

What is fair: the same bytes, one after the other, the best of several looks. What is not: the peers
check nothing, while fitgap hashes the data, infers types, and checks each record's sum and fields.

    python benchmarks/waiting.py [--rows N] [--records N] [--looks N] [--out FILE.json]
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from contenders import FITGAP
from machine import write_results
from text_table import print_table
from whole_process import run

OPTUNA = Path(sys.executable).with_name("optuna")


def main() -> None:
    """Measure each, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000, help="of the CSV file")
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--looks", type=int, default=5, help="the best of them counts")
    parser.add_argument("--out", type=Path, help="where the results go as JSON")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        results = [
            help_page(options.looks),
            digits(options.looks),
            csv_file(Path(place) / "rows.csv", options.rows, options.looks),
            records(Path(place) / "records.jsonl", options.records, options.looks),
        ]
    print_table(
        ["what", "fitgap, s", "peer, s", "fitgap / peer"],
        [[one["what"], one["seconds"], one["peer_seconds"], one["ratio"]] for one in results],
    )
    write_results("waiting", results, options.out)


def compare(
    what: str, ours: Callable[[], object], peer: Callable[[], object], looks: int
) -> dict[str, str | float]:
    """Time both in turn; return the best of each."""
    times: dict[str, list[float]] = {"ours": [], "peer": []}
    for _ in range(looks):
        for name, call in (("ours", ours), ("peer", peer)):
            began = time.perf_counter()
            call()
            times[name].append(time.perf_counter() - began)
    seconds, peer_seconds = min(times["ours"]), min(times["peer"])
    return {
        "what": what, "seconds": seconds, "peer_seconds": peer_seconds,
        "ratio": seconds / peer_seconds,
    }  # fmt: skip


def help_page(looks: int) -> dict[str, str | float]:
    """Show the help, as a process."""
    ours, peer = (lambda: run([FITGAP, "--help"])), (lambda: run([OPTUNA, "--help"]))
    return compare("--help", ours, peer, looks)


def digits(looks: int) -> dict[str, str | float]:
    """Load the digits."""
    from sklearn.datasets import load_digits

    from sweep.data.sources import load_dataset

    return compare("digits", lambda: load_dataset("digits"), load_digits, looks)


def csv_file(path: Path, rows: int, looks: int) -> dict[str, str | float]:
    """Load a CSV file of nine columns of numbers and a target."""
    import pandas as pd

    from sweep.data.sources import load_dataset

    numbers = np.random.default_rng(0).normal(size=(rows, 10)).round(6)
    header = ",".join([f"x{place}" for place in range(9)] + ["y"])
    np.savetxt(path, numbers, delimiter=",", header=header, comments="", fmt="%.6f")
    ours, peer = (lambda: load_dataset(str(path))), (lambda: pd.read_csv(path))
    return compare(f"CSV of {rows:,} rows", ours, peer, looks)


def records(path: Path, count: int, looks: int) -> dict[str, str | float]:
    """Read the records of a run."""
    from sampler_cost import random_records
    from sweep.runs.record_log import append_record, read_records

    (record,) = random_records(1, path.with_suffix(".journal"))
    append_record(path, record)
    path.write_bytes(path.read_bytes() * count)

    def peer() -> list[object]:
        # A line begins with its checksum.
        return [json.loads(line.split(b" ", 1)[1]) for line in path.read_bytes().splitlines()]

    return compare(f"{count:,} records", lambda: read_records(path), peer, looks)


if __name__ == "__main__":
    main()
