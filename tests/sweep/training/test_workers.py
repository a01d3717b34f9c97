import dataclasses
import time

import numpy as np
import pytest
from sklearn.datasets import load_digits

from sweep.config import TrialConfig
from sweep.data.dataset import TrainingData
from sweep.records import PlannedTrial, TaskSpan, worked_until
from sweep.training.best import history_difference
from sweep.training.trainer import Trainer
from sweep.training.units import NOT_COUNTED, count_units
from sweep.training.workers import (
    CohortTask,
    InProcessWorker,
    RunClock,
    failed_result,
    start_workers,
    train_cohort,
    train_task,
    train_trial,
)
from sweep.variant import AS_SPLIT, DataVariant

CONFIG = TrialConfig(depth=1, width=8, epochs=3, batch_size=64, seed=4)
BAD = dataclasses.replace(CONFIG, activation="swish")


@pytest.fixture(scope="module")
def data():
    x, y = load_digits(return_X_y=True)
    x = (x / 16).astype(np.float32).reshape(-1, 8, 8)
    return TrainingData(
        task="multiclass", input_shape=(8, 8), classes=10,
        x_train=x[:300], y_train=y[:300].astype(np.int32),
        x_validation=x[300:400], y_validation=y[300:400].astype(np.int32),
    )  # fmt: skip


def task_of(*seeds, until=3, **changes):
    return CohortTask(
        trials=tuple(f"s{seed}" for seed in seeds),
        configs=tuple(CONFIG.with_seed(seed) for seed in seeds),
        until=until,
        **changes,
    )


def trials_of(results):
    return [result.trial for result in results]


def test_a_task_is_named_by_its_first_trial_and_its_end():
    task = task_of(7, 9, until=2)

    assert (task.name, task.is_last) == ("s7@2", False)
    assert task_of(7, until=3).is_last


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


def test_a_trial_that_ends_well_is_finished(data):
    result = train_trial(data, "s0000", CONFIG)

    assert (result.trial, result.outcome, result.reason) == ("s0000", "finished", "")
    assert len(result.history) == 3
    assert result.history.best_epoch is not None
    assert result.seconds > 0


def test_a_trial_is_a_function_of_its_configuration(data):
    first = train_trial(data, "a", CONFIG)
    train_trial(data, "b", CONFIG.with_seed(5))
    again = train_trial(data, "c", CONFIG)
    other = train_trial(data, "d", CONFIG.with_seed(5))

    assert history_difference(first.history, again.history) == 0
    assert history_difference(first.history, other.history) > 0


def test_a_trial_that_diverges_says_in_which_epoch(data):
    config = TrialConfig(
        depth=1, width=8, optimizer="sgd", learning_rate=1e30, momentum=0.9, epochs=5
    )
    result = train_trial(data, "s0000", config)

    assert result.outcome == "diverged"
    epoch = result.history.diverged_epoch
    assert result.reason == f"loss or weights not finite in epoch {epoch}"
    assert len(result.history) == epoch


def test_an_exception_of_the_engine_is_a_failed_trial_with_its_reason(data):
    result = train_trial(data, "s0000", TrialConfig(depth=1, width=8, activation="swish"))

    assert result.outcome == "failed"
    assert result.reason == "ValueError: tuple.index(x): x not in tuple"
    assert len(result.history) == 0
    assert result.history.best_epoch is None


def test_no_member_of_a_cohort_fails_for_the_others_sake(data):
    task = CohortTask(trials=("s1", "s2"), configs=(CONFIG, BAD), until=3, cohort="s1")
    results, checkpoint = train_cohort(data, task)

    assert [(result.trial, result.outcome, result.cohort) for result in results] == [
        ("s1", "finished", ""),
        ("s2", "failed", ""),
    ]
    assert history_difference(results[0].history, train_trial(data, "s1", CONFIG).history) == 0
    assert checkpoint is None


def test_a_long_reason_is_shortened_to_its_first_line(data):
    config = TrialConfig(depth=1, width=8, optimizer="x" * 2000 + "\nmore")
    reason = train_trial(data, "s0000", config).reason

    assert len(reason) <= 500
    assert "\n" not in reason


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


def test_the_record_of_a_result_has_the_arm_and_the_variant_that_were_planned(sets):
    planned = PlannedTrial(
        trial="r001-01", stage="comparison", slot=1, config=CONFIG, replicate=1, arm="few",
        variant=FEW,
    )  # fmt: skip
    record = train_trial(sets[FEW], "r001-01", CONFIG).record(planned, 99)

    assert (record.arm, record.variant, record.replicate) == ("few", FEW, 1)


def test_idle_units_are_counted_where_the_task_asks_for_it(data):
    from sweep.training.trainer import trainer_for  # noqa: PLC0415 - loads TensorFlow

    plain = train_cohort(data, task_of(1, 2))[0]
    counted = train_cohort(data, task_of(1, 2, units=True))[0]

    assert [result.units for result in plain] == [NOT_COUNTED] * 2
    networks = trainer_for(data).train([CONFIG.with_seed(seed) for seed in (1, 2)])
    expected = [count_units(one.best_weights, data.x_train, "relu") for one in networks]
    assert [result.units for result in counted] == expected
    assert all(result.units.dead is not None for result in counted)


def test_units_of_a_network_that_diverged_are_not_counted(data):
    wild = dataclasses.replace(CONFIG, optimizer="sgd", learning_rate=1e30, epochs=2)
    task = CohortTask(trials=("s0",), configs=(wild,), until=2, units=True)

    result = train_cohort(data, task)[0][0]

    assert (result.outcome, result.units) == ("diverged", NOT_COUNTED)


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


def test_a_task_is_told_with_who_did_it_and_how_long_that_took(data):
    began = time.monotonic()
    task = CohortTask(trials=("s1", "s2"), configs=(CONFIG, BAD), until=3, cohort="s1")
    results, _ = train_task(data, task, None, "this one")
    took = time.monotonic() - began

    assert [result.outcome for result in results] == ["finished", "failed"]
    (span,), (other,) = (result.spans for result in results)
    assert span == other
    assert (span.worker, span.end) == ("this one", 0.0)
    assert -took <= span.start <= -results[0].seconds


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


def test_a_clock_that_is_set_does_no_harm(data, monkeypatch):
    worker = InProcessWorker(data)
    monkeypatch.setattr("time.time", lambda: -1e9)
    worker.submit(task_of(1))
    (span,) = worker.next_results()[0].spans

    assert 0 <= span.start < span.end < 60
