import numpy as np
import pandas as pd
import pytest

from studies.answering.contrasts import by_names
from studies.answering.effects import (
    NONE,
    against_zero,
    compare_effects,
    fitted_changes,
    usable,
)
from studies.designs.spec import StudySpec
from studies.statistics.comparisons import FoldSizes


@pytest.fixture
def scores():
    """Ten pairs of a 2x2 design that share most of their noise: deep adds 0.05, wide 0.01."""
    rng = np.random.default_rng(1)
    shared = rng.normal(0, 0.05, 10)
    worth = {"small shallow": 0.0, "small deep": 0.05, "wide shallow": 0.01, "wide deep": 0.06}
    columns = {name: 0.8 + more + shared + rng.normal(0, 0.002, 10) for name, more in worth.items()}
    return pd.DataFrame(columns, index=pd.RangeIndex(1, 11, name="replicate"))


EFFECTS = {
    "deep": [("small deep", "small shallow"), ("wide deep", "wide shallow")],
    "wide": [("wide shallow", "small shallow"), ("wide deep", "small deep")],
}


def test_each_effect_is_the_planted_one(scores):
    effects = by_names(compare_effects(scores, EFFECTS, margin=0.002, against=[("deep", "wide")]))

    assert effects["deep", NONE].difference.estimate == pytest.approx(0.05, abs=0.003)
    assert effects["wide", NONE].difference.estimate == pytest.approx(0.01, abs=0.003)
    assert effects["deep", "wide"].difference.estimate == pytest.approx(0.04, abs=0.004)
    assert {each.verdict for each in effects.values()} == {"better"}


def test_a_pair_without_one_of_the_arms_is_left_out(scores):
    scores.loc[3, "wide deep"] = np.nan

    assert by_names(compare_effects(scores, EFFECTS, margin=0.01))["deep", NONE].pairs == 9


def test_an_arm_that_was_lost_in_most_pairs_has_no_part_in_the_average(scores):
    scores.loc[:6, "wide deep"] = np.nan

    effects = by_names(compare_effects(scores, EFFECTS, margin=0.01))

    assert effects["deep", NONE].pairs == 10
    expected = (scores["small deep"] - scores["small shallow"]).mean()
    assert effects["deep", NONE].difference.estimate == pytest.approx(expected)


def test_an_effect_of_which_nothing_is_left_is_left_out(scores):
    scores[["small deep", "wide deep"]] = np.nan

    effects = by_names(compare_effects(scores, EFFECTS, margin=0.01, against=[("deep", "wide")]))

    assert list(effects) == [("wide", NONE)]
    assert usable(scores, EFFECTS["deep"]) == []


def test_folds_widen_the_interval(scores):
    by_fold = scores.set_index(pd.RangeIndex(10, name="fold"), append=True)
    sizes = FoldSizes(trained_on=900, tested_on=100)

    plain = by_names(compare_effects(scores, EFFECTS, margin=0.01))["deep", NONE]
    folds = by_names(compare_effects(by_fold, EFFECTS, margin=0.01, folds=sizes))["deep", NONE]

    # Nadeau and Bengio: the variance times 1 + n_test/n_train * n.
    ratio = (folds.difference.high - folds.difference.low) / (
        plain.difference.high - plain.difference.low
    )
    assert ratio == pytest.approx(np.sqrt(1 + 10 / 9))


DOSES = {"none": 0.0, "some": 0.2, "much": 0.6}


def pairs(*rows):
    return pd.DataFrame(rows, columns=list(DOSES), dtype=float)


def test_a_straight_line_changes_by_its_slope_times_the_range():
    table = pairs([1.0, 0.8, 0.4], [2.0, 2.1, 2.3])

    assert fitted_changes(DOSES, table).to_numpy() == pytest.approx([-0.6, 0.3])


def test_a_pair_that_lacks_an_arm_has_no_line():
    changes = fitted_changes(DOSES, pairs([1.0, np.nan, 0.4], [1.0, 0.8, 0.4]))

    assert changes.isna().tolist() == [True, False]


def test_an_arm_that_no_pair_has_is_left_out_of_the_line():
    changes = fitted_changes(DOSES, pairs([1.0, 0.8, np.nan], [1.0, 0.9, np.nan]))

    assert changes.to_numpy() == pytest.approx([-0.2, -0.1])


@pytest.mark.parametrize("rows", [[], [[1.0, np.nan, np.nan]]])
def test_without_two_doses_there_is_no_line(rows):
    assert fitted_changes(DOSES, pairs(*rows)).isna().all()


def test_a_mean_above_zero_is_better_and_one_inside_the_margin_equivalent(design_of, run_design):
    spec = StudySpec(study="any", question="?", arms=({"width": 4}, {"width": 8}), margin=0.1)
    results = run_design(design_of(spec), lambda _: {})
    noise = np.random.default_rng(0).normal(0, 0.01, (10, 2))
    values = pd.DataFrame(noise + np.array([0.5, 0.0]), columns=["above", "near"])

    contrasts = against_zero(values, results)

    assert [each.verdict for each in contrasts] == ["better", "equivalent"]
    assert [each.second for each in contrasts] == ["zero", "zero"]
    wide = against_zero(values, results, margin=1.0)
    assert [each.verdict for each in wide] == ["equivalent"] * 2
