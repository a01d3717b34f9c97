import dataclasses

from sweep.config import TrialConfig
from sweep.records import TaskSpan, worked_until
from sweep.training.run_clock import RunClock
from sweep.training.tasks import CohortTask, failed_result

CONFIG = TrialConfig(depth=1, width=8, epochs=3, batch_size=64, seed=4)


def task_of(*seeds, until=3, **changes):
    return CohortTask(
        trials=tuple(f"s{seed}" for seed in seeds),
        configs=tuple(CONFIG.with_seed(seed) for seed in seeds),
        until=until,
        **changes,
    )


def told(trial, worker, took):
    span = TaskSpan(worker=worker, start=-took, end=0.0)
    result = failed_result(trial, ValueError(), took)
    return dataclasses.replace(result, outcome="finished", spans=(span,))


def test_workers_are_numbered_as_they_are_heard_of_and_keep_their_number():
    clock = RunClock()
    names = ["tcp://10.0.0.2:81", "tcp://10.0.0.1:80", "tcp://10.0.0.2:81"]
    noted = [
        clock.note(task_of(place), [told(f"s{place}", name, 1.0)], 5.0 + place)[0]
        for place, name in enumerate(names)
    ]

    assert [result.spans[0].worker for result in noted] == ["0", "1", "0"]
    assert [result.spans[0].start for result in noted] == [4.0, 5.0, 6.0]
    assert [result.spans[0].end for result in noted] == [5.0, 6.0, 7.0]


def test_spans_of_a_trial_are_those_of_all_its_tasks_and_of_no_other_trial():
    clock = RunClock()
    clock.note(task_of(1, 2, until=1), [told("s1", "a", 1.0), told("s2", "a", 1.0)], 2.0)
    clock.note(task_of(3), [told("s3", "a", 1.0)], 4.0)
    (result,) = clock.note(task_of(1, continues="s1@1"), [told("s1", "b", 2.5)], 8.0)

    assert result.spans == (
        TaskSpan(worker="0", start=1.0, end=2.0),
        TaskSpan(worker="1", start=5.5, end=8.0),
    )


def test_a_run_goes_on_from_the_end_of_its_last_task(record_of):
    assert worked_until([]) == worked_until([record_of(0)]) == 0.0
    spans = (TaskSpan(worker="0", start=1.0, end=7.5),)
    assert worked_until([record_of(0, spans=spans), record_of(1)]) == 7.5
    assert 7.5 <= RunClock(7.5).now() < 8.5
