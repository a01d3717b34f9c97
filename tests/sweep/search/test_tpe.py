import inspect

import numpy as np
import optuna
import pytest
from optuna.samplers import TPESampler
from optuna.samplers._tpe.sampler import _split_trials, default_gamma
from optuna.trial import TrialState, create_trial

from sweep.search import tpe
from sweep.search.parzen import place_of
from sweep.search.tpe import History, TreeParzenSampler, drawn_together
from sweep.space.parameters import Range
from sweep.space.parsing import parse_space
from sweep.space.search_space import SearchSpace

SPACE = parse_space({"depth": {"low": 0, "high": 3}, "shape": ["equal", "tapering"]})


@pytest.fixture(autouse=True, scope="module")
def _quiet():
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    yield
    optuna.logging.set_verbosity(before)


def ended(trial, luck):
    """End a trial in one of the ways there are; about one in ten goes on running."""
    if luck < 0.5:
        return create_like(trial, state=TrialState.COMPLETE, value=luck)
    if luck < 0.7:
        steps = {1 + int(20 * luck) % 3: luck}
        return create_like(trial, state=TrialState.PRUNED, value=luck, intermediate_values=steps)
    states = (TrialState.PRUNED, TrialState.FAIL, TrialState.RUNNING)
    return create_like(trial, state=states[int((luck - 0.7) * 10)])


def create_like(trial, *, state, value=None, intermediate_values=None):
    return create_trial(
        state=state, value=value, intermediate_values=intermediate_values,
        params=trial.params, distributions=trial.distributions,
    )  # fmt: skip


def study_of(count, *, seed=0, space=SPACE):
    """A study with random configurations and every kind of ending."""
    lucks = np.random.default_rng(seed).random(count)
    source = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=seed))
    study = optuna.create_study()
    for luck in lucks.tolist():
        trial = source.ask()
        space.suggest(trial, epochs=1, seed=0)
        study.add_trial(ended(trial, luck))
    return study


def history_of(study, space=SPACE):
    history = History(space)
    history.read(study.get_trials(deepcopy=False))
    return history


def draw(history, study, *, seed=1, space=SPACE):
    study.sampler = TreeParzenSampler(history, seed)
    return space.suggest(study.ask(), epochs=1, seed=0)


def test_its_constants_are_optunas():
    defaults = inspect.signature(TPESampler).parameters

    assert defaults["n_startup_trials"].default == tpe.STARTUP_TRIALS
    assert defaults["n_ei_candidates"].default == tpe.CANDIDATES
    for count in (0, 1, 10, 11, 249, 251, 10_000):
        assert default_gamma(count) == min(-(-count // 10), tpe.MOST_GOOD)


@pytest.mark.parametrize("count", [0, 1, 9, 60, 300])
def test_trials_are_split_as_optuna_splits_them(count):
    study = study_of(count)
    seen = [trial for trial in study.trials if trial.state is not TrialState.FAIL]
    told = sum(trial.state is not TrialState.RUNNING for trial in seen)
    history = history_of(study)

    good, bad = history.split(number=count)

    expected = _split_trials(study, seen, default_gamma(told))
    assert good.tolist() == [trial.number for trial in expected[0]]
    assert bad.tolist() == [trial.number for trial in expected[1]]
    assert len(history) == told


def test_the_ranks_are_finished_then_pruned_late_then_early_then_diverged(monkeypatch):
    study = optuna.create_study()
    for state, value, steps in [
        (TrialState.PRUNED, None, None), (TrialState.PRUNED, 0.1, {1: 0.1}),
        (TrialState.PRUNED, 0.5, {3: 0.5}), (TrialState.PRUNED, 0.4, {3: 0.4}),
        (TrialState.COMPLETE, 0.9, None), (TrialState.FAIL, None, None),
    ]:  # fmt: skip
        study.add_trial(create_trial(state=state, value=value, intermediate_values=steps))
    history = history_of(study)

    order = []
    for most in range(1, 6):
        monkeypatch.setattr(tpe, "GOOD_SHARE", 1.0)
        monkeypatch.setattr(tpe, "MOST_GOOD", most)
        order += sorted(set(history.split(number=9)[0].tolist()) - set(order))

    assert order == [4, 3, 2, 1, 0]


def test_the_good_are_chosen_among_all_and_the_bad_among_the_latest(monkeypatch):
    monkeypatch.setattr(tpe, "REMEMBERED", 5)
    study = optuna.create_study()
    for number in range(40):
        study.add_trial(create_trial(state=TrialState.COMPLETE, value=float(number)))
    study.add_trial(create_trial(state=TrialState.RUNNING))

    good, bad = history_of(study).split(number=41)

    assert good.tolist() == [0, 1, 2, 3]
    assert bad.tolist() == [35, 36, 37, 38, 39, 40]


def test_a_trial_does_not_see_itself():
    study = study_of(30)
    running = [trial.number for trial in study.trials if trial.state is TrialState.RUNNING]

    _, bad = history_of(study).split(number=running[0])

    assert running[0] not in bad
    assert set(running[1:]) <= set(bad.tolist())


def test_a_history_that_grew_with_the_study_equals_one_read_at_once():
    whole = study_of(200).trials
    history = History(SPACE)
    order = np.random.default_rng(1).permutation(200)  # in which trials end
    for so_far in (3, 64, 65, 130, 200):
        ended_by_now = set(order[:so_far].tolist())
        history.read(
            [
                trial
                if trial.number in ended_by_now
                else create_like(trial, state=TrialState.RUNNING)
                for trial in whole
            ]
        )
    at_once = History(SPACE)
    at_once.read(whole)

    names = ("depth", "optimizer")
    for one, other in zip(history.split(number=200), at_once.split(number=200), strict=True):
        np.testing.assert_array_equal(one, other)
        np.testing.assert_array_equal(history.places(one, names), at_once.places(other, names))


def test_places_are_those_of_the_trials_that_have_them():
    study = study_of(50)
    rows = np.arange(50)
    width = SPACE.searched()["width"]

    places = history_of(study).places(rows, ["width"])

    layered = [trial for trial in study.trials if trial.params["depth"] > 0]
    assert 0 < len(layered) < 50
    assert places[:, 0].tolist() == [place_of(width, trial.params["width"]) for trial in layered]


def test_what_applies_to_the_same_configurations_is_drawn_together():
    space = SearchSpace()

    groups = drawn_together(space, space.searched())

    assert set(groups) == {
        ("depth", "width", "dropout", "activation", "optimizer"),
        ("learning_rate_adam",),
        ("learning_rate_sgd", "momentum"),
        ("learning_rate_rmsprop",),
    }


def test_what_only_hidden_layers_have_is_a_group_where_there_may_be_none():
    groups = drawn_together(SPACE, SPACE.searched())

    assert {group for group in groups if not group[0].startswith("learning_rate")} == {
        ("depth", "optimizer"), ("width", "dropout", "activation"), ("shape",),
    }  # fmt: skip


def test_groups_are_those_that_optuna_would_find():
    optunas = optuna.search_space.group_decomposed._GroupDecomposedSearchSpace(include_pruned=True)
    found = optunas.calculate(study_of(300)).search_spaces

    groups = drawn_together(SPACE, SPACE.searched())

    assert {frozenset(group) for group in groups} == {frozenset(group) for group in found}


def test_a_range_of_one_value_gives_it():
    space = SearchSpace(
        width=Range(low=64, high=64, integer=True), dropout=Range(low=0.1, high=0.1)
    )
    study = study_of(30, space=space)

    config = draw(history_of(study, space), study, space=space)

    assert (config.width, config.dropout) == (64, 0.1)


@pytest.mark.parametrize("count", [0, 5, 9, 40])
def test_a_draw_follows_from_the_seed_and_the_trials(count):
    one, again, other = (draw(History(SPACE), study_of(count), seed=seed) for seed in (1, 1, 2))

    assert one == again
    assert one != other


def test_draws_keep_away_from_what_is_running():
    """The good lie in one place: drawn at once and untold, trials still spread."""
    space = parse_space(
        {"depth": 1, "width": 8, "activation": "relu", "optimizer": "adam", "dropout": 0.0,
         "learning_rate": {"low": 0.001, "high": 1.0}}
    )  # fmt: skip
    source = study_of(30, space=space)
    rates = sorted(trial.params["learning_rate_adam"] for trial in source.trials)
    spreads = []
    for state in (TrialState.RUNNING, TrialState.FAIL):
        study = optuna.create_study()
        for trial in source.trials:
            rate = trial.params["learning_rate_adam"]
            study.add_trial(
                create_like(trial, state=TrialState.COMPLETE, value=float(rates.index(rate)))
            )
        history, drawn = History(space), []
        for seed in range(20):
            drawn.append(draw(history, study, seed=seed, space=space).learning_rate)
            if state is TrialState.FAIL:
                study.tell(len(study.trials) - 1, state=state)
        spreads.append(np.std(np.log(drawn)))

    assert spreads[0] > 1.3 * spreads[1]
