import math

import numpy as np
import pandas as pd
import pytest

from studies.statistics.variance import COLUMNS, variance_ledger


def tidy(array, factor):
    """Scores [seeds, levels] as one row a network."""
    table = pd.DataFrame(array).rename_axis("seed").reset_index()
    return table.melt(id_vars="seed", var_name=factor, value_name="score")


def ledger(scores):
    return variance_ledger(scores).set_index("source")


def test_seeds_alone_tell_nothing_of_splits_and_search():
    scores = pd.DataFrame({"seed": range(6), "score": [1.0, 2, 4, 3, 2, 6]})
    found = ledger(scores)

    assert found.loc["seed", "variance"] == pytest.approx(scores["score"].var())
    assert found.loc["seed", "share"] == 1
    assert found["measured"].tolist() == [True, False, False]
    assert found.loc[["split", "search"], ["variance", "deviation", "share"]].isna().all(axis=None)


def test_the_interval_of_the_seed_is_the_chi_square_one():
    # Five values of variance 2.5: 4 * 2.5 / 11.143 and / 0.4844 (tables of chi-square, 4 df).
    found = ledger(pd.DataFrame({"seed": range(5), "score": [1.0, 2, 3, 4, 5]}))
    assert found.loc["seed", "low"] == pytest.approx(math.sqrt(10 / 11.143), rel=1e-3)
    assert found.loc["seed", "high"] == pytest.approx(math.sqrt(10 / 0.4844), rel=1e-3)


def test_a_crossed_design_splits_the_variance_as_the_anova_table_does():
    array = np.array([[1.0, 4, 7], [2, 3, 9], [3, 5, 8], [2, 6, 7]])
    found = ledger(tidy(array, "fold"))
    residuals = array - array.mean(0) - array.mean(1, keepdims=True) + array.mean()
    residual = (residuals**2).sum() / 6
    between = 4 * array.mean(0).var(ddof=1)

    assert found.loc["split", "variance"] == pytest.approx((between - residual) / 4)
    assert found.loc["seed", "variance"] == pytest.approx(array.var(axis=0, ddof=1).mean())
    assert found["share"].sum() == pytest.approx(1)
    assert found["levels"].tolist() == [4, 3, 0]


def test_candidates_are_the_search():
    array = np.random.default_rng(0).normal(size=(3, 5)) + np.arange(5) * 10
    found = ledger(tidy(array, "candidate"))

    assert found["measured"].tolist() == [True, False, True]
    assert found.loc["search", "share"] > 0.9


def test_all_three_sources_are_told_apart():
    rng = np.random.default_rng(4)
    folds, candidates = rng.normal(0, 3, 12), rng.normal(0, 6, 12)
    rows = [
        {"seed": seed, "fold": fold, "candidate": candidate, "score": f + c + rng.normal(0, 1)}
        for fold, f in enumerate(folds)
        for candidate, c in enumerate(candidates)
        for seed in range(4)
    ]
    found = ledger(pd.DataFrame(rows))

    assert found["measured"].all()
    for source, deviation in (("seed", 1), ("split", 3), ("search", 6)):
        assert found.loc[source, "low"] < deviation < found.loc[source, "high"]


def test_an_estimate_below_zero_is_zero():
    found = ledger(tidy(np.array([[1.0, 2, 3], [2, 3, 1.5], [3, 1, 2]]), "fold"))

    assert found.loc["split", "variance"] == 0
    assert found.loc["split", "low"] == 0
    assert found.loc["seed", "share"] == 1


def test_lost_networks_are_left_out():
    array = np.random.default_rng(2).normal(size=(6, 3))
    array[2, 1] = math.nan
    found = ledger(tidy(array, "fold"))
    whole = ledger(tidy(np.delete(array, 2, axis=0), "fold"))

    assert found.loc["split", "variance"] == pytest.approx(whole.loc["split", "variance"])


@pytest.mark.parametrize(
    "scores",
    [
        pd.DataFrame({"seed": [1], "score": [0.5]}),
        pd.DataFrame({"seed": [1, 2], "score": [math.nan, math.nan]}),
        pd.DataFrame({"seed": [], "score": []}),
        tidy(np.array([[1.0, 2, 3]]), "fold"),
    ],
)
def test_a_single_seed_measures_nothing(scores):
    found = variance_ledger(scores)

    assert not found["measured"].any()
    assert list(found.columns) == list(COLUMNS)


def test_equal_scores_have_no_variance_to_share():
    found = ledger(pd.DataFrame({"seed": range(4), "score": 0.5}))
    assert found.loc["seed", "variance"] == 0
    assert math.isnan(found.loc["seed", "share"])


def test_a_fold_column_without_folds_is_no_split():
    scores = pd.DataFrame({"seed": range(4), "score": [1.0, 2, 3, 5]})
    scores["fold"] = pd.array([pd.NA] * 4, dtype="Int64")
    assert not ledger(scores).loc["split", "measured"]


@pytest.mark.slow
@pytest.mark.parametrize(("splits", "seeds"), [(4.0, 1.0), (0.5, 1.0)])
def test_intervals_cover_and_estimates_are_right_on_average(splits, seeds):
    rng = np.random.default_rng(3)
    found = []
    for _ in range(100):
        array = rng.normal(0, splits**0.5, (1, 5)) + rng.normal(0, seeds**0.5, (10, 5))
        found.append(ledger(tidy(array, "fold")).loc[["split", "seed"]])
    for source, truth in (("split", splits), ("seed", seeds)):
        rows = pd.DataFrame([one.loc[source] for one in found])
        covered = (rows["low"] ** 2 <= truth) & (truth <= rows["high"] ** 2)
        assert 0.9 <= covered.mean() <= 0.99
        assert rows["variance"].mean() == pytest.approx(truth, rel=0.25)
