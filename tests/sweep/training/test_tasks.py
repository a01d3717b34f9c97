import dataclasses
import time

from sweep.config import TrialConfig
from sweep.records import PlannedTrial
from sweep.training.best import history_difference
from sweep.training.tasks import CohortTask, train_cohort, train_task, train_trial
from sweep.training.units import NOT_COUNTED, count_units
from sweep.variant import DataVariant

CONFIG = TrialConfig(depth=1, width=8, epochs=3, batch_size=64, seed=4)
BAD = dataclasses.replace(CONFIG, activation="swish")
FEW = DataVariant(train_rows=100)


def task_of(*seeds, until=3, **changes):
    return CohortTask(
        trials=tuple(f"s{seed}" for seed in seeds),
        configs=tuple(CONFIG.with_seed(seed) for seed in seeds),
        until=until,
        **changes,
    )


def test_a_task_is_named_by_its_first_trial_and_its_end():
    task = task_of(7, 9, until=2)

    assert (task.name, task.is_last) == ("s7@2", False)
    assert task_of(7, until=3).is_last


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


def test_the_record_of_a_result_has_the_arm_and_the_variant_that_were_planned(data):
    planned = PlannedTrial(
        trial="r001-01", stage="comparison", slot=1, config=CONFIG, replicate=1, arm="few",
        variant=FEW,
    )  # fmt: skip
    few = dataclasses.replace(data, x_train=data.x_train[:100], y_train=data.y_train[:100])
    record = train_trial(few, "r001-01", CONFIG).record(planned, 99)

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
