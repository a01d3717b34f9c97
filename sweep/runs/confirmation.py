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
from sweep.runs.ranking import cost, shown_score, value_cost
from sweep.scores import Score, scores_of
from sweep.seeds import derive_seed

CONFIDENCE: Final = 0.95


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
    best: Sequence[TrialRecord], confirmed: Sequence[TrialRecord], shown: Score
) -> list[dict[str, Any]]:
    """Set searched against confirmed, one entry a configuration, best of the search first.

    Args:
        best: As `best_slots` returns them.
        confirmed: Their replicates.
        shown: The score that is called ``score``; ``scores`` holds all of the task.

    Returns:
        As `confirmation` in the manifest. Means are over the seeds that finished, with a 95 %
        t interval (absent below two seeds); None for a score that is not defined on one of them.
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
                "searched": searched(record, shown),
                "confirmed": _means(finished, shown) | {"seeds": len(finished), "of": len(mine)},
            }
        )
    return entries


def searched(record: TrialRecord, shown: Score) -> dict[str, Any]:
    """Return what one trial reached: ``score``, None where it is not defined, and ``loss``."""
    score = shown_score(record, shown)
    return {"score": score if math.isfinite(score) else None, "loss": record.validation_loss}


def choose(entries: Sequence[dict[str, Any]], chosen: Score | None = None) -> dict[str, Any] | None:
    """Return the entry with the fewest seeds lost, then the best mean of the score that chooses.

    Args:
        entries: As `summarise` returns them.
        chosen: The score, with the validation loss among equals; None for that alone.
    """
    usable = [entry for entry in entries if entry["confirmed"]["seeds"]]
    if not usable:
        return None

    def rank(entry: dict[str, Any]) -> tuple[int, float, float]:
        confirmed = entry["confirmed"]
        mean = None if chosen is None else confirmed["scores"][chosen.name]["value"]
        return confirmed["of"] - confirmed["seeds"], value_cost(mean, chosen), confirmed["loss"]

    return min(usable, key=rank)


def best_replicate(replicates: Iterable[TrialRecord], chosen: Score | None = None) -> TrialRecord:
    """Return the finished replicate that is the best by `cost`, the first of equals.

    The configuration's score is the mean over all replicates; this choice does not touch it.
    """
    finished = [record for record in replicates if record.outcome == "finished"]
    return min(finished, key=lambda record: (*cost(record, chosen), record.replicate))


def _means(records: Sequence[TrialRecord], shown: Score) -> dict[str, Any]:
    means: dict[str, Any] = {}
    for name, samples in (
        ("score", [shown_score(record, shown) for record in records]),
        ("loss", [record.validation_loss for record in records]),
    ):
        mean = _mean(samples, shown.bounds if name == "score" else (None, None))
        means |= {name: mean["value"], f"{name}_low": mean["low"], f"{name}_high": mean["high"]}
    means["scores"] = {
        score.name: _mean(
            [record.scores.get(score.name, math.nan) for record in records], score.bounds
        )
        for score in scores_of(shown.task)
    }
    return means


def _mean(
    values: Sequence[float], bounds: tuple[float | None, float | None]
) -> dict[str, float | None]:
    """Return the mean with its t interval over seeds, within bounds; None for what there is not."""
    sample = np.array(values)
    if not (len(sample) and np.isfinite(sample).all()):
        return {"value": None, "low": None, "high": None}
    mean, low, high = float(sample.mean()), None, None
    if len(sample) > 1:
        error = scipy.stats.sem(sample)
        reach = float(scipy.stats.t.ppf((1 + CONFIDENCE) / 2, len(sample) - 1) * error)
        low, high = mean - reach, mean + reach
        low = low if bounds[0] is None else max(low, bounds[0])
        high = high if bounds[1] is None else min(high, bounds[1])
    return {"value": mean, "low": low, "high": high}
