"""The ladder: trials are trained cohort by cohort, rung by rung, until each has ended.

A trial that comes to a rung waits for the decision about it. Once there is one about every member
of its cohort, those that go on are trained to the next rung, from where they stand.
"""

import dataclasses
from collections.abc import Sequence
from typing import NamedTuple

from sweep.config import TrialConfig
from sweep.records import TrialRecord, search_trial_id
from sweep.search.rungs import Decision, Race, Rungs, losses_at_rungs
from sweep.training.tasks import CohortTask, TrialResult
from sweep.training.workers import Workers


class Entry(NamedTuple):
    """Hold a trial that is to be trained.

    Attributes:
        slot: Its slot.
        config: Its configuration.
        record: Its record, if it ended before and is trained only for the sake of its cohort.
    """

    slot: int
    config: TrialConfig
    record: TrialRecord | None = None

    @property
    def trial(self) -> str:
        """Return the identifier of the trial."""
        return search_trial_id(self.slot)


@dataclasses.dataclass(slots=True)
class _Cohort:
    """Hold the members of a cohort, its latest task, and whether that waits for decisions."""

    entries: dict[str, Entry]
    task: CohortTask
    at_rung: bool = False
    undecided: set[str] = dataclasses.field(default_factory=set)
    goes_on: set[str] = dataclasses.field(default_factory=set)


class Ladder:
    """Hold the trials of a search that are being trained."""

    def __init__(self, workers: Workers, rungs: Rungs) -> None:
        self._workers = workers
        self._rungs = rungs
        self._race = Race(rungs)
        self._cohorts: dict[str, _Cohort] = {}  # by the identifier of each member
        self._at_rung: dict[str, TrialResult] = {}
        self._tasks = 0

    def pass_by(self, record: TrialRecord) -> None:
        """Note how a trial that ended before came to each rung."""
        self._arrive(record.slot, losses_at_rungs(record.history, self._rungs))

    def enter(self, entries: Sequence[Entry]) -> None:
        """Begin to train a cohort."""
        first = entries[0]
        task = CohortTask(
            trials=tuple(entry.trial for entry in entries),
            configs=tuple(entry.config for entry in entries),
            until=self._rungs.next_stop(0, first.config.epochs),
            priority=first.slot,
            cohort=first.trial if len(entries) > 1 else "",
        )
        cohort = _Cohort({entry.trial: entry for entry in entries}, task)
        self._cohorts |= dict.fromkeys(cohort.entries, cohort)
        self._submit(task)

    def wait(self) -> list[TrialResult]:
        """Wait for a task to end; return how those trials ended that have ended by that."""
        results = self._workers.next_results()
        self._tasks -= 1
        cohort = self._cohorts[results[0].trial]
        cohort.at_rung = not cohort.task.is_last
        if cohort.task.is_last:
            self._leave(cohort)
        touched = [cohort]
        ended = [end for result in results for end in self._take(cohort, result)]
        for decision in self._race.decide():
            trial = search_trial_id(decision.slot)
            if trial not in self._at_rung:  # that of a record, decided long ago
                continue
            touched.append(self._cohorts[trial])
            ended += self._apply(decision, trial)
        for other in touched:
            self._go_on(other)
        return ended

    def drain(self) -> None:
        """Wait for the tasks that are left, whose results nobody wants."""
        while self._tasks:
            self._workers.next_results()
            self._tasks -= 1

    def _submit(self, task: CohortTask) -> None:
        self._workers.submit(task)
        self._tasks += 1

    def _take(self, cohort: _Cohort, result: TrialResult) -> list[TrialResult]:
        """Note what a task says of one member; return its result if it has ended."""
        entry, until = cohort.entries[result.trial], cohort.task.until
        ends = result.outcome != "finished" or cohort.task.is_last
        if entry.record is not None:
            if not ends and len(entry.record.history) > until:
                cohort.goes_on.add(result.trial)
            return []
        losses = losses_at_rungs(result.history, self._rungs)
        if ends:
            self._arrive(entry.slot, {rung: losses[rung] for rung in losses if rung >= until})
            return [result]
        self._at_rung[result.trial] = result
        cohort.undecided.add(result.trial)
        self._arrive(entry.slot, {until: losses[until]})
        return []

    def _apply(self, decision: Decision, trial: str) -> list[TrialResult]:
        """Let a trial at a rung go on, or end it."""
        result, cohort = self._at_rung.pop(trial), self._cohorts[trial]
        cohort.undecided.remove(trial)
        if decision.goes_on:
            cohort.goes_on.add(trial)
            return []
        later: dict[int, float | None] = {
            rung: None for rung in self._rungs.epochs if rung > decision.rung
        }
        self._arrive(decision.slot, later)
        return [dataclasses.replace(result, outcome="pruned", reason=decision.reason)]

    def _go_on(self, cohort: _Cohort) -> None:
        """Train a cohort on, once all decisions about it are there."""
        done = cohort.task
        if not cohort.at_rung or cohort.undecided:
            return
        cohort.at_rung = False
        members = [trial for trial in done.trials if trial in cohort.goes_on]
        cohort.goes_on.clear()
        if not members:
            self._workers.forget(done.name)
            self._leave(cohort)
            return
        entries = [cohort.entries[trial] for trial in members]
        cohort.task = dataclasses.replace(
            done,
            trials=tuple(members),
            configs=tuple(entry.config for entry in entries),
            until=self._rungs.next_stop(done.until, entries[0].config.epochs),
            continues=done.name,
        )
        self._submit(cohort.task)

    def _leave(self, cohort: _Cohort) -> None:
        """Let go of a cohort of which nobody is trained on."""
        for trial in cohort.entries:
            del self._cohorts[trial]

    def _arrive(self, slot: int, losses: dict[int, float | None]) -> None:
        for rung, loss in losses.items():
            self._race.arrive(slot, rung, loss)
