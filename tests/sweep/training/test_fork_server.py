import json
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from sweep.training import device, fork_server

ROOT = Path(__file__).parents[3]
BEGIN = """
import json, multiprocessing, os, signal, sys, time
import psutil
from sweep.training.fork_server import begin_loading

def look(where):
    names = ("tensorflow", "distributed", "pandas", "sklearn", "sweep.training.trainer")
    where.put({
        "loaded": [name for name in names if name in sys.modules],
        "threads": psutil.Process().parent().num_threads(),
        "one thread": os.environ["OPENBLAS_NUM_THREADS"],
        "deaf": signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, set()),
    })

if __name__ == "__main__":
    before = os.environ.get("OPENBLAS_NUM_THREADS")
    begin_loading()
    begin_loading()
    servers = psutil.Process().children()
    context = multiprocessing.get_context("forkserver")
    where = context.SimpleQueue()
    process = context.Process(target=look, args=(where,))
    process.start()
    told = where.get()
    process.join()
    told["servers"] = sum("forkserver" in " ".join(one.cmdline()) for one in servers)
    told["driver"] = sorted({"tensorflow", "distributed"} & set(sys.modules))
    told["restored"] = os.environ.get("OPENBLAS_NUM_THREADS") == before
    print(json.dumps(told))
"""


@pytest.mark.slow
@pytest.mark.skipif(fork_server.start_method() != "forkserver", reason="nothing is forked here")
def test_what_all_workers_need_is_loaded_once_before_they_are_forked(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(BEGIN)
    done = subprocess.run(
        [sys.executable, program], env={**os.environ, "PYTHONPATH": str(ROOT)}, text=True,
        capture_output=True, check=True,
    )  # fmt: skip

    assert json.loads(done.stdout) == {
        "loaded": ["tensorflow", "distributed", "sweep.training.trainer"],
        "threads": 1,  # what forks must have no other
        "one thread": "1",
        "deaf": True,
        "servers": 1,
        "driver": [],
        "restored": True,
    }
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("system", "gpu", "expected"),
    [("linux", False, "forkserver"), ("linux", True, "spawn"), ("darwin", False, "spawn")],
)
def test_only_linux_without_a_gpu_forks(monkeypatch, tmp_path, system, gpu, expected):
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(device, "DRIVER", tmp_path if gpu else tmp_path / "missing")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert fork_server.start_method() == expected


def test_nothing_is_started_where_nothing_is_forked(monkeypatch):
    monkeypatch.setattr(fork_server, "start_method", lambda: "spawn")
    monkeypatch.setattr(fork_server.forkserver, "ensure_running", lambda: pytest.fail("started"))
    fork_server.begin_loading()


@pytest.mark.slow
@pytest.mark.skipif(fork_server.start_method() != "forkserver", reason="nothing is forked here")
def test_a_command_that_fails_early_does_not_leave_the_loading_behind(tmp_path):
    program = (
        "import psutil; from sweep.training.fork_server import begin_loading; begin_loading();"
        "print(*(one.pid for one in psutil.Process().children()), flush=True)"
    )
    printed = tmp_path / "printed"
    with printed.open("w") as file:  # no pipe, which the process would hold open
        subprocess.run([sys.executable, "-c", program], cwd=ROOT, stdout=file, check=True)

    server, tracker = printed.read_text().split(), []
    assert len(server) == 2  # the other is the resource tracker of multiprocessing
    for pid in map(int, server):
        if psutil.pid_exists(pid):
            tracker += psutil.Process(pid).cmdline()
    assert "forkserver" not in " ".join(tracker)
