"""Columns of texts in Arrow, which matches patterns far faster than Python does."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray


def as_arrow(texts: pd.Series) -> pa.Array:
    """Return a column of texts, or of missing cells, as one array of strings."""
    column = pa.array(texts, pa.string(), from_pandas=True)
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def encode(texts: pd.Series) -> tuple[pa.Array, NDArray[np.int64]]:
    """Return the different texts, and for each cell where its text stands; -1 for a missing one."""
    coded = as_arrow(texts).dictionary_encode()
    return coded.dictionary, coded.indices.fill_null(-1).to_numpy().astype(np.int64)


def matches(column: pa.Array, pattern: str) -> NDArray[np.bool_]:
    """Return in which texts a pattern is found, bool [rows]; in missing ones it is not."""
    found = pc.fill_null(pc.match_substring_regex(column, pattern), fill_value=False)
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.bool_)
