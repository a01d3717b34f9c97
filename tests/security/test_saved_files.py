"""Files of a run that were swapped for ones that hold code: none of it is run."""

import ast
import json
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest

from sweep.runs.folder import RunFolder
from sweep.safe_files import file_digest

ROOT = Path(__file__).parents[2]
UNSAFE_MODULES = {"pickle", "cPickle", "dill", "joblib", "cloudpickle", "marshal", "shelve"}
UNSAFE_CALLS = {"eval", "exec", "__import__", "compile"}


class Touch:
    """Make a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


@pytest.fixture
def marker(tmp_path):
    """A file that is there if code was run."""
    yield tmp_path / "code-was-run"
    assert not (tmp_path / "code-was-run").exists()


def put_lambda(path, marker):
    """Put a layer of Python code into a saved network."""
    import keras  # noqa: PLC0415 - TensorFlow, which fast tests do without

    name = str(marker)
    saved = keras.models.load_model(path)
    inputs = keras.Input(saved.input_shape[1:])
    code = keras.layers.Lambda(lambda x: (__import__("pathlib").Path(name).touch(), x)[1])
    keras.Model(inputs, saved(code(inputs))).save(path)
    marker.unlink()  # it was run to build the network
    keras.models.load_model(path, safe_mode=False)
    marker.unlink()  # the attack is a real one


@pytest.mark.slow
@pytest.mark.parametrize("forged", [False, True], ids=["network", "network-and-manifest"])
def test_a_network_with_code_is_not_opened(sweep_copy, hostile, run, marker, forged):
    model = sweep_copy / "best" / "model.keras"
    put_lambda(model, marker)
    if forged:
        folder = RunFolder(sweep_copy)
        manifest = folder.read_manifest()
        manifest["winner"]["sha256"] = file_digest(model)
        folder.write_manifest(manifest)
    said = run("predict", sweep_copy, hostile.data)

    assert (said.code, said.out) == (5, "")
    reason = "Keras does not open it" if forged else "its SHA-256 is"
    assert said.err.startswith(f"error: {model}: {reason}")
    assert "safe_mode" not in said.err  # Keras' own message says how to run the code
    assert len(said.err.splitlines()) == 1


def forge_digests(best):
    """Make the small manifest say nothing of the preprocessing, as those of old runs."""
    path = best / "manifest.json"
    small = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({"schema": 1, "winner": small["winner"]}), encoding="utf-8")


@pytest.mark.slow
def test_a_pickle_in_place_of_the_preprocessing_is_not_read(sweep_copy, hostile, run, marker):
    path = sweep_copy / "best" / "preprocessing.skops"
    path.write_bytes(pickle.dumps(Touch(marker)))
    forge_digests(path.parent)
    said = run("predict", sweep_copy, hostile.data)

    assert (said.code, said.out) == (5, "")
    assert said.err.startswith(f"error: {path}: cannot be read (File is not a zip file)")


@pytest.mark.slow
def test_preprocessing_that_names_a_function_is_not_built(sweep_copy, hostile, run):
    path = sweep_copy / "best" / "preprocessing.skops"
    function = {
        "__class__": "system", "__module__": "os", "__loader__": "FunctionNode",
        "content": {"module_path": "os", "function": "system"}, "__id__": 1,
        "protocol": 2,
    }  # fmt: skip
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("schema.json", json.dumps(function | {"_skops_version": "0.16.0"}))
    forge_digests(path.parent)
    said = run("predict", sweep_copy, hostile.data)

    assert (said.code, said.out) == (5, "")
    assert said.err.startswith(f"error: {path}: holds types that are not trusted (")


def test_an_archive_of_python_objects_is_not_unpickled(run, tmp_path, marker):
    objects = np.array([Touch(marker)] * 40, dtype=object)
    np.savez(tmp_path / "evil.npz", x=objects, y=np.arange(40) % 2)
    said = run("data", "check", tmp_path / "evil.npz")

    assert said.code == 3
    assert "holds Python objects, which could run code when read" in said.err
    assert not marker.exists()
    np.load(tmp_path / "evil.npz", allow_pickle=True)["x"]
    marker.unlink()  # the attack is a real one


def test_nothing_that_reads_code_is_used():
    found = []
    for package in ("sweep", "studies", "reports"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                found += [(path.name, name) for name in _unsafe(node)]

    assert found == []


def _unsafe(node):
    if isinstance(node, ast.Import):
        yield from UNSAFE_MODULES & {alias.name.partition(".")[0] for alias in node.names}
    elif isinstance(node, ast.ImportFrom):
        yield from UNSAFE_MODULES & {(node.module or "").partition(".")[0]}
    elif isinstance(node, ast.Call):
        name = ast.unparse(node.func)
        yield from UNSAFE_CALLS & {name}
        yield from ["safe_mode"] if name.endswith("load_model") and not _safely(node) else []
        yield from [key.arg for key in node.keywords if key.arg == "allow_pickle"]


def _safely(call):
    return any(key.arg == "safe_mode" and ast.unparse(key.value) == "True" for key in call.keywords)
