"""Pruners: what each finds, and in what time.

The same sweep with `none`, `halving` and `one-epoch`, for several seeds, which also decide the
split: wall-clock of the whole process, epochs trained, and the best validation loss and accuracy of
the trials that were finished. A pruner saves time in every sweep; the question is what it costs.

    python benchmarks/pruners.py [--data NAME] [--trials N] [--epochs N] [--out FILE.json]
"""

import argparse
import statistics
import tempfile
from pathlib import Path
from typing import Any

from contenders import FITGAP
from machine import write_results
from text_table import print_table
from whole_process import run

PRUNERS = ("none", "halving", "one-epoch")


def main() -> None:
    """Run every sweep, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="digits", help="a bundled data set")
    parser.add_argument("--trials", type=int, default=60)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--seeds", type=int, default=3, help="how many")
    parser.add_argument("--out", type=Path, help="where the results go as JSON")
    options = parser.parse_args()
    rows = [
        {"pruner": pruner, "seed": seed, **measure(pruner, seed, options)}
        for seed in range(options.seeds)
        for pruner in PRUNERS
    ]
    table = []
    for pruner in PRUNERS:
        mine = [row for row in rows if row["pruner"] == pruner]
        names = ("seconds", "epochs", "finished", "loss", "score")
        table.append([pruner, *(statistics.mean(row[name] for row in mine) for name in names)])
    print_table(["pruner", "seconds", "epochs trained", "finished", "best loss", "score"], table)
    chosen = {name: getattr(options, name) for name in ("data", "trials", "epochs", "seeds")}
    write_results("pruners", {**chosen, "rows": rows}, options.out)


def measure(pruner: str, seed: int, options: argparse.Namespace) -> dict[str, Any]:
    """Sweep once as a whole process; return what it took and found."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run"
        command: list[object] = [
            FITGAP,
            "sweep",
            options.data,
            "--pruner",
            pruner,
            "--seed",
            str(seed),
        ]
        command += ["--trials", str(options.trials), "--epochs", str(options.epochs)]
        command += ["--confirm", "0", "--no-baselines", "--no-report", "--out", str(path)]
        seconds = run(command).seconds
        from sweep.runs.folder import RunFolder

        records = RunFolder.open(path).records()
    finished = [record for record in records if record.outcome == "finished"]
    best = min(finished, key=lambda record: record.validation_loss)
    return {
        "seconds": seconds,
        "epochs": sum(len(record.history) for record in records),
        "finished": len(finished),
        "loss": best.validation_loss,
        "score": best.validation_score,
    }


if __name__ == "__main__":
    main()
