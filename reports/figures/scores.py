"""The scores that are claimed, confirmed and tested, beside the baselines."""

import math
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from reports import theme, wording
from reports.content import SweepContent, normal_interval
from reports.drawing import limits
from reports.drawing.figure import FigureValue
from reports.drawing.forest import Forest
from reports.judged import searched
from reports.run_score import RunScore
from reports.tables.table import figure_table

Interval = tuple[float, float, float]  # value, lower and upper end; NaN for what is unknown

FARTHEST: Final = 3.0  # times the range of the interesting scores that others may lie below
NARROWEST: Final = 0.02  # the least range of a score that is worth an axis
MARKS: Final = {
    "validation": theme.Mark(ink="validation", marker="o", glyph="●"),
    "test": theme.Mark(ink="test", marker="D", glyph="◆"),
    "baseline": theme.Mark(ink="baseline", marker="s", glyph="■"),
}
READ: Final = (
    "Searched is the best single trial: chosen among many, it looks better than it is. Confirmed "
    "is the mean of the same configuration over fresh seeds. Test uses rows that took no part in "
    "any choice. Intervals are over seeds where it is confirmed, else over rows. Baselines are "
    "measured on the validation rows. A triangle at the edge lies further out."
)


class WinnerScores(NamedTuple):
    """Hold the scores of a winner: what the search claimed, the mean over fresh seeds, the test."""

    searched: Interval
    confirmed: Interval
    test: Interval
    seeds: int


def figure(content: SweepContent) -> FigureValue | None:
    """Compare the winner's scores with each other and with the baselines, if there are any."""
    score, winner = content.score, content.winner
    known = None if winner is None else _winner_scores(content, winner)
    table = score_rows(known, content.baselines, score)
    if table.empty:
        return None
    finding = told(table, score)
    columns = ["what", "score", "low", "high", "basis"]
    titles = ["of", score.title, "from", "to", "interval over"]
    return FigureValue(
        id="scores",
        title="Claimed, confirmed, tested",
        link="Scores",
        finding=finding,
        how_to_read=READ,
        panels=(panel(table, score, finding),),
        table=figure_table(
            table[columns].set_axis(titles, axis=1),
            f"{score.heading} with 95 % intervals.",
            dict.fromkeys(titles[1:4], score.write),
        ),
    )


def score_rows(
    winner: WinnerScores | None, baselines: pd.DataFrame, score: RunScore
) -> pd.DataFrame:
    """Collect the scores of the winner and of the baselines.

    Args:
        winner: Its scores, or None.
        baselines: The baselines table, with any number of rows.
        score: Whose values these are.

    Returns:
        One row a score: ``what``, ``kind`` (``validation``, ``test`` or ``baseline``), ``score``,
        ``low``, ``high`` (95 % interval; NaN if none is known), ``basis`` (what the interval is
        over).
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
    return table[table["score"].notna()].reset_index(drop=True)


def panel(table: pd.DataFrame, score: RunScore, name: str) -> Forest:
    """Lay out the scores, each with its number beside it."""
    better = "right" if score.higher else "left"
    rows = table.to_dict("records")
    return Forest(
        name=name,
        title=score.heading,
        remark=f"dot and 95 % interval; {better} is better",
        rows=[str(row["what"]) for row in rows],
        points=table.rename(columns={"kind": "series", "score": "value"}).assign(
            row=np.arange(len(table), dtype=float)
        ),
        marks={kind: mark for kind, mark in MARKS.items() if (table["kind"] == kind).any()},
        limits=axis_limits(table, score),
        is_apart=False,
        sides={
            place: [(score.write(row["score"]),
                     {"color": theme.colour(MARKS[row["kind"]].ink), "fontweight": "bold"})]
            for place, row in enumerate(rows)
        },
    )  # fmt: skip


def axis_limits(table: pd.DataFrame, score: RunScore) -> tuple[float, float]:
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


def told(table: pd.DataFrame, score: RunScore) -> str:
    """Compare what was claimed, what was confirmed and what the baselines reach."""
    own = table[table["kind"] != "baseline"]
    baselines = table[table["kind"] == "baseline"].sort_values("score")
    parts = [f"{row['what']} {score.write(row['score'])}" for row in own.to_dict("records")]
    text = (
        f"{score.heading} of the winner: {wording.join(parts)}" if parts else "There is no winner"
    )
    if baselines.empty:
        return f"{text}; no baselines were trained."
    best = baselines.iloc[-1 if score.higher else 0]
    name, reached = wording.shorten(str(best["what"]), 24), score.write(best["score"])
    return f"{text}; the best baseline, {name}, reaches {reached}."


def _winner_scores(content: SweepContent, winner: Mapping[str, Any]) -> WinnerScores:
    judged = searched(content)
    row = judged[judged["trial"] == winner.get("trial")]
    by_epoch = content.score.is_by_epoch and len(row)
    error = row["validation_score_se"].iloc[0] if by_epoch else math.nan
    claimed = (winner.get("validation") or {}).get("score")
    confirmed, test = winner.get("confirmed") or {}, winner.get("test") or {}
    low, middle, high = (_number(confirmed.get(f"score{end}")) for end in ("_low", "", "_high"))
    return WinnerScores(
        searched=(_number(claimed), *normal_interval(claimed, error)),
        confirmed=(middle, low, high),
        test=(_number(test.get("score")), *content.test_interval),
        seeds=int(confirmed.get("seeds") or 0),
    )


def _number(value: object) -> float:
    return float(value) if wording.is_number(value) else math.nan
