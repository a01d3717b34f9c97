"""The search loop: ask, train, record, tell, the same for any number of workers.

Slots are asked for in batches. The configurations of a batch are drawn from the results of the
slots up to the lag before its first one, told in the order of their slots; those in between count
as running. Trials of a batch that have one shape are trained as a cohort. Neither the number of
workers (at most the lag), nor the order in which trials finish, nor an interruption changes what
is asked, what is trained together or what is pruned.
"""

import dataclasses
import math
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from sweep.errors import StorageError
from sweep.records import PlannedTrial, TrialRecord, search_trial_id
from sweep.search.budget import Spending, TimeBudget
from sweep.search.ladder import Entry, Ladder
from sweep.search.rungs import Rungs
from sweep.search.study import SearchStudy
from sweep.space.search_space import parameters_of
from sweep.training.cohort_rule import Site, form_cohorts
from sweep.training.tasks import TrialResult
from sweep.training.workers import Workers

if TYPE_CHECKING:
    from sweep.config import TrialConfig

DEFAULT_LAG: Final = 8
FEW_WORKERS: Final = 4
RESERVE: Final = 4  # slots a worker; benchmarks/scaling.py tells how busy that keeps them
LARGEST_BATCH: Final = 4

Save = Callable[[TrialRecord], None]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SearchPlan:
    """Hold how a search proceeds, whatever its space.

    Attributes:
        lag: How many slots before a batch the last result lies from which it is drawn.
        max_failures: Consecutive failed trials that stop the search.
        rungs: At which epochs trials may be pruned.
        site: What the trials are trained on.
        end: The number of slots that can be asked for at all, as with a grid.
        budget: What ends the search before the last planned slot, if anything.
    """

    lag: int
    max_failures: int
    rungs: Rungs
    site: Site
    end: float = math.inf
    budget: TimeBudget | None = None

    @property
    def batch(self) -> int:
        """Return how many slots are asked for together."""
        return min(LARGEST_BATCH, -(-self.lag // 2))


def choose_lag(workers: int) -> int:
    """Choose the lag of a search for which none was given.

    A slot waits for the one that lies the lag before it. Trials take unequal times, so that many
    workers need slots in reserve; few keep the same lag, and with it the same trials.
    """
    return DEFAULT_LAG if workers <= FEW_WORKERS else RESERVE * workers


class SearchLoop:
    """Hold one search while it runs.

    Attributes:
        planned: How many slots it has; with a budget of time an estimate, until the last is begun,
            and 0 before anything can be told.
    """

    def __init__(
        self,
        study: SearchStudy,
        workers: Workers,
        plan: SearchPlan,
        again: Mapping[int, TrialRecord] = MappingProxyType({}),
    ) -> None:
        """Begin a search, or go on with one.

        Args:
            study: Where configurations come from, and results go.
            workers: Who trains.
            plan: How it proceeds.
            again: Trials that failed, by slot; where there is no other record, they are trained
                again with the same configuration and seed.
        """
        self.planned = 0
        self._again = again
        self._configs: list[TrialConfig] = []  # of the slots that are begun
        self._spending = None if plan.budget is None else Spending(plan.budget)
        self._study = study
        self._plan = plan
        self._ladder = Ladder(workers, plan.rungs)
        self._asked: dict[str, PlannedTrial] = {}
        self._strangers: list[int] = []  # slots after the last planned, in a cohort with others
        self._failures: list[TrialRecord] = []

    def run(
        self, planned: int, known: Mapping[int, TrialRecord], save: Save
    ) -> Iterator[TrialRecord]:
        """Train every slot that has no record yet.

        Args:
            planned: Number of slots, at most.
            known: The records there are, by slot.
            save: Called with each new record before the study learns of it.

        Yields:
            Each new record, as its trial ends.

        Raises:
            StorageError: ``max_failures`` trials in a row failed.
        """
        plan = self._plan
        self.planned = planned if self._spending is None else 0
        records = {slot: record for slot, record in known.items() if slot < planned}
        first_new = next((slot for slot in range(planned) if slot not in records), planned)
        # What was told before the first batch with a new slot need not be told again.
        settled = first_new - first_new % plan.batch - plan.lag
        told = start = 0
        while start < planned + plan.lag + plan.batch:
            while told <= start - plan.lag and told < planned:
                yield from self._wait_for(told, records, planned, save)
                if told not in known:  # those of an earlier start stopped that one, not this
                    self._count_failures(records[told])
                if told > settled:
                    self._study.tell(records[told])
                if self._spending is not None:
                    self._spending.tell(records[told])
                told += 1
            if self._spending is not None and 0 < start < planned:
                more = self._spending.bears(self._configs[told:])
                self.planned = min(planned, start + more)
                if more < plan.batch:  # whole batches, so that a larger budget begins no other
                    planned = self.planned = start
            if start < planned:
                self._begin(start, planned, records, settled)
            start += plan.batch
        self._ladder.drain()
        for slot in self._strangers:
            self._study.withdraw(slot)

    def _begin(
        self, start: int, planned: int, records: Mapping[int, TrialRecord], settled: int
    ) -> None:
        """Ask for a batch of slots, and begin to train what is new of it.

        A cohort is formed of the whole batch, whatever is planned: a trial trained with one that
        comes after the last planned has the same result in a search that is later extended.
        """
        whole = range(start, int(min(start + self._plan.batch, self._plan.end)))
        wanted = range(start, min(whole.stop, planned))
        for slot in wanted:
            if slot in records:
                self._ladder.pass_by(records[slot])
        if all(slot in records for slot in wanted):
            for slot in wanted:
                self._study.restore(records[slot], told=slot <= settled)
            self._configs += [records[slot].config for slot in wanted]
            return
        entries = [self._enter(slot, records, settled) for slot in whole]
        self._strangers = [slot for slot in whole if slot >= planned]
        self._configs += [entry.config for entry in entries if entry.slot < planned]
        cohorts = [
            [entries[place] for place in places]
            for places in form_cohorts([entry.config for entry in entries], self._plan.site)
        ]
        new = [
            cohort
            for cohort in cohorts
            if any(entry.slot < planned and entry.record is None for entry in cohort)
        ]
        # Decisions at rungs follow from all slots before: one stranger needs the others.
        if any(entry.slot >= planned for cohort in new for entry in cohort):
            new = [cohort for cohort in cohorts if any(entry.record is None for entry in cohort)]
        for cohort in new:
            self._ladder.enter(cohort)

    def _enter(self, slot: int, records: Mapping[int, TrialRecord], settled: int) -> Entry:
        if slot in records:
            self._study.restore(records[slot], told=slot <= settled)
            return Entry(slot, records[slot].config, records[slot])
        if slot in self._again:
            before = self._again[slot]
            self._study.restore(before, told=False)
            number, config = before.number, before.config
        else:
            number, config = self._study.ask(slot)
        trial = search_trial_id(slot)
        self._asked[trial] = PlannedTrial(
            trial=trial, stage="search", slot=slot, config=config, number=number
        )
        return Entry(slot, config)

    def _wait_for(
        self, slot: int, records: dict[int, TrialRecord], planned: int, save: Save
    ) -> Iterator[TrialRecord]:
        while slot not in records:
            new = [self._record(result) for result in self._ladder.wait()]
            new = [record for record in new if record.slot < planned]
            for record in new:  # all of them are safe before anybody hears of one
                save(record)
                records[record.slot] = record
            yield from new

    def _record(self, result: TrialResult) -> TrialRecord:
        planned, site = self._asked.pop(result.trial), self._plan.site
        return result.record(planned, parameters_of(planned.config, site.inputs, site.outputs))

    def _count_failures(self, record: TrialRecord) -> None:
        """Stop a sweep in which nothing works; slots are counted in order, as they are told."""
        if record.outcome != "failed":
            self._failures.clear()
            return
        self._failures.append(record)
        if len(self._failures) >= self._plan.max_failures:
            raise StorageError(
                f"{self._failures[0].trial} to {record.trial}: {len(self._failures)} trials failed"
                f" in a row, the last with {record.reason}; mend the cause, then `fitgap resume`"
            )
