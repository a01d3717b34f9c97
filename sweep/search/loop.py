"""The search loop: ask, train, record, tell, the same for any number of workers.

The configuration of slot s is drawn from the results of the slots up to s - lag, told in the
order of their slots; those in between count as running. Neither the number of workers (at most
the lag), nor the order in which trials finish, nor an interruption changes what is asked.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from sweep.config import TrialConfig
from sweep.errors import StorageError
from sweep.records import TrialRecord, search_trial_id
from sweep.search.study import SearchStudy
from sweep.training.workers import TrialResult, Workers

DEFAULT_LAG: Final = 8

Save = Callable[[TrialRecord], None]


class SearchLoop:
    """Hold one search while it runs."""

    def __init__(
        self,
        study: SearchStudy,
        workers: Workers,
        *,
        lag: int,
        max_failures: int,
        count_parameters: Callable[[TrialConfig], int],
    ) -> None:
        self._study = study
        self._workers = workers
        self._lag = lag
        self._max_failures = max_failures
        self._count_parameters = count_parameters
        self._asked: dict[str, tuple[int, int, TrialConfig]] = {}
        self._failures: list[TrialRecord] = []

    def run(
        self, planned: int, known: Mapping[int, TrialRecord], save: Save
    ) -> Iterator[TrialRecord]:
        """Train every slot that has no record yet.

        Args:
            planned: Number of slots.
            known: The records there are, by slot.
            save: Called with each new record before the study learns of it.

        Yields:
            Each new record, as its trial ends.

        Raises:
            StorageError: ``max_failures`` trials in a row failed.
        """
        records = {slot: record for slot, record in known.items() if slot < planned}
        first_new = next((slot for slot in range(planned) if slot not in records), planned)
        for slot in range(planned + self._lag):
            told = slot - self._lag
            if 0 <= told < planned:
                yield from self._wait_for(told, records, save)
                if told not in known:  # those of an earlier start stopped that one, not this
                    self._count_failures(records[told])
                if told > first_new - self._lag:
                    self._study.tell(records[told])
            if slot >= planned:
                continue
            if slot in records:
                self._study.restore(records[slot], told=slot <= first_new - self._lag)
            else:
                self._submit(slot)

    def _submit(self, slot: int) -> None:
        number, config = self._study.ask(slot)
        trial = search_trial_id(slot)
        self._asked[trial] = (slot, number, config)
        self._workers.submit(trial, config)

    def _wait_for(
        self, slot: int, records: dict[int, TrialRecord], save: Save
    ) -> Iterator[TrialRecord]:
        while slot not in records:
            result = self._workers.next_result()
            record = self._record(result)
            save(record)
            records[record.slot] = record
            yield record

    def _record(self, result: TrialResult) -> TrialRecord:
        slot, number, config = self._asked.pop(result.trial)
        return TrialRecord(
            trial=result.trial,
            stage="search",
            slot=slot,
            replicate=0,
            config=config,
            outcome=result.outcome,
            reason=result.reason,
            parameters=self._count_parameters(config),
            history=result.history,
            seconds=result.seconds,
            number=number,
        )

    def _count_failures(self, record: TrialRecord) -> None:
        """Stop a sweep in which nothing works; slots are counted in order, as they are told."""
        if record.outcome != "failed":
            self._failures.clear()
            return
        self._failures.append(record)
        if len(self._failures) >= self._max_failures:
            raise StorageError(
                f"{self._failures[0].trial} to {record.trial}: {len(self._failures)} trials failed"
                f" in a row, the last with {record.reason}; mend the cause, then `fitgap resume`"
            )
