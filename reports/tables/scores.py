"""Every score of a run's winner and of its baselines, each with its interval."""

import math
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from reports import wording
from reports.content import SweepContent
from reports.run_score import RunScore, run_scores
from reports.tables.table import Table
from reports.wording import is_number

CAPTION: Final = (
    "95 % intervals: of the validation over fresh seeds if it was confirmed, of all others over "
    "rows. Of several classes, ROC AUC and average precision are the mean of one against the rest; "
    "of two they are of {second}. F1 is the mean over classes."
)
COLUMNS: Final = ("score", "title", "of", "rows", "value", "low", "high", "basis", "reason")


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


def all_scores(content: SweepContent) -> Table | None:
    """Write every score of the winner and of the baselines; None if they are not known.

    Args:
        content: The run.
    """
    data = score_table(content)
    if data.empty:
        return None
    ofs = list(dict.fromkeys(zip(data["of"], data["rows"], strict=True)))
    titles = [
        f"Network, {rows}" if of == "network" else wording.shorten(of[:1].upper() + of[1:], 24)
        for of, rows in ofs
    ]
    cells = {(row["score"], row["of"], row["rows"]): row for row in data.to_dict("records")}
    scores = run_scores(content.manifest)
    lines = [
        (_title(score), *(_cell(score, cells.get((score.name, *of))) for of in ofs))
        for score in scores
    ]
    classes = list(content.data.get("classes") or ())
    second = wording.shorten(str(classes[1]), 24) if len(classes) == 2 else "the second"
    told = {} if content.is_regression else {"second": second}
    caption = CAPTION.format(**told) if told else CAPTION.partition(" Of several")[0]
    return Table(
        caption=caption,
        header=("Score", *titles),
        numeric=(False, *(True for _ in ofs)),
        rows=tuple(lines),
        winner=0,
    )


def _title(score: RunScore) -> str:
    return f"{score.heading} (chose the winner)" if score.chooses else score.heading


def _cell(score: RunScore, row: Mapping[Any, Any] | None) -> str:
    if row is None or not wording.is_number(row["value"]):
        return str((row or {}).get("reason") or wording.MISSING)
    if not wording.is_number(row["low"]):
        return score.write(row["value"])
    low, high = score.write(float(row["low"])), score.write(float(row["high"]))
    return f"{score.write(row['value'])} ({low} to {high})"
