"""Curves over epochs: of one trial, or the mean of several with its interval."""

import dataclasses
import math
from collections.abc import Sequence
from typing import Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from reports import theme
from reports.drawing import limits
from reports.drawing.lines import Axis, Lines, Look

Measure = Literal["loss", "score", "gradient"]

SERIES: Final[dict[Measure, dict[str, str]]] = {
    "loss": {
        "train": "train_loss",
        "validation": "validation_loss",
        "running": "running_loss",
    },
    "score": {"train": "train_score", "validation": "validation_score"},
    "gradient": {"gradient norm": "gradient_norm"},
}
MARKS: Final = theme.MEASURED_MARKS
LOOKS: Final = {
    "train": Look(mark=MARKS["train"], label="train"),
    "validation": Look(mark=MARKS["validation"], label="validation"),
    "running": Look(
        mark=MARKS["train"], label="running", width=1.0, dashes=(2, 1.5), is_marked=False
    ),
    "gradient norm": Look(mark=MARKS["gap"], width=1.5),
}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Curves:
    """Hold the curves of one measure.

    Attributes:
        table: One row a series and epoch: ``series``, ``epoch``, ``mean`` over the trials, ``low``
            and ``high`` (95 % t interval over the trials; NaN below two), ``trials`` (how many
            had a finite value). Epochs where none had one are left out.
        measure: What is measured.
        members: The trials the curves are a mean of.
        best_epoch: The epoch of the smallest mean validation loss.
        gap: The gap of the means there; positive is better on train.
        best: Mean train and validation value there.
        x_limits: Where the axis of epochs starts and ends.
        y_limits: Where the axis starts and ends.
    """

    table: pd.DataFrame
    measure: Measure
    members: tuple[str, ...]
    best_epoch: int | None
    gap: float
    best: tuple[float, float]
    x_limits: tuple[float, float]
    y_limits: tuple[float, float]

    def panel(
        self, title: str, remark: str = "", *, name: str = "", onset: int | None = None
    ) -> Lines:
        """Lay out the curves, the best epoch marked and the gap shaded.

        Args:
            title: What is drawn.
            remark: Its unit.
            name: The accessible name; the title if there is none.
            onset: Where overfitting sets in; None if it does not.
        """
        rows = self.table.rename(columns={"epoch": "x", "mean": "y"}).reset_index(drop=True)
        keep = (self.best_epoch, onset)
        shown = [
            part[limits.thin_epochs(part["x"].to_numpy(), keep)]
            for _, part in rows.groupby("series", sort=False)
        ]
        drawn = pd.concat(shown, ignore_index=True) if shown else rows
        is_pair = drawn["series"].isin(["train", "validation"])
        alone = drawn.groupby("series")["x"].transform("size") == 1
        wide = drawn[is_pair].pivot_table(index="x", columns="series", values="y").reset_index()
        shade = wide.dropna() if {"train", "validation"} <= set(wide) else wide.iloc[:0]
        marks = []
        if self.best_epoch is not None:
            more = f", overfits from {onset}" if onset is not None else ""
            marks = [(float(self.best_epoch), f"best epoch {self.best_epoch}{more}")]
        return Lines(
            name=name or title,
            title=title,
            remark=remark,
            table=drawn.assign(dot=(is_pair & (drawn["x"] == self.best_epoch)) | alone),
            looks={series: LOOKS[series] for series in SERIES[self.measure]},
            x=Axis(name="epoch", limits=self.x_limits, is_whole=True),
            y=Axis(limits=self.y_limits),
            shade=shade,
            marks=marks,
            onset=onset if marks else None,
        )


def learning_curves(epochs: pd.DataFrame, members: Sequence[str], measure: Measure) -> Curves:
    """Find the curves of one trial, or the mean curves of several.

    Args:
        epochs: The epochs table.
        members: Trials of one configuration.
        measure: ``loss``, ``score`` or ``gradient``.
    """
    rows = epochs[epochs["trial"].isin(list(members))]
    series = {name: _mean_over_trials(rows, column) for name, column in SERIES[measure].items()}
    best_epoch = _best_epoch(_mean_over_trials(rows, "validation_loss"))
    table = pd.concat([part.assign(series=name) for name, part in series.items()])
    train, validation = (_value_at(series.get(n), best_epoch) for n in ("train", "validation"))
    last = int(table["epoch"].max()) if len(table) else 1
    values = {name: part["mean"].to_numpy(float) for name, part in series.items()}
    return Curves(
        table=table[["series", "epoch", "mean", "low", "high", "trials"]].reset_index(drop=True),
        measure=measure,
        members=tuple(members),
        best_epoch=best_epoch,
        gap=train - validation if measure == "score" else validation - train,
        best=(train, validation),
        x_limits=(1.0, float(last)) if last > 2 else (0.5, last + 0.5),
        y_limits=_limits(values, measure),
    )


def share_limits(curves: Sequence[Curves]) -> list[Curves]:
    """Give panels that stand beside each other the same axes: the widest of theirs."""
    if not curves:
        return []
    ends = [np.array([getattr(one, name) for one in curves]) for name in ("x_limits", "y_limits")]
    x, y = ((float(both[:, 0].min()), float(both[:, 1].max())) for both in ends)
    return [dataclasses.replace(one, x_limits=x, y_limits=y) for one in curves]


def side_by_side(curves: Sequence[Curves]) -> pd.DataFrame:
    """Return curves as a table to read: one row an epoch, one column a measure and series."""
    parts = []
    for one in curves:
        names = list(SERIES[one.measure])
        if len(one.table):
            wide = one.table.pivot_table(index="epoch", columns="series", values="mean")
            ending = "" if one.measure == "gradient" else f" {one.measure}"
            titles = [f"{name}{ending}" for name in names]
            parts.append(wide.reindex(columns=names).set_axis(titles, axis=1))
    if not parts:
        return pd.DataFrame({"epoch": pd.Series(dtype="int64")})
    return pd.concat(parts, axis=1).sort_index().reset_index()


def _mean_over_trials(rows: pd.DataFrame, column: str) -> pd.DataFrame:
    finite = rows[np.isfinite(rows[column].to_numpy(float))]
    grouped = finite.groupby("epoch", sort=True)[column]
    table = grouped.agg(mean="mean", sd="std", trials="count").reset_index()
    number = table["trials"].to_numpy(np.int64)
    half = stats.t.ppf(0.975, np.maximum(number - 1, 1)) * table["sd"] / np.sqrt(number)
    half = half.where(number >= 2)
    means: pd.DataFrame = table[["epoch", "mean", "trials"]]
    return means.assign(low=table["mean"] - half, high=table["mean"] + half)


def _best_epoch(validation: pd.DataFrame) -> int | None:
    if validation.empty:
        return None
    return int(validation["epoch"].iloc[int(validation["mean"].to_numpy().argmin())])


def _value_at(table: pd.DataFrame | None, epoch: int | None) -> float:
    if table is None or epoch is None:
        return math.nan
    rows = table.loc[table["epoch"] == epoch, "mean"]
    return float(rows.iloc[0]) if len(rows) else math.nan


def _limits(values: dict[str, NDArray[np.float64]], measure: Measure) -> tuple[float, float]:
    if measure == "loss":
        return limits.loss_limits(values["train"], values["validation"])
    if measure == "gradient":
        (gradient,) = values.values()
        return limits.loss_limits(gradient, gradient)
    return limits.robust_limits(np.concatenate(list(values.values())))
