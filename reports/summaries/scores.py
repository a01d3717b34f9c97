"""The scores that are claimed, confirmed and tested, beside the baselines."""

import dataclasses
from typing import Final

import numpy as np
import pandas as pd

from reports.content import normal_interval
from reports.drawing import limits
from reports.run_score import RunScore

FARTHEST: Final = 3.0  # times the range of the interesting scores that others may lie below
NARROWEST: Final = 0.02  # the least range of a score that is worth an axis


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ScoreSummary:
    """Hold the scores of a sweep's winner and of the baselines.

    Attributes:
        table: One row a score: ``what``, ``kind`` (``validation``, ``test`` or ``baseline``),
            ``score``, ``low``, ``high`` (95 % interval; NaN if none is known), ``basis`` (what
            the interval is over), ``shown``, ``shown_low``, ``shown_high`` (the same, moved onto
            the axis' end where they lie beyond) and ``beyond``.
        score: What it is a value of.
        limits: Where the axis starts and ends.
    """

    table: pd.DataFrame
    score: RunScore
    limits: tuple[float, float]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class WinnerScores:
    """Hold the scores of a winner, each as value, lower and upper end; NaN for what is unknown.

    Attributes:
        searched: What the search claimed, its interval over rows.
        confirmed: The mean over fresh seeds, its interval over those.
        test: On the test rows, its interval over rows.
        seeds: Number of fresh seeds.
    """

    searched: tuple[float, float, float]
    confirmed: tuple[float, float, float]
    test: tuple[float, float, float]
    seeds: int


def scores(winner: WinnerScores | None, baselines: pd.DataFrame, score: RunScore) -> ScoreSummary:
    """Collect the scores of the winner and of the baselines.

    Args:
        winner: Its scores, or None.
        baselines: The baselines table, with any number of rows.
        score: Whose values these are.
    """
    rows: list[tuple[str, str, float, float, float, str]] = []
    if winner is not None:
        rows = [
            ("searched", "validation", *winner.searched, "rows"),
            ("confirmed", "validation", *winner.confirmed, f"{winner.seeds} fresh seeds"),
            ("test", "test", *winner.test, "rows"),
        ]
    values, lows, highs, errors = (score.of(baselines, end) for end in ("", "_low", "_high", "_se"))
    for place, name in enumerate(baselines["baseline"]):
        ends = (float(lows.iloc[place]), float(highs.iloc[place]))
        if not np.isfinite(ends).all():
            ends = normal_interval(values.iloc[place], errors.iloc[place])
        rows.append((str(name), "baseline", float(values.iloc[place]), *ends, "rows"))
    columns = ["what", "kind", "score", "low", "high", "basis"]
    table = pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(columns[2:5], "float64"))
    table = table[table["score"].notna()].reset_index(drop=True)
    bounds = _limits(table, score)
    return ScoreSummary(table=_place(table, bounds), score=score, limits=bounds)


def _limits(table: pd.DataFrame, score: RunScore) -> tuple[float, float]:
    """End the axis near the winner and the best baseline: a dummy may be far worse."""
    if table.empty:
        return 0.0, 1.0
    baseline = table["kind"] == "baseline"
    of_baselines = table.loc[baseline, "score"]
    best = of_baselines.max() if score.higher else of_baselines.min()
    central = table[~baseline | (table["score"] == best)][["score", "low", "high"]].to_numpy(float)
    low, high = float(np.nanmin(central)), float(np.nanmax(central))
    if not score.higher:  # the same, mirrored
        ceiling = high + FARTHEST * max(high - low, NARROWEST * high)
        near = table.loc[table["score"] <= ceiling, ["score", "high"]].to_numpy(float)
        return limits.widen(low, min(float(np.nanmax(near)), ceiling))
    floor = low - FARTHEST * max(high - low, NARROWEST)
    near = table.loc[table["score"] >= floor, ["score", "low"]].to_numpy(float)
    return limits.widen(max(float(np.nanmin(near)), floor), high)


def _place(table: pd.DataFrame, bounds: tuple[float, float]) -> pd.DataFrame:
    return table.assign(
        shown=limits.clip(table["score"], bounds),
        shown_low=limits.clip(table["low"], bounds),
        shown_high=limits.clip(table["high"], bounds),
        beyond=~table["score"].between(*bounds),
    )
