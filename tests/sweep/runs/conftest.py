import os
import shutil
import subprocess

import pandas as pd
import pytest

from sweep.runs.at_work import save_progress
from sweep.runs.folder import RunFolder
from sweep.runs.manifest_file import KEYS
from sweep.runs.runner import Sweep
from sweep.settings.sweep_settings import SweepSettings
from sweep.space.parsing import parse_space
from sweep.tables import BASELINE_TYPES

ROOT = os.geteuid() == 0


def mount(path, options):
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(path)]
    if shutil.which("mount") is None:
        return False
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


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


def small_settings(data="digits", **more):
    """A sweep that takes seconds: six small networks of one layer, two epochs each."""
    space = {
        "depth": 1, "width": {"low": 8, "high": 32}, "dropout": 0.0,
        "optimizer": ["adam", "sgd"], "batch_size": 128,
    }  # fmt: skip
    fields = {
        "data": str(data), "trials": 6, "epochs": 2, "workers": 1, "confirm": 2, "confirm_top": 2,
        "baselines": False, "report": False, "lag": 3, "space": parse_space(space),
    }  # fmt: skip
    return SweepSettings(**{**fields, **more})


def run_sweep(path, settings):
    sweep = Sweep.create(settings, path)
    records = list(sweep.run())
    return sweep.folder, records


@pytest.fixture(name="small_settings", scope="session")
def _small_settings():
    return small_settings


@pytest.fixture(name="run_sweep", scope="session")
def _run_sweep():
    return run_sweep


@pytest.fixture(scope="session")
def finished_run(tmp_path_factory):
    """A finished run on digits, with baselines; only to be read."""
    path = tmp_path_factory.mktemp("finished") / "run"
    return run_sweep(path, small_settings(baselines=True))[0]


@pytest.fixture
def copied_run(finished_run, tmp_path):
    """A copy of the finished run, to be changed."""
    shutil.copytree(finished_run.path, tmp_path / "run")
    return RunFolder(tmp_path / "run")


@pytest.fixture
def made_up_run(memory_path, record_of):
    """A finished sweep of five trials that nobody trained, with every file but a network."""
    folder = RunFolder.create(memory_path / "run")
    records = [record_of(slot, losses=[0.5, 0.4 + slot / 7]) for slot in range(5)]
    manifest = dict.fromkeys(KEYS) | {
        "schema": 1, "kind": "sweep", "state": "finished", "finished": "2026-11-23T10:15:00+00:00",
        "settings": small_settings(baselines=True).as_json(),
        "test_touches": [{"when": "2026-11-23T10:15:00+00:00", "trial": "s0000"}],
    }  # fmt: skip
    for record in records:
        folder.append_record(record)
    save_progress(folder, manifest, records, planned=5)
    folder.write_tables()
    row = dict.fromkeys(BASELINE_TYPES, 0.25) | {"baseline": "dummy"}
    folder.write_baselines(pd.DataFrame([row]).astype(BASELINE_TYPES))
    folder.write_findings([{"about": "network", "verdict": "fits", "numbers": {"gap": 0.1}}])
    folder.journal_path.write_text('{"op_code":4}\n' * 5)
    return folder


def flipped(content, place):
    """Content with one bit of one byte changed; another bit at the next place."""
    changed = bytearray(content)
    changed[place] ^= 1 << place % 8
    return bytes(changed)


@pytest.fixture(name="flip", scope="session")
def _flip():
    return flipped
