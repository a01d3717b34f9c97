"""What every worker process holds while a run is trained: the data, and TensorFlow."""

import asyncio
import threading
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

import distributed
from distributed.worker_state_machine import PauseEvent

from sweep.data.dataset import TrainingData
from sweep.errors import StorageError
from sweep.training.loading import load_trainer
from sweep.training.shared_data import MappedData
from sweep.variant import DataVariant

GROWTH: Final = 2**30  # bytes by which a worker may grow before another process takes its place
GROWN: Final = "worker-grown"
LEAVING: Final = "worker-leaving"
SETTLED: Final = 20  # tasks after which a worker has loaded and traced most of what it needs

T = TypeVar("T")


class NotHeldError(Exception):
    """A worker that does not hold the data."""


class HoldData(distributed.WorkerPlugin):  # type: ignore[misc]  # Dask ships no types
    """Give every worker the data, also one that is started later in place of one that died.

    Data scattered to workers are gone when all of them die, and every task with them.
    """

    def __init__(
        self, name: str, data: Mapping[DataVariant, TrainingData | MappedData], growth: int
    ) -> None:
        """Keep what every worker gets.

        Args:
            name: By which `held_by` finds it; no other run's on the same workers.
            data: What is trained on, or where it lies.
            growth: Bytes by which a worker may grow before another process takes its place.
        """
        self.name = name
        self._source = data
        self._growth = growth
        self._tasks = 0
        self._settled = 0

    def setup(self, worker: distributed.Worker) -> None:
        """Begin to load TensorFlow, while there is nothing else to do."""
        self._worker = worker
        self._fault: StorageError | None = None
        self._data: dict[DataVariant, TrainingData] = {}
        try:
            for variant, source in self._source.items():
                self._data[variant] = source.load() if isinstance(source, MappedData) else source
        except OSError as err:  # told with the first task: Dask would only log it
            self._fault = StorageError(
                f"workers: {worker.address}: it cannot read the data: {err}; give a folder that"
                " every worker sees, or leave --shared-path out"
            )
        self._loading = threading.Thread(target=load_trainer, daemon=True)
        self._loading.start()

    def wait(self) -> None:
        """Wait until everything is there.

        Raises:
            StorageError: The data cannot be read.
        """
        if self._fault is not None:
            raise self._fault
        self._loading.join()  # two threads that import one thing may meet half of it

    def call(
        self,
        variant: DataVariant,
        function: Callable[..., T],
        *arguments: Any,  # noqa: ANN401 - any function's
    ) -> T:
        """Call a function with a variant of the data."""
        self.wait()
        return function(self._data[variant], *arguments)

    def note_memory(self) -> None:
        """Have the worker renewed if it has grown too much since its first tasks."""
        self._tasks += 1
        memory = self._worker.monitor.get_process_memory()
        if self._tasks <= SETTLED:
            self._settled = memory
        elif memory > self._settled + self._growth and self._worker.nanny:
            self._worker.loop.add_callback(_renew, self._worker)


def held_by(worker: distributed.Worker, name: str) -> HoldData:
    """Return what a worker holds of a run.

    Raises:
        NotHeldError: It holds nothing of it.
    """
    plugin: HoldData | None = worker.plugins.get(name)
    if plugin is None:
        raise NotHeldError(worker.address)
    return plugin


def leave(worker: distributed.Worker) -> None:
    """Have a worker take no more tasks."""
    worker.handle_stimulus(PauseEvent(stimulus_id=LEAVING))


async def _renew(worker: distributed.Worker) -> None:
    """Have a worker's process ended, and another started by its nanny, between two tasks."""
    leave(worker)  # what is done is ended, nothing begun
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
