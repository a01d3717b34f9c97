import os
import signal
import sys
import time

import cloudpickle
import numpy as np
import psutil
import pytest
from sklearn.datasets import load_digits

from sweep.config import TrialConfig
from sweep.data.dataset import TrainingData
from sweep.errors import StorageError
from sweep.training.best import history_difference
from sweep.training.dask_workers import DaskWorkers
from sweep.training.workers import start_workers, train_trial

pytestmark = pytest.mark.slow

CONFIGS = {f"s{seed:04d}": TrialConfig(depth=1, width=16, epochs=3, seed=seed) for seed in range(5)}
LONG = TrialConfig(depth=1, width=64, epochs=80, batch_size=8)

# The workers cannot import this module: it lies outside every package.
cloudpickle.register_pickle_by_value(sys.modules[__name__])


def name_of(data, number):
    return f"{data.task} {number} {os.getpid()}"


def die(data):
    del data
    os.kill(os.getpid(), signal.SIGKILL)


def fail(data):
    msg = f"no {data.task}"
    raise StorageError(msg)


@pytest.fixture(scope="module")
def data():
    x, y = load_digits(return_X_y=True)
    x = (x / 16).astype(np.float32).reshape(-1, 8, 8)
    return TrainingData(
        task="multiclass", input_shape=(8, 8), classes=10,
        x_train=x[:600], y_train=y[:600].astype(np.int32),
        x_validation=x[600:800], y_validation=y[600:800].astype(np.int32),
    )  # fmt: skip


def worker_processes():
    children = psutil.Process().children(recursive=True)
    return [child for child in children if "spawn_main" in " ".join(child.cmdline())]


@pytest.fixture(scope="module")
def workers(data):
    before = {process.pid for process in worker_processes()}
    with start_workers(data, 2) as started:
        assert isinstance(started, DaskWorkers)
        yield started
    deadline = time.monotonic() + 10
    while {process.pid for process in worker_processes()} - before:
        assert time.monotonic() < deadline, "closing left worker processes behind"
        time.sleep(0.1)


def test_results_are_those_of_this_process(data, workers):
    for trial, config in CONFIGS.items():
        workers.submit(trial, config)
    results = {result.trial: result for result in (workers.next_result() for _ in CONFIGS)}

    assert results.keys() == CONFIGS.keys()
    for trial, config in CONFIGS.items():
        expected = train_trial(data, trial, config)
        assert results[trial].outcome == expected.outcome == "finished"
        assert history_difference(results[trial].history, expected.history) == 0


def test_a_call_is_made_on_a_worker_with_the_data(workers):
    text, number, process = workers.call(name_of, 5).split()

    assert (text, number) == ("multiclass", "5")
    assert int(process) in {child.pid for child in worker_processes()}


def test_an_error_of_a_call_comes_back(workers):
    with pytest.raises(StorageError, match="no multiclass"):
        workers.call(fail)


def test_large_arguments_travel_without_a_warning(workers):
    assert workers.call(name_of, np.zeros(3_000_000)).startswith("multiclass [0. 0.")


def test_a_trial_that_fails_is_told_with_its_reason(workers):
    workers.submit("s0009", TrialConfig(depth=1, width=8, activation="swish"))
    result = workers.next_result()

    assert (result.trial, result.outcome) == ("s0009", "failed")
    assert result.reason == "ValueError: tuple.index(x): x not in tuple"


def test_sockets_listen_on_this_machine_only(workers):
    assert workers is not None
    processes = [psutil.Process(), *worker_processes()]
    addresses = {
        connection.laddr.ip
        for process in processes
        for connection in process.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
    }

    assert addresses == {"127.0.0.1"}


def test_workers_are_deaf_to_the_interrupts_of_a_terminal(workers):
    before = {process.pid for process in worker_processes()}
    for process in before:
        os.kill(process, signal.SIGINT)
    time.sleep(0.5)

    assert workers.call(name_of, 1).startswith("multiclass")
    assert {process.pid for process in worker_processes()} == before
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, set())


def test_the_trials_of_killed_workers_are_trained_again(data, workers):
    for seed in range(2):
        workers.submit(f"s{seed:04d}", LONG.with_seed(seed))
    time.sleep(1)
    before = worker_processes()
    for process in before:  # all of them, and with them whatever they alone held
        process.kill()
    results = [workers.next_result() for _ in range(2)]

    assert {result.trial for result in results} == {"s0000", "s0001"}
    assert len({child.pid for child in worker_processes()} - {old.pid for old in before}) == 2
    for result in results:
        expected = train_trial(data, result.trial, LONG.with_seed(int(result.trial[1:])))
        assert result.outcome == "finished", result.reason
        assert history_difference(result.history, expected.history) == 0


def test_a_trial_that_the_cluster_lost_is_sent_again(workers, monkeypatch, tmp_path):
    stumbles = tmp_path / "stumbles"

    def stumble_twice(data, trial, config):
        with stumbles.open("a") as log:
            log.write("x")
        if stumbles.stat().st_size < 3:
            raise OSError("the connection was lost")
        return train_trial(data, trial, config)

    monkeypatch.setattr("sweep.training.dask_workers.train_trial", stumble_twice)
    workers.submit("s0000", CONFIGS["s0000"])
    result = workers.next_result()

    assert (result.trial, result.outcome, stumbles.read_text()) == ("s0000", "finished", "xxx")


def test_a_trial_that_the_cluster_keeps_losing_has_failed(workers, monkeypatch):
    def stumble(*_):
        raise OSError("the connection was lost")

    monkeypatch.setattr("sweep.training.dask_workers.train_trial", stumble)
    workers.submit("s0000", CONFIGS["s0000"])
    result = workers.next_result()

    assert (result.outcome, result.reason) == ("failed", "OSError: the connection was lost")


def test_a_call_whose_worker_keeps_dying_is_given_up(workers, monkeypatch):
    monkeypatch.setattr(workers._cluster.scheduler, "allowed_failures", 0)  # saves three restarts
    with pytest.raises(StorageError, match=r"workers: die: .*died again and again; free memory"):
        workers.call(die)


def test_no_fixed_port_is_taken(workers):
    assert workers._cluster.scheduler.http_server.port != 8787  # that of another sweep, perhaps
