"""Is the best value of a hyperparameter near the end of its range? Then the range was too narrow.

One best trial is near some end by chance: with nine hyperparameters, nearly always. The best five
must lean there together; for a hyperparameter that does not matter both happen in a few per cent.
Where a winner was confirmed on fresh seeds, it is its value that counts and not that of the best
trial, which was chosen by its luck as well: a winner far from the end speaks against widening.
"""

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from reports.findings import Finding
from sweep.space.rules import RULES

NEAR: Final = 0.1  # the best value lies within this share of the range from its end
LEANING: Final = 0.2  # and the median of the best five within this share
TOP: Final = 5
WIDER: Final = 1 / 3  # of the range, or of its decades, is added


def check_edges(
    bounds: Mapping[str, Mapping[str, Any]], finished: pd.DataFrame, *, confirmed: str = ""
) -> list[Finding]:
    """Find the hyperparameters whose range should be widened, with the new range.

    Args:
        bounds: ``space_bounds`` of the manifest.
        finished: The finished trials of the search, best first.
        confirmed: The trial whose configuration won on fresh seeds; ``""`` if none did.
    """
    found: list[Finding] = []
    if finished.empty:
        return found
    winners = finished.index[finished["trial"] == confirmed].tolist() if confirmed else []
    chosen = winners[0] if winners else finished.index[0]
    for name, bound in bounds.items():
        low, high = bound.get("low"), bound.get("high")
        if low is None or high is None or not high > low:
            continue
        column, _, optimizer = name.partition(".")
        table = finished[finished["optimizer"] == optimizer] if optimizer else finished
        if column not in table:
            continue
        values = table[column].astype("float64").dropna()
        if len(values) < TOP or chosen not in values.index:
            continue  # too few to lean; or what is chosen does not have it: it is no obstacle
        ordered = [values[chosen], *values.head(TOP)]
        limits = (float(low), float(high))
        finding = _edge(name, ordered, limits, log=bool(bound.get("log")), confirmed=bool(winners))
        found += [finding] if finding is not None else []
    return found


def widened(name: str, low: float, high: float, *, log: bool, upper: bool) -> tuple[float, float]:
    """Return the range, a third wider at one end, inside what the hyperparameter may be.

    Args:
        name: As in the search space.
        low: Lower end.
        high: Upper end.
        log: Whether the range is on a log scale.
        upper: Whether it is the upper end that moves.
    """
    rule = RULES.get(name)
    whole = rule is not None and rule.kind == "integer"
    if log and low > 0:
        factor = (high / low) ** WIDER
        new = high * factor if upper else low / factor
    else:
        step = (high - low) * WIDER
        step = math.ceil(step) if whole else step
        new = high + step if upper else low - step
    new = float(round(new)) if whole else float(f"{new:.2g}")
    if rule is not None:
        top = rule.high - (0.05 if rule.below_high else 0)
        bottom = low if rule.above_low and new <= rule.low else rule.low
        new = min(max(new, bottom), top)
    return (low, max(new, high)) if upper else (min(new, low), high)


def _edge(
    name: str, values: Sequence[float], limits: tuple[float, float], *, log: bool, confirmed: bool
) -> Finding | None:
    """Judge one range: the first value is the one that is chosen, then come those of the best."""
    low, high = limits
    places = [_place(value, low, high, log=log) for value in values]
    middle = statistics.median(places[1:])
    if places[0] >= 1 - NEAR and middle >= 1 - LEANING:
        upper = True
    elif places[0] <= NEAR and middle <= LEANING:
        upper = False
    else:
        return None
    new_low, new_high = widened(name, low, high, log=log, upper=upper)
    if (new_low, new_high) == limits:
        return None  # a natural end, such as dropout 0
    return Finding(
        code="playbook.edge",
        about="sweep",
        subject=name,
        verdict="near the edge",
        level="warning",
        confidence="heuristic, error rate not measured yet",
        numbers={
            "best": float(values[0]),
            "low": low,
            "high": high,
            "new_low": new_low,
            "new_high": new_high,
        },
        details={
            "confirmed": confirmed,
            "upper": upper,
            "top": TOP,
            "new_range": f"{new_low:.4g}..{new_high:.4g}",
        },
    )


def _place(value: float, low: float, high: float, *, log: bool) -> float:
    if log and low > 0:
        return math.log(value / low) / math.log(high / low) if value > 0 else 0.0
    return (value - low) / (high - low)
