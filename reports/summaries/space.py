"""Hyperparameters: the validation score of every trial against each of its settings."""

import dataclasses
import math
from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reports import wording
from reports.drawing.limits import shared_limits
from reports.summaries.points import PointAxes, Scale, TrialPoints, place_trials

# Hidden layers without which a network does not have a hyperparameter, whatever its row holds.
FEWEST_LAYERS: Final = {"width": 1, "dropout": 1, "activation": 1, "shape": 2}


def hyperparameter(
    judged: pd.DataFrame, name: str, bounds: Mapping[str, Any], *, winner: str = ""
) -> TrialPoints | None:
    """Place each trial by one hyperparameter and its validation score.

    Args:
        judged: Trials with verdicts, as `with_verdicts` returns them.
        name: A column, or ``column.optimizer`` for what only one optimizer has.
        bounds: The manifest's bounds: ``low``, ``high`` and ``log``, or ``choices``.
        winner: The trial to point out.

    Returns:
        The points, or None where the value is fixed, the table has no such column or no trial
        has a value. A network with too few hidden layers to have one is left out.
    """
    column, _, optimizer = name.partition(".")
    if column not in judged.columns or "value" in bounds:
        return None
    rows = judged[judged["optimizer"] == optimizer] if optimizer else judged
    rows = rows[rows[column].notna() & _has_layers(rows, column)]
    if rows.empty:
        return None
    finished, pruned = (
        judged.loc[judged["outcome"] == outcome, "validation_score"].to_numpy(float)
        for outcome in ("finished", "pruned")
    )
    y_limits = shared_limits(finished, pruned)
    title = column.replace("_", " ").capitalize()
    title = f"{title} of {optimizer}" if optimizer else title
    if "choices" in bounds or not pd.api.types.is_numeric_dtype(rows[column]):
        return _categories(
            rows, column, bounds, _Titles(name=title, winner=winner, y_limits=y_limits)
        )
    low, high = float(bounds.get("low", math.nan)), float(bounds.get("high", math.nan))
    edges = (low, high) if math.isfinite(low) and math.isfinite(high) else None
    x = rows[column].astype(float)
    scale: Scale = "log" if bounds.get("log") and (x > 0).all() and low > 0 else "linear"
    axes = PointAxes(
        x_name=title, y_name="validation score", scale=scale, edges=edges, y_limits=y_limits
    )
    return place_trials(rows.assign(x=x, y=rows["validation_score"]), axes, winner)


def without_layers(judged: pd.DataFrame, names: Iterable[str]) -> dict[int, tuple[int, list[str]]]:
    """Count the trials that have too few hidden layers to have a hyperparameter.

    Args:
        judged: Trials with verdicts.
        names: Hyperparameters.

    Returns:
        By the fewest layers that are needed: the number of trials with fewer, and the names of
        what they do not have; only where there are such trials.
    """
    found: dict[int, tuple[int, list[str]]] = {}
    for name in names:
        trials = int((~_has_layers(judged, name)).sum())
        if trials:
            found.setdefault(FEWEST_LAYERS[name], (trials, []))[1].append(name)
    return found


def _has_layers(table: pd.DataFrame, column: str) -> NDArray[np.bool_]:
    fewest = FEWEST_LAYERS.get(column, 0)
    if not fewest or "depth" not in table.columns:
        return np.ones(len(table), dtype=np.bool_)
    return np.asarray(table["depth"].to_numpy(float) >= fewest)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Titles:
    name: str
    winner: str
    y_limits: tuple[float, float]


def _categories(
    rows: pd.DataFrame, column: str, bounds: Mapping[str, Any], titles: _Titles
) -> TrialPoints:
    names = list(dict.fromkeys(map(wording.choice, bounds.get("choices", ()))))
    values = rows[column].map(wording.choice)
    names += sorted(set(values) - set(names))
    places = values.map({name: float(place) for place, name in enumerate(names)})
    axes = PointAxes(
        x_name=titles.name,
        y_name="validation score",
        scale="category",
        categories=tuple(names),
        y_limits=titles.y_limits,
    )
    spread = _spread(rows.assign(x=places, y=rows["validation_score"]))
    return place_trials(spread, axes, titles.winner)


def _spread(table: pd.DataFrame) -> pd.DataFrame:
    """Move points of one category apart, by their place in the table and not by chance."""
    place = table.groupby("x").cumcount().to_numpy()
    golden = (place * 0.618033988749895) % 1.0
    return table.assign(x=table["x"] + 0.5 * (golden - 0.5))
