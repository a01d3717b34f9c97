"""Who trains: this process for one worker, a Dask cluster of processes for several."""

import contextlib
import heapq
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from sweep.config import Device
from sweep.data.dataset import TrainingData
from sweep.limits import NO_LIMITS, TrialLimits
from sweep.training.device import default_workers, find_device
from sweep.training.run_clock import RunClock
from sweep.training.tasks import CohortTask, TrainingSets, TrialResult, train_task, training_sets
from sweep.variant import AS_SPLIT

if TYPE_CHECKING:
    from sweep.training.cluster.dask_workers import Cluster
    from sweep.training.cluster.remote import RemoteCluster
    from sweep.training.trainer import Checkpoint  # loads TensorFlow

T = TypeVar("T")


def device_of(cluster: "RemoteCluster | None") -> Device:
    """Return what trials are trained on: that of a cluster's workers, or of this machine."""
    return find_device() if cluster is None else cluster.device


def workers_of(cluster: "RemoteCluster | None") -> int:
    """Return how many trials are trained at a time unless told otherwise."""
    return default_workers() if cluster is None else cluster.workers


class Workers(Protocol):
    """Train the cohorts that are submitted, in any order."""

    def submit(self, task: CohortTask) -> None:
        """Queue a task."""

    def next_results(self) -> list[TrialResult]:
        """Wait for a submitted task to end; return one result a trial."""

    def forget(self, task: str) -> None:
        """Let go of what would be needed to continue a task."""

    def call(self, function: Callable[..., T], *arguments: Any) -> T:  # noqa: ANN401 - any function's
        """Call ``function(training data, *arguments)`` where training is done."""

    def close(self) -> None:
        """Stop, without waiting for what is still queued."""


class InProcessWorker:
    """Train in this process, one task after the other, by priority and then by submission."""

    def __init__(self, data: TrainingData | TrainingSets, worked: float = 0.0) -> None:
        self._data = training_sets(data)
        self._clock = RunClock(worked)
        self._submitted = 0
        self._queue: list[tuple[int, int, CohortTask]] = []
        self._checkpoints: dict[str, Checkpoint | None] = {}

    def submit(self, task: CohortTask) -> None:
        """Queue a task."""
        heapq.heappush(self._queue, (task.priority, self._submitted, task))
        self._submitted += 1

    def next_results(self) -> list[TrialResult]:
        """Train the task whose turn it is."""
        task = heapq.heappop(self._queue)[-1]
        start = self._checkpoints.pop(task.continues, None) if task.continues else None
        results, checkpoint = train_task(self._data[task.variant], task, start)
        if not task.is_last:
            self._checkpoints[task.name] = checkpoint
        return self._clock.note(task, results, self._clock.now())

    def forget(self, task: str) -> None:
        """Let go of what would be needed to continue a task."""
        self._checkpoints.pop(task, None)

    def call(self, function: Callable[..., T], *arguments: Any) -> T:  # noqa: ANN401 - any function's
        """Call ``function(training data, *arguments)`` here."""
        return function(self._data[AS_SPLIT], *arguments)

    def close(self) -> None:
        """Forget what is queued."""
        self._queue.clear()
        self._checkpoints.clear()


@contextlib.contextmanager
def start_workers(
    data: TrainingData | TrainingSets,
    workers: int,
    worked: float = 0.0,
    *,
    limits: TrialLimits = NO_LIMITS,
    cluster: "Cluster | None" = None,
) -> Iterator[Workers]:
    """Start workers, and stop them whatever happens.

    Args:
        data: What is trained on: one set, or one a variant.
        workers: How many tasks are done at a time here.
        worked: Seconds that the run worked before it was started again.
        limits: What a trial may take.
        cluster: Whose workers do it, as many as there are; left out, those of this machine.
    """
    with contextlib.ExitStack() as stack:
        started: Workers
        if workers == 1 and not limits and cluster is None:
            started = InProcessWorker(data, worked)
        else:
            from sweep.training.cluster.dask_workers import DaskWorkers  # noqa: PLC0415 - a second to import
            from sweep.training.cluster.local import LocalCluster  # noqa: PLC0415 - likewise

            cluster = cluster or LocalCluster(workers)
            stack.callback(cluster.close)
            started = DaskWorkers(data, cluster, worked=worked, limits=limits)
        stack.callback(started.close)
        yield started
