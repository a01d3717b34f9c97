import dataclasses
import time

import numpy as np
import pytest

from sweep.config import TrialConfig
from sweep.training.best import history_difference
from sweep.training.tasks import CohortTask, train_cohort, train_trial
from sweep.training.trainer import Trainer
from sweep.training.workers import InProcessWorker, start_workers
from sweep.variant import AS_SPLIT, DataVariant

CONFIG = TrialConfig(depth=1, width=8, epochs=3, batch_size=64, seed=4)


def task_of(*seeds, until=3, **changes):
    return CohortTask(
        trials=tuple(f"s{seed}" for seed in seeds),
        configs=tuple(CONFIG.with_seed(seed) for seed in seeds),
        until=until,
        **changes,
    )


def trials_of(results):
    return [result.trial for result in results]


def test_tasks_end_in_the_order_of_submission(data):
    worker = InProcessWorker(data)
    for seed in (3, 1, 2):
        worker.submit(task_of(seed))

    assert [trials_of(worker.next_results()) for _ in range(3)] == [["s3"], ["s1"], ["s2"]]


def test_the_task_of_the_smallest_priority_is_done_first(data):
    worker = InProcessWorker(data)
    for seed, priority in ((1, 5), (2, 0), (3, 5), (4, 2)):
        worker.submit(task_of(seed, priority=priority))

    order = [trials_of(worker.next_results()) for _ in range(4)]
    assert order == [["s2"], ["s4"], ["s1"], ["s3"]]


def test_a_trial_advanced_in_two_tasks_equals_one_trained_straight_through(data):
    worker = InProcessWorker(data)
    worker.submit(task_of(5, until=1))
    (first,) = worker.next_results()
    worker.submit(task_of(5, continues="s5@1"))
    (second,) = worker.next_results()
    straight = train_trial(data, "s5", CONFIG.with_seed(5))

    assert first.outcome == second.outcome == "finished"
    assert np.array_equal(first.history.array[:, :-1], straight.history.array[:1, :-1])
    assert history_difference(second.history, straight.history) == 0


def test_a_cohort_goes_on_without_the_members_that_are_left_out(data):
    worker = InProcessWorker(data)
    worker.submit(task_of(1, 2, 3, until=1, cohort="s1"))
    worker.next_results()
    worker.submit(task_of(1, 3, continues="s1@1", cohort="s1"))
    results = worker.next_results()
    whole, _ = train_cohort(data, task_of(1, 2, 3, cohort="s1"))

    assert [(result.trial, result.cohort) for result in results] == [("s1", "s1"), ("s3", "s1")]
    for result, expected in zip(results, (whole[0], whole[2]), strict=True):
        assert history_difference(result.history, expected.history) < 1e-5


def test_a_checkpoint_is_a_shortcut_and_nothing_more(data):
    worker = InProcessWorker(data)
    worker.submit(task_of(5, until=1))
    worker.next_results()
    worker.forget("s5@1")
    worker.forget("s5@1")  # what is not there is forgotten already
    worker.submit(task_of(5, continues="s5@1"))
    (result,) = worker.next_results()

    assert history_difference(
        result.history, train_trial(data, "s5", CONFIG.with_seed(5)).history
    ) == 0  # fmt: skip


def test_no_checkpoint_outlives_the_task_that_continues(data):
    worker = InProcessWorker(data)
    worker.submit(task_of(5, until=1))
    worker.next_results()
    assert list(worker._checkpoints) == ["s5@1"]

    worker.submit(task_of(5, continues="s5@1"))
    worker.next_results()
    assert worker._checkpoints == {}


def test_one_worker_is_this_process(data):
    with start_workers(data, 1) as worker:
        assert worker.call(lambda given, more: (given is data, more), 5) == (True, 5)
        worker.submit(task_of(0))
    with pytest.raises(IndexError):
        worker.next_results()  # closing forgets what is queued


def test_workers_are_closed_after_an_error(data, monkeypatch):
    closed = []
    monkeypatch.setattr(InProcessWorker, "close", lambda worker: closed.extend([worker]))
    with pytest.raises(KeyboardInterrupt), start_workers(data, 1) as worker:
        raise KeyboardInterrupt

    assert closed == [worker]


NOISY, FEW = DataVariant(label_noise=0.5), DataVariant(train_rows=100)


@pytest.fixture(name="sets", scope="module")
def _sets(data):
    turned = data.y_train[::-1].copy()
    return {
        AS_SPLIT: data,
        NOISY: dataclasses.replace(data, y_train=turned),
        FEW: dataclasses.replace(data, x_train=data.x_train[:100], y_train=data.y_train[:100]),
    }


def test_every_task_is_trained_on_its_own_variant(sets):
    worker = InProcessWorker(sets)
    for variant in sets:
        worker.submit(task_of(4, 5, variant=variant))

    for data in sets.values():
        for result, seed in zip(worker.next_results(), (4, 5), strict=True):
            expected = Trainer(data).train([CONFIG.with_seed(4), CONFIG.with_seed(5)])[seed - 4]
            assert history_difference(result.history, expected.history) == 0


def test_a_task_that_is_continued_goes_on_with_its_variant(sets):
    worker = InProcessWorker(sets)
    worker.submit(task_of(4, until=1, variant=FEW))
    worker.next_results()
    worker.submit(task_of(4, continues="s4@1", variant=FEW))
    (result,) = worker.next_results()

    expected = train_trial(sets[FEW], "s4", CONFIG.with_seed(4))
    assert history_difference(result.history, expected.history) == 0


def test_a_call_is_made_with_the_data_as_the_run_splits_them(sets):
    assert InProcessWorker(sets).call(lambda data: len(data.x_train)) == 300


def test_tasks_of_one_worker_follow_each_other_within_the_time_of_the_run(data):
    worker = InProcessWorker(data, worked=100.0)
    began = time.monotonic()
    worker.submit(task_of(1, 2, until=1, cohort="s1"))
    first = worker.next_results()
    worker.submit(task_of(2, continues="s1@1", cohort="s1"))
    (last,) = worker.next_results()
    until = 100.0 + time.monotonic() - began

    assert first[0].spans == first[1].spans == last.spans[:1]  # that of their task
    (one, two) = last.spans
    assert one.worker == two.worker == "0"
    assert 100.0 <= one.start < one.end <= two.start < two.end <= until + 0.001


def test_a_clock_that_is_set_does_no_harm(data, monkeypatch):
    worker = InProcessWorker(data)
    monkeypatch.setattr("time.time", lambda: -1e9)
    worker.submit(task_of(1))
    (span,) = worker.next_results()[0].spans

    assert 0 <= span.start < span.end < 60
