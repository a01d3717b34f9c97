"""Real Dask schedulers and workers: processes that this one did not start training in."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time

import distributed
import numpy as np
import pytest
from sklearn.datasets import load_digits

from sweep.data.dataset import TrainingData

QUIET = {"DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "false"}


class Cluster:
    """A scheduler and its workers; ``before`` is what their commands begin with."""

    def __init__(self, folder, *options, before=(), host="127.0.0.1", environment=None):
        self.folder = folder
        self.file = folder / "scheduler.json"
        self.environment = {**os.environ, **QUIET, **(environment or {})}
        self.processes = []
        self._logs = contextlib.ExitStack()
        self.scheduler = self.start(
            "scheduler", "--host", host, "--port", "0", "--scheduler-file", str(self.file),
            "--no-show", *options, before=before,
        )  # fmt: skip
        wait_until(self.file.exists, 30)
        self.address = json.loads(self.file.read_text())["address"]

    def start(self, kind, *arguments, before=()):
        log = self._logs.enter_context(
            (self.folder / f"{kind}-{len(self.processes)}.log").open("w")
        )
        process = subprocess.Popen(
            [*before, sys.executable, "-m", f"distributed.cli.dask_{kind}", "--no-dashboard",
             *arguments],
            stdout=log, stderr=log, env=self.environment, cwd=self.folder, start_new_session=True,
        )  # fmt: skip
        self.processes.append(process)
        return process

    def add_worker(self, *options, threads=1, before=()):
        return self.start(
            "worker", self.address, "--nthreads", str(threads), *options, before=before
        )

    def close(self):
        for process in self.processes:
            kill(process)
        self._logs.close()


def kill(process):
    """Kill a process and all that it has started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_until(holds, seconds=30):
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it does not come about"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def data():
    x, y = load_digits(return_X_y=True)
    x = (x / 16).astype(np.float32).reshape(-1, 8, 8)
    return TrainingData(
        task="multiclass", input_shape=(8, 8), classes=10,
        x_train=x[:600], y_train=y[:600].astype(np.int32),
        x_validation=x[600:800], y_validation=y[600:800].astype(np.int32),
    )  # fmt: skip


@pytest.fixture
def new_cluster(tmp_path):
    """Start clusters that end with the test."""
    started = []

    def start(*options, **settings):
        started.append(Cluster(tmp_path, *options, **settings))
        return started[-1]

    yield start
    for cluster in started:
        cluster.close()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """A cluster of two workers, of which one has a GPU, as it says."""
    started = Cluster(tmp_path_factory.mktemp("cluster"))
    started.add_worker("--name", "plain")
    started.add_worker("--name", "gifted", "--resources", "GPU=1")
    with distributed.Client(started.address, set_as_default=False) as client:
        client.wait_for_workers(2)
    yield started
    started.close()
