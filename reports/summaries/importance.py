"""How much each hyperparameter matters: the rows of a figure, the most important first."""

import dataclasses
import math
from typing import Final

import numpy as np
import pandas as pd

METHODS: Final = ("PED-ANOVA", "fANOVA")
MOST_ROWS: Final = 12


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ImportanceSummary:
    """Hold the importance of the hyperparameters for one measure.

    Attributes:
        measure: ``score`` or ``gap``.
        rows: One row a method and hyperparameter: ``method``, ``hyperparameter``, ``place`` (its
            row in the figure), ``importance``, ``low``, ``high``.
        names: The hyperparameters, the most important by the mean of the methods first.
        methods: Those that there are.
        trials: Number of finished trials that it rests on.
        even: What each would have if all mattered the same.
        leaders: The first hyperparameter of each method, its importance, and whether its interval
            lies above that of the second.
    """

    measure: str
    rows: pd.DataFrame
    names: tuple[str, ...]
    methods: tuple[str, ...]
    trials: int
    even: float
    leaders: dict[str, tuple[str, float, bool]]


def importance(table: pd.DataFrame, measure: str) -> ImportanceSummary | None:
    """Order the hyperparameters by how much they matter for one measure.

    Args:
        table: As `reports.content.SweepContent` has it; may have no row, nor any column.
        measure: ``score`` or ``gap``.

    Returns:
        None where nothing was measured.
    """
    rows = table[table["measure"] == measure] if len(table) else table
    if rows.empty:
        return None
    means = rows.groupby("hyperparameter")["importance"].mean()
    order = sorted(means.index, key=lambda name: (-means[name], name))
    names = tuple(str(name) for name in order[:MOST_ROWS])
    places = {name: place for place, name in enumerate(names)}
    kept = rows[rows["hyperparameter"].isin(names)]
    shown = kept.assign(place=kept["hyperparameter"].map(places).astype("int64"))
    methods = tuple(name for name in METHODS if (rows["method"] == name).any())
    return ImportanceSummary(
        measure=measure,
        rows=shown.sort_values(["place", "method"], kind="stable").reset_index(drop=True),
        names=names,
        methods=methods,
        trials=int(rows["trials"].max()),
        even=1 / len(means),
        leaders={method: _leader(rows[rows["method"] == method]) for method in methods},
    )


def _leader(rows: pd.DataFrame) -> tuple[str, float, bool]:
    ordered = rows.sort_values(["importance", "hyperparameter"], ascending=[False, True])
    first = ordered.iloc[0]
    others = ordered["high"].iloc[1:].to_numpy(dtype=float)
    low = float(first["low"])
    known = others[np.isfinite(others)]
    is_clear = math.isfinite(low) and bool(len(known)) and bool(low > known.max())
    return str(first["hyperparameter"]), float(first["importance"]), is_clear
