import dataclasses
import math

import numpy as np
import optuna
import pytest
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import TrialState

from sweep.errors import StorageError
from sweep.records import HISTORY_COLUMNS, TrainingHistory
from sweep.runs.record_log import append_record, read_records
from sweep.search.budget import TimeBudget
from sweep.search.grid import every_configuration, grid_size
from sweep.search.loop import SearchLoop, SearchPlan, choose_lag
from sweep.search.rungs import Rungs
from sweep.search.study import SearchStudy
from sweep.settings.sweep_settings import SweepSettings
from sweep.space.parsing import parse_space
from sweep.space.search_space import SearchSpace
from sweep.space.starts import is_on_grid
from sweep.training.cohort_rule import Site, cohort_shape
from sweep.training.cost import Work
from sweep.training.tasks import TrialResult

INPUTS, OUTPUTS = 64, 10
TRIALS = 22
LAG = 5  # TPE draws at random until 10 results are told: here up to slot 14
CAPPED = SearchSpace(max_parameters=100_000)  # about every fourth configuration has more
GRID = parse_space(
    {"depth": [0, 1, 2], "width": [8, 64], "optimizer": ["adam", "sgd"], "learning_rate": [0.01],
     "dropout": [0.0, 0.5], "activation": ["relu"]}
)  # fmt: skip
TINY = parse_space(
    {"depth": [1], "width": [8, 16], "optimizer": ["adam", "sgd"], "activation": ["relu", "tanh"]}
)  # small enough for cohorts, and with so few shapes that batches hold some
WHOLE = parse_space(
    {
        "depth": [0, 1, 2],
        "width": [8, 64],
        "shape": ["equal", "tapering"],
        "dropout": [0.0, 0.5],
        "activation": "relu",
        "optimizer": ["adam", "sgd"],
        "learning_rate": 0.01,
        "momentum": 0.9,
    }
)  # of as many configurations as there are trials: 1 + (2 + 3) * 2 networks, two optimizers
STARTS = [{"depth": 1, "width": 16}, {"depth": 2, "width": 128}, {"depth": 1, "width": 20}]
GRID_STARTS = [{"depth": 1, "width": 64}, {"depth": 0, "optimizer": "sgd", "momentum": 0.3}]
RUNGS = Rungs(epochs=(1, 2), share=0.5)
BUDGET = TimeBudget(
    seconds=13.9, top=2, seeds=2, audited=0.0, share=0.5, extra=0.0,
    work=Work(site=Site(INPUTS, OUTPUTS), train_rows=1000, validation_rows=300, workers=1),
)  # fmt: skip
CASES = {
    "tpe": {"sampler": "tpe"},
    "random": {"sampler": "random"},
    "qmc": {"sampler": "qmc"},
    "grid": {"sampler": "grid", "space": GRID, "trials": 18},
    "pruned": {"sampler": "tpe", "rungs": RUNGS},
    "cohorts": {"sampler": "tpe", "space": TINY},
    "pruned cohorts": {"sampler": "tpe", "space": TINY, "rungs": RUNGS},
    "starts": {"sampler": "tpe", "start": STARTS},
    "starts on a grid": {"sampler": "grid", "space": GRID, "trials": 18, "start": GRID_STARTS},
    "whole space by tpe": {"sampler": "tpe", "space": WHOLE},
    "whole space by random": {"sampler": "random", "space": WHOLE},
    "whole space by qmc": {"sampler": "qmc", "space": WHOLE},
}
HOLDING_COHORTS = {
    "grid", "cohorts", "pruned cohorts", "starts on a grid", "whole space by tpe",
    "whole space by random",
}  # fmt: skip


def search(folder, workers, *, trials=TRIALS, lag=LAG, **more):
    """Run, or go on with, the search whose records lie in a folder; return all its records."""
    space = more.pop("space", CAPPED)
    max_failures = more.pop("max_failures", 10)
    rungs = more.pop("rungs", Rungs())
    again = more.pop("again", {})
    budget = more.pop("budget", None)
    settings = SweepSettings(data="digits", trials=trials, epochs=3, space=space, **more)
    log = folder / "records.jsonl"
    study = SearchStudy(settings, inputs=INPUTS, outputs=OUTPUTS, journal=folder / "study.journal")
    end = most_slots(settings)
    plan = SearchPlan(
        lag=lag, max_failures=max_failures, rungs=rungs, site=Site(INPUTS, OUTPUTS), end=end,
        budget=budget,
    )  # fmt: skip
    loop = SearchLoop(study, workers, plan, again)
    known = {record.slot: record for record in read_records(log)}
    new = list(loop.run(trials, known, lambda record: append_record(log, record)))
    assert not {record.slot for record in new} & set(known)
    return read_records(log)


def most_slots(settings):
    space = settings.space
    if settings.sampler == "grid":
        beside = sum(not is_on_grid(table, space) for table in settings.start)
        return grid_size(space, INPUTS, OUTPUTS) + beside
    whole = every_configuration(space, INPUTS, OUTPUTS)
    return math.inf if whole is None else len(whole)


def load_study(folder):
    storage = JournalStorage(JournalFileBackend(str(folder / "study.journal")))
    return optuna.load_study(study_name="fitgap", storage=storage)


def contents(folder, *, trials=TRIALS):
    """What a study holds of each trial, the times aside; rejected draws by their state alone.

    Slots after the last planned one were asked for only for the sake of their cohort.
    """
    wanted = load_study(folder).trials
    while wanted[-1].user_attrs.get("slot", trials) >= trials:
        wanted.pop()
    return [
        (trial.number, trial.state, trial.value, trial.user_attrs,
         trial.params if "slot" in trial.user_attrs else None)
        for trial in wanted
    ]  # fmt: skip


@pytest.fixture
def folder_of(memory_path):
    def make(name):
        (memory_path / name).mkdir()
        return memory_path / name

    return make


@pytest.mark.parametrize("case", CASES)
def test_the_order_of_completion_changes_nothing(case, folder_of, workers_of, same_trials):
    more = CASES[case]
    reference = search(folder_of("in-order"), workers_of(), **more)
    assert len(reference) == more.get("trials", TRIALS)
    assert len({record.config.effective for record in reference}) == len(reference)
    pruned = {"pruned"} if "rungs" in more else set()
    outcomes = {record.outcome for record in reference}
    assert outcomes == {"finished", "diverged", "failed"} | pruned
    assert any(record.cohort for record in reference) == (case in HOLDING_COHORTS)

    for seed in range(3):
        folder = folder_of(f"shuffled-{seed}")
        shuffled = search(folder, workers_of(seed), **more)
        assert [record.slot for record in shuffled] != [record.slot for record in reference]
        same_trials(shuffled, reference)
        assert contents(folder) == contents(folder.with_name("in-order"))


def test_known_configurations_come_first_and_what_is_learnt_of_them_counts(folder_of, workers_of):
    wide = {"sampler": "tpe", "trials": 26, "lag": 4}
    records = search(folder_of("run"), workers_of(), start=STARTS, **wide)
    records.sort(key=lambda record: record.slot)

    assert [record.config.width for record in records[:3]] == [16, 128, 20]
    assert [record.config.depth for record in records[:3]] == [1, 2, 1]
    assert len({record.config.seed for record in records}) == 26
    textbook = search(folder_of("other"), workers_of(), start=STARTS[:1], **wide)
    textbook.sort(key=lambda record: record.slot)
    assert textbook[1].config.effective == records[1].config.effective  # the sampler's first


def test_a_grid_with_starts_is_whole_and_has_nothing_twice(folder_of, workers_of):
    size = grid_size(GRID, INPUTS, OUTPUTS)
    records = search(
        folder_of("run"), workers_of(), **{**CASES["starts on a grid"], "trials": size + 1}
    )
    grid = search(folder_of("grid"), workers_of(), **{**CASES["grid"], "trials": size})

    found = {record.config.effective for record in records}
    assert len(found) == len(records) == len(grid) + 1
    assert found > {record.config.effective for record in grid}


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_a_search_cut_anywhere_goes_on_as_if_it_had_not_been(
    case, folder_of, workers_of, same_trials
):
    more = CASES[case]
    whole = folder_of("whole")
    reference = search(whole, workers_of(3), **more)
    lines = (whole / "records.jsonl").read_bytes().splitlines(keepends=True)
    for kept in range(len(lines) + 1):
        folder = folder_of(f"cut-{kept}")
        (folder / "records.jsonl").write_bytes(b"".join(lines[:kept]))
        same_trials(search(folder, workers_of(kept), **more), reference)
        assert contents(folder) == contents(whole)


def test_a_search_that_is_cut_again_and_again_equals_one_that_is_not(
    folder_of, workers_of, same_trials
):
    reference = search(folder_of("whole"), workers_of())
    folder = folder_of("cut")
    log = folder / "records.jsonl"
    for kept in (3, 9, 16, 17, 21):
        search(folder, workers_of(kept))
        lines = log.read_bytes().splitlines(keepends=True)
        log.write_bytes(b"".join(lines[:kept]))
        with (folder / "study.journal").open("ab") as journal:
            journal.write(b'{"op_code": 4, "worker_id": "torn')
    same_trials(search(folder, workers_of(9)), reference)


@pytest.mark.parametrize("case", CASES)
def test_a_search_that_is_extended_equals_one_planned_longer(
    case, folder_of, workers_of, same_trials
):
    more = dict(CASES[case])
    trials = more.pop("trials", TRIALS)
    reference = search(folder_of("long"), workers_of(1), trials=trials, **more)
    folder = folder_of("short")
    for longer in (1, 12, trials):
        found = search(folder, workers_of(2), trials=longer, **more)
        assert len(found) == longer
    same_trials(found, reference)


@pytest.mark.parametrize("case", ["tpe", "pruned cohorts", "whole space by tpe"])
def test_what_failed_is_trained_again_with_its_configuration_and_seed(
    case, folder_of, workers_of, result_of, same_trials
):
    def mended(trial, config):
        result = result_of(trial, config)
        if result.outcome != "failed":
            return result
        history = TrainingHistory(array=np.full((3, len(HISTORY_COLUMNS)), 0.01))
        return dataclasses.replace(result, outcome="finished", reason="", history=history)

    more = {**CASES[case], "trials": 22}
    before = {record.slot: record for record in search(folder_of("run"), workers_of(), **more)}
    failed = {slot: record for slot, record in before.items() if record.outcome == "failed"}
    ends = []
    for name, cuts in (("at-once", [99]), ("cut", [len(before) - len(failed) + 1, 99])):
        folder = folder_of(name)
        for record in before.values():
            if record.slot not in failed:
                append_record(folder / "records.jsonl", record)
        for kept in cuts:  # the second time after a crash behind the first of them
            search(folder, workers_of(2, mended), again=failed, **more)
            lines = (folder / "records.jsonl").read_bytes().splitlines(keepends=True)
            (folder / "records.jsonl").write_bytes(b"".join(lines[:kept]))
        ends.append({one.slot: one for one in read_records(folder / "records.jsonl")})

    assert len(failed) > 1
    for slot, record in failed.items():
        again = ends[0].pop(slot)
        assert again.outcome in {"finished", "pruned"}
        assert (again.config, again.number) == (record.config, record.number)
        assert ends[1].pop(slot).outcome == again.outcome
    same_trials(ends[0].values(), [before[slot] for slot in ends[0]])
    same_trials(ends[0].values(), ends[1].values())


@pytest.mark.parametrize("rungs", [Rungs(), RUNGS])
def test_a_budget_ends_a_search_at_the_same_slot_whatever_happens(
    rungs, folder_of, workers_of, same_trials
):
    more = {"space": TINY, "rungs": rungs, "budget": BUDGET, "trials": 500}
    whole = folder_of("whole")
    reference = search(whole, workers_of(), **more)
    assert TRIALS < len(reference) < 200
    assert len(reference) % 3 == 0  # whole batches

    same_trials(search(folder_of("shuffled"), workers_of(3), **more), reference)
    lines = (whole / "records.jsonl").read_bytes().splitlines(keepends=True)
    for kept in (1, len(lines) // 2, len(lines) - 1, len(lines)):
        folder = folder_of(f"cut-{kept}")
        (folder / "records.jsonl").write_bytes(b"".join(lines[:kept]))
        same_trials(search(folder, workers_of(kept), **more), reference)
    assert len(search(folder_of("few"), workers_of(), **{**more, "trials": 5})) == 5


def test_a_search_whose_budget_grows_equals_one_that_had_it_from_the_start(
    folder_of, workers_of, same_trials
):
    more = {"space": TINY, "rungs": RUNGS, "trials": 500}
    larger = dataclasses.replace(BUDGET, seconds=BUDGET.seconds + 0.5)
    reference = search(folder_of("large"), workers_of(1), budget=larger, **more)
    folder = folder_of("small")
    before = search(folder, workers_of(2), budget=BUDGET, **more)

    assert len(before) < len(reference)
    same_trials(search(folder, workers_of(2), budget=larger, **more), reference)


def test_fewer_trials_than_there_are_records_trains_nothing(folder_of, workers_of):
    folder = folder_of("run")
    search(folder, workers_of(), trials=12)
    workers = workers_of()

    assert len(search(folder, workers, trials=5)) == 12
    assert workers.submitted == []


def test_rejected_configurations_leave_numbers_that_survive_a_resume(folder_of, workers_of):
    folder = folder_of("run")
    records = search(folder, workers_of())
    numbers = [record.number for record in sorted(records, key=lambda record: record.slot)]

    assert numbers == sorted(set(numbers))
    assert numbers[-1] >= TRIALS  # some were rejected
    assert all(record.parameters <= CAPPED.max_parameters for record in records)
    search(folder, workers_of())
    states = {trial.number: trial.state for trial in load_study(folder).trials}
    assert {number for number in states if number not in numbers} == {
        number for number, state in states.items() if state is TrialState.FAIL
    } - {record.number for record in records if record.outcome == "failed"}


@pytest.mark.parametrize("lag", [1, 4])
def test_a_configuration_depends_on_results_up_to_the_lag_and_on_no_later_one(
    lag, folder_of, workers_of, result_of
):
    changed = 13

    def other_result(trial, config):
        result = result_of(trial, config)
        if trial != f"s{changed:04d}":
            return result
        array = result.history.array / 1000
        return dataclasses.replace(
            result, outcome="finished", reason="", history=TrainingHistory(array=array)
        )

    def configs(name, workers):
        records = search(folder_of(name), workers, lag=lag)
        return [record.config for record in sorted(records, key=lambda record: record.slot)]

    one = configs("one", workers_of(0))
    other = configs("other", workers_of(1, other_result))

    assert one[: changed + lag] == other[: changed + lag]
    assert one[changed + lag :] != other[changed + lag :]


@pytest.mark.parametrize(("lag", "batch"), [(1, 1), (3, 2), (8, 4), (16, 4)])
def test_no_more_than_the_lag_and_the_rest_of_a_batch_are_waiting(
    lag, batch, folder_of, workers_of
):
    workers = workers_of()
    search(folder_of("run"), workers, lag=lag, trials=40, sampler="random")

    assert workers.most_waiting == lag + batch - 1


def test_trials_of_one_shape_that_are_asked_for_together_are_one_cohort(folder_of, workers_of):
    workers = workers_of()
    records = search(folder_of("run"), workers, space=TINY, lag=8, trials=24)

    batches = {}
    for record in records:
        shape = (record.slot // 4, cohort_shape(record.config))
        batches.setdefault(shape, []).append(record.trial)
    expected = {trial: trials[0] for trials in batches.values() for trial in trials[1:]}
    expected |= {trials[0]: trials[0] for trials in batches.values() if len(trials) > 1}
    assert {record.trial: record.cohort for record in records if record.cohort} == expected


def test_survivors_go_on_from_where_they_stand_and_nothing_else_is_kept(folder_of, workers_of):
    workers = workers_of(4)
    records = search(folder_of("run"), workers, space=TINY, rungs=RUNGS)

    assert not workers.to_continue
    continued = [task for task in workers.tasks if task.continues]
    assert {task.until for task in workers.tasks} == {1, 2, 3}
    for task in continued:
        before = next(other for other in workers.tasks if other.name == task.continues)
        assert set(task.trials) <= set(before.trials)
        assert before.until == task.until - 1
    pruned = {record.trial: len(record.history) for record in records if record.outcome == "pruned"}
    trained = {trial: task.until for task in workers.tasks for trial in task.trials}
    assert pruned == {trial: trained[trial] for trial in pruned}


def test_a_rung_lets_a_share_of_the_trials_go_on(folder_of, workers_of, result_of):
    def in_order(trial, config):  # every later trial is better than all before
        result = result_of(trial, config)
        array = np.full_like(make_array(result), 1.0 / (1 + int(trial[1:])))
        history = TrainingHistory(array=array)
        return dataclasses.replace(result, outcome="finished", reason="", history=history)

    def in_reverse(trial, config):
        result = in_order(trial, config)
        return dataclasses.replace(result, history=TrainingHistory(array=1 / result.history.array))

    def make_array(result):
        return np.zeros((3, result.history.array.shape[1]))

    third = Rungs(epochs=(1,), share=1 / 3)
    better = search(folder_of("better"), workers_of(0, in_order), rungs=third)
    worse = search(folder_of("worse"), workers_of(1, in_reverse), rungs=third)

    assert {record.outcome for record in better} == {"finished"}
    worse = sorted(worse, key=lambda record: record.slot)
    assert [record.outcome for record in worse] == ["finished"] + ["pruned"] * (TRIALS - 1)
    assert worse[1].reason == "loss 2 after epoch 1 was not the best of 2"
    assert worse[11].reason == "loss 12 after epoch 1 was not among the best 4 of 12"


def test_a_record_is_saved_before_the_study_learns_of_it(folder_of, workers_of, monkeypatch):
    folder = folder_of("run")
    told = []
    tell = SearchStudy.tell

    def spy(study, record):
        assert record.trial in {saved.trial for saved in read_records(folder / "records.jsonl")}
        told.append(record.slot)
        tell(study, record)

    monkeypatch.setattr(SearchStudy, "tell", spy)
    search(folder, workers_of(5))

    assert told == list(range(TRIALS))  # in the order of the slots


def test_the_journal_has_every_trial_with_its_state(folder_of, workers_of):
    folder = folder_of("run")
    records = {record.slot: record for record in search(folder, workers_of(0))}
    expected = {
        "finished": TrialState.COMPLETE, "diverged": TrialState.PRUNED, "failed": TrialState.FAIL
    }  # fmt: skip

    found = {
        trial.user_attrs["slot"]: trial
        for trial in load_study(folder).trials
        if trial.user_attrs.get("slot", TRIALS) < TRIALS
    }

    assert found.keys() == records.keys()
    for slot, record in records.items():
        trial = found[slot]
        assert trial.number == record.number
        assert trial.state is expected[record.outcome]
        if record.outcome == "finished":
            assert trial.value == record.validation_loss
        rate = trial.params[f"learning_rate_{record.config.optimizer}"]
        assert rate == record.config.learning_rate
    best = min(
        record.validation_loss for record in records.values() if record.outcome == "finished"
    )
    assert load_study(folder).best_value == best


def failing(trial, config):
    del config
    empty = TrainingHistory(array=np.empty((0, len(HISTORY_COLUMNS))))
    return TrialResult(
        trial=trial, outcome="failed", reason="no memory", history=empty, seconds=0.0
    )


def test_failures_in_a_row_stop_the_search_with_one_message(folder_of, workers_of):
    folder = folder_of("run")
    with pytest.raises(
        StorageError,
        match=r"^s0000 to s0003: 4 trials failed in a row, the last with no memory; mend the cause,"
        r" then `fitgap resume`$",
    ):
        search(folder, workers_of(0, failing), max_failures=4)

    records = read_records(folder / "records.jsonl")
    assert {record.outcome for record in records} == {"failed"}
    assert len(records) <= 4 + LAG


def test_a_search_that_failures_stopped_goes_on_once_the_cause_is_mended(folder_of, workers_of):
    folder = folder_of("run")
    with pytest.raises(StorageError, match="4 trials failed in a row"):
        search(folder, workers_of(None, failing), max_failures=4)

    records = search(folder, workers_of(), max_failures=4)

    assert sorted(record.slot for record in records) == list(range(TRIALS))
    assert "finished" in {record.outcome for record in records}


def test_failures_that_are_not_in_a_row_do_not_stop_it(folder_of, workers_of, result_of):
    def two_of_three(trial, config):
        result = result_of(trial, config)
        if int(trial[1:]) % 3:
            return failing(trial, config)
        return dataclasses.replace(result, outcome="finished")

    records = search(folder_of("run"), workers_of(0, two_of_three), max_failures=3)

    assert sum(record.outcome == "failed" for record in records) == 2 * TRIALS // 3


def test_slots_asked_for_beyond_the_plan_are_neither_kept_nor_left_running(folder_of, workers_of):
    folder = folder_of("run")
    workers = workers_of(3)
    records = search(folder, workers, trials=TRIALS, lag=8, space=TINY, rungs=RUNGS)

    assert TRIALS % 4 == 2  # slots 22 and 23 were asked for with the last two
    assert {record.slot for record in records} == set(range(TRIALS))
    states = {
        trial.user_attrs["slot"]: trial.state
        for trial in load_study(folder).trials
        if "slot" in trial.user_attrs
    }
    assert {slot for slot in states if slot >= TRIALS} == {22, 23}
    assert states[22] is states[23] is TrialState.FAIL
    assert TrialState.RUNNING not in states.values()
    assert not workers.waiting


@pytest.mark.parametrize(("workers", "lag"), [(1, 8), (4, 8), (5, 20), (64, 256)])
def test_few_workers_have_one_lag_and_many_have_slots_in_reserve(workers, lag):
    assert choose_lag(workers) == lag


def test_one_trial_is_a_search(folder_of, workers_of):
    assert [record.slot for record in search(folder_of("run"), workers_of(), trials=1)] == [0]
