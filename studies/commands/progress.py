"""What a person sees while a sweep runs: a live line on a terminal, a line a trial elsewhere."""

import contextlib
import math
import time
from collections.abc import Generator, Iterator
from typing import Final, Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

from studies.commands.durations import describe_duration
from sweep.data.names import printable
from sweep.records import TrialRecord
from sweep.runs.audit import SHARE
from sweep.runs.folder import RunFolder
from sweep.runs.ranking import cost, shown_score
from sweep.runs.retries import kept_records
from sweep.runs.runner import Sweep

NARROW: Final = 70  # columns below which the live line has no bar
WIDE: Final = 110
LONGEST_REASON: Final = 200
LEAST_WORK: Final = 0.01  # of a trial: a pruned one took its start as well


class Run(Protocol):
    """A run at work: a sweep, or what a study lists."""

    folder: RunFolder

    def run(self) -> Generator[TrialRecord]:
        """Do whatever is not done yet; yield each new record."""


class Progressing(Protocol):
    """Count what happened so far, and say it."""

    done: int

    @property
    def total(self) -> int:
        """Return the number of trials in all."""

    def add(self, record: TrialRecord) -> None:
        """Count a trial that has just ended."""

    def stage(self, record: TrialRecord) -> str:
        """Return what is being done once a trial has ended, in one word."""

    def describe_best(self) -> str:
        """Return in words the best so far."""

    def describe_rest(self) -> str:
        """Return what a live line says beside its bar, the most important first."""

    def line(self, record: TrialRecord) -> str:
        """Return one line about a trial that has ended, and where the run stands."""


class Tally:
    """Count what happened so far in a sweep, and guess how long the rest takes."""

    def __init__(self, run: Sweep) -> None:
        known = kept_records(run.folder.records(), retry=run.retry)
        self._score, self._chooses = run.shown, run.settings.score is not None
        self._started = self._first = time.monotonic()
        self._new = 0
        self._new_work = self._first_work = 0.0
        self._run = run
        self._audited_share = SHARE if run.settings.audit else 0.0
        self._searched = 0
        self._search_work = 0.0
        self.failed = self.pruned = 0
        self.best: TrialRecord | None = None
        self.done = 0
        for record in known:
            self._count(record)

    def add(self, record: TrialRecord) -> None:
        """Count a trial that has just ended."""
        self._new += 1
        self._new_work += _work(record)
        if self._new == 1:
            self._first = time.monotonic()
            self._first_work = self._new_work
        self._count(record)

    def _count(self, record: TrialRecord) -> None:
        self.done += 1
        self.failed += record.outcome in {"diverged", "failed"}
        if record.stage != "search":
            return
        self._searched += 1
        self._search_work += _work(record)
        self._count_pruned(record)
        if record.outcome != "finished":
            return
        if self.best is None or self._cost(record) < self._cost(self.best):
            self.best = record

    def _cost(self, record: TrialRecord) -> tuple[float, float]:
        return cost(record, self._score if self._chooses else None)

    def _count_pruned(self, record: TrialRecord) -> None:
        if record.outcome != "pruned":
            return
        self.pruned += 1

    @property
    def total(self) -> int:
        """Return the number of trials in all; with a budget, an estimate until the search ends."""
        settings, planned = self._run.settings, self._run.planned
        confirmed = settings.confirm * min(settings.confirm_top, planned)
        audited = math.ceil(self._audited_share * self.pruned)
        return max(planned + confirmed + audited, self.done)

    @property
    def seconds_left(self) -> float | None:
        """Return the time left at the rate so far; None before the first trial."""
        if not self._new:
            return None
        later = self._new_work - self._first_work
        if not later > 0:
            rate = (time.monotonic() - self._started) / max(self._new_work, LEAST_WORK)
        else:  # the first trial took the libraries and the compiler along
            rate = (time.monotonic() - self._first) / later
        return rate * self._work_left

    @property
    def _work_left(self) -> float:
        """Return what is left, in whole trials: of the search only a part is trained to its end."""
        left = max(self.total - self.done, 0)
        search = min(max(self._run.planned - self._searched, 0), left)
        mean = self._search_work / self._searched if self._searched else 1.0
        return search * mean + (left - search)

    def stage(self, record: TrialRecord) -> str:
        """Return what is being done once a trial has ended, in one word."""
        if self.done == self.total:
            return "finish"  # baselines, the winner's network and its test
        return "confirm" if record.stage == "confirmation" else record.stage

    def describe_best(self) -> str:
        """Return in words the best trial so far, and by what it is the best."""
        if self.best is None:
            return "no trial finished yet"
        best = f"loss {self.best.validation_loss:.4f}"
        if self._chooses:
            best = f"{self._score.title} {shown_score(self.best, self._score):.4f}"
        return f"best {best} ({self.best.trial})"

    def describe_rest(self) -> str:
        """Return what a live line says beside its bar, the most important first."""
        left = self.seconds_left
        parts = [
            self.describe_best(),
            f"{self.failed} failed" if self.failed else "",
            f"{self.pruned} pruned" if self.pruned else "",
            "" if not left else f"{describe_duration(left)} left",
        ]
        return ", ".join(part for part in parts if part)

    def line(self, record: TrialRecord) -> str:
        """Return one line about a trial that has ended, and where the run stands."""
        result = describe_result(record, self._score.title, shown_score(record, self._score))
        network = describe_network(record)
        return (
            f"[{self.done}/{self.total}] {record.trial} {network}: {result}; {self.describe_best()}"
        )


def describe_result(record: TrialRecord, score: str, value: float | None = None) -> str:
    """Return what a trial reached, or why it did not.

    Args:
        record: The trial.
        score: What its score is called.
        value: That score; left out, what epochs are judged by.
    """
    if record.outcome != "finished":
        return f"{record.outcome}: {printable(record.reason, longest=LONGEST_REASON)}"
    reached = record.validation_score if value is None else value
    return f"{score} {reached:.4f}, loss {record.validation_loss:.4f}"


def describe_network(record: TrialRecord) -> str:
    """Return the layers and the optimizer of a trial in a few words."""
    config = record.config
    return f"{'-'.join(map(str, config.widths)) or 'linear'} {config.optimizer}"


def _work(record: TrialRecord) -> float:
    """Return how much of a trial was trained, from 0 to 1; a lost one took its time as well."""
    if record.outcome != "pruned":
        return 1.0
    return len(record.history) / record.config.epochs


def show_progress(run: Run, tally: Progressing, console: Console) -> None:
    """Do a run to its end, and show how it goes.

    Args:
        run: The run.
        tally: What counts its trials.
        console: Where to; a live display if it is a terminal, otherwise one line a trial.
    """
    console.print(f"run folder {run.folder.path}", soft_wrap=True)
    # Closed at once when a signal ends the loop, not when the generator is collected.
    with contextlib.closing(run.run()) as records:
        if console.is_terminal and not console.is_dumb_terminal:
            _show_live(records, tally, console)
            return
        for record in records:
            tally.add(record)
            console.print(tally.line(record), soft_wrap=True)


def _show_live(records: Iterator[TrialRecord], tally: Progressing, console: Console) -> None:
    bar_width = 24 if console.width >= WIDE else 10 if console.width >= NARROW else 0
    # Rich would shorten every column alike; only the last one may lose anything.
    room = console.width - len(f"* confirm {tally.total}/{tally.total} ") - 2 - bar_width
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        *([BarColumn(bar_width=bar_width)] if bar_width else []),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rest]}", markup=False),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("starting", total=tally.total, completed=tally.done, rest="")
        for record in records:
            tally.add(record)
            if record.outcome in {"diverged", "failed"}:
                progress.console.print(tally.line(record), soft_wrap=True)
            progress.update(
                task,
                description=tally.stage(record),
                completed=tally.done,
                total=tally.total,
                rest=printable(tally.describe_rest(), longest=max(room, 1)),
            )
        progress.update(
            task,
            description="done",
            total=tally.done,
            completed=tally.done,
            rest=printable(tally.describe_best(), longest=max(room, 1)),
        )
