import dataclasses
import hashlib
import itertools
import math

import numpy as np
import pandas as pd
import pytest

from reports.drawing.parallel import ABSENT
from reports.figures.parallel import MOST_LINES, expected_cover, figure, parallel
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


def test_the_table_has_a_row_an_axis(run):
    section = figure(run)
    assert [row[0] for row in section.table.rows] == [
        "depth", "width", "shape", "dropout", "activation", "optimizer", "learning rate",
        "momentum", "validation accuracy", "loss gap",
    ]  # fmt: skip


def test_few_best_trials_are_not_said_to_agree(run):
    section = figure(run)
    assert section.finding.endswith("are too few to say on which settings they agree.")


def test_agreement_is_told_beside_what_chance_does(run_maker):
    run = run_maker(trials=90, epochs=2, lost=0.0, confirm=0)
    best = run.trials["validation_loss"].rank() <= 12
    trials = run.trials.assign(dropout=best.map({True: 0.2, False: 0.5}))
    section = figure(dataclasses.replace(run, trials=trials))
    assert "agree most on dropout: 0.2, 0 % of the range tried" in section.finding
    assert section.finding.startswith("Of 8 settings, the best 9 of 90 finished trials")


def test_no_agreement_is_told_as_such(run_maker):
    run = run_maker(trials=90, epochs=2, lost=0.0, confirm=0)
    bounds = {name: {"low": 0.0, "high": 1.0} for name in ("dropout", "momentum")}
    trials = run.trials.sort_values("validation_loss")
    trials["dropout"] = trials["momentum"] = [0.0, 1.0] * 45
    manifest = {**run.manifest, "space_bounds": bounds}
    text = figure(dataclasses.replace(run, trials=trials, manifest=manifest)).finding
    assert text.startswith("On no setting do the best 9 of 90 finished trials agree much more")


def test_what_is_not_drawn_is_counted(run_maker):
    run = run_maker(trials=200, epochs=2, lost=0.0, confirm=0)
    section = figure(run)
    assert "Drawn are 150 of 200 finished trials" in section.note
    assert sum(one.trials for one in section.key) == 150


@pytest.mark.parametrize("bounds", [{}, None, {"depth": {"low": 1, "high": 6}}])
def test_without_two_varied_settings_there_is_no_section(run, bounds):
    content = dataclasses.replace(run, manifest={**run.manifest, "space_bounds": bounds})
    assert figure(content) is None


def test_without_trials_there_is_no_section(nothing):
    assert figure(nothing) is None


@pytest.mark.parametrize("number", [1, 2, 3, 5])
def test_the_range_of_a_draw_is_the_mean_over_all_draws(number):
    values = np.array([0.0, 0.1, 0.1, 0.7, 1.0])
    ranges = [max(draw) - min(draw) for draw in itertools.combinations(values, number)]
    assert expected_cover(values, number) == pytest.approx(np.mean(ranges))


@pytest.mark.parametrize("number", [1, 2, 4])
def test_the_names_of_a_draw_are_the_mean_over_all_draws(number):
    values = np.array([0.0, 0.0, 0.0, 1.0, 2.0])
    shares = [len(set(draw)) / 3 for draw in itertools.combinations(values, number)]
    assert expected_cover(values, number, names=True) == pytest.approx(np.mean(shares))


def test_evenly_spaced_values_have_the_closed_form():
    # (number - 1) / (number + 1) of the range for uniform draws, (n + 1) / (n - 1) of it here
    assert expected_cover(np.arange(101.0), 10) == pytest.approx(9 / 11 * 102 / 100)


def test_thousands_of_trials_do_not_overflow():
    assert 0.8 < expected_cover(np.linspace(0, 1, 10_000), 20) < 0.92


@pytest.mark.parametrize(("values", "number"), [([], 1), ([1.0, 1.0], 1), ([0.0, 1.0], 0)])
def test_what_cannot_be_covered_is_nan(values, number):
    assert math.isnan(expected_cover(np.array(values), number))
