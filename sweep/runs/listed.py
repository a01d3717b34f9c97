"""Train trials that are all known beforehand: a list, whatever of it has no record yet."""

import collections
from collections.abc import Iterator, Mapping, Sequence

from sweep.records import PlannedTrial, TrialRecord
from sweep.runs.folder import RunFolder
from sweep.space.search_space import parameters_of
from sweep.training.cohort_rule import Site, form_cohorts
from sweep.training.tasks import CohortTask
from sweep.training.workers import Workers
from sweep.variant import DataVariant


def train_listed(
    workers: Workers,
    planned: Sequence[PlannedTrial],
    records: list[TrialRecord],
    *,
    folder: RunFolder,
    sites: Mapping[DataVariant, Site],
) -> Iterator[TrialRecord]:
    """Train whatever has no record of a list of trials; none of them is pruned.

    Cohorts are formed of the whole list, whatever has a record: a trial is trained with the same
    others in a run that was interrupted.

    Args:
        workers: Who trains.
        planned: The list.
        records: What has been recorded so far; new records are added.
        folder: Where each record is written before anybody hears of it.
        sites: What the trials of each variant of the data are trained on: what is fitted to
            training rows, such as the categories of a column, may differ between them.

    Yields:
        Each new record.
    """
    done = {record.trial for record in records}
    missing = {item.trial: item for item in planned if item.trial not in done}
    waiting = 0
    for priority, places in enumerate(_cohorts(planned, sites)):
        members = [planned[place] for place in places]
        if any(member.trial in missing for member in members):
            waiting += 1
            workers.submit(
                CohortTask(
                    trials=tuple(member.trial for member in members),
                    configs=tuple(member.config for member in members),
                    until=members[0].config.epochs,
                    priority=priority,
                    cohort=members[0].trial if len(members) > 1 else "",
                    variant=members[0].variant,
                    units=any(member.units for member in members),
                )
            )
    for _ in range(waiting):
        new = []
        for result in workers.next_results():
            if result.trial in missing:  # some were trained for the sake of their cohort
                item = missing.pop(result.trial)
                site = sites[item.variant]
                parameters = parameters_of(item.config, site.inputs, site.outputs)
                new.append(result.record(item, parameters))
        for record in new:  # all of them are safe before anybody hears of one
            folder.append_record(record)
            records.append(record)
        yield from new


def _cohorts(
    planned: Sequence[PlannedTrial], sites: Mapping[DataVariant, Site]
) -> list[tuple[int, ...]]:
    """Return the places of the members of each cohort, ordered by the first."""
    by_variant = collections.defaultdict[DataVariant, list[int]](list)
    for place, item in enumerate(planned):
        by_variant[item.variant].append(place)
    return sorted(
        tuple(places[member] for member in members)
        for variant, places in by_variant.items()
        for members in form_cohorts([planned[place].config for place in places], sites[variant])
    )
