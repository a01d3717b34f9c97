"""Scaling: what a second worker gains, and what the driver costs with many.

Real: one sweep of Fashion-MNIST (random sampling, no pruning, no confirmation, no baselines) with 1
and with 2 workers, as whole processes, one after the other, in turns. Both train the same trials.
`work` leaves out the start: it counts from the moment at which the first trial began to train.
`busy` is the share of the workers' time in it that they trained; what it lacks to 100 % is waiting
for the next trial, for each other at the end, and for the driver. Where cores share caches, memory
and clock rate, trials slow each other down: `s a trial` shows it.

Simulated: trials whose durations are drawn from a lognormal distribution (median 10 s, sigma 0.7)
on up to 64 workers. The driver is the real one, with its default sampler, and its synced records;
the workers are not, and simulated time takes no time, so that all that is measured is the driver:
asking, telling, deciding, and recording (which waits for the disk, and is given by itself). `busy`
is the share of the simulated workers' time that they trained, which says what the order of asking
costs; a real driver with as many workers adds its time. Under `Dask` the tasks pass through a real
LocalCluster, from when its workers are there. They are threads of the same process, whose tasks end
at once, so that scheduler and all workers are counted, too: more than a driver would ever do.

    python benchmarks/scaling.py [--parts NAME ...] [--out FILE.json]
"""

import argparse
import contextlib
import itertools
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

from contenders import WITHOUT_PRUNING, Case, fitgap_command, fitgap_records
from machine import write_results
from text_table import print_table
from whole_process import launch

PARTS = ("real", "simulated", "dask")
POLL_SECONDS = 0.02
LAST = 100  # trials, whose time is given by itself: asking gets slower as trials add up


def main() -> None:
    """Measure the parts, and print a table for each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--data", default="fashion-mnist", help="of the real sweep")
    parser.add_argument("--trials", type=int, default=16, help="of the real sweep")
    parser.add_argument("--epochs", type=int, default=5, help="of the real sweep")
    parser.add_argument("--rounds", type=int, default=2, help="times that the real sweep is run")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 4, 16, 64])
    parser.add_argument("--simulated-trials", type=int, default=1000)
    parser.add_argument("--out", type=Path, help="where the results go as JSON")
    options = parser.parse_args()
    results: dict[str, Any] = {}
    if "real" in options.parts:
        case = Case(data=options.data, trials=options.trials, epochs=options.epochs, batch_size=128)
        results["real"] = real(case, options.rounds)
        write_results("scaling", results, options.out)
    for part in ("simulated", "dask"):
        if part in options.parts:
            results[part] = drive(part, options.workers, options.simulated_trials)
            write_results("scaling", results, options.out)


def real(case: Case, rounds: int) -> list[dict[str, Any]]:
    """Sweep with 1 and 2 workers in turns, print the medians, and return all of them."""
    runs = [sweep(case, workers) for _ in range(rounds) for workers in (1, 2)]
    names = ("total_seconds", "work_seconds", "busy", "trial_seconds")
    medians = {
        workers: {
            name: statistics.median(run[name] for run in runs if run["workers"] == workers)
            for name in names
        }
        for workers in (1, 2)
    }
    print(f"\n{case.data}: {case.trials} trials of {case.epochs} epochs, median of {rounds} runs")
    print_table(
        ("workers", "total, s", "work, s", "total, x", "work, x", "busy", "s a trial"),
        [
            (
                workers,
                row["total_seconds"],
                row["work_seconds"],
                medians[1]["total_seconds"] / row["total_seconds"],
                medians[1]["work_seconds"] / row["work_seconds"],
                f"{row['busy']:.0%}",
                row["trial_seconds"],
            )
            for workers, row in medians.items()
        ],
    )
    return runs


def sweep(case: Case, workers: int) -> dict[str, Any]:
    """Run a sweep, and note when its records appear."""
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text) / "run"
        settings = {"sampler": "random", "workers": workers}
        seen: dict[str, float] = {}
        with launch(fitgap_command(case, folder, settings, prune=False)) as launched:
            log, size = folder / "records.jsonl", 0
            while launched.process.poll() is None:
                now = time.monotonic()
                before, size = size, log.stat().st_size if log.exists() else 0
                if size > before:
                    for record in fitgap_records(folder):
                        seen.setdefault(record.trial, now)
                time.sleep(POLL_SECONDS)
            total = time.monotonic() - launched.at
        records = fitgap_records(folder)
    trained = sum(record.seconds for record in records)
    work = max(seen.values()) - first_start(records, seen)
    return {
        "workers": workers,
        "total_seconds": total,
        "work_seconds": work,
        "busy": trained / (workers * work),
        "trial_seconds": trained / len(records),
    }


def first_start(records: Sequence[Any], seen: dict[str, float]) -> float:
    """Return when the first trial began to train: before its record by as long as it took."""
    cohorts: dict[str, list[Any]] = {}
    for record in records:
        cohorts.setdefault(record.cohort or record.trial, []).append(record)
    return min(
        max(seen[member.trial] for member in members) - sum(member.seconds for member in members)
        for members in cohorts.values()
    )


def drive(part: str, workers: Sequence[int], trials: int) -> list[dict[str, Any]]:
    """Run the driver with simulated workers, and print what it costs a trial."""
    drive_once(part, 2, 20, prune=True)  # imports
    rows = [
        drive_once(part, number, trials, prune=prune)
        for number, prune in itertools.product(workers, (False, True))
        if part == "simulated" or number > 1  # one worker is no Dask
    ]
    print(f"\n{part}: {trials} trials; the driver's milliseconds a trial")
    print_table(
        ("pruner", "workers", "wall", "processor", "recording", f"wall, last {LAST}", "busy"),
        [
            (
                row["pruner"],
                row["workers"],
                1000 * row["wall_seconds"],
                1000 * row["processor_seconds"],
                1000 * row["recording_seconds"],
                1000 * row["last_wall_seconds"],
                None if row["busy"] is None else f"{row['busy']:.0%}",
            )
            for row in rows
        ],
    )
    return rows


def drive_once(part: str, workers: int, trials: int, *, prune: bool) -> dict[str, Any]:
    """Run the driver once; return what it costs a trial, in seconds."""
    from simulated_workers import dask_threads, simulated
    from sweep.runs.runner import Sweep
    from sweep.settings.sweep_settings import SweepSettings

    chosen = {} if prune else WITHOUT_PRUNING
    settings = SweepSettings(
        data="digits", trials=trials, workers=workers, confirm=0, baselines=False, **chosen
    )
    with tempfile.TemporaryDirectory() as folder:
        run = Sweep.create(settings, Path(folder) / "run")
        chosen_workers = simulated(workers) if part == "simulated" else dask_threads()
        with chosen_workers as stage, timed_recording() as clock:
            steps = run.run()
            ends = [time.monotonic() for _ in itertools.islice(steps, trials)]
            processor = time.process_time() - stage.processor
            steps.close()
    last, made = min(LAST, trials - 1), stage.workers
    return {
        "pruner": "default" if prune else "none",
        "workers": workers,
        "trials": trials,
        "wall_seconds": (ends[-1] - stage.wall) / trials,
        "processor_seconds": processor / trials,
        "recording_seconds": clock[0] / trials,
        "last_wall_seconds": (ends[-1] - ends[-1 - last]) / last,
        "busy": None if made is None else made.busy / (workers * made.clock),
    }


@contextlib.contextmanager
def timed_recording() -> Iterator[list[float]]:
    """Add up, in the list's one number, the seconds that records take to be written and synced."""
    from sweep.runs import folder

    clock, append = [0.0], folder.append_record

    def timed(path: Path, record: Any) -> None:
        started = time.monotonic()
        append(path, record)
        clock[0] += time.monotonic() - started

    with mock.patch("sweep.runs.folder.append_record", timed):
        yield clock


if __name__ == "__main__":
    main()
