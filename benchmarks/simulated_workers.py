"""Workers that train nothing: what a trial yields and how long it takes is made up from its seed.

What they are asked for and what they answer is what `sweep.training.workers.Workers` says.
"""

import contextlib
import heapq
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from unittest import mock

import numpy as np

from sweep.config import TrialConfig
from sweep.records import HISTORY_COLUMNS, TrainingHistory
from sweep.training.tasks import CohortTask, TrialResult

MEDIAN_SECONDS, SPREAD = 10.0, 0.7  # of a trial's duration, lognormal


class _Running(NamedTuple):
    ends: float
    number: int
    task: CohortTask


class SimulatedWorkers:
    """Do tasks on a number of workers in simulated time; nobody waits.

    Attributes:
        clock: The simulated time, in seconds.
        busy: Simulated seconds of work done, over all workers.
    """

    def __init__(self, workers: int) -> None:
        self.clock = 0.0
        self.busy = 0.0
        self._free = workers
        self._submitted = 0
        self._waiting: list[tuple[int, int, CohortTask]] = []
        self._running: list[_Running] = []
        self._done: dict[str, int] = {}  # epochs, by the name of a task

    def submit(self, task: CohortTask) -> None:
        """Queue a task."""
        self._submitted += 1
        heapq.heappush(self._waiting, (task.priority, self._submitted, task))

    def next_results(self) -> list[TrialResult]:
        """Let the next task end, and set the clock to its end."""
        while self._free and self._waiting:
            _, number, task = heapq.heappop(self._waiting)
            before = self._done.pop(task.continues, 0) if task.continues else 0
            seconds = task_seconds(task, before)
            self.busy += seconds
            self._free -= 1
            heapq.heappush(self._running, _Running(self.clock + seconds, number, task))
        ended = heapq.heappop(self._running)
        self.clock = ended.ends
        self._free += 1
        self._done[ended.task.name] = ended.task.until
        return task_results(ended.task)

    def forget(self, task: str) -> None:
        """Let go of a task that is not continued."""
        self._done.pop(task, None)

    def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Refuse: the search calls nothing, and no more than that is simulated."""
        del arguments
        raise NotImplementedError(function.__name__)

    def close(self) -> None:
        """Forget what is queued."""
        self._waiting.clear()


class Stage:
    """Hold what a sweep with other workers shows.

    Attributes:
        wall: When the workers were there, on the monotonic clock.
        processor: This process' processor seconds then.
        workers: The simulated workers; None if Dask has them.
    """

    def __init__(self, workers: SimulatedWorkers | None = None) -> None:
        self.wall = self.processor = 0.0
        self.workers = workers

    def begin(self) -> None:
        """Note that the workers are there."""
        self.wall, self.processor = time.monotonic(), time.process_time()


@contextlib.contextmanager
def simulated(workers: int) -> Iterator[Stage]:
    """Let sweeps use simulated workers."""
    made = SimulatedWorkers(workers)
    stage = Stage(made)

    @contextlib.contextmanager
    def start(*_: object, **__: object) -> Iterator[SimulatedWorkers]:
        stage.begin()
        yield made

    with mock.patch("sweep.runs.runner.start_workers", start):
        yield stage


@contextlib.contextmanager
def dask_threads() -> Iterator[Stage]:
    """Let sweeps use Dask as ever, but threads of this process, whose tasks take no time."""
    import distributed

    from sweep.training.cluster import local, plugin

    stage, cluster = Stage(), distributed.LocalCluster
    start_all = local._start  # noqa: SLF001 - measured from when the workers are there

    def start(**settings: Any) -> Any:
        return cluster(**(settings | {"processes": False, "host": None}))

    async def start_and_begin(started: Any, number: int) -> None:
        await start_all(started, number)
        stage.begin()

    with (
        mock.patch.object(distributed, "LocalCluster", start),
        mock.patch.object(local, "_start", start_and_begin),
        mock.patch.object(local, "begin_loading"),
        mock.patch.object(plugin, "load_trainer"),
        mock.patch("sweep.training.tasks.train_cohort", instant_cohort),
    ):
        yield stage


def instant_cohort(
    _: object, task: CohortTask, __: object = None
) -> tuple[list[TrialResult], None]:
    """Answer a task at once, without a checkpoint: none is needed to go on."""
    return task_results(task), None


def task_seconds(task: CohortTask, before: int) -> float:
    """Return how long a task takes that goes on after some epochs."""
    share = (task.until - before) / task.configs[0].epochs
    return share * sum(trial_seconds(config) for config in task.configs)


def trial_seconds(config: TrialConfig) -> float:
    """Return how long all epochs of a trial take."""
    return MEDIAN_SECONDS * float(np.random.default_rng(config.seed).lognormal(0.0, SPREAD))


def task_results(task: CohortTask) -> list[TrialResult]:
    """Make up what training gave, from the first epoch on."""
    return [
        TrialResult(
            trial=trial,
            outcome="finished",
            reason="",
            history=made_up_history(config, task.until),
            seconds=trial_seconds(config) * task.until / config.epochs,
            cohort=task.cohort,
        )
        for trial, config in zip(task.trials, task.configs, strict=True)
    ]


def made_up_history(config: TrialConfig, epochs: int) -> TrainingHistory:
    """Make up learning curves that depend on the configuration, so that there is what to learn."""
    noise = 0.02 * np.random.default_rng(config.seed).normal()
    level = 0.3 + 0.1 * (np.log10(config.learning_rate) + 2.5) ** 2 + 0.2 * config.dropout
    curve = level + noise + np.exp(-np.arange(1, epochs + 1) / 3)
    return TrainingHistory(array=np.repeat(curve[:, None], len(HISTORY_COLUMNS), axis=1))
