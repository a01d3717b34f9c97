"""Read new rows for a trained network: the same features, whatever else the file holds."""

import contextlib
import dataclasses
import re
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sweep.data.array_reader import read_npz
from sweep.data.arrays import check_features
from sweep.data.dataset import Column
from sweep.data.files import check_file, check_path, explain_memory, name_path
from sweep.data.names import RowPlaces, did_you_mean, listed, quoted
from sweep.data.new_columns import read_new, read_unit
from sweep.data.preprocessing import Preprocessor, in_floats
from sweep.data.spec import DataSpec
from sweep.data.table_columns import find_file_decimals
from sweep.data.table_reader import TABLE_ENDINGS, RawTable, is_table, read_table
from sweep.data.transformer import known_categories
from sweep.errors import DataError

MOST_DEVIATIONS: Final = 10  # of the training rows, within which a number is nothing unheard of
FAINT: Final = 1 / 16  # of the range: bytes of 0 and 1 for a network of 0 to 255
MOST_GUESSED: Final = 3  # of the columns that are missing
NUMBERED: Final = re.compile(r"column [0-9]+")  # as columns without a header are called
WHOLE: Final = re.compile(r"([+-]?\d+)\.0+")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class NewRows:
    """Hold rows to predict.

    Attributes:
        features: What ``Preprocessor.transform`` takes; at least one row.
        ids: The columns that are carried into the predictions.
        unseen: What training never saw, a line a column.
    """

    features: pd.DataFrame | NDArray[np.generic]
    ids: pd.DataFrame
    unseen: tuple[str, ...]


def read_rows(source: str, preprocessor: Preprocessor) -> NewRows:
    """Read new rows with the features that a preprocessor was fitted to.

    Other columns are ignored, the target among them.

    Args:
        source: Path of a table, or of an .npz file with the array ``x`` for a network that was
            trained on arrays.
        preprocessor: What was fitted in training.

    Raises:
        DataError: The file cannot be read, a column is missing, a cell is no number where numbers
            are needed, or an array has another shape; all faults together.
    """
    check_path(source)
    try:
        return _read(source, preprocessor)
    except MemoryError as error:
        raise DataError(explain_memory(source)) from error


def _read(source: str, preprocessor: Preprocessor) -> NewRows:
    if preprocessor.columns:
        if not is_table(source):
            check_file(source)
            raise DataError(
                f"{name_path(source)}: the network was trained on a table; give a file that ends "
                f"in {', '.join(TABLE_ENDINGS)}"
            )
        return _read_columns(_read_table(source, preprocessor), preprocessor)
    if not source.lower().endswith(".npz"):
        check_file(source)
        raise DataError(
            f"{name_path(source)}: the network was trained on arrays; give an .npz file with the "
            "array x"
        )
    return _read_array(source, preprocessor)


def _read_table(source: str, preprocessor: Preprocessor) -> RawTable:
    """Read a table, without a header where training had none and the names are not there."""
    wanted = [column.name for column in preprocessor.columns]
    if all(map(NUMBERED.fullmatch, wanted)):
        with contextlib.suppress(DataError):  # such as that a header is all there is
            table = read_table(source)
            if set(wanted) <= set(table.frame.columns):
                return table
        return read_table(source, header=False)
    return read_table(source)


def _read_columns(table: RawTable, preprocessor: Preprocessor) -> NewRows:
    frame, places = table.frame, table.places
    faults: list[str] = []
    wanted = [column.name for column in preprocessor.columns]
    if missing := [name for name in wanted if name not in frame]:
        faults.append(_explain_missing(missing, frame, name_path(places.source)))
    decimals = find_file_decimals(
        frame[[name for name in wanted if name in frame]], DataSpec(), table.separator
    )
    features: dict[str, pd.Series | NDArray[np.float64]] = {}
    for column in preprocessor.columns:
        if column.name in frame:
            try:
                features[column.name] = read_new(
                    frame[column.name], column, places, decimal=decimals.get(column.name, ".")
                )
            except DataError as error:
                faults.extend(error.faults)
    if faults:
        raise DataError(faults)
    cells = pd.DataFrame(features, index=frame.index)
    known = known_categories(preprocessor.transformer, preprocessor.columns)
    unseen = []
    for column in preprocessor.columns:
        where = f"column {quoted(column.name)}"
        if column.name in known:
            cells[column.name] = _respelled(cells[column.name], known[column.name])
            unseen += _unseen_categories(cells[column.name], known[column.name], where, places)
        else:
            unseen += _unseen_numbers(cells[column.name], column, where, places)
        unit = read_unit(frame[column.name]) if column.unit else ""
        if unit not in ("", column.unit):
            unseen.append(f"{where}: the unit is {quoted(unit)}, in training {quoted(column.unit)}")
    absent = [name for name in preprocessor.id_columns if name not in frame]
    unseen += [f"column {quoted(name)}: is not there to be carried along" for name in absent]
    ids = frame[[name for name in preprocessor.id_columns if name in frame]]
    return NewRows(features=cells, ids=ids, unseen=tuple(unseen))


def _explain_missing(missing: list[str], frame: pd.DataFrame, source: str) -> str:
    """Say in one line which columns there are not, and which may be meant."""
    names = [str(name) for name in frame.columns]
    word = "column" if len(missing) == 1 else "columns"
    guesses = [did_you_mean(name, names) for name in missing[:MOST_GUESSED]]
    advice = " ".join(guess for guess in guesses if guess)
    its = f"its columns are {listed(names, most=10)}"
    return f"{source}: has no {word} {listed(missing, most=5)}; {advice or its}"


def _respelled(cells: pd.Series, known: set[str]) -> pd.Series:
    """Write whole numbers, such as 1 and 1.0, as training had them."""
    spelling = {WHOLE.sub(r"\1", name): name for name in known}
    others = [text for text in cells.dropna().unique() if text not in known]
    alike = {text: spelling.get(WHOLE.sub(r"\1", text)) for text in others}
    return cells.replace({text: name for text, name in alike.items() if name is not None})


def _unseen_categories(
    cells: pd.Series, known: set[str], where: str, places: RowPlaces
) -> list[str]:
    lines = []
    others = [str(text) for text in cells.dropna().unique() if text not in known]
    if others:
        guess = did_you_mean(others[0], sorted(known - {""})) if len(others) == 1 else ""
        here = cells.isin(others).to_numpy()
        shown = f"{listed(others, most=3)} ({places.of(here)})"
        lines.append(f"{where}: training never saw {shown}{'; ' if guess else ''}{guess}")
    if cells.isna().any() and "" not in known:
        lines.append(_no_value(cells, where, places))
    return lines


def _unseen_numbers(cells: pd.Series, column: Column, where: str, places: RowPlaces) -> list[str]:
    lines = []
    if column.low is not None and column.high is not None:
        span = column.high - column.low
        far = ((cells < column.low - span) | (cells > column.high + span)).to_numpy(dtype=np.bool_)
        if far.any():
            shown = _shown(float(cells[far].iloc[0]), column)
            low, high = _shown(column.low, column), _shown(column.high, column)
            lines.append(
                f"{where}: {shown} ({places.of(far)}) is far outside of training: {low} to {high}"
            )
    if cells.isna().any() and not column.missing:
        lines.append(_no_value(cells, where, places))
    return lines


def _shown(value: float, column: Column) -> str:
    if column.kind == "date":
        return str(np.datetime64(0, "D") + np.timedelta64(int(np.clip(value, -1e6, 1e6)), "D"))
    return f"{value + column.origin:g}"


def _no_value(cells: pd.Series, where: str, places: RowPlaces) -> str:
    return f"{where}: no value ({places.of(cells.isna().to_numpy())}); in training none was missing"


def _read_array(source: str, preprocessor: Preprocessor) -> NewRows:
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
        pixels = in_floats(features)
        if not np.array_equal(pixels, np.clip(np.round(pixels), 0, 255)):
            raise DataError(
                places.fault(
                    "x holds other numbers than whole ones from 0 to 255, which the network was "
                    "trained on; do not scale the pixels"
                )
            )
    return NewRows(
        features=features,
        ids=pd.DataFrame(index=range(len(raw))),
        unseen=_unseen_values(features, preprocessor, places),
    )


def _unseen_values(
    features: NDArray[np.generic], preprocessor: Preprocessor, places: RowPlaces
) -> tuple[str, ...]:
    """Say where numbers of an array are far from those of training."""
    scaled = preprocessor.transform(features).reshape(len(features), -1)
    if preprocessor.transformer is None:  # images, which were from 0 to 1
        if 0 < scaled.max() <= FAINT:
            return ("x: all numbers are near the low end of those of training; another scale?",)
        beyond = (scaled < -1) | (scaled > 2)
    else:
        beyond = np.abs(scaled) > MOST_DEVIATIONS
    far: NDArray[np.bool_] = np.asarray(beyond.any(axis=1))
    return (f"x: numbers far outside of training at {places.of(far)}",) if far.any() else ()
