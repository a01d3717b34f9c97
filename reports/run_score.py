"""The score of a run: what it is called, how it is written, and where its values stand.

The only place that knows. A manifest lists the scores of its run, the one that is shown first
first; runs from before there was a choice have what every epoch is judged by, accuracy or R².
"""

import dataclasses
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from reports import wording

BY_EPOCH: Final = ("accuracy", "r2")  # the scores that epochs have, as ``validation_score``


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RunScore:
    """Hold a score of a run.

    Attributes:
        name: What settings and manifest call it.
        key: The same in the names of columns and facts.
        title: What a sentence calls it.
        higher: Whether more is better.
        unit: What it is counted in; empty for a pure number.
        bounds: The least and the most that it can be; None for no end.
        chooses: Whether it chose the winner; else the validation loss did.
    """

    name: str
    key: str
    title: str
    higher: bool = True
    unit: str = ""
    bounds: tuple[float | None, float | None] = (None, None)
    chooses: bool = False

    @property
    def heading(self) -> str:
        """Return the title as a heading begins, with its unit."""
        capital = f"{self.title[:1].upper()}{self.title[1:]}"
        return f"{capital}, {self.unit}" if self.unit else capital

    @property
    def is_by_epoch(self) -> bool:
        """Return whether it is what epochs are judged by."""
        return self.name in BY_EPOCH

    def write(self, value: float | None) -> str:
        """Write a value of it: what has no upper end to three significant digits."""
        return wording.score(value) if self.higher else wording.loss(value)

    def within(self, low: float, high: float) -> tuple[float, float]:
        """Return the ends of an interval, none of them beyond what it can be."""
        least, most = self.bounds
        return (
            low if least is None else max(low, least),
            high if most is None else min(high, most),
        )

    def gain(self, difference: float) -> float:
        """Return a difference so that more is better."""
        return difference if self.higher else -difference

    def of(self, table: pd.DataFrame, ending: str = "") -> "pd.Series[float]":
        """Return its validation values of trials, or of baselines with an ending such as ``_se``.

        Args:
            table: As of docs/tables.md, or from before it had all scores; then what is not known
                is NaN.
            ending: Of the column.
        """
        column = f"validation_{self.key}{ending}"
        if self.is_by_epoch and (column not in table or table[column].isna().all()):
            column = f"validation_score{ending}"
        if column not in table:
            return pd.Series(np.nan, index=table.index)
        return table[column].astype("float64")

    def best_first(self, trials: pd.DataFrame, *groups: str) -> pd.DataFrame:
        """Order trials by some columns, then by what chose the winner, the loss among equals."""
        cost = -self.of(trials) if self.higher else self.of(trials)
        by = [*groups, *(["_cost"] if self.chooses else []), "validation_loss", "trial"]
        return trials.assign(_cost=cost).sort_values(by).drop(columns="_cost")

    def best(self, baselines: pd.DataFrame) -> "BestBaseline | None":
        """Return the baseline with the best validation value; None if there is none."""
        values = self.of(baselines).to_numpy()
        if not np.isfinite(values).any():
            return None
        place = int(np.nanargmax(values) if self.higher else np.nanargmin(values))
        error = self.of(baselines, "_se").iloc[place]
        name = str(baselines["baseline"].iloc[place])
        return BestBaseline(name=name, value=float(values[place]), se=float(error))


ACCURACY: Final = RunScore(name="accuracy", key="accuracy", title="accuracy", bounds=(0.0, 1.0))
R2: Final = RunScore(name="r2", key="r2", title="R²", bounds=(None, 1.0))


class BestBaseline(NamedTuple):
    """Hold the best baseline: its name, its validation score and the standard error of that."""

    name: str
    value: float
    se: float


def run_scores(manifest: Mapping[str, Any]) -> list[RunScore]:
    """Return the scores of a run, the one that is shown first first.

    Args:
        manifest: Of any run.
    """
    chosen = (manifest.get("settings") or {}).get("score")
    names = ("name", "key", "title", "higher", "unit", "bounds")
    first = epoch_score(manifest)
    listed = manifest.get("scores") or [{name: getattr(first, name) for name in names}]
    return [
        RunScore(**{name: one[name] for name in names}, chooses=one["name"] == chosen)
        for one in listed
    ]


def run_score(manifest: Mapping[str, Any]) -> RunScore:
    """Return the score of a run that is shown first, and called ``score`` in its manifest."""
    return run_scores(manifest)[0]


def epoch_score(manifest: Mapping[str, Any]) -> RunScore:
    """Return the score that every epoch of a run is judged by."""
    return R2 if (manifest.get("data") or {}).get("task") == "regression" else ACCURACY
