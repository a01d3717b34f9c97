"""A budget: the most that a run may take, in trials or in time."""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from sweep.errors import ConfigurationError, Fault

BUDGET: Final = re.compile(r"(?P<number>\d+(\.\d+)?)\s*(?P<unit>[a-z]*)")
SECONDS: Final[Mapping[str, float]] = {"s": 1, "m": 60, "min": 60, "minutes": 60, "h": 3600}


class Budget(NamedTuple):
    """Hold the most that a run may take; None is no limit."""

    trials: float | None
    seconds: float | None


def read_budget(text: str | None) -> Budget:
    """Read a budget: trials, such as ``200``, or time, such as ``90s``, ``5m`` or ``2h``.

    Args:
        text: What the user wrote, if anything.

    Raises:
        ConfigurationError: It is neither.
    """
    if text is None:
        return Budget(None, None)
    match = BUDGET.fullmatch(text.strip().lower())
    unit = match["unit"] if match else ""
    if match is None or unit not in {"", "trials", *SECONDS} or float(match["number"]) <= 0:
        reason = (
            f"{text[:60]!r} is neither trials nor time; give trials, such as 200, or time, such as"
            " 5m"
        )
        raise ConfigurationError([Fault("budget", reason)])
    number = float(match["number"])
    if unit in {"", "trials"}:
        return Budget(number, None)
    return Budget(None, number * SECONDS[unit])
