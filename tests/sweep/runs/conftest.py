import os
import shutil
import subprocess

import pytest

ROOT = os.geteuid() == 0


def mount(path, options):
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(path)]
    return shutil.which("mount") and not subprocess.run(command, capture_output=True).returncode


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 128 KiB, half of it taken by a file called ballast."""
    path = tmp_path / "disk"
    path.mkdir()
    if not (ROOT and mount(path, "size=128k")):
        pytest.skip("mounting a small file system needs root")
    (path / "ballast").write_bytes(bytes(64 * 1024))
    yield path
    subprocess.run(["umount", "--lazy", str(path)], check=True)


@pytest.fixture
def read_only():
    """Make a folder read-only, for root too, by mounting over it; or skip."""
    mounted = []

    def protect(path):
        if not ROOT:
            path.chmod(0o555)
            return
        copy = path.with_name(f"{path.name}-copy")
        shutil.copytree(path, copy)
        if not mount(path, "size=1m"):
            pytest.skip("mounting a read-only file system needs root")
        mounted.append(path)
        shutil.copytree(copy, path, dirs_exist_ok=True)
        subprocess.run(["mount", "-o", "remount,ro", str(path)], check=True)

    yield protect
    for path in mounted:
        subprocess.run(["umount", "--lazy", str(path)], check=True)
