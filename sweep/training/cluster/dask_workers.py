"""Several workers: processes that Dask holds together, of this machine or of others.

Tasks wait here, by priority, until a worker is free: a worker that dies then takes only one task
along, which is the only suspect. What a task needs to be continued stays on the worker that did it,
or goes straight to the one that does the next; only results come to this process.
"""

import concurrent.futures
import dataclasses
import heapq
import itertools
import math
import os
import queue
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol, TypeVar

import dask
import distributed

from sweep.data.dataset import TrainingData
from sweep.errors import StorageError
from sweep.limits import NO_LIMITS, TrialLimits
from sweep.training.cluster.plugin import GROWTH, HoldData, NotHeldError, held_by, leave
from sweep.training.run_clock import RunClock
from sweep.training.shared_data import MappedData
from sweep.training.tasks import (
    CohortTask,
    TrainingSets,
    TrialResult,
    failed_result,
    one_line,
    train_task,
    training_sets,
)
from sweep.training.watching import watched
from sweep.variant import AS_SPLIT, DataVariant

if TYPE_CHECKING:
    from sweep.training.trainer import Checkpoint  # loads TensorFlow

DIED: Final = "KilledWorker: its worker process died again and again"
ATTEMPTS: Final = 3  # to train what the cluster lost otherwise than by a dying worker
FIRST: Final = 2**31  # a priority above that of any training
TRAINING: Final = "train"  # the group of all tasks that train: what their keys begin with
POLL: Final = 0.5  # seconds after which it is looked who came and went
TELLING: Final = 0.5  # seconds for an event to leave a process before it ends

T = TypeVar("T")


class Cluster(Protocol):
    """Hold the processes that do the work.

    Attributes:
        client: This process's link to them.
        resources: What Dask is asked for with each task, such as ``{"GPU": 1}``.
        patience: Seconds without any worker after which the cluster is lost; None to wait.
        lost: What is said of it then.
        advice: What to do where a worker dies of what it is asked.
    """

    client: distributed.Client
    resources: Mapping[str, float]
    patience: float | None
    lost: str
    advice: str

    def start(self, told: Callable[[], object]) -> None:
        """Begin to start the workers; call ``told`` when they are up, or will never be."""

    def hold(self, plugin: HoldData) -> None:
        """Have every worker hold the data, also those that come later."""

    def share(self, sets: TrainingSets) -> Mapping[DataVariant, TrainingData | MappedData]:
        """Put the data where workers can map them, as far as there is such a place."""

    def places(self) -> int:
        """Return how many tasks can be done at a time now."""

    def fit(self) -> list[str] | None:
        """Return the addresses of the workers that may be given a task; None if all may."""

    def look_again(self) -> bool:
        """Look who came and went; return whether somebody did."""

    def check_start(self) -> None:
        """Wait until the workers are up; raise `StorageError` if they will never be."""

    def close(self) -> None:
        """Let go of the workers."""


class _Kept(NamedTuple):
    """Hold what a task that is not the last of its cohort leaves on its worker."""

    results: list[TrialResult]
    checkpoint: "Checkpoint | None"


class _Order(NamedTuple):
    """Hold what a worker has to know of a task besides the task.

    Attributes:
        run: Name of the plugin that holds the data.
        number: That of the job.
        limits: What the task may take.
    """

    run: str
    number: int
    limits: TrialLimits


@dataclasses.dataclass(slots=True, kw_only=True)
class _Job:
    """Hold a task that was submitted, and how often it was sent.

    Attributes:
        task: The task.
        attempt: How many times it was sent.
        part_of: The task it is a member of, if its worker died of the whole.
        parts: The results of its members so far, if its worker died of the whole.
        training: What trains; what picks the results of it if it is to be continued.
        results: What is waited for.
        helpers: Addresses of the workers of which one has to be there for it; None for any.
    """

    task: CohortTask
    attempt: int = 1
    part_of: "_Job | None" = None
    parts: dict[str, TrialResult] = dataclasses.field(default_factory=dict)
    training: Any = None
    results: Any = None
    helpers: list[str] | None = None


class DaskWorkers:
    """Train on the workers of a cluster, each of which holds the data."""

    def __init__(
        self,
        data: TrainingData | TrainingSets,
        cluster: Cluster,
        *,
        most: float = math.inf,
        worked: float = 0.0,
        limits: TrialLimits = NO_LIMITS,
        growth: int = GROWTH,
    ) -> None:
        """Give the data to the workers, without waiting for those that are still to start.

        Args:
            data: What they train on: one set, or one a variant.
            cluster: The workers.
            most: Tasks that are done at a time at most, however many workers there are.
            worked: Seconds that the run worked before it was started again.
            limits: What a trial may take.
            growth: Bytes by which a worker may grow before another process takes its place.
        """
        self._cluster = cluster
        self._client = cluster.client
        self._most = most
        self._limits = limits
        self._clock = RunClock(worked)
        self._run = f"fitgap-{uuid.uuid4().hex}"
        self._numbers = itertools.count()
        self._waiting: list[tuple[int, int, _Job]] = []
        self._jobs: dict[int, _Job] = {}
        self._sending = threading.RLock()  # jobs are sent by the thread that hears of an end, too
        self._kept: dict[str, _Job] = {}
        self._done: queue.SimpleQueue[tuple[_Job | None, Any, float]] = queue.SimpleQueue()
        self._looked = -math.inf
        self._lonely_since: float | None = None
        cluster.hold(HoldData(self._run, cluster.share(training_sets(data)), growth))
        if limits:
            self._client.subscribe_topic(self._run, self._note_limit)
        cluster.start(lambda: self._done.put((None, None, 0.0)))

    def submit(self, task: CohortTask) -> None:
        """Queue a task."""
        self._queue(_Job(task=task))

    def next_results(self) -> list[TrialResult]:
        """Wait for any task to end; trials whose worker keeps dying have failed.

        What goes wrong in training is a result. What arrives as an error befell the cluster, and
        the task, being a pure function, is sent again.

        Raises:
            StorageError: The workers could not be started, or are gone.
        """
        while True:
            if time.monotonic() > self._looked + POLL:
                self._look_again()
            try:
                job, done, ended = self._done.get(timeout=POLL)
            except queue.Empty:
                continue
            if job is None:
                self._cluster.check_start()
                self._send_waiting()
                continue
            results = self._results_of(job, done, ended)
            if results and job.part_of is not None:
                results = self._join(job.part_of, results[0])
            if results:
                return results

    def forget(self, task: str) -> None:
        """Let go of what would be needed to continue a task."""
        self._kept.pop(task, None)

    def call(self, function: Callable[..., T], *arguments: Any) -> T:  # noqa: ANN401 - any function's
        """Call ``function(training data, *arguments)`` on a worker.

        Raises:
            StorageError: The workers could not be started, are gone, or died of the function.
        """
        self._cluster.check_start()
        try:
            result: T = self._wait_for_call(function, *arguments)
        except distributed.KilledWorker as err:
            raise StorageError(
                f"workers: {function.__name__}: {DIED}; {self._cluster.advice}"
            ) from err
        except (distributed.scheduler.NoWorkerError, concurrent.futures.CancelledError) as err:
            raise StorageError(self._cluster.lost) from err
        return result

    def close(self) -> None:
        """Forget what is queued and what is done; the cluster stays as it is."""
        with self._sending:
            self._waiting.clear()
            self._jobs.clear()
        self._kept.clear()

    def _wait_for_call(self, function: Callable[..., T], *arguments: Any) -> T:  # noqa: ANN401 - any function's
        """Call a function on a worker, and on another one if there is none left that was asked."""
        helpers, future, ended = None, None, threading.Event()
        while True:
            if future is None or not (
                helpers is None or set(helpers).intersection(self._cluster.fit() or ())
            ):
                helpers = self._cluster.fit()
                # The test rows of a large data set are meant to travel with the call.
                with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1TB"}):
                    future = self._client.submit(
                        _call_with_data,
                        self._run,
                        function,
                        *arguments,
                        pure=False,
                        workers=helpers,
                        resources=dict(self._cluster.resources),
                    )
                ended = threading.Event()
                future.add_done_callback(lambda _, ended=ended: ended.set())
            if ended.wait(POLL):
                result: T = future.result()
                return result
            self._look_again()

    def _queue(self, job: _Job) -> None:
        with self._sending:
            heapq.heappush(self._waiting, (job.task.priority, next(self._numbers), job))
        self._send_waiting()

    def _send_waiting(self) -> None:
        with self._sending:
            while self._waiting and len(self._jobs) < min(self._most, self._cluster.places()):
                _, number, job = heapq.heappop(self._waiting)
                self._jobs[number] = job
                self._send(number, job)

    def _send(self, number: int, job: _Job) -> None:
        task = job.task
        before = self._kept.pop(task.continues, None) if task.continues else None
        keep = not task.is_last and job.part_of is None
        job.helpers = self._cluster.fit()
        start = None
        if before is not None and self._is_there(before):
            start = before.training
            if before.helpers is not None:  # where it is made again if it is lost
                job.helpers = [one for one in job.helpers or () if one in before.helpers]
        training = job.results = self._client.submit(
            _train_and_keep if keep else _train,
            _Order(self._run, number, self._limits),
            task,
            start,
            key=f"{TRAINING}-{self._run}-{number}",
            priority=-task.priority,
            workers=job.helpers,
            resources=dict(self._cluster.resources),
        )
        if keep:
            job.training = training
            job.results = self._client.submit(
                _pick, training, pure=False, priority=FIRST, workers=job.helpers
            )
        job.results.add_done_callback(lambda done: self._note_end(number, done))

    def _is_there(self, kept: _Job) -> bool:
        """Return whether what a task left can still be had, or made again where it was."""
        fit = self._cluster.fit()
        return fit is None or not set(fit).isdisjoint(kept.helpers or ())

    def _note_end(self, number: int, done: Any) -> None:  # noqa: ANN401 - a future of Dask's
        """Take down when a task ended, and have its worker go on, whatever we are busy with."""
        with self._sending:
            job = self._jobs.pop(number, None)
            if job is not None:  # else it was given up before
                self._done.put((job, done, self._clock.now()))
                self._send_waiting()

    def _note_limit(self, event: tuple[float, Mapping[str, Any]]) -> None:
        """Take down that a task passed a limit, of which its worker is about to end."""
        _, message = event
        with self._sending:
            job = self._jobs.pop(message["number"], None)
        if job is not None:
            self._done.put((job, str(message["reason"]), self._clock.now()))

    def _look_again(self) -> None:
        """Give work to who came, and give up if nobody is left for long.

        Raises:
            StorageError: There has been no worker for the cluster's patience, or the cluster
                itself is gone.
        """
        self._check_link()
        now = self._looked = time.monotonic()
        if self._cluster.look_again():
            self._send_again_what_is_stranded()
        self._send_waiting()
        if self._cluster.places():
            self._lonely_since = None
            return
        self._lonely_since = self._lonely_since or now
        patience = self._cluster.patience
        if patience is not None and now - self._lonely_since > patience:
            raise StorageError(self._cluster.lost)

    def _send_again_what_is_stranded(self) -> None:
        """Queue the tasks again that were meant for workers of which none is left."""
        fit = set(self._cluster.fit() or ())
        with self._sending:
            stranded = [
                number
                for number, job in self._jobs.items()
                if job.helpers is not None and not fit.intersection(job.helpers)
            ]
            for number in stranded:
                job = self._jobs.pop(number)
                job.results.cancel()
                self._queue(job)

    def _results_of(self, job: _Job, done: Any, ended: float) -> list[TrialResult]:  # noqa: ANN401 - a future of Dask's
        """Return the results of a task that ended; none if it is sent again."""
        if isinstance(done, str):  # why its worker ended it, and itself
            job.results.cancel()
            if len(job.task.trials) == 1:
                return _failed(job.task, done)
            return self._send_members(job)
        try:
            results: list[TrialResult] = done.result()
        except Exception as err:  # noqa: BLE001 - whatever befell the cluster
            return self._after_error(job, err)
        job.results = None  # they are no longer to be held on the worker
        if not job.task.is_last and job.part_of is None:
            self._kept[job.task.name] = job
        return self._clock.note(job.task, results, ended)

    def _after_error(self, job: _Job, err: Exception) -> list[TrialResult]:
        """Send a task again, whole or member by member; return how it failed if that is futile."""
        job.training = None
        self._check_link()
        if isinstance(err, distributed.scheduler.NoWorkerError):
            raise StorageError(self._cluster.lost) from err
        if isinstance(err, distributed.KilledWorker):
            return self._send_members(job) if job.part_of is None else _failed(job.task, DIED)
        if self._cluster.look_again():  # they came or went in the midst of it
            job.attempt -= 1
        elif isinstance(err, NotHeldError):  # the scheduler is another than it was
            raise StorageError(self._cluster.lost) from err
        elif isinstance(err, StorageError):
            raise err
        if job.attempt == ATTEMPTS:
            return _failed(job.task, one_line(err))
        job.attempt += 1
        self._queue(job)
        return []

    def _check_link(self) -> None:
        if self._client.status != "running":
            raise StorageError(self._cluster.lost)

    def _send_members(self, job: _Job) -> list[TrialResult]:
        """Send each member of a cohort alone, so that none fails for the others' sake."""
        for trial, config in zip(job.task.trials, job.task.configs, strict=True):
            alone = dataclasses.replace(
                job.task, trials=(trial,), configs=(config,), continues=None, cohort=""
            )
            self._queue(_Job(task=alone, part_of=job))
        return []

    def _join(self, whole: _Job, result: TrialResult) -> list[TrialResult]:
        """Return the results of a task that was done member by member, with the last of them."""
        whole.parts[result.trial] = result
        if len(whole.parts) < len(whole.task.trials):
            return []
        return [whole.parts[trial] for trial in whole.task.trials]


def _failed(task: CohortTask, reason: str) -> list[TrialResult]:
    err = RuntimeError()
    return [
        dataclasses.replace(failed_result(trial, err, 0.0), reason=reason) for trial in task.trials
    ]


def _call_with_data(run: str, function: Callable[..., T], *arguments: Any) -> T:  # noqa: ANN401 - any function's
    """Call a function on a worker with the data that the worker holds."""
    return held_by(distributed.get_worker(), run).call(AS_SPLIT, function, *arguments)


def _train_and_keep(order: _Order, task: CohortTask, start: _Kept | None) -> _Kept:
    """Train a cohort, and leave on the worker what is needed to continue."""
    worker = distributed.get_worker()
    held = held_by(worker, order.run)
    held.wait()  # which is no time of the trial's
    checkpoint = None if start is None else start.checkpoint
    name = str(worker.name)  # which a nanny gives to the next process, too
    with watched(
        order.limits,
        _seconds_left(order, task, start),
        worker.monitor.get_process_memory,
        lambda why: _end(worker, order, why),
    ):
        return _Kept(*held.call(task.variant, train_task, task, checkpoint, name))


def _seconds_left(order: _Order, task: CohortTask, start: _Kept | None) -> float | None:
    if order.limits.seconds is None:
        return None
    taken = 0.0 if start is None else sum(result.seconds for result in start.results)
    return order.limits.seconds * len(task.trials) - taken


def _end(worker: distributed.Worker, order: _Order, reason: str) -> None:
    """End this worker process, telling why: nothing else stops what it does."""
    worker.loop.add_callback(leave, worker)
    worker.log_event(order.run, {"number": order.number, "reason": reason})
    time.sleep(TELLING)
    os._exit(1)


def _train(order: _Order, task: CohortTask, start: _Kept | None) -> list[TrialResult]:
    """Train a cohort that is not continued."""
    results = _train_and_keep(order, task, start).results
    held_by(distributed.get_worker(), order.run).note_memory()
    return results


def _pick(kept: _Kept) -> list[TrialResult]:
    return kept.results
