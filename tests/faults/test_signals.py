"""Signals to a real command that a shell started with `&`, and a second sweep in its folder."""

import os
import signal
import socket
import subprocess
import sys
import time

import psutil
import pytest

from studies.main import main
from sweep.runs.folder import RunFolder

pytestmark = pytest.mark.slow

FITGAP = [sys.executable, "-m", "studies.main"]
# A shell without job control starts what is followed by & with SIGINT ignored.
IN_THE_BACKGROUND = '"$@" & echo $! > "$PID_FILE"; wait $!'


def wait_for_records(path, shell):
    log, deadline = path / "records.jsonl", time.monotonic() + 120
    while not (log.exists() and b"\n" in log.read_bytes()):
        assert shell.poll() is None, shell.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT])
def test_a_sweep_in_the_background_that_is_stopped_goes_on_to_an_equal_end(
    *, number, tmp_path, sweep_words, undisturbed, assert_same_run, faults_of
):
    path, pid_file = tmp_path / "run", tmp_path / "pid"
    command = [*FITGAP, *sweep_words(path, "--no-report")]
    shell = subprocess.Popen(
        ["sh", "-c", IN_THE_BACKGROUND, "sh", *command],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={**os.environ, "PID_FILE": str(pid_file)},
    )  # fmt: skip
    wait_for_records(path, shell)
    driver = psutil.Process(int(pid_file.read_text()))
    driver.suspend()  # while somebody else tries to work on its run
    code, faults = faults_of(["resume", path])
    assert code == 5
    holder = f"process {driver.pid} on {socket.gethostname()} is working on this run"
    assert f"{path}: {holder}; wait for it, or stop it first" in faults[0]
    assert faults_of(sweep_words(path))[0] == 2  # it holds a run already
    driver.resume()

    driver.send_signal(number)
    text, _ = shell.communicate(timeout=60)

    assert shell.returncode == 128 + number, text
    assert f"fitgap resume {path}" in text
    assert "Traceback" not in text
    kept = RunFolder.open(path).records()
    assert 1 <= len(kept) < len(undisturbed.records())
    assert main(["resume", str(path)]) == 0
    assert_same_run(path, undisturbed)


def test_of_two_sweeps_begun_in_one_folder_at_a_time_one_is_refused(tmp_path):
    path = tmp_path / "run"
    ours, theirs = RunFolder.create(path), RunFolder.create(path)  # neither sees the other's run
    manifest = {"schema": 1, "name": "theirs"}
    theirs.begin(manifest)
    before = (path / "manifest.json").read_bytes()

    with pytest.raises(Exception, match="there is a run already") as caught:
        ours.begin(manifest | {"name": "ours"})

    assert caught.value.exit_code == 2
    assert (path / "manifest.json").read_bytes() == before
