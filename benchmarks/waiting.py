"""What a person waits for though nothing trains: help, data, and the records of a long run.

Each against the plainest thing that does the same: `fitgap --help` against Optuna's, digits against
scikit-learn's own loader, CSV files against `pandas.read_csv`, 10,000 records of 30 epochs against
`json.loads` of each line. Imports are left out, but for the help, which is a whole process.

What is fair: the same bytes, one after the other, the best of several looks. What is not: the peers
check nothing, while fitgap hashes the data, infers types, and checks each record's sum and fields.

    python benchmarks/waiting.py [--rows N] [--records N] [--looks N] [--out FILE.json]
"""

import argparse
import functools
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
    parser.add_argument("--rows", type=int, default=100_000, help="of the CSV files")
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--looks", type=int, default=5, help="the best of them counts")
    parser.add_argument("--out", type=Path, help="where the results go as JSON")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        results = [
            help_page(options.looks),
            digits(options.looks),
            *tables(Path(place), options.rows, options.looks),
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


def tables(folder: Path, rows: int, looks: int) -> list[dict[str, str | float]]:
    """Read, and read and check, CSV files of 15 columns of numbers and five of texts."""
    import csv

    import pandas as pd

    from sweep.data.sources import load_dataset
    from sweep.data.table_reader import read_table

    generator = np.random.default_rng(0)
    table = pd.DataFrame(generator.normal(size=(rows, 15)).round(5)).add_prefix("x")
    table["x3"] = table["x3"].where(generator.random(rows) > 0.05)
    for name, words in {
        "colour": ["red", "green", "blue"], "city": ["Rome, Lazio", "Paris"],
        "size": ["small", 'a "large" one'], "code": ["a1", "b2", "c3"], "target": ["yes", "no"],
    }.items():  # fmt: skip
        table[name] = generator.choice(words, rows)
    plain = table.drop(columns=["city", "size"])
    results = []
    for name, frame, quoting in (
        ("no quotes", plain.assign(city=plain["code"], size=plain["code"]), csv.QUOTE_MINIMAL),
        ("some quotes", table, csv.QUOTE_MINIMAL),
        ("all quoted", table, csv.QUOTE_ALL),
    ):
        path = str(folder / f"{name}.csv")
        frame.to_csv(path, index=False, quoting=quoting)
        peer = functools.partial(pd.read_csv, path)
        for verb, ours in (("read", read_table), ("read and check", load_dataset)):
            what = f"{verb} {rows:,} x {frame.shape[1]}, {name}"
            results.append(compare(what, functools.partial(ours, path), peer, looks))
    return results


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
