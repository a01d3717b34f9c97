"""Which rows of a trials table have a hyperparameter at all, and where its values lie in its range.

The space is a tree: momentum belongs to SGD, each optimizer has its own learning rate, and without
hidden layers there is no width. A table of trials is a rectangle, and holds something for those as
well; whoever compares the values of a hyperparameter has to leave such rows out.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sweep.space.search_space import FEWEST_LAYERS, OWNERS


def column_of(key: str) -> str:
    """Return the column that holds a hyperparameter, such as ``learning_rate`` of one optimizer."""
    return key.partition(".")[0]


def has_parameter(trials: pd.DataFrame, key: str) -> NDArray[np.bool_]:
    """Tell which trials have a hyperparameter.

    Args:
        trials: The table of docs/tables.md.
        key: As in the search space, such as ``learning_rate.adam``.

    Returns:
        bool [trials]; False everywhere where the table has no such column.
    """
    column, _, optimizer = key.partition(".")
    if column not in trials:
        return np.zeros(len(trials), dtype=np.bool_)
    has = trials[column].notna().to_numpy(dtype=np.bool_)
    if column in FEWEST_LAYERS:
        has = has & (trials["depth"].to_numpy(dtype=np.float64) >= FEWEST_LAYERS[column])
    owners = (optimizer,) if optimizer else OWNERS.get(column)
    return has & trials["optimizer"].isin(owners).to_numpy(dtype=np.bool_) if owners else has


def range_of(bound: Mapping[str, Any]) -> tuple[float, float, bool] | None:
    """Return the ends of a range and whether it is searched on a log scale.

    Args:
        bound: As the manifest's ``space_bounds`` has it.

    Returns:
        None for choices, for a fixed value and for ends that are no numbers.
    """
    try:
        low, high = float(bound["low"]), float(bound["high"])
    except (KeyError, TypeError, ValueError):
        return None
    if not (np.isfinite(low) and np.isfinite(high) and low < high):
        return None
    return low, high, bool(bound.get("log")) and low > 0


def places(values: NDArray[np.float64], ends: tuple[float, float, bool]) -> NDArray[np.float64]:
    """Return where values lie in a range, on its own scale.

    Args:
        values: float64 [n].
        ends: As `range_of` returns them.

    Returns:
        float64 [n], 0 at the lower end and 1 at the upper; values beyond stand at the end.
    """
    low, high, log = ends
    inside = np.clip(values, low, high)
    if log:
        return np.asarray(np.log(inside / low) / np.log(high / low))
    return np.asarray((inside - low) / (high - low))
