import numpy as np
import pytest

from studies.statistics.best_of import expected_best, rank_weights
from studies.statistics.best_of_curve import MOST_POINTS, best_of_curve, jackknife_best


def test_the_estimate_is_the_expected_best():
    values = np.random.default_rng(0).normal(size=20)
    for k in (1, 4, 20):
        assert jackknife_best(values, k).estimate == pytest.approx(expected_best(values, k))


def test_of_one_draw_the_interval_is_students_of_the_mean():
    values = np.array([1.0, 2.0, 4.0, 9.0])
    told = jackknife_best(values, 1)
    half = 3.182446 * values.std(ddof=1) / 2  # t quantile with 3 degrees of freedom
    assert told.estimate == pytest.approx(4.0)
    assert (told.low, told.high) == pytest.approx((4.0 - half, 4.0 + half), rel=1e-5)


def test_leaving_values_out_by_cumulated_sums_equals_leaving_them_out():
    values = np.random.default_rng(1).normal(size=9)
    without = [expected_best(np.delete(values, place), 3) for place in range(9)]
    error = np.sqrt(8 / 9 * ((without - np.mean(without)) ** 2).sum())
    told = jackknife_best(values, 3)
    assert told.high - told.low == pytest.approx(2 * 4.302653 * error, rel=1e-5)  # 9 // 3 - 1


def test_a_score_is_a_loss_turned_round():
    values = np.random.default_rng(2).normal(size=12)
    score, loss = jackknife_best(values, 3, goal="max"), jackknife_best(-values, 3)
    assert (score.low, score.estimate, score.high) == pytest.approx(
        (-loss.high, -loss.estimate, -loss.low)
    )


def test_fewer_than_three_values_a_draw_have_no_interval():
    values = np.arange(8.0)
    assert np.isfinite(jackknife_best(values, 2).low)
    assert np.isnan(jackknife_best(values, 3).low)
    assert np.isfinite(jackknife_best(values, 3).estimate)


@pytest.mark.parametrize(
    "draw",
    [lambda rng, n: rng.normal(size=n), lambda rng, n: rng.exponential(size=n)],
    ids=["normal", "exponential"],
)
@pytest.mark.parametrize(("n", "k"), [(8, 2), (12, 4), (40, 10)])
def test_the_interval_covers_in_nineteen_cases_of_twenty(draw, n, k):
    rng = np.random.default_rng(4)
    truth = np.mean([draw(rng, k).min() for _ in range(40_000)])
    told = [jackknife_best(draw(rng, n), k) for _ in range(600)]
    covered = np.mean([one.low <= truth <= one.high for one in told])
    assert covered >= 0.93


def test_weights_of_ranks_add_up_to_one_and_match_their_formula():
    assert rank_weights(5, 2).tolist() == pytest.approx([4 / 10, 3 / 10, 2 / 10, 1 / 10, 0])
    assert rank_weights(1, 1).tolist() == [1.0]
    assert rank_weights(1000, 30).sum() == pytest.approx(1)


def test_the_curve_ends_at_the_best_value_and_tells_what_happened():
    table = best_of_curve([0.5, 0.7, 0.2, 0.9])
    assert table["k"].tolist() == [1, 2, 3, 4]
    assert table["expected"].iloc[-1] == pytest.approx(0.2)
    assert table["so_far"].tolist() == [0.5, 0.5, 0.2, 0.2]
    assert best_of_curve([0.5, 0.7], goal="max")["so_far"].tolist() == [0.5, 0.7]


def test_a_long_curve_has_few_points_half_and_all_among_them():
    table = best_of_curve(np.random.default_rng(5).normal(size=10_001))
    assert len(table) <= MOST_POINTS + 2
    assert {1, 5000, 10_001} <= set(table["k"])
    assert table["expected"].is_monotonic_decreasing


def test_no_value_and_one_value_make_a_curve():
    assert best_of_curve([]).empty
    one = best_of_curve([0.3])
    assert one[["k", "expected", "so_far"]].to_numpy().tolist() == [[1, 0.3, 0.3]]
    assert one[["low", "high"]].isna().to_numpy().all()
