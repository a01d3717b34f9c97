import numpy as np
import pytest

from studies.catalog.ladder.answer import answer
from studies.catalog.ladder.design import spec

NOISE = 0.002


def curves(levels, *, epochs=40):
    """Curves by arm: validation score, and validation loss at the end; paired noise over seeds."""

    def of(item):
        if item.stage == "tuning":
            return {}
        level = levels[item.arm]
        if level is None:
            return None
        shared = np.random.default_rng(item.replicate).normal(0, 0.01)
        noise = np.random.default_rng([item.slot, item.replicate]).normal(0, NOISE, 2)
        best = 0.30
        fall = np.linspace(1.0, best, epochs // 2)
        rise = np.linspace(best, level["end"] + noise[1], epochs - len(fall))
        return {
            "train_loss": np.linspace(1.0, 0.05, epochs),
            "validation_loss": np.concatenate([fall, rise]),
            "validation_score": level["score"] + shared + noise[0],
            "train_score": 0.99,
        }

    return of


def levels(shallow=0.86, deep=0.93, alone=0.93, retuned=0.94, *, gap=0.6, dropped=0.35):
    return {
        "1x128": {"score": shallow, "end": gap},
        "3x128": {"score": deep, "end": gap},
        "3x128 + dropout 0.5, same rate": {"score": alone, "end": dropped},
        "3x128 + dropout 0.5": {"score": retuned, "end": dropped},
    }


@pytest.fixture(name="design")
def _design(design_of):
    return design_of(spec)


def answered(design, run_design, told, **more):
    return answer(run_design(design, curves(told), **more), {})


def test_both_claims_hold_where_they_are_planted(design, run_design):
    found = answered(design, run_design, levels())

    assert found.answer == "More layers lift the score; dropout suppresses overfitting."
    assert "from the 80s to the 90s” holds here" in found.paragraph[0]
    depth, dropout = found.findings[:2]
    assert (depth.verdict, dropout.verdict) == ("better", "holds")
    assert depth.numbers["difference"] == pytest.approx(0.07, abs=0.004)
    assert dropout.numbers["gap_difference"] == pytest.approx(0.25, abs=0.005)


def test_a_first_step_in_the_90s_contradicts_the_claim_even_if_deeper_is_better(design, run_design):
    found = answered(design, run_design, levels(shallow=0.92, deep=0.96))

    assert found.findings[0].verdict == "better"
    assert "does not hold here: 1x128 is in the 90s already" in found.paragraph[0]


def test_differences_inside_the_margin_are_equivalent(design, run_design):
    found = answered(design, run_design, levels(shallow=0.93, dropped=0.6))

    assert (
        found.answer
        == "More layers change nothing that matters; dropout does not suppress overfitting."
    )


def test_what_dropout_narrows_is_told_as_a_change_of_the_gap(design, run_design):
    sentence = answered(design, run_design, levels()).paragraph[1]

    assert "suppresses overfitting” holds here" in sentence
    assert "changes the loss gap at the end by −0.250 (95 % interval −0.25" in sentence  # noqa: RUF001 - a minus sign


def test_a_gap_that_is_narrower_since_less_was_learnt_has_its_price_told(design, run_design):
    found = answered(design, run_design, levels(alone=0.88))

    assert found.findings[1].verdict == "holds at a price"
    assert found.answer.endswith("dropout narrows the gap, but lowers the score.")
    assert found.findings[1].numbers["gap_low"] > 0 > found.findings[1].numbers["high"]


def test_an_arm_that_always_diverged_leaves_its_claim_undecided(design, run_design):
    told = levels() | {"3x128 + dropout 0.5, same rate": None}

    found = answered(design, run_design, told)

    assert found.findings[0].verdict == "better"
    assert found.findings[1].verdict == "undecided"


def test_four_seeds_conclude_nothing(design_of, run_design):
    found = answered(design_of(spec, seeds=4), run_design, levels())

    assert {finding.verdict for finding in found.findings} == {"undecided"}


def test_a_regression_speaks_of_r2_and_of_no_decades(design_of, run_design):
    design = design_of(spec, task="regression")

    found = answered(design, run_design, levels(), task="regression")

    assert "R²" in found.paragraph[0]
    assert "80s" not in found.paragraph[0]
