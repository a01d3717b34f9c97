"""Take fitgap through hundreds of tables that nobody here wrote: `make zoo`."""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tools.zoo.archive import fetch_tables
from tools.zoo.document import update_page, zoo_table
from tools.zoo.tables import read_table
from tools.zoo.visit import check_tables, choose, sweep_tables

FOLDERS = (
    "datasets", "MASS", "car", "boot", "HistData", "ggplot2", "lme4", "plm", "gap", "cluster",
    "rpart",
)  # fmt: skip


def main() -> int:
    """Check all tables, sweep some, print what came of it, and return 1 if anything broke."""
    parser = argparse.ArgumentParser(prog="make zoo", description=__doc__)
    parser.add_argument("--folders", nargs="+", default=FOLDERS, help="packages of R")
    parser.add_argument("--sweeps", type=int, default=60, help="tables that are swept")
    parser.add_argument("--processes", type=int, default=2, help="tables at a time")
    parser.add_argument("--cache", type=Path, default=Path("build/zoo"))
    parser.add_argument("--write", type=Path, metavar="PAGE", help="the page to bring up to date")
    options = parser.parse_args()

    began = time.perf_counter()
    folder = fetch_tables(options.cache)
    paths = [path for name in options.folders for path in sorted((folder / name).glob("*.csv"))]
    checks = check_tables([read_table(path) for path in paths], processes=options.processes)
    with tempfile.TemporaryDirectory(prefix="zoo-") as runs:
        chosen = choose(checks, options.sweeps)
        sweeps = sweep_tables(chosen, Path(runs), processes=options.processes)
    text = zoo_table(checks, sweeps, minutes=(time.perf_counter() - began) / 60)
    print(text)
    if options.write is not None:
        update_page(options.write, text)
    broken = any(check.fate == "broken" for check in checks)
    return int(broken or any(sweep.reason for sweep in sweeps))


if __name__ == "__main__":
    sys.exit(main())
