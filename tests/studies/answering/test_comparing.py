import pytest

from studies.answering.arms import summarise_arms
from studies.answering.comparing import compare_study, contrast_findings, forest, study_tables
from studies.answering.contrasts import by_names

SCORES = {"width 8": 0.7, "width 16": 0.9, "width 32": 0.9005}


def compared(widths, design_of, run_design, scored, scores=SCORES, noise=0.001, **settings):
    results = run_design(design_of(widths(), **{"seeds": 10, **settings}), scored(scores, noise))
    return results, compare_study(results)


def test_planted_differences_are_found_and_equal_arms_are_equivalent(
    widths, design_of, run_design, scored
):
    _, contrasts = compared(widths, design_of, run_design, scored)
    verdicts = {names: each.verdict for names, each in by_names(contrasts).items()}

    assert verdicts == {
        ("width 16", "width 8"): "better",
        ("width 32", "width 8"): "better",
        ("width 32", "width 16"): "equivalent",
    }


def test_a_difference_lost_in_the_noise_is_undecided_and_says_what_would_settle_it(
    widths, design_of, run_design, scored
):
    results, contrasts = compared(
        widths, design_of, run_design, scored, dict.fromkeys(SCORES, 0.8), 0.05, seeds=8
    )
    findings = contrast_findings(contrasts, results)

    assert {each.verdict for each in contrasts} == {"undecided"}
    assert all(each.detectable > 0 for each in contrasts)
    assert {finding.code for finding in findings} == {"comparison.score.undecided"}
    assert all(finding.next_step for finding in findings)


def test_fewer_than_five_pairs_are_described_and_not_judged(widths, design_of, run_design, scored):
    results, contrasts = compared(widths, design_of, run_design, scored, seeds=4)

    assert {each.verdict for each in contrasts} == {"undecided"}
    assert {(each.pairs, each.is_tested) for each in contrasts} == {(4, False)}
    assert contrast_findings(contrasts, results)[0].numbers["p_holm"] is None


def test_contrasts_and_margin_may_be_other_than_those_of_the_design(
    widths, design_of, run_design, scored
):
    results, _ = compared(widths, design_of, run_design, scored)
    (contrast,) = compare_study(results, contrasts=[("width 8", "width 16")], margin=0.5)

    assert (contrast.first, contrast.verdict) == ("width 8", "equivalent")
    assert contrast.difference.estimate == pytest.approx(-0.2, abs=0.01)


def test_of_an_arm_that_is_lost_nothing_is_concluded(widths, design_of, run_design, scored):
    results, contrasts = compared(
        widths, design_of, run_design, scored, {**SCORES, "width 8": None}
    )
    by_pair = by_names(contrasts)

    assert by_pair["width 16", "width 8"].pairs == 0
    assert by_pair["width 16", "width 8"].verdict == "undecided"
    assert by_pair["width 32", "width 16"].verdict == "equivalent"
    assert len(contrast_findings(contrasts, results)) == 3
    _, table = study_tables(results, summarise_arms(results), {}, contrasts)
    assert table.table["95 % interval"].iloc[0] == "none"


def test_folds_widen_the_interval(widths, design_of, run_design, scored):
    """Nadeau and Bengio: rows that folds share make their scores alike."""
    _, plain = compared(widths, design_of, run_design, scored, seeds=10)
    _, folded = compared(widths, design_of, run_design, scored, seeds=2, folds=5)
    spans = [each[0].difference.high - each[0].difference.low for each in (plain, folded)]

    assert (plain[0].basis, folded[0].basis) == ("pairs", "folds")
    assert folded[0].pairs == 5
    assert spans[1] > spans[0]


def test_a_finding_has_its_numbers_and_its_confidence(widths, design_of, run_design, scored):
    results, contrasts = compared(widths, design_of, run_design, scored)
    finding = contrast_findings(contrasts, results)[0]

    assert finding.code == "comparison.score.better"
    assert finding.subject == "width 16 - width 8"
    assert finding.level == "good"
    assert finding.numbers["difference"] == pytest.approx(0.2, abs=0.01)
    assert "over 10 paired seeds; Holm over 3 contrasts; said in " in finding.confidence


def test_nothing_is_drawn_of_no_contrast(widths, design_of, run_design, scored):
    results, contrasts = compared(widths, design_of, run_design, scored)

    assert forest([], results, "Nothing.") == []
    (figure,) = forest(contrasts, results, "Three.")
    assert figure.margin == results.design.margin
    assert figure.table["verdict"].tolist() == ["better", "better", "equivalent"]
