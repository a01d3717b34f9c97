"""How far a study is, and how long the rest of it takes."""

import time
from typing import Final

from studies.commands.durations import describe_duration
from studies.commands.progress import describe_result
from studies.designs.design import StudyDesign
from studies.designs.planning import count_trials
from sweep.data.names import printable
from sweep.records import TrialRecord
from sweep.runs.listed_run import ListedRun
from sweep.runs.retries import kept_records
from sweep.scores import scores_of
from sweep.training.cost import Work, trial_seconds

LONGEST_ARM: Final = 60
STAGES: Final = {"tuning": "tune", "comparison": "compare", "probe": "probe"}


class StudyTally:
    """Count the trials of a study, and guess the time left from the work in them."""

    def __init__(self, run: ListedRun, design: StudyDesign, work: Work) -> None:
        training = run.listing.sets
        self._score = scores_of(next(iter(training.values())).task)[0].title
        self._design, self._work = design, work
        self._started = time.monotonic()
        self._new_work = 0.0
        self._arm = ""
        self.lost = 0
        self.done = 0
        self.total = count_trials(design)
        self._work_left = self._all_work()
        for record in kept_records(run.folder.records(), retry=run.retry):
            self._count(record)

    def add(self, record: TrialRecord) -> None:
        """Count a trial that has just ended."""
        self._new_work += self._weigh(record)
        self._count(record)

    def _count(self, record: TrialRecord) -> None:
        self.done += 1
        self.lost += record.outcome != "finished"
        self._arm = record.arm
        self._work_left = max(self._work_left - self._weigh(record), 0.0)

    def _weigh(self, record: TrialRecord) -> float:
        rows = record.variant.train_rows
        return trial_seconds(record.config, self._work, train_rows=rows, together=1)

    def _all_work(self) -> float:
        """Return the estimated work of every trial; what tuning will choose is not known yet."""
        design, total = self._design, 0.0
        probes = design.probes
        for arm in design.arms:
            rows = arm.variant.train_rows
            each = [
                trial_seconds(config, self._work, train_rows=rows, together=1)
                for config in arm.candidates
            ]
            mean = sum(each) / len(each)
            total += design.pairs * mean + (0 if arm.follows else design.tuning_seeds * sum(each))
            if probes is not None:
                share = probes.epochs / arm.candidates[0].epochs
                total += len(probes.factors) * probes.seeds * share * mean
        return total

    def stage(self, record: TrialRecord) -> str:
        """Return what is being done once a trial has ended, in one word."""
        return "finish" if self.done == self.total else STAGES[record.stage]

    def describe_best(self) -> str:
        """Return which arm was trained last: a study looks for no best trial."""
        return printable(self._arm, longest=LONGEST_ARM)

    def describe_rest(self) -> str:
        """Return what a live line says beside its bar, the most important first."""
        left = ""
        if self._new_work:
            spent = time.monotonic() - self._started
            left = f"{describe_duration(self._work_left / self._new_work * spent)} left"
        parts = [left, f"{self.lost} lost" if self.lost else "", self.describe_best()]
        return ", ".join(part for part in parts if part)

    def line(self, record: TrialRecord) -> str:
        """Return one line about a trial that has ended, and where the study stands."""
        arm = printable(record.arm, longest=LONGEST_ARM)
        rate = f"rate {record.config.learning_rate:.3g}"
        tried = "" if rate in arm else f", {rate}"
        what = f"{record.trial} {STAGES[record.stage]}: {arm}{tried}"
        return f"[{self.done}/{self.total}] {what}: {describe_result(record, self._score)}"
