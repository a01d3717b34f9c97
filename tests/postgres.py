"""A PostgreSQL server of the tests' own: Debian's, in a temporary folder, on a private port."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import psutil
import pytest

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parts[-2]))
PASSWORD = "tiger-6f1c-burning"
CONNECTIONS = 14  # of which the server keeps one for its own superuser
SETTINGS = {
    "max_connections": CONNECTIONS, "superuser_reserved_connections": 1, "fsync": "off",
    "dynamic_shared_memory_type": "mmap",
    "listen_addresses": "127.0.0.1", "shared_buffers": "16MB", "log_min_messages": "fatal",
}  # fmt: skip


class PostgresServer:
    """Hold a server that can be stopped, killed, paused and started again."""

    def __init__(self, folder):
        self.folder = folder
        # The server refuses to be run by root.
        as_root = os.geteuid() == 0
        self.account = {"user": owner(), "group": owner(group=True)} if as_root else {}
        if as_root:
            self.account["extra_groups"] = []
            os.chown(folder, self.account["user"], self.account["group"])
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process = None
        secret = folder / "password"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        self.run("initdb", "-D", folder / "data", "-U", "fitgap", "-A", "scram-sha-256",
                 "--pwfile", secret, "-E", "UTF8", "--no-locale", "--no-sync")  # fmt: skip
        self.start()
        self.sql(f"create role sweeper login createdb password '{PASSWORD}'")
        self.sql("create database first owner sweeper")

    def run(self, program, *arguments):
        command = [BINARIES[-1] / program, *arguments]
        subprocess.run(command, check=True, capture_output=True, cwd="/", **self.account)

    def start(self):
        options = [f"--{name}={value}" for name, value in SETTINGS.items()]
        command = [BINARIES[-1] / "postgres", "-D", self.folder / "data", "-k", self.folder,
                   "-p", str(self.port), *options]  # fmt: skip
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, cwd="/", start_new_session=True, **self.account
            )
        deadline = time.monotonic() + 20
        while not self.is_ready():
            assert self.process.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def is_ready(self):
        command = [BINARIES[-1] / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(command, check=False).returncode == 0

    def stop(self, number=signal.SIGINT):
        """Stop at once, by SIGQUIT without a checkpoint, as in a crash."""
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(20)
            self.process = None

    def freeze(self, *, frozen):
        """Let nothing of it run, while the kernel still takes what is sent; or go on."""
        for process in (*psutil.Process(self.process.pid).children(), self.process):
            os.kill(process.pid, signal.SIGSTOP if frozen else signal.SIGCONT)

    def sql(self, statement, database="postgres"):
        """Do one statement as the superuser; return its rows."""
        import psycopg  # noqa: PLC0415 - an extra, without which other tests run

        with psycopg.connect(
            host=str(self.folder), port=self.port, user="fitgap", dbname=database,
            password=PASSWORD, autocommit=True,
        ) as connection:  # fmt: skip
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def url(self, database="first", user="sweeper"):
        return f"postgresql+psycopg://{user}@127.0.0.1:{self.port}/{database}"


def owner(*, group=False):
    """Return the number of the account by which root runs the server."""
    for name in ("postgres", "nobody"):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return found.pw_gid if group else found.pw_uid
    pytest.skip("there is neither an account called postgres nor nobody")


@pytest.fixture(scope="session")
def _server():
    if not BINARIES:
        pytest.skip("PostgreSQL is not installed (Debian: postgresql)")
    pytest.importorskip("psycopg")
    memory = Path("/dev/shm")
    parent = memory if os.access(memory, os.W_OK) else None
    folder = Path(tempfile.mkdtemp(dir=parent, prefix="fitgap-postgres-"))
    server = None
    try:
        server = PostgresServer(folder)
        yield server
    finally:
        if server is not None:
            server.stop(signal.SIGQUIT)
        shutil.rmtree(folder)


@pytest.fixture
def postgres(_server, monkeypatch):
    """A server that runs, with the database ``first`` of the user ``sweeper``."""
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    monkeypatch.setenv("PGPASSFILE", os.devnull)
    if _server.process is None:
        _server.start()
    return _server
