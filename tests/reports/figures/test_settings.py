import numpy as np
import pandas as pd
import pytest

from reports.figures.settings import hyperparameter, isolate
from reports.judged import with_verdicts

NONE = pd.DataFrame()


def compared(expected, half=0.01, edges=(8, 32, 128, 512)):
    """Bins of the width, compared by their expected best."""
    return pd.DataFrame(
        {
            "hyperparameter": "width", "value": "", "low": edges[:-1], "high": edges[1:],
            "trials": 9, "draws": 3, "expected": expected,
            "lower": np.array(expected) - half, "upper": np.array(expected) + half,
        }
    )  # fmt: skip


@pytest.fixture(scope="module")
def width(run):
    judged = with_verdicts(run.searched, run.verdicts)
    return "width", hyperparameter(judged, "width", {"low": 8, "high": 512, "log": True})


@pytest.fixture(scope="module")
def optimizer(run):
    judged = with_verdicts(run.searched, run.verdicts)
    return "optimizer", hyperparameter(judged, "optimizer", {"choices": ["adam", "sgd", "rmsprop"]})


def test_a_bin_of_a_log_range_stands_at_its_middle_on_that_scale(width):
    (one,) = isolate([width], compared([0.8, 0.9, 0.85]))
    assert one.known["x"].tolist() == pytest.approx([16, 64, 256])
    assert one.draws == 3


def test_a_choice_stands_where_its_trials_do(optimizer):
    table = compared([0.8, 0.9, 0.85]).assign(
        hyperparameter="optimizer", value=["sgd", "adam", "unknown"], low=np.nan, high=np.nan
    )
    (one,) = isolate([optimizer], table)
    assert one.known["x"].tolist() == [1, 0]


def test_best_and_worst_differ_clearly_where_their_intervals_are_apart(width):
    (apart,) = isolate([width], compared([0.8, 0.9, 0.85]))
    (overlapping,) = isolate([width], compared([0.89, 0.9, 0.895]))
    assert (apart.best, apart.worst, apart.is_clear) == (1, 0, True)
    assert not overlapping.is_clear


@pytest.mark.parametrize(
    ("expected", "edge"),
    [([0.8, 0.85, 0.9], "upper"), ([0.9, 0.85, 0.8], "lower"), ([0.8, 0.9, 0.85], "")],
)
def test_the_edge_at_which_the_best_bin_lies_is_told(width, expected, edge):
    assert isolate([width], compared(expected))[0].edge == edge


def test_a_best_bin_at_an_edge_that_may_be_chance_is_not_told(width):
    assert isolate([width], compared([0.89, 0.895, 0.9]))[0].edge == ""


def test_an_edge_bin_that_is_not_compared_leaves_no_edge(width):
    table = compared([0.8, 0.85, 0.9, np.nan], edges=(8, 32, 64, 128, 512))
    assert isolate([width], table)[0].edge == ""


def test_choices_have_no_edge(optimizer):
    table = compared([0.7, 0.8, 0.9]).assign(
        hyperparameter="optimizer", value=["adam", "sgd", "rmsprop"], low=np.nan, high=np.nan
    )
    assert isolate([optimizer], table)[0].edge == ""


def test_what_lies_beyond_the_axes_is_drawn_at_their_end_and_kept_as_it_is(width):
    wide = compared([0.80, 0.81, 0.82], half=0.001).assign(lower=[0.799, 0.809, -5.0])
    (one,) = isolate([width], wide.assign(low=[1.0, 32, 128]))
    shown = one.panel("accuracy", {}, compare=True)
    assert shown.compared["lower"].min() == shown.compared_limits[0] > -1
    assert one.known["lower"].min() == -5
    assert shown.compared["low"].iloc[0] == one.points.x_limits[0]


@pytest.mark.parametrize("table", [NONE, compared([0.8, 0.9, 0.7]).iloc[:0]], ids=["no", "empty"])
def test_without_a_comparison_only_the_trials_are_left(width, table):
    (one,) = isolate([width], table)
    assert (one.draws, one.best, one.worst, one.edge, one.is_clear) == (0, -1, -1, "", False)
    assert one.compared.empty
    assert all(np.isfinite(one.panel("accuracy", {}, compare=True).compared_limits))
