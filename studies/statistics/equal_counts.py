"""One hyperparameter at a time: the best score over all the others, compared at equal counts.

More trials make a better best, so values of a hyperparameter that were tried more often look
better than they are. Each value, or bin of values, is therefore given the same number of draws: a
third of the trials of the least tried one that is worth comparing, since the interval of the best
of k needs three times k values.
"""

import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reports.wording import choice
from studies.statistics.best_of_curve import VALUES_PER_DRAW, jackknife_best
from sweep.space.applicable import column_of, has_parameter, range_of

MOST_BINS: Final = 8
FEWEST_BINS: Final = 2
TRIALS_PER_BIN: Final = 8  # about as many, or the bins are fewer
FEWEST_TRIALS: Final = 6  # in a bin that is worth comparing: two draws, or it is no best ...
LEAST_SHARE: Final = 0.5  # ... and this share of what the bins hold on average
HIGHEST: Final = 1.0  # that an accuracy or an R² can be
COLUMNS: Final = (
    "hyperparameter", "value", "low", "high", "trials", "draws", "expected", "lower", "upper",
)  # fmt: skip
TYPES: Final = dict.fromkeys(COLUMNS[:2], "str") | dict.fromkeys(COLUMNS[2:], "float64")


def compare_settings(trials: pd.DataFrame, bounds: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """Compare the values of each hyperparameter by the expected best validation score.

    Args:
        trials: The table of docs/tables.md; the finished trials of the search count.
        bounds: ``space_bounds`` of the manifest.

    Returns:
        One row a hyperparameter (by its key) and value: ``value`` (of a choice; ``""`` for a bin),
        ``low`` and ``high`` (ends of a bin; NaN for a choice), ``trials``, ``draws`` (of which the
        best is expected; 0 where the bin is not compared), ``expected``, ``lower``, ``upper``
        (its 95 % interval). Empty bins have no row. Bins are equally wide on the scale that was
        searched: one for each whole number, where they are at most 8, else up to 8, with about
        eight trials each.
    """
    is_search = (trials["stage"] == "search") & (trials["outcome"] == "finished")
    known = np.isfinite(trials["validation_score"].to_numpy(dtype=np.float64))
    finished = trials[is_search & known]
    tables = [
        _compared(_grouped(finished, str(key), bound))
        for key, bound in bounds.items()
        if "value" not in bound
    ]
    rows = [table for table in tables if len(table)]
    empty = pd.DataFrame({name: [] for name in COLUMNS})
    return (pd.concat(rows, ignore_index=True) if rows else empty)[list(COLUMNS)].astype(TYPES)


def _grouped(finished: pd.DataFrame, key: str, bound: Mapping[str, Any]) -> pd.DataFrame:
    """Return one row a value or bin, with its scores in a list."""
    own = finished[has_parameter(finished, key)]
    ends = range_of(bound)
    if own.empty:
        return pd.DataFrame()
    column, scores = own[column_of(key)], own["validation_score"]
    if ends is None:
        names = column.map(choice)
        order = [choice(one) for one in bound.get("choices") or ()]
        rows = [
            (key, name, math.nan, math.nan, scores[names == name].to_numpy(dtype=np.float64))
            for name in dict.fromkeys([*order, *sorted(names.unique())])
        ]
    else:
        values = column.to_numpy(dtype=np.float64)
        edges = _edges(values, ends)
        inside = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(edges) - 2)
        rows = [
            (key, "", edges[place], edges[place + 1],
             scores[inside == place].to_numpy(dtype=np.float64))
            for place in range(len(edges) - 1)
        ]  # fmt: skip
    return pd.DataFrame(rows, columns=[*COLUMNS[:4], "scores"])


def _edges(values: NDArray[np.float64], ends: tuple[float, float, bool]) -> NDArray[np.float64]:
    low, high, log = ends
    whole = bool((values % 1 == 0).all()) and low % 1 == 0 and high % 1 == 0
    if whole and not log and high - low < MOST_BINS:
        return np.arange(low, high + 2) - 0.5
    number = min(max(len(values) // TRIALS_PER_BIN, FEWEST_BINS), MOST_BINS)
    return np.geomspace(low, high, number + 1) if log else np.linspace(low, high, number + 1)


def _compared(groups: pd.DataFrame) -> pd.DataFrame:
    if groups.empty:
        return groups
    counts = groups["scores"].map(len)
    groups, counts = groups[counts > 0], counts[counts > 0]
    enough = counts >= max(FEWEST_TRIALS, LEAST_SHARE * counts.mean())
    draws = int(counts[enough].min()) // VALUES_PER_DRAW if enough.sum() > 1 else 0
    told = [
        jackknife_best(scores, draws, goal="max") if worth and draws else None
        for scores, worth in zip(groups["scores"], enough, strict=True)
    ]
    return groups.drop(columns="scores").assign(
        trials=counts,
        draws=[draws if one else 0 for one in told],
        expected=[one.estimate if one else math.nan for one in told],
        lower=[one.low if one else math.nan for one in told],
        upper=[min(one.high, HIGHEST) if one else math.nan for one in told],
    )
