"""Is the best value of a hyperparameter near the end of its range? Then the range was too narrow.

One best trial is near some end by chance: with nine hyperparameters, nearly always. The best five
must lean there together; for a hyperparameter that does not matter both happen in a few per cent.
"""

import math
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from reports.findings import Finding
from reports.wording import setting
from sweep.space.rules import RULES

NEAR: Final = 0.1  # the best value lies within this share of the range from its end
LEANING: Final = 0.2  # and the median of the best five within this share
TOP: Final = 5
WIDER: Final = 1 / 3  # of the range, or of its decades, is added


def check_edges(bounds: Mapping[str, Mapping[str, Any]], finished: pd.DataFrame) -> list[Finding]:
    """Find the hyperparameters whose range should be widened, with the new range.

    Args:
        bounds: ``space_bounds`` of the manifest.
        finished: The finished trials of the search, best first.
    """
    found = []
    for name, bound in bounds.items():
        low, high = bound.get("low"), bound.get("high")
        if low is None or high is None or not high > low:
            continue
        column, _, optimizer = name.partition(".")
        table = finished[finished["optimizer"] == optimizer] if optimizer else finished
        if column not in table:
            continue
        values = table[column].astype("float64").dropna().head(TOP)
        if len(values) < TOP or values.index[0] != finished.index[0]:
            continue  # too few to lean; or the best does not have it: it is no obstacle
        finding = _edge(name, values, (float(low), float(high)), log=bool(bound.get("log")))
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
    name: str, values: pd.Series, limits: tuple[float, float], *, log: bool
) -> Finding | None:
    low, high = limits
    if values.empty:
        return None
    places = [_place(value, low, high, log=log) for value in values]
    middle = float(pd.Series(places).median())
    if places[0] >= 1 - NEAR and middle >= 1 - LEANING:
        upper = True
    elif places[0] <= NEAR and middle <= LEANING:
        upper = False
    else:
        return None
    new_low, new_high = widened(name, low, high, log=log, upper=upper)
    if (new_low, new_high) == limits:
        return None  # a natural end, such as dropout 0
    best = float(values.iloc[0])
    new = f"{new_low:.4g}..{new_high:.4g}"
    return Finding(
        code="playbook.edge",
        about="sweep",
        subject=name,
        verdict="near the edge",
        sentence=(
            f"The best {name}, {setting(best)}, lies at the {'upper' if upper else 'lower'} end of "
            f"its range {setting(low)} to {setting(high)}, and the other good trials lean there."
        ),
        next_step=f"Widen it: --set {name}={new}.",
        level="warning",
        confidence="heuristic, error rate not measured yet",
        numbers={"best": best, "low": low, "high": high, "new_low": new_low, "new_high": new_high},
    )


def _place(value: float, low: float, high: float, *, log: bool) -> float:
    if log and low > 0:
        return math.log(value / low) / math.log(high / low) if value > 0 else 0.0
    return (value - low) / (high - low)
