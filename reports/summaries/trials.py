"""Trials as points: gap against capacity, train against validation, score against a setting."""

import dataclasses
import math
from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from reports.drawing import limits
from reports.judged import is_finished, is_measured
from reports.summaries.points import (
    PointAxes,
    Scale,
    TrialPoints,
    log_limits,
    place_trials,
)

WIDE: Final = 20.0  # times the smallest loss that the largest must be for a log scale
WIDE_WITH_PRUNED: Final = 4.0  # what was stopped early lies far off: the others need the room


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Correlation:
    """Hold a rank correlation with its 95 % interval; NaN where four trials or fewer allow none."""

    rho: float
    low: float
    high: float
    trials: int


def capacity(judged: pd.DataFrame, *, winner: str = "") -> TrialPoints:
    """Place each trial by its capacity and its loss gap.

    Args:
        judged: Trials with verdicts, as `with_verdicts` returns them.
        winner: The trial to point out.
    """
    table = judged.assign(x=judged["parameters"].astype(float), y=judged["loss_gap"])
    low, high = limits.shared_limits(*_by_outcome(table, ["y"]))
    axes = PointAxes(
        x_name="trainable parameters",
        y_name="loss gap",
        scale="log",
        y_limits=(min(low, 0.0), max(high, 0.0)),
    )
    return place_trials(table, axes, winner)


def fit_map(judged: pd.DataFrame, *, winner: str = "") -> TrialPoints:
    """Place each trial by its train and its validation loss; the diagonal is no gap.

    Args:
        judged: Trials with verdicts, as `with_verdicts` returns them.
        winner: The trial to point out.
    """
    table = judged.assign(x=judged["train_loss"], y=judged["validation_loss"])
    # what a diverged trial had before says nothing here
    table["x"] = table["x"].where(is_measured(table, "x", "y"))
    finished, pruned = _by_outcome(table, ["x", "y"])
    both = np.concatenate([finished, pruned])
    wide = WIDE_WITH_PRUNED if len(pruned) else WIDE
    positive = bool(len(both)) and bool((both > 0).all())
    scale: Scale = "log" if positive and both.max() > wide * both.min() else "linear"
    bounds = log_limits(both) if scale == "log" else limits.shared_limits(finished, pruned)
    axes = PointAxes(x_name="train loss", y_name="validation loss", scale=scale, both=bounds)
    return place_trials(table, axes, winner)


def score_map(judged: pd.DataFrame, score_name: str, *, winner: str = "") -> TrialPoints:
    """Place each trial by its train and its validation score; the diagonal is no gap.

    Args:
        judged: Trials with verdicts, as `with_verdicts` returns them.
        score_name: What a score is called.
        winner: The trial to point out.
    """
    table = judged.assign(x=judged["train_score"], y=judged["validation_score"])
    table["x"] = table["x"].where(is_measured(table, "x", "y"))
    axes = PointAxes(
        x_name=f"train {score_name}",
        y_name=f"validation {score_name}",
        scale="linear",
        both=limits.shared_limits(*_by_outcome(table, ["x", "y"])),
    )
    return place_trials(table, axes, winner)


def _by_outcome(
    table: pd.DataFrame, columns: list[str]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the drawn values of the finished and of the pruned trials, float64 [n] each."""
    usable, drawn = is_finished(table, "x", "y"), is_measured(table, "x", "y")
    parts = (table.loc[rows, columns].to_numpy(float).ravel() for rows in (usable, drawn & ~usable))
    finished, pruned = parts
    return finished, pruned


def rank_correlation(judged: pd.DataFrame) -> Correlation:
    """Correlate capacity and loss gap by ranks.

    Spearman's rho with the interval of Bonett and Wright (2000, Psychometrika 65): Fisher's z
    with the standard error sqrt((1 + rho^2 / 2) / (n - 3)).

    Args:
        judged: Trials with verdicts; only those that finished count.
    """
    rows = judged[is_finished(judged, "parameters", "loss_gap")]
    number = len(rows)
    if number < 5 or rows["parameters"].nunique() < 2 or rows["loss_gap"].nunique() < 2:
        return Correlation(rho=math.nan, low=math.nan, high=math.nan, trials=number)
    ranks = rows[["parameters", "loss_gap"]].rank().to_numpy(float)
    rho = float(np.clip(np.corrcoef(ranks.T)[0, 1], -1 + 1e-9, 1 - 1e-9))
    half = float(stats.norm.ppf(0.975)) * math.sqrt((1 + rho**2 / 2) / (number - 3))
    centre = math.atanh(rho)
    low, high = math.tanh(centre - half), math.tanh(centre + half)
    return Correlation(rho=rho, low=low, high=high, trials=number)


def pick_trials(judged: pd.DataFrame) -> Sequence[tuple[str, str]]:
    """Choose the best, the median and the most overfitted of the finished trials.

    Args:
        judged: Trials with verdicts, as `with_verdicts` returns them.

    Returns:
        Pairs of what it is and the trial; a trial that is two of them stands once.
    """
    table = judged.assign(x=0.0, y=judged["validation_loss"])
    ranked = table[is_finished(table, "x", "y")].sort_values(["validation_loss", "trial"])
    if ranked.empty:
        return []
    gaps = ranked.dropna(subset="last_loss_gap").sort_values(
        ["last_loss_gap", "trial"], ascending=[False, True]
    )
    chosen = [("best", str(ranked["trial"].iloc[0]))]
    chosen.append(("median", str(ranked["trial"].iloc[(len(ranked) - 1) // 2])))
    if len(gaps) and gaps["last_loss_gap"].iloc[0] > 0:
        chosen.append(("most overfitted", str(gaps["trial"].iloc[0])))
    names: dict[str, str] = {}
    for what, trial in chosen:
        names[trial] = f"{names[trial]} and {what}" if trial in names else what
    return [(what, trial) for trial, what in names.items()]
