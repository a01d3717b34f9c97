import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import dask
import distributed
import numpy as np
import pytest

from sweep.config import TrialConfig
from sweep.errors import StorageError
from sweep.runs.folder import RunFolder
from sweep.training.best import history_difference
from sweep.training.cluster import remote
from sweep.training.cluster.address import ClusterAddress
from sweep.training.cluster.remote import RemoteCluster
from sweep.training.tasks import CohortTask, train_trial
from sweep.training.versions import COMMON
from sweep.training.workers import start_workers

pytestmark = pytest.mark.slow

SHORT = TrialConfig(depth=1, width=16, epochs=3)
LONG = TrialConfig(depth=1, width=64, epochs=30, batch_size=8)


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


@contextlib.contextmanager
def workers_of(address, data, **changes):
    where = ClusterAddress(scheduler=address, **changes)
    with (
        contextlib.closing(RemoteCluster(where)) as reached,
        start_workers(data, 8, cluster=reached) as workers,
    ):
        yield workers


def results_of(workers, count):
    return {one.trial: one for _ in range(count) for one in workers.next_results()}


def name_of_worker():
    """A function inside a function travels by value: workers cannot import this module."""

    def name(data):
        del data
        return str(distributed.get_worker().name)

    return name


def path_of_data():
    def path(data):
        base = data.x_train
        while not isinstance(base, np.memmap):
            base = base.base
        return str(base.filename)

    return path


def plugins_of(address):
    with distributed.Client(address, set_as_default=False) as client:
        held = client.run(lambda dask_worker: [*dask_worker.plugins])
    return {name for names in held.values() for name in names if name.startswith("fitgap")}


def test_trials_of_a_cluster_equal_those_trained_here_rung_by_rung(cluster, data):
    with workers_of(cluster.address, data) as workers:
        for seed in range(4):
            workers.submit(task_of(seed, until=1))
        results = []
        while len(results) < 4:
            (result,) = workers.next_results()
            if len(result.history) == 1:
                number = int(result.trial[1:])
                workers.submit(task_of(number, continues=f"{result.trial}@1"))
            else:
                results.append(result)
    for result in results:
        assert_equals_one_trained_here(data, result)
    assert {span.worker for result in results for span in result.spans} == {"0", "1"}


def test_a_cluster_is_left_as_it_was(cluster, data):
    with workers_of(cluster.address, data) as workers:
        workers.submit(task_of(1))
        workers.next_results()
        assert plugins_of(cluster.address)
    assert not plugins_of(cluster.address)


def test_what_a_trial_takes_of_its_worker_is_asked_for(cluster, data):
    with workers_of(cluster.address, data, resources={"GPU": 1}) as workers:
        for seed in range(4):
            workers.submit(task_of(seed))
        results = results_of(workers, 4)
        assert {workers.call(name_of_worker()) for _ in range(4)} == {"gifted"}
    assert {span.worker for result in results.values() for span in result.spans} == {"0"}


def test_a_resource_that_no_worker_has_is_told(cluster, monkeypatch):
    monkeypatch.setattr(remote, "WORKER_SECONDS", 1)
    address = ClusterAddress(scheduler=cluster.address, resources={"GPU": 2})
    with pytest.raises(StorageError, match=r'^--resource: no worker of tcp.* has GPU=2; start .*"'):
        RemoteCluster(address)


def test_data_go_through_a_shared_path_once(cluster, data, tmp_path):
    for _ in range(2):
        with workers_of(cluster.address, data, shared_path=tmp_path) as workers:
            (stored,) = tmp_path.iterdir()
            first = stored.stat().st_mtime_ns
            assert workers.call(path_of_data()) == str(stored)
            workers.submit(task_of(1))
            assert_equals_one_trained_here(data, workers.next_results()[0])
    assert [path.stat().st_mtime_ns for path in tmp_path.iterdir()] == [first]


def test_data_that_a_worker_cannot_see_are_told(cluster, data, tmp_path, monkeypatch):
    def store(data, folder):
        mapped = remote_store(data, folder)
        stored.append(next(tmp_path.iterdir()))
        stored[0].unlink()
        return mapped

    stored, remote_store = [], remote.store_data
    monkeypatch.setattr(remote, "store_data", store)
    with workers_of(cluster.address, data, shared_path=tmp_path) as workers:
        workers.submit(task_of(1))
        with pytest.raises(
            StorageError, match=r"^workers: tcp.*: it cannot read the data: .*every"
        ):
            workers.next_results()


def test_a_version_that_differs_is_refused_by_worker_and_name(cluster, monkeypatch):
    monkeypatch.setattr(remote, "COMMON", (*COMMON, "absent-here"))
    describing = remote._describing

    def other_here(names):
        describe = describing(names)

        def pretend(dask_worker):
            facts = describe(dask_worker)
            return {**facts, "versions": {**facts["versions"], "keras": "9.9", "absent-here": "1"}}

        return pretend if names is here else describe

    here = remote.COMMON
    answers = []

    def ask(self, addresses):
        monkeypatch.setattr(remote, "_describing", describing)
        answers.append(asked(self, addresses))
        monkeypatch.setattr(remote, "_describing", other_here)
        return answers[-1]

    asked = RemoteCluster._ask
    monkeypatch.setattr(RemoteCluster, "_ask", ask)
    with pytest.raises(StorageError) as caught:
        RemoteCluster(ClusterAddress(scheduler=cluster.address))
    assert len(caught.value.faults) == 4
    assert "absent-here is missing, here it is 1; install the same version" in str(caught.value)
    assert all(fault.startswith("cluster: worker tcp://") for fault in caught.value.faults)


def test_workers_come_and_go(new_cluster, data):
    cluster = new_cluster()
    first = cluster.add_worker("--no-nanny")
    with workers_of(cluster.address, data) as workers:
        for seed in range(6):
            workers.submit(task_of(seed, base=LONG))
        results = results_of(workers, 1)
        second = cluster.add_worker("--no-nanny")
        results |= results_of(workers, 2)
        os.kill(first.pid, signal.SIGKILL)  # lost
        results |= results_of(workers, 1)
        os.kill(second.pid, signal.SIGKILL)  # nobody is left for a while
        time.sleep(2)
        cluster.add_worker("--no-nanny")
        results |= results_of(workers, 2)
    assert sorted(results) == [f"s{seed:04d}" for seed in range(6)]
    for result in results.values():
        assert_equals_one_trained_here(data, result, LONG)


def test_a_newcomer_that_does_not_fit_is_given_nothing(new_cluster, data):
    cluster = new_cluster()
    cluster.add_worker("--name", "fit")
    with workers_of(cluster.address, data) as workers:
        cluster.add_worker("--name", "unfit", threads=2)
        with distributed.Client(cluster.address, set_as_default=False) as client:
            client.wait_for_workers(2)
        time.sleep(2 * 0.5)
        for seed in range(6):
            workers.submit(task_of(seed))
        results = results_of(workers, 6)
    for result in results.values():
        assert_equals_one_trained_here(data, result)


def test_workers_of_several_threads_are_refused(new_cluster):
    cluster = new_cluster()
    cluster.add_worker(threads=2)
    said = r"^cluster: worker tcp://.*: it has 2 threads, .*; start it with `--nthreads 1`"
    with pytest.raises(StorageError, match=said):
        RemoteCluster(ClusterAddress(scheduler=cluster.address))


def test_a_scheduler_without_workers_is_told(new_cluster, monkeypatch):
    monkeypatch.setattr(remote, "WORKER_SECONDS", 1)
    cluster = new_cluster()
    with pytest.raises(StorageError, match=r"no worker came within 1 s; start some, such as `dask"):
        RemoteCluster(ClusterAddress(scheduler=cluster.address))


def test_a_scheduler_that_goes_is_told(new_cluster, data):
    cluster = new_cluster()
    cluster.add_worker()
    with workers_of(cluster.address, data) as workers:
        workers.submit(task_of(1, base=LONG))
        threading.Timer(1, os.kill, (cluster.scheduler.pid, signal.SIGKILL)).start()
        said = r"^cluster: the scheduler tcp://.* is gone; what is finished is safe; start another"
        with pytest.raises(StorageError, match=said):
            results_of(workers, 2)


def test_nobody_at_the_address_is_told(monkeypatch):
    monkeypatch.setattr(remote, "REACH_SECONDS", 2)
    with pytest.raises(
        StorageError, match=r"^cluster: tcp://127.0.0.1:9: no Dask scheduler answers"
    ):
        RemoteCluster(ClusterAddress(scheduler="tcp://127.0.0.1:9"))


def test_another_kind_of_server_at_the_address_is_told(monkeypatch):
    monkeypatch.setattr(remote, "REACH_SECONDS", 2)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def answer():
            connection, _ = server.accept()
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            connection.close()

        threading.Thread(target=answer, daemon=True).start()
        with pytest.raises(StorageError, match=r"no Dask scheduler answers"):
            RemoteCluster(ClusterAddress(scheduler=f"tcp://127.0.0.1:{port}"))


@pytest.fixture
def certificate(tmp_path):
    subject = ["-subj", "/CN=localhost", "-days", "2"]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out",
         "certificate.pem", *subject],
        cwd=tmp_path, check=True, capture_output=True,
    )  # fmt: skip
    return tmp_path


def test_a_cluster_may_speak_tls_as_dask_is_configured(certificate, new_cluster, data):
    pem, key = str(certificate / "certificate.pem"), str(certificate / "key.pem")
    sides = {f"{side}.{kind}": path for side in ("scheduler", "worker", "client")
             for kind, path in (("cert", pem), ("key", key))}  # fmt: skip
    settings = {f"distributed.comm.tls.{name}": path for name, path in sides.items()}
    settings |= {"distributed.comm.tls.ca-file": pem, "distributed.comm.require-encryption": True}
    environment = {
        "DASK_" + name.replace(".", "__").replace("-", "_").upper(): str(value)
        for name, value in settings.items()
    }
    cluster = new_cluster("--protocol", "tls", environment=environment)
    cluster.add_worker()
    assert cluster.address.startswith("tls://")
    with dask.config.set(settings), workers_of(cluster.address, data) as workers:
        workers.submit(task_of(1))
        assert_equals_one_trained_here(data, workers.next_results()[0])


@pytest.fixture
def namespaces():
    """Two network namespaces with a link between them, and the commands that enter them."""
    names = [f"fitgap{os.getpid()}{side}" for side in "ab"]

    def ip(*arguments):
        return subprocess.run(["ip", *arguments], check=True, capture_output=True)

    try:
        for name in names:
            ip("netns", "add", name)
        ip("link", "add", "v0", "netns", names[0], "type", "veth", "peer", "v0", "netns", names[1])
        for number, name in enumerate(names, start=1):
            ip("-n", name, "addr", "add", f"10.213.0.{number}/24", "dev", "v0")
            ip("-n", name, "link", "set", "v0", "up")
            ip("-n", name, "link", "set", "lo", "up")
    except (OSError, subprocess.CalledProcessError) as err:
        pytest.skip(f"no network namespace can be made here: {err}")
    else:
        yield [("ip", "netns", "exec", name) for name in names]
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)


@pytest.mark.long
def test_a_sweep_in_two_network_namespaces_equals_one_of_this_machine(
    namespaces, new_cluster, tmp_path
):
    here, there = namespaces
    cluster = new_cluster(before=here, host="10.213.0.1")
    cluster.add_worker("--no-nanny", "--host", "10.213.0.1", before=here)
    cluster.add_worker("--no-nanny", "--host", "10.213.0.2", before=there)
    command = [
        "python",
        "-m",
        "studies.main",
        "sweep",
        "digits",
        "--trials",
        "6",
        "--epochs",
        "3",
        "--confirm",
        "0",
    ]
    command += ["--no-report", "--no-baselines", "--rows", "400"]
    python, arguments = sys.executable, ["-m", *command[2:]]

    def sweep(*more, before=()):
        subprocess.run(
            [*before, python, *arguments, *more], check=True, capture_output=True, cwd=tmp_path
        )

    sweep("--scheduler", cluster.address, "--out", "two", before=here)
    sweep("--workers", "1", "--out", "one")
    one, two = (records_of(tmp_path / name) for name in ("one", "two"))
    assert sorted(one) == [f"s{slot:04d}" for slot in range(6)]
    assert one.keys() == two.keys()
    for trial, record in one.items():
        assert (record.config, record.outcome) == (two[trial].config, two[trial].outcome)
        assert history_difference(record.history, two[trial].history) == 0


def records_of(path):
    return {record.trial: record for record in RunFolder(path).records()}
