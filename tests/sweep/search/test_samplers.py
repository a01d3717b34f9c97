import math
import subprocess
import sys

import numpy as np
import optuna
import pytest
from optuna.storages import InMemoryStorage, JournalStorage
from optuna.storages.journal import JournalFileBackend
from scipy.stats import qmc

from sweep.errors import ConfigurationError
from sweep.search.grid import grid_size
from sweep.search.samplers import PointSampler, make_samplers, sobol_point
from sweep.space.parameters import Range
from sweep.space.parsing import parse_space
from sweep.space.search_space import SearchSpace

NAMES = ("tpe", "random", "qmc", "grid")
CONDITIONAL = parse_space(
    {"depth": {"low": 0, "high": 3}, "shape": ["equal", "tapering"], "batch_size": [16, 32]}
)


@pytest.fixture(autouse=True, scope="module")
def _quiet():
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    yield
    optuna.logging.set_verbosity(before)


def new_study(storage=None):
    return optuna.create_study(study_name="s", storage=storage or InMemoryStorage())


def ask(study, name, space, *, seed):
    """Draw the next trial as a driver does: a sampler of its own for each number."""
    number = len(study.get_trials(deepcopy=False))
    study.sampler = make_samplers(name, space, seed=seed, inputs=64, outputs=10)(number)
    trial = study.ask()
    assert trial.number == number
    return trial, space.suggest(trial, epochs=1, seed=0)


def loss(config):
    """Be smallest at learning rate 0.003 and width 64, whatever the rest."""
    rate = math.log10(config.learning_rate / 0.003)
    width = math.log2(max(config.width, 1) / 64) / 3
    return rate**2 + width**2


def search(name, space, trials, *, seed=0, study=None):
    study = study or new_study()
    configs = []
    for _ in range(trials):
        trial, config = ask(study, name, space, seed=seed)
        study.tell(trial, loss(config))
        configs.append(config)
    return configs


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_gives_the_same_search_and_another_seed_another(name):
    first, again, other = (search(name, CONDITIONAL, 25, seed=seed) for seed in (1, 1, 2))

    assert first == again
    assert first != other


@pytest.mark.parametrize("name", NAMES)
def test_a_journal_gives_the_same_search_as_memory(name, tmp_path):
    journal = JournalStorage(JournalFileBackend(str(tmp_path / "study.journal")))

    found = search(name, CONDITIONAL, 25, study=new_study(journal))

    assert found == search(name, CONDITIONAL, 25)


@pytest.mark.parametrize("name", NAMES)
def test_a_search_resumed_by_another_process_goes_on_as_if_uninterrupted(name, tmp_path):
    path = str(tmp_path / "study.journal")
    before = search(
        name, CONDITIONAL, 15, study=new_study(JournalStorage(JournalFileBackend(path)))
    )
    reopened = optuna.load_study(
        study_name="s", storage=JournalStorage(JournalFileBackend(path)), sampler=None
    )

    after = search(name, CONDITIONAL, 10, study=reopened)

    assert before + after == search(name, CONDITIONAL, 25)


@pytest.mark.parametrize("name", ["random", "qmc", "grid"])
def test_samplers_that_do_not_learn_need_no_history(name):
    alone = make_samplers(name, CONDITIONAL, seed=3, inputs=64, outputs=10)(9)
    trial = optuna.create_study(sampler=alone).ask()

    config = CONDITIONAL.suggest(trial, epochs=1, seed=0)

    assert config == search(name, CONDITIONAL, 10, seed=3)[9]


def test_samplers_that_are_kept_draw_as_new_ones_do():
    """What a process remembers saves time and changes nothing."""
    study, kept = new_study(), make_samplers("tpe", CONDITIONAL, seed=0, inputs=64, outputs=10)
    configs = []
    for number in range(40):
        study.sampler = kept(number)
        trial = study.ask()
        configs.append(CONDITIONAL.suggest(trial, epochs=1, seed=0))
        study.tell(trial, loss(configs[-1]))

    assert configs == search("tpe", CONDITIONAL, 40)


def search_with_a_lag(storage, trials, lag):
    """Tell results a fixed number of slots late; return the study and what was drawn."""
    study, drawn, running = new_study(storage), [], []
    for _ in range(trials):
        trial, config = ask(study, "tpe", SearchSpace(), seed=5)
        drawn.append(config)
        running.append((trial, config))
        if len(running) == lag:
            oldest, its_config = running.pop(0)
            study.tell(oldest, loss(its_config))
    return study, drawn


def test_tpe_with_running_trials_draws_the_same_from_any_storage(tmp_path):
    journal = JournalStorage(JournalFileBackend(str(tmp_path / "study.journal")))

    _, in_memory = search_with_a_lag(InMemoryStorage(), 30, lag=4)
    _, in_journal = search_with_a_lag(journal, 30, lag=4)

    assert in_memory == in_journal


@pytest.mark.parametrize("trials", [15, 20, 25, 30, 35])
def test_tpe_goes_on_alike_from_a_study_rebuilt_of_parameters_and_values(trials):
    """What Optuna notes beside them, such as drawn values that do not apply, has no part in it."""
    study, _ = search_with_a_lag(InMemoryStorage(), trials, lag=8)
    rebuilt = new_study()
    for trial in study.trials:
        rebuilt.add_trial(
            optuna.trial.create_trial(
                state=trial.state,
                value=trial.value,
                params=trial.params,
                distributions=trial.distributions,
            )
        )

    _, expected = ask(study, "tpe", SearchSpace(), seed=5)
    _, config = ask(rebuilt, "tpe", SearchSpace(), seed=5)

    assert config == expected


@pytest.mark.parametrize("name", NAMES)
def test_what_does_not_apply_is_never_recorded(name):
    space = parse_space(
        {
            "depth": [0, 1, 2],
            "width": [8, 16],
            "shape": ["equal", "tapering"],
            "dropout": [0.0, 0.5],
        }
    )
    study = new_study()
    search(name, space, 60, study=study)

    for trial in study.trials:
        names, optimizer = trial.params.keys(), trial.params["optimizer"]
        depth = trial.params["depth"]
        assert {key for key in names if key.startswith("learning_rate")} == {
            f"learning_rate_{optimizer}"
        }
        assert ("momentum" in names) == (optimizer == "sgd")
        assert (names >= {"width", "dropout", "activation"}) == (depth > 0)
        assert ("shape" in names) == (depth > 1)
    assert {trial.params["depth"] > 0 for trial in study.trials} == {True, False}


@pytest.mark.parametrize("name", NAMES)
def test_a_space_without_anything_to_search_is_drawn_too(name):
    space = parse_space(
        {
            "depth": 1,
            "width": 8,
            "dropout": 0.0,
            "activation": "relu",
            "optimizer": "adam",
            "learning_rate": 0.1,
        }
    )

    (config,) = search(name, space, 1)

    assert (config.width, config.learning_rate) == (8, 0.1)


def test_tpe_finds_better_configurations_than_random_search():
    space = parse_space({"optimizer": "adam", "learning_rate": {"low": 1e-5, "high": 1.0}})
    late = {
        name: [
            np.mean([loss(config) for config in search(name, space, 50, seed=seed)[25:]])
            for seed in range(4)
        ]
        for name in ("tpe", "random")
    }

    assert np.mean(late["tpe"]) < 0.5 * np.mean(late["random"])


def unit_points(space, *, seed, count):
    """Map points of the sequence back to the unit cube, for ranges of numbers."""
    points = [sobol_point(space, seed, number) for number in range(count)]
    spans = space.searched()
    columns = []
    for name, span in spans.items():
        values = np.array([point[name] for point in points], dtype=float)
        low, high = span.low, span.high
        if span.log:
            values, low, high = np.log(values), math.log(low), math.log(high)
        columns.append((values - low) / (high - low))
    return np.clip(np.stack(columns, axis=1), 0, 1)


CONTINUOUS = parse_space(
    {
        "depth": 1,
        "width": 32,
        "activation": "relu",
        "optimizer": "sgd",
        "weight_decay": {"low": 1e-6, "high": 1e-2},
    }
)


def test_qmc_covers_the_whole_space_more_evenly_than_random_points():
    assert set(CONTINUOUS.searched()) == {
        "dropout",
        "learning_rate_sgd",
        "momentum",
        "weight_decay",
    }
    rng = np.random.default_rng(0)

    spread = [qmc.discrepancy(unit_points(CONTINUOUS, seed=s, count=64)) for s in range(5)]
    at_random = [qmc.discrepancy(rng.random((64, 4))) for _ in range(5)]

    assert max(spread) < 0.5 * min(at_random)


def test_qmc_is_scrambled_by_the_seed():
    plain = qmc.Sobol(d=4, scramble=False).random(8)

    first, other = (unit_points(CONTINUOUS, seed=seed, count=8) for seed in (1, 2))

    assert not np.allclose(first, plain)
    assert not np.allclose(first, other)
    assert first.min() > 0


def test_qmc_points_are_those_of_one_sequence_and_reached_at_once():
    points = unit_points(CONTINUOUS, seed=7, count=16)

    halves = (points < 0.5).sum(axis=0)  # a property of the first 2**k points of one net
    far = sobol_point(CONTINUOUS, 7, 1_000_000)

    assert halves.tolist() == [8, 8, 8, 8]
    assert far.keys() == CONTINUOUS.searched().keys()


def test_qmc_gives_each_choice_equally_often():
    optimizers = [config.optimizer for config in search("qmc", SearchSpace(), 96)]

    counts = [optimizers.count(name) for name in ("adam", "sgd", "rmsprop")]

    assert max(counts) - min(counts) <= 4


@pytest.mark.parametrize("name", NAMES)
def test_every_value_lies_in_the_space(name):
    space = parse_space({"depth": {"low": 0, "high": 6}})
    spans = {key: span for key, span in space.searched().items() if isinstance(span, Range)}
    study = new_study()
    search(name, space, 50, study=study)

    for trial in study.trials:
        for key in trial.params.keys() & spans.keys():
            assert spans[key].low <= trial.params[key] <= spans[key].high


def test_the_grid_sampler_visits_each_configuration_once_and_ends():
    space = parse_space(
        {
            "depth": [0, 1],
            "width": [8, 16],
            "dropout": 0.0,
            "activation": ["relu", "tanh"],
            "optimizer": ["adam", "sgd"],
            "learning_rate": [0.1, 0.01],
            "momentum": [0.0, 0.9],
        }
    )
    size = grid_size(space, 64, 10)

    configs = search("grid", space, size)

    assert size == (1 + 2 * 2) * (2 + 2 * 2)
    assert len(set(configs)) == size
    with pytest.raises(IndexError):
        make_samplers("grid", space, seed=0, inputs=64, outputs=10)(size)


def test_a_grid_too_large_is_refused():
    many = list(range(1, 1001))
    space = parse_space({"width": many, "batch_size": many, "depth": 1})

    with pytest.raises(ConfigurationError, match=r"^sampler: the grid has \d+ configurations"):
        make_samplers("grid", space, seed=0, inputs=64, outputs=10)


def test_a_point_gives_the_values_it_holds():
    trial = optuna.create_study(sampler=PointSampler({"x": 3, "name": "relu"})).ask()

    assert trial.suggest_int("x", 1, 6) == 3
    assert trial.suggest_categorical("name", ["tanh", "relu"]) == "relu"


TWENTY_TRIALS = """
import optuna
from sweep.search.samplers import make_samplers
from sweep.space.search_space import SearchSpace

space, study = SearchSpace(), optuna.create_study()
samplers = make_samplers("tpe", space, seed=1, inputs=64, outputs=10)
for number in range(20):
    study.sampler = samplers(number)
    trial = study.ask()
    config = space.suggest(trial, epochs=1, seed=0)
    study.tell(trial, config.learning_rate)
print(config)
"""


def test_the_configuration_does_not_depend_on_the_hash_seed_of_the_process():
    lines = {
        subprocess.run(
            [sys.executable, "-c", TWENTY_TRIALS],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": hash_seed},
        ).stdout
        for hash_seed in ("1", "2")
    }

    assert len(lines) == 1
    assert "TrialConfig" in lines.pop()
