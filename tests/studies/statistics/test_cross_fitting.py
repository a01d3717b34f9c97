import numpy as np
import pandas as pd
import pytest
from scipy import stats

from studies.statistics.cross_fitting import choose_best, chosen_arms, cross_fitted


def test_each_pair_is_scored_by_the_choice_of_the_other_half():
    scores = pd.DataFrame({"a": [9.0, 0.0, 8.0, 1.0], "b": [1.0, 7.0, 2.0, 6.0]})

    # Pairs 1 and 3 choose a, pairs 2 and 4 choose b: each is measured where the other won.
    assert cross_fitted(scores, {"best": ["a", "b"]})["best"].tolist() == [1.0, 0.0, 2.0, 1.0]
    assert chosen_arms(scores, ["a", "b"]) == ["a", "b"]


def test_a_group_of_one_arm_is_that_arm():
    scores = pd.DataFrame({"a": [1.0, 2.0, np.nan]}, index=[4, 5, 6])

    found = cross_fitted(scores, {"only": ["a"]})

    pd.testing.assert_series_equal(found["only"], scores["a"], check_names=False)


def test_an_arm_that_was_lost_less_often_goes_first_whatever_its_mean():
    scores = pd.DataFrame({"risky": [1.0, np.nan], "safe": [0.2, 0.2], "same": [0.2, 0.2]})

    assert choose_best(scores, ["risky", "same", "safe"]) == "same"
    assert choose_best(scores[["risky"]], ["risky"]) == "risky"


def test_one_pair_has_no_other_half():
    scores = pd.DataFrame({"a": [1.0]})

    assert cross_fitted(scores, {"best": ["a"]})["best"].isna().all()


@pytest.mark.slow
def test_the_best_of_equal_arms_is_no_better_than_any_of_them():
    rng = np.random.default_rng(0)
    arms = [f"a{number}" for number in range(11)]
    repeats, fair, naive = 400, [], []
    for _ in range(repeats):
        scores = pd.DataFrame(rng.normal(size=(10, 11)), columns=arms)
        found = cross_fitted(scores, {"best": arms, "one": ["a3"]})
        fair.append(found["best"] - found["one"])
        naive.append((scores[choose_best(scores, arms)] - scores["a3"]).mean())
    fair = np.array(fair)
    wrong = (stats.ttest_1samp(fair, 0, axis=1).pvalue < 0.05).mean()

    assert np.mean(naive) > 0.4  # the winner's curse
    assert fair.mean() == pytest.approx(0, abs=4 * fair.mean(axis=1).std() / np.sqrt(repeats))
    assert wrong < 0.07 + 3 * np.sqrt(0.07 * 0.93 / repeats)
