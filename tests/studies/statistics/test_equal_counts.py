import numpy as np
import pandas as pd
import pytest

from studies.statistics.best_of import expected_best
from studies.statistics.equal_counts import compare_settings


def trials(**columns):
    """Finished trials of a search, with what every table has."""
    table = pd.DataFrame(columns)
    standard = {"stage": "search", "outcome": "finished", "depth": 2, "optimizer": "adam"}
    missing = {name: value for name, value in standard.items() if name not in table}
    return table.assign(**missing)


def scores(number, seed=0):
    return np.random.default_rng(seed).uniform(0.5, 0.9, number)


def test_every_value_is_given_a_third_of_the_least_tried_ones_trials():
    table = trials(activation=["relu"] * 24 + ["tanh"] * 12, validation_score=scores(36))
    told = compare_settings(table, {"activation": {"choices": ["relu", "tanh"]}})
    assert told["value"].tolist() == ["relu", "tanh"]
    assert told["trials"].tolist() == [24, 12]
    assert told["draws"].tolist() == [4, 4]
    best = -expected_best(-table["validation_score"].to_numpy()[:24], 4)
    assert told["expected"].iloc[0] == pytest.approx(best)


def test_a_value_that_was_hardly_tried_is_told_but_not_compared():
    table = trials(activation=["a"] * 20 + ["b"] * 20 + ["c"] * 2, validation_score=scores(42))
    told = compare_settings(table, {"activation": {"choices": ["a", "b", "c"]}})
    assert told["draws"].tolist() == [6, 6, 0]
    assert told["expected"].isna().tolist() == [False, False, True]


def test_one_comparable_value_is_compared_with_nothing():
    table = trials(activation=["a"] * 20 + ["b"] * 2, validation_score=scores(22))
    assert set(compare_settings(table, {"activation": {"choices": ["a", "b"]}})["draws"]) == {0}


def test_a_log_range_has_bins_of_equal_ratio_that_reach_from_end_to_end():
    rates = np.geomspace(1e-4, 1e-2, 40)
    table = trials(learning_rate=rates, validation_score=scores(40))
    told = compare_settings(table, {"learning_rate.adam": {"low": 1e-4, "high": 1e-2, "log": True}})
    assert len(told) == 5
    assert (told["high"] / told["low"]).tolist() == pytest.approx([100**0.2] * 5)
    assert told["low"].iloc[0] == pytest.approx(1e-4)
    assert told["high"].iloc[-1] == pytest.approx(1e-2)
    assert told["trials"].sum() == 40


def test_each_of_few_whole_numbers_has_its_bin():
    table = trials(depth=[1, 1, 3, 3], validation_score=scores(4))
    told = compare_settings(table, {"depth": {"low": 1, "high": 4}})
    assert told[["low", "high"]].to_numpy().tolist() == [[0.5, 1.5], [2.5, 3.5]]


def test_trials_that_do_not_have_the_hyperparameter_are_left_out():
    table = trials(
        depth=[0] * 6 + [2] * 24, width=[0] * 6 + [8] * 12 + [512] * 12,
        validation_score=[0.99] * 6 + list(scores(24)),
    )  # fmt: skip
    told = compare_settings(table, {"width": {"low": 8, "high": 512, "log": True}})
    assert told["trials"].sum() == 24
    assert told["expected"].max() < 0.95


def test_trials_without_a_result_the_pruned_and_repeats_do_not_count():
    outcomes = ["finished"] * 12 + ["pruned", "diverged", "failed", "finished"]
    stages = ["search"] * 15 + ["confirmation"]
    table = trials(
        activation=["a", "b"] * 8, outcome=outcomes, stage=stages, validation_score=scores(16)
    )
    told = compare_settings(table, {"activation": {"choices": ["a", "b"]}})
    assert told["trials"].tolist() == [6, 6]


def test_no_interval_reaches_beyond_the_best_score_there_is():
    values = np.where(np.arange(24) % 6 == 0, 0.2, 0.999)
    table = trials(activation=["a", "b"] * 12, validation_score=values)
    assert compare_settings(table, {"activation": {"choices": ["a", "b"]}})["upper"].max() <= 1


def test_choices_are_the_same_as_integers_and_as_floats():
    table = trials(width=[32.0] * 6 + [64.0] * 6, validation_score=scores(12))
    told = compare_settings(table, {"width": {"choices": [64, 32]}})
    assert told["value"].tolist() == ["64", "32"]


@pytest.mark.parametrize(
    "bounds",
    [{}, {"batch_size": {"value": 32}}, {"unknown": {"low": 0, "high": 1}}],
    ids=["none", "fixed", "no column"],
)
def test_where_nothing_varied_there_is_no_row(bounds):
    table = trials(batch_size=[32] * 6, validation_score=scores(6))
    told = compare_settings(table, bounds)
    assert told.empty
    assert "expected" in told.columns


def test_a_run_without_a_trial_has_no_row():
    table = trials(activation=["a"], validation_score=[0.5]).iloc[:0]
    assert compare_settings(table, {"activation": {"choices": ["a", "b"]}}).empty
