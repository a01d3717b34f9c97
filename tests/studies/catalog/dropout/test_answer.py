import dataclasses

import numpy as np
import pytest

from studies.catalog.dropout.answer import answer
from studies.catalog.dropout.design import spec

FEW = ("dropout=0.2,0.5,0.7", "width=16,64")
NOISE = 0.002


def curves(*, gain=None, gap=None, lost=(), train=None):
    """Curves whose effect of a dose is planted, as functions of (width, rate)."""

    def of(item):
        width, rate = item.config.width, item.config.dropout
        if item.stage == "tuning":
            return {}
        if item.arm in lost:
            return None
        shared = np.random.default_rng(item.replicate).normal(0, 0.01)
        noise = np.random.default_rng([item.slot, item.replicate]).normal(0, NOISE, 3)
        losses = np.full(item.config.epochs, 0.3)
        losses[-1] = 0.3 + (gap(width, rate) if gap else 0) + noise[1]
        return {
            "validation_score": 0.9 + (gain(width, rate) if gain else 0) + shared + noise[0],
            "train_score": 0.95 + (train(width, rate) if train else 0) + noise[2],
            "validation_loss": losses,
            "train_loss": 0.1,
            "running_loss": 0.1 + rate,
        }

    return of


def judge(design, run_design, planted, **more):
    return answer(run_design(design, planted, **more), {})


@pytest.fixture(name="design", scope="module")
def _design(design_of):
    return design_of(spec, set=FEW)


def of(found, name, subject=None):
    return next(
        one
        for one in found.findings
        if one.code == f"study.dropout.{name}" and subject in {None, one.subject}
    )


def narrowing(_, rate):
    return 0.5 - 0.4 * rate


def test_the_planted_best_dose_is_found_in_the_width_that_has_it(design, run_design):
    planted = curves(gain=lambda width, rate: 0.03 * (rate == 0.5) * (width == 64))

    found = judge(design, run_design, planted)

    wide, narrow = of(found, "best", "width 64"), of(found, "best", "width 16")
    assert (wide.verdict, wide.numbers["rate"]) == ("better", 0.5)
    assert wide.numbers["difference"] == pytest.approx(0.03, abs=0.003)
    assert narrow.verdict == "equivalent"
    assert "at width 64 dropout 0.5 helps (accuracy +0.0" in found.answer
    assert len(found.answer) <= 170


def test_an_effect_that_only_the_wide_network_has_depends_on_width(design, run_design):
    planted = curves(gain=lambda width, rate: 0.03 * (rate == 0.5) * (width == 64))

    width = of(judge(design, run_design, planted), "width")

    assert (width.verdict, width.numbers["rate"]) == ("depends on width", 0.5)
    assert width.numbers["difference"] == pytest.approx(0.03, abs=0.004)


def test_the_same_effect_in_both_widths_does_not_depend_on_width(design, run_design):
    planted = curves(gain=lambda _, rate: 0.03 * (rate == 0.5))

    assert of(judge(design, run_design, planted), "width").verdict == "equivalent"


def test_one_width_asks_nothing_about_width(design_of, run_design):
    design = design_of(spec, set=("width=32",))

    found = judge(design, run_design, curves())

    assert "study.dropout.width" not in {one.code for one in found.findings}


def test_a_gap_that_narrows_with_the_dose_upholds_the_claim(design, run_design):
    found = of(judge(design, run_design, curves(gap=narrowing)), "gap", "width 64")

    assert found.verdict == "holds"
    assert found.numbers["smallest_rate"] == 0.2
    assert found.numbers["trend"] == pytest.approx(-0.4 * 0.7, abs=0.005)
    assert found.numbers["trend_low"] < -0.28 < found.numbers["trend_high"]


def test_a_gap_that_narrows_only_where_validation_is_lost_is_no_overfitting_suppressed(
    design, run_design
):
    planted = curves(gap=narrowing, gain=lambda _, rate: -0.1 * (rate > 0))

    found = of(judge(design, run_design, planted), "gap", "width 16")

    assert found.verdict == "does not hold"
    assert "only where validation is clearly worse" in found.sentence


def test_a_gap_that_stays_refutes_the_claim(design, run_design):
    found = of(judge(design, run_design, curves()), "gap", "width 16")

    assert found.verdict == "does not hold"
    assert "stays as it is at every rate" in found.sentence


def test_too_much_underfits_from_the_first_rate_that_lowers_train_and_validation(
    design, run_design
):
    def low(_, rate):
        return -0.1 * (rate >= 0.5)

    found = judge(design, run_design, curves(gain=low, train=low))

    assert of(found, "underfits", "width 16").numbers["from_rate"] == 0.5
    assert of(found, "best", "width 16").sentence.endswith("Clearly worse than none: 0.5 and 0.7.")


def test_a_lower_validation_score_alone_is_not_underfitting(design, run_design):
    planted = curves(gain=lambda _, rate: -0.1 * (rate > 0))

    found = judge(design, run_design, planted)

    assert of(found, "underfits").verdict == "not shown"
    assert "at width 64 every rate harms" in found.answer


def test_equal_arms_are_not_told_apart(design, run_design):
    found = judge(design, run_design, curves())

    assert {of(found, "best", f"width {width}").verdict for width in (16, 64)} == {"equivalent"}


def test_the_figures_mark_the_best_rate_and_set_the_printed_loss_beside_the_measured_one(
    design, run_design
):
    found = answer(run_design(design, curves(gain=lambda _, rate: 0.03 * (rate == 0.5))), {})

    printed = of(found, "printed_loss")
    assert printed.subject == "width 64, dropout 0.5"
    assert printed.numbers["printed"] == pytest.approx(0.6)
    assert printed.numbers["measured"] == pytest.approx(0.1)
    assert "often misread as no overfitting" in printed.sentence
    assert [one.id for one in found.figures] == ["dose", "loss-gap", "differences", "printed"]
    assert list(found.figures[0].marks["x"]) == [0.5, 0.5]


def test_weighted_classes_set_the_printed_loss_apart_and_dropout_is_not_blamed(design, run_design):
    results = run_design(design, curves(gain=lambda _, rate: 0.03 * (rate == 0.5)))
    settings = {**(results.manifest.get("settings") or {}), "class_weight": "balanced"}
    found = answer(
        dataclasses.replace(results, manifest={**results.manifest, "settings": settings}), {}
    )
    assert "study.dropout.printed_loss" not in [finding.code for finding in found.findings]
    assert "printed" not in [figure.id for figure in found.figures]


def test_a_rate_that_always_diverged_leaves_the_others_to_be_judged(design, run_design):
    planted = curves(gap=narrowing, lost=("width 64, dropout 0.7",))

    found = judge(design, run_design, planted)

    assert of(found, "gap", "width 64").verdict == "holds"
    assert of(found, "gap", "width 64").numbers["trend"] == pytest.approx(-0.4 * 0.5, abs=0.005)


def test_a_width_without_its_network_without_dropout_cannot_be_compared(design, run_design):
    found = judge(design, run_design, curves(lost=("width 16, no dropout",)))

    assert of(found, "best", "width 16").verdict == "undecided"
    assert "at width 16 nothing can be compared" in found.answer.lower()


def test_four_seeds_conclude_nothing(design_of, run_design):
    design = design_of(spec, set=FEW, seeds=4)

    found = judge(design, run_design, curves(gain=lambda _, rate: rate / 10))

    best = of(found, "best", "width 64")
    assert best.verdict == "undecided"
    assert best.confidence.startswith("descriptive")


def test_a_regression_speaks_of_r2(design_of, run_design):
    design = design_of(spec, set=FEW, task="regression")

    found = judge(design, run_design, curves(), task="regression")

    assert "R²" in found.answer


def test_folds_are_the_pairs_of_a_study_with_folds(design_of, run_design):
    design = design_of(spec, set=FEW, seeds=2, folds=6)

    found = judge(design, run_design, curves(gap=narrowing))

    assert of(found, "gap", "width 64").numbers["trend"] == pytest.approx(-0.28, abs=0.005)


@pytest.mark.slow
def test_a_run_compares_the_rates_on_the_same_seeds(tmp_path, run_command):
    from studies.catalog.conclusion import conclude_study, read_results  # noqa: PLC0415
    from sweep.runs.folder import RunFolder  # noqa: PLC0415

    told = ("--set", "dropout=0.5", "--set", "width=8", "--set", "learning_rate=0.01")
    small = ("--seeds", 3, "--epochs", 3, "--workers", 1, "--no-report")

    assert run_command("study", "dropout", "iris", *told, *small, "--out", tmp_path / "run") == 0

    results = read_results(RunFolder.open(tmp_path / "run"))
    pairs = results.comparison.groupby("replicate")["seed"].agg(["size", "nunique"])
    assert pairs.to_numpy().tolist() == [[2, 1]] * 3
    scores = results.paired("validation_score").mean()
    change = scores["width 8, dropout 0.5"] - scores["width 8, no dropout"]
    content = conclude_study(results)
    assert f"{abs(change):.3f}" in content.answer
    assert of(content, "best").verdict == "undecided"
