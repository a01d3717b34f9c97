import gzip
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sweep.data import bundled
from sweep.data.sources import BUNDLED, load_dataset
from sweep.data.spec import DataSpec
from sweep.errors import DataError


@pytest.fixture
def idx_folder(tmp_path):
    folder = tmp_path / "clothes"
    folder.mkdir()
    for split, rows in (("train", 30), ("t10k", 10)):
        images = struct.pack(">HBB3I", 0, 8, 3, rows, 2, 2) + bytes(range(rows * 4))
        labels = struct.pack(">HBBI", 0, 8, 1, rows) + bytes(n % 10 for n in range(rows))
        (folder / f"{split}-images-idx3-ubyte.gz").write_bytes(gzip.compress(images))
        (folder / f"{split}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(labels))
    return folder


@pytest.mark.parametrize(
    ("name", "task", "shape", "classes"),
    [
        ("digits", "multiclass", (1797, 8, 8), 10),
        ("breast-cancer", "binary", (569, 30), 2),
        ("wine", "multiclass", (178, 13), 3),
        ("iris", "multiclass", (150, 4), 3),
        ("diabetes", "regression", (442, 10), 0),
    ],
)
def test_bundled_data_sets_load(name, task, shape, classes):
    dataset = load_dataset(name)
    assert (dataset.task, dataset.features.shape, len(dataset.class_names)) == (
        task,
        shape,
        classes,
    )
    assert dataset.name == dataset.source == name
    assert dataset.fingerprint == load_dataset(name).fingerprint


def test_bundled_tables_keep_their_column_names():
    assert load_dataset("iris").columns[0].name == "sepal length (cm)"
    assert load_dataset("breast-cancer").class_names == ("benign", "malignant")


def test_copy_in_iris_is_warned_of():
    assert [line for line in load_dataset("iris").warnings if line.startswith("1 row repeats")]


@pytest.mark.skipif(
    not bundled.DEBIAN_FOLDER.is_dir(), reason="needs Debian's dataset-fashion-mnist"
)
def test_fashion_mnist_of_debian_loads_with_its_own_test_split():
    dataset = load_dataset("fashion-mnist")
    assert dataset.features.shape == (70_000, 28, 28)
    assert dataset.features.dtype == np.uint8
    assert dataset.test_rows.sum() == 10_000
    assert dataset.class_names[9] == "Ankle boot"
    assert np.bincount(dataset.target).tolist() == [7000] * 10


def test_fashion_mnist_loads_from_a_named_folder(idx_folder):
    dataset = load_dataset("fashion-mnist", data_dir=str(idx_folder))
    assert len(dataset) == 40
    assert dataset.class_names[0] == "T-shirt/top"


def test_fashion_mnist_loads_from_the_cache_of_keras(idx_folder, monkeypatch, tmp_path):
    monkeypatch.setattr(bundled, "DEBIAN_FOLDER", tmp_path / "none")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    (tmp_path / "keras" / "datasets").mkdir(parents=True)
    idx_folder.rename(tmp_path / "keras" / "datasets" / "fashion-mnist")
    assert len(load_dataset("fashion-mnist")) == 40


def test_absent_fashion_mnist_says_how_to_get_it(monkeypatch, tmp_path):
    monkeypatch.setattr(bundled, "DEBIAN_FOLDER", tmp_path / "none")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    with pytest.raises(DataError, match=r"apt-get install dataset-fashion-mnist.*--data-dir"):
        load_dataset("fashion-mnist")


def test_wrong_data_dir_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"--data-dir: .*is no folder"):
        load_dataset("fashion-mnist", data_dir=str(tmp_path / "none"))
    with pytest.raises(DataError, match="--data-dir: belongs to fashion-mnist, not to digits"):
        load_dataset("digits", data_dir=str(tmp_path))


def test_folder_of_idx_files_is_a_data_set(idx_folder):
    dataset = load_dataset(str(idx_folder))
    assert dataset.name == "clothes"
    assert dataset.class_names == tuple("0123456789")
    assert dataset.test_rows.sum() == 10


def test_task_of_a_bundled_data_set_can_be_asked_for():
    assert load_dataset("digits", DataSpec(task="regression")).task == "regression"
    with pytest.raises(DataError, match="'setosa' is no number"):
        load_dataset("iris", DataSpec(task="regression"))


def test_another_column_of_a_bundled_table_can_be_the_target():
    dataset = load_dataset("iris", DataSpec(target="petal width (cm)"))
    assert dataset.task == "regression"
    assert dataset.columns[-1].name == "species"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("digit", "'digit': is neither a bundled data set nor a file; did you mean 'digits'"),
        ("zzz", "is neither a bundled data set nor a file; bundled are digits, "),
        ("nowhere/data.xyz", "does not exist"),
        ("data.txt", r"data\.txt: does not exist"),
        ("https://example.org/data.csv", "is an address"),
        ("s3://bucket/data", "is an address"),
        ("", "the path is empty"),
        ("a\0b.csv", "holds a NUL character"),
        ("x" * 500, "cannot be read"),
        ("x" * 500 + ".csv", "cannot be read"),
        ("/dev/null", "is a pipe or a device"),
        ("\x1b[31m.csv", "\N{REPLACEMENT CHARACTER}\\[31m.csv: does not exist"),
    ],
)
def test_bad_sources_are_explained(source, message):
    with pytest.raises(DataError, match=message) as caught:
        load_dataset(source)
    assert str(caught.value).isprintable()


def test_unknown_ending_is_refused(tmp_path):
    path = tmp_path / "data.xlsx"
    path.write_bytes(b"PK")
    with pytest.raises(DataError, match=r"its ending is none of \.csv, .*\.parquet, \.npz;"):
        load_dataset(str(path))


def test_every_bundled_data_set_is_described():
    assert list(BUNDLED) == [
        "digits",
        "breast-cancer",
        "wine",
        "iris",
        "diabetes",
        "fashion-mnist",
    ]
    assert all(BUNDLED.values())


@pytest.mark.slow
def test_a_hundred_thousand_rows_are_loaded(tmp_path):
    path = Path(tmp_path / "large.csv")
    numbers = np.random.default_rng(0).normal(size=(100_000, 10)).round(6)
    header = ",".join([f"x{place}" for place in range(9)] + ["y"])
    np.savetxt(path, numbers, delimiter=",", header=header, comments="", fmt="%.6f")
    assert len(load_dataset(str(path))) == 100_000


@pytest.mark.slow
def test_loading_imports_neither_tensorflow_nor_optuna():
    code = (
        "import sys, sweep.data.sources, sweep.data.preprocessing, sweep.data.rows_reader\n"
        "sys.exit(any(name in sys.modules for name in ('tensorflow', 'keras', 'optuna')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
