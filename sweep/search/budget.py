"""A budget of time, kept by counting work: how many slots a search asks for.

No clock decides. The time of a trial is estimated from the work in it (`sweep.training.cost`), so
that a search ends at the same slot on every machine, with any number of workers, and after any
interruption. Before each batch what was told is added up, what is running and what has to follow
(the confirmation, the baselines, the saved network) is estimated from that.
"""

import bisect
import dataclasses
from collections.abc import Sequence
from typing import Final

from sweep.config import TrialConfig
from sweep.records import TrialRecord
from sweep.training.cost import START_SECONDS, Work, trial_seconds

TRIAL_SECONDS: Final = 0.03  # to draw a trial, hand it out and record it
PRIOR_TRIALS: Final = 10  # for which what was expected of the pruner counts beside what it did


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class TimeBudget:
    """Hold what a sweep may take, as one worker's time.

    Attributes:
        seconds: All of it.
        work: What the time of a trial depends on.
        top: How many of the best configurations are confirmed.
        seeds: On how many seeds each.
        audited: The share of the pruned trials that is trained to the end.
        share: Of its epochs, what a trial is trained with a pruner, before anything is known.
        extra: What the baselines add, as a share of the time of all trials.
    """

    seconds: float
    work: Work
    top: int
    seeds: int
    audited: float
    share: float
    extra: float

    @property
    def for_trials(self) -> float:
        """Return what is left for trials, those of the confirmation among them."""
        return (self.seconds - START_SECONDS) / (1 + self.extra)

    def whole(self, config: TrialConfig, *, together: int = 1) -> float:
        """Estimate the seconds of a trial that is trained to its end."""
        return trial_seconds(config, self.work, train_rows=0, together=together)

    def later(self, best: Sequence[TrialConfig], others: float) -> float:
        """Estimate what follows the search.

        Args:
            best: The best configurations so far, the best first.
            others: The seconds of another one, for those that are not known yet.
        """
        seeds = max(self.seeds, 1)
        known = [self.whole(config, together=seeds) for config in best[: self.top]]
        missing = [others] * (self.top - len(known))
        return self.seeds * sum([*known, *missing]) + (known or missing)[0]  # the last is saved

    def expected(self, sample: Sequence[TrialConfig]) -> int:
        """Estimate from configurations of the space how many slots a search will have."""
        mean = sum(map(self.whole, sample)) / len(sample)
        audits = self.audited if self.share < 1 else 0.0
        each = TRIAL_SECONDS + mean * (self.share + audits)
        return int((self.for_trials - self.later((), mean)) / each)


class Spending:
    """Count what a search has spent of its budget, slot by slot."""

    def __init__(self, budget: TimeBudget) -> None:
        self._budget = budget
        self._told = 0
        self._pruned = 0
        self._trained = self._whole = 0.0
        self._best: list[tuple[float, int, TrialConfig]] = []

    def tell(self, record: TrialRecord) -> None:
        """Add a trial, in the order of slots."""
        whole = self._budget.whole(record.config)
        self._told += 1
        self._pruned += record.outcome == "pruned"
        self._whole += whole
        self._trained += whole * len(record.history) / record.config.epochs
        if record.outcome == "finished":
            entry = (record.validation_loss, record.slot, record.config)
            bisect.insort(self._best, entry, key=lambda one: one[:2])
            del self._best[self._budget.top :]

    def bears(self, running: Sequence[TrialConfig]) -> int:
        """Return how many slots more the budget bears, as far as can be told.

        Args:
            running: The configurations of the slots that have not been told.
        """
        known = [self._budget.whole(config) for config in running]
        total = self._whole + sum(known)
        mean = total / (self._told + len(known))
        prior = PRIOR_TRIALS * mean
        share = (self._trained + self._budget.share * prior) / (self._whole + prior)
        trials = TRIAL_SECONDS * (self._told + len(known)) + self._trained + share * sum(known)
        audits = self._budget.audited * self._pruned * mean
        later = self._budget.later([config for *_, config in self._best], mean)
        left = self._budget.for_trials - trials - audits - later
        return max(int(left / (TRIAL_SECONDS + share * mean)), 0)
