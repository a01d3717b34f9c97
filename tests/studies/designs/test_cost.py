import dataclasses

import pytest

from studies.designs.cost import (
    FEWEST_CANDIDATES,
    FEWEST_SEEDS,
    fit_budget,
    study_seconds,
)
from studies.designs.design import Probes
from studies.designs.planning import count_trials
from studies.designs.spec import StudySpec
from sweep.config import TrialConfig
from sweep.errors import ConfigurationError
from sweep.settings.budget import Budget, read_budget
from sweep.training.cohort_rule import Site
from sweep.training.cost import START_SECONDS, Work, trial_seconds

WORK = Work(site=Site(64, 10), train_rows=1078, validation_rows=360, workers=2)
LARGE = TrialConfig(depth=3, width=256, epochs=20)


def spec_of(*widths, **more):
    arms = tuple({"width": width} for width in widths or (32, 64, 128))
    return StudySpec(study="custom", question="Why?", arms=arms, **more)


def seconds(config=LARGE, work=WORK, *, rows=0, together=1):
    return trial_seconds(config, work, train_rows=rows, together=together)


@pytest.mark.parametrize(
    ("text", "budget"),
    [
        (None, Budget(None, None)),
        ("200", Budget(200, None)),
        ("200 trials", Budget(200, None)),
        ("90s", Budget(None, 90)),
        ("5m", Budget(None, 300)),
        ("1.5 h", Budget(None, 5400)),
        (" 10 MIN ", Budget(None, 600)),
        ("3 minutes", Budget(None, 180)),
    ],
)
def test_a_budget_is_trials_or_time(text, budget):
    assert read_budget(text) == budget


@pytest.mark.parametrize(
    "text", ["", "m", "5 days", "-3", "0", "0m", "1e3", "nan", "5m3", "x" * 99]
)
def test_another_budget_is_refused(text):
    with pytest.raises(ConfigurationError, match=r"budget: .* is neither trials nor time; give"):
        read_budget(text)


@pytest.mark.parametrize(
    "more",
    [
        {"epochs": 40}, {"depth": 4}, {"width": 512}, {"batch_size": 16},
    ],
)  # fmt: skip
def test_more_work_takes_longer(more):
    assert seconds(dataclasses.replace(LARGE, **more)) > seconds()


def test_twice_the_epochs_take_twice_as_long():
    twice = dataclasses.replace(LARGE, epochs=40)
    assert seconds(twice) == pytest.approx(2 * seconds())


def test_fewer_rows_take_less_and_all_rows_are_those_of_the_split():
    assert seconds(rows=300) < seconds(rows=900) < seconds()
    assert seconds(rows=1078) == seconds()


def test_small_networks_are_cheaper_together_and_large_ones_are_not():
    small = TrialConfig(depth=1, width=16)
    assert seconds(small, together=10) < seconds(small) / 2
    assert seconds(together=10) == seconds()


def test_the_estimate_is_within_a_factor_of_what_was_measured():
    """docs/performance.md: one core, 20 epochs of digits, traces left out."""
    measured = {(2, 64): 0.17, (3, 128): 0.29, (4, 256): 0.66}
    work = WORK._replace(train_rows=1437, validation_rows=0)
    for (depth, width), expected in measured.items():
        config = TrialConfig(depth=depth, width=width, epochs=20)
        assert expected / 3 < seconds(config, work) < 3 * expected


def test_a_study_takes_its_start_and_the_work_shared_among_the_workers(design_of):
    design = design_of(spec_of())
    one, two = (study_seconds(design, WORK._replace(workers=workers)) for workers in (1, 2))
    assert one - START_SECONDS == pytest.approx(2 * (two - START_SECONDS))


def test_more_seeds_folds_arms_epochs_and_probes_take_longer(design_of):
    least = study_seconds(design_of(spec_of()), WORK)
    probes = Probes(factors=(3.0,), epochs=5, seeds=2)
    for design in (
        design_of(spec_of(), seeds=11),
        design_of(spec_of(), folds=2),
        design_of(spec_of(), epochs=31),
        design_of(spec_of(32, 64, 128, 256)),
        design_of(spec_of(probes=probes)),
    ):
        assert study_seconds(design, WORK) > least
    followed = design_of(spec_of(follows={"width 128": "width 64"}))
    assert study_seconds(followed, WORK) < least


def test_without_a_budget_and_with_a_large_one_the_design_stays_as_it_is(design_of):
    design = design_of(spec_of())
    for text in (None, "100000", "100h"):
        assert fit_budget(design, read_budget(text), WORK) == design


def test_tuning_is_cut_before_seeds_are(design_of):
    design = design_of(spec_of())
    trials = count_trials(design)

    cut = fit_budget(design, Budget(trials - 1, None), WORK)
    assert (cut.tuning_seeds, cut.candidates, cut.seeds) == (2, design.candidates, 10)
    cut = fit_budget(design, Budget(3 * design.candidates + 30, None), WORK)
    assert (cut.tuning_seeds, cut.candidates, cut.seeds) == (1, design.candidates, 10)
    cut = fit_budget(design, Budget(3 * FEWEST_CANDIDATES + 30, None), WORK)
    assert (cut.tuning_seeds, cut.candidates, cut.seeds) == (1, FEWEST_CANDIDATES, 10)
    cut = fit_budget(design, Budget(3 * FEWEST_CANDIDATES + 3 * 7, None), WORK)
    assert (cut.tuning_seeds, cut.candidates, cut.seeds) == (1, FEWEST_CANDIDATES, 7)


def test_the_ends_of_the_rates_stay_and_the_design_names_those_that_do(design_of):
    design = design_of(spec_of(), set=["learning_rate.adam=0.001,0.002,0.004,0.008,0.016"])
    cut = fit_budget(design, Budget(3 * FEWEST_CANDIDATES + 30, None), WORK)

    assert [c.learning_rate for c in cut.arms[0].candidates] == [0.001, 0.004, 0.016]
    assert cut.nuisance == {"learning_rate.adam": (0.001, 0.004, 0.016)}


def test_rates_of_each_optimizer_are_cut_apart(design_of):
    arms = ({"optimizer": "adam"}, {"optimizer": "sgd"})
    design = design_of(
        StudySpec(study="custom", question="Why?", arms=arms),
        set=["learning_rate.adam=0.001,0.002,0.003,0.004", "learning_rate.sgd=0.1,0.2,0.3,0.001"],
    )
    cut = fit_budget(design, Budget(2 * FEWEST_CANDIDATES + 20, None), WORK)

    assert cut.nuisance == {
        "learning_rate.adam": (0.001, 0.003, 0.004), "learning_rate.sgd": (0.1, 0.3, 0.001),
    }  # fmt: skip


def test_a_budget_is_kept(design_of):
    design = design_of(spec_of())
    for trials in (150, 80, 50, 30, 24):
        assert count_trials(fit_budget(design, Budget(trials, None), WORK)) <= trials
    for part in (0.9, 0.6, 0.5):
        most = START_SECONDS + part * (study_seconds(design, WORK) - START_SECONDS)
        assert study_seconds(fit_budget(design, Budget(None, most), WORK), WORK) <= most


def test_fewer_seeds_than_conclusions_need_are_refused(design_of):
    least = 3 * FEWEST_CANDIDATES + 3 * FEWEST_SEEDS
    design = design_of(spec_of())

    assert fit_budget(design, Budget(least, None), WORK).seeds == FEWEST_SEEDS
    with pytest.raises(
        ConfigurationError,
        match=f"--budget: even with 5 seeds the study needs {least} trials; give more, or fewer",
    ):
        fit_budget(design, Budget(least - 1, None), WORK)
    with pytest.raises(ConfigurationError, match="needs about "):
        fit_budget(design, Budget(None, 1), WORK)


def test_fewer_seeds_that_the_user_asked_for_are_left_to_the_user(design_of):
    design = design_of(spec_of(), seeds=3)
    assert fit_budget(design, Budget(3 * FEWEST_CANDIDATES + 9, None), WORK).seeds == 3
