import gc
import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from studies.statistics.p_values import wilcoxon_p
from studies.statistics.ranks import FEWEST_DATA_SETS, compare_over_data_sets
from studies.statistics.several_arms import holm


def scores(*means, data_sets=10, spread=1.0, seed=0):
    rng = np.random.default_rng(seed)
    noise = rng.normal(0, 5, (data_sets, 1)) + rng.normal(0, spread, (data_sets, len(means)))
    return pd.DataFrame(noise + means, columns=list("abcdef")[: len(means)])


def test_ranks_are_those_of_demsars_example():
    # Demsar (2006), table 6, its first four rows: C4.5 and three variants of it.
    table = pd.DataFrame(
        [
            [0.763, 0.768, 0.771, 0.798],
            [0.599, 0.591, 0.590, 0.569],
            [0.954, 0.971, 0.968, 0.967],
            [0.628, 0.661, 0.654, 0.657],
        ],
        columns=["plain", "m", "cf", "m+cf"],
    )
    # Row by row: 4 3 2 1, 1 2 3 4, 4 1 2 3, 4 1 3 2.
    ranks = compare_over_data_sets(table).ranks
    assert ranks.to_dict() == {"m": 1.75, "cf": 2.5, "m+cf": 2.5, "plain": 3.25}
    assert ranks.index[0] == "m"


def test_friedmans_statistic_is_turned_into_f_as_published():
    table = scores(0, 0.3, 0.6, data_sets=14)
    chi2 = stats.friedmanchisquare(*table.to_numpy().T).statistic
    # Demsar (2006), section 3.2.2: F = (N - 1) chi2 / (N (k - 1) - chi2).
    f = 13 * chi2 / (14 * 2 - chi2)
    assert compare_over_data_sets(table).p == pytest.approx(stats.f.sf(f, 2, 26))


def test_pairs_are_signed_ranks_adjusted_by_holm():
    table = scores(0, 0.3, 2)
    pairs = compare_over_data_sets(table).pairs
    p = [wilcoxon_p(table[row.first] - table[row.second]) for row in pairs.itertuples()]

    assert pairs[["first", "second"]].to_numpy().tolist() == [["a", "b"], ["a", "c"], ["b", "c"]]
    assert pairs["p"].tolist() == pytest.approx(p)
    assert pairs["p_holm"].tolist() == pytest.approx(holm(p).tolist())
    assert pairs["wins"].iloc[0] == (table["a"] > table["b"]).mean()
    assert (pairs["data_sets"] == 10).all()


def test_an_arm_that_wins_everywhere_is_better():
    pairs = compare_over_data_sets(scores(5, 0, 5, spread=0.5)).pairs
    assert pairs["verdict"].tolist() == ["better", "undecided", "worse"]


def test_an_arm_that_loses_often_and_narrowly_but_wins_by_much_is_undecided():
    narrow, wide = -np.linspace(0.001, 0.002, 22), np.linspace(1, 2, 20)
    table = pd.DataFrame({"a": np.concatenate([narrow, wide]), "b": 0.0})
    row = compare_over_data_sets(table).pairs.iloc[0]
    assert row["p_holm"] < 0.05
    assert row["wins"] < 0.5
    assert row["verdict"] == "undecided"


def test_two_arms_need_no_friedman():
    found = compare_over_data_sets(scores(3, 0))

    assert math.isnan(found.p)
    assert found.pairs["verdict"].tolist() == ["better"]


def test_below_six_data_sets_nothing_is_concluded():
    found = compare_over_data_sets(scores(9, 0, 5, data_sets=FEWEST_DATA_SETS - 1))

    assert math.isnan(found.p)
    assert found.pairs[["p", "p_holm"]].isna().all(axis=None)
    assert (found.pairs["verdict"] == "undecided").all()
    assert found.ranks.index.tolist() == ["a", "c", "b"]


def test_arms_equal_on_every_data_set_are_told_apart_by_nothing():
    table = scores(0, 0, 0)
    table["b"] = table["c"] = table["a"]
    found = compare_over_data_sets(table)

    assert found.p == 1
    assert found.pairs["p_holm"].tolist() == [1, 1, 1]
    assert (found.pairs["wins"] == 0.5).all()


def test_a_data_set_without_every_score_is_left_out():
    table = scores(0, 0, 0)
    table.loc[3, "b"] = math.nan
    assert compare_over_data_sets(table).data_sets == 9


def test_no_data_sets_have_no_ranks():
    found = compare_over_data_sets(scores(0, 0, 0).iloc[:0])
    assert (found.data_sets, found.ranks.isna().all()) == (0, True)


def test_one_arm_has_nothing_to_be_compared_with():
    with pytest.raises(ValueError, match="2 arms or more, got 1"):
        compare_over_data_sets(scores(0))


@pytest.fixture
def little_garbage():
    """Keep what is there out of garbage collection, which statsmodels runs at every correction."""
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.slow
@pytest.mark.usefixtures("little_garbage")
def test_equal_arms_are_told_apart_in_at_most_six_per_cent():
    rng = np.random.default_rng(1)
    false = []
    for rows in rng.normal(0, 1, (300, 10, 3)):
        found = compare_over_data_sets(pd.DataFrame(rows, columns=list("abc")))
        false.append((found.pairs["verdict"] != "undecided").any())
    assert np.mean(false) <= 0.06
