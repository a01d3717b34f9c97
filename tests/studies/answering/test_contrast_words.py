import math

import pytest

from reports.wording import MINUS
from studies.answering.contrast_words import (
    contrast_findings,
    contrasts_table,
    describe_contrast,
    draw_contrasts,
    next_step,
    settling_step,
    standing,
    summarise_verdicts,
)
from studies.answering.contrasts import Contrast
from studies.statistics.intervals import Interval

SIZE = "accuracy +0.060 (95 % interval 0.040 to 0.080)"


def contrast(verdict="undecided", first="new", second="old", **more):
    told = {"pairs": 5, "p": 0.01, "p_holm": 0.02, "detectable": 0.03, **more}
    interval = told.pop("difference", Interval(estimate=0.06, low=0.04, high=0.08))
    return Contrast(first=first, second=second, difference=interval, verdict=verdict, **told)


def said(verdict="undecided", **more):
    return describe_contrast(contrast(verdict, **more), "accuracy", 0.01)


@pytest.mark.parametrize("verdict", ["better", "worse"])
def test_a_clear_difference_is_said_with_its_interval_and_its_p(verdict):
    assert said(verdict) == f"new is {verdict} than old: {SIZE} over 5 paired seeds, p 0.0200."


def test_equivalence_is_said_with_its_margin():
    expected = f"new and old are equivalent within 0.01: {SIZE} over 5 paired seeds."
    assert said("equivalent") == expected


def test_an_undecided_contrast_says_what_would_settle_it():
    expected = (
        f"new against old is undecided: {SIZE} over 5 paired seeds, p 0.0200; 0.030 would have "
        "been found in four cases of five, about 7 more seeds would settle it."
    )
    assert said(seeds_needed=7) == expected


def test_too_few_pairs_are_said_to_be_too_few():
    few = said(p=math.nan, p_holm=math.nan, pairs=3)
    assert few == f"new against old: {SIZE} over 3 paired seeds; too few for a verdict."


def test_one_seed_is_said_to_tell_nothing():
    one_seed = said(basis="one seed", p=math.nan, p_holm=math.nan)
    assert one_seed == (
        f"new against old: {SIZE} over rows, since one seed is too few; that cannot tell which is "
        "better."
    )


def test_identical_networks_are_said_to_be_the_same():
    same = said("equivalent", identical=True)
    assert same == "new and old are the same networks: every score and loss is equal."


def test_the_arm_of_two_runs_is_named_first():
    assert said("better", arm="width 8").startswith("width 8: new is better than old: ")


@pytest.mark.parametrize(
    ("basis", "words"),
    [
        ("folds", "over 5 folds, seeds paired, p"),
        ("seeds", "over 5 seeds each, not the same ones (Welch), p"),
        ("rows", "over 5 seeds each on other rows (Welch, with the error over rows), p"),
    ],
)
def test_what_it_rests_on_is_said(basis, words):
    assert words in said("better", basis=basis)


@pytest.mark.parametrize(
    ("more", "step"),
    [
        ({"seeds_needed": 7}, "Repeat with --seeds 12."),
        ({"basis": "one seed"}, "Run both with the same --seed and --confirm 5 or more"),
        ({"basis": "rows"}, "Run both with the same --seed: they then learn"),
        ({}, "Treat the two as alike unless"),
        ({"identical": True}, ""),
    ],
)
def test_the_next_step_is_what_would_settle_it(more, step):
    assert next_step(contrast(**more)).startswith(step)
    assert next_step(contrast("better", **more)) == ""


def test_the_option_of_the_next_step_is_that_of_the_run():
    assert next_step(contrast(seeds_needed=2), "--confirm") == "Repeat with --confirm 7."


def test_the_seeds_that_settle_several_are_the_most_of_them():
    contrasts = [contrast(seeds_needed=2), None, contrast(seeds_needed=9), contrast("better")]
    assert settling_step(*contrasts) == "Repeat with --seeds 14."
    assert settling_step(contrast("better"), None) == ""


def test_verdicts_are_counted_the_identical_ones_first():
    contrasts = [
        contrast("equivalent", identical=True), contrast("better"), contrast("equivalent"),
        contrast("better"),
    ]  # fmt: skip
    assert summarise_verdicts(contrasts) == "1 identical, 2 better, 1 equivalent"


def test_how_one_stands_to_the_others_is_said_by_verdict():
    contrasts = [contrast("better"), contrast("better", second="a"), contrast("worse", "b", "new")]
    assert standing("new", contrasts) == "better than old, a and b"
    assert standing("old", contrasts) == "worse than new"
    assert standing("new", contrasts, most=2) == "better than 3 others"


def test_findings_count_the_family_and_hold_the_numbers():
    first, second = contrast_findings(
        [contrast("better"), contrast(basis="rows")], "accuracy", 0.01, code="compare.run"
    )

    assert (first.code, first.level) == ("compare.run.better", "good")
    assert (second.code, second.level) == ("compare.run.undecided", "info")
    assert "Holm over 2 contrasts" in second.confidence
    assert first.numbers["p_holm"] == 0.02
    assert first.numbers["superiority"] is None


def test_the_finding_of_identical_networks_is_exact():
    (finding,) = contrast_findings([contrast("equivalent", identical=True)], "accuracy", 0.01)
    assert finding.confidence == "exact"


def test_the_figure_has_a_row_a_contrast():
    figure = draw_contrasts([contrast("better", arm="a")], "accuracy", 0.01, "One.", note="So.")

    assert figure.id == "differences"
    assert figure.table.to_numpy().tolist() == [[0.06, 0.04, 0.08, "better", f"a: new {MINUS} old"]]
    assert figure.how_to_read.endswith("they count 1 contrast (Holm). So.")


def test_the_table_has_no_column_of_what_was_not_measured():
    of_runs = contrasts_table([contrast("better")], "accuracy").table
    of_arms = contrasts_table([contrast(sign_flip_p=0.3, superiority=0.8)], "accuracy").table

    assert "p (sign flips)" not in of_runs
    assert "Arm" not in of_runs
    assert of_arms["p (sign flips)"].tolist() == ["0.300"]
    assert of_arms["P(first better)"].tolist() == ["0.800"]
    assert of_runs["Over"].tolist() == ["5 paired seeds"]
