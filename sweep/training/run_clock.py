"""When each task was done, and by which worker, in the time of the run."""

import dataclasses
import time
from collections.abc import Iterable

from sweep.records import TaskSpan
from sweep.training.tasks import CohortTask, TrialResult


class RunClock:
    """Tell who trained which trial, and when, in seconds since the run began.

    It goes with the monotonic clock of this process, so that neither a clock that is set nor those
    of other hosts matter, and stands still while the run does not work. Workers are numbered in
    the order in which they are heard of.
    """

    def __init__(self, worked: float = 0.0) -> None:
        """Go on after the time that the run worked before, in seconds."""
        self._zero = time.monotonic() - worked
        self._workers: dict[str, str] = {}
        self._before: dict[str, tuple[TaskSpan, ...]] = {}

    def now(self) -> float:
        """Return the seconds since the run began."""
        return time.monotonic() - self._zero

    def note(
        self, task: CohortTask, results: Iterable[TrialResult], ended: float
    ) -> list[TrialResult]:
        """Put the spans of `train_task` at their time, behind those of the tasks before.

        Args:
            task: What was done.
            results: What it gave.
            ended: When it did.
        """
        noted = []
        for result in results:
            before = self._before.pop(result.trial, ())
            spans = before if task.continues else ()  # else it was begun anew
            spans += tuple(self._place(span, ended) for span in result.spans)
            if not task.is_last:
                self._before[result.trial] = spans
            noted.append(dataclasses.replace(result, spans=spans))
        return noted

    def _place(self, span: TaskSpan, ended: float) -> TaskSpan:
        number = self._workers.setdefault(span.worker, str(len(self._workers)))
        start, end = round(span.start + ended, 3), round(span.end + ended, 3)
        return TaskSpan(worker=number, start=start, end=end)
