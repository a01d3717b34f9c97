import dataclasses

import numpy as np
import pytest

from studies.catalog.memorise.answer import answer
from studies.catalog.memorise.design import spec
from studies.catalog.memorise.fitting import (
    find_threshold,
    share_fitted,
    size_ratio,
)

EPOCHS = 8
WIDTHS = ("width=4,8,16,32,64",)


def curves(needed, *, seeds_short=0, lost=(), at_chance=0.1, epoch=None):
    """Networks that fit from a width on, by whether labels are random; then at a given epoch.

    In the first ``seeds_short`` seeds even the smallest that fits does not.
    """

    def of(item):
        if item.stage == "tuning":
            return {}
        if item.arm in lost:
            return None
        random = item.variant.label_noise == 1
        least = needed[random]
        fits = least is not None and item.config.width >= least
        if item.config.width == least and item.replicate <= seeds_short:
            fits = False
        first = epoch[random] if epoch else 3
        scores = np.where(np.arange(1, item.config.epochs + 1) >= first, 1.0, 0.5)
        validation = np.random.default_rng([random, item.replicate]).normal(at_chance, 0.01)
        return {
            "train_score": scores if fits else 0.7,
            "validation_score": validation if random else 0.9,
            "validation_loss": 2.3 if random else 0.3,
        }

    return of


@pytest.fixture(name="design", scope="module")
def _design(design_of):
    return design_of(spec, set=WIDTHS, epochs=EPOCHS)


def conclude(results):
    return answer(results, {})


def of(found, name):
    return next(one for one in found.findings if one.code == f"study.memorise.{name}")


def test_the_planted_thresholds_are_found(design, run_design):
    found = conclude(run_design(design, curves({True: 32, False: 8})))

    random, true = of(found, "random"), of(found, "true")
    # One layer of w units has 75 w + 10 parameters with 64 inputs and 10 classes.
    assert (random.verdict, random.numbers["parameters"]) == ("fitted", 2_410)
    assert random.numbers["too_small"] == 1_210
    assert (true.numbers["parameters"], true.numbers["too_small"]) == (610, 310)
    assert random.numbers["labels_per_parameter"] == pytest.approx(500 / 2_410)
    assert "between 0.207 and 0.413 labels per parameter" in random.sentence
    assert "500 random labels are learnt by heart with 2,410 parameters" in found.answer
    assert "about 4 times what the true ones need" in found.answer
    assert len(found.answer) <= 160


def test_the_ratio_is_bounded_by_the_sizes_that_are_too_small(design, run_design):
    ratio = of(conclude(run_design(design, curves({True: 32, False: 8}))), "ratio")

    assert ratio.verdict == "larger"
    assert ratio.numbers["low"] == pytest.approx(1_210 / 610)
    assert ratio.numbers["high"] == pytest.approx(2_410 / 310)


def test_a_width_that_half_of_the_seeds_fit_is_no_threshold(design, run_design):
    results = run_design(design, curves({True: 16, False: 8}, seeds_short=5))

    shares = share_fitted(results).set_index("arm")

    share = shares.loc["random labels, width 16"]
    assert (share["fitted"], share["trials"], share["verdict"]) == (5, 10, "undecided")
    # Clopper and Pearson (1934), 5 of 10.
    assert share["low"] == pytest.approx(0.187, abs=5e-4)
    assert share["high"] == pytest.approx(0.813, abs=5e-4)
    random = find_threshold(share_fitted(results), "random", rows=500)
    assert (random.fits, random.fails, random.width) == (2_410, 610, 32)


def test_labels_that_even_the_smallest_fits_leave_the_ratio_open_above(design, run_design):
    shares = share_fitted(run_design(design, curves({True: 16, False: 4})))

    random, true = (find_threshold(shares, kind, rows=500) for kind in ("random", "true"))

    assert true.fails is None
    assert np.isnan(size_ratio(random, true).high)
    assert size_ratio(random, true).low == pytest.approx(610 / 310)


def test_random_labels_that_nothing_fits_are_not_learnt(design, run_design):
    found = conclude(run_design(design, curves({True: None, False: 8})))

    assert of(found, "random").verdict == "not fitted"
    assert of(found, "random").next_step.startswith("Try larger networks")
    assert of(found, "ratio").verdict == "undecided"
    assert found.answer.startswith("500 random labels are not learnt by heart")
    assert "up to 4,810 parameters" in found.answer


def test_random_labels_that_take_four_times_as_long_are_slower(design, run_design):
    def wobbling(item):
        epoch = {True: 8 - item.replicate % 2, False: 2}
        return curves({True: 16, False: 8}, epoch=epoch)(item)

    time = of(conclude(run_design(design, wobbling)), "time")

    assert time.verdict == "slower"
    assert time.numbers["ratio"] == pytest.approx(np.sqrt(4 * 3.5))
    assert time.numbers["low"] < np.sqrt(14) < time.numbers["high"]


def test_a_validation_score_at_chance_is_called_so(design_of, run_design):
    design = with_majority(design_of)

    chance = of(conclude(run_design(design, curves({True: 16, False: 8}))), "chance")

    assert chance.verdict == "chance"
    assert chance.numbers["chance"] == 0.1


def test_chance_is_tested_over_the_rows_that_weighted_ones_tell_as_much_as(design_of, run_design):
    results = run_design(with_majority(design_of), curves({True: 16, False: 8}))
    data = {**results.manifest["data"], "effective_rows": {"validation": 10.0}}
    weighted = dataclasses.replace(results, manifest={**results.manifest, "data": data})

    plain, fewer = (of(conclude(each), "chance").numbers for each in (results, weighted))

    assert fewer["score"] == plain["score"]
    assert fewer["high"] - fewer["low"] > 1.5 * (plain["high"] - plain["low"])


def test_a_validation_score_far_above_chance_is_an_alarm(design_of, run_design):
    design = with_majority(design_of)

    found = conclude(run_design(design, curves({True: 16, False: 8}, at_chance=0.4)))

    assert of(found, "chance").verdict == "above chance"
    assert of(found, "chance").level == "warning"


def test_an_arm_that_always_diverged_does_not_fit(design, run_design):
    planted = curves({True: 32, False: 8}, lost=("random labels, width 32",))

    random = of(conclude(run_design(design, planted)), "random")

    assert random.numbers["parameters"] == 4_810
    assert random.numbers["too_small"] == 2_410


def test_a_larger_network_that_does_not_fit_is_named(design, run_design):
    planted = curves({True: 16, False: 8}, lost=("random labels, width 32",))

    random = of(conclude(run_design(design, planted)), "random")

    assert random.numbers["parameters"] == 1_210
    assert random.sentence.endswith("Larger, but not surely fitting: width 32.")


def test_four_seeds_conclude_nothing(design_of, run_design):
    design = design_of(spec, set=WIDTHS, seeds=4, epochs=EPOCHS)

    found = conclude(run_design(design, curves({True: 16, False: 8})))

    assert of(found, "random").verdict == "not fitted"
    assert "not surely fitted" in of(found, "random").sentence
    assert of(found, "time").verdict == "undecided"


def test_a_whole_answer_of_a_regression_marks_the_thresholds(design_of, run_design):
    widths = ("width=8,16,32",)
    design = design_of(spec, set=widths, task="regression", epochs=EPOCHS)
    planted = curves({True: 32, False: 16}, at_chance=-0.3)

    found = answer(run_design(design, planted, task="regression"), {})

    fit = next(one for one in found.figures if one.id == "fit")
    assert list(fit.marks["x"]) == [2_410, 1_210]
    assert fit.y_name == "train R²"
    assert of(found, "chance").verdict == "chance"
    table = next(one for one in found.tables if one.id == "shares").table
    assert table["Seeds that fit"].to_list() == [
        "0 of 10", "10 of 10", "10 of 10", "0 of 10", "0 of 10", "10 of 10",
    ]  # fmt: skip


def with_majority(design_of):
    """The design for data whose commonest class has a tenth of the rows."""
    return dataclasses.replace(
        design_of(spec, set=WIDTHS, epochs=EPOCHS), options={"majority": 0.1}
    )


@pytest.mark.slow
def test_a_run_trains_on_random_labels_and_on_true_ones(tmp_path, run_command):
    from studies.catalog.conclusion import conclude_study, read_results  # noqa: PLC0415
    from sweep.runs.folder import RunFolder  # noqa: PLC0415

    sets = ("--set", "width=32", "--set", "train_rows=60", "--set", "learning_rate=0.03")
    small = ("--seeds", 5, "--epochs", 40, "--workers", 1, "--no-report")

    assert run_command("study", "memorise", "iris", *sets, *small, "--out", tmp_path / "run") == 0

    results = read_results(RunFolder.open(tmp_path / "run"))
    assert set(results.comparison["label_noise"]) == {0.0, 1.0}
    pairs = results.comparison.groupby("replicate")["seed"].agg(["size", "nunique"])
    assert pairs.to_numpy().tolist() == [[2, 1]] * 5
    train = results.paired("last_train_score").mean()
    assert train["random labels, width 32"] < train["true labels, width 32"]
    content = conclude_study(results)
    assert of(content, "random").numbers["rows"] == 60
    assert of(content, "chance").numbers["chance"] == pytest.approx(1 / 3, abs=0.01)
