"""The scikit-learn part of the preprocessing: columns to numbers, and its file on disk."""

from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from sweep.data.dataset import Column
from sweep.data.table_dates import date_parts
from sweep.errors import StorageError

TRUSTED: Final = ("numpy.dtype",)  # beyond skops' own list: the output type of the encoder
LARGEST: Final = np.finfo(np.float32).max


def as_arrays(features: pd.DataFrame, columns: tuple[Column, ...]) -> pd.DataFrame:
    """Return the columns as scikit-learn takes them, named by place: float64, or objects.

    A missing category becomes the empty text, which no cell of a table can hold. Of a date there
    is a column for each of its parts.

    Args:
        features: A table with at least these columns.
        columns: The columns in the order of training.
    """
    arrays: dict[str, NDArray[Any]] = {}
    for place, column in enumerate(columns):
        cells = features[column.name]
        if column.kind == "categorical":
            arrays[f"x{place}"] = cells.astype("object").where(cells.notna(), "").to_numpy()
            continue
        numbers = cells.to_numpy(dtype=np.float64, na_value=np.nan)
        if column.kind == "date":
            parts = date_parts(numbers)
            parts["days"] = parts["days"] - (column.low or 0.0)  # since the first
            arrays |= {f"x{place} {part}": parts[part] for part in column.parts}
        else:
            arrays[f"x{place}"] = numbers
    return pd.DataFrame(arrays)


def column_transformer(columns: tuple[Column, ...], max_categories: int) -> ColumnTransformer:
    """Return the transformer, not yet fitted.

    Numbers and the parts of dates: median for missing ones, an indicator column where any was
    missing, standardised. Truth values: 0 or 1, the most frequent for missing ones, with an
    indicator. Categories: one column each, a missing one being a category; an unseen one has 0 in
    all of them.

    Args:
        columns: The feature columns.
        max_categories: One-hot columns per category column; the rarest share the last.
    """
    numeric = make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True),
        StandardScaler(),
    )
    boolean = SimpleImputer(strategy="most_frequent", add_indicator=True, keep_empty_features=True)
    categorical = OneHotEncoder(
        handle_unknown="ignore",
        max_categories=max_categories,
        sparse_output=False,
        dtype=np.float32,
    )
    steps = {"numeric": numeric, "boolean": boolean, "categorical": categorical}
    chosen: dict[str, list[str]] = {kind: [] for kind in steps}
    for place, column in enumerate(columns):
        if column.kind == "date":
            chosen["numeric"] += [f"x{place} {part}" for part in column.parts]
        else:
            chosen[column.kind].append(f"x{place}")
    return ColumnTransformer(
        [(kind, step, chosen[kind]) for kind, step in steps.items() if chosen[kind]],
        sparse_threshold=0.0,
    )


def known_categories(transformer: Any, columns: tuple[Column, ...]) -> dict[str, set[str]]:  # noqa: ANN401 - has no types
    """Return the categories that a fitted transformer has seen, by column; missing is "".

    Args:
        transformer: What `column_transformer` returned, fitted.
        columns: The feature columns.
    """
    names = [column.name for column in columns if column.kind == "categorical"]
    if not names:
        return {}
    seen = transformer.named_transformers_["categorical"].categories_
    return {name: set(categories) for name, categories in zip(names, seen, strict=True)}


def bounded(numbers: NDArray[Any]) -> NDArray[np.float32]:
    """Return float32; what scaling has driven beyond its range stays at its end."""
    if numbers.dtype != np.float32:
        numbers = np.clip(numbers, -LARGEST, LARGEST)
    return np.nan_to_num(numbers.astype(np.float32, copy=False), copy=False)


def write_transformer(transformer: Any, path: Path) -> None:  # noqa: ANN401 - has no types
    """Write a fitted transformer.

    Args:
        transformer: Of scikit-learn.
        path: The file.
    """
    import skops.io  # noqa: PLC0415 - takes a second, and only saving and loading need it

    skops.io.dump(transformer, path)


def read_transformer(path: Path) -> Any:  # noqa: ANN401 - scikit-learn has no types
    """Read a transformer; nothing but scikit-learn's and NumPy's own types is ever built.

    Args:
        path: The file.

    Raises:
        StorageError: The file is missing, damaged, or holds a type that is not trusted.
    """
    import skops.io  # noqa: PLC0415 - takes a second, and only saving and loading need it

    try:
        found = skops.io.get_untrusted_types(file=path)
        untrusted = sorted(set(found) - set(TRUSTED))
        if not untrusted:
            return skops.io.load(path, trusted=list(TRUSTED))
    except Exception as error:  # a damaged file makes skops raise anything
        raise StorageError(
            f"{path}: cannot be read ({error}); restore the file, or train again"
        ) from error
    raise StorageError(
        f"{path}: holds types that are not trusted ({', '.join(untrusted)}); "
        "restore the file, or train again"
    )
