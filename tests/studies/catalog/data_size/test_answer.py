import numpy as np
import pytest

from studies.answering.arms import judge_arms
from studies.catalog.data_size.answer import answer
from studies.catalog.data_size.design import spec
from studies.catalog.data_size.laws import fit_laws

NOISE = 0.0005


def curves(error, *, lost=()):
    """Curves of which the validation error is a function of (width, training rows)."""

    def of(item):
        if item.stage == "tuning":
            return {}
        if item.arm in lost:
            return None
        shared = np.random.default_rng(item.replicate).normal(0, NOISE)
        noise = np.random.default_rng([item.slot, item.replicate]).normal(0, NOISE)
        mistakes = error(item.config.width, item.variant.train_rows) + shared + noise
        return {"validation_score": 1 - mistakes, "validation_loss": 3 * mistakes}

    return of


def hungry(width, rows):
    """Above a floor half the error with four times the rows; the width is no matter."""
    return 0.02 + 2 * rows**-0.5 + 0.0 * width


def narrow(width, rows):
    """The rows hardly matter; each wider network has half the error."""
    return 0.2 * (8 / width) ** 0.5 + 0.1 / rows


@pytest.fixture(name="design", scope="module")
def _design(design_of):
    return design_of(spec, set=("width=8,32",), epochs=6)


def conclude(results):
    return answer(results, {})


def of(found, name, subject=""):
    return next(
        one
        for one in found.findings
        if one.code == f"study.data-size.{name}" and one.subject == subject
    )


def test_where_the_rows_matter_more_data_are_advised(design, run_design):
    found = conclude(run_design(design, curves(hungry)))

    buy = of(found, "buy")
    assert buy.verdict == "more data"
    # The known law: 2 / sqrt(1000) - 2 / sqrt(2000).
    truth = 2 * 1000**-0.5 - 2 * 2000**-0.5
    assert buy.numbers["data"] == pytest.approx(truth, abs=0.001)
    assert found.answer.startswith("More data: twice the rows promise +0.01")
    assert len(found.answer) <= 160


def test_the_planted_exponent_is_found(design, run_design):
    law = of(conclude(run_design(design, curves(hungry))), "law", "width 32")

    assert law.verdict == "fitted"
    assert law.numbers["exponent_low"] < 0.5 < law.numbers["exponent_high"]


def test_where_only_the_width_matters_a_larger_network_is_advised(design, run_design):
    found = conclude(run_design(design, curves(narrow)))

    assert of(found, "buy").verdict == "larger network"
    assert of(found, "buy").numbers["network"] == pytest.approx(0.1, abs=0.002)
    assert of(found, "steps").verdict == "worse"
    assert of(found, "steps").numbers["high"] < 0


def test_what_both_hardly_matter_is_said(design, run_design):
    found = conclude(run_design(design, curves(lambda _, rows: 0.05 + 0.5 / rows)))

    assert of(found, "buy").verdict == "neither"


def test_what_both_bring_as_much_of_is_said(design, run_design):
    both = curves(lambda width, rows: hungry(width, rows) + 0.0185 * (width < 32))

    found = conclude(run_design(design, both))

    assert of(found, "buy").verdict == "either"


def test_rows_that_do_nothing_support_no_law(design, run_design):
    found = conclude(run_design(design, curves(lambda width, _: 0.1 + 0.05 * (width < 32))))

    assert of(found, "law", "width 32").verdict == "unsupported"
    assert of(found, "buy").verdict == "undecided"
    assert "does not fall beyond noise" in of(found, "buy").sentence
    assert "no power law holds" in found.answer


def test_a_larger_network_that_pays_only_with_many_rows_is_an_interaction(design, run_design):
    def error(width, rows):
        return 0.3 - 0.1 * (width == 32) * (rows == 1000) - 0.02 * np.log2(rows / 62)

    found = of(conclude(run_design(design, curves(error))), "interaction")

    assert found.verdict == "better"
    assert found.numbers["difference"] == pytest.approx(0.1, abs=0.002)


def test_a_size_that_always_diverged_leaves_no_law_and_no_claim(design, run_design):
    found = conclude(run_design(design, curves(hungry, lost=("width 32, 500 rows",))))

    assert of(found, "buy").verdict == "undecided"
    assert of(found, "steps").verdict == "undecided"
    assert of(found, "law", "width 8").verdict == "fitted"


def test_four_seeds_conclude_nothing(design_of, run_design):
    design = design_of(spec, set=("width=8,32",), seeds=4, epochs=6)

    found = conclude(run_design(design, curves(hungry)))

    assert of(found, "buy").verdict == "undecided"
    assert of(found, "steps").verdict == "undecided"


def test_seeds_of_one_fold_count_as_one_in_the_law(design_of, run_design):
    design = design_of(spec, set=("width=8,32",), seeds=3, folds=5, epochs=6)

    law = fit_laws(run_design(design, curves(hungry)), "validation_score")[8]

    assert law.unsupported.startswith("5 seeds")


def test_a_whole_answer_of_a_regression_draws_the_law_to_twice_the_rows(design_of, run_design):
    design = design_of(spec, set=("width=8,32",), task="regression", epochs=6)

    found = answer(run_design(design, curves(hungry), task="regression"), {})

    law = next(one for one in found.figures if one.id == "law")
    assert "R²" in found.answer
    assert law.table["x"].max() == law.marks["x"].iloc[0] == 2000
    assert law.table[law.table["x"] == 2000]["mean"].item() == pytest.approx(0.0647, abs=0.002)


def test_arms_that_still_improve_are_named(design_of, run_design):
    design = design_of(spec, set=("width=8,32", "train_rows=100,1000"), epochs=30)

    def falling(item):
        flat = curves(hungry)(item)
        if item.variant.train_rows == 100:
            flat["validation_loss"] = np.linspace(2, 1, item.config.epochs)
        return flat

    results = run_design(design, falling)
    found = answer(results, judge_arms(results))

    assert of(found, "undertrained").numbers["arms"] == 2


@pytest.mark.slow
def test_a_run_trains_each_arm_on_its_own_rows(tmp_path, run_command):
    from studies.catalog.conclusion import conclude_study, read_results  # noqa: PLC0415
    from sweep.runs.folder import RunFolder  # noqa: PLC0415

    sets = ("--set", "width=2,8", "--set", "train_rows=20,40,60,80")
    small = ("--set", "learning_rate=0.01", "--seeds", 3, "--epochs", 3, "--workers", 1)

    told = (*sets, *small, "--no-report", "--out", tmp_path / "run")
    assert run_command("study", "data-size", "iris", *told) == 0

    results = read_results(RunFolder.open(tmp_path / "run"))
    assert set(results.comparison["train_rows"]) == {20, 40, 60, 80}
    pairs = results.comparison.groupby("replicate")["seed"].agg(["size", "nunique"])
    assert pairs.to_numpy().tolist() == [[8, 1]] * 3
    scores = results.paired("validation_score").mean()
    step = scores["width 8, 80 rows"] - scores["width 2, 80 rows"]
    content = conclude_study(results)
    assert f"{abs(step):.3f}" in content.answer
    assert of(content, "buy").verdict == "undecided"
