import hashlib

import numpy as np
import pandas as pd
import pytest

from reports.drawing.parallel import ABSENT
from reports.figures.parallel import MOST_LINES, parallel
from reports.judged import with_verdicts

BOUNDS = {
    "width": {"low": 1.0, "high": 100.0, "log": True},
    "activation": {"choices": ["relu", "tanh"]},
    "batch_size": {"value": 32},
}


def trials(number, **columns):
    """Make finished trials, the first of which is the best."""
    loss = np.linspace(0.1, 0.9, number)
    return pd.DataFrame(
        {
            "trial": [f"s{place:04d}" for place in range(number)],
            "outcome": ["finished"] * number,
            "width": np.geomspace(1, 100, number),
            "activation": ["relu", "tanh"] * (number // 2) + ["relu"] * (number % 2),
            "batch_size": [32] * number,
            "validation_loss": loss,
            "validation_score": 1 - loss,
            "loss_gap": loss / 10,
            **columns,
        }
    )


@pytest.fixture
def judged(run):
    return with_verdicts(run.searched, run.verdicts)


def test_settings_come_in_the_order_of_the_space_and_then_the_results():
    summary = parallel(trials(10), BOUNDS, "accuracy")
    assert [axis.axis.name for axis in summary.settings] == [
        "width", "activation", "validation accuracy", "loss gap",
    ]  # fmt: skip
    assert [axis.axis.is_result for axis in summary.settings] == [False, False, True, True]


def test_a_log_axis_is_divided_by_factors():
    summary = parallel(trials(3), BOUNDS, "accuracy")
    assert summary.lines[:, 0] == pytest.approx([0.0, 0.5, 1.0])
    assert summary.settings[0].axis.ticks == ((0.0, 1.0), (0.5, pytest.approx(10.0)), (1.0, 100.0))


def test_names_stand_at_even_distances_and_their_lines_stay_near_them():
    summary = parallel(trials(40), BOUNDS, "accuracy")
    assert summary.settings[1].axis.ticks == ((0.25, "relu"), (0.75, "tanh"))
    relu, tanh = summary.lines[::2, 1], summary.lines[1::2, 1]
    assert relu.min() > 0.1
    assert relu.max() < 0.4
    assert tanh.min() > 0.6
    assert len(set(relu)) == len(relu)


def test_a_setting_with_bounds_for_each_optimizer_is_one_axis():
    bounds = {
        **BOUNDS,
        "learning_rate.adam": {"low": 1e-4, "high": 1e-2, "log": True},
        "learning_rate.sgd": {"low": 1e-3, "high": 1.0, "log": True},
    }
    rates = trials(5, learning_rate=[1e-4, 1e-3, 1e-2, 1e-1, 1.0])
    axis = parallel(rates, bounds, "accuracy").settings[2]
    assert (axis.axis.name, axis.axis.scale) == ("learning rate", "log")
    assert axis.axis.ticks[0] == (0.0, 1e-4)
    assert axis.axis.ticks[-1] == (1.0, 1.0)


def test_a_setting_that_a_trial_does_not_have_is_passed_outside():
    bounds = {**BOUNDS, "momentum": {"low": 0.0, "high": 1.0}}
    summary = parallel(trials(4, momentum=[0.5, np.nan, 0.9, np.nan]), bounds, "accuracy")
    assert summary.settings[2].axis.has_absent
    assert not summary.settings[0].axis.has_absent
    assert summary.lines[:, 2].tolist() == [0.5, ABSENT, 0.9, ABSENT]


def test_whole_numbers_have_no_tick_between_them():
    bounds = {**BOUNDS, "depth": {"low": 1, "high": 4}}
    summary = parallel(trials(4, depth=[1, 2, 3, 4]), bounds, "accuracy")
    assert [value for _, value in summary.settings[2].axis.ticks] == [1, 4]


def test_truth_values_are_names():
    bounds = {**BOUNDS, "use_bias": {"choices": [True, False]}}
    summary = parallel(trials(4, use_bias=[True, False, True, True]), bounds, "accuracy")
    assert [name for _, name in summary.settings[2].axis.ticks] == ["True", "False"]


def test_what_was_not_varied_is_no_axis():
    summary = parallel(
        trials(4, dropout=[0.5] * 4), {**BOUNDS, "dropout": {"low": 0.0, "high": 1.0}}, "accuracy"
    )
    assert "dropout" not in [axis.axis.name for axis in summary.settings]


def test_the_best_tenth_is_told_apart():
    summary = parallel(trials(100), BOUNDS, "accuracy", winner="s0003")
    assert summary.is_best.sum() == 10
    assert summary.is_best[:10].all()
    assert summary.trials[summary.winner] == "s0003"


def test_of_many_the_best_the_worst_and_those_first_by_their_hash_are_drawn():
    summary = parallel(trials(400), BOUNDS, "accuracy", winner="s0200")
    names = [f"s{place:04d}" for place in range(400)]
    sure = {*names[:20], *names[-10:], "s0200"}
    others = sorted(set(names) - sure, key=lambda name: hashlib.sha256(name.encode()).hexdigest())
    assert set(summary.trials) == {*sure, *others[: MOST_LINES - len(sure)]}
    assert summary.finished == 400


def test_only_finished_trials_are_lines(judged):
    summary = parallel(judged, BOUNDS, "accuracy")
    finished = judged.loc[judged["outcome"] == "finished", "trial"]
    assert sorted(summary.trials) == sorted(finished)


def test_where_the_best_are_is_compared_with_a_random_draw():
    # the best ten of 100 lie in the lowest tenth of the decades; the middle expectation is 9/11
    width = parallel(trials(100), BOUNDS, "accuracy").settings[0]
    assert width.share == pytest.approx(9 / 99)
    assert width.by_chance == pytest.approx(9 / 11 * 101 / 99)
    assert width.best == (1.0, pytest.approx(100 ** (9 / 99)))


def test_best_trials_of_one_name_cover_its_share_of_the_names():
    names = ["relu"] * 20 + ["tanh"] * 20
    axis = parallel(trials(40, activation=names), BOUNDS, "accuracy").settings[1]
    assert (axis.best, axis.share) == (("relu",), 0.5)
    assert 0.9 < axis.by_chance < 1


def test_a_score_far_off_ends_its_axis_early():
    scores = [0.9, 0.91, 0.92, 0.9, 0.91, 0.92, 0.9, -400.0]
    summary = parallel(trials(8, validation_score=scores), BOUNDS, "R²")
    assert sum(one.beyond for one in summary.settings) == 1
    assert summary.lines[:, 2].min() == 0
    assert summary.settings[2].axis.ticks[0][1] > 0


@pytest.mark.parametrize("rows", [0, 1])
def test_below_two_trials_there_are_no_lines(rows):
    assert parallel(trials(4).head(rows), BOUNDS, "accuracy") is None


def test_below_two_varied_settings_there_are_no_lines():
    assert parallel(trials(4), {"width": BOUNDS["width"]}, "accuracy") is None
    assert parallel(trials(4), {}, "accuracy") is None


def test_settings_without_room_are_counted():
    extra = {f"x{place}": np.arange(20.0) for place in range(14)}
    bounds = {**BOUNDS, **{name: {"low": 0.0, "high": 19.0} for name in extra}}
    summary = parallel(trials(20, **extra), bounds, "accuracy")
    assert (len(summary.settings), summary.left_out) == (14, 4)


def test_choices_that_are_numbers_stand_once_and_in_their_order():
    table = trials(9, dropout=[0.0, 0.2, 0.5] * 3)
    bounds = BOUNDS | {"dropout": {"choices": [0.0, 0.2, 0.5]}}
    axis = next(
        one for one in parallel(table, bounds, "accuracy").settings if one.axis.name == "dropout"
    )
    assert [name for _, name in axis.axis.ticks] == ["0", "0.2", "0.5"]
    assert axis.tried == ("0", "0.2", "0.5")


def test_a_setting_with_one_value_that_some_trials_lack_is_no_axis():
    table = trials(10, momentum=[0.9, np.nan] * 5)
    bounds = BOUNDS | {"momentum.sgd": {"low": 0.9, "high": 0.9, "log": False}}
    assert "momentum" not in [
        axis.axis.name for axis in parallel(table, bounds, "accuracy").settings
    ]
