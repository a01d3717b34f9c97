"""Long runs: what the driver takes and holds over 10,000 trials, and what follows such a run.

A sweep of 10,000 trials of 30 epochs (digits, the default search space and sampler) as a whole
process that trains nothing (`watched_driver.py`): search, records, journal, manifest, progress and
conclusion are real. At about 60 % it is killed (SIGKILL) and resumed. After every 1,000 trials: the
driver's milliseconds a trial, what of them recording took (which waits for the disk), its resident
memory, file descriptors and threads, the half-written and temporary files, and the sizes of the
files that grow. Then `fitgap status` and `fitgap report` as processes of their own, with their peak
memory; the floors stand in the table.
Without pruning, every trial has all its epochs, which is the most that a report is drawn from.

    python benchmarks/long_run.py [--trials N] [--pruner NAME] [--out FILE.json]
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import tracemalloc
from pathlib import Path
from typing import Any

from contenders import FITGAP
from machine import write_results
from text_table import print_table

DRIVER = Path(__file__).with_name("watched_driver.py")
POLL_SECONDS = 0.01
KILLED_AT = 0.6
# MB, seconds: what is promised for 10,000 trials.
FLOORS = {"status_seconds": 2.0, "report_seconds": 20.0, "report_peak_mb": 1000.0, "html_mb": 5.0}
HELD = ("resident_mb", "descriptors", "threads", "temporary_files")


def main() -> None:
    """Do the long run, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=10_000)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--every", type=int, default=1000, help="trials between two looks")
    parser.add_argument("--pruner", default="none", help="none, halving or one-epoch")
    parser.add_argument("--out", type=Path, help="where the results go as JSON")
    options = parser.parse_args()
    if sys.platform != "linux":
        sys.exit("this benchmark reads /proc, which only Linux has")
    with tempfile.TemporaryDirectory() as text:
        results = measure(Path(text), options)
    print_looks(results["looks"])
    print_sums(results)
    write_results("long_run", results, options.out)


def measure(place: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Sweep, kill, resume, and look back.

    Args:
        place: An empty folder.
        options: Those of the command line.
    """
    run, notes, temporary = place / "run", place / "notes", place / "temporary"
    temporary.mkdir()
    environment = {**os.environ, "TMPDIR": str(temporary)}
    driver = [sys.executable, DRIVER, notes, options.every]
    sweep = [
        "sweep", "digits", "--trials", options.trials, "--epochs", options.epochs,
        "--pruner", options.pruner, "--workers", 1, "--no-report", "--out", run,
    ]  # fmt: skip
    killed_at = int(KILLED_AT * options.trials)
    do([*driver, *sweep], environment, killed_at=(run / "records.jsonl", killed_at))
    saved = (run / "records.jsonl").read_bytes().count(b"\n")
    began = time.monotonic()
    resumed = do([*driver, "resume", run, "--workers", 1], environment)
    looks = [json.loads(line) for line in notes.read_text().splitlines()]
    first_of_resumed = [look for look in looks if look["first"]][-1]
    status = do([FITGAP, "status", run], environment)
    report = do([FITGAP, "report", run], environment)
    return {
        "trials": options.trials,
        "epochs": options.epochs,
        "pruner": options.pruner,
        "killed_after": saved,
        "lost": saved - (first_of_resumed["trials"] - 1),
        "resume_seconds": first_of_resumed["at"] - began,
        "resume_peak_mb": resumed["peak_mb"],
        "status_seconds": status["seconds"],
        "status_peak_mb": status["peak_mb"],
        "report_seconds": report["seconds"],
        "report_peak_mb": report["peak_mb"],
        "html_mb": (run / "report.html").stat().st_size / 1e6,
        "temporary_files": len(list(run.glob(".*"))) + len(list(temporary.iterdir())),
        "record_kb": record_memory(run / "records.jsonl") / 1000,
        "looks": looks,
    }


def do(
    command: list[Any], environment: dict[str, str], killed_at: tuple[Path, int] | None = None
) -> dict[str, float]:
    """Run a command to its end, or until a log has so many lines.

    Returns:
        The seconds it took, and its peak memory in MB.
    """
    started = time.monotonic()
    with tempfile.TemporaryFile() as said:  # a pipe would be full after some hundred trials
        process = subprocess.Popen(
            [str(part) for part in command], stdout=said, stderr=said, env=environment
        )
        if killed_at is not None:
            kill_at(process.pid, *killed_at)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - started
        if process.returncode != (0 if killed_at is None else -signal.SIGKILL):
            said.seek(0)
            sys.exit(f"{command[0]} ended with {process.returncode}: {said.read()[-2000:]!r}")
    return {"seconds": seconds, "peak_mb": usage.ru_maxrss * 1024 / 1e6}


def kill_at(process: int, log: Path, lines: int) -> None:
    """Kill a process as soon as a log has so many lines, or let it be if it ends before."""
    seen = position = 0
    while os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        if log.exists():
            with log.open("rb") as file:
                file.seek(position)
                new = file.read()
            seen, position = seen + new.count(b"\n"), position + len(new)
        if seen >= lines:
            os.kill(process, signal.SIGKILL)
            return
        time.sleep(POLL_SECONDS)


def record_memory(log: Path) -> float:
    """Return the bytes of memory that one record takes."""
    from sweep.runs.record_log import read_records

    tracemalloc.start()
    records = read_records(log)
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return taken / len(records)


def print_looks(looks: list[dict[str, Any]]) -> None:
    """Print what the driver took and held as trials added up; a start's first look has no time."""
    rows: list[list[object]] = []
    for before, look in zip([None, *looks], looks, strict=False):
        row: list[object] = [f"{look['trials']:,}{' (start)' if look['first'] else ''}"]
        new = 0 if before is None or look["first"] else look["trials"] - before["trials"]
        times = ("wall_seconds", "processor_seconds", "recording_seconds")
        row += [1000 * look[name] / new if new else None for name in times]
        row += [look[name] for name in HELD]
        row += [look["bytes"].get(name, 0) / 1e6 for name in ("records.jsonl", "study.journal")]
        rows.append([*row, look["bytes"]["manifest.json"] / 1000])
    print_table(
        ("trials", "ms a trial", "processor", "recording", "MB", "descriptors", "threads",
         "temporary", "records, MB", "journal, MB", "manifest, kB"),
        rows,
    )  # fmt: skip


def print_sums(results: dict[str, Any]) -> None:
    """Print the growth, and what came after the kill, beside the floors."""
    print(
        f"\nkilled after {results['killed_after']:,} records, of which {results['lost']} were lost;"
        f" a record in memory takes {results['record_kb']:.1f} kB"
    )
    growth = growth_per_thousand(results["looks"])
    print("growth per 1,000 trials: " + ", ".join(f"{growth[name]:.3g} {name}" for name in HELD))
    names = (
        "resume_seconds", "resume_peak_mb", "status_seconds", "status_peak_mb", "report_seconds",
        "report_peak_mb", "html_mb", "temporary_files",
    )  # fmt: skip
    print_table(("", "", "floor"), [(name, results[name], FLOORS.get(name)) for name in names])


def growth_per_thousand(looks: list[dict[str, Any]]) -> dict[str, float]:
    """Return what the process that did the first part held more after 1,000 more trials."""
    restarted = next(
        (place for place, look in enumerate(looks) if place and look["first"]), len(looks)
    )
    of_one = [look for look in looks[:restarted] if not look["first"]]
    if len(of_one) < 2:
        return dict.fromkeys(HELD, float("nan"))
    first, last = of_one[0], of_one[-1]
    thousands = (last["trials"] - first["trials"]) / 1000
    return {name: (last[name] - first[name]) / thousands for name in HELD}


if __name__ == "__main__":
    main()
