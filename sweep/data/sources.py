"""Load a data set: a bundled one by its name, or a user's file by its path."""

import os
from pathlib import Path
from typing import Final

from sweep.data.array_reader import read_idx_folder, read_npz
from sweep.data.arrays import ArrayNames, build_from_arrays
from sweep.data.bundled import BUNDLED, explain_unknown, load_bundled, refuse_columns
from sweep.data.dataset import Dataset
from sweep.data.files import check_file, check_path, explain_memory, name_path
from sweep.data.formats import describe_endings
from sweep.data.spec import DataSpec
from sweep.data.table_dataset import build_dataset
from sweep.data.table_reader import is_table, read_table
from sweep.errors import DataError

__all__ = ["BUNDLED", "ENDINGS", "load_dataset"]

ENDINGS: Final = describe_endings()
DEFAULT: Final = DataSpec()


def load_dataset(source: str, spec: DataSpec = DEFAULT, *, data_dir: str | None = None) -> Dataset:
    """Load and check a data set.

    Args:
        source: A key of BUNDLED; or the path of a file that ends as ``formats.FORMATS`` says, or
            of a folder with the four IDX files of an MNIST-like data set.
        spec: What is said of the data; by default everything is found out.
        data_dir: The folder with the IDX files of ``fashion-mnist``.

    Raises:
        DataError: Everything that is wrong with the data, found before any training.
    """
    try:
        return _load(source, spec, data_dir)
    except MemoryError as error:
        raise DataError(explain_memory(source)) from error


def _load(source: str, spec: DataSpec, data_dir: str | None) -> Dataset:
    if data_dir is not None and source != "fashion-mnist":
        raise DataError(
            f"--data-dir: belongs to fashion-mnist, not to {name_path(source)}; leave it out"
        )
    if source in BUNDLED:
        return load_bundled(source, spec, data_dir=data_dir)
    check_path(source)
    name = Path(source).name
    if is_table(source):
        return build_dataset(read_table(source, header=spec.header), name, spec)
    if source.lower().endswith(".npz"):
        refuse_columns(source, spec)
        return build_from_arrays(read_npz(source), ArrayNames(name=name, source=source), spec)
    return _load_folder(source, spec)


def _load_folder(source: str, spec: DataSpec) -> Dataset:
    path = Path(source)
    try:
        is_folder = path.is_dir()
    except OSError as error:  # a name longer than the file system takes
        raise DataError(
            f"{name_path(source)}: cannot be read ({error.strerror}); check the path"
        ) from error
    if is_folder:
        refuse_columns(source, spec)
        names = ArrayNames(name=path.resolve().name, source=source, labels=True)
        return build_from_arrays(read_idx_folder(source), names, spec)
    if os.path.lexists(source):
        check_file(source)  # says so where it is no regular file
        raise DataError(
            f"{name_path(source)}: its ending is none of {ENDINGS}; rename it after its format"
        )
    if path.suffix or os.sep in source:
        check_file(source)  # says that it does not exist, and what resembles it
    raise DataError(explain_unknown(source))
