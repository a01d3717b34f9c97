import itertools

import pytest

from studies.designs.spec import STUDY_RULES, Overrides, rate_candidates, spaced
from sweep.errors import ConfigurationError
from sweep.optimizers import OPTIMIZERS
from sweep.space.parameters import Range
from sweep.space.parsing import read_set_values


def told(*texts):
    return Overrides.of(read_set_values(texts, rules=STUDY_RULES))


def test_one_value_choices_and_a_range_become_values():
    given = told("depth=2", "width=32,64", "dropout=0..0.4", "learning_rate.sgd=0.01..1").given

    assert given["depth"] == (2,)
    assert given["width"] == (32, 64)
    assert given["dropout"] == (0.0, 0.1, 0.2, 0.3, 0.4)
    assert given["learning_rate.sgd"] == pytest.approx((0.01, 0.0316228, 0.1, 0.316228, 1.0))


def test_a_range_over_more_than_floats_can_divide_has_finite_values():
    values = spaced(Range(low=1e-320, high=1000.0, log=True))
    assert values == pytest.approx(
        (1e-320, 1.77828e-239, 3.16228e-159, 5.62341e-79, 1000), rel=1e-2
    )


def test_the_later_of_two_replaces_the_earlier():
    assert told("depth=2", "depth=3").given == {"depth": (3,)}


def test_one_learning_rate_is_that_of_every_optimizer():
    assert told("learning_rate=0.01").given == {
        f"learning_rate.{name}": (0.01,) for name in ("adam", "sgd", "rmsprop")
    }


def test_a_study_has_parameters_that_a_search_has_not():
    given = told("initializer=he_normal", "train_rows=100,200", "label_noise=0.5").given

    assert given == {
        "initializer": ("he_normal",), "train_rows": (100, 200), "label_noise": (0.5,),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("widht=3", "--set widht: unknown key; did you mean width?"),
        (
            "initializer=he_norml",
            "--set initializer: 'he_norml' is not one of .*; did you mean he_",
        ),
        ("train_rows=9", "--set train_rows: 9 is too small; give a whole number from 10 "),
        ("label_noise=1.1", "--set label_noise: 1.1 is too large; give a number from 0 up to 1"),
        ("max_parameters=9", "--set max_parameters: unknown key; "),
        ("epochs=3,4", "--set epochs: epochs are never tuned"),
        ("depth", "--set: 'depth' is not KEY=VALUE; write it so, such as depth=3"),
    ],
)
def test_a_wrong_value_is_named(text, fault):
    with pytest.raises(ConfigurationError, match=fault):
        told(text)


def test_all_wrong_values_are_told_together():
    with pytest.raises(ConfigurationError) as caught:
        told("widht=3", "depth=-1", "learning_rate=0")
    assert len(caught.value.faults) == 3  # one rate for all optimizers is one fault


def test_what_was_not_said_has_its_default():
    overrides = told("depth=2")
    assert overrides.values("depth", (9,)) == (2,)
    assert overrides.values("width", (9,)) == (9,)
    assert told("depth=2", "width=3").without("depth") == {"width": (3,)}


def test_the_candidates_of_the_learning_rate_are_ours_unless_the_user_says_others():
    assert rate_candidates(Overrides())["learning_rate.adam"] == OPTIMIZERS["adam"].tuned_rates
    changed = rate_candidates(told("learning_rate.sgd=0.1,0.2"))
    assert changed["learning_rate.sgd"] == (0.1, 0.2)
    assert changed["learning_rate.adam"] == OPTIMIZERS["adam"].tuned_rates


def test_the_candidates_hold_the_default_of_each_optimizer_and_lie_half_a_decade_apart():
    assert 0.001 in OPTIMIZERS["adam"].tuned_rates
    assert 0.001 in OPTIMIZERS["rmsprop"].tuned_rates
    assert 0.01 in OPTIMIZERS["sgd"].tuned_rates
    for rates in (row.tuned_rates for row in OPTIMIZERS.values()):
        steps = [after / before for before, after in itertools.pairwise(rates)]
        assert all(2.99 < step < 3.34 for step in steps)


def test_a_range_has_both_of_its_ends_on_its_scale():
    assert spaced(Range(low=0.0, high=1.0, log=False, integer=False)) == (0, 0.25, 0.5, 0.75, 1)
    assert spaced(Range(low=1, high=256, log=True, integer=True)) == (1, 4, 16, 64, 256)
    assert spaced(Range(low=1, high=3, log=False, integer=True)) == (1, 2, 3)
