import dataclasses

import numpy as np
import pandas as pd
import pytest

from studies.answering.arms import judge_arms, summarise_arms
from studies.catalog.capacity.answer import answer
from studies.catalog.capacity.design import spec
from studies.catalog.capacity.double_descent import describe, describe_descent, places, short_answer
from studies.catalog.capacity.fit import judge_fit, known_networks

WIDTHS = ("depth=1", "width=2,4,8,16,32,64")
RISING = {2: 0.60, 4: 0.80, 8: 0.93, 16: 0.96, 32: 0.962, 64: 0.962}
TOO_LARGE = RISING | {64: 0.90}
TRAIN = {2: 0.61, 4: 0.82, 8: 0.97, 16: 0.999, 32: 0.999, 64: 0.999}


def curves(scores, *, lost=(), turns_up_from=1000, end=None, noise=0.002):
    """Curves by width: validation score at the best epoch, and the loss at the end."""

    def of(item):
        width = item.config.width
        if item.stage == "tuning":
            return {}
        if width in lost:
            return None
        shared = np.random.default_rng(item.replicate).normal(0, 0.01)
        jitter = np.random.default_rng([item.slot, item.replicate]).normal(0, noise, 3)
        half = item.config.epochs // 2
        top = 0.3 + (0.5 if width >= turns_up_from else 0.0)
        losses = np.concatenate(
            [np.linspace(1.0, 0.3, half), np.linspace(0.3, top, item.config.epochs - half)]
        )
        losses += jitter[1]
        losses[-1] = end[width] + 10 * jitter[1] if end else losses[-1]
        return {
            "validation_score": scores[width] + shared + jitter[0],
            "train_score": TRAIN.get(width, 0.999) + jitter[2],
            "validation_loss": losses,
            "train_loss": np.linspace(1.0, 0.05, item.config.epochs),
        }

    return of


@pytest.fixture(name="design", scope="module")
def _design(design_of):
    return design_of(spec, set=WIDTHS)


def fit_of(results):
    return judge_fit(results, summarise_arms(results))


def of(found, name):
    return next(one for one in found.findings if one.code == f"study.capacity.{name}")


def test_the_smallest_adequate_network_and_the_end_of_underfitting_are_found(design, run_design):
    fit = fit_of(run_design(design, curves(RISING)))

    assert fit.smallest.arm in {"1x16", "1x32"}
    assert fit.best.arm in {"1x32", "1x64"}
    assert [fit.region[f"1x{width}"] for width in (2, 4, 8)] == ["underfits"] * 3
    assert {fit.region[f"1x{width}"] for width in (16, 32, 64)} == {"adequate"}
    assert fit.last_underfitting(1).arm == "1x8"


def test_a_network_too_large_for_the_data_overfits(design, run_design):
    fit = fit_of(run_design(design, curves(TOO_LARGE)))

    assert fit.best.arm in {"1x16", "1x32"}
    assert fit.region["1x64"] == "overfits"


def test_equal_networks_are_all_adequate(design, run_design):
    fit = fit_of(run_design(design, curves(dict.fromkeys(RISING, 0.9))))

    assert set(fit.region.values()) == {"adequate"}
    assert fit.last_underfitting(1) is None


def test_folds_judge_no_regions(design_of, run_design):
    design = design_of(spec, set=WIDTHS, seeds=2, folds=6)

    fit = fit_of(run_design(design, curves(RISING)))

    assert not fit.judged
    assert set(fit.region.values()) <= {"adequate", "undecided"}


def test_networks_that_were_mostly_lost_are_left_out(design, run_design):
    results = run_design(design, curves(RISING, lost=(64,)))

    assert "1x64" not in {one.arm for one in known_networks(results, summarise_arms(results))}


def test_the_answer_names_the_network_that_is_enough_and_both_ends(design_of, run_design):
    design = design_of(spec, set=("depth=1", "width=4,8,16,32"))

    results = run_design(design, curves(RISING, turns_up_from=16))
    found = answer(results, judge_arms(results))

    enough = of(found, "smallest_adequate")
    assert found.answer.startswith(f"{enough.subject} (")
    assert "underfits up to 1x8, overfits from 1x16" in found.answer
    assert len(found.answer) <= 170
    assert of(found, "underfitting").subject == "1x8"
    assert of(found, "overfitting").subject == "1x16"
    assert of(found, "shape").verdict == "falling"
    assert [one.id for one in found.figures] == ["capacity", "loss", "behind-the-best", "curves"]
    assert {"x": 8 * 75 + 10, "label": "underfits up to 1x8"}.items() <= found.figures[
        0
    ].marks.iloc[0].to_dict().items()


def test_the_best_at_the_end_asks_for_larger_networks_only_if_no_smaller_is_as_good(
    design_of, run_design
):
    design = design_of(spec, set=("depth=1", "width=4,8,16"))

    found = answer(run_design(design, curves(RISING)), {})

    assert of(found, "edge").verdict == "best at the largest"
    assert of(found, "edge").level == "warning"


def test_two_networks_of_which_one_was_lost_give_no_conclusion(design_of, run_design):
    design = design_of(spec, set=("depth=1", "width=4,8"))

    found = answer(run_design(design, curves(RISING, lost=(8,))), {})

    assert found.answer.startswith("No conclusion")
    assert found.tables


def test_four_seeds_are_described_and_not_tested(design_of, run_design):
    design = design_of(spec, set=("depth=1", "width=4,8"), seeds=4)

    found = answer(run_design(design, curves(RISING)), {})

    assert of(found, "smallest_adequate").confidence.startswith("descriptive")
    assert of(found, "underfitting").verdict == "undecided"


def test_a_regression_speaks_of_r2(design_of, run_design):
    design = design_of(spec, set=("depth=1", "width=4,8"), task="regression")

    found = answer(run_design(design, curves(RISING), task="regression"), {})

    assert "R² 0." in found.answer


# With permuted labels: is there a double descent?


def noisy(design_of, **more):
    told = {"label_noise": 0.2, "epochs": 4, "set": ("width=2,4,8,16,32,64",)}
    return design_of(spec, **{**told, **more})


def descent_of(results):
    return describe_descent(results, known_networks(results, summarise_arms(results)))


def of_depth(found, name):
    return next(one for one in found if one.code == f"study.capacity.{name}")


HUMP = {2: 1.6, 4: 1.4, 8: 1.7, 16: 2.0, 32: 1.6, 64: 1.4}
FALLING = {2: 1.9, 4: 1.7, 8: 1.5, 16: 1.4, 32: 1.3, 64: 1.2}
BETTER = {2: 0.50, 4: 0.55, 8: 0.60, 16: 0.65, 32: 0.70, 64: 0.75}


def test_a_planted_hump_is_seen_at_its_threshold(design_of, run_design):
    results = run_design(noisy(design_of), curves(BETTER, end=HUMP))

    descent = descent_of(results)

    assert descent.humps["last_validation_loss"].verdict == "seen"
    assert descent.humps["last_validation_loss"].peak == "1x16"
    assert descent.threshold.arm == "1x16"
    assert descent.fitted["1x8"] == 0
    assert descent.humps["last_validation_score"].verdict == "not seen"


def test_the_answer_places_the_peak_and_the_figure_marks_the_threshold(design_of, run_design):
    found = answer(
        run_design(noisy(design_of, set=("width=2,4,16,64",)), curves(BETTER, end=HUMP)), {}
    )

    assert found.answer.startswith("With 20 % label noise the final validation loss peaks at 1,210")
    assert found.answer.endswith("at the interpolation threshold: double descent.")
    assert of(found, "double_descent").numbers["rise"] == pytest.approx(0.6, abs=0.03)
    assert of(found, "double_descent").numbers["fall"] == pytest.approx(-0.6, abs=0.03)
    marked = dict(zip(found.figures[0].marks["label"], found.figures[0].marks["x"], strict=True))
    assert marked == {"rows × outputs": 10_000, "interpolation threshold": 1210}  # noqa: RUF001 - times
    assert of(found, "error_descent").verdict == "not seen"


def test_a_loss_that_only_falls_shows_no_double_descent(design_of, run_design):
    results = run_design(noisy(design_of), curves(BETTER, end=FALLING))

    descent = descent_of(results)

    assert "no double descent" in short_answer(descent, results)
    found = describe(descent, results)
    assert of_depth(found, "double_descent").verdict == "not seen"


def test_labels_that_no_network_fits_have_no_threshold(design_of, run_design):
    results = run_design(noisy(design_of, set=("width=2,4,8",)), curves(BETTER, end=HUMP))

    descent = descent_of(results)

    assert descent.threshold is None
    found = describe(descent, results)
    assert of_depth(found, "threshold").verdict == "not reached"
    assert places([descent], results) == [(1, 10_000, "rows × outputs")]  # noqa: RUF001 - times


@pytest.mark.parametrize("settings", [{"seeds": 4}, {"seeds": 2, "folds": 3}])
def test_too_few_pairs_or_folds_say_nothing_of_a_hump(design_of, run_design, settings):
    design = noisy(design_of, set=("width=2,8,64",), **settings)
    results = run_design(design, curves(BETTER, end=HUMP))

    descent = descent_of(results)

    assert "too few paired seeds" in short_answer(descent, results)
    found = describe(descent, results)
    assert of_depth(found, "double_descent").verdict == "undecided"


def test_a_network_that_was_lost_leaves_the_curve_to_the_others(design_of, run_design):
    results = run_design(noisy(design_of), curves(BETTER, end=HUMP, lost=(64,)))

    assert descent_of(results).humps["last_validation_loss"].last == "1x32"


@pytest.mark.slow
@pytest.mark.parametrize("noise", [0.0, 0.3])
def test_a_run_trains_every_network_on_the_same_seeds(tmp_path, run_command, noise):
    from studies.catalog.conclusion import conclude_study, read_results  # noqa: PLC0415
    from sweep.runs.folder import RunFolder  # noqa: PLC0415

    told = ("--set", "width=1,4,16", "--set", "depth=1", "--set", "learning_rate=0.01")
    small = ("--seeds", 3, "--epochs", 3, "--workers", 1, "--no-report", "--label-noise", noise)

    assert run_command("study", "capacity", "iris", *told, *small, "--out", tmp_path / "run") == 0

    results = read_results(RunFolder.open(tmp_path / "run"))
    pairs = results.comparison.groupby("replicate")["seed"].agg(["size", "nunique"])
    assert pairs.to_numpy().tolist() == [[3, 1]] * 3
    assert results.comparison["label_noise"].unique().tolist() == [noise]
    content = conclude_study(results)
    if noise:
        assert "too few paired seeds" in content.answer
    else:
        scores = results.paired("validation_score").mean()
        assert f"{scores.max():.3f}" in content.answer
    assert isinstance(content.tables[0].table, pd.DataFrame)


def test_the_error_rate_is_that_of_the_pairs_that_were_completed(design_of, run_design):
    design = design_of(spec, set=("depth=1", "width=4,8,16"), seeds=10)
    whole = run_design(design, curves(dict.fromkeys(RISING, 0.9)))
    is_late = (whole.trials["stage"] == "comparison") & (whole.trials["replicate"] > 6)
    broken_off = dataclasses.replace(whole, trials=whole.trials[~is_late])

    assert "; 10 seeds each)" in of(answer(whole, {}), "smallest_adequate").confidence
    assert "; 5 seeds each)" in of(answer(broken_off, {}), "smallest_adequate").confidence
