"""The data sets that need no file of the user's: scikit-learn's own, and Fashion-MNIST."""

import dataclasses
import os
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from sklearn import datasets

from sweep.data.array_reader import Arrays, read_idx_folder
from sweep.data.arrays import ArrayNames, build_from_arrays
from sweep.data.dataset import Dataset
from sweep.data.files import fingerprint
from sweep.data.formats import describe_endings
from sweep.data.names import RowPlaces, did_you_mean, listed, quoted
from sweep.data.spec import DataSpec
from sweep.data.table_dataset import build_dataset
from sweep.data.table_reader import RawTable
from sweep.errors import DataError

BUNDLED: Final[dict[str, str]] = {
    "digits": "1,797 images of handwritten digits, 8x8; 10 classes",
    "breast-cancer": "569 tumours, 30 measurements; 2 classes",
    "wine": "178 wines, 13 measurements; 3 classes",
    "iris": "150 flowers, 4 measurements; 3 classes",
    "diabetes": "442 patients, 10 measurements; regression: progression after a year",
    "fashion-mnist": "70,000 images of clothes, 28x28, its own test split; 10 classes",
}

LOADERS: Final = {
    "breast-cancer": datasets.load_breast_cancer,
    "wine": datasets.load_wine,
    "iris": datasets.load_iris,
    "diabetes": datasets.load_diabetes,
}
TARGETS: Final = {
    "breast-cancer": "diagnosis",
    "wine": "cultivar",
    "iris": "species",
    "diabetes": "progression",
}

CLOTHES: Final = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
DEBIAN_FOLDER: Final = Path("/usr/share/datasets/fashion-mnist")


def load_bundled(name: str, spec: DataSpec, *, data_dir: str | None = None) -> Dataset:
    """Load a bundled data set.

    Args:
        name: A key of BUNDLED.
        spec: Target, group and task. Images have neither a target column nor groups.
        data_dir: Folder with the four IDX files of Fashion-MNIST.

    Raises:
        DataError: A column was named that the data set does not have, or Fashion-MNIST is not on
            this machine.
    """
    if name in LOADERS:
        return build_dataset(_read_table(name), name, _complete(name, spec))
    refuse_columns(name, spec)
    if name == "digits":
        bunch = datasets.load_digits()
        images = bunch.images.astype(np.float32)  # whole numbers from 0 to 16
        labels = bunch.target.astype(np.int64)
        digest = fingerprint(images.tobytes(), labels.tobytes())
        arrays = Arrays(parts={"x": images, "y": labels}, fingerprint=digest)
        names = ArrayNames(name=name, source=name, target="digit")
        return build_from_arrays(arrays, names, spec)
    names = ArrayNames(name=name, source=name, classes=CLOTHES, target="article")
    return build_from_arrays(read_idx_folder(_find_fashion_mnist(data_dir)), names, spec)


def refuse_columns(source: str, spec: DataSpec) -> None:
    """Refuse what is said of columns, or of the text of a file, where there are none.

    Raises:
        DataError: Something was.
    """
    said = {
        f.name: getattr(spec, f.name)
        for f in dataclasses.fields(spec)
        if f.name not in ("task", "log_target") and getattr(spec, f.name) not in (None, ())
    }
    faults = [
        f"--{name}: {quoted(source)} has no columns with names, so there is no"
        f" {listed(value if isinstance(value, tuple) else [str(value)])}; leave --{name} out"
        for name, value in said.items()
    ]
    if faults:
        raise DataError(faults)


def _complete(name: str, spec: DataSpec) -> DataSpec:
    target = spec.target or TARGETS[name]
    return dataclasses.replace(spec, target=target)


def _read_table(name: str) -> RawTable:
    bunch = LOADERS[name]()
    frame = pd.DataFrame(bunch.data, columns=[str(column) for column in bunch.feature_names])
    digest = fingerprint(bunch.data.tobytes(), bunch.target.tobytes())
    classes = bunch.get("target_names")
    if classes is None:
        frame[TARGETS[name]] = bunch.target
    else:
        frame[TARGETS[name]] = np.asarray(classes, dtype="str")[bunch.target]
    numbers = np.arange(1, len(frame) + 1, dtype=np.int64)
    places = RowPlaces(source=name, word="row", numbers=numbers)
    return RawTable(frame=frame, places=places, fingerprint=digest)


def _find_fashion_mnist(data_dir: str | None) -> str:
    if data_dir is not None:
        if not Path(data_dir).is_dir():
            raise DataError(f"--data-dir: {quoted(data_dir)} is no folder; check the path")
        return data_dir
    keras_home = os.environ.get("KERAS_HOME") or str(Path.home() / ".keras")
    cache = Path(keras_home) / "datasets" / "fashion-mnist"
    for folder in (DEBIAN_FOLDER, cache):
        if folder.is_dir():
            return str(folder)
    raise DataError(
        f"fashion-mnist: is neither in {DEBIAN_FOLDER} nor in {cache}, and nothing is downloaded "
        "silently; run 'apt-get install dataset-fashion-mnist' (Debian), or "
        "'python -c \"import keras; keras.datasets.fashion_mnist.load_data()\"', or give the "
        "folder of the four IDX files with --data-dir"
    )


def explain_unknown(name: str) -> str:
    """Say that a name is neither a bundled data set nor a file."""
    hint = did_you_mean(name, tuple(BUNDLED)) or f"bundled are {', '.join(BUNDLED)}"
    return (
        f"{quoted(name)}: is neither a bundled data set nor a file; {hint} "
        f"(files end in {describe_endings()})"
    )
