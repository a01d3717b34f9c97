import numpy as np
import pandas as pd
import pytest

from studies.findings.evidence import best_of_trials, importance_of


def trials(number, outcome="finished"):
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "trial": [f"s{slot:04d}" for slot in range(number)], "slot": np.arange(number),
            "stage": "search", "outcome": outcome,
            "validation_loss": rng.uniform(0.1, 2, number),
            "validation_score": rng.uniform(0.5, 1, number),
        }
    )  # fmt: skip


def test_the_curve_runs_to_the_best_loss_and_the_best_score():
    table = trials(30)
    told = best_of_trials(table).groupby("measure")[["k", "expected", "so_far"]].last()
    assert told.loc["loss"].tolist() == pytest.approx([30, *[table["validation_loss"].min()] * 2])
    assert told.loc["score"].tolist() == pytest.approx([30, *[table["validation_score"].max()] * 2])


def test_what_was_reached_follows_the_slots_and_not_the_rows():
    table = trials(12)
    told = best_of_trials(table.iloc[::-1])
    assert told["so_far"].iloc[0] == table["validation_loss"].iloc[0]


def test_bounds_stop_at_the_best_that_there_is():
    told = best_of_trials(trials(30))
    assert told.loc[told["measure"] == "loss", "low"].min() >= 0
    assert told.loc[told["measure"] == "score", "high"].max() <= 1


def test_trials_that_a_pruner_let_finish_are_no_independent_draws():
    table = trials(30)
    table.loc[3, "outcome"] = "pruned"
    assert best_of_trials(table).empty


@pytest.mark.parametrize("number", [0, 9])
def test_fewer_than_ten_finished_trials_make_no_curve(number):
    told = best_of_trials(pd.concat([trials(number), trials(5, "diverged")]))
    assert told.empty
    assert list(told.columns) == ["measure", "k", "expected", "low", "high", "so_far"]


def test_a_trial_without_a_finite_value_does_not_count():
    table = trials(12)
    table.loc[0, "validation_score"] = np.nan
    assert best_of_trials(table)["k"].max() == 11


def test_a_run_without_a_search_space_has_no_importances():
    assert importance_of({}, trials(20).assign(loss_gap=0.1)).empty
