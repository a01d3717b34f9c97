"""Several workers: processes of a local Dask cluster, one thread each."""

import contextlib
import logging
import signal
from collections.abc import Callable, Iterator
from multiprocessing import resource_tracker
from typing import Any, Final, NamedTuple, TypeVar

import dask
import distributed

from sweep.config import TrialConfig
from sweep.data.dataset import TrainingData
from sweep.errors import StorageError
from sweep.records import TrainingHistory
from sweep.training.workers import TrialResult, train_trial

START_SECONDS: Final = 120
PLUGIN: Final = "training-data"
ATTEMPTS: Final = 3  # to train a trial that the cluster lost otherwise than by a dying worker

T = TypeVar("T")


class _HoldData(distributed.WorkerPlugin):  # type: ignore[misc]  # Dask ships no types
    """Give every worker the data, also one that is started later in place of one that died.

    Data scattered to workers are gone when all of them die, and every task with them.
    """

    name = PLUGIN

    def __init__(self, data: TrainingData) -> None:
        self.data = data


class _Sent(NamedTuple):
    trial: str
    config: TrialConfig
    attempt: int


class DaskWorkers:
    """Train on a local cluster of processes; the data travel to each worker once."""

    def __init__(self, data: TrainingData, *, workers: int) -> None:
        # Dask's own log lines about workers that come and go would tear the progress display.
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        settings = {
            "distributed.worker.daemon": True,
            "distributed.scheduler.allowed-failures": 3,
            "distributed.comm.timeouts.connect": f"{START_SECONDS}s",
        }
        with dask.config.set(settings), _interrupts_held_back():
            try:
                self._cluster = distributed.LocalCluster(
                    n_workers=workers,
                    threads_per_worker=1,
                    processes=True,
                    host="127.0.0.1",
                    # No dashboard, and whichever port is free: two sweeps may run at a time.
                    scheduler_kwargs={"dashboard": False, "dashboard_address": "127.0.0.1:0"},
                    memory_limit=0,
                    silence_logs=logging.CRITICAL,
                )
                self._client = distributed.Client(self._cluster, set_as_default=False)
            except (OSError, TimeoutError) as err:
                raise StorageError(
                    f"workers: {workers} worker processes could not be started: {err}; try"
                    " --workers 1"
                ) from err
        self._client.register_plugin(_HoldData(data))
        self._finished = distributed.as_completed(loop=self._client.loop)
        self._sent: dict[str, _Sent] = {}

    def submit(self, trial: str, config: TrialConfig) -> None:
        """Queue a trial."""
        self._send(_Sent(trial, config, attempt=1))

    def next_result(self) -> TrialResult:
        """Wait for any trial to end; one whose worker keeps dying has failed.

        What goes wrong in training is a result. What arrives as an error befell the cluster, and
        the trial, being a pure function, is sent again.
        """
        while True:
            future: Any = next(self._finished)
            sent = self._sent.pop(future.key)
            if future.status == "finished":
                result: TrialResult = future.result()
                return result
            err = future.exception()
            if isinstance(err, distributed.KilledWorker) or sent.attempt == ATTEMPTS:
                return TrialResult(
                    trial=sent.trial,
                    outcome="failed",
                    reason=_reason(err),
                    history=TrainingHistory.empty(),
                    seconds=0.0,
                )
            self._send(sent._replace(attempt=sent.attempt + 1))

    def _send(self, sent: "_Sent") -> None:
        future = self._client.submit(
            _call_with_data, train_trial, sent.trial, sent.config, pure=False
        )
        self._sent[future.key] = sent
        self._finished.add(future)

    def call(self, function: Callable[..., T], *arguments: Any) -> T:  # noqa: ANN401 - any function's
        """Call ``function(training data, *arguments)`` on a worker."""
        # The test rows of a large data set are meant to travel with the call.
        with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1TB"}):
            future = self._client.submit(_call_with_data, function, *arguments, pure=False)
        try:
            result: T = future.result()
        except distributed.KilledWorker as err:
            raise StorageError(
                f"workers: {function.__name__}: {_reason(err)}; free memory, or try --workers 1"
            ) from err
        return result

    def close(self) -> None:
        """Stop the workers, without waiting for what they are doing."""
        self._client.close(timeout=2)
        self._cluster.close(timeout=5)


@contextlib.contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Let Ctrl-C wait, and never reach the threads and processes that are started meanwhile.

    A terminal sends it to every process of the command. The workers are stopped by this one; each
    on its own would print a traceback and be replaced. Who starts later in place of one that died
    is started by a thread that inherits this.
    """
    resource_tracker.ensure_running()  # which starting processes needs, and which unblocks signals
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _call_with_data(function: Callable[..., T], *arguments: Any) -> T:  # noqa: ANN401 - any function's
    """Call a function on a worker with the data that the worker holds."""
    return function(distributed.get_worker().plugins[PLUGIN].data, *arguments)


def _reason(err: BaseException | None) -> str:
    """Say in one line why a task did not end well."""
    if isinstance(err, distributed.KilledWorker):
        return "KilledWorker: its worker process died again and again"
    return f"{type(err).__name__}: {' '.join(str(err).split())}"[:500]
