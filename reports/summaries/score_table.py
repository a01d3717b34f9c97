"""Every score of a run's winner and of its baselines, each with its interval: one tidy table."""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from reports.content import SweepContent
from reports.run_score import RunScore, run_scores
from reports.wording import is_number

COLUMNS = ("score", "title", "of", "rows", "value", "low", "high", "basis", "reason")


def score_table(content: SweepContent) -> pd.DataFrame:
    """Collect all scores of a sweep.

    Args:
        content: The run.

    Returns:
        One row a score and what it is of, the score that is shown first first: ``score`` (its
        name), ``title``, ``of`` (``network`` or a baseline), ``rows`` (``validation`` or ``test``),
        ``value``, ``low``, ``high`` (95 % interval; NaN for what is not known), ``basis`` (what the
        interval is over) and ``reason`` (why there is no value, or no interval). No row for runs
        from before all scores were computed.
    """
    rows: list[dict[str, Any]] = []
    for score in run_scores(content.manifest):
        rows += [
            {"score": score.name, "title": score.heading, **row} for row in _rows(content, score)
        ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _rows(content: SweepContent, score: RunScore) -> list[dict[str, Any]]:
    winner = content.winner or {}
    measured = (winner.get("scores") or {}).get(score.name)
    found = []
    if measured:
        fresh = winner.get("confirmed") or {}
        confirmed = (fresh.get("scores") or {}).get(score.name) or {}
        seeds = int(fresh.get("seeds") or 0)
        # What is saved is one of the replicates; the configuration is worth the mean of them.
        if is_number(confirmed.get("value")):
            found.append(_row("network", "validation", confirmed, f"{seeds} fresh seeds"))
        else:
            found.append(_row("network", "validation", measured["validation"], "rows"))
        found.append(_row("network", "test", measured["test"], "rows"))
    baselines = content.baselines
    if f"validation_{score.key}_low" in baselines:
        values, lows, highs = (score.of(baselines, end) for end in ("", "_low", "_high"))
        for name, value, low, high in zip(baselines["baseline"], values, lows, highs, strict=True):
            ends = {"value": value, "low": low, "high": high}
            found.append(_row(str(name), "validation", ends, "rows"))
    return found


def _row(of: str, rows: str, cell: Mapping[str, Any], basis: str) -> dict[str, Any]:
    numbers = {
        name: float(cell[name]) if is_number(cell.get(name)) else math.nan
        for name in ("value", "low", "high")
    }
    reason = str(cell.get("reason") or "")
    return {"of": of, "rows": rows, **numbers, "basis": basis, "reason": reason}
