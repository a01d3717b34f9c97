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


def sized(losses, verdicts=None):
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


def smallest(size, verdict="smallest adequate"):
    return Finding(
        code="capacity.smallest_adequate", about="capacity", subject="s0001", verdict=verdict,
        sentence="", numbers={"parameters": size},
    )  # fmt: skip


def told(trials, *findings):
    return told_sizes(find_sizes(trials, findings, LIMITS))


def test_the_fall_of_the_best_loss_is_told_with_both_sizes():
    text = told_losses(place_losses(sized([0.9, 0.4, 0.5]), LIMITS))
    assert text == (
        "The best validation loss falls from 0.900 at 100 parameters to 0.400 at 1,000, and none "
        "of the larger sizes is better."
    )


def test_a_best_network_of_the_largest_size_is_said_to_be_so():
    text = told_losses(place_losses(sized([0.9, 0.4]), LIMITS))
    assert text.endswith("0.400 at 1,000, the largest size tried.")


def test_a_smallest_network_that_is_the_best_is_no_fall():
    text = told_losses(place_losses(sized([0.4, 0.9]), LIMITS))
    assert text.startswith("The smallest size, 100 parameters, already has the best")


@pytest.mark.parametrize("losses", [[], [0.4]])
def test_below_two_sizes_nothing_is_said_of_them(losses):
    assert told_losses(place_losses(sized(losses), LIMITS)) == ""


def test_regions_are_told_with_the_verdicts_that_agree():
    text = told(sized([0.9, 0.4, 0.5], ["underfits", "fits", "overfits"]), smallest(1000))
    assert text == (
        "s0001 with 1,000 parameters is the smallest adequate network. Judged to underfit: 1 of 1 "
        "smaller trial. Judged to overfit: 1 of 2 trials from there on; there is no size from "
        "which on most do."
    )


def test_a_region_in_which_most_overfit_is_told_with_its_first_size():
    verdicts = ["underfits", "fits", "overfits", "overfits", "overfits"]
    text = told(sized([0.9, 0.4, 0.5, 0.6, 0.7], verdicts), smallest(1000))
    assert text.endswith("From 10,000 parameters on most overfit: 3 of 3 trials.")


def test_without_a_finding_the_caption_says_why_no_region_is_drawn():
    assert told(sized([0.9])) == (
        "With 1 finished trial no smallest adequate network is named, so no region is drawn."
    )


def test_an_undecided_finding_is_told_and_not_drawn():
    text = told(sized([0.9, 0.4, 0.5]), smallest(1000, "undecided"))
    assert text.startswith("No region is drawn: s0001, with 1,000 parameters, is the smallest")


def test_a_smallest_size_that_is_adequate_leaves_none_too_small():
    text = told(sized([0.4, 0.4, 0.5]), smallest(100))
    assert text.startswith("The smallest size tried, 100 parameters, is adequate.")


def test_the_median_score_gap_is_told(judged):
    finished = judged[judged["outcome"] == "finished"]
    text = fit_map.told_scores(judged, "accuracy")
    assert f"of {len(finished)} finished trials" in text
    assert text.endswith(f"the median gap is {finished['score_gap'].median():.3f}.")
    assert fit_map.told_scores(judged.iloc[:0], "R²").startswith("No trial has R² on both")
