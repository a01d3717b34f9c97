"""What costs seconds and hundreds of megabytes to import is imported only where it is used."""

import json
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

from studies.catalog.index import list_studies

ROOT = Path(__file__).parents[1]
# Of sweep.training, which trains; everything outside of it is light.
LIGHT = {
    "sweep.training", "sweep.training.calls", "sweep.training.cohort", "sweep.training.cohort_rule",
    "sweep.training.cluster.dask_workers", "sweep.training.cluster.remote",
    "sweep.training.device", "sweep.training.fork_server",
    "sweep.training.loading", "sweep.training.measures", "sweep.training.score_intervals",
    "sweep.training.run_clock", "sweep.training.scoring",
    "sweep.training.shared_data", "sweep.training.tasks", "sweep.training.workers",
}  # fmt: skip
PROBE = """
import importlib, json, sys
found = []
for name in json.load(sys.stdin):
    importlib.import_module(name)
    if "tensorflow" in sys.modules or "keras" in sys.modules:
        found.append(name)
        break
print(json.dumps([found, sorted(sys.modules)]))
"""


def modules():
    names = []
    for package in ("sweep", "studies", "reports"):
        found = pkgutil.walk_packages([str(ROOT / package)], f"{package}.")
        names += [package, *(module.name for module in found)]
    return names


def loaded(names):
    """Import modules in a fresh process: the first that loads TensorFlow, and all there are."""
    done = subprocess.run(
        [sys.executable, "-c", PROBE], input=json.dumps(names), text=True, capture_output=True,
        cwd=ROOT, check=True,
    )  # fmt: skip
    return json.loads(done.stdout)


def test_the_list_of_modules_is_whole():
    files = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for package in ("sweep", "studies", "reports")
        for path in (ROOT / package).rglob("*.py")
    }

    assert files == set(modules())
    assert files >= LIGHT


@pytest.mark.slow
def test_no_module_but_those_that_train_imports_tensorflow():
    light = [name for name in modules() if name in LIGHT or not name.startswith("sweep.training")]
    found, names = loaded(light)

    assert found == []
    assert "sweep.runs.runner" in names


def test_help_imports_almost_nothing():
    heavy = {"numpy", "pandas", "sklearn", "scipy", "optuna", "pydantic", "rich", "matplotlib"}
    _, names = loaded(["studies.main"])

    assert not heavy & set(names)


def test_studies_are_listed_without_what_they_are_made_of():
    heavy = {"numpy", "pandas", "sklearn", "scipy", "optuna", "pydantic", "rich", "matplotlib"}
    designs = [f"studies.catalog.{name.replace('-', '_')}.design" for name in list_studies()]
    _, names = loaded(["studies.catalog.index", *designs])

    assert not heavy & set(names)
    assert not [name for name in names if name.startswith("studies.answering")]


def test_what_is_wrong_with_a_study_is_told_before_anything_heavy_is_imported():
    heavy = {"pandas", "sklearn", "scipy", "optuna", "rich", "matplotlib", "distributed"}
    _, names = loaded(["studies.commands.study"])

    assert not heavy & set(names)


def test_a_run_folder_is_read_without_the_search_and_without_drawing():
    _, names = loaded(["sweep.runs.folder", "sweep.tables", "sweep.spreadsheets"])

    assert not {"optuna", "sklearn", "matplotlib", "distributed"} & set(names)
