import contextlib
import dataclasses
import errno
import json
import multiprocessing.resource_tracker
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import cloudpickle
import numpy as np
import psutil
import pytest

from sweep.config import TrialConfig
from sweep.errors import StorageError
from sweep.training.best import history_difference
from sweep.training.cluster.dask_workers import DaskWorkers, _train
from sweep.training.cluster.local import LocalCluster
from sweep.training.cluster.plugin import GROWTH, SETTLED
from sweep.training.tasks import CohortTask, train_trial
from sweep.training.workers import start_workers
from sweep.variant import AS_SPLIT, DataVariant

pytestmark = pytest.mark.slow

SHORT = TrialConfig(depth=1, width=16, epochs=3)
LONG = TrialConfig(depth=1, width=64, epochs=80, batch_size=8)

# The workers cannot import this module: it lies outside every package.
cloudpickle.register_pickle_by_value(sys.modules[__name__])


def task_of(*seeds, base=SHORT, until=None, **changes):
    return CohortTask(
        trials=tuple(f"s{seed:04d}" for seed in seeds),
        configs=tuple(base.with_seed(seed) for seed in seeds),
        until=until or base.epochs,
        **changes,
    )


def assert_equals_one_trained_here(data, result, base=SHORT):
    expected = train_trial(data, result.trial, base.with_seed(int(result.trial[1:])))
    assert (result.outcome, result.reason) == ("finished", "")
    assert history_difference(result.history, expected.history) == 0


def train_in_two_tasks(workers, seeds):
    """The results after one epoch and at the end, by trial; they come in any order."""
    for seed in seeds:
        workers.submit(task_of(seed, until=1))
    rungs, results = [], []
    while len(results) < len(seeds):
        (result,) = workers.next_results()
        if len(result.history) == 1:
            rungs.append(result)
            workers.submit(task_of(int(result.trial[1:]), continues=f"{result.trial}@1"))
        else:
            results.append(result)
    return tuple(sorted(each, key=lambda one: one.trial) for each in (rungs, results))


def name_of(data, number):
    return f"{data.task} {number} {os.getpid()}"


def rows_of(data):
    return len(data.x_train)


def die(data):
    del data
    os.kill(os.getpid(), signal.SIGKILL)


def fail(data):
    msg = f"no {data.task}"
    raise StorageError(msg)


def worker_processes():
    found = set()
    for child in psutil.Process().children():
        with contextlib.suppress(psutil.NoSuchProcess):  # it has just ended
            command = " ".join(child.cmdline())
            if "multiprocessing.spawn" in command:
                found.add(child)
            elif "multiprocessing.forkserver" in command:
                found.update(child.children())
    return found


def checkpoints(workers):
    """The number of results that lie on the workers and may still be needed."""
    held = {key for keys in workers._client.has_what().values() for key in keys}
    return len(held)


@contextlib.contextmanager
def local_workers(data, growth=GROWTH, worked=0.0):
    cluster = LocalCluster(2)
    try:
        yield DaskWorkers(data, cluster, growth=growth, worked=worked)
    finally:
        cluster.close()


def wait_until(holds, seconds=20):
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it does not come about"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def workers(data):
    before = worker_processes()
    with start_workers(data, 2) as started:
        assert isinstance(started, DaskWorkers)
        started.call(name_of, 1)  # waits until both are there
        yield started
    wait_until(lambda: worker_processes() <= before)


def test_results_are_those_of_this_process(data, workers):
    for seed in range(5):
        workers.submit(task_of(seed))
    results = [workers.next_results() for _ in range(5)]

    assert sorted(result.trial for (result,) in results) == [f"s{seed:04d}" for seed in range(5)]
    for (result,) in results:
        assert_equals_one_trained_here(data, result)


def test_a_trial_advanced_in_two_tasks_equals_one_trained_straight_through(data, workers):
    rungs, results = train_in_two_tasks(workers, range(3))
    assert len(results) == 3
    for rung, result in zip(rungs, results, strict=True):
        assert_equals_one_trained_here(data, result)
        assert rung.trial == result.trial
        assert np.array_equal(
            rung.history.array[:, :-1], result.history.array[:1, :-1]
        )  # the times aside


def test_tasks_are_told_with_their_worker_and_their_time(data):
    began = time.monotonic()
    with local_workers(data, worked=50.0) as workers:
        for seed in range(2):  # both at once
            workers.submit(task_of(seed, base=LONG))
        pair = [workers.next_results()[0].spans for _ in range(2)]
        rungs, results = train_in_two_tasks(workers, range(3))
    until = 50.0 + time.monotonic() - began

    (one,), (other,) = pair
    assert (one.worker, other.worker) == ("0", "1")
    assert max(one.start, other.start) < min(one.end, other.end)
    for rung, result in zip(rungs, results, strict=True):
        assert (len(result.spans), result.spans[:1]) == (2, rung.spans)
    spans = sorted((span for result in results for span in result.spans), key=lambda one: one.end)
    spans = [one, other, *spans]
    assert {span.worker for span in spans} <= {"0", "1"}
    assert all(50.0 <= span.start < span.end <= until for span in spans)
    for worker in "01":  # one after another, but for how long it takes to hear of their end
        ours = [span for span in spans if span.worker == worker]
        ends, starts = (np.array([getattr(span, name) for span in ours])
                        for name in ("end", "start"))  # fmt: skip
        assert (starts[1:] > ends[:-1] - 0.25).all()


def test_a_continued_task_goes_on_from_the_checkpoint_of_the_one_before(
    workers, monkeypatch, tmp_path
):
    found = tmp_path / "found"

    def look(order, task, start):
        found.write_text(str(start.checkpoint.epochs))
        return _train(order, task, start)

    workers.submit(task_of(1, 2, until=2, cohort="s0001"))
    workers.next_results()
    monkeypatch.setattr("sweep.training.cluster.dask_workers._train", look)
    workers.submit(task_of(2, continues="s0001@2", cohort="s0001"))
    (result,) = workers.next_results()

    assert found.read_text() == "2"
    assert (result.outcome, len(result.history), result.cohort) == ("finished", 3, "s0001")


def test_a_checkpoint_stays_until_it_is_forgotten_or_continued(workers):
    workers.submit(task_of(1, until=1))
    workers.submit(task_of(2, until=1))
    workers.next_results()
    workers.next_results()
    wait_until(lambda: checkpoints(workers) == 2)

    workers.forget("s0001@1")
    workers.submit(task_of(2, continues="s0002@1"))
    workers.next_results()
    wait_until(lambda: checkpoints(workers) == 0)


def test_tasks_wait_for_those_of_smaller_priority(workers):
    for seed in range(2):  # one for each worker, so that the others have to wait
        workers.submit(task_of(seed, base=LONG, priority=0))
    for seed, priority in ((10, 9), (11, 8), (12, 7), (13, 6)):
        workers.submit(task_of(seed, base=LONG, priority=priority))
    order = [workers.next_results()[0].trial for _ in range(6)]

    assert set(order[:2]) == {"s0000", "s0001"}
    assert set(order[2:4]) == {"s0013", "s0012"}


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
    workers.submit(task_of(9, base=TrialConfig(depth=1, width=8, activation="swish")))
    (result,) = workers.next_results()

    assert (result.trial, result.outcome) == ("s0009", "failed")
    assert result.reason == "ValueError: tuple.index(x): x not in tuple"


def test_every_task_is_trained_on_its_own_variant(data):
    few, noisy = DataVariant(train_rows=200), DataVariant(label_noise=1.0)
    sets = {
        AS_SPLIT: data,
        few: dataclasses.replace(data, x_train=data.x_train[:200], y_train=data.y_train[:200]),
        noisy: dataclasses.replace(data, y_train=data.y_train[::-1].copy()),
    }
    with start_workers(sets, 2) as workers:
        for number, variant in enumerate(sets):
            workers.submit(task_of(number, variant=variant))
        results = {result.trial: result for _ in sets for result in workers.next_results()}

        for number, part in enumerate(sets.values()):
            assert_equals_one_trained_here(part, results[f"s{number:04d}"])
        assert workers.call(rows_of) == 600  # those of the run's own split


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
    before = worker_processes()
    for process in before:
        process.send_signal(signal.SIGINT)
    time.sleep(0.5)

    assert workers.call(name_of, 1).startswith("multiclass")
    assert worker_processes() == before
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, set())


def kill_all():
    before = worker_processes()
    for process in before:  # all of them, and with them whatever they alone held
        process.kill()
    return before


def test_the_trials_of_killed_workers_are_trained_again(data, workers):
    for seed in range(2):
        workers.submit(task_of(seed, base=LONG))
    time.sleep(1)
    before = kill_all()
    results = [workers.next_results()[0] for _ in range(2)]

    assert {result.trial for result in results} == {"s0000", "s0001"}
    for result in results:
        assert_equals_one_trained_here(data, result, LONG)
    (spans, others) = (result.spans for result in results)
    assert {span.worker for span in (*spans, *others)} <= {"0", "1"}  # the numbers of the killed
    assert (len(spans), len(others)) == (1, 1)  # the time that counted
    wait_until(lambda: len(worker_processes() - before) == 2)


def test_a_checkpoint_that_died_with_its_worker_is_made_again(data, workers):
    workers.submit(task_of(1, until=2))
    workers.next_results()
    kill_all()
    workers.submit(task_of(1, continues="s0001@2"))
    (result,) = workers.next_results()

    assert_equals_one_trained_here(data, result)


def test_a_cohort_whose_worker_keeps_dying_is_trained_member_by_member(data, workers, monkeypatch):
    def die_of_the_second(order, task, start):
        if "s0002" in task.trials:
            os.kill(os.getpid(), signal.SIGKILL)
        return _train(order, task, start)

    monkeypatch.setattr(
        workers._cluster._cluster.scheduler, "allowed_failures", 0
    )  # saves restarts
    monkeypatch.setattr("sweep.training.cluster.dask_workers._train", die_of_the_second)
    workers.submit(task_of(1, 2, 3, cohort="s0001"))
    one, two, three = workers.next_results()

    assert_equals_one_trained_here(data, one)
    assert (two.trial, two.outcome) == ("s0002", "failed")
    assert two.reason == "KilledWorker: its worker process died again and again"
    assert_equals_one_trained_here(data, three)


def test_a_trial_that_waits_while_another_kills_workers_is_no_failure(data, workers, monkeypatch):
    def die_of_the_first(order, task, start):
        if "s0000" in task.trials:
            os.kill(os.getpid(), signal.SIGKILL)
        return _train(order, task, start)

    monkeypatch.setattr(workers._cluster._cluster.scheduler, "allowed_failures", 0)
    monkeypatch.setattr("sweep.training.cluster.dask_workers._train", die_of_the_first)
    for seed in range(6):
        workers.submit(task_of(seed, priority=seed))
    results = {result.trial: result for (result,) in (workers.next_results() for _ in range(6))}

    assert results.pop("s0000").outcome == "failed"
    for result in results.values():
        assert_equals_one_trained_here(data, result)


def test_a_task_that_the_cluster_lost_is_sent_again(workers, monkeypatch, tmp_path):
    stumbles = tmp_path / "stumbles"

    def stumble_twice(order, task, start):
        with stumbles.open("a") as log:
            log.write("x")
        if stumbles.stat().st_size < 3:
            raise OSError("the connection was lost")
        return _train(order, task, start)

    monkeypatch.setattr("sweep.training.cluster.dask_workers._train", stumble_twice)
    workers.submit(task_of(0))
    (result,) = workers.next_results()

    assert (result.trial, result.outcome, stumbles.read_text()) == ("s0000", "finished", "xxx")


def test_a_task_that_the_cluster_keeps_losing_has_failed(workers, monkeypatch):
    def stumble(*_):
        raise OSError("the connection was lost")

    monkeypatch.setattr("sweep.training.cluster.dask_workers._train", stumble)
    workers.submit(task_of(0, 1))
    results = workers.next_results()

    assert [(result.trial, result.outcome, result.reason) for result in results] == [
        ("s0000", "failed", "OSError: the connection was lost"),
        ("s0001", "failed", "OSError: the connection was lost"),
    ]


def test_a_call_whose_worker_keeps_dying_is_given_up(workers, monkeypatch):
    monkeypatch.setattr(
        workers._cluster._cluster.scheduler, "allowed_failures", 0
    )  # saves three restarts
    with pytest.raises(StorageError, match=r"workers: die: .*died again and again; free memory"):
        workers.call(die)


def test_no_fixed_port_is_taken(workers):
    assert (
        workers._cluster._cluster.scheduler.http_server.port != 8787
    )  # that of another sweep, perhaps


def test_workers_that_have_grown_make_place_for_others(data):
    with local_workers(data, growth=-(2**40)) as workers:
        workers.call(name_of, 1)
        before = worker_processes()
        seeds = range(3 * SETTLED)
        _, results = train_in_two_tasks(workers, seeds)
        wait_until(lambda: worker_processes() - before)

    assert [result.trial for result in results] == [f"s{seed:04d}" for seed in seeds]
    for result in results:
        assert_equals_one_trained_here(data, result)


def test_workers_can_be_started_without_forking(data, monkeypatch):
    monkeypatch.setattr("sweep.training.cluster.local.start_method", lambda: "spawn")
    before = worker_processes()
    with local_workers(data) as workers:
        workers.submit(task_of(1))
        (result,) = workers.next_results()
        commands = {" ".join(process.cmdline()) for process in worker_processes() - before}

    assert all("multiprocessing.spawn" in command for command in commands)
    assert_equals_one_trained_here(data, result)


@pytest.mark.parametrize("method", ["forkserver", "spawn"])
def test_workers_that_cannot_be_started_are_told_in_one_line(data, monkeypatch, method):
    def refuse(*_):
        raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    multiprocessing.resource_tracker.ensure_running()
    monkeypatch.setattr("multiprocessing.spawn._python_exe", b"/bin/false")
    monkeypatch.setattr("multiprocessing.forkserver.connect_to_new_process", refuse)
    monkeypatch.setattr("sweep.training.cluster.local.start_method", lambda: method)
    said = r"^workers: 2 worker processes could not be started: .+; try --workers 1$"
    with local_workers(data) as workers:
        workers.submit(task_of(0))
        with pytest.raises(StorageError, match=said):
            workers.next_results()
        with pytest.raises(StorageError, match=said):
            workers.call(name_of, 1)


def test_closing_waits_for_no_work(data):
    forever = dataclasses.replace(LONG, epochs=100_000)
    with local_workers(data) as workers:
        before = worker_processes()
        workers.call(name_of, 1)
        for seed in range(2):
            workers.submit(task_of(seed, base=forever))
        time.sleep(1)
    wait_until(lambda: worker_processes() <= before)


def test_workers_can_be_closed_while_they_start(data):
    before = worker_processes()
    with local_workers(data):
        pass
    wait_until(lambda: worker_processes() <= before)


PROGRAM = """
import json, sys
import numpy as np
from sweep.config import TrialConfig
from sweep.data.dataset import TrainingData
from sweep.training.tasks import CohortTask
from sweep.training.workers import start_workers

def modules_of(data):
    return sorted(sys.modules)

if __name__ == "__main__":
    data = TrainingData(
        task="regression", input_shape=(2,), classes=0,
        x_train=np.ones((9, 2), np.float32), y_train=np.ones(9, np.float32),
        x_validation=np.ones((4, 2), np.float32), y_validation=np.ones(4, np.float32),
    )
    with start_workers(data, 2) as workers:
        task = {"trials": ("a",), "configs": (TrialConfig(depth=1, width=4, epochs=2),)}
        workers.submit(CohortTask(until=1, **task))
        first = workers.next_results()[0].outcome
        workers.submit(CohortTask(until=2, continues="a@1", **task))
        second = workers.next_results()[0].outcome
        there = workers.call(modules_of)
    print(json.dumps([first, second, there, sorted(sys.modules)]))
"""


@pytest.fixture(scope="module")
def imported(tmp_path_factory):
    """What a small run gave, and which modules there were on a worker and in the driver."""
    program = tmp_path_factory.mktemp("run") / "program.py"
    program.write_text(PROGRAM)
    root = Path(__file__).parents[4]
    done = subprocess.run(
        [sys.executable, program], text=True, capture_output=True, check=True,
        env={**os.environ, "PYTHONPATH": str(root)},
    )  # fmt: skip
    first, second, there, here = json.loads(done.stdout)
    assert (first, second, done.stderr) == ("finished", "finished", "")
    return set(there), set(here)


def test_the_driver_does_without_tensorflow(imported):
    there, here = imported

    assert {"tensorflow", "keras", "sweep.training.trainer"} <= there
    assert not {"tensorflow", "keras", "sweep.training.trainer"} & here


def test_workers_import_nothing_that_training_has_no_use_for(imported):
    there, _ = imported

    assert not {"pandas", "sklearn", "matplotlib", "pyarrow", "optuna", "pydantic"} & there
