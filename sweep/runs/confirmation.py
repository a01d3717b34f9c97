"""The confirmation: the best configurations again, on fresh seeds, and the choice among them.

The best of many trials looks better than it is, since luck took part in choosing it. Seeds that
took no part show what the configuration is worth; the difference is the winner's curse.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
import scipy.stats

from sweep.records import PlannedTrial, TrialRecord, confirmation_trial_id
from sweep.seeds import derive_seed

CONFIDENCE: Final = 0.95


def best_slots(records: Iterable[TrialRecord], top: int) -> list[TrialRecord]:
    """Return the search's best finished trials, one a configuration, best first.

    Args:
        records: Records of the search.
        top: How many at most.
    """
    usable = [record for record in records if record.outcome == "finished"]
    usable = [record for record in usable if math.isfinite(record.validation_loss)]
    usable.sort(key=lambda record: (record.validation_loss, record.slot))
    chosen: dict[str, TrialRecord] = {}
    for record in usable:
        chosen.setdefault(record.config.config_id, record)
    return list(chosen.values())[:top]


def replicates(best: Sequence[TrialRecord], *, seed: int, seeds: int) -> list[PlannedTrial]:
    """List the trials of a confirmation; every configuration gets the same fresh seeds."""
    return [
        PlannedTrial(
            trial=confirmation_trial_id(record.slot, number),
            stage="confirmation",
            slot=record.slot,
            replicate=number,
            config=record.config.with_seed(derive_seed(seed, "confirmation", number)),
        )
        for record in best
        for number in range(1, seeds + 1)
    ]


def summarise(
    best: Sequence[TrialRecord], confirmed: Sequence[TrialRecord]
) -> list[dict[str, Any]]:
    """Set searched against confirmed, one entry a configuration, best of the search first.

    Returns:
        As `confirmation` in the manifest. Means are over the seeds that finished, with a 95 %
        t interval (absent below two seeds).
    """
    entries = []
    for rank, record in enumerate(best, start=1):
        mine = [other for other in confirmed if other.slot == record.slot]
        mine.sort(key=lambda other: other.replicate)
        finished = [other for other in mine if other.outcome == "finished"]
        entries.append(
            {
                "rank": rank,
                "slot": record.slot,
                "trial": record.trial,
                "config": record.config.config_id,
                "trials": [other.trial for other in mine],
                "searched": {"score": record.validation_score, "loss": record.validation_loss},
                "confirmed": _means(finished) | {"seeds": len(finished), "of": len(mine)},
            }
        )
    return entries


def choose(entries: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the entry with the fewest seeds lost, then the smallest mean validation loss."""
    usable = [entry for entry in entries if entry["confirmed"]["seeds"]]
    if not usable:
        return None

    def rank(entry: dict[str, Any]) -> tuple[int, float]:
        confirmed = entry["confirmed"]
        return confirmed["of"] - confirmed["seeds"], confirmed["loss"]

    return min(usable, key=rank)


def best_replicate(replicates: Iterable[TrialRecord]) -> TrialRecord:
    """Return the finished replicate of the smallest validation loss, the first of equals.

    The configuration's score is the mean over all replicates; this choice does not touch it.
    """
    finished = [record for record in replicates if record.outcome == "finished"]
    return min(finished, key=lambda record: (record.validation_loss, record.replicate))


def _means(records: Sequence[TrialRecord]) -> dict[str, float | None]:
    values: dict[str, float | None] = {}
    for name in ("score", "loss"):
        sample = np.array([getattr(record, f"validation_{name}") for record in records])
        values[name] = float(sample.mean()) if len(sample) else None
        low = high = None
        if len(sample) > 1:
            error = scipy.stats.sem(sample)
            reach = float(scipy.stats.t.ppf((1 + CONFIDENCE) / 2, len(sample) - 1) * error)
            low, high = float(sample.mean()) - reach, float(sample.mean()) + reach
        values[f"{name}_low"], values[f"{name}_high"] = low, high
    return values
