"""A Dask cluster of one run: processes of this machine, one thread each, which map the data."""

import asyncio
import concurrent.futures
import contextlib
import logging
import types
from collections.abc import Callable, Mapping
from typing import Final

import dask
import distributed

from sweep.data.dataset import TrainingData
from sweep.errors import StorageError
from sweep.training.cluster.plugin import HoldData
from sweep.training.fork_server import ONE_THREAD, begin_loading, interrupts_held_back, start_method
from sweep.training.shared_data import MappedData, SharedData
from sweep.training.tasks import TrainingSets, one_line
from sweep.variant import DataVariant

START_SECONDS: Final = 120

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
}


class LocalCluster:
    """Hold worker processes of this machine; a nanny starts another in place of one that dies."""

    resources: Mapping[str, float] = types.MappingProxyType({})
    patience: float | None = 2 * START_SECONDS
    lost = "workers: none of their processes is left, nor was another started; try --workers 1"
    advice = "free memory, or try --workers 1"

    def __init__(self, workers: int) -> None:
        """Start what the workers are held together by.

        Raises:
            StorageError: It cannot be started.
        """
        self.workers = workers
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
                    death_timeout=START_SECONDS,
                    silence_logs=logging.CRITICAL,
                )
                self.client = distributed.Client(self._cluster, set_as_default=False)
            except (OSError, RuntimeError) as err:
                self._open.close()
                raise self._not_started(err) from err
        self._started: concurrent.futures.Future[None] | None = None

    def start(self, told: Callable[[], object]) -> None:
        """Begin to start the workers.

        Args:
            told: Called when they are up, or will never be.
        """
        with interrupts_held_back():
            self._started = asyncio.run_coroutine_threadsafe(
                _start(self._cluster, self.workers), self._cluster.loop.asyncio_loop
            )
        self._started.add_done_callback(lambda _: told())

    def hold(self, plugin: HoldData) -> None:
        """Have every worker hold the data, also those that come later."""
        self.client.register_plugin(plugin)

    def share(self, sets: TrainingSets) -> dict[DataVariant, TrainingData | MappedData]:
        """Put the data where workers can map them, as far as there is such a place."""
        shared: dict[DataVariant, TrainingData | MappedData] = dict(sets)
        with contextlib.suppress(OSError):  # what cannot be shared travels
            for variant, data in sets.items():
                file = SharedData(data)
                self._open.callback(file.close)
                shared[variant] = file.mapped
        return shared

    def places(self) -> int:
        """Return how many workers are there now to do a task."""
        return len(self._cluster.scheduler.running)

    def fit(self) -> None:
        """Return None: these workers are all alike."""

    def look_again(self) -> bool:
        """Do nothing: who is started here is known."""
        return False

    def check_start(self) -> None:
        """Wait until the workers are up.

        Raises:
            StorageError: They are not, nor will they be.
        """
        err = self._started.exception() if self._started else None
        if err is not None:
            raise self._not_started(err) from err

    def close(self) -> None:
        """Stop the workers, without waiting for what they are doing."""
        # Dask stops only processes that are up; this is an interrupt in the first seconds.
        if self._started:
            concurrent.futures.wait([self._started], timeout=START_SECONDS)
        self.client.close(timeout=2)
        with contextlib.suppress(TimeoutError):  # whoever is left is a daemon, and ends with us
            self._cluster.close(timeout=5)
        self._open.close()

    def _not_started(self, err: BaseException) -> StorageError:
        return StorageError(
            f"workers: {self.workers} worker processes could not be started: {one_line(err)}; try"
            " --workers 1"
        )


async def _start(cluster: distributed.LocalCluster, workers: int) -> None:
    """Start workers; fail if any of them does."""
    cluster.scale(workers)
    await cluster
