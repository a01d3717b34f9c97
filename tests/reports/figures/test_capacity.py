import math

import numpy as np
import pandas as pd
import pytest

from reports.figures import fit_map
from reports.figures.capacity import (
    Correlation,
    find_sizes,
    place_losses,
    told_gap,
    told_losses,
    told_sizes,
)
from reports.findings import Finding
from reports.judged import with_verdicts

LIMITS = (50.0, 2_000_000.0)


def sized(verdicts, losses=None):
    """Make finished trials of 100, 1,000, 10,000 ... parameters with these verdicts."""
    number = len(verdicts)
    loss = np.array(losses if losses is not None else np.ones(number), dtype=float)
    return pd.DataFrame(
        {
            "trial": [f"s{place:04d}" for place in range(number)],
            "outcome": ["finished"] * number,
            "parameters": [10 ** (2 + place) for place in range(number)],
            "train_loss": loss / 2,
            "validation_loss": loss,
            "verdict": verdicts,
        }
    )


def smallest(size, verdict="smallest adequate"):
    return Finding(
        code="capacity.smallest_adequate", about="capacity", subject="s0001", verdict=verdict,
        sentence="", numbers={"parameters": size},
    )  # fmt: skip


def bands(trials, size, verdict="smallest adequate"):
    found = find_sizes(trials, [smallest(size, verdict)], LIMITS)
    return [(band.name, band.low, band.high) for band in found.bands]


def test_sizes_are_divided_halfway_between_the_adequate_one_and_the_next_smaller():
    middle = pytest.approx(math.sqrt(100 * 1000))
    assert bands(sized(["underfits", "fits", "fits"]), 1000) == [
        ("too small", 50.0, middle),
        ("adequate", middle, 2_000_000.0),
    ]


def test_a_region_of_overfitting_begins_where_half_of_the_larger_trials_overfit():
    verdicts = ["underfits", "fits", "fits", "overfits", "overfits"]
    trials = pd.concat([sized(verdicts), sized(verdicts).iloc[4:]])
    (*_, last) = bands(trials, 1000)
    # from 10,000 on three of four overfit, but the one of that size itself does not
    assert last == ("mostly overfit", pytest.approx(math.sqrt(1e4 * 1e5)), 2_000_000.0)


@pytest.mark.parametrize(
    "verdicts",
    [
        ["fits", "overfits", "fits", "overfits", "overfits"][:4],  # two larger ones overfit
        ["overfits", "overfits", "fits", "fits", "fits"],  # the larger ones do not
    ],
)
def test_too_few_larger_trials_that_overfit_are_no_region(verdicts):
    assert [name for name, *_ in bands(sized(verdicts), 100)] == ["adequate"]


def test_the_smallest_size_leaves_none_too_small():
    assert bands(sized(["fits", "fits"]), 100) == [("adequate", *LIMITS)]


def test_verdicts_are_counted_in_each_region():
    found = find_sizes(sized(["underfits", "fits", "undecided"]), [smallest(1000)], LIMITS)
    small, enough = found.bands
    assert (small.trials, small.verdicts, small.smallest) == (1, {"underfits": 1}, 100)
    assert (enough.trials, enough.verdicts) == (2, {"fits": 1, "undecided": 1})


def test_what_is_undecided_is_no_region_but_a_size():
    found = find_sizes(sized(["fits"] * 3), [smallest(1000, "undecided")], LIMITS)
    assert found.bands == ()
    assert (found.smallest, found.subject) == (1000, "s0001")


@pytest.mark.parametrize("findings", [[], [smallest(None)], [smallest(float("nan"))]])
def test_without_a_number_there_is_neither(findings):
    found = find_sizes(sized(["fits"] * 3), findings, LIMITS)
    assert (found.bands, found.smallest, found.finished) == ((), None, 3)


def test_only_finished_trials_with_both_losses_count():
    trials = sized(["fits"] * 4, [0.4, 0.5, np.nan, 0.7])
    trials.loc[3, "outcome"] = "pruned"
    assert place_losses(trials, LIMITS).sizes["trials"].sum() == 2
    assert find_sizes(trials, [], LIMITS).finished == 2


def test_the_envelope_is_the_smallest_loss_up_to_each_size():
    losses = place_losses(sized(["fits"] * 4, [0.9, 0.5, 0.8, 0.3]), LIMITS)
    steps = losses.envelope[losses.envelope["series"] == "validation"]
    assert list(zip(steps["x"], steps["y"], strict=True)) == [
        (100, 0.9), (1000, 0.5), (100_000, 0.3), (2_000_000, 0.3),
    ]  # fmt: skip
    assert losses.sizes["best"].tolist() == [0.9, 0.5, 0.5, 0.3]


def test_of_equal_sizes_the_best_one_counts():
    trials = pd.concat([sized(["fits"], [0.9]), sized(["fits"], [0.4])])
    sizes = place_losses(trials, LIMITS).sizes
    assert (sizes["trials"].tolist(), sizes["validation"].tolist()) == ([2], [0.4])


def test_losses_over_decades_have_a_log_scale():
    assert place_losses(sized(["fits"] * 2, [0.01, 2.0]), LIMITS).points.axes.y_scale == "log"
    assert place_losses(sized(["fits"] * 2, [0.5, 0.7]), LIMITS).points.axes.y_scale == "linear"
    assert place_losses(sized(["fits"] * 2, [0.0, 2.0]), LIMITS).points.axes.y_scale == "linear"


def test_a_loss_far_off_stands_at_the_edge_and_is_counted():
    far = sized(["fits"] * 8, [0.4, 0.41, 0.42, 0.4, 0.41, 0.42, 0.4, 3])
    points = place_losses(far, (50.0, 2e9)).points
    assert points.beyond == 2  # the train loss is half of it
    assert points.table["y"].max() == points.y_limits[1] < 1.2


def test_the_winner_is_pointed_out_by_its_validation_loss():
    trials = sized(["fits"] * 2, [0.5, 0.7])
    points = place_losses(trials, LIMITS, winner="s0001").points
    rows = points.table[points.table["trial"] == points.winner]
    assert rows[["verdict", "x", "y"]].to_numpy().tolist()[-1] == ["validation", 1000, 0.7]


def test_many_trials_are_thinned(run):
    judged = with_verdicts(run.searched, run.verdicts)
    many = pd.concat([judged] * 50, ignore_index=True)
    assert len(place_losses(many, LIMITS).points.table) < 200


@pytest.mark.parametrize("rows", [0, 1])
def test_next_to_nothing_has_limits(rows):
    losses = place_losses(sized(["fits"]).head(rows), LIMITS)
    assert losses.points.y_limits[0] < losses.points.y_limits[1]
    assert len(losses.sizes) == rows


@pytest.fixture
def judged(run):
    return with_verdicts(run.searched, run.verdicts)


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(0.1, 0.7, "Larger networks have larger gaps"),
     (-0.7, -0.1, "Larger networks have smaller gaps"),
     (-0.2, 0.5, "does not clearly depend")],
)  # fmt: skip
def test_capacity_is_claimed_only_where_the_interval_leaves_out_zero(low, high, words):
    assert words in told_gap(Correlation(rho=0.3, low=low, high=high, trials=28))


def test_capacity_of_few_trials_is_not_judged():
    nan = float("nan")
    text = told_gap(Correlation(rho=nan, low=nan, high=nan, trials=1))
    assert text.startswith("With 1 finished trial it cannot be told")


def test_verdicts_are_counted(judged):
    text = fit_map.told(judged)
    fits = int(((judged["verdict"] == "fits") & (judged["outcome"] == "finished")).sum())
    assert f"fits {fits}" in text
    assert fit_map.told(judged.iloc[:0]).startswith("No trial has both")


def test_verdicts_are_counted_without_the_pruned(pruned_run):
    pruned = with_verdicts(pruned_run.searched, pruned_run.verdicts)
    text = fit_map.told(pruned)
    assert f"on {(pruned['outcome'] == 'finished').sum()} finished trials" in text
    assert "pruned" not in text


def of_losses(losses, verdicts=None):
    """Make finished trials of 100, 1,000, 10,000 ... parameters with these validation losses."""
    number = len(losses)
    loss = np.array(losses, dtype=float)
    return pd.DataFrame(
        {
            "trial": [f"s{place:04d}" for place in range(number)],
            "outcome": ["finished"] * number,
            "parameters": [10 ** (2 + place) for place in range(number)],
            "train_loss": loss / 2,
            "validation_loss": loss,
            "verdict": verdicts or ["fits"] * number,
        }
    )


def told(trials, *findings):
    return told_sizes(find_sizes(trials, findings, LIMITS))


def test_the_fall_of_the_best_loss_is_told_with_both_sizes():
    text = told_losses(place_losses(of_losses([0.9, 0.4, 0.5]), LIMITS))
    assert text == (
        "The best validation loss falls from 0.900 at 100 parameters to 0.400 at 1,000, and none "
        "of the larger sizes is better."
    )


def test_a_best_network_of_the_largest_size_is_said_to_be_so():
    text = told_losses(place_losses(of_losses([0.9, 0.4]), LIMITS))
    assert text.endswith("0.400 at 1,000, the largest size tried.")


def test_a_smallest_network_that_is_the_best_is_no_fall():
    text = told_losses(place_losses(of_losses([0.4, 0.9]), LIMITS))
    assert text.startswith("The smallest size, 100 parameters, already has the best")


@pytest.mark.parametrize("losses", [[], [0.4]])
def test_below_two_sizes_nothing_is_said_of_them(losses):
    assert told_losses(place_losses(of_losses(losses), LIMITS)) == ""


def test_regions_are_told_with_the_verdicts_that_agree():
    text = told(of_losses([0.9, 0.4, 0.5], ["underfits", "fits", "overfits"]), smallest(1000))
    assert text == (
        "s0001 with 1,000 parameters is the smallest adequate network. Judged to underfit: 1 of 1 "
        "smaller trial. Judged to overfit: 1 of 2 trials from there on; there is no size from "
        "which on most do."
    )


def test_a_region_in_which_most_overfit_is_told_with_its_first_size():
    verdicts = ["underfits", "fits", "overfits", "overfits", "overfits"]
    text = told(of_losses([0.9, 0.4, 0.5, 0.6, 0.7], verdicts), smallest(1000))
    assert text.endswith("From 10,000 parameters on most overfit: 3 of 3 trials.")


def test_without_a_finding_the_caption_says_why_no_region_is_drawn():
    assert told(of_losses([0.9])) == (
        "With 1 finished trial no smallest adequate network is named, so no region is drawn."
    )


def test_an_undecided_finding_is_told_and_not_drawn():
    text = told(of_losses([0.9, 0.4, 0.5]), smallest(1000, "undecided"))
    assert text.startswith("No region is drawn: s0001, with 1,000 parameters, is the smallest")


def test_a_smallest_size_that_is_adequate_leaves_none_too_small():
    text = told(of_losses([0.4, 0.4, 0.5]), smallest(100))
    assert text.startswith("The smallest size tried, 100 parameters, is adequate.")


def test_the_median_score_gap_is_told(judged):
    finished = judged[judged["outcome"] == "finished"]
    text = fit_map.told_scores(judged, "accuracy")
    assert f"of {len(finished)} finished trials" in text
    assert text.endswith(f"the median gap is {finished['score_gap'].median():.3f}.")
    assert fit_map.told_scores(judged.iloc[:0], "R²").startswith("No trial has R² on both")
