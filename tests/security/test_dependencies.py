"""What is installed: locked, hashed, declared, with a reason; and nothing else."""

import ast
import itertools
import re
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
RUN = PROJECT["project"]["dependencies"]
EXTRAS = [*itertools.chain(*PROJECT["project"]["optional-dependencies"].values())]
GROUPS = PROJECT["dependency-groups"]
BUILD = PROJECT["build-system"]["requires"]
LOCKS = {
    "requirements.txt": [*RUN, *BUILD],
    "requirements-dev.txt": [*RUN, *BUILD, *EXTRAS, *GROUPS["dev"]],
    "requirements-bench.txt": [*RUN, *BUILD, *GROUPS["bench"]],
    "requirements-setup.txt": ["uv"],
    "requirements-audit.txt": ["pip-audit"],
}
SECTIONS = {
    "To run": RUN,
    "Extras": EXTRAS,
    "To build": BUILD,
    "To develop": GROUPS["dev"],
    "To compare with": GROUPS["bench"],
}
# Packages that are imported by another name, and those that come with one that is asked for.
IMPORTED_AS = {"scikit-learn": "sklearn", "mlflow-skinny": "mlflow"}
COMPANIONS = {"dask": "distributed", "markupsafe": "jinja2"}
NEEDED_BY_OTHERS = {"alembic"}  # MLflow's store


def locked(name):
    """The entries of a lock file: the requirement, and the hashes of its files."""
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line.strip() for line in text.splitlines()]
    entries = [line.split(" --hash=") for line in lines if line and not line.startswith("#")]
    return [(entry[0].strip(), [part.strip() for part in entry[1:]]) for entry in entries]


def names(requirements):
    return {canonicalize_name(Requirement(text).name) for text in requirements}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_line_of_a_lock_is_one_version_with_the_hashes_of_its_files(lock):
    assert locked(lock)
    for text, hashes in locked(lock):
        requirement = Requirement(text)
        assert re.fullmatch(r"==[\w.+!]+", str(requirement.specifier)), text
        assert requirement.url is None
        assert hashes, text
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", one) for one in hashes), text


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_has_all_that_is_asked_for_at_a_version_that_will_do(lock):
    pins = {}
    for text, _ in locked(lock):
        requirement = Requirement(text)
        pins.setdefault(canonicalize_name(requirement.name), []).append(requirement)
    for wanted in map(Requirement, LOCKS[lock]):
        found = pins.get(canonicalize_name(wanted.name), [])
        assert found, f"{wanted.name} is not in {lock}: make lock"
        for pin in found:
            (version,) = [one.version for one in pin.specifier]
            assert wanted.specifier.contains(version, prereleases=True), f"{wanted}: make lock"


def test_developers_run_the_versions_that_users_do():
    users, developers = (
        {text for text, _ in locked(name)} for name in ("requirements.txt", "requirements-dev.txt")
    )

    assert {text.partition(" ")[0] for text in users} <= {
        text.partition(" ")[0] for text in developers
    }


def test_make_installs_nothing_without_a_hash():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(r"^PINNED := --require-hashes --only-binary :all:$", text, re.MULTILINE)
    installs = [line for line in text.splitlines() if "pip install" in line]

    assert len(installs) >= 5
    for line in installs:
        editable = line.endswith("--no-deps --no-build-isolation --editable .")
        assert editable or "$(PINNED) --requirement requirements" in line, line


@pytest.mark.parametrize("section", SECTIONS)
def test_every_dependency_has_its_reason_and_its_licence(section):
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    body = page.split(f"\n## {section}\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `([^`]+)` \| ([^|]+) \| ([^|]+) \|", body, re.MULTILINE)

    assert sorted(name for name, _, _ in rows) == sorted(names(SECTIONS[section]))
    assert all(reason.strip() and licence.strip() for _, reason, licence in rows)


def imported():
    """What the three packages import that is neither theirs nor Python's."""
    found = set()
    for package in ("sweep", "studies", "reports"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    found |= {alias.name.partition(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom):
                    found.add((node.module or "").partition(".")[0])
    return found - set(sys.stdlib_module_names) - {"sweep", "studies", "reports"}


def test_what_is_imported_is_asked_for_and_what_is_asked_for_is_imported():
    asked = names([*RUN, *EXTRAS])
    modules = {IMPORTED_AS.get(name, name.replace("-", "_")) for name in asked - NEEDED_BY_OTHERS}
    found = imported()

    assert {COMPANIONS.get(name, name) for name in found} <= modules
    assert modules <= found | {"psycopg"}  # which SQLAlchemy imports by the name in an address
