import optuna
import pytest
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import TrialState

from sweep.config import TrialConfig
from sweep.errors import ConfigurationError, StorageError
from sweep.search import study as study_module
from sweep.search.study import SearchStudy
from sweep.seeds import derive_seed
from sweep.settings.sweep_settings import SweepSettings
from sweep.space.parsing import parse_space
from sweep.space.search_space import SearchSpace


@pytest.fixture
def journal(tmp_path):
    return tmp_path / "study.journal"


def study_of(journal, space=None, **more):
    settings = SweepSettings(
        data="digits", trials=5, epochs=3, space=space or SearchSpace(), **more
    )
    return SearchStudy(settings, inputs=64, outputs=10, journal=journal)


def trials_in(journal):
    storage = JournalStorage(JournalFileBackend(str(journal)))
    return optuna.load_study(study_name="fitgap", storage=storage).trials


def asked_record(record_of, study, slot, **more):
    number, config = study.ask(slot)
    return record_of(slot, config=config, number=number, **more)


def test_each_slot_has_a_seed_of_its_own_and_the_budget(journal):
    study = study_of(journal, seed=5)
    asked = [study.ask(slot) for slot in range(3)]

    assert [number for number, _ in asked] == [0, 1, 2]
    assert [config.seed for _, config in asked] == [derive_seed(5, "trial", s) for s in range(3)]
    assert {config.epochs for _, config in asked} == {3}


def test_what_was_asked_is_running_until_it_is_told(journal, record_of):
    study = study_of(journal)
    record = asked_record(record_of, study, 0)
    assert [trial.state for trial in trials_in(journal)] == [TrialState.RUNNING]

    study.tell(record)

    (trial,) = trials_in(journal)
    assert (trial.state, trial.value) == (TrialState.COMPLETE, record.validation_loss)


def test_a_restored_trial_is_what_it_was(journal, record_of, tmp_path):
    study = study_of(journal)
    records = [asked_record(record_of, study, slot, losses=[slot + 0.1]) for slot in range(5)]
    for record in records[:3]:
        study.tell(record)
    other = study_of(tmp_path / "other.journal")
    for record in records:
        other.restore(record, told=record.slot < 3)

    for one, again in zip(trials_in(journal), trials_in(tmp_path / "other.journal"), strict=True):
        assert (one.number, one.state, one.value) == (again.number, again.state, again.value)
        assert (one.params, one.user_attrs) == (again.params, again.user_attrs)
        assert one.distributions == again.distributions
        assert {name: type(value) for name, value in one.params.items()} == {
            name: type(value) for name, value in again.params.items()
        }
    other.tell(records[3])
    assert trials_in(tmp_path / "other.journal")[3].state is TrialState.COMPLETE


def test_choices_of_every_kind_are_restored(journal, record_of, tmp_path):
    space = parse_space(
        {
            "depth": [0, 1, 2], "width": [8, 16], "dropout": [0, 0.5], "use_bias": [True, False],
            "shape": ["equal", "tapering"], "batch_size": [16, 32], "weight_decay": [0, 0.01],
            "learning_rate": [0.01, 0.1], "momentum": [0, 0.9],
        }
    )  # fmt: skip
    study = study_of(journal, space, sampler="random")
    records = [asked_record(record_of, study, slot) for slot in range(20)]
    other = study_of(tmp_path / "other.journal", space, sampler="random")
    for record in records:
        other.restore(record, told=True)

    one, again = trials_in(journal), trials_in(tmp_path / "other.journal")
    assert [trial.params for trial in one] == [trial.params for trial in again]
    assert [trial.distributions for trial in one] == [trial.distributions for trial in again]


def test_outcomes_are_told_in_the_words_of_optuna(journal, record_of, history_of):
    study = study_of(journal)
    study.tell(asked_record(record_of, study, 0))
    diverged = history_of([float("nan")], diverged_epoch=1)
    study.tell(asked_record(record_of, study, 1, outcome="diverged", history=diverged))
    study.tell(asked_record(record_of, study, 2, outcome="failed", history=history_of([])))

    assert [trial.state for trial in trials_in(journal)] == [
        TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL,
    ]  # fmt: skip


def test_a_pruned_trial_is_told_with_the_loss_it_had_reached(journal, record_of):
    study = study_of(journal)
    study.tell(asked_record(record_of, study, 0, outcome="pruned", losses=[0.7, 0.5, 0.6]))

    (trial,) = trials_in(journal)
    assert trial.state is TrialState.PRUNED
    assert trial.intermediate_values == {3: 0.5}
    assert trial.value == 0.5


def mixed_records(record_of, history_of, study, count):
    """Ask for slots and end them in every way; the last five are not told."""
    ends = [
        {"losses": [0.9, 0.4]},
        {"outcome": "pruned", "losses": [0.8]},
        {"outcome": "pruned", "losses": [0.8, 0.7]},
        {"outcome": "diverged", "history": history_of([0.9, float("nan")], diverged_epoch=2)},
        {"outcome": "failed", "history": history_of([])},
        {"losses": [0.6, 0.5]},
    ]
    records = []
    for slot in range(count):
        records.append(asked_record(record_of, study, slot, **ends[slot % len(ends)]))
        if slot >= 5:
            study.tell(records[slot - 5])
    return records


def test_a_study_restored_is_the_study_that_was_told(journal, record_of, history_of, tmp_path):
    study = study_of(journal)
    records = mixed_records(record_of, history_of, study, 40)
    other = study_of(tmp_path / "other.journal")
    for record in records:
        other.restore(record, told=record.slot < 35)

    told, restored = trials_in(journal), trials_in(tmp_path / "other.journal")
    assert len(told) == 40
    for name in (
        "number", "state", "value", "params", "distributions", "user_attrs", "system_attrs",
        "intermediate_values",
    ):  # fmt: skip
        assert [getattr(trial, name) for trial in told] == [
            getattr(trial, name) for trial in restored
        ]
    for slot in range(40, 44):  # asked in a row, as for a cohort
        assert study.ask(slot) == other.ask(slot)


def test_slots_asked_in_a_row_are_different_configurations(journal, record_of, history_of):
    study = study_of(journal)
    mixed_records(record_of, history_of, study, 40)
    asked = [study.ask(slot) for slot in range(40, 56)]

    assert [number for number, _ in asked] == list(range(40, 56))
    assert len({(config.width, config.learning_rate) for _, config in asked}) == 16


@pytest.mark.parametrize("sampler", ["tpe", "random", "qmc"])
def test_the_finite_part_of_an_endless_space_is_tried_once(journal, record_of, sampler):
    space = parse_space(
        {"depth": [0, 1], "width": 8, "activation": "relu", "optimizer": "adam",
         "learning_rate": 0.01}
    )  # fmt: skip
    study = study_of(journal, space, sampler=sampler)
    depths = []
    for slot in range(30):  # the linear model, of which there is one, is by far the best
        number, config = study.ask(slot)
        depths.append(config.depth)
        losses = [0.1 if config.depth == 0 else 0.9 + config.dropout]
        study.tell(record_of(slot, config=config, number=number, losses=losses))

    assert depths.count(0) == 1


def test_a_space_that_cannot_be_exhausted_by_drawing_ends_the_search(journal, monkeypatch):
    monkeypatch.setattr(study_module, "REJECTIONS", 50)
    dropout = {"low": 0.5, "high": 0.5000000000000001}  # two numbers, which only drawing tells
    space = parse_space(
        {"depth": 1, "width": 8, "dropout": dropout, "activation": "relu", "optimizer": "adam",
         "learning_rate": 0.01}
    )  # fmt: skip
    study = study_of(journal, space)
    asked = [study.ask(slot)[1].dropout for slot in range(2)]

    assert sorted(asked) == [0.5, 0.5000000000000001]
    with pytest.raises(ConfigurationError, match=r"^space: 50 of 50 draws were configurations"):
        study.ask(2)


def test_the_first_trial_is_the_textbooks(journal):
    _, config = study_of(journal).ask(0)

    assert (config.depth, config.width, config.optimizer) == (2, 128, "adam")
    assert (config.learning_rate, config.dropout) == (0.001, 0.0)


def test_a_gap_in_the_numbers_is_filled_with_rejected_trials(journal, record_of):
    study = study_of(journal)
    _, config = study_of(journal.with_name("other")).ask(0)
    study.restore(record_of(0, config=config, number=2), told=True)

    states = [trial.state for trial in trials_in(journal)]
    assert states == [TrialState.FAIL, TrialState.FAIL, TrialState.COMPLETE]
    assert study.ask(1)[0] == 3


@pytest.mark.parametrize("number", [None, 0])
def test_a_record_out_of_order_is_refused(journal, record_of, number):
    study = study_of(journal)
    study.ask(0)
    record = record_of(1, number=number)

    with pytest.raises(StorageError, match=f"s0001: its number {number} is out of order"):
        study.restore(record, told=True)


def test_a_record_of_another_space_is_refused(journal, record_of):
    study = study_of(journal, parse_space({"width": {"low": 8, "high": 32}}))
    record = record_of(config=TrialConfig(depth=1, width=64, dropout=0.1))

    with pytest.raises(StorageError, match=r"width: the recorded 64 is outside the space"):
        study.restore(record, told=True)


def test_who_else_writes_to_the_study_is_found_out(journal):
    study = study_of(journal)
    storage = JournalStorage(JournalFileBackend(str(journal)))
    optuna.load_study(study_name="fitgap", storage=storage).ask()

    with pytest.raises(StorageError, match="trial 0 has number 1; something else writes"):
        study.ask(0)


@pytest.mark.parametrize("content", [b"", b'{"op_code": 0', b"\0" * 100, b"not a journal\n"])
def test_what_an_earlier_process_left_is_no_obstacle(journal, content):
    journal.write_bytes(content)
    journal.with_name("study.journal.lock").symlink_to(journal)

    assert study_of(journal).ask(0)[0] == 0
    assert len(trials_in(journal)) == 1


def test_rejections_are_told_as_failed_and_counted_in_the_number(journal):
    space = SearchSpace(max_parameters=2000)
    study = study_of(journal, space, sampler="random")
    asked = [study.ask(slot) for slot in range(5)]
    numbers = {number for number, _ in asked}

    assert max(numbers) > len(asked)
    assert all(space.allows(config, 64, 10) for _, config in asked)
    states = {trial.number: trial.state for trial in trials_in(journal)}
    assert {number for number, state in states.items() if state is TrialState.RUNNING} == numbers
    assert set(states.values()) == {TrialState.RUNNING, TrialState.FAIL}


def test_a_cap_below_nearly_everything_ends_the_search(journal, monkeypatch):
    monkeypatch.setattr(study_module, "REJECTIONS", 5)
    space = SearchSpace(max_parameters=100)  # fewer than any network of 64 inputs has
    study = study_of(journal, space, sampler="random")

    with pytest.raises(ConfigurationError, match=r"^max_parameters: 100 excludes nearly every"):
        study.ask(0)
