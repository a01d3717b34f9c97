"""Chaos: faults at random moments, a sweep restarted until it is finished, and what it lost.

A real sweep of two workers is begun, and whatever ends it, it is resumed until it is finished; then
the next one is begun, until the time is over. Meanwhile, at random moments, a worker or the driver
is killed, the driver gets a signal, the disk is filled and freed again, or PostgreSQL is restarted.
Every sweep that was disturbed so has to equal one that was not, trial for trial, times aside.

A row tells, of one kind of fault, how often it was injected, how many trials that had been finished
before were gone at the next look, how many there were twice, and whether every finished trial
equalled the undisturbed one of its name. Exit code 1 if anything was lost, doubled or not equal, if
a command ended with another code than its fault allows, or if a process outlived its driver.

    python benchmarks/chaos.py [--seconds 60] [--seed S] [--trials N] [--storage] [--out FILE.json]
"""

import argparse
import collections
import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import psutil

from machine import write_results
from sweep.runs.folder import RunFolder
from sweep.runs.record_log import read_records
from sweep.tables import epochs_table, trials_table, without_times
from text_table import print_table

FITGAP = (sys.executable, "-m", "studies.main")
OPTIONS = (
    "--epochs", "12", "--batch-size", "8", "--set", "depth=1,2", "--set", "width=64..192",
    "--confirm", "1", "--pruner", "halving", "--no-report", "--no-baselines",
)  # fmt: skip
SIGNALS = {"SIGINT": signal.SIGINT, "SIGTERM": signal.SIGTERM, "SIGHUP": signal.SIGHUP}
STORAGE = 5  # the exit code of a full disk
DISK = "64m"
PAUSE = (0.5, 7.0)  # seconds between two faults
FULL_SECONDS = 6.0  # that the disk stays full, if the sweep does not notice it before
ORPHAN_SECONDS = 15.0
COMMAND_SECONDS = 900.0


class Chaos:
    """Hold the sweep that is disturbed, and what was seen of it."""

    def __init__(self, folder: Path, options: argparse.Namespace, expected: Path) -> None:
        self.disk, self.options = folder, options
        self.random = random.Random(options.seed)  # noqa: S311 - the same faults again, no secret
        self.expected = trials_of(expected)
        self.end = time.monotonic() + options.seconds
        self.tally: dict[str, collections.Counter[str]] = {}
        self.wrong: list[str] = []
        self.rounds = self.starts = 0
        self.path = folder / "run-0"
        self.seen: list[str] = []  # the trials at the last look
        self.fault: str | None = None  # the last one injected
        self.bag: list[str] = []  # the faults that are yet to come before all come again
        self.server: Any = None

    def run(self) -> None:
        """Disturb sweeps until the time is over, and finish the last one."""
        while time.monotonic() < self.end:
            self.rounds += 1
            self.path, self.seen, self.fault = self.disk / f"run-{self.rounds}", [], None
            while self.restart() != 0:
                if len(self.wrong) > 3:
                    return
            self.look()
            self.check_finished()
            shutil.rmtree(self.path)

    def restart(self) -> int:
        """Begin or resume the sweep, disturb it until it ends, and return its exit code."""
        self.starts += 1
        allowed = {0}
        with tempfile.TemporaryFile() as output:
            process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
            family: list[psutil.Process] = []
            started = time.monotonic()
            while process.poll() is None and time.monotonic() < self.end:
                self.wait(process, self.random.uniform(*PAUSE))
                if process.poll() is None and time.monotonic() < self.end:
                    family = descendants(process)
                    self.look()
                    allowed |= self.inject(process, family)
            try:
                code = process.wait(COMMAND_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                code = process.wait()
                self.wrong.append(f"it hung for {time.monotonic() - started:.0f} s")
            _, alive = psutil.wait_procs(family, timeout=ORPHAN_SECONDS)
            self.wrong += [f"{one.pid} outlived its driver after {self.fault}" for one in alive]
            for orphan in alive:
                orphan.kill()
            code = code if code >= 0 else 128 - code  # as a shell has it
            if code not in allowed:
                output.seek(0)
                last = output.read().decode(errors="replace").splitlines()[-3:]
                self.wrong.append(f"after {self.fault}: exit code {code}: {' / '.join(last)}")
        return code

    def command(self) -> Sequence[str]:
        """Return what a user would type next, having mended first what needs that."""
        folder = RunFolder(self.path)
        if not folder.manifest_path.exists() and folder.backup_path.exists():
            subprocess.run([*FITGAP, "repair", str(self.path)], check=True, capture_output=True)
        if folder.manifest_path.exists():
            return [*FITGAP, "resume", str(self.path), "--workers", "2"]
        storage = ["--storage", self.server.url()] if self.server else []
        return [*sweep_command(self.path, self.options.trials), *storage]

    def inject(
        self, process: subprocess.Popen[bytes], family: Sequence[psutil.Process]
    ) -> set[int]:
        """Inject a fault, and return the exit codes with which the sweep may answer it."""
        workers = [one for one in family if is_worker(one)]
        kinds = ["driver killed", *SIGNALS]
        kinds += ["worker killed"] if workers else []
        kinds += ["disk full"] if self.disk.is_mount() else []
        kinds += ["PostgreSQL restarted"] if self.server else []
        self.fault = kind = self.draw(kinds)
        self.counts["injected"] += 1
        if kind == "worker killed":
            with contextlib.suppress(psutil.NoSuchProcess):
                self.random.choice(workers).kill()
            return set()
        if kind == "PostgreSQL restarted":
            self.server.stop(signal.SIGQUIT if self.random.random() < 0.5 else signal.SIGINT)
            time.sleep(self.random.uniform(0, 2))
            self.server.start()
            return set()
        if kind == "disk full":
            with filled(self.disk):
                self.wait(process, FULL_SECONDS)
            return {STORAGE}
        number = SIGNALS.get(kind, signal.SIGKILL)
        process.send_signal(number)
        self.wait(process, COMMAND_SECONDS)
        return {128 + number}

    def draw(self, kinds: Sequence[str]) -> str:
        """Draw one of the faults that are possible, each as often as the others."""
        if not set(kinds) & set(self.bag):
            self.bag += self.random.sample(kinds, len(kinds))
        kind = next(kind for kind in self.bag if kind in kinds)
        self.bag.remove(kind)
        return kind

    @property
    def counts(self) -> collections.Counter[str]:
        """Return what was counted of the last fault's kind."""
        return self.tally.setdefault(self.fault or "(before any)", collections.Counter())

    def wait(self, process: subprocess.Popen[bytes], seconds: float) -> None:
        """Wait until the sweep ends, but not longer than so."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)

    def look(self) -> None:
        """Compare the finished trials with those at the last look, and with the undisturbed."""
        records = read_records(RunFolder(self.path).records_path)
        names = [record.trial for record in records]
        table = as_rows(trials_table(records), epochs_table(records))
        self.counts["lost"] += len(set(self.seen) - set(names))
        self.counts["duplicated"] += len(names) - len(set(names))
        self.counts["unequal"] += sum(table[name] != self.expected.get(name) for name in table)
        self.counts["looks"] += 1
        self.seen = names

    def check_finished(self) -> None:
        """Check that a sweep that ended with 0 is whole."""
        folder = RunFolder.open(self.path)
        if trials_of(self.path) != self.expected or len(folder.records()) != len(self.expected):
            self.wrong.append(f"round {self.rounds}: the finished sweep differs")
        if folder.read_manifest()["state"] != "finished":
            self.wrong.append(f"round {self.rounds}: it ended with 0, and is not finished")
        if left := [path.name for path in self.path.rglob(".*")]:
            self.wrong.append(f"round {self.rounds}: {', '.join(left)} left behind")
        if self.server:
            self.check_mirror()

    def check_mirror(self) -> None:
        """Check that the database has every trial of the search once, and none that runs."""
        import optuna

        url = self.server.url()  # whose password is in the environment
        study = optuna.load_study(study_name=self.path.name, storage=url)
        slots = [trial.user_attrs.get("slot") for trial in study.trials]
        wanted = {record.slot for record in RunFolder.open(self.path).records()}
        running = [trial for trial in study.trials if not trial.state.is_finished()]
        if running or not wanted <= set(slots) or len(slots) != len(set(slots)):
            self.wrong.append(f"round {self.rounds}: the database differs from the run")


def main() -> int:
    """Disturb sweeps, print a table, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60, help="for which faults are injected")
    parser.add_argument("--seed", type=int, default=0, help="of the faults and their moments")
    parser.add_argument("--trials", type=int, default=10, help="of each sweep")
    parser.add_argument(
        "--storage", action="store_true", help="mirror to PostgreSQL, restarted too"
    )
    parser.add_argument("--out", type=Path, help="where the results go as JSON")
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fitgap-chaos-")))
        expected, disk = folder / "undisturbed", stack.enter_context(small_disk(folder / "disk"))
        server = stack.enter_context(postgres(folder / "postgres")) if options.storage else None
        command = sweep_command(expected, options.trials)
        subprocess.run(command, check=True, capture_output=True)
        chaos = Chaos(disk, options, expected)
        chaos.server = server
        if not disk.is_mount():
            print("no file system can be mounted here: the disk is not filled")
        chaos.run()
    return tell(chaos)


def tell(chaos: Chaos) -> int:
    """Print the table and what went wrong; return the exit code."""
    rows = [
        {"fault": kind, "injected": counts["injected"], "lost": counts["lost"],
         "duplicated": counts["duplicated"], "equal": counts["unequal"] == 0}
        for kind, counts in sorted(chaos.tally.items())
    ]  # fmt: skip
    print_table(
        ("fault", "times injected", "trials lost", "duplicated", "equal"),
        [
            (row["fault"], row["injected"] or None, row["lost"], row["duplicated"],
             "yes" if row["equal"] else "no")
            for row in rows
        ],
    )  # fmt: skip
    total = sum(counts["injected"] for counts in chaos.tally.values())
    print(
        f"{total} faults, {chaos.starts} starts, {chaos.rounds} sweeps of"
        f" {len(chaos.expected)} trials, each finished and compared"
    )
    for line in chaos.wrong:
        print(f"wrong: {line}")
    results = {"rows": rows, "rounds": chaos.rounds, "starts": chaos.starts, "wrong": chaos.wrong}
    write_results("chaos", results, chaos.options.out)
    whole = all(row["equal"] and not row["lost"] + row["duplicated"] for row in rows)
    return 0 if whole and not chaos.wrong else 1


def sweep_command(path: Path, trials: int) -> list[str]:
    """Return the command that begins a sweep."""
    size = ["--trials", str(trials), "--workers", "2", "--out", str(path)]
    return [*FITGAP, "sweep", "digits", *OPTIONS, *size]


def descendants(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """Return every process that the driver started, directly or not."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return psutil.Process(process.pid).children(recursive=True)
    return []


def is_worker(process: psutil.Process) -> bool:
    """Return whether a process was forked from the one that has loaded TensorFlow."""
    with contextlib.suppress(psutil.Error):
        parent = process.parent()
        return parent is not None and "forkserver" in " ".join(parent.cmdline())
    return False


def trials_of(path: Path) -> dict[str, tuple[Any, ...]]:
    """Return what a finished run's tables hold of each trial, times aside."""
    return as_rows(*(pd.read_parquet(path / f"{name}.parquet") for name in ("trials", "epochs")))


def as_rows(trials: pd.DataFrame, epochs: pd.DataFrame) -> dict[str, tuple[Any, ...]]:
    """Return the rows of the tables by trial, as text that is equal only for equal values."""
    rows: dict[str, tuple[Any, ...]] = {}
    for table in (trials, epochs):
        for name, group in without_times(table).groupby("trial", sort=False):
            text = repr(group.to_dict(orient="list"))  # NaN equals itself as text only
            rows[str(name)] = (*rows.get(str(name), ()), text)
    return rows


@contextlib.contextmanager
def small_disk(path: Path) -> Iterator[Path]:
    """Mount a small file system, if that is allowed; a plain folder otherwise."""
    path.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(path)]
    mounted = os.geteuid() == 0 and shutil.which("mount") is not None
    mounted = mounted and subprocess.run(command, capture_output=True, check=False).returncode == 0
    try:
        yield path
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(path)], check=True)


@contextlib.contextmanager
def filled(disk: Path) -> Iterator[None]:
    """Fill a file system, and free it again."""
    ballast = disk / "ballast"
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        while file.write(bytes(1 << 16)):
            pass
    try:
        yield
    finally:
        ballast.unlink()


@contextlib.contextmanager
def postgres(folder: Path) -> Iterator[Any]:
    """Start the tests' own PostgreSQL server, and give its password to every command."""
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from tests.postgres import PASSWORD, PostgresServer

    folder.mkdir()
    folder.parent.chmod(0o755)  # the server has an account of its own
    os.environ["PGPASSWORD"], os.environ["PGPASSFILE"] = PASSWORD, os.devnull
    server = PostgresServer(folder)
    try:
        yield server
    finally:
        server.stop(signal.SIGQUIT)


if __name__ == "__main__":
    sys.exit(main())
