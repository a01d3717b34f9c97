"""What a person sees while a sweep runs: a live line on a terminal, a line a trial elsewhere."""

import time
from collections.abc import Iterator

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

from sweep.records import TrialRecord
from sweep.runs.runner import Sweep


class Tally:
    """Count what happened so far, and guess how long the rest takes."""

    def __init__(self, run: Sweep) -> None:
        known = run.folder.records()
        self._score = "R²" if run.prepared.training.task == "regression" else "accuracy"
        self._started = time.monotonic()
        self._new = 0
        self.failed = 0
        self.best: TrialRecord | None = None
        self.done = 0
        self.total = run.planned + run.settings.confirm * min(run.settings.confirm_top, run.planned)
        for record in known:
            self._count(record)

    def add(self, record: TrialRecord) -> None:
        """Count a trial that has just ended."""
        self._new += 1
        self._count(record)

    def _count(self, record: TrialRecord) -> None:
        self.done += 1
        self.failed += record.outcome != "finished"
        if record.stage != "search" or record.outcome != "finished":
            return
        if self.best is None or record.validation_loss < self.best.validation_loss:
            self.best = record

    @property
    def seconds_left(self) -> float | None:
        """Return the time left at the rate so far; None before the first trial."""
        if not self._new:
            return None
        rate = (time.monotonic() - self._started) / self._new
        return rate * max(self.total - self.done, 0)

    def describe_best(self) -> str:
        """Return the best score so far in words."""
        if self.best is None:
            return "no trial finished yet"
        return f"best {self._score} {self.best.validation_score:.4f} ({self.best.trial})"

    def line(self, record: TrialRecord) -> str:
        """Return one line about a trial that has ended, and where the run stands."""
        if record.outcome == "finished":
            result = f"{self._score} {record.validation_score:.4f}"
            result += f", loss {record.validation_loss:.4f}"
        else:
            result = f"{record.outcome}: {record.reason}"
        config = record.config
        network = f"{'-'.join(map(str, config.widths)) or 'linear'} {config.optimizer}"
        return (
            f"[{self.done}/{self.total}] {record.trial} {network}: {result}; {self.describe_best()}"
        )


def show_progress(run: Sweep, console: Console) -> None:
    """Run a sweep to its end, and show how it goes.

    Args:
        run: The sweep.
        console: Where to; a live display if it is a terminal, otherwise one line a trial.
    """
    console.print(f"Run folder: {run.folder.path}", markup=False, highlight=False, soft_wrap=True)
    tally = Tally(run)
    if console.is_terminal:
        _show_live(run.run(), tally, console)
    else:
        for record in run.run():
            tally.add(record)
            console.print(tally.line(record), markup=False, highlight=False, soft_wrap=True)


def _show_live(records: Iterator[TrialRecord], tally: Tally, console: Console) -> None:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rest]}", markup=False),
    )
    with Progress(*columns, console=console, transient=False) as progress:
        task = progress.add_task("starting", total=tally.total, completed=tally.done, rest="")
        for record in records:
            tally.add(record)
            failed = f", {tally.failed} failed" if tally.failed else ""
            left = tally.seconds_left
            rest = "" if left is None else f", {_duration(left)} left"
            progress.update(
                task,
                description="searching" if record.stage == "search" else "confirming",
                completed=tally.done,
                total=max(tally.total, tally.done),
                rest=f"{tally.describe_best()}{failed}{rest}",
            )
        progress.update(task, description="done", total=tally.done, completed=tally.done)


def _duration(seconds: float) -> str:
    """Return a duration in its two largest units, such as ``1 h 20 min``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min"
