import numpy as np
import pandas as pd
import pytest

from studies.findings.edges import check_edges, widened

WIDTH = {"width": {"low": 8, "high": 512, "log": True}}


def finished(**columns):
    return pd.DataFrame({"optimizer": "adam", **columns})


def test_good_trials_at_the_upper_end_print_the_new_range():
    found = check_edges(WIDTH, finished(width=[512, 480, 400, 512, 64, 8]))
    assert [finding.subject for finding in found] == ["width"]
    assert found[0].details["new_range"] == "8..2048"
    assert (found[0].details["upper"], found[0].numbers["best"]) == (True, 512)


def test_one_good_trial_at_the_end_is_chance():
    assert check_edges(WIDTH, finished(width=[512, 20, 60, 40, 64])) == []


def test_a_confirmed_winner_far_from_the_edge_needs_no_wider_range():
    names = [f"s{place}" for place in range(6)]
    table = finished(width=[512, 480, 64, 512, 490, 500], trial=names)
    assert check_edges(WIDTH, table, confirmed="s2") == []
    (found,) = check_edges(WIDTH, table, confirmed="s1")
    assert (found.details["confirmed"], found.numbers["best"]) == (True, 480)
    (searched,) = check_edges(WIDTH, table)
    assert (searched.details["confirmed"], searched.numbers["best"]) == (False, 512)


def test_a_confirmed_winner_at_the_edge_alone_is_chance():
    names = [f"s{place}" for place in range(6)]
    table = finished(width=[64, 50, 512, 40, 70, 60], trial=names)
    assert check_edges(WIDTH, table, confirmed="s2") == []


def test_four_trials_are_too_few():
    assert check_edges(WIDTH, finished(width=[512, 512, 512, 512])) == []


def test_a_natural_end_is_no_edge():
    bounds = {"dropout": {"low": 0.0, "high": 0.6, "log": False}}
    assert check_edges(bounds, finished(dropout=[0.0, 0.01, 0.02, 0.0, 0.03])) == []


def test_the_rates_of_an_optimizer_that_did_not_win_are_no_obstacle():
    bounds = {"learning_rate.sgd": {"low": 0.001, "high": 0.5, "log": True}}
    table = finished(learning_rate=[0.5] * 6)
    table["optimizer"] = ["adam", "sgd", "sgd", "sgd", "sgd", "sgd"]
    assert check_edges(bounds, table) == []
    table["optimizer"] = "sgd"
    assert check_edges(bounds, table)[0].subject == "learning_rate.sgd"


def test_a_value_that_the_best_trial_lacks_is_no_obstacle():
    bounds = {"momentum": {"low": 0.0, "high": 0.9, "log": False}}
    assert check_edges(bounds, finished(momentum=[np.nan, 0.9, 0.9, 0.9, 0.9, 0.9])) == []


@pytest.mark.parametrize("bound", [{"value": 3}, {"choices": [1, 2]}, {"low": 3, "high": 3}])
def test_what_is_not_a_range_has_no_edge(bound):
    assert check_edges({"depth": bound}, finished(depth=[3] * 6)) == []


def test_no_trials_have_no_edge():
    assert check_edges(WIDTH, finished(width=[])) == []


def test_irrelevant_values_are_seldom_said_to_lie_at_an_edge():
    rng = np.random.default_rng(0)
    bounds = {"dropout": {"low": 0.1, "high": 0.6, "log": False}}
    found = [check_edges(bounds, finished(dropout=rng.uniform(0.1, 0.6, 30))) for _ in range(1000)]
    assert np.mean([bool(f) for f in found]) <= 0.07


@pytest.mark.parametrize(
    ("name", "low", "high", "log", "upper", "new"),
    [
        ("depth", 1, 6, False, True, (1, 8)),
        ("depth", 1, 6, False, False, (0, 6)),
        ("width", 8, 512, True, False, (2, 512)),
        ("learning_rate.adam", 0.001, 0.1, True, True, (0.001, 0.46)),
        ("dropout", 0.0, 0.9, False, True, (0.0, 0.95)),
    ],
)
def test_a_range_is_widened_by_a_third_inside_what_it_may_be(name, low, high, log, upper, new):
    assert widened(name, low, high, log=log, upper=upper) == pytest.approx(new)
