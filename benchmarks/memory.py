"""Memory: what the driver and its workers hold while a sweep goes on and on.

A sweep of 2,000 tiny trials (digits, the default search space, 2 epochs) as a whole process. Each
time another 100 records are on the disk, the resident memory of the driver, of each worker and of
the process from which they were forked is read (Pss of /proc/PID/smaps_rollup: of a page that
several processes share, each counts its part). A worker that is renewed on the way begins anew;
how many processes there were is in the table.
Fair to nobody and unfair to nobody: there is no peer. With one worker the driver trains.

    python benchmarks/memory.py [--trials N] [--workers N] [--out FILE.json]
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from contenders import FITGAP
from machine import write_results
from text_table import print_table
from whole_process import launch

POLL_SECONDS = 0.2
SHOWN = (200, 500, 1000, 2000)
FIRST = 200  # to which the others are compared


def main() -> None:
    """Sweep, look at the memory, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=2000)
    parser.add_argument("--every", type=int, default=100, help="trials between two looks")
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--out", type=Path, help="where the results go as JSON")
    options = parser.parse_args()
    if sys.platform != "linux":
        sys.exit("this benchmark reads /proc, which only Linux has")
    samples = watch(options.trials, min(options.every, options.trials), options.workers)
    print_samples(samples, options.trials)
    results = {"workers": options.workers, "epochs": 2, "samples": samples}
    write_results("memory", results, options.out)


def watch(trials: int, every: int, workers: int) -> list[dict[str, Any]]:
    """Sweep; return the memory in MB whenever so many more trials have ended."""
    samples: list[dict[str, Any]] = []
    seen: set[int] = set()
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text) / "run"
        log = folder / "records.jsonl"
        command = [
            FITGAP, "sweep", "digits", "--trials", trials, "--epochs", 2, "--workers", workers,
            "--confirm", 0, "--no-baselines", "--no-report", "--out", folder,
        ]  # fmt: skip
        lines = position = 0
        with launch(command) as launched:
            while launched.process.poll() is None:
                if log.exists():
                    with log.open("rb") as file:
                        file.seek(position)
                        new = file.read()
                    lines, position = lines + new.count(b"\n"), position + len(new)
                children, servers = started_processes(launched.process.pid)
                seen |= set(children)
                if lines >= every * (len(samples) + 1):
                    samples.append(
                        {
                            "trials": lines,
                            "driver": resident(launched.process.pid),
                            "fork_server": sum(resident(server) for server in servers),
                            "workers": [resident(child) for child in children],
                            "worker_processes": len(seen),
                        }
                    )
                time.sleep(POLL_SECONDS)
    return samples


def started_processes(driver: int) -> tuple[list[int], list[int]]:
    """Return the worker processes of a driver, and the one from which they were forked if any."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            children.setdefault(_parent(entry), []).append(int(entry.name))
    mine = children.get(driver, [])
    servers = [child for child in mine if b"multiprocessing.forkserver" in _command(child)]
    workers = [child for child in mine if b"multiprocessing.spawn" in _command(child)]
    return sorted(
        [*workers, *(child for one in servers for child in children.get(one, []))]
    ), servers


def resident(process: int) -> float:
    """Return the resident memory of a process in MB; 0 if it has ended."""
    for line in _read(Path(f"/proc/{process}/smaps_rollup")).splitlines():
        if line.startswith(b"Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0


def print_samples(samples: list[dict[str, Any]], trials: int) -> None:
    """Print the memory after some numbers of trials, and its growth."""
    chosen = [
        next((sample for sample in samples if sample["trials"] >= wanted), samples[-1])
        for wanted in sorted({*(shown for shown in SHOWN if shown < trials), trials})
    ]
    first = next((sample for sample in samples if sample["trials"] >= FIRST), samples[0])
    rows = []
    for sample in chosen:
        row: list[object] = [sample["trials"], sample["worker_processes"]]
        for memory in (driver, largest_worker, total):
            row += [memory(sample), memory(sample) / max(memory(first), 1.0)]
        rows.append(row)
    print_table(
        ("trials", "workers so far", "driver, MB", "x", "largest worker, MB", "x", "all, MB", "x"),
        rows,
    )


def driver(sample: dict[str, Any]) -> float:
    """Return the driver's memory."""
    return float(sample["driver"])


def largest_worker(sample: dict[str, Any]) -> float:
    """Return the largest worker's memory; 0 if the driver trains."""
    return float(max(sample["workers"], default=0.0))


def total(sample: dict[str, Any]) -> float:
    """Return the memory of all processes."""
    return driver(sample) + float(sample["fork_server"]) + float(sum(sample["workers"]))


def _parent(entry: Path) -> int:
    """Return the parent of a process; 0 if it has ended."""
    # The name stands in parentheses and may hold anything.
    fields = _read(entry / "stat").rpartition(b")")[2].split()
    return int(fields[1]) if fields else 0


def _command(process: int) -> bytes:
    return _read(Path(f"/proc/{process}/cmdline"))


def _read(path: Path) -> bytes:
    """Read a file of /proc; nothing if its process has ended."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


if __name__ == "__main__":
    main()
