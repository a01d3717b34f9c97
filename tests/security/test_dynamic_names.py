"""Names in settings choose from lists; none is ever imported, and no text is code."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULE = "evil_module"
IMPORTERS = {"import_module", "__import__", "run_module", "run_path"}


@pytest.fixture(autouse=True)
def _evil(tmp_path, monkeypatch):
    """A module that leaves a file behind when it is imported; it must not be."""
    (tmp_path / f"{MODULE}.py").write_text(
        f"import pathlib\npathlib.Path({str(tmp_path / 'imported')!r}).touch()\nrun = print\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    yield
    assert not (tmp_path / "imported").exists()


@pytest.mark.parametrize(
    "options",
    [
        ("--set", "activation=evil_module.run"),
        ("--set", "activation=evil_module:run"),
        ("--set", "optimizer=evil_module.run"),
        ("--set", "optimizer=keras>SGD"),
        ("--set", "shape=evil_module.run"),
        ("--set", "width=__import__('evil_module').run"),
        ("--set", "learning_rate.evil_module=0.1"),
        ("--sampler", "evil_module.run"),
        ("--pruner", "optuna.pruners.NopPruner"),
        ("--task", "evil_module"),
        ("--epochs", "__import__('evil_module')"),
        ("--fail-if", "__import__('evil_module') > 0"),
    ],
)
def test_a_name_on_the_command_line_is_not_imported(run, options):
    said = run("sweep", "iris", "--dry-run", *options)

    assert said.code == 2
    assert said.err.startswith("error: ")


@pytest.mark.parametrize(
    "line",
    [
        'sampler = "evil_module.run"', 'pruner = "evil_module:run"', 'data = "evil_module.run"',
        '[space]\nactivation = ["evil_module.run"]', '[space]\noptimizer = "evil_module.run"',
        'import = "evil_module"', '"__class__" = "evil_module.run"',
    ],
)  # fmt: skip
def test_a_name_in_a_configuration_file_is_not_imported(run, tmp_path, line):
    (tmp_path / "c.toml").write_text(line)
    said = run("sweep", *([] if "data" in line else ["iris"]), "--config", "c.toml", "--dry-run")

    assert said.code in {2, 3}
    assert said.err.startswith("error: ")


@pytest.mark.parametrize(
    "lines",
    [
        '[scientific]\nactivation = ["evil_module.run", "relu"]',
        '[scientific]\noptimizer = ["evil_module.run"]',
        '[fixed]\nactivation = "evil_module.run"\n[scientific]\nwidth = [1, 2]',
        '[[arms]]\nname = "a"\nactivation = "evil_module.run"',
        'answer = "evil_module.run"\n[scientific]\nwidth = [1, 2]',
    ],
)
def test_a_name_in_a_study_file_is_not_imported(run, tmp_path, lines):
    (tmp_path / "s.toml").write_text(f'question = "q"\n{lines}')
    said = run("study", "s.toml", "iris", "--dry-run")

    assert said.code == 2
    assert said.err.startswith("error: ")


@pytest.mark.parametrize("study", ["evil_module", "../evil_module", "index", "..index", "os.path"])
def test_only_a_study_of_the_list_is_one(run, study):
    said = run("study", study, "iris", "--dry-run")

    assert said.code == 2
    assert said.err.startswith("error: ")


def test_modules_are_imported_by_a_name_that_is_no_constant_in_known_places_only():
    found = {
        path.relative_to(ROOT).as_posix()
        for package in ("sweep", "studies", "reports")
        for path in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).rpartition(".")[2] in IMPORTERS
        and not isinstance(node.args[0], ast.Constant)
    }

    assert found == {
        "studies/main.py",  # what the parser put into `command`
        "studies/catalog/index.py",  # a study of the list
        "reports/figures/order.py",  # a figure of the list
    }
