"""Read new rows for a trained network: the same features, whatever else the file holds."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sweep.data.array_reader import read_npz
from sweep.data.arrays import check_features
from sweep.data.files import check_file, check_path, explain_memory, name_path
from sweep.data.names import RowPlaces, did_you_mean, listed, quoted
from sweep.data.preprocessing import Preprocessor
from sweep.data.table_columns import as_texts, read_boolean, read_numeric
from sweep.data.table_reader import TABLE_ENDINGS, RawTable, is_table, read_table
from sweep.errors import DataError


def read_rows(source: str, preprocessor: Preprocessor) -> pd.DataFrame | NDArray[np.generic]:
    """Read new rows with the features that a preprocessor was fitted to.

    Other columns are ignored, the target among them. Missing values and categories that were not
    seen in training are fine.

    Args:
        source: Path of a table (.csv, .csv.gz, .tsv, .tsv.gz, .parquet), or of an .npz file with
            the array ``x`` for a network that was trained on arrays.
        preprocessor: What was fitted in training.

    Returns:
        What ``preprocessor.transform`` takes; at least one row.

    Raises:
        DataError: The file cannot be read, a column is missing, a cell is no number where numbers
            are needed, or an array has another shape; all faults together.
    """
    check_path(source)
    try:
        return _read(source, preprocessor)
    except MemoryError as error:
        raise DataError(explain_memory(source)) from error


def _read(source: str, preprocessor: Preprocessor) -> pd.DataFrame | NDArray[np.generic]:
    if preprocessor.columns:
        if not is_table(source):
            check_file(source)
            raise DataError(
                f"{name_path(source)}: the network was trained on a table; give a file that ends "
                f"in {', '.join(TABLE_ENDINGS)}"
            )
        return _read_columns(read_table(source), preprocessor)
    if not source.lower().endswith(".npz"):
        check_file(source)
        raise DataError(
            f"{name_path(source)}: the network was trained on arrays; give an .npz file with the "
            "array x"
        )
    return _read_array(source, preprocessor)


def _read_columns(table: RawTable, preprocessor: Preprocessor) -> pd.DataFrame:
    names = [str(name) for name in table.frame.columns]
    source = name_path(table.places.source)
    features: dict[str, pd.Series | NDArray[np.float64]] = {}
    faults: list[str] = []
    for column in preprocessor.columns:
        if column.name not in names:
            advice = did_you_mean(column.name, names) or f"the columns are {listed(names)}"
            faults.append(f"{source}: has no column {quoted(column.name)}; {advice}")
            continue
        raw = table.frame[column.name]
        try:
            if column.kind == "numeric":
                features[column.name] = read_numeric(raw, column.name, table.places)
            elif column.kind == "boolean":
                features[column.name] = read_boolean(raw, column.name, table.places)
            else:
                features[column.name] = as_texts(raw)
        except DataError as error:
            faults.extend(error.faults)
    if faults:
        raise DataError(faults)
    return pd.DataFrame(features, index=table.frame.index)


def _read_array(source: str, preprocessor: Preprocessor) -> NDArray[np.generic]:
    parts = read_npz(source).parts
    if "x" not in parts:
        found = listed(parts) or "nothing"
        raise DataError(f"{name_path(source)}: has no array 'x'; it holds {found}")
    raw = parts["x"]
    if raw.ndim == 0 or len(raw) == 0:
        raise DataError(f"{name_path(source)}: x has no rows; give at least one")
    numbers = np.arange(len(raw), dtype=np.int64)
    places = RowPlaces(source=source, word="index", numbers=numbers)
    features = check_features(raw, places)
    if features.shape[1:] != preprocessor.input_shape:
        raise DataError(
            places.fault(
                f"x has rows of the shape {features.shape[1:]}, but the network takes "
                f"{preprocessor.input_shape}; give rows of that shape"
            )
        )
    if preprocessor.array_type == "uint8" and features.dtype != np.uint8:
        pixels = features.astype(np.float32)
        if not np.array_equal(pixels, np.clip(np.round(pixels), 0, 255)):
            raise DataError(
                places.fault(
                    "x holds other numbers than whole ones from 0 to 255, which the network was "
                    "trained on; do not scale the pixels"
                )
            )
    return features
