import numpy as np
import pytest

from studies.catalog.depth_vs_width.answer import answer
from studies.catalog.depth_vs_width.design import spec
from studies.catalog.depth_vs_width.worth import time_ratio
from studies.catalog.index import rules_of
from studies.designs.spec import Overrides
from sweep.space.parsing import read_set_values

NOISE = 0.002


def told(*texts):
    """The specification with what ``--set`` takes for this study."""
    overrides = Overrides.of(read_set_values(texts, rules=rules_of("depth-vs-width")))
    return lambda rest, context: spec(Overrides(given={**rest.given, **overrides.given}), context)


def curves(*, score=None, train=None, gap=None, lost=()):
    """Curves with planted effects, functions of (depth, whether it is the larger size)."""

    def of(item):
        if item.stage == "tuning":
            return {}
        if item.arm in lost:
            return None
        place = item.config.depth, item.config.width > 40 or item.arm in {"2x67", "3x53"}
        shared = np.random.default_rng(item.replicate).normal(0, 0.01)
        noise = np.random.default_rng([item.slot, item.replicate]).normal(0, NOISE, 3)
        fit = 0.1 + (train(*place) if train else 0) + noise[1]
        return {
            "validation_score": 0.9 + (score(*place) if score else 0) + shared + noise[0],
            "train_loss": fit,
            "validation_loss": 0.3 + fit + (gap(*place) if gap else 0) + noise[2],
        }

    return of


@pytest.fixture(name="design", scope="module")
def _design(design_of):
    return design_of(told("depth=1,2,3"), epochs=6)


def conclude(results):
    return answer(results, {})


def of(found, name, subject=""):
    return next(
        one
        for one in found.findings
        if one.code == f"study.depth-vs-width.{name}" and subject in one.subject
    )


def test_the_claim_holds_where_layers_fit_much_better_than_neurons(design, run_design):
    planted = curves(
        train=lambda depth, large: -0.06 * (depth > 1) - 0.01 * large,
        score=lambda depth, large: 0.05 * (depth > 1) + 0.02 * large,
    )

    found = conclude(run_design(design, planted))

    claim = of(found, "claim")
    assert claim.verdict == "holds"
    assert claim.numbers["layers_difference"] == pytest.approx(0.06, abs=0.003)
    assert claim.numbers["neurons_difference"] == pytest.approx(0.01, abs=0.003)
    assert claim.numbers["between_low"] < 0.05 < claim.numbers["between_high"]
    assert "more layers raise accuracy (+0.05" in found.answer
    assert "8 times the parameters raise it (+0.02" in found.answer
    assert len(found.answer) <= 170


def test_the_claim_does_not_hold_where_neurons_do_more(design, run_design):
    planted = curves(train=lambda _, large: -0.06 * large)

    claim = of(conclude(run_design(design, planted)), "claim")

    assert claim.verdict == "does not hold"
    assert claim.next_step == ""


def test_the_claim_does_not_hold_where_nothing_differs(design, run_design):
    found = conclude(run_design(design, curves()))

    assert of(found, "claim").verdict == "does not hold"
    assert "do not change accuracy" in found.answer


def test_a_deep_network_with_a_higher_train_loss_was_optimised_worse(design, run_design):
    planted = curves(
        score=lambda depth, _: -0.05 * (depth == 3), train=lambda depth, _: 0.2 * (depth == 3)
    )

    found = conclude(run_design(design, planted))

    depths = of(found, "depths", "1,210 parameters")
    assert depths.verdict == "optimised worse"
    assert "optimised worse: 3x12 (accuracy −0.04" in depths.sentence  # noqa: RUF001 - a minus sign
    assert "equivalent: 2x13" in depths.sentence
    assert of(found, "trainability").verdict == "holds"


def test_a_deep_network_with_as_good_a_train_loss_generalises_worse(design, run_design):
    planted = curves(
        score=lambda depth, _: -0.05 * (depth == 3), gap=lambda depth, _: 0.3 * (depth == 3)
    )

    found = conclude(run_design(design, planted))

    assert of(found, "depths", "9,680").verdict == "generalises worse"
    assert of(found, "overfitting").verdict == "holds"
    assert of(found, "trainability").verdict == "does not hold"


def test_a_depth_that_always_diverged_could_not_be_trained(design, run_design):
    found = conclude(run_design(design, curves(lost=("3x12",))))

    depths = of(found, "depths", "1,210")
    assert depths.verdict == "could not be trained"
    assert "100 % of its networks lost" in depths.sentence
    assert of(found, "score").verdict == "equivalent"  # of those that are left


def test_where_all_that_is_deeper_diverged_nothing_is_claimed(design, run_design):
    lost = ("2x13", "3x12", "2x67", "3x53")

    found = conclude(run_design(design, curves(lost=lost)))

    assert of(found, "claim").verdict == "undecided"
    assert "could not be trained" in found.answer


def test_missing_pairs_are_left_out(design, run_design):
    def planted(item):
        gone = item.arm == "2x13" and item.replicate == 4 and item.stage == "comparison"
        return None if gone else curves(score=lambda depth, _: 0.05 * (depth > 1))(item)

    found = conclude(run_design(design, planted))

    assert of(found, "score").numbers["layers_difference"] == pytest.approx(0.05, abs=0.003)


def test_one_size_says_nothing_about_neurons(design_of, run_design):
    design = design_of(told("depth=1,2", "parameters=1210"), epochs=6)

    found = conclude(run_design(design, curves()))

    assert of(found, "claim").verdict == "undecided"
    assert "nothing is said about neurons" in found.answer


def test_four_seeds_conclude_nothing(design_of, run_design):
    design = design_of(told("depth=1,2"), seeds=4, epochs=6)

    found = conclude(run_design(design, curves(score=lambda depth, _: depth / 20)))

    assert of(found, "claim").verdict == "undecided"
    assert "may or may not change accuracy" in found.answer


def test_networks_trained_together_have_one_time_and_no_interval(design, run_design):
    results = run_design(design, curves())
    together = results.trials.assign(cohort=results.trials["arm"])

    ratio = time_ratio(type(results)(**{**fields(results), "trials": together}), "3x12", "1x16")

    assert ratio.estimate == pytest.approx(1.0)
    assert np.isnan(ratio.low)


def test_networks_timed_alone_show_how_much_slower_depth_is(design, run_design):
    results = run_design(design, curves())
    rng = np.random.default_rng(0)
    factor = np.where(results.trials["arm"] == "3x53", 2.0, 1.0)
    times = 6.0 * factor * np.exp(rng.normal(0, 0.05, len(results.trials)))
    timed = results.trials.assign(seconds=times, cohort=results.trials["trial"])

    found = conclude(type(results)(**{**fields(results), "trials": timed}))

    slower = of(found, "time")
    assert slower.verdict == "holds"
    assert slower.numbers["low"] < 2.0 < slower.numbers["high"]


def test_a_regression_speaks_of_r2(design_of, run_design):
    design = design_of(told("depth=1,2"), task="regression", epochs=6)

    found = answer(run_design(design, curves(), task="regression"), {})

    assert "R²" in found.answer
    assert found.figures[0].y_name == "R²"


def test_folds_are_the_pairs_of_a_study_with_folds(design_of, run_design):
    design = design_of(told("depth=1,2"), seeds=2, folds=6, epochs=6)

    found = conclude(run_design(design, curves(score=lambda depth, _: 0.05 * (depth > 1))))

    assert of(found, "score").numbers["layers_difference"] == pytest.approx(0.05, abs=0.003)


def test_the_table_shows_how_far_each_size_is_off_its_budget(design, run_design):
    found = answer(run_design(design, curves()), {})

    sizes = next(one for one in found.tables if one.id == "sizes").table
    assert sizes["Parameters"].to_list()[:2] == ["1,210", "1,167"]
    assert sizes["Off the budget"].to_list()[:2] == ["+0.0%", "−3.6%"]  # noqa: RUF001 - a minus sign
    assert sizes["Against the shallowest"].to_list()[0] == "the reference"


def fields(results):
    return {name: getattr(results, name) for name in ("design", "manifest", "trials", "epochs")}


@pytest.mark.slow
def test_a_run_compares_depths_of_one_size_on_the_same_seeds(tmp_path, run_command):
    from studies.catalog.conclusion import conclude_study, read_results  # noqa: PLC0415
    from sweep.runs.folder import RunFolder  # noqa: PLC0415

    sets = ("--set", "depth=1,2", "--set", "parameters=60", "--set", "learning_rate=0.01")
    small = ("--seeds", 3, "--epochs", 3, "--workers", 1, "--no-report", "--out", tmp_path / "run")

    assert run_command("study", "depth-vs-width", "iris", *sets, *small) == 0

    results = read_results(RunFolder.open(tmp_path / "run"))
    pairs = results.comparison.groupby("replicate")["seed"].agg(["size", "nunique"])
    assert pairs.to_numpy().tolist() == [[2, 1]] * 3
    sizes = results.comparison.groupby("arm")["parameters"].first()
    assert sizes.sub(60).abs().max() <= 8
    scores = results.paired("validation_score").mean()
    change = scores.iloc[1] - scores.iloc[0]
    content = conclude_study(results)
    assert f"{abs(change):.3f}" in content.answer
    assert of(content, "claim").verdict == "undecided"
