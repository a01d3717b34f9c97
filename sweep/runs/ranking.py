"""Which trial is better: by the score that chooses the winner, or by the validation loss."""

import math
from collections.abc import Iterable

from sweep.records import TrialRecord
from sweep.scores import Score


def best_slots(
    records: Iterable[TrialRecord], top: int, chosen: Score | None = None
) -> list[TrialRecord]:
    """Return the search's best finished trials, one a configuration, best first.

    Args:
        records: Records of the search.
        top: How many at most.
        chosen: The score by which they are the best; None for the validation loss.
    """
    usable = [record for record in records if record.outcome == "finished"]
    usable = [record for record in usable if math.isfinite(record.validation_loss)]
    usable.sort(key=lambda record: (*cost(record, chosen), record.slot))
    first: dict[str, TrialRecord] = {}
    for record in usable:
        first.setdefault(record.config.config_id, record)
    return list(first.values())[:top]


def cost(record: TrialRecord, chosen: Score | None) -> tuple[float, float]:
    """Return what ranks a trial: the smaller, the better; infinite where it is not defined.

    Args:
        record: The trial.
        chosen: The score that ranks, with the validation loss among equals; None for that alone.
    """
    value = None if chosen is None else record.scores.get(chosen.name)
    return value_cost(value, chosen), record.validation_loss


def value_cost(value: float | None, chosen: Score | None) -> float:
    """Return what a value of the score that chooses costs, as for `cost`."""
    if chosen is None:
        return 0.0
    if value is None:
        return math.inf
    return -value if chosen.higher else value


def shown_score(record: TrialRecord, shown: Score) -> float:
    """Return the score of a trial that is shown; NaN where it is not defined.

    Trials from before all scores were computed have what every epoch is judged by.
    """
    if not record.scores and shown.name in ("accuracy", "r2"):
        return record.validation_score
    return record.scores.get(shown.name, math.nan)
