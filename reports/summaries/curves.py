"""Curves over epochs: what a panel of learning curves shows, computed before anything is drawn."""

import dataclasses
import math
from collections.abc import Sequence
from typing import Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from reports.drawing import limits

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


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class CurveSummary:
    """Hold one panel of curves.

    Attributes:
        table: One row a series and epoch: ``series``, ``epoch``, ``mean`` over the trials, ``low``
            and ``high`` (95 % t interval over the trials; NaN below two), ``trials`` (how many
            had a finite value). Epochs where none had one are left out.
        measure: What is measured.
        name: The panel's title.
        unit: What stands beside the title.
        members: The trials the curves are a mean of.
        best_epoch: The epoch of the smallest mean validation loss.
        gap: The gap of the means there; positive is better on train.
        best_train: Mean train value there.
        best_validation: Mean validation value there.
        onset_epoch: Where overfitting sets in, if it does.
        x_limits: Where the axis of epochs starts and ends.
        y_limits: Where the axis starts and ends.
    """

    table: pd.DataFrame
    measure: Measure
    name: str
    unit: str
    members: tuple[str, ...]
    best_epoch: int | None
    gap: float
    best_train: float
    best_validation: float
    onset_epoch: int | None
    x_limits: tuple[float, float]
    y_limits: tuple[float, float]

    def drawn(self, series: str) -> pd.DataFrame:
        """Return the rows of one series that are drawn, in the order of epochs."""
        rows = self.table[self.table["series"] == series]
        keep = limits.thin_epochs(rows["epoch"].to_numpy(), (self.best_epoch, self.onset_epoch))
        return rows[keep]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Hold the words of a panel.

    Attributes:
        name: The title.
        unit: What stands beside the title.
        onset_epoch: Where overfitting sets in, to be marked; or None.
    """

    name: str
    unit: str = ""
    onset_epoch: int | None = None


def learning_curves(
    epochs: pd.DataFrame, members: Sequence[str], measure: Measure, panel: Panel
) -> CurveSummary:
    """Summarise the curves of one trial, or the mean curves of several.

    Args:
        epochs: The epochs table.
        members: Trials of one configuration.
        measure: ``loss``, ``score`` or ``gradient``.
        panel: What the panel is called.
    """
    rows = epochs[epochs["trial"].isin(list(members))]
    series = {name: _mean_over_trials(rows, column) for name, column in SERIES[measure].items()}
    best_epoch = _best_epoch(_mean_over_trials(rows, "validation_loss"))
    table = pd.concat([part.assign(series=name) for name, part in series.items()])
    at_best = [_value_at(series.get(name), best_epoch) for name in ("train", "validation")]
    sign = -1.0 if measure == "score" else 1.0
    return CurveSummary(
        table=table[["series", "epoch", "mean", "low", "high", "trials"]].reset_index(drop=True),
        measure=measure,
        name=panel.name,
        unit=panel.unit,
        members=tuple(members),
        best_epoch=best_epoch,
        gap=sign * (at_best[1] - at_best[0]),
        best_train=at_best[0],
        best_validation=at_best[1],
        onset_epoch=panel.onset_epoch,
        x_limits=_x_limits(table["epoch"]),
        y_limits=_limits(series, measure),
    )


def share_limits(summaries: Sequence[CurveSummary]) -> list[CurveSummary]:
    """Give panels that stand beside each other the same axes: the widest of theirs."""
    if not summaries:
        return []
    last = max(summary.x_limits[1] for summary in summaries)
    low = min(summary.y_limits[0] for summary in summaries)
    high = max(summary.y_limits[1] for summary in summaries)
    first = min(summary.x_limits[0] for summary in summaries)
    return [
        dataclasses.replace(summary, x_limits=(first, last), y_limits=(low, high))
        for summary in summaries
    ]


def side_by_side(summaries: Sequence[CurveSummary]) -> pd.DataFrame:
    """Return curves as a table to read: one row an epoch, one column a measure and series."""
    parts = [
        summary.table.pivot_table(index="epoch", columns="series", values="mean")
        .reindex(columns=list(SERIES[summary.measure]))
        .pipe(_name_columns, summary.measure)
        for summary in summaries
        if len(summary.table)
    ]
    if not parts:
        return pd.DataFrame({"epoch": pd.Series(dtype="int64")})
    return pd.concat(parts, axis=1).sort_index().reset_index()


def _mean_over_trials(rows: pd.DataFrame, column: str) -> pd.DataFrame:
    finite = rows[np.isfinite(rows[column].to_numpy(float))]
    grouped = finite.groupby("epoch", sort=True)[column]
    table = grouped.agg(mean="mean", sd="std", trials="count").reset_index()
    half = _half_width(table["sd"].to_numpy(float), table["trials"].to_numpy(np.int64))
    ends = {"low": table["mean"] - half, "high": table["mean"] + half}
    means: pd.DataFrame = table[["epoch", "mean", "trials"]]
    return means.assign(**ends)


def _half_width(sd: NDArray[np.float64], number: NDArray[np.int64]) -> NDArray[np.float64]:
    freedom = np.maximum(number - 1, 1)
    half = np.asarray(stats.t.ppf(0.975, freedom) * sd / np.sqrt(np.maximum(number, 1)))
    return np.where(number >= 2, half, np.nan)


def _best_epoch(validation: pd.DataFrame) -> int | None:
    if validation.empty:
        return None
    return int(validation["epoch"].iloc[int(validation["mean"].to_numpy().argmin())])


def _value_at(table: pd.DataFrame | None, epoch: int | None) -> float:
    if table is None or epoch is None:
        return math.nan
    rows = table.loc[table["epoch"] == epoch, "mean"]
    return float(rows.iloc[0]) if len(rows) else math.nan


def _x_limits(epochs: pd.Series) -> tuple[float, float]:
    last = int(epochs.max()) if len(epochs) else 1
    return (1.0, float(last)) if last > 2 else (0.5, last + 0.5)


def _limits(series: dict[str, pd.DataFrame], measure: Measure) -> tuple[float, float]:
    values = {name: table["mean"].to_numpy(float) for name, table in series.items()}
    if measure == "loss":
        return limits.loss_limits(values["train"], values["validation"])
    if measure == "gradient":
        (gradient,) = values.values()
        return limits.loss_limits(gradient, gradient)
    return limits.robust_limits(np.concatenate(list(values.values())))


def _name_columns(table: pd.DataFrame, measure: Measure) -> pd.DataFrame:
    suffix = "" if measure == "gradient" else f" {measure}"
    return table.set_axis([f"{name}{suffix}" for name in table.columns], axis=1)
