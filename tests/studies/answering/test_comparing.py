import re

import pytest

from studies.answering.comparing import (
    MOST_DRAWN,
    compare_study,
    contrast_findings,
    contrasts_table,
    describe_contrast,
    forest,
)
from studies.answering.results import records

SCORES = {"width 8": 0.7, "width 16": 0.9, "width 32": 0.9005}


def compared(widths, design_of, run_design, scored, scores=SCORES, noise=0.001, **settings):
    results = run_design(design_of(widths(), **{"seeds": 10, **settings}), scored(scores, noise))
    return results, compare_study(results)


def test_planted_differences_are_found_and_equal_arms_are_equivalent(
    widths, design_of, run_design, scored
):
    _, table = compared(widths, design_of, run_design, scored)
    verdicts = {(row["first"], row["second"]): row["verdict"] for row in records(table)}

    assert verdicts == {
        ("width 16", "width 8"): "better",
        ("width 32", "width 8"): "better",
        ("width 32", "width 16"): "equivalent",
    }


def test_a_difference_lost_in_the_noise_is_undecided_and_says_what_would_settle_it(
    widths, design_of, run_design, scored
):
    results, table = compared(
        widths, design_of, run_design, scored, dict.fromkeys(SCORES, 0.8), 0.05, seeds=8
    )
    findings = contrast_findings(table, results)

    assert set(table["verdict"]) == {"undecided"}
    for finding in findings:
        assert finding.code == "comparison.score.undecided"
        assert "is undecided: accuracy" in finding.sentence
        assert "would have been found in four cases of five" in finding.sentence
        assert finding.next_step


def test_fewer_than_five_pairs_are_described_and_not_judged(widths, design_of, run_design, scored):
    results, table = compared(widths, design_of, run_design, scored, seeds=4)

    assert set(table["verdict"]) == {"undecided"}
    sentence = describe_contrast(records(table)[0], "accuracy", 0.01)
    assert sentence.endswith("over 4 pairs; too few for a verdict.")
    assert contrast_findings(table, results)[0].numbers["p_holm"] is None


def test_contrasts_and_margin_may_be_other_than_those_of_the_design(
    widths, design_of, run_design, scored
):
    results, _ = compared(widths, design_of, run_design, scored)
    (row,) = records(compare_study(results, contrasts=[("width 8", "width 16")], margin=0.5))

    assert (row["first"], row["verdict"]) == ("width 8", "equivalent")
    assert row["difference"] == pytest.approx(-0.2, abs=0.01)


def test_of_an_arm_that_is_lost_nothing_is_concluded(widths, design_of, run_design, scored):
    results, table = compared(widths, design_of, run_design, scored, {**SCORES, "width 8": None})
    by_pair = {(row["first"], row["second"]): row for row in records(table)}

    assert by_pair["width 16", "width 8"]["pairs"] == 0
    assert by_pair["width 16", "width 8"]["verdict"] == "undecided"
    assert by_pair["width 32", "width 16"]["verdict"] == "equivalent"
    assert len(contrast_findings(table, results)) == 3
    assert contrasts_table(table, results).table["95 % interval"].iloc[0] == "none"


def test_folds_widen_the_interval(widths, design_of, run_design, scored):
    """Nadeau and Bengio: rows that folds share make their scores alike."""
    _, plain = compared(widths, design_of, run_design, scored, seeds=10)
    _, folded = compared(widths, design_of, run_design, scored, seeds=2, folds=5)
    width = [table["high"].iloc[0] - table["low"].iloc[0] for table in (plain, folded)]

    assert folded["pairs"].iloc[0] == 5
    assert width[1] > width[0]


def test_a_finding_has_its_numbers_and_its_confidence(widths, design_of, run_design, scored):
    results, table = compared(widths, design_of, run_design, scored)
    finding = contrast_findings(table, results, what="gap")[0]

    assert finding.code == "comparison.gap.better"
    assert finding.subject == "width 16 - width 8"
    assert finding.level == "good"
    assert "over 10 pairs, Holm over 3 contrasts; said in " in finding.confidence
    assert re.match(r"width 16 is better than width 8: accuracy 0\.(20|19)\d", finding.sentence)


def test_the_forest_shows_no_more_than_fits_and_says_how_many_are_left_out(
    widths, design_of, run_design, scored
):
    arms = tuple({"width": width} for width in range(1, 11))
    design = design_of(widths(arms=arms), seeds=5)
    results = run_design(design, scored({arm.name: 0.8 for arm in design.arms}))
    table = compare_study(results)
    figure = forest(table, results, finding="All alike.")

    assert len(table) == 45
    assert len(figure.table) == MOST_DRAWN
    assert "15 more contrasts stand in the table" in figure.how_to_read
    assert len(contrasts_table(table, results).table) == 45
