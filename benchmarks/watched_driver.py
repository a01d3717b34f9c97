"""A command of fitgap that trains nothing, and notes what its process holds as trials add up.

Only what is trained is made up: learning curves that depend on the configuration, and the winner's
network. The search, its worker, the records, the journal, the manifest, the progress display and
the conclusion are the command's own. A line of JSON is written for the first new record, and then
for every so many: what the driver took since the line before, and what it holds now.

    python benchmarks/watched_driver.py NOTES EVERY sweep digits --workers 1 --out RUN
"""

import contextlib
import dataclasses
import hashlib
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

from simulated_workers import made_up_history, task_results
from sweep.config import TrialConfig
from sweep.data.dataset import TrainingData
from sweep.records import HISTORY_COLUMNS, TaskSpan, TrainingHistory, TrialRecord
from sweep.runs import folder
from sweep.scores import scores_of
from sweep.training.score_intervals import Measured
from sweep.training.tasks import CohortTask, TrialResult


class Watch:
    """Note what this process holds, after every so many records of a run.

    Args:
        notes: Where to; lines are added.
        every: How many records lie between two notes.
    """

    def __init__(self, notes: Path, every: int) -> None:
        self._notes = notes
        self._every = every
        self._records: int | None = None
        self._recording = 0.0
        self._since = (time.monotonic(), time.process_time())

    @contextlib.contextmanager
    def records(self) -> Iterator[None]:
        """Look at every record that is written while the context lasts."""
        append = folder.append_record

        def watched(path: Path, record: TrialRecord) -> None:
            first = self._records is None
            if self._records is None:
                self._records = path.read_bytes().count(b"\n") if path.exists() else 0
            started = time.monotonic()
            append(path, record)
            self._recording += time.monotonic() - started
            self._records += 1
            if first or self._records % self._every == 0:
                self._note(path.parent, self._records, first=first)

        with mock.patch.object(folder, "append_record", watched):
            yield

    def _note(self, run: Path, trials: int, *, first: bool) -> None:
        wall, processor = time.monotonic(), time.process_time()
        line = {
            "first": first,
            "trials": trials,
            "at": wall,
            "wall_seconds": wall - self._since[0],
            "processor_seconds": processor - self._since[1],
            "recording_seconds": self._recording,
            **held(),
            "temporary_files": temporary_files(run),
            "bytes": {path.name: path.stat().st_size for path in run.iterdir() if path.is_file()},
        }
        with self._notes.open("a") as notes:
            notes.write(json.dumps(line) + "\n")
        self._recording = 0.0
        self._since = (time.monotonic(), time.process_time())


def held() -> dict[str, Any]:
    """Return what this process holds: resident memory in MB, file descriptors and threads."""
    status = Path("/proc/self/status").read_text().splitlines()
    values = dict(line.split(":", 1) for line in status)
    return {
        "resident_mb": int(values["VmRSS"].split()[0]) / 1024,
        "descriptors": len(list(Path("/proc/self/fd").iterdir())) - 1,  # the lister's
        "threads": int(values["Threads"]),
    }


def temporary_files(run: Path) -> int:
    """Count half-written files in a run folder, and everything in the temporary folder."""
    return len(list(run.glob(".*"))) + len(list(Path(tempfile.gettempdir()).iterdir()))


class MadeUpTraining:
    """Make up what a task gives; call it as `sweep.training.tasks.train_task`."""

    def __init__(self) -> None:
        self._ended = time.monotonic()

    def __call__(
        self, data: object, task: CohortTask, start: object = None, worker: str = ""
    ) -> tuple[list[TrialResult], None]:
        """Return the results, with a span from the end of the task before; no checkpoint."""
        del data, start
        before, self._ended = self._ended, time.monotonic()
        span = TaskSpan(worker=worker, start=before - self._ended, end=0.0)
        results = [
            dataclasses.replace(result, history=overfitting(config, task.until), spans=(span,))
            for result, config in zip(task_results(task), task.configs, strict=True)
        ]
        return results, None


def overfitting(config: TrialConfig, epochs: int) -> TrainingHistory:
    """Make up learning curves in which the gap grows with the epochs and the width."""
    loss = made_up_history(config, epochs).column("validation_loss")
    gap = 0.001 * max(config.widths, default=1) ** 0.5 * np.arange(1, epochs + 1)
    columns = {
        "train_loss": loss,
        "train_score": 1 / (1 + loss),
        "validation_loss": loss + gap,
        "validation_score": 1 / (1 + loss + gap),
        "running_loss": 1.05 * loss,
        "gradient_norm": loss,
    }
    small = np.full(epochs, 0.01)  # standard errors, and seconds
    return TrainingHistory(
        array=np.column_stack([columns.get(name, small) for name in HISTORY_COLUMNS])
    )


def saved_network(_: object, *arguments: Any) -> tuple[str, float]:
    """Save bytes in the place of the winner's network."""
    content = b"made up"
    arguments[-1].write_bytes(content)
    return hashlib.sha256(content).hexdigest(), 0.0


def measured_test(*_: object) -> tuple[float, float, float, float]:
    """Make up the winner's loss and score on the test split, with their standard errors."""
    return 0.4, 0.02, 0.7, 0.02


def scored_network(data: TrainingData, *_: object) -> dict[str, dict[str, Any]]:
    """Make up every score of the winner on the validation and the test rows."""
    made_up = Measured(value=0.7, se=0.02, low=0.66, high=0.74).as_json()
    return {score.name: {"validation": made_up, "test": made_up} for score in scores_of(data.task)}


@contextlib.contextmanager
def made_up_training() -> Iterator[None]:
    """Let sweeps of one worker train nothing."""
    with (
        mock.patch("sweep.training.workers.train_task", MadeUpTraining()),
        mock.patch("sweep.runs.winner.save_network", saved_network),
        mock.patch("sweep.runs.winner.measure_test", measured_test),
        mock.patch("sweep.runs.winner.score_network", scored_network),
    ):
        yield


def main() -> int:
    """Do a command of fitgap, watched."""
    from studies import main as command_line

    notes, every, *arguments = sys.argv[1:]
    with made_up_training(), Watch(Path(notes), int(every)).records():
        return command_line.main(arguments)


if __name__ == "__main__":
    sys.exit(main())
