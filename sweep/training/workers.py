"""Who trains: this process for one worker, a Dask cluster of processes for several.

A task is a pure function of a configuration and the training data, so that neither the number of
workers nor the order in which they finish changes any result, and the task of a worker that was
lost is simply run again.
"""

import collections
import contextlib
import dataclasses
import time
from collections.abc import Callable, Iterator
from typing import Any, Protocol, TypeVar

from sweep.config import TrialConfig
from sweep.data.dataset import TrainingData
from sweep.records import Outcome, TrainingHistory

T = TypeVar("T")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class TrialResult:
    """Hold how one trial ended.

    Attributes:
        trial: Its identifier.
        outcome: How it ended.
        reason: Why it diverged or failed; empty if finished.
        history: One row an epoch; empty if it failed.
        seconds: Time to train.
    """

    trial: str
    outcome: Outcome
    reason: str
    history: TrainingHistory
    seconds: float


class Workers(Protocol):
    """Train the configurations that are submitted, in any order."""

    def submit(self, trial: str, config: TrialConfig) -> None:
        """Queue a trial."""

    def next_result(self) -> TrialResult:
        """Wait for a submitted trial to end."""

    def call(self, function: Callable[..., T], *arguments: Any) -> T:  # noqa: ANN401 - any function's
        """Call ``function(training data, *arguments)`` where training is done."""

    def close(self) -> None:
        """Stop, without waiting for what is still queued."""


class InProcessWorker:
    """Train in this process, one trial after the other, in the order of submission."""

    def __init__(self, data: TrainingData) -> None:
        self._data = data
        self._queue: collections.deque[tuple[str, TrialConfig]] = collections.deque()

    def submit(self, trial: str, config: TrialConfig) -> None:
        """Queue a trial."""
        self._queue.append((trial, config))

    def next_result(self) -> TrialResult:
        """Train the trial that has waited longest."""
        trial, config = self._queue.popleft()
        return train_trial(self._data, trial, config)

    def call(self, function: Callable[..., T], *arguments: Any) -> T:  # noqa: ANN401 - any function's
        """Call ``function(training data, *arguments)`` here."""
        return function(self._data, *arguments)

    def close(self) -> None:
        """Forget what is queued."""
        self._queue.clear()


@contextlib.contextmanager
def start_workers(data: TrainingData, workers: int) -> Iterator[Workers]:
    """Start workers, and stop them whatever happens."""
    if workers == 1:
        started: Workers = InProcessWorker(data)
    else:
        from sweep.training.dask_workers import DaskWorkers  # noqa: PLC0415 - a second to import, for several

        started = DaskWorkers(data, workers=workers)
    try:
        yield started
    finally:
        started.close()


def train_trial(data: TrainingData, trial: str, config: TrialConfig) -> TrialResult:
    """Train one trial and say how it ended; an exception of the engine is a failed trial."""
    from sweep.training.trainer import trainer_for  # noqa: PLC0415 - TensorFlow loads where training is done

    started = time.monotonic()
    try:
        trained = trainer_for(data).train([config])[0]
    except Exception as err:  # noqa: BLE001 - the trial's border: whatever it was, the sweep goes on
        reason = f"{type(err).__name__}: {str(err).strip().partition(chr(10))[0]}"
        return TrialResult(
            trial=trial,
            outcome="failed",
            reason=reason[:500],
            history=TrainingHistory.empty(),
            seconds=time.monotonic() - started,
        )
    diverged = trained.history.diverged_epoch
    reason = "" if diverged is None else f"loss or weights not finite in epoch {diverged}"
    return TrialResult(
        trial=trial,
        outcome="finished" if diverged is None else "diverged",
        reason=reason,
        history=trained.history,
        seconds=trained.seconds,
    )
