"""A sweep of several workers, as it runs: what its processes listen on."""

import contextlib
import ipaddress
import os
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path

import pytest

PROC = Path("/proc")
LISTENING = "0A"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (PROC / "net/tcp").exists(), reason="needs Linux's /proc/net"),
]


def tree(root):
    """Every process below one, itself included."""
    parents = {}
    for path in PROC.glob("[0-9]*/stat"):
        try:
            parents[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue
    found = {root}
    while more := {process for process, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def sockets_of(processes):
    """The inodes of the sockets that processes have open."""
    found = set()
    for process in processes:
        with contextlib.suppress(OSError):  # it has ended meanwhile
            for entry in (PROC / str(process) / "fd").iterdir():
                with contextlib.suppress(OSError):  # that was closed meanwhile
                    link = str(entry.readlink())
                    found |= {link[8:-1]} if link.startswith("socket:[") else set()
    return found


def address(text):
    """The address of a line of /proc/net, whose words are in the order of the machine."""
    words = bytes.fromhex(text)
    return ipaddress.ip_address(
        b"".join(struct.pack(">I", word[0]) for word in struct.iter_unpack("=I", words))
    )


def listening(inodes):
    """What sockets listen on, TCP of both kinds; and those of UDP, which only wait."""
    found = set()
    for name in ("tcp", "tcp6", "udp", "udp6"):
        for line in (PROC / "net" / name).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[9] in inodes and (name.startswith("udp") or fields[3] == LISTENING):
                found.add((name, address(fields[1].partition(":")[0])))
    return found


def test_the_reader_sees_a_socket_that_everybody_can_reach():
    with socket.create_server(("0.0.0.0", 0)), socket.create_server(("127.0.0.1", 0)):
        found = listening(sockets_of(tree(os.getpid())))

    assert {
        ("tcp", ipaddress.ip_address("0.0.0.0")),
        ("tcp", ipaddress.ip_address("127.0.0.1")),
    } <= (found)


def test_a_sweep_of_two_workers_listens_on_the_loopback_only(tmp_path):
    command = [
        sys.executable, "-m", "studies.main", "sweep", "iris", "--trials", "6", "--epochs", "2",
        "--confirm", "0", "--no-baselines", "--no-report", "--workers", "2",
        "--out", tmp_path / "run",
    ]  # fmt: skip
    seen = set()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as sweep:
        while sweep.poll() is None:
            seen |= listening(sockets_of(tree(sweep.pid)))
            time.sleep(0.05)
        assert sweep.returncode == 0, sweep.stderr.read()

    assert seen  # the cluster was looked at while it was up
    assert {str(place) for _, place in seen} == {"127.0.0.1"}
    assert {kind for kind, _ in seen} == {"tcp"}
