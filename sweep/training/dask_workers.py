"""Several workers: processes of a local Dask cluster, one thread each.

Tasks wait in the scheduler's queue, and a worker gets the next one when it has ended the one
before. What a task needs to be continued stays on the worker that did it, or goes straight to the
one that does the next; only results come to this process.
"""

import asyncio
import concurrent.futures
import contextlib
import dataclasses
import itertools
import logging
import math
import queue
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

import dask
import distributed
from distributed.worker_state_machine import PauseEvent

from sweep.data.dataset import TrainingData
from sweep.errors import StorageError
from sweep.training.fork_server import ONE_THREAD, begin_loading, interrupts_held_back, start_method
from sweep.training.loading import load_trainer
from sweep.training.shared_data import MappedData, SharedData
from sweep.training.workers import (
    CohortTask,
    TrainingSets,
    TrialResult,
    failed_result,
    train_cohort,
    training_sets,
)
from sweep.variant import AS_SPLIT, DataVariant

if TYPE_CHECKING:
    from sweep.training.trainer import Checkpoint  # loads TensorFlow

START_SECONDS: Final = 120
PLUGIN: Final = "training-data"
GONE: Final = "workers: none of their processes is left, nor was another started; try --workers 1"
ATTEMPTS: Final = 3  # to train what the cluster lost otherwise than by a dying worker
GROWTH: Final = 2**30  # bytes by which a worker may grow before another process takes its place
GROWN: Final = "worker-grown"
SETTLED: Final = 20  # tasks after which a worker has loaded and traced most of what it needs
FIRST: Final = 2**31  # a priority above that of any training

TRAINING: Final = "train"  # the group of all tasks that train: what their keys begin with
# What a worker has one of, and what only the picking of results asks for. Dask takes no account of
# where data lie for tasks that it queues; it does for those that ask for something.
PICKING: Final = "picking"

SETTINGS: Final = {
    # Dask has workers give memory back to the system at once. The arrays of every update would be
    # fetched page by page again: docs/performance.md tells what that took.
    "distributed.nanny.pre-spawn-environ": ONE_THREAD,
    "distributed.worker.daemon": True,
    "distributed.worker.profile.enabled": False,  # looks at what is executed every 10 ms
    "distributed.comm.timeouts.connect": f"{START_SECONDS}s",
    # A worker that is slow to come back on a busy machine is no lost one.
    "distributed.deploy.lost-worker-timeout": f"{START_SECONDS}s",
    "distributed.scheduler.no-workers-timeout": f"{2 * START_SECONDS}s",
    "distributed.scheduler.allowed-failures": 2,
    # All training waits in one queue, by priority, however it depends on each other. A worker that
    # dies then takes only one task along, and is the only suspect.
    "distributed.scheduler.worker-saturation": 1.0,
    "distributed.scheduler.rootish-taskgroup": math.inf,
    "distributed.scheduler.rootish-taskgroup-dependencies": math.inf,
}

T = TypeVar("T")


class _Kept(NamedTuple):
    """Hold what a task that is not the last of its cohort leaves on its worker."""

    results: list[TrialResult]
    checkpoint: "Checkpoint | None"


class _HoldData(distributed.WorkerPlugin):  # type: ignore[misc]  # Dask ships no types
    """Give every worker the data, also one that is started later in place of one that died.

    Data scattered to workers are gone when all of them die, and every task with them.
    """

    name = PLUGIN

    def __init__(self, data: Mapping[DataVariant, TrainingData | MappedData], growth: int) -> None:
        self._source = data
        self._growth = growth
        self._tasks = 0
        self._settled = 0

    def setup(self, worker: distributed.Worker) -> None:
        """Begin to load TensorFlow, while there is nothing else to do."""
        self._worker = worker
        self._data = {
            variant: source.load() if isinstance(source, MappedData) else source
            for variant, source in self._source.items()
        }
        self._loading = threading.Thread(target=load_trainer, daemon=True)
        self._loading.start()

    def call(
        self,
        variant: DataVariant,
        function: Callable[..., T],
        *arguments: Any,  # noqa: ANN401 - any function's
    ) -> T:
        """Call a function with a variant of the data."""
        self._loading.join()  # two threads that import one thing may meet half of it
        return function(self._data[variant], *arguments)

    def note_memory(self) -> None:
        """Have the worker renewed if it has grown too much since its first tasks."""
        self._tasks += 1
        memory = self._worker.monitor.get_process_memory()
        if self._tasks <= SETTLED:
            self._settled = memory
        elif memory > self._settled + self._growth:
            self._worker.loop.add_callback(_renew, self._worker)


@dataclasses.dataclass(slots=True, kw_only=True)
class _Job:
    """Hold a task that was sent, and how often.

    Attributes:
        task: The task.
        attempt: How many times it was sent.
        part_of: The task it is a member of, if its worker died of the whole.
        parts: The results of its members so far, if its worker died of the whole.
        training: What trains; what picks the results of it if it is to be continued.
    """

    task: CohortTask
    attempt: int = 1
    part_of: "_Job | None" = None
    parts: dict[str, TrialResult] = dataclasses.field(default_factory=dict)
    training: Any = None


class DaskWorkers:
    """Train on a local cluster of processes, which map the data."""

    def __init__(
        self, data: TrainingData | TrainingSets, *, workers: int, growth: int = GROWTH
    ) -> None:
        """Begin to start worker processes, without waiting for them.

        Args:
            data: What they train on: one set, or one a variant.
            workers: How many.
            growth: Bytes by which a worker may grow before another process takes its place.
        """
        self._workers = workers
        self._numbers = itertools.count()
        self._jobs: dict[str, _Job] = {}
        self._kept: dict[str, Any] = {}
        self._done: queue.SimpleQueue[Any] = queue.SimpleQueue()
        # Dask's own log lines about workers that come and go would tear the progress display.
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        self._open = contextlib.ExitStack()
        begin_loading()
        method = {"distributed.worker.multiprocessing-method": start_method()}
        self._open.enter_context(dask.config.set({**SETTINGS, **method}))
        with interrupts_held_back():
            try:
                self._cluster = distributed.LocalCluster(
                    n_workers=0,
                    threads_per_worker=1,
                    processes=True,
                    host="127.0.0.1",
                    # No dashboard, and whichever port is free: two sweeps may run at a time.
                    scheduler_kwargs={"dashboard": False, "dashboard_address": "127.0.0.1:0"},
                    memory_limit=0,
                    resources={PICKING: 1},
                    death_timeout=START_SECONDS,
                    silence_logs=logging.CRITICAL,
                )
                self._client = distributed.Client(self._cluster, set_as_default=False)
            except (OSError, RuntimeError) as err:
                self._open.close()
                raise self._not_started(err) from err
            self._client.register_plugin(_HoldData(self._share(training_sets(data)), growth))
            # Dask queues only tasks of a group that is larger than twice the number of threads.
            self._crowd = [self._train(int) for _ in range(2 * workers + 1)]
            self._started = asyncio.run_coroutine_threadsafe(
                _start(self._cluster, workers), self._cluster.loop.asyncio_loop
            )
        self._started.add_done_callback(self._done.put)

    def _share(self, sets: TrainingSets) -> dict[DataVariant, TrainingData | MappedData]:
        shared: dict[DataVariant, TrainingData | MappedData] = dict(sets)
        with contextlib.suppress(OSError):  # what cannot be shared travels
            for variant, data in sets.items():
                file = SharedData(data)
                self._open.callback(file.close)
                shared[variant] = file.mapped
        return shared

    def submit(self, task: CohortTask) -> None:
        """Queue a task."""
        self._send(_Job(task=task))

    def next_results(self) -> list[TrialResult]:
        """Wait for any task to end; trials whose worker keeps dying have failed.

        What goes wrong in training is a result. What arrives as an error befell the cluster, and
        the task, being a pure function, is sent again.

        Raises:
            StorageError: The workers could not be started, or are gone.
        """
        while True:
            done = self._done.get()
            if done is self._started:
                self._check_start()
                continue
            job = self._jobs.pop(done.key)
            try:
                results: list[TrialResult] = done.result()
            except Exception as err:  # noqa: BLE001 - whatever befell the cluster
                results = self._after_error(job, err)
            else:
                if not job.task.is_last and job.part_of is None:
                    self._kept[job.task.name] = job.training
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
        self._check_start()
        # The test rows of a large data set are meant to travel with the call.
        with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1TB"}):
            future = self._client.submit(_call_with_data, function, *arguments, pure=False)
        try:
            result: T = future.result()
        except distributed.KilledWorker as err:
            raise StorageError(
                f"workers: {function.__name__}: {_reason(err)}; free memory, or try --workers 1"
            ) from err
        except distributed.scheduler.NoWorkerError as err:
            raise StorageError(GONE) from err
        return result

    def close(self) -> None:
        """Stop the workers, without waiting for what they are doing."""
        # Dask stops only processes that are up; this is an interrupt in the first seconds.
        concurrent.futures.wait([self._started], timeout=START_SECONDS)
        self._jobs.clear()
        self._kept.clear()
        self._client.close(timeout=2)
        with contextlib.suppress(TimeoutError):  # whoever is left is a daemon, and ends with us
            self._cluster.close(timeout=5)
        self._open.close()

    def _send(self, job: _Job) -> None:
        task = job.task
        start = self._kept.pop(task.continues, None) if task.continues else None
        keep = not task.is_last and job.part_of is None
        training = results = self._train(
            _train_and_keep if keep else _train, task, start, priority=-task.priority
        )
        if keep:
            job.training = training
            results = self._client.submit(
                _pick, training, pure=False, priority=FIRST, resources={PICKING: 1}
            )
        self._jobs[results.key] = job
        results.add_done_callback(self._done.put)

    def _train(self, function: Callable[..., Any], *arguments: Any, priority: int = FIRST) -> Any:  # noqa: ANN401 - a future of Dask's
        key = f"{TRAINING}-{next(self._numbers)}"
        return self._client.submit(function, *arguments, key=key, priority=priority)

    def _after_error(self, job: _Job, err: Exception) -> list[TrialResult]:
        """Send a task again, whole or member by member; return how it failed if that is futile."""
        job.training = None
        if isinstance(err, distributed.scheduler.NoWorkerError):
            raise StorageError(GONE) from err
        killed = isinstance(err, distributed.KilledWorker)
        if killed and job.part_of is None:
            for trial, config in zip(job.task.trials, job.task.configs, strict=True):
                alone = dataclasses.replace(
                    job.task, trials=(trial,), configs=(config,), continues=None, cohort=""
                )
                self._send(_Job(task=alone, part_of=job))
        elif killed or job.attempt == ATTEMPTS:
            reason = _reason(err)
            return [
                dataclasses.replace(failed_result(trial, err, 0.0), reason=reason)
                for trial in job.task.trials
            ]
        else:
            job.attempt += 1
            self._send(job)
        return []

    def _join(self, whole: _Job, result: TrialResult) -> list[TrialResult]:
        """Return the results of a task that was done member by member, with the last of them."""
        whole.parts[result.trial] = result
        if len(whole.parts) < len(whole.task.trials):
            return []
        return [whole.parts[trial] for trial in whole.task.trials]

    def _check_start(self) -> None:
        """Wait until the workers are up.

        Raises:
            StorageError: They are not, nor will they be.
        """
        err = self._started.exception()
        if err is not None:
            raise self._not_started(err) from err

    def _not_started(self, err: BaseException) -> StorageError:
        return StorageError(
            f"workers: {self._workers} worker processes could not be started: {_reason(err)}; try"
            " --workers 1"
        )


async def _start(cluster: distributed.LocalCluster, workers: int) -> None:
    """Start workers; fail if any of them does."""
    cluster.scale(workers)
    await cluster


async def _renew(worker: distributed.Worker) -> None:
    """Have a worker's process ended, and another started by its nanny, between two tasks."""
    worker.handle_stimulus(PauseEvent(stimulus_id=GROWN))  # what is done is ended, nothing begun
    while worker.active_keys:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)  # for the scheduler to hear of the last result
    # A heartbeat after the scheduler took leave would have the worker closed for good.
    worker.periodic_callbacks["heartbeat"].stop()
    # What others may need moves to another worker. If there is none to take it, the scheduler has
    # this one go on as if nothing had been, until the end of its next task.
    retired = await worker.scheduler.retire_workers(
        workers=[worker.address], close_workers=False, remove=True, stimulus_id=GROWN
    )
    if worker.address in retired:
        await worker.close(nanny=False, reason=GROWN)
    else:
        worker.periodic_callbacks["heartbeat"].start()


def _plugin() -> _HoldData:
    plugin: _HoldData = distributed.get_worker().plugins[PLUGIN]
    return plugin


def _call_with_data(function: Callable[..., T], *arguments: Any) -> T:  # noqa: ANN401 - any function's
    """Call a function on a worker with the data that the worker holds."""
    return _plugin().call(AS_SPLIT, function, *arguments)


def _train_and_keep(task: CohortTask, start: _Kept | None) -> _Kept:
    """Train a cohort, and leave on the worker what is needed to continue."""
    checkpoint = None if start is None else start.checkpoint
    return _Kept(*_plugin().call(task.variant, train_cohort, task, checkpoint))


def _train(task: CohortTask, start: _Kept | None) -> list[TrialResult]:
    """Train a cohort that is not continued."""
    results = _train_and_keep(task, start).results
    _plugin().note_memory()
    return results


def _pick(kept: _Kept) -> list[TrialResult]:
    return kept.results


def _reason(err: BaseException) -> str:
    """Say in one line why a task did not end well."""
    if isinstance(err, distributed.KilledWorker):
        return "KilledWorker: its worker process died again and again"
    return f"{type(err).__name__}: {' '.join(str(err).split())}"[:500]
